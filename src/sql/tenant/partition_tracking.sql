-- Partitions are made through the tracking table partitioned_tables of the tenant: a row trigger carries out the DDL,
-- so that software which inserts or deletes tracking rows gets what it asks for (spec ingest.md 7).

CREATE FUNCTION koku_internal.partition_name(table_name name, month date) RETURNS name
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT (table_name || to_char(month, '_YYYY_MM'))::name;
$$;
COMMENT ON FUNCTION koku_internal.partition_name(name, date) IS
'Name of the partition of a table for the month of a day, for example reporting_ocp_pod_summary_p_2026_11.';

CREATE FUNCTION koku_internal.is_partition(partition regclass, parent regclass) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = partition AND inhparent = parent);
$$;
COMMENT ON FUNCTION koku_internal.is_partition(regclass, regclass) IS
'Whether the table is attached to the parent; false when either is NULL.';

CREATE FUNCTION koku_internal.has_partition(tenant name, table_name name, month date) RETURNS boolean
LANGUAGE c STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_internal_has_partition';
COMMENT ON FUNCTION koku_internal.has_partition(name, name, date) IS
'Whether the table has a partition for the month of the day, under the name that the extension gives it, which is no '
'partitioned table itself. NULL when an argument is NULL.';

CREATE FUNCTION koku_internal.require_no_foreign(partition regclass, parent regclass) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Its triggers and defaults would run with the rights of whoever loads rows.
    IF EXISTS (SELECT FROM pg_class AS part JOIN pg_roles AS owner ON owner.oid = part.relowner, pg_class AS whole
               WHERE part.oid = partition AND whole.oid = parent AND part.relowner <> whole.relowner
                 AND NOT owner.rolsuper) THEN
        RAISE EXCEPTION 'table % has a different owner than %', partition, parent
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Inspect it, then drop it or give it to the owner of the partitioned table.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_no_foreign(regclass, regclass) IS
'Raises 42501 for a table that belongs to somebody who is neither the owner of the parent nor a superuser; nothing '
'when either is missing.';

CREATE FUNCTION koku_internal.default_partition(parent regclass) RETURNS regclass
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT nullif(partdefid, 0)::regclass FROM pg_partitioned_table WHERE partrelid = parent;
$$;
COMMENT ON FUNCTION koku_internal.default_partition(regclass) IS
'The default partition of a table; NULL when it has none or is not partitioned.';

CREATE FUNCTION koku_internal.partitions(tenant name)
RETURNS TABLE (table_name name, partition regclass, first_day date, end_day date, is_default boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
-- Each relation is looked up: with many tenants the catalogue has hundreds of thousands.
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
SELECT catalogue.table_name::name, child.oid::regclass,
    CASE WHEN bound.days IS NOT NULL THEN coalesce(bound.days[1]::date, '-infinity') END,
    CASE WHEN bound.days IS NOT NULL THEN coalesce(bound.days[2]::date, 'infinity') END,
    coalesce(pg_get_expr(child.relpartbound, child.oid) = 'DEFAULT', false)
FROM @extschema@.koku_catalogue_table AS catalogue
JOIN pg_inherits AS attached ON attached.inhparent = to_regclass(format('%I.%I', $1, catalogue.table_name))
JOIN pg_class AS child ON child.oid = attached.inhrelid
LEFT JOIN LATERAL regexp_match(pg_get_expr(child.relpartbound, child.oid),
    '^FOR VALUES FROM [(](?:''([^'']*)''|MINVALUE)[)] TO [(](?:''([^'']*)''|MAXVALUE)[)]$') AS bound (days) ON true
WHERE catalogue.partition_column IS NOT NULL
ORDER BY catalogue.position, bound.days[2]::date, child.relname;
$$;
COMMENT ON FUNCTION koku_internal.partitions(name) IS
'The partitions that are attached to the tables of a tenant, whoever made them, as the server has them: rows from '
'first_day to the day before end_day; NULL: of the default partition, or bounds that are no range of days.';

CREATE FUNCTION koku_internal.give_to(relation regclass, owner oid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Who is no superuser can give away only to a role that may create tables there.
    IF EXISTS (
        SELECT FROM pg_class AS class
        WHERE class.oid = relation AND class.relowner <> owner
          AND (has_schema_privilege(owner, class.relnamespace, 'CREATE')
               OR EXISTS (SELECT FROM pg_roles AS self WHERE self.rolname = current_user AND self.rolsuper)))
    THEN
        EXECUTE format('ALTER TABLE %s OWNER TO %I', relation, pg_get_userbyid(owner));
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.give_to(regclass, oid) IS
'Gives a table to a role, where the current one may do that.';

CREATE FUNCTION koku_internal.grant_as_on(partition regclass, parent regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    granted record;
BEGIN
    -- Whoever could read a partition itself would pass by the policies of its parent.
    IF (SELECT class.relrowsecurity FROM pg_class AS class WHERE class.oid = parent) THEN
        RETURN;
    END IF;
    FOR granted IN
        SELECT privilege.privilege_type, privilege.grantee, privilege.is_grantable, NULL::name AS column_name
        FROM pg_class AS class, aclexplode(class.relacl) AS privilege
        -- koku_read reads through the parent.
        WHERE class.oid = parent AND privilege.grantee NOT IN (class.relowner, coalesce(to_regrole('koku_read'), 0))
        UNION ALL
        SELECT privilege.privilege_type, privilege.grantee, privilege.is_grantable, col.attname
        FROM pg_attribute AS col, aclexplode(col.attacl) AS privilege
        WHERE col.attrelid = parent AND NOT col.attisdropped
        ORDER BY 4 NULLS FIRST, 2, 1
    LOOP
        EXECUTE format('GRANT %s%s ON %s TO %s%s', granted.privilege_type,
            '(' || quote_ident(granted.column_name) || ')', partition,
            CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(granted.grantee)) END,
            CASE WHEN granted.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.grant_as_on(regclass, regclass) IS
'Grants on a partition what is granted on its parent and its columns; not to koku_read, and '
'nothing where the parent has row security.';

CREATE FUNCTION koku_internal.mark_tenant(tenant name) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO koku_internal.tenant_mark (tenant) VALUES ($1);
$$;
COMMENT ON FUNCTION koku_internal.mark_tenant(name) IS
'Has the next CALL koku_run() look at the partitions of a tenant: those it lacks, and those that are past the '
'retention.';

CREATE FUNCTION koku_internal.is_regular_month(parameters jsonb) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce((parameters->>'default')::boolean, false)
    OR coalesce((parameters->>'from')::date >= date_trunc('month', koku_internal.today()::timestamp)
                AND (parameters->>'from')::date < koku_internal.first_needless_month(koku_internal.today()), false);
$$;
COMMENT ON FUNCTION koku_internal.is_regular_month(jsonb) IS
'Whether the bounds of a tracking row are those of the default partition, of this month or of the next, which the '
'retention has nothing to do with.';

CREATE FUNCTION koku_internal.create_partition(parent regclass, schema_name name, partition_name name) RETURNS regclass
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    partition regclass;
    like_parent record;
BEGIN
    -- A partitioned table can have an access method only from release 17 of the server on; its default partition can
    -- have one in all of them.
    SELECT class.relowner AS owner, space.spcname AS tablespace, coalesce(own.amname, other.amname) AS access_method
    INTO like_parent
    FROM pg_class AS class
    LEFT JOIN pg_tablespace AS space ON space.oid = class.reltablespace
    LEFT JOIN pg_am AS own ON own.oid = class.relam
    LEFT JOIN pg_class AS default_partition ON default_partition.oid = koku_internal.default_partition(class.oid)
    LEFT JOIN pg_am AS other ON other.oid = default_partition.relam
    WHERE class.oid = parent;
    EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)',
            schema_name, partition_name, parent)
        || coalesce(' USING ' || quote_ident(like_parent.access_method), '')
        || coalesce(' TABLESPACE ' || quote_ident(like_parent.tablespace), '');
    partition := format('%I.%I', schema_name, partition_name)::regclass;
    PERFORM koku_internal.give_to(partition, like_parent.owner);
    PERFORM koku_internal.grant_as_on(partition, parent);
    RETURN partition;
END;
$$;
COMMENT ON FUNCTION koku_internal.create_partition(regclass, name, name) IS
'Makes a table to attach as partition: with the columns, owner, privileges, tablespace and access method (that of its '
'default partition, where it has none itself) of the parent, as if its owner had made it, so that other software that '
'owns the tables can change and drop it.';

CREATE FUNCTION koku_internal.attach_partition(
    parent regclass, partition regclass, partition_column name, parameters jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    default_partition regclass;
    columns text;
BEGIN
    IF (parameters->>'default')::boolean THEN
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s DEFAULT', parent, partition);
        RETURN;
    END IF;

    -- In the order of ATTACH itself: nothing may arrive in the default partition between moving rows and attaching.
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', parent);
    default_partition := koku_internal.default_partition(parent);
    IF default_partition IS NOT NULL THEN
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', default_partition);
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
        FROM pg_attribute
        WHERE attrelid = parent AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
        EXECUTE format(
            'WITH moved AS (DELETE FROM %1$s WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING %5$s)'
            ' INSERT INTO %6$s (%5$s) SELECT %5$s FROM moved',
            default_partition, partition_column, parameters->>'from', parameters->>'to', columns, partition);
    END IF;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
        parent, partition, parameters->>'from', parameters->>'to');
END;
$$;
COMMENT ON FUNCTION koku_internal.attach_partition(regclass, regclass, name, jsonb) IS
'Attaches a table as partition with the bounds of a tracking row, after moving the rows in '
'these bounds out of the default partition.';

CREATE FUNCTION koku_internal.apply_partition() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent regclass;
    partition regclass;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        partition := to_regclass(format('%I.%I', OLD.schema_name, OLD.table_name));
        parent := to_regclass(format('%I.%I', OLD.schema_name, OLD.partition_of_table_name));
        IF TG_OP = 'DELETE' THEN
            -- Attached or not: to detach it first would lock the tables that its foreign keys refer to.
            IF partition IS NOT NULL THEN
                EXECUTE format('DROP TABLE %s', partition);
            END IF;
            IF koku_internal.is_regular_month(OLD.partition_parameters) THEN
                PERFORM koku_internal.mark_tenant(TG_TABLE_SCHEMA);
            END IF;
            RETURN NULL;
        END IF;
        IF koku_internal.is_partition(partition, parent)
           AND (OLD.active, OLD.partition_of_table_name, OLD.partition_parameters)
               IS DISTINCT FROM (NEW.active, NEW.partition_of_table_name, NEW.partition_parameters) THEN
            EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', parent, partition);
        END IF;
    END IF;

    IF TG_OP = 'UPDATE' OR NOT koku_internal.is_regular_month(NEW.partition_parameters) THEN
        PERFORM koku_internal.mark_tenant(TG_TABLE_SCHEMA);
    END IF;

    IF NEW.partition_type <> 'range' THEN
        RAISE EXCEPTION 'partition type "%" is not supported', NEW.partition_type
            USING ERRCODE = 'feature_not_supported',
                  DETAIL = format('The tracking row is that of %I.%I.', NEW.schema_name, NEW.table_name),
                  HINT = 'Partitions are made by range only.';
    END IF;
    parent := format('%I.%I', NEW.schema_name, NEW.partition_of_table_name)::regclass;

    -- An update finds no table when that was dropped by other means than the tracking row.
    IF partition IS NOT NULL THEN
        IF OLD.table_name <> NEW.table_name THEN
            EXECUTE format('ALTER TABLE %s RENAME TO %I', partition, NEW.table_name);
        END IF;
        IF OLD.schema_name <> NEW.schema_name THEN
            EXECUTE format('ALTER TABLE %s SET SCHEMA %I', partition, NEW.schema_name);
        END IF;
    ELSE
        partition := to_regclass(format('%I.%I', NEW.schema_name, NEW.table_name));
        IF partition IS NULL THEN
            partition := koku_internal.create_partition(parent, NEW.schema_name, NEW.table_name);
        ELSE
            PERFORM koku_internal.require_no_foreign(partition, parent);
        END IF;
    END IF;

    IF NEW.active AND NOT koku_internal.is_partition(partition, parent) THEN
        PERFORM koku_internal.attach_partition(
            parent, partition, NEW.partition_col, NEW.partition_parameters);
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION koku_internal.apply_partition() IS
'Row trigger of partitioned_tables. Insert: makes the table and attaches it when active; a table that '
'is there is taken as it is, if the owner of the parent or a superuser owns it (else 42501). Delete: '
'drops it. Update: renames, detaches or attaches where active, the parent or the bounds changed, and '
'makes a table that was dropped by other means.';
