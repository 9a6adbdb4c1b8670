-- Statistics of the partitions that a summary reads, so that the planner need not guess about rows that were just loaded.

CREATE FUNCTION @extschema@.koku_internal_has_stale_statistics(partition regclass) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT size.bytes >= 8 * 1024 * 1024
    -- The size alone says too little: pg_class keeps it when the transaction that gathered the statistics fails.
    AND (size.bytes / current_setting('block_size')::bigint > relation.relpages * 1.1
         OR NOT EXISTS (
            SELECT FROM pg_stats
            WHERE schemaname = relation.relnamespace::regnamespace::name AND tablename = relation.relname))
FROM pg_class AS relation, LATERAL pg_relation_size(relation.oid) AS size (bytes)
WHERE relation.oid = partition;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_has_stale_statistics(regclass) IS
'Whether a table has no statistics or has grown by a tenth since they were gathered. One below 8 MB never needs any: whatever the plan, it is read in milliseconds, and gathering them takes as long.';

CREATE FUNCTION @extschema@.koku_internal_analyze(tenant name, month date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
-- A partition that another session analyzes at the moment is passed over with a warning, which helps nobody.
SET client_min_messages = error
-- Partitions are large and read as a whole; a small sample says enough about them.
SET default_statistics_target = 10
AS $$
DECLARE
    stale record;
BEGIN
    FOR stale IN
        SELECT partition.relation, input.columns
        -- The columns that the statements filter, join and group by.
        FROM (VALUES
            ('openshift_pod_usage_line_items', 'source, usage_start, interval_start, node'),
            ('openshift_pod_usage_line_items_daily', 'source, usage_start, namespace, node, pod, pod_labels'),
            ('openshift_storage_usage_line_items_daily',
             'source, usage_start, namespace, pod, persistentvolumeclaim, persistentvolume'),
            ('openshift_node_labels_line_items', 'source, usage_start, node, node_labels'),
            ('openshift_namespace_labels_line_items', 'source, usage_start, namespace, namespace_labels'),
            ('openshift_vm_usage_line_items', 'source, usage_start, interval_start, vm_name'),
            ('openshift_gpu_usage_line_items', 'source, usage_start')
        ) AS input (table_name, columns)
        CROSS JOIN LATERAL to_regclass(format('%I.%I', tenant,
            @extschema@.koku_internal_partition_name(input.table_name, month))) AS partition (relation)
        WHERE @extschema@.koku_internal_has_stale_statistics(partition.relation)
          -- Others may not analyze it.
          AND pg_has_role((SELECT relowner FROM pg_class WHERE oid = partition.relation), 'USAGE')
    LOOP
        EXECUTE format('ANALYZE (SKIP_LOCKED) %s (%s)', stale.relation, stale.columns);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_analyze(name, date) IS
'Gathers statistics of the month''s partitions of line items that a summary reads, where they are stale.';
