-- Monthly partitions.

CREATE FUNCTION @extschema@.koku_internal_track_partition(
    tenant name, table_name name, partition_name name, parameters jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO %I.partitioned_tables (schema_name, table_name, partition_of_table_name, partition_type,'
        ' partition_col, partition_parameters, active) VALUES ($1, $2, $3, ''range'', ''usage_start'', $4, true)'
        ' ON CONFLICT (schema_name, table_name) DO UPDATE SET active = true', tenant)
    USING tenant, partition_name, table_name, parameters;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_track_partition(name, name, name, jsonb) IS
'Makes a partition by writing its tracking row; one that was tracked but detached is attached again.';

CREATE FUNCTION @extschema@.koku_internal_ensure_partition(tenant name, table_name name, month date) RETURNS regclass
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent regclass := format('%I.%I', tenant, table_name)::regclass;
    partition_name name := @extschema@.koku_internal_partition_name(table_name, month);
    qualified_name text := format('%I.%I', tenant, partition_name);
    partition regclass := to_regclass(qualified_name);
    first_day date := date_trunc('month', month::timestamp)::date;
BEGIN
    IF @extschema@.koku_internal_is_partition(partition, parent) THEN
        RETURN partition;
    END IF;

    PERFORM @extschema@.koku_internal_lock_tables(tenant);
    -- Another transaction may have made it while this one waited.
    IF NOT @extschema@.koku_internal_is_partition(to_regclass(qualified_name), parent) THEN
        PERFORM @extschema@.koku_internal_track_partition(tenant, table_name, partition_name, jsonb_build_object(
            'default', false, 'from', first_day, 'to', (first_day + interval '1 month')::date));
    END IF;
    partition := to_regclass(qualified_name);
    IF NOT @extschema@.koku_internal_is_partition(partition, parent) THEN
        RAISE EXCEPTION 'table % is no partition of %', qualified_name, parent
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('The row of %I.partitioned_tables did not attach it.', tenant),
                  HINT = 'Delete the tracking row, or attach the table as partition of its month.';
    END IF;
    RETURN partition;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_ensure_partition(name, name, date) IS
'The partition of a tenant''s table for the month of a day, made when it is missing; rows of the month leave the default partition. One catalogue look-up when it exists, the tenant''s table lock when it must be made. Call it for everything a transaction will touch before rows that sources share are written (30_locks.sql).';
