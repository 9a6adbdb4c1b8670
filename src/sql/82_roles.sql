-- Two roles: koku_ingest hands payloads over, koku_read reads. docs/roles.md says what each may do.

CREATE FUNCTION @extschema@.koku_internal_role_grants() RETURNS TABLE (role_name name, privilege text, object text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
WITH member AS (
    SELECT dependency.classid, dependency.objid
    FROM pg_depend AS dependency
    JOIN pg_extension AS extension ON extension.oid = dependency.refobjid AND extension.extname = 'koku_onprem'
    WHERE dependency.refclassid = 'pg_extension'::regclass AND dependency.deptype = 'e'
)
SELECT granted.role_name::name, 'EXECUTE', 'FUNCTION ' || routine.oid::regprocedure
FROM (VALUES ('koku_ingest', 'koku_ingest_payload'), ('koku_ingest', 'koku_ingest_file'),
             ('koku_ingest', 'koku_ingest_large_object'), ('koku_ingest', 'koku_submit_payload'),
             ('koku_read', 'koku_check'), ('koku_read', 'koku_health')) AS granted (role_name, routine_name)
JOIN pg_proc AS routine ON routine.proname = granted.routine_name
JOIN member ON member.classid = 'pg_proc'::regclass AND member.objid = routine.oid
UNION ALL
SELECT 'koku_read', 'SELECT', 'TABLE ' || relation.oid::regclass
FROM pg_class AS relation
JOIN member ON member.classid = 'pg_class'::regclass AND member.objid = relation.oid
WHERE relation.relkind = 'v' AND relation.relname NOT LIKE 'koku\_internal\_%'
   -- Tables that no view stands for. koku_inbox is not among them: its bytes are for nobody to read.
   OR relation.relkind = 'r'
      AND relation.relname IN ('koku_tenant', 'koku_operator_version', 'koku_run_step', 'koku_purge', 'koku_source_deletion',
                               'koku_catalogue_table', 'koku_catalogue_column', 'koku_catalogue_key')
UNION ALL
SELECT role, 'USAGE', 'SCHEMA @extschema@' FROM unnest(ARRAY['koku_ingest', 'koku_read']::name[]) AS role;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_role_grants() IS
'What koku_create_roles() grants on objects of the extension.';

CREATE FUNCTION @extschema@.koku_internal_grant_tenant(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    relation regclass;
BEGIN
    -- The role is there for all databases; whether it is used in this one shows in its rights.
    IF to_regrole('koku_read') IS NULL
       OR NOT has_table_privilege('koku_read', '@extschema@.koku_tenant'::regclass, 'SELECT') THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO koku_read', tenant);
    FOR relation IN
        SELECT listed.relation FROM @extschema@.koku_internal_tables_of_tenant(tenant) AS listed
        WHERE listed.relation IS NOT NULL
        ORDER BY listed.position
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO koku_read', relation);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_grant_tenant(name) IS
'Lets koku_read, where koku_create_roles() was called, read the tables of a tenant: with them, through them, all partitions.';

CREATE FUNCTION @extschema@.koku_internal_check_extension_schema() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Its functions call each other there with the rights of their owner: nobody may put others of the same name beside.
    IF has_schema_privilege('public', '@extschema@'::regnamespace, 'CREATE') THEN
        RAISE EXCEPTION 'everybody can create objects in schema @extschema@'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'The extension lives there; functions that others create there could be called with its rights.',
                  HINT = 'REVOKE CREATE ON SCHEMA @extschema@ FROM PUBLIC; then call koku_create_roles() again.';
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_check_extension_schema() IS
'Raises 55000 when PUBLIC can create objects in the schema of the extension.';

CREATE FUNCTION @extschema@.koku_create_roles() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    role_name name;
    granted record;
BEGIN
    PERFORM @extschema@.koku_internal_check_extension_schema();
    FOREACH role_name IN ARRAY ARRAY['koku_ingest', 'koku_read']::name[] LOOP
        IF to_regrole(role_name::text) IS NULL THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
    END LOOP;
    FOR granted IN SELECT * FROM @extschema@.koku_internal_role_grants() LOOP
        EXECUTE format('GRANT %s ON %s TO %I', granted.privilege, granted.object, granted.role_name);
    END LOOP;
    PERFORM @extschema@.koku_internal_grant_tenant(known.tenant) FROM @extschema@.koku_tenant AS known ORDER BY known.tenant;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_create_roles() IS
'Creates the roles koku_ingest (hands payloads over) and koku_read (reads tenants'' tables and views of the state), where they are missing, and grants them what they may do in this database; GRANT koku_read TO somebody does the rest. Tenants that are created later are granted by themselves. Running it again changes nothing; after an upgrade it adds what is new. Errors: 42501 no right to create roles, 55000 everybody can create objects in the extension''s schema.';
