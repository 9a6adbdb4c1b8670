-- Three roles: koku_ingest hands payloads over, koku_read reads, koku_cost_admin writes cost models. docs/roles.md says
-- what each may do.

CREATE FUNCTION koku_internal.role_grants() RETURNS TABLE (role_name name, privilege text, object text)
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
             ('koku_ingest', 'koku_tenant_sources'), ('koku_ingest', 'koku_register_source'),
             ('koku_ingest', 'koku_inbox_backlog'), ('koku_ingest', 'koku_tenant_place'),
             ('koku_read', 'koku_check'), ('koku_read', 'koku_health'), ('koku_read', 'koku_report'),
             ('koku_read', 'koku_check_costs'), ('koku_read', 'cost_models'),
             ('koku_read', 'koku_focus'), ('koku_read', 'budgets_now'),
             ('koku_read', 'month_costs'),
             ('koku_cost_admin', 'koku_create_cost_model'), ('koku_cost_admin', 'koku_update_cost_model'),
             ('koku_cost_admin', 'koku_delete_cost_model'), ('koku_cost_admin', 'koku_assign_cost_model'),
             ('koku_cost_admin', 'koku_unassign_cost_model'), ('koku_cost_admin', 'koku_create_price_list'),
             ('koku_cost_admin', 'koku_update_price_list'), ('koku_cost_admin', 'koku_delete_price_list'),
             ('koku_cost_admin', 'koku_attach_price_list'), ('koku_cost_admin', 'koku_detach_price_list'),
             ('koku_cost_admin', 'koku_update_costs'), ('koku_cost_admin', 'koku_preview_costs'),
             ('koku_cost_admin', 'koku_retry_costs')) AS granted (role_name, routine_name)
JOIN pg_proc AS routine ON routine.proname = granted.routine_name
JOIN member ON member.classid = 'pg_proc'::regclass AND member.objid = routine.oid
UNION ALL
SELECT 'koku_read', 'SELECT', 'TABLE ' || relation.oid::regclass
FROM pg_class AS relation
JOIN member ON member.classid = 'pg_class'::regclass AND member.objid = relation.oid
WHERE relation.relkind = 'v' AND relation.relnamespace <> 'koku_internal'::regnamespace
   -- Tables that no view stands for. koku_inbox is not among them: its bytes are for nobody to read.
   OR relation.relkind = 'r'
      AND relation.relname IN ('koku_tenant', 'koku_operator_version', 'koku_run_step', 'koku_purge',
                               'koku_raw_removal',
                               'koku_source_deletion',
                               'koku_saved_report', 'koku_catalogue_table', 'koku_catalogue_column',
                               'koku_catalogue_key')
UNION ALL
SELECT role, 'USAGE', 'SCHEMA @extschema@'
FROM unnest(ARRAY['koku_ingest', 'koku_read', 'koku_cost_admin']::name[]) AS role;
$$;
COMMENT ON FUNCTION koku_internal.role_grants() IS
'What koku_create_roles() grants on objects of the extension.';

CREATE FUNCTION koku_internal.grant_tenant(tenant name) RETURNS void
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
        SELECT listed.relation FROM koku_internal.tables_of_tenant(tenant) AS listed
        WHERE listed.relation IS NOT NULL
        ORDER BY listed.position
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO koku_read', relation);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.grant_tenant(name) IS
'Lets koku_read, where koku_create_roles() was called, read the tables of a '
'tenant: with them, through them, all partitions.';

-- The extension's own calls cannot be led astray: they name the schema koku_internal, where nobody creates, or give
-- every argument of a public function in its exact type, as do koku-intake and jobs of pg_cron. A person's call with
-- untyped literals can: another function of that name in the extension's schema may fit better.
CREATE FUNCTION koku_internal.strangers_in_schemas() RETURNS TABLE (schema name, stranger name)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT namespace.nspname, CASE WHEN granted.grantee = 0 THEN 'public' ELSE role.rolname END
FROM pg_namespace AS namespace
CROSS JOIN LATERAL aclexplode(coalesce(namespace.nspacl, acldefault('n', namespace.nspowner))) AS granted
CROSS JOIN (SELECT extowner FROM pg_extension WHERE extname = 'koku_onprem') AS extension
LEFT JOIN pg_roles AS role
    ON role.oid = granted.grantee AND role.rolname <> 'pg_database_owner'
    -- The owner of the database stands for its role.
    OR role.oid = (SELECT datdba FROM pg_database WHERE datname = current_database())
       AND granted.grantee = 'pg_database_owner'::regrole
WHERE namespace.nspname IN ('@extschema@', 'koku_internal') AND granted.privilege_type = 'CREATE'
  AND (granted.grantee = 0 OR NOT role.rolsuper AND role.oid <> extension.extowner)
GROUP BY 1, 2
ORDER BY 1, 2;
$$;
COMMENT ON FUNCTION koku_internal.strangers_in_schemas() IS
'Roles (public: everybody) that can create objects in the schemas of the extension although they are neither '
'superusers nor its owner; the owner of a schema or of the database is one of them.';

CREATE FUNCTION koku_internal.require_safe_schemas() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    danger record;
BEGIN
    SELECT * INTO danger FROM koku_internal.strangers_in_schemas() LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% can create objects in schema %',
            CASE danger.stranger WHEN 'public' THEN 'everybody' ELSE format('role "%s"', danger.stranger) END,
                danger.schema
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'The extension lives there. A function that somebody creates beside its own, with '
                           'parameters that fit a call better, would run with the rights of whoever makes that call.',
                  HINT = format(CASE WHEN danger.stranger = 'public' THEN 'REVOKE CREATE ON SCHEMA %I FROM PUBLIC;'
                                     ELSE 'REVOKE CREATE ON SCHEMA %1$I FROM %2$I, '
                                          'or ALTER SCHEMA %1$I OWNER TO a superuser '
                                          'where the role owns it or the database;' END
                                || ' then call koku_create_roles() again.', danger.schema, danger.stranger);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_safe_schemas() IS
'Raises 55000 when anybody but superusers and the owner of the extension can create objects in its schemas.';

CREATE FUNCTION @extschema@.koku_create_roles() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    role_name name;
    granted record;
BEGIN
    PERFORM koku_internal.require_safe_schemas();
    FOREACH role_name IN ARRAY ARRAY['koku_ingest', 'koku_read', 'koku_cost_admin']::name[] LOOP
        IF to_regrole(role_name::text) IS NULL THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
    END LOOP;
    FOR granted IN SELECT * FROM koku_internal.role_grants() LOOP
        EXECUTE format('GRANT %s ON %s TO %I', granted.privilege, granted.object, granted.role_name);
    END LOOP;
    -- Who sets prices sees what they make of usage.
    IF NOT pg_has_role('koku_cost_admin', 'koku_read', 'MEMBER') THEN
        GRANT koku_read TO koku_cost_admin;
    END IF;
    PERFORM koku_internal.grant_tenant(known.tenant) FROM @extschema@.koku_tenant AS known ORDER BY known.tenant;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_create_roles() IS
'Creates the roles koku_ingest (hands payloads over), koku_read (reads tenants'' tables and views of the state) '
'and koku_cost_admin (writes cost models and price lists, and reads as koku_read), where they are missing, and '
'grants them what they may do in this database; GRANT koku_read TO somebody does the rest. Tenants that are '
'created later get the grants automatically. Running it again changes nothing; after an upgrade it adds what is '
'new. Errors: 42501 no right to create roles, 55000 somebody who is neither a superuser nor the owner of the '
'extension can create objects in its schema.';
