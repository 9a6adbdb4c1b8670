-- Statistics. The joins of a summary are by hash whatever the planner expects of rows that were just loaded, and
-- nothing it could do better pays for gathering statistics. The exception are raw rows of pods, where they are read:
-- without statistics the planner would neither scan them as a whole nor take parallel workers.

CREATE FUNCTION koku_internal.has_stale_statistics(partition regclass) RETURNS boolean
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
COMMENT ON FUNCTION koku_internal.has_stale_statistics(regclass) IS
'Whether a table has no statistics or has grown by a tenth since they were gathered. One below 8 MB never needs any: '
'it is read in milliseconds, and gathering them takes as long.';

CREATE FUNCTION koku_internal.analyze_raw_pods(tenant name, month date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
-- A partition that another session analyzes at the moment is passed over with a warning, which helps nobody.
SET client_min_messages = error
-- It is large and read as a whole; a small sample says enough about it.
SET default_statistics_target = 10
AS $$
DECLARE
    partition regclass := to_regclass(format('%I.%I', tenant,
        koku_internal.partition_name('openshift_pod_usage_line_items', month)));
BEGIN
    IF koku_internal.has_stale_statistics(partition)
       -- Others may not analyze it.
       AND pg_has_role((SELECT relowner FROM pg_class WHERE oid = partition), 'USAGE')
    THEN
        -- The columns that the statement filters and groups by.
        EXECUTE format('ANALYZE (SKIP_LOCKED) %s (source, usage_start, interval_start, node)', partition);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.analyze_raw_pods(name, date) IS
'Gathers statistics of the month''s partition of raw pod rows, where they are stale.';
