-- Monthly partitions.

CREATE FUNCTION koku_internal.track_partition(
    tenant name, table_name name, partition_name name, parameters jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent regclass := format('%I.%I', tenant, table_name)::regclass;
    partition regclass;
BEGIN
    EXECUTE format(
        'INSERT INTO %I.partitioned_tables (schema_name, table_name, partition_of_table_name, partition_type,'
        ' partition_col, partition_parameters, active) VALUES ($1, $2, $3, ''range'', ''usage_start'', $4, true)'
        ' ON CONFLICT (schema_name, table_name) DO UPDATE SET active = true', tenant)
    USING tenant, partition_name, table_name, parameters;
    -- The trigger of other software leaves it to whoever inserted the row.
    SELECT class.oid INTO partition FROM pg_class AS class
    WHERE class.oid = to_regclass(format('%I.%I', tenant, partition_name)) AND class.relowner = quote_ident(current_user)::regrole;
    IF FOUND THEN
        PERFORM koku_internal.give_to(partition, (SELECT class.relowner FROM pg_class AS class WHERE class.oid = parent));
        PERFORM koku_internal.grant_as_on(partition, parent);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.track_partition(name, name, name, jsonb) IS
'Makes a partition by writing its tracking row; one that was tracked but detached is attached again. It belongs to the owner of its parent and has its privileges, whatever trigger made it.';

CREATE FUNCTION koku_internal.require_leaf(partition regclass) RETURNS regclass
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = partition) <> 'r' THEN
        RAISE EXCEPTION 'partition % is not an ordinary table', partition
            USING ERRCODE = 'wrong_object_type', HINT = 'Replace it by a table that holds the rows of its month itself.';
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
'Whether the bounds of a partition are a range of days that holds the whole month of a day; false for the default partition and for a table that is none.';

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
'The partition that other software made for the month of a day, whatever its name; NULL when there is none. Raises 55000 when it holds only part of the month.';

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
        RAISE EXCEPTION 'table % is no partition of %', qualified_name, parent
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
                  HINT = format('Set partition_parameters in its row of %I.partitioned_tables to its month, or rename it.', tenant);
    END IF;
    RETURN koku_internal.require_leaf(partition);
END;
$$;
COMMENT ON FUNCTION koku_internal.ensure_partition(name, name, date) IS
'The partition of a tenant''s table for the month of a day, made when it is missing; rows of the month leave the default partition. Raises 55000 when a partition with the name of the month holds other days. One catalogue look-up when it exists, the tenant''s table lock when it must be made. Call it for everything a transaction will touch before rows that sources share are written.';

CREATE FUNCTION koku_internal.tables_without_partition(tenant name, month date) RETURNS SETOF name
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
-- A table that the tenant lacks, as after an upgrade until koku_create_tenant() is called, can have no partition either.
SELECT catalogue.table_name::name FROM @extschema@.koku_catalogue_table AS catalogue
WHERE catalogue.partition_column IS NOT NULL AND to_regclass(format('%I.%I', $1, catalogue.table_name)) IS NOT NULL
EXCEPT
SELECT attached.table_name FROM koku_internal.partitions($1) AS attached
WHERE attached.first_day <= $2 AND attached.end_day > $2;
$$;
COMMENT ON FUNCTION koku_internal.tables_without_partition(name, date) IS
'Partitioned tables of a tenant whose rows of a day would go to the default partition.';
