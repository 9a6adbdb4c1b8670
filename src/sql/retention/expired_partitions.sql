-- Partitions that are dropped: those whose month is past the retention, and empty ones of months that nobody needs yet.

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
'Partitions of a tenant''s tables that hold no day from first_kept_day on: those that are attached, and those of the '
'tracking table that are detached or gone.';

CREATE FUNCTION koku_internal.drop_partition(tenant name, schema_name name, partition_name name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.lock_tables(tenant);
    -- The trigger of the tracking table drops it, unless nothing tracks it or the trigger is not ours.
    PERFORM koku_internal.change_tracking(tenant,
        'DELETE FROM %I.partitioned_tables WHERE schema_name = $1[1] AND table_name = $1[2]',
        ARRAY[schema_name, partition_name]);
    IF to_regclass(format('%I.%I', schema_name, partition_name)) IS NOT NULL THEN
        EXECUTE format('DROP TABLE %I.%I', schema_name, partition_name);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.drop_partition(name, name, name) IS
'Drops a partition and its tracking row. Locks the parent and its default partition against everybody until the end of '
'the transaction; a default partition rules out DETACH CONCURRENTLY, which would not.';

CREATE FUNCTION koku_internal.has_rows(relation regclass) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', relation) INTO found;
    RETURN found;
END;
$$;
COMMENT ON FUNCTION koku_internal.has_rows(regclass) IS 'Whether a table has a row.';

CREATE FUNCTION koku_internal.first_needless_month(as_of date) RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT (date_trunc('month', $1::timestamp) + interval '2 months')::date;
$$;
COMMENT ON FUNCTION koku_internal.first_needless_month(date) IS
'The first month whose partitions nobody needs on a day: koku_run() makes those of the month and the next.';

CREATE FUNCTION koku_internal.needless_partitions(tenant name, as_of date)
RETURNS TABLE (table_name name, schema_name name, partition_name name, month date)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT attached.table_name, namespace.nspname, relation.relname, attached.first_day
FROM koku_internal.partitions($1) AS attached
JOIN pg_class AS relation ON relation.oid = attached.partition
JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
WHERE attached.first_day >= koku_internal.first_needless_month(greatest($2, koku_internal.today()))
  AND isfinite(attached.first_day)
  AND NOT koku_internal.has_rows(attached.partition)
ORDER BY attached.first_day, 1, 3;
$$;
COMMENT ON FUNCTION koku_internal.needless_partitions(name, date) IS
'Partitions of a tenant''s tables that have no rows, for months after the '
'next as of a day or today, whichever is later.';

CREATE FUNCTION koku_internal.lock_partition(tenant name, schema_name name, partition_name name) RETURNS regclass
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    partition regclass;
BEGIN
    PERFORM koku_internal.lock_tables(tenant);
    partition := to_regclass(format('%I.%I', schema_name, partition_name));
    IF partition IS NOT NULL THEN
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', partition);
    END IF;
    RETURN partition;
END;
$$;
COMMENT ON FUNCTION koku_internal.lock_partition(name, name, name) IS
'Keeps everybody from a partition until the end of the transaction, to see whether it can be dropped; NULL when it is '
'gone.';

CREATE FUNCTION koku_internal.drop_empty_partition(tenant name, schema_name name, partition_name name) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    partition regclass := koku_internal.lock_partition(tenant, schema_name, partition_name);
BEGIN
    -- Somebody may have written a row meanwhile.
    IF partition IS NULL OR koku_internal.has_rows(partition) THEN
        RETURN false;
    END IF;
    PERFORM koku_internal.drop_partition(tenant, schema_name, partition_name);
    RETURN true;
END;
$$;
COMMENT ON FUNCTION koku_internal.drop_empty_partition(name, name, name) IS
'Drops a partition unless it is gone or has rows, and returns whether it did.';

CREATE FUNCTION koku_internal.has_partitions_far_ahead(tenant name, as_of date) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT EXISTS (SELECT FROM koku_internal.partitions($1) AS attached
               WHERE attached.first_day >= koku_internal.first_needless_month(greatest($2, koku_internal.today()))
                     AND isfinite(attached.first_day));
$$;
COMMENT ON FUNCTION koku_internal.has_partitions_far_ahead(name, date) IS
'Whether a tenant has partitions for months after the next as of a day or today, whichever is later, empty or not.';
