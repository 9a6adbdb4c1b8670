-- Report periods and requests for a summary.

CREATE FUNCTION koku_internal.ensure_report_period(
    tenant name, source uuid, cluster_id text, cluster_alias text, day date) RETURNS integer
LANGUAGE c STRICT
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_internal_ensure_report_period';
COMMENT ON FUNCTION koku_internal.ensure_report_period(name, uuid, text, text, date) IS
'The id of the report period of a source for the month of a day, in UTC: made when missing, its alias refreshed. NULL '
'when an argument is NULL. The caller holds the lock on the source and has made its partitions.';

CREATE FUNCTION koku_internal.months(first_day date, last_day date)
RETURNS TABLE (month date, first_day_in_month date, last_day_in_month date)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT start::date, greatest(start::date, first_day), least((start + interval '1 month')::date - 1, last_day)
FROM generate_series(date_trunc('month', first_day::timestamp), last_day::timestamp, interval '1 month') AS start;
$$;
COMMENT ON FUNCTION koku_internal.months(date, date) IS
'The range of days cut by calendar month, in order; no row when it is empty.';

CREATE FUNCTION koku_internal.request_summary(source uuid, first_day date, last_day date) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO @extschema@.koku_summary_request AS waiting (source, month, first_day, last_day)
SELECT $1, piece.month, piece.first_day_in_month, piece.last_day_in_month
FROM koku_internal.months($2, $3) AS piece
WHERE NOT EXISTS (SELECT FROM @extschema@.koku_source_deletion AS deletion WHERE deletion.source = $1)
ORDER BY piece.month
ON CONFLICT (source, month) DO UPDATE
SET first_day = least(waiting.first_day, excluded.first_day),
    last_day = greatest(waiting.last_day, excluded.last_day),
    requested_at = excluded.requested_at,
    retry_after = CASE WHEN waiting.retry_after = 'infinity' THEN waiting.retry_after END;
$$;
COMMENT ON FUNCTION koku_internal.request_summary(uuid, date, date) IS
'Asks for a summary of these days: one request a month, widened when one waits already. A request that failed is tried '
'again at once, since its data has changed; one that is parked stays so. Nothing for a source that is being deleted.';

CREATE FUNCTION koku_internal.today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT (now() AT TIME ZONE 'UTC')::date;
$$;
COMMENT ON FUNCTION koku_internal.today() IS 'Today''s date in UTC.';

CREATE FUNCTION koku_internal.request_current_month(tenant name, condition text, argument text[]) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today date := koku_internal.today();
    sources uuid[];
BEGIN
    EXECUTE format(
        'SELECT array_agg(provider_id ORDER BY provider_id) FROM %1$I.reporting_ocpusagereportperiod AS period'
        ' WHERE report_period_start = $2 AND (%2$s)', tenant, replace(condition, '{tenant}', quote_ident(tenant)))
    INTO sources
    USING argument, date_trunc('month', today::timestamp) AT TIME ZONE 'UTC';
    PERFORM koku_internal.request_summary(source, date_trunc('month', today::timestamp)::date, today)
    FROM unnest(sources) AS source;
    RETURN coalesce(cardinality(sources), 0);
END;
$$;
COMMENT ON FUNCTION koku_internal.request_current_month(name, text, text[]) IS
'Asks for a summary of the current month, up to today, of the tenant''s sources that have a report period in it for '
'which the condition holds, and returns their number. The condition is code, never user input: it may refer to period, '
'$1 (the argument) and {tenant}.';
