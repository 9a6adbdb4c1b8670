-- The capacity of nodes.

CREATE FUNCTION @extschema@.koku_internal_node_capacity(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (usage_start date, node text, cpu_core_seconds double precision, memory_byte_seconds double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
-- The only statement of a summary that reads the raw rows of pods. They are many and their groups are few, which is what
-- parallel workers are for; an INSERT could not have any.
SET parallel_setup_cost = 100
SET parallel_tuple_cost = 0
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT hour.usage_start, hour.node::text,
            sum(@extschema@.koku_internal_finite(hour.cpu_core_seconds)),
            sum(@extschema@.koku_internal_finite(hour.memory_byte_seconds))
        FROM (SELECT usage_start, node, interval_start, max(node_capacity_cpu_core_seconds) AS cpu_core_seconds,
                  max(node_capacity_memory_byte_seconds) AS memory_byte_seconds
              FROM %I.openshift_pod_usage_line_items
              WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
              GROUP BY usage_start, node, interval_start) AS hour
        GROUP BY hour.usage_start, hour.node
        $query$, tenant)
    USING source, first_day, last_day;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_node_capacity(name, uuid, date, date) IS
'Capacity of each node and day in core-seconds and byte-seconds: that of each interval in which the node had pods, added up; repeated intervals count once (spec summary.md 3.3). node NULL: rows without a node.';
