-- Tenants whose schema is gone or has another name, and how to move or forget a tenant.

CREATE FUNCTION koku_internal.require_schema(tenant name) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A schema that was dropped and made again has no tables; the tracking table stands for all of them.
    IF to_regclass(format('%I.partitioned_tables', tenant)) IS NULL THEN
        RAISE EXCEPTION '% of tenant "%" does not exist',
                CASE WHEN to_regnamespace(quote_ident(tenant)) IS NULL THEN 'schema'
                    ELSE 'table partitioned_tables' END, tenant
            USING ERRCODE = 'invalid_schema_name',
                  HINT = format('If the schema was renamed, call koku_rename_tenant(%L, new_name); if it is gone for '
                                'good, koku_drop_tenant(%L); koku_create_tenant(%L) makes what is missing, empty.',
                                tenant, tenant, tenant);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_schema(name) IS
'Raises 3F000 when the schema of a tenant was dropped or renamed by other means than the functions for it.';

CREATE FUNCTION koku_internal.require_tables_of_source(tenant name, source uuid) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known boolean;
BEGIN
    PERFORM koku_internal.require_schema(tenant);
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.reporting_tenant_api_provider WHERE uuid = $1)', tenant)
        INTO known USING source;
    IF NOT known THEN
        RAISE EXCEPTION 'source "%" is missing in %.reporting_tenant_api_provider', source, quote_ident(tenant)
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'Other software deleted it there, with rows that belong to it.',
                  HINT = format('koku_delete_source(%L) removes what is left of it; '
                                'koku_create_source() registers its cluster again.', source);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_tables_of_source(name, uuid) IS
'Raises 3F000 when the schema of a tenant is gone, 55000 when other software deleted a source from it.';

CREATE FUNCTION koku_internal.lock_tenant(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    -- In the order of src/sql/tenant/locks.sql: the sources, then the tables.
    PERFORM koku_internal.lock_source(known.source)
    FROM (SELECT listed.source FROM @extschema@.koku_source AS listed
          WHERE listed.tenant = lock_tenant.tenant ORDER BY listed.source) AS known;
    PERFORM koku_internal.lock_tables(tenant);
    -- It may have been dropped or renamed meanwhile.
    PERFORM koku_internal.require_tenant(tenant);
END;
$$;
COMMENT ON FUNCTION koku_internal.lock_tenant(name) IS
'Waits until nobody writes rows of a tenant''s sources or makes tables of it, and keeps others out until the end of '
'the transaction. Raises 42704 when there is no such tenant.';

CREATE FUNCTION @extschema@.koku_drop_tenant(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.lock_tenant(tenant);
    -- With their manifests, files, requests and payloads.
    DELETE FROM @extschema@.koku_source AS known WHERE known.tenant = koku_drop_tenant.tenant;
    DELETE FROM @extschema@.koku_inbox AS inbox WHERE inbox.tenant = koku_drop_tenant.tenant;
    DELETE FROM @extschema@.koku_tenant AS known WHERE known.tenant = koku_drop_tenant.tenant;
    IF to_regnamespace(quote_ident(tenant)) IS NOT NULL THEN
        RAISE NOTICE 'schema "%" and its tables are left in place', tenant
            USING HINT = format('DROP SCHEMA %I CASCADE removes them.', tenant);
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_drop_tenant(name) IS
'Forgets a tenant with its sources, their manifests and their payloads in the inbox. Its schema, if there is one, '
'stays with all tables and rows, for other software to read or for DROP SCHEMA; a cluster that is registered over '
'these rows again has to name its old source (koku_create_source). Waits while another transaction writes rows of its '
'sources. Error: 42704 unknown tenant.';

CREATE FUNCTION koku_internal.rename_tracked_schema(old_name name, new_name name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tracking regclass := format('%I.partitioned_tables', new_name)::regclass;
    triggers record;
BEGIN
    -- The partitions moved with the schema: whatever a trigger would do about the rows is done.
    SELECT string_agg(format('DISABLE TRIGGER %I', tgname), ', ') AS off,
        string_agg(format('ENABLE %sTRIGGER %I',
            CASE tgenabled WHEN 'A' THEN 'ALWAYS ' WHEN 'R' THEN 'REPLICA ' ELSE '' END, tgname), ', ') AS on
    INTO triggers
    FROM pg_trigger WHERE tgrelid = tracking AND NOT tgisinternal AND tgenabled <> 'D';
    IF triggers.off IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s %s', tracking, triggers.off);
    END IF;
    EXECUTE format('UPDATE %s SET schema_name = $2 WHERE schema_name = $1', tracking) USING old_name, new_name;
    IF triggers.on IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s %s', tracking, triggers.on);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.rename_tracked_schema(name, name) IS
'Writes the new name of a schema into its tracking table.';

CREATE FUNCTION @extschema@.koku_rename_tenant(old_name name, new_name name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.require_tenant_name(new_name);
    PERFORM koku_internal.lock_tenant(old_name);
    PERFORM koku_internal.lock_tables(new_name);
    IF EXISTS (SELECT FROM @extschema@.koku_tenant AS known WHERE known.tenant = new_name) THEN
        RAISE EXCEPTION 'tenant "%" already exists', new_name USING ERRCODE = 'duplicate_object';
    END IF;
    -- A schema that was renamed by hand has its new name already.
    IF to_regnamespace(quote_ident(old_name)) IS NOT NULL THEN
        IF to_regnamespace(quote_ident(new_name)) IS NOT NULL THEN
            RAISE EXCEPTION 'schema "%" already exists', new_name
                USING ERRCODE = 'duplicate_schema', HINT = 'Choose another name, or move that schema out of the way.';
        END IF;
        EXECUTE format('ALTER SCHEMA %I RENAME TO %I', old_name, new_name);
    ELSIF to_regclass(format('%I.partitioned_tables', new_name)) IS NULL THEN
        RAISE EXCEPTION 'there is neither a schema "%" nor one "%" with the tables of a tenant', old_name, new_name
            USING ERRCODE = 'invalid_schema_name', HINT = format('koku_drop_tenant(%L) forgets the tenant.', old_name);
    END IF;
    PERFORM koku_internal.rename_tracked_schema(old_name, new_name);

    UPDATE @extschema@.koku_tenant AS known SET tenant = new_name WHERE known.tenant = old_name;
    UPDATE @extschema@.koku_source AS known SET tenant = new_name WHERE known.tenant = old_name;
    UPDATE @extschema@.koku_purge AS done SET tenant = new_name WHERE done.tenant = old_name;
    UPDATE @extschema@.koku_raw_removal AS removal SET tenant = new_name WHERE removal.tenant = old_name;
    DELETE FROM koku_internal.tenant_upkeep AS upkeep WHERE upkeep.tenant IN (old_name, new_name);
    UPDATE @extschema@.koku_budget AS budget SET tenant = new_name WHERE budget.tenant = old_name;
    UPDATE @extschema@.koku_saved_report AS saved SET tenant = new_name WHERE saved.tenant = old_name;
    -- Of the same bytes, submitted under both names, one is enough.
    DELETE FROM @extschema@.koku_inbox AS inbox
    WHERE inbox.tenant = old_name
      AND EXISTS (SELECT FROM @extschema@.koku_inbox AS other WHERE other.digest = inbox.digest
                  AND other.tenant = new_name);
    UPDATE @extschema@.koku_inbox AS inbox SET tenant = new_name WHERE inbox.tenant = old_name;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_rename_tenant(name, name) IS
'Gives a tenant another name: renames its schema, or takes up one that was renamed by hand, with all that '
'the extension keeps of it: sources, manifests, requests, payloads, retention. Waits while another '
'transaction writes rows of its sources. Errors: 42704 unknown tenant, 22023 name not allowed, 42710 or '
'42P06 name taken, 3F000 no schema of either name.';
