-- Costs on demand, and as part of CALL koku_run().

CREATE FUNCTION koku_internal.report_period_of(tenant name, source uuid, month date) RETURNS integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    report_period integer;
BEGIN
    EXECUTE format('SELECT id FROM %I.reporting_ocpusagereportperiod'
                   ' WHERE provider_id = $1 AND report_period_start = $2', tenant)
    INTO report_period
    USING source, month::timestamp AT TIME ZONE 'UTC';
    RETURN report_period;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_period_of(name, uuid, date) IS
'The id of the report period of a source and month, NULL when it has none.';

CREATE FUNCTION koku_internal.delete_costs(tenant name, source uuid, first_day date, last_day date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    markup numeric;
BEGIN
    EXECUTE format('DELETE FROM %I.reporting_ocpusagelineitem_daily_summary'
        ' WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND cost_model_rate_type IS NOT NULL', tenant)
    USING source, first_day, last_day;
    -- The only thing that costs leave in usage rows: nothing is written where it is right already.
    EXECUTE format('SELECT koku_internal.to_price(markup->>''value'') FROM %I.cost_model WHERE uuid = $1', tenant)
    INTO markup
    USING koku_internal.cost_model_of(tenant, source);
    EXECUTE format('UPDATE %I.reporting_ocpusagelineitem_daily_summary'
        ' SET infrastructure_markup_cost = coalesce(infrastructure_raw_cost, 0) * $4 / 100,'
        '     infrastructure_project_markup_cost = coalesce(infrastructure_project_raw_cost, 0) * $4 / 100'
        ' WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3'
        '   AND (infrastructure_markup_cost, infrastructure_project_markup_cost) IS DISTINCT FROM'
        '       (coalesce(infrastructure_raw_cost, 0) * $4 / 100,'
        ' coalesce(infrastructure_project_raw_cost, 0) * $4 / 100)', tenant)
    USING source, first_day, last_day, markup;
END;
$$;
COMMENT ON FUNCTION koku_internal.delete_costs(name, uuid, date, date) IS
'Deletes the cost rows of days of a source, and writes the markup that its cost model has now (NULL without one) to '
'the usage rows where it differs.';

CREATE FUNCTION koku_internal.lacks_gpu_distribution(
    tenant name, source uuid, distributed boolean, month date, first_day date, last_day date) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    is_different boolean;
BEGIN
    -- Few clusters have GPUs, and the summary of a month has many rows.
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.openshift_gpu_usage_line_items_daily'
        ' WHERE source = $1::text AND usage_start BETWEEN $2 AND $3)', tenant)
    INTO is_different
    USING source, month, (month + interval '1 month')::date - 1;
    IF NOT is_different THEN
        RETURN false;
    END IF;
    EXECUTE replace(CASE WHEN distributed THEN $query$
        SELECT EXISTS (
            SELECT FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS idle
            WHERE idle.source_uuid = $1 AND idle.usage_start BETWEEN $2 AND $3
              AND idle.usage_start NOT BETWEEN $4 AND $5
              AND idle.namespace = 'GPU unallocated' AND idle.data_source = 'GPU' AND idle.cost_model_gpu_cost <> 0
              AND EXISTS (SELECT FROM {tenant}.openshift_gpu_usage_line_items_daily AS used
                          WHERE used.source = $1::text AND used.usage_start = idle.usage_start
                            AND used.node = idle.node AND used.gpu_model_name = idle.all_labels->>'gpu-model'
                            AND used.gpu_pod_uptime > 0)
              AND NOT EXISTS (SELECT FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS moved
                              WHERE moved.source_uuid = $1 AND moved.usage_start = idle.usage_start
                                AND moved.cost_model_rate_type = 'gpu_distributed'))
        $query$ ELSE $query$
        SELECT EXISTS (
            SELECT FROM {tenant}.reporting_ocpusagelineitem_daily_summary
            WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND usage_start NOT BETWEEN $4 AND $5
              AND cost_model_rate_type = 'gpu_distributed')
        $query$ END, '{tenant}', quote_ident(tenant))
    INTO is_different
    USING source, month, (month + interval '1 month')::date - 1, first_day, last_day;
    RETURN is_different;
END;
$$;
COMMENT ON FUNCTION koku_internal.lacks_gpu_distribution(name, uuid, boolean, date, date, date) IS
'Whether the other days of a month, without those from the first to the last, have free GPU time that is to be '
'distributed and is not, or (distributed false) is and is not to be.';

CREATE FUNCTION koku_internal.finish_gpu_distribution(source uuid, first_day date, last_day date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner @extschema@.koku_source := koku_internal.require_source(source);
    its_month date := date_trunc('month', first_day::timestamp)::date;
    is_distributed boolean;
    has_free_gpus boolean;
BEGIN
    EXECUTE format('SELECT (lower(distribution_info->>''gpu_unallocated'') = ''true'') IS TRUE FROM %I.cost_model'
        ' WHERE uuid = $1', owner.tenant)
    INTO is_distributed
    USING koku_internal.cost_model_of(owner.tenant, owner.source);
    IF its_month < date_trunc('month', koku_internal.today()::timestamp)::date THEN
        -- The month is distributed as a whole, whichever of its days came when (spec cost.md 6.4).
        IF koku_internal.lacks_gpu_distribution(owner.tenant, owner.source, is_distributed, its_month, first_day,
                                                last_day) THEN
            PERFORM koku_internal.update_gpu_distribution(owner.source, its_month);
        END IF;
        DELETE FROM @extschema@.koku_cost_request AS waiting
        WHERE waiting.source = owner.source AND waiting.month = its_month AND waiting.only_gpu_distribution;
    ELSIF is_distributed THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.reporting_ocpusagelineitem_daily_summary'
            ' WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND namespace = ''GPU unallocated'')',
            owner.tenant)
        INTO has_free_gpus
        USING owner.source, first_day, last_day;
        IF has_free_gpus THEN
            PERFORM koku_internal.request_gpu_distribution(owner.source, its_month);
        END IF;
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.finish_gpu_distribution(uuid, date, date) IS
'After costs of days of a month were computed: in the current month asks for the distribution of free GPU time at its '
'end, where there is any to distribute; of a month that is over distributes all days, unless that is done, or takes it '
'back where the cost model does not distribute any more.';

CREATE FUNCTION koku_internal.compute_costs(owner @extschema@.koku_source, first_day date, last_day date)
RETURNS TABLE ("position" integer, target text, rows bigint, seconds double precision)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    report_period integer := koku_internal.report_period_of(
        owner.tenant, owner.source, date_trunc('month', first_day::timestamp)::date);
BEGIN
    PERFORM koku_internal.delete_costs(owner.tenant, owner.source, first_day, last_day);
    RETURN QUERY
    SELECT done.position, done.target, done.rows, done.seconds
    FROM koku_internal.run_stages('{lookup,prices,last_place,cost,gpu_distribution,dashboards,gpu,machines,month_end}',
                                  owner.tenant,
        owner.source, first_day, last_day, koku_internal.first_days_of_steps(first_day, last_day), report_period,
        owner.cluster_id, owner.name) AS done;
    EXECUTE format('UPDATE %I.reporting_ocpusagereportperiod SET derived_cost_datetime = now() WHERE id = $1',
                   owner.tenant)
    USING report_period;
END;
$$;
COMMENT ON FUNCTION koku_internal.compute_costs(@extschema@.koku_source, date, date) IS
'Computes the costs of days of one month anew from the usage rows that are there, and what shows them; one row a '
'statement and step. The caller holds the source and the tables.';

CREATE FUNCTION @extschema@.koku_update_costs(source uuid, first date, last date DEFAULT NULL)
RETURNS TABLE (first_day date, last_day date, target text, rows bigint, seconds numeric)
LANGUAGE plpgsql SECURITY DEFINER
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
    -- For all months at once, before anything is written (tenant/locks.sql).
    months := koku_internal.months_with_data(owner.tenant, source, first, until);
    PERFORM koku_internal.hold_summary_tables(owner.tenant, months);
    FOR piece IN
        SELECT cut.* FROM koku_internal.months(first, until) AS cut WHERE cut.month = ANY (months)
    LOOP
        RETURN QUERY
        SELECT piece.first_day_in_month, piece.last_day_in_month, done.target, sum(done.rows)::bigint,
            round(sum(done.seconds)::numeric, 3)
        FROM koku_internal.compute_costs(owner, piece.first_day_in_month, piece.last_day_in_month) AS done
        GROUP BY done.target
        ORDER BY min(done.position);
    END LOOP;
    IF months IS NULL THEN
        RAISE NOTICE 'cluster "%" has no data from % to %', owner.cluster_id, first, until;
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_update_costs(uuid, date, date) IS
'Computes the costs of a source from the first to the last day (NULL: today) anew, with the cost model that it has now '
'and its price list of each month, in one transaction, and rebuilds what shows them; usage rows stay as they are. '
'Returns for each month and table the days, the rows written and the seconds it took (tables named koku_ are working '
'tables of the run). Without a cost model the costs are removed. Months without data are passed over. Waits while '
'another transaction writes rows of the source. Errors: 42704 unknown source, 22023 no days in the range.';

CREATE FUNCTION @extschema@.koku_update_costs(source uuid, year integer, month integer)
RETURNS TABLE (first_day date, last_day date, target text, rows bigint, seconds numeric)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    start_day date := koku_internal.first_day(year, month);
BEGIN
    RETURN QUERY
    SELECT * FROM @extschema@.koku_update_costs(source, start_day, (start_day + interval '1 month')::date - 1);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_update_costs(uuid, integer, integer) IS
'Computes the costs of a source for a whole month anew, as koku_update_costs() of its first and last day. Errors: '
'42704 unknown source, 22023 no such month.';

CREATE FUNCTION koku_internal.update_gpu_distribution(source uuid, month date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner @extschema@.koku_source := koku_internal.require_source(source);
    last_day date := (month + interval '1 month')::date - 1;
    report_period integer;
BEGIN
    PERFORM koku_internal.lock_source(source);
    report_period := koku_internal.report_period_of(owner.tenant, source, month);
    IF report_period IS NULL THEN
        RETURN;
    END IF;
    PERFORM koku_internal.hold_summary_tables(owner.tenant, ARRAY[month]);
    EXECUTE format('DELETE FROM %I.reporting_ocpusagelineitem_daily_summary'
        ' WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND cost_model_rate_type = ''gpu_distributed''',
        owner.tenant)
    USING source, month, last_day;
    PERFORM koku_internal.run_stages('{lookup,prices,gpu_distribution,dashboards,machines}', owner.tenant, source,
        month, last_day, koku_internal.first_days_of_steps(month, last_day), report_period,
        owner.cluster_id, owner.name);
END;
$$;
COMMENT ON FUNCTION koku_internal.update_gpu_distribution(uuid, date) IS
'Distributes the free time of the GPUs of a month that is over and rebuilds what shows it. '
'Nothing else of the month is computed anew.';
