-- The capacity of nodes. Ingest leaves it in koku_node_interval, for all raw rows of a day or for none. There is none
-- of days that an older release or other software wrote, or added to, and none in a tenant of 0.1.0 until
-- koku_create_tenant() is called.

CREATE FUNCTION koku_internal.days_without_intervals(tenant name, source uuid, first_day date, last_day date)
RETURNS date[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    intervals regclass := to_regclass(format('%I.koku_node_interval', tenant));
    days date[];
BEGIN
    -- A look at one row for each day and table; joins would read them all.
    EXECUTE format($query$
        SELECT array_agg(listed.day ORDER BY listed.day)
        FROM (SELECT $2 + number FROM generate_series(0, $3 - $2) AS number) AS listed (day)
        WHERE (%2$s) IS NULL
          AND (SELECT true FROM %1$I.openshift_pod_usage_line_items_daily AS line
               WHERE line.source = $1::text AND line.usage_start = listed.day AND line.usage_start BETWEEN $2 AND $3
               LIMIT 1)
        $query$, tenant,
        coalesce('SELECT true FROM ' || intervals || ' AS hour'
            ' WHERE hour.source = $1::text AND hour.usage_start = listed.day AND hour.usage_start BETWEEN $2 AND $3'
            ' LIMIT 1', 'NULL'))
    INTO days
    USING source, first_day, last_day;
    RETURN days;
END;
$$;
COMMENT ON FUNCTION koku_internal.days_without_intervals(name, uuid, date, date) IS
'Days on which a source has pods but no intervals of nodes; NULL: there is none.';

CREATE FUNCTION koku_internal.node_capacity(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (usage_start date, node text, cpu_core_seconds double precision, memory_byte_seconds double precision)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
-- Raw rows are many and their groups are few, which is what parallel workers are for; an INSERT could not have any.
SET parallel_setup_cost = 100
SET parallel_tuple_cost = 0
AS $$
DECLARE
    intervals regclass := to_regclass(format('%I.koku_node_interval', tenant));
    other_days date[] := koku_internal.days_without_intervals(tenant, source, first_day, last_day);
BEGIN
    IF intervals IS NOT NULL THEN
        RETURN QUERY EXECUTE format($query$
            SELECT hour.usage_start, hour.node::text,
                sum(koku_internal.finite(hour.node_capacity_cpu_core_seconds)),
                sum(koku_internal.finite(hour.node_capacity_memory_byte_seconds))
            FROM %s AS hour
            WHERE hour.source = $1::text AND hour.usage_start BETWEEN $2 AND $3
            GROUP BY hour.usage_start, hour.node
            $query$, intervals)
        USING source, first_day, last_day;
    END IF;
    IF other_days IS NOT NULL THEN
        PERFORM koku_internal.analyze_raw_pods(tenant, first_day);
        RETURN QUERY EXECUTE format($query$
            SELECT hour.usage_start, hour.node::text,
                sum(koku_internal.finite(hour.cpu_core_seconds)),
                sum(koku_internal.finite(hour.memory_byte_seconds))
            FROM (SELECT usage_start, node, interval_start, max(node_capacity_cpu_core_seconds) AS cpu_core_seconds,
                      max(node_capacity_memory_byte_seconds) AS memory_byte_seconds
                  FROM %I.openshift_pod_usage_line_items
                  WHERE source = $1::text AND usage_start BETWEEN $2 AND $3 AND usage_start = ANY ($4)
                  GROUP BY usage_start, node, interval_start) AS hour
            GROUP BY hour.usage_start, hour.node
            $query$, tenant)
        USING source, other_days[1], other_days[cardinality(other_days)], other_days;
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.node_capacity(name, uuid, date, date) IS
'Capacity of each node and day in core-seconds and byte-seconds: that of each interval in which '
'the node had pods, added up; repeated intervals count once. Days without intervals of nodes: from '
'the raw rows. node NULL: rows without a node.';
