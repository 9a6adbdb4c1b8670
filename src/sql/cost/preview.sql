-- What other prices would have cost.

CREATE FUNCTION koku_internal.costs_by_project(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (day date, project text, rate_type text, cost numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT usage_start, namespace::text, cost_model_rate_type::text,
            sum(coalesce(infrastructure_raw_cost, 0) + coalesce(infrastructure_markup_cost, 0)
                + coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0)
                + coalesce(cost_model_volume_cost, 0) + coalesce(cost_model_gpu_cost, 0)
                + coalesce(distributed_cost, 0))
        FROM %I.reporting_ocp_cost_summary_by_project_p
        WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND cost_model_rate_type IS NOT NULL
        GROUP BY 1, 2, 3
        $query$, tenant)
    USING source, first_day, last_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.costs_by_project(name, uuid, date, date) IS
'The cost of each day, project and rate type, as stored.';

CREATE FUNCTION @extschema@.koku_preview_costs(source uuid, definition jsonb, first date, last date DEFAULT NULL)
RETURNS TABLE (day date, project text, rate_type text, cost numeric, previewed_cost numeric)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner @extschema@.koku_source := koku_internal.require_source(source);
    until date := coalesce(last, koku_internal.today());
    stored_days date[];
    stored_projects text[];
    stored_types text[];
    stored_costs numeric[];
    days date[];
    projects text[];
    types text[];
    costs numeric[];
BEGIN
    SELECT array_agg(now.day), array_agg(now.project), array_agg(now.rate_type), array_agg(now.cost)
    INTO stored_days, stored_projects, stored_types, stored_costs
    FROM koku_internal.costs_by_project(owner.tenant, source, first, until) AS now;
    BEGIN
        EXECUTE format('DELETE FROM %I.cost_model_map WHERE provider_uuid = $1', owner.tenant) USING source;
        PERFORM @extschema@.koku_create_cost_model(definition - ARRAY['uuid', 'source_uuids'],
                                                   ARRAY[source], owner.tenant);
        PERFORM set_config('client_min_messages', 'warning', true);
        PERFORM @extschema@.koku_update_costs(source, first, until);
        SELECT array_agg(previewed.day), array_agg(previewed.project), array_agg(previewed.rate_type),
            array_agg(previewed.cost)
        INTO days, projects, types, costs
        FROM koku_internal.costs_by_project(owner.tenant, source, first, until) AS previewed;
        -- Takes back all that was written, with its locks.
        RAISE EXCEPTION USING ERRCODE = 'KK001';
    EXCEPTION WHEN SQLSTATE 'KK001' THEN
        NULL;
    END;
    RETURN QUERY
    SELECT coalesce(now.day, previewed.day), CASE WHEN now.day IS NULL THEN previewed.project ELSE now.project END,
        coalesce(now.rate_type, previewed.rate_type), now.cost, previewed.cost
    FROM unnest(stored_days, stored_projects, stored_types, stored_costs) AS now (day, project, rate_type, cost)
    FULL JOIN unnest(days, projects, types, costs) AS previewed (day, project, rate_type, cost)
        ON previewed.day = now.day AND coalesce(previewed.project, '') = coalesce(now.project, '')
        AND (previewed.project IS NULL) = (now.project IS NULL) AND previewed.rate_type = now.rate_type
    ORDER BY 1, 2, 3;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_preview_costs(uuid, jsonb, date, date) IS
'What the days of a source from the first to the last (NULL: today) cost now and would cost under a definition of a '
'cost model, by day, project and rate type (Infrastructure, Supplementary, or a kind of distributed cost, negative '
'where it is taken away), in the currencies of the models; cost NULL: there is none now, previewed_cost NULL: there '
'would be none. project NULL: idle capacity of nodes without a role. Nothing is stored: what it computes is taken '
'back, with its locks, before it returns. Waits while another transaction writes rows of the source. Errors: those of '
'koku_create_cost_model() and koku_update_costs().';
