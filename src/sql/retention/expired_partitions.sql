-- Partitions whose month is past the retention.

CREATE FUNCTION koku_internal.expired_partitions(tenant name, first_kept_day date)
RETURNS TABLE (table_name name, schema_name name, partition_name name, month date)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT attached.table_name, namespace.nspname, relation.relname, attached.first_day
        FROM koku_internal.partitions($1) AS attached
        JOIN pg_class AS relation ON relation.oid = attached.partition
        JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
        WHERE attached.end_day <= $2
        UNION ALL
        SELECT tracked.partition_of_table_name::name, tracked.schema_name::name, tracked.table_name::name,
            (tracked.partition_parameters->>'from')::date
        FROM %1$I.partitioned_tables AS tracked
        JOIN @extschema@.koku_catalogue_table AS catalogue ON catalogue.table_name = tracked.partition_of_table_name
        WHERE catalogue.partition_column IS NOT NULL
          AND NOT coalesce((tracked.partition_parameters->>'default')::boolean, false)
          AND (tracked.partition_parameters->>'to')::date <= $2
          AND NOT EXISTS (SELECT FROM pg_inherits
                          WHERE inhrelid = to_regclass(format('%%I.%%I', tracked.schema_name, tracked.table_name)))
        ORDER BY 1, 4, 3
        $query$, tenant)
    USING tenant, first_kept_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.expired_partitions(name, date) IS
'Partitions of a tenant''s tables that hold no day from first_kept_day on: those that are attached, and those of the tracking table that are detached or gone.';

CREATE FUNCTION koku_internal.drop_partition(tenant name, schema_name name, partition_name name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.lock_tables(tenant);
    -- The trigger of the tracking table drops it, unless nothing tracks it or the trigger is not ours.
    PERFORM koku_internal.change_tracking(tenant,
        'DELETE FROM %I.partitioned_tables WHERE schema_name = $1[1] AND table_name = $1[2]', ARRAY[schema_name, partition_name]);
    IF to_regclass(format('%I.%I', schema_name, partition_name)) IS NOT NULL THEN
        EXECUTE format('DROP TABLE %I.%I', schema_name, partition_name);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.drop_partition(name, name, name) IS
'Drops a partition and its tracking row. Locks the parent and its default partition against everybody until the end of the transaction; a default partition rules out DETACH CONCURRENTLY, which would not.';
