-- Partitions whose month is past the retention.

CREATE FUNCTION @extschema@.koku_internal_partitions(tenant name)
RETURNS TABLE (table_name name, partition regclass, first_day date, end_day date, is_default boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
SELECT parent.relname, child.oid::regclass, bound.days[1]::date, bound.days[2]::date,
    coalesce(child.relpartbound IS NOT NULL AND pg_get_expr(child.relpartbound, child.oid) = 'DEFAULT', false)
FROM @extschema@.koku_catalogue_table AS catalogue
JOIN pg_class AS parent ON parent.relname = catalogue.table_name AND parent.relnamespace = to_regnamespace(quote_ident($1))
JOIN pg_inherits AS attached ON attached.inhparent = parent.oid
JOIN pg_class AS child ON child.oid = attached.inhrelid
LEFT JOIN LATERAL regexp_match(pg_get_expr(child.relpartbound, child.oid),
    '^FOR VALUES FROM \((?:''([^'']*)''|MINVALUE)\) TO \((?:''([^'']*)''|MAXVALUE)\)$') AS bound (days) ON true
WHERE catalogue.partition_column IS NOT NULL
ORDER BY catalogue.position, bound.days[2]::date, child.relname;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_partitions(name) IS
'The partitions that are attached to the tables of a tenant, whoever made them, as the server has them: rows from first_day to the day before end_day. NULL: without a bound, or bounds that are no range of days.';

CREATE FUNCTION @extschema@.koku_internal_expired_partitions(tenant name, first_kept_day date)
RETURNS TABLE (table_name name, schema_name name, partition_name name, month date)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT attached.table_name, namespace.nspname, relation.relname, attached.first_day
        FROM @extschema@.koku_internal_partitions($1) AS attached
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
COMMENT ON FUNCTION @extschema@.koku_internal_expired_partitions(name, date) IS
'Partitions of a tenant''s tables that hold no day from first_kept_day on: those that are attached, and those of the tracking table that are detached or gone.';

CREATE FUNCTION @extschema@.koku_internal_drop_partition(tenant name, schema_name name, partition_name name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM @extschema@.koku_internal_lock_tables(tenant);
    -- The trigger of the tracking table drops it, unless nothing tracks it.
    EXECUTE format('DELETE FROM %I.partitioned_tables WHERE schema_name = $1 AND table_name = $2', tenant)
    USING schema_name, partition_name;
    IF to_regclass(format('%I.%I', schema_name, partition_name)) IS NOT NULL THEN
        EXECUTE format('DROP TABLE %I.%I', schema_name, partition_name);
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_drop_partition(name, name, name) IS
'Drops a partition and its tracking row. Locks the parent and its default partition against everybody until the end of the transaction; a default partition rules out DETACH CONCURRENTLY, which would not.';
