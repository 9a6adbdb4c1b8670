-- The summary of a source: cut by month, a month by the stages of koku_internal.summary_stage, some of them in steps of
-- days.

CREATE FUNCTION koku_internal.steps(first_day date, last_day date, days_per_step integer)
RETURNS TABLE (number bigint, first_day_in_step date, last_day_in_step date)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
-- The first step has a day more than the others.
SELECT row_number() OVER (ORDER BY start), first_day + start + CASE start WHEN 0 THEN 0 ELSE 1 END,
    least(first_day + start + days_per_step, last_day)
FROM generate_series(0, greatest(last_day - first_day - 1, 0), days_per_step) AS start;
$$;
COMMENT ON FUNCTION koku_internal.steps(date, date, integer) IS
'The steps in which a range of days is summarized: with 5 days a step, 3..31 '
'gives 3-8, 9-13, 14-18, 19-23, 24-28, 29-31.';

CREATE FUNCTION koku_internal.summary_days_per_step() RETURNS integer
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT greatest(coalesce(nullif(current_setting('koku_onprem.summary_days_per_step', true), '')::integer, 5), 1);
$$;
COMMENT ON FUNCTION koku_internal.summary_days_per_step() IS
'The setting koku_onprem.summary_days_per_step; 5 before the library is loaded.';

CREATE FUNCTION koku_internal.first_days_of_steps(first_day date, last_day date) RETURNS date[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT array_agg(step.first_day_in_step ORDER BY step.number)
FROM koku_internal.steps(first_day, last_day, koku_internal.summary_days_per_step()) AS step;
$$;
COMMENT ON FUNCTION koku_internal.first_days_of_steps(date, date) IS
'The first day of each step in which a range of days is summarized.';

CREATE FUNCTION koku_internal.months_with_data(tenant name, source uuid, first_day date, last_day date)
RETURNS date[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    months date[];
BEGIN
    EXECUTE format(
        'SELECT array_agg(cut.month ORDER BY cut.month) FROM koku_internal.months($2, $3) AS cut'
        ' JOIN %I.reporting_ocpusagereportperiod AS period'
        '     ON period.provider_id = $1 AND period.report_period_start = cut.month::timestamp AT TIME ZONE ''UTC''',
        tenant)
    INTO months
    USING source, first_day, last_day;
    RETURN months;
END;
$$;
COMMENT ON FUNCTION koku_internal.months_with_data(name, uuid, date, date) IS
'The months of the range for which a source has a report period, as ingest makes one; NULL when there is none.';

CREATE FUNCTION koku_internal.lacks_summary_partitions(tenant name, months date[]) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Nearly always each is there under its name, which takes less than reading the bounds of all partitions.
    IF NOT EXISTS (
        SELECT FROM @extschema@.koku_catalogue_table AS catalogue, unnest(months) AS month
        WHERE catalogue.kind IN ('staging', 'daily summary', 'interface')
          AND NOT koku_internal.has_partition(tenant, catalogue.table_name::name, month))
    THEN
        RETURN false;
    END IF;
    RETURN EXISTS (
        SELECT FROM unnest(months) AS month,
            LATERAL koku_internal.tables_without_partition(tenant, month) AS listed (table_name)
        JOIN @extschema@.koku_catalogue_table AS catalogue ON catalogue.table_name = listed.table_name::text
        WHERE catalogue.kind IN ('staging', 'daily summary', 'interface'));
END;
$$;
COMMENT ON FUNCTION koku_internal.lacks_summary_partitions(name, date[]) IS
'Whether a tenant lacks a partition that a summary of these months fills.';

CREATE FUNCTION koku_internal.hold_summary_tables(tenant name, months date[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF koku_internal.lacks_summary_partitions(tenant, months) THEN
        PERFORM koku_internal.lock_tables(tenant);
    ELSE
        PERFORM koku_internal.share_tables(tenant);
        IF koku_internal.lacks_summary_partitions(tenant, months) THEN
            -- Who holds the tables shared must not lock them: of two that do, each would wait for the other.
            RAISE EXCEPTION 'partitions of tenant "%" were dropped while a summary waited for its tables', tenant
                USING ERRCODE = 'serialization_failure',
                      HINT = 'Run the summary again; koku_run() does so automatically.';
        END IF;
        RETURN;
    END IF;
    PERFORM koku_internal.ensure_partition(tenant, catalogue.table_name::name, month)
    FROM @extschema@.koku_catalogue_table AS catalogue, unnest(months) AS month
    WHERE catalogue.kind IN ('staging', 'daily summary', 'interface');
END;
$$;
COMMENT ON FUNCTION koku_internal.hold_summary_tables(name, date[]) IS
'Keeps the tenant''s tables as they are until the end of the transaction, with the partitions that a summary of these '
'months fills; makes those that are missing. Raises 40001 when one was dropped while it waited.';

CREATE FUNCTION koku_internal.summarize_month(source uuid, first_day date, last_day date)
RETURNS TABLE (
    first_day_done date, last_day_done date, "position" integer, target text, rows bigint, seconds double precision)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
DECLARE
    owner @extschema@.koku_source := koku_internal.require_source(source);
    report_period integer := koku_internal.ensure_report_period(
        owner.tenant, source, owner.cluster_id, owner.name, first_day);
    start_day date;
    kept_days date[];
    run record;
BEGIN
    -- Days before the first day with pods are not summarized (spec summary.md 1.2, step 6).
    EXECUTE format('SELECT usage_start FROM %I.openshift_pod_usage_line_items_daily'
        ' WHERE source = $1::text AND usage_start BETWEEN $2 AND $3 ORDER BY usage_start LIMIT 1', owner.tenant)
    INTO start_day
    USING source, first_day, last_day;
    start_day := coalesce(start_day, first_day);
    -- Days whose usage rows could not be made again.
    kept_days := koku_internal.days_without_raw_rows(owner.tenant, source, start_day, last_day);
    PERFORM koku_internal.tell_of_days_without_raw_rows(owner.tenant, owner.cluster_id, kept_days,
        'Their usage rows stay as they are; their costs are computed anew.');
    FOR run IN SELECT * FROM koku_internal.runs_of_days(start_day, last_day, kept_days) LOOP
        IF run.is_set_apart THEN
            RETURN QUERY
            SELECT run.first_day_of_run, run.last_day_of_run, done.position, done.target, done.rows, done.seconds
            FROM koku_internal.compute_costs(owner, run.first_day_of_run, run.last_day_of_run) AS done;
        ELSE
            RETURN QUERY
            SELECT run.first_day_of_run, run.last_day_of_run, done.position, done.target, done.rows, done.seconds
            FROM koku_internal.run_stages(NULL, owner.tenant, source, run.first_day_of_run, run.last_day_of_run,
                koku_internal.first_days_of_steps(run.first_day_of_run, run.last_day_of_run), report_period,
                owner.cluster_id, owner.name) AS done;
        END IF;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.summarize_month(uuid, date, date) IS
'Rebuilds the summary of days of one month; one row a statement and step. The caller holds the source and the tables.';

CREATE FUNCTION @extschema@.koku_summarize(source uuid, first date, last date DEFAULT NULL)
RETURNS TABLE (first_day date, last_day date, target text, rows bigint, seconds numeric)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
DECLARE
    owner @extschema@.koku_source := koku_internal.require_source(source);
    until date := coalesce(last, koku_internal.today());
    months date[];
    piece record;
BEGIN
    IF first IS NULL OR NOT isfinite(first) OR NOT isfinite(until) OR first > until THEN
        RAISE EXCEPTION 'no days from % to %', coalesce(first::text, 'NULL'), until
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give the first day and, after it, the last day.';
    END IF;
    PERFORM koku_internal.lock_source(source);
    -- It may have been deleted or renamed meanwhile.
    owner := koku_internal.require_source(source);
    PERFORM koku_internal.require_schema(owner.tenant);

    -- For all months at once, before anything is written (src/sql/tenant/locks.sql).
    months := koku_internal.months_with_data(owner.tenant, source, first, until);
    PERFORM koku_internal.hold_summary_tables(owner.tenant, months);

    FOR piece IN
        SELECT cut.* FROM koku_internal.months(first, until) AS cut WHERE cut.month = ANY (months)
    LOOP
        RETURN QUERY
        SELECT done.first_day_done, done.last_day_done, done.target, sum(done.rows)::bigint,
            round(sum(done.seconds)::numeric, 3)
        FROM koku_internal.summarize_month(source, piece.first_day_in_month, piece.last_day_in_month) AS done
        GROUP BY done.first_day_done, done.last_day_done, done.target
        ORDER BY min(done.position);
    END LOOP;
    IF months IS NULL THEN
        RAISE NOTICE 'cluster "%" has no data from % to %', owner.cluster_id, first, until;
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_summarize(uuid, date, date) IS
'Rebuilds the summary of a source from the first to the last day (NULL: today) in one transaction, month by month, '
'and returns for each month and table the days, the rows written and the seconds it took (tables named koku_ are '
'working tables of the run). Days before the first day with pods and months without data are passed over. Days whose '
'raw rows were removed (koku_raw_removal) keep their usage rows, their costs are computed anew, and a notice says so. '
'Waits while another transaction writes rows of the source. Errors: 42704 unknown source, 3F000 the schema of its '
'tenant is gone, 22023 no days in the range, 40001 partitions were dropped meanwhile: run it again.';

CREATE FUNCTION koku_internal.first_day(year integer, month integer) RETURNS date
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF year IS NULL OR month IS NULL OR year NOT BETWEEN 1 AND 9999 OR month NOT BETWEEN 1 AND 12 THEN
        RAISE EXCEPTION 'there is no month % of year %', coalesce(month::text, 'NULL'), coalesce(year::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN make_date(year, month, 1);
END;
$$;
COMMENT ON FUNCTION koku_internal.first_day(integer, integer) IS
'The first day of a month; raises 22023 when there is no such month.';

CREATE FUNCTION @extschema@.koku_summarize(source uuid, year integer, month integer)
RETURNS TABLE (first_day date, last_day date, target text, rows bigint, seconds numeric)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    start_day date := koku_internal.first_day(year, month);
BEGIN
    RETURN QUERY
    SELECT * FROM @extschema@.koku_summarize(source, start_day, (start_day + interval '1 month')::date - 1);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_summarize(uuid, integer, integer) IS
'Rebuilds the summary of a source for a whole month, as koku_summarize() of its first and last day. Errors: 42704 '
'unknown source, 22023 no such month.';
