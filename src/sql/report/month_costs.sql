-- What the current month costs so far, by cluster: for numbers that something else watches.

-- With the rights of its owner, for the view below: what a view calls is called with the rights of its reader.
CREATE FUNCTION koku_internal.month_costs()
RETURNS TABLE (tenant name, source uuid, month date, cost numeric, currency text, as_of date)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    first date := date_trunc('month', koku_internal.today()::timestamp)::date;
    known name;
BEGIN
    FOR known IN SELECT listed.tenant FROM @extschema@.koku_tenant AS listed ORDER BY listed.tenant LOOP
        RETURN QUERY EXECUTE format($query$
            SELECT $1, line.source_uuid, $2, coalesce(sum(infrastructure_raw_cost), 0)
                + coalesce(sum(infrastructure_markup_cost), 0)
                + coalesce(sum(cost_model_cpu_cost), 0) + coalesce(sum(cost_model_memory_cost), 0)
                + coalesce(sum(cost_model_volume_cost), 0) + coalesce(sum(cost_model_gpu_cost), 0)
                + coalesce(sum(distributed_cost), 0), min(known.currency), max(usage_start)
            FROM %I.reporting_ocp_cost_summary_p AS line
            LEFT JOIN koku_internal.source_currencies($1) AS known ON known.source = line.source_uuid
            WHERE usage_start BETWEEN $2 AND ($2 + interval '1 month')::date - 1
            GROUP BY line.source_uuid
            HAVING bool_or(cost_model_rate_type IS NOT NULL OR infrastructure_raw_cost <> 0)
            $query$, known)
        USING known, first;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.month_costs() IS
'The costs of the current month (UTC) by source, of all tenants; no row for a source without costs in it.';

CREATE VIEW @extschema@.koku_month_costs WITH (security_barrier) AS
SELECT listed.tenant, known.cluster_id, known.name, listed.month, listed.cost, listed.currency, listed.as_of
FROM koku_internal.month_costs() AS listed
JOIN @extschema@.koku_source AS known ON known.source = listed.source;
COMMENT ON VIEW @extschema@.koku_month_costs IS
'One row a cluster with costs in the current month (UTC): cost up to as_of, the last day that is summarized, with all '
'that was distributed; currency of its cost model (NULL: none says one).';
