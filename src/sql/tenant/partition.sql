-- Monthly partitions.

-- Software that made the schema may have a trigger of its own on the tracking table. It does the same, but it leaves
-- rows in the default partition, where they stand in the way, and its function runs with the rights of whoever writes
-- the row. So partitions are made, and dropped, without it.
CREATE FUNCTION koku_internal.has_other_trigger(tenant name) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT EXISTS (
    SELECT FROM pg_trigger
    WHERE tgrelid = to_regclass(format('%I.partitioned_tables', $1)) AND NOT tgisinternal
      AND tgfoid <> 'koku_internal.apply_partition'::regproc);
$$;
COMMENT ON FUNCTION koku_internal.has_other_trigger(name) IS
'Whether a trigger of other software acts on the tracking table of partitions of a tenant.';

CREATE FUNCTION koku_internal.change_tracking(tenant name, statement text, arguments text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    role_of_session text := current_setting('session_replication_role');
    silent boolean := koku_internal.has_other_trigger(tenant)
        AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
BEGIN
    IF silent THEN
        PERFORM set_config('session_replication_role', 'replica', true);
    END IF;
    EXECUTE format(statement, tenant) USING arguments;
    IF silent THEN
        PERFORM set_config('session_replication_role', role_of_session, true);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.change_tracking(name, text, text[]) IS
'Runs a statement on the tracking table of a tenant (%I is its schema, $1 the arguments), where a superuser runs it '
'without a trigger of other software. An error leaves that setting to the end of the transaction, which it undoes.';

CREATE FUNCTION koku_internal.track_partition(
    tenant name, table_name name, partition_name name, parameters jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent regclass := format('%I.%I', tenant, table_name)::regclass;
    partition regclass := to_regclass(format('%I.%I', tenant, partition_name));
BEGIN
    IF koku_internal.has_other_trigger(tenant) THEN
        PERFORM koku_internal.require_no_foreign(partition, parent);
        partition := coalesce(partition, koku_internal.create_partition(parent, tenant, partition_name));
        IF NOT koku_internal.is_partition(partition, parent) THEN
            PERFORM koku_internal.attach_partition(parent, partition, 'usage_start', parameters);
        END IF;
        PERFORM koku_internal.mark_tenant(tenant);
    END IF;
    PERFORM koku_internal.change_tracking(tenant,
        'INSERT INTO %I.partitioned_tables (schema_name, table_name, partition_of_table_name, partition_type,'
        ' partition_col, partition_parameters, active)'
        ' VALUES ($1[1], $1[2], $1[3], ''range'', ''usage_start'', $1[4]::jsonb, true)'
        ' ON CONFLICT (schema_name, table_name) DO UPDATE SET active = true',
        ARRAY[tenant, partition_name, table_name, parameters::text]);
END;
$$;
COMMENT ON FUNCTION koku_internal.track_partition(name, name, name, jsonb) IS
'Makes a partition and its tracking row; one that was tracked but detached is attached again. It '
'belongs to the owner of its parent and has its privileges. Where no other software acts on the '
'tracking table, the row has the trigger there make it.';

CREATE FUNCTION koku_internal.require_leaf(partition regclass) RETURNS regclass
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = partition) <> 'r' THEN
        RAISE EXCEPTION 'partition % is not an ordinary table', partition
            USING ERRCODE = 'wrong_object_type',
                  HINT = 'Replace it by a table that holds the rows of its month itself.';
    END IF;
    RETURN partition;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_leaf(regclass) IS
'The partition; raises 42809 when rows cannot be loaded into it, since it is partitioned itself or foreign.';

CREATE FUNCTION koku_internal.partition_holds_month(partition regclass, month date) RETURNS boolean
LANGUAGE c STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_internal_partition_holds_month';
COMMENT ON FUNCTION koku_internal.partition_holds_month(regclass, date) IS
'Whether the bounds of a partition are a range of days that holds the whole month of a day; false for the default '
'partition and for a table that is none.';

CREATE FUNCTION koku_internal.other_partition(tenant name, table_name name, month date) RETURNS regclass
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    month_start date := date_trunc('month', month::timestamp)::date;
    month_end date := (month_start + interval '1 month')::date;
    found_partition record;
BEGIN
    SELECT attached.partition, attached.first_day <= month_start AND attached.end_day >= month_end AS whole
    INTO found_partition
    FROM koku_internal.partitions(tenant) AS attached
    WHERE attached.table_name = other_partition.table_name
      AND attached.first_day < month_end AND attached.end_day > month_start
    LIMIT 1;
    IF NOT found_partition.whole THEN
        RAISE EXCEPTION 'partition % holds only part of %', found_partition.partition, to_char(month, 'YYYY-MM')
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('The rows of a month of %I.%I are loaded into one partition.', tenant, table_name),
                  HINT = 'Move its rows into a partition of the whole month, or of several.';
    END IF;
    RETURN found_partition.partition;
END;
$$;
COMMENT ON FUNCTION koku_internal.other_partition(name, name, date) IS
'The partition that other software made for the month of a day, whatever its name; NULL when there is none. Raises '
'55000 when it holds only part of the month.';

CREATE FUNCTION koku_internal.ensure_partition(tenant name, table_name name, month date) RETURNS regclass
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent regclass := format('%I.%I', tenant, table_name)::regclass;
    partition_name name := koku_internal.partition_name(table_name, month);
    qualified_name text := format('%I.%I', tenant, partition_name);
    partition regclass := to_regclass(qualified_name);
    first_day date := date_trunc('month', month::timestamp)::date;
BEGIN
    IF koku_internal.is_partition(partition, parent)
        AND koku_internal.partition_holds_month(partition, month)
    THEN
        RETURN koku_internal.require_leaf(partition);
    END IF;
    partition := koku_internal.other_partition(tenant, table_name, month);
    IF partition IS NOT NULL THEN
        RETURN koku_internal.require_leaf(partition);
    END IF;

    PERFORM koku_internal.lock_tables(tenant);
    -- Another transaction may have made it while this one waited.
    IF NOT koku_internal.is_partition(to_regclass(qualified_name), parent) THEN
        PERFORM koku_internal.track_partition(tenant, table_name, partition_name, jsonb_build_object(
            'default', false, 'from', first_day, 'to', (first_day + interval '1 month')::date));
    END IF;
    partition := to_regclass(qualified_name);
    IF NOT koku_internal.is_partition(partition, parent) THEN
        RAISE EXCEPTION 'table % is not a partition of %', qualified_name, parent
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('The row of %I.partitioned_tables did not attach it.', tenant),
                  HINT = 'Delete the tracking row, or attach the table as partition of its month.';
    END IF;
    -- The name is taken by other days: rows would be stored where queries of the month do not look.
    IF NOT koku_internal.partition_holds_month(partition, month) THEN
        RAISE EXCEPTION 'partition % does not hold the rows of %', partition, to_char(month, 'YYYY-MM')
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('It is attached %s.',
                      (SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = partition)),
                  HINT = format('Set partition_parameters in its row of '
                                '%I.partitioned_tables to its month, or rename it.', tenant);
    END IF;
    RETURN koku_internal.require_leaf(partition);
END;
$$;
COMMENT ON FUNCTION koku_internal.ensure_partition(name, name, date) IS
'The partition of a tenant''s table for the month of a day, made when it is missing; rows of the month leave the '
'default partition. Raises 55000 when a partition with the name of the month holds other days. One catalogue look-up '
'when it exists, the tenant''s table lock when it must be made. Call it for everything a transaction will touch before '
'rows that sources share are written.';

CREATE FUNCTION koku_internal.tables_without_partition(tenant name, month date) RETURNS SETOF name
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
-- A table that the tenant lacks, as after an upgrade until koku_create_tenant() is called, can have no partition
-- either.
SELECT catalogue.table_name::name FROM @extschema@.koku_catalogue_table AS catalogue
WHERE catalogue.partition_column IS NOT NULL AND to_regclass(format('%I.%I', $1, catalogue.table_name)) IS NOT NULL
EXCEPT
SELECT attached.table_name FROM koku_internal.partitions($1) AS attached
WHERE attached.first_day <= $2 AND attached.end_day > $2;
$$;
COMMENT ON FUNCTION koku_internal.tables_without_partition(name, date) IS
'Partitioned tables of a tenant whose rows of a day would go to the default partition.';
