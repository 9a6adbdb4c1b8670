-- What a report is about: which clusters, which days, whether there are costs and in which currency.

CREATE FUNCTION koku_internal.report_sources(tenant name, cluster text)
RETURNS TABLE (source uuid, cluster_id text, name text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    RETURN QUERY
    SELECT known.source, known.cluster_id, known.name
    FROM @extschema@.koku_source AS known
    WHERE known.tenant = report_sources.tenant
      AND (cluster IS NULL OR known.cluster_id = cluster OR known.name = cluster AND NOT EXISTS (
          SELECT FROM @extschema@.koku_source AS other
          WHERE other.tenant = report_sources.tenant AND other.cluster_id = cluster))
    ORDER BY known.name, known.cluster_id;
    IF cluster IS NOT NULL AND NOT FOUND THEN
        RAISE EXCEPTION 'tenant "%" has no cluster "%"', tenant, left(cluster, 64)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give the cluster_id or the name of a source of '
                         'the tenant (see koku_sources), or NULL for all.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_sources(name, text) IS
'The sources of a tenant, or those with this cluster id or, where no source has it as its id, this name. Errors: 42704 '
'unknown tenant, 22023 unknown cluster.';

CREATE FUNCTION koku_internal.require_report_period(first date, last date) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF first IS NULL OR last IS NULL OR NOT isfinite(first) OR NOT isfinite(last) OR last < first THEN
        RAISE EXCEPTION 'days from % to % are not allowed', coalesce(to_char(first, 'YYYY-MM-DD'), 'NULL'),
            coalesce(to_char(last, 'YYYY-MM-DD'), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give the first and the last day of the period, in this order.';
    ELSIF last - first >= 366 THEN
        RAISE EXCEPTION 'a period of % days is not allowed', last - first + 1
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give at most 366 days.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_report_period(date, date) IS
'Raises 22023 for days that are NULL, infinite, not in order, or more than 366.';

CREATE FUNCTION koku_internal.report_period_before(first date, last date,
                                                   OUT previous_first date, OUT previous_last date)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT shifted.day, least(shifted.day + (last - first), first - 1)
FROM (SELECT (first::timestamp - make_interval(months =>
    (12 * (extract(year FROM last) - extract(year FROM first)) + extract(month FROM last)
     - extract(month FROM first))::integer + 1
    ))::date AS day) AS shifted;
$$;
COMMENT ON FUNCTION koku_internal.report_period_before(date, date) IS
'The days that a period is compared with: as many months before as it touches, from the same day of '
'the month on, and none of the period itself.';

CREATE FUNCTION koku_internal.report_has_costs(tenant name, sources uuid[], first date, last date) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_costs boolean;
BEGIN
    EXECUTE format($query$
        SELECT EXISTS (
            SELECT FROM %I.reporting_ocp_cost_summary_p
            WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $2 AND $3
              AND (cost_model_rate_type IS NOT NULL OR infrastructure_raw_cost <> 0))
        $query$, tenant)
    INTO found_costs USING sources, first, last;
    RETURN found_costs;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_has_costs(name, uuid[], date, date) IS
'Whether a cost model or a cloud''s bill left costs on these days.';

CREATE FUNCTION koku_internal.report_currencies(tenant name, sources uuid[]) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    currencies text[] := '{}';
BEGIN
    -- A schema of an older release, or of other software, may lack them.
    IF to_regclass(format('%I.cost_model', tenant)) IS NOT NULL
       AND to_regclass(format('%I.cost_model_map', tenant)) IS NOT NULL THEN
        EXECUTE format($query$
            SELECT coalesce(array_agg(DISTINCT model.currency ORDER BY model.currency), '{}')
            FROM %1$I.cost_model AS model
            WHERE model.uuid IN (SELECT koku_internal.cost_model_of($2, source) FROM unnest($1) AS source)
            $query$, tenant)
        INTO currencies USING sources, tenant;
    END IF;
    RETURN currencies;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_currencies(name, uuid[]) IS
'The currencies of the cost models of these sources, in order.';

CREATE FUNCTION koku_internal.report_scope(
    tenant name, first date, last date, cluster text,
    OUT sources uuid[], OUT previous_first date, OUT previous_last date, OUT as_of date,
    OUT has_costs boolean, OUT currency text, OUT why_without_costs text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    currencies text[];
BEGIN
    SELECT coalesce(array_agg(found.source), '{}') INTO sources
    FROM koku_internal.report_sources(tenant, cluster) AS found;
    PERFORM koku_internal.require_report_period(first, last);
    SELECT before.previous_first, before.previous_last INTO previous_first, previous_last
    FROM koku_internal.report_period_before(first, last) AS before;
    EXECUTE format($query$
        SELECT max(usage_start) FROM %I.reporting_ocp_cost_summary_p
        WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $2 AND $3
        $query$, tenant)
    INTO as_of USING sources, first, last;
    currencies := koku_internal.report_currencies(tenant, sources);
    has_costs := koku_internal.report_has_costs(tenant, sources, first, last);
    IF NOT has_costs THEN
        why_without_costs := CASE WHEN currencies = '{}'
            THEN 'No cost model applies to these clusters; the report counts core-hours and GiB-hours instead.'
            ELSE 'A cost model is assigned, but these days have no costs yet; '
                 'the report counts core-hours and GiB-hours instead.' END;
    ELSIF cardinality(currencies) > 1 THEN
        has_costs := false;
        why_without_costs := format(
            'The cost models of these clusters have several currencies (%s), whose amounts cannot be added; '
            'the report counts core-hours and GiB-hours instead. A report of one cluster has its costs.',
            array_to_string(currencies, ', '));
    ELSE
        currency := currencies[1];
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_scope(name, date, date, text) IS
'What a report rests on: sources, the period to compare with, the last day of the period that is summarized (NULL: '
'none), whether it can be about costs, in which currency (NULL: not known), and if not, why. Errors: 42704 unknown '
'tenant, 22023 unknown cluster or bad days.';

CREATE FUNCTION koku_internal.is_unallocated(namespace text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT namespace IS NULL OR namespace IN ('Worker unallocated', 'Platform unallocated',
                                          'GPU unallocated', 'Storage unattributed', 'Network unattributed');
$$;
COMMENT ON FUNCTION koku_internal.is_unallocated(text) IS
'Whether the reporting tables use this name for what no project used; NULL is '
'capacity of a node whose role is not known.';
