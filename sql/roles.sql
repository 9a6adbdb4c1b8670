-- What ordinary users may do: nothing before a grant, exactly what docs/roles.md says afterwards; and what they cannot trick.
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set tenant 'T"q''s \\ ünï'
\set source '00000000-0000-0000-0000-0000000aa001'
SELECT koku_create_source('cl"us''ter ü', 'N"a''me \ ü', :'tenant', :'source');
CREATE ROLE regress_koku_sender;
CREATE ROLE regress_koku_reader;
CREATE ROLE regress_koku_nobody;
CREATE ROLE regress_koku_admin SUPERUSER;

-- All rights on all objects of the extension and of tenants, partitions included: a new object cannot be forgotten.
CREATE FUNCTION test.rights_of(who name) RETURNS TABLE (object text, rights text) LANGUAGE sql AS $$
WITH member AS (
    SELECT objid, classid FROM pg_depend JOIN pg_extension e ON e.oid = refobjid AND extname = 'koku_onprem' WHERE deptype = 'e'
), found AS (
    SELECT 'function ' || oid::regprocedure AS object, privilege FROM pg_proc, (VALUES ('EXECUTE')) p (privilege)
    WHERE (oid, 'pg_proc'::regclass) IN (SELECT * FROM member) AND has_function_privilege(who, oid, privilege)
    UNION ALL
    SELECT 'table ' || c.oid::regclass, privilege FROM pg_class c, (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) p (privilege)
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND ((c.oid, 'pg_class'::regclass) IN (SELECT * FROM member) OR relnamespace::regnamespace::name IN (SELECT tenant FROM koku_tenant))
      AND (has_table_privilege(who, c.oid, privilege) OR privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege(who, c.oid, privilege))
    UNION ALL
    SELECT 'sequence ' || c.oid::regclass, privilege FROM pg_class c, (VALUES ('USAGE'), ('SELECT'), ('UPDATE')) p (privilege)
    WHERE relkind = 'S' AND ((c.oid, 'pg_class'::regclass) IN (SELECT * FROM member) OR relnamespace::regnamespace::name IN (SELECT tenant FROM koku_tenant))
      AND has_sequence_privilege(who, c.oid, privilege)
    UNION ALL
    SELECT 'schema ' || quote_ident(tenant), privilege FROM koku_tenant, (VALUES ('USAGE'), ('CREATE')) p (privilege) WHERE has_schema_privilege(who, tenant, privilege)
)
SELECT object, string_agg(privilege, ', ' ORDER BY privilege) FROM found GROUP BY object ORDER BY object COLLATE "C";
$$;
SELECT who, r.* FROM unnest(ARRAY['public', 'regress_koku_sender', 'regress_koku_reader']::name[]) who, test.rights_of(who) r;

-- Not while everybody could put functions beside those of the extension.
GRANT CREATE ON SCHEMA public TO PUBLIC;
SELECT * FROM test.error_of('SELECT koku_create_roles()');
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SELECT koku_create_roles();
SELECT koku_create_roles();  -- changes nothing
GRANT koku_ingest TO regress_koku_sender;
GRANT koku_read TO regress_koku_reader;
-- A tenant and partitions that are made later.
SELECT koku_create_tenant('t_roles');
SELECT count(koku_internal.ensure_partition('t_roles', table_name::name, '2026-11-01')) FROM koku_catalogue_table WHERE partition_column IS NOT NULL;
SELECT who, r.* FROM unnest(ARRAY['public', 'regress_koku_nobody', 'regress_koku_sender']::name[]) who, test.rights_of(who) r;
SELECT * FROM test.rights_of('regress_koku_reader') WHERE object !~ '^table (t_roles|"T)';
SELECT count(*), count(*) FILTER (WHERE rights <> 'SELECT') AS more_than_read, string_agg(object, ', ') FILTER (WHERE object ~ '20\d\d|default') AS partitions
FROM test.rights_of('regress_koku_reader') WHERE object ~ '^table t_roles';

-- A sender sends, whatever his settings, and can do nothing else. (Those of the extension are for administrators, also before the library is loaded.)
SELECT test.payload(test.manifest(1, ARRAY['a.csv'], changes => '{"cluster_id": "cl\"us''ter ü"}'), test.member('a.csv', test.namespaces(ARRAY['it''s "a" \ ü'], 24))) AS payload \gset
SELECT test.payload(test.manifest(2, '{}', changes => '{"cluster_id": "cl\"us''ter ü", "start": "2020-01-01", "end": "2020-01-02"}')) AS old_payload \gset
SELECT test.payload(test.manifest(3, '{}', changes => '{"cluster_id": "cl\"us''ter ü"}')) AS other_payload \gset
\set tenant 'T"q''s \\ ünï'
GRANT USAGE ON SCHEMA test TO PUBLIC;
SELECT lo_from_bytea(987001, :'payload');
\c
SET SESSION AUTHORIZATION regress_koku_sender;
SET koku_onprem.inbox_max_payload_size = '1GB';
SET row_security = off;
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SET backslash_quote = on;
SET quote_all_identifiers = on;
SET array_nulls = off;
SET extra_float_digits = -15;
SET datestyle = 'German';
SET intervalstyle = 'iso_8601';
SET timezone = 'Pacific/Kiritimati';
SET transform_null_equals = on;
SELECT report_type, day = '05.11.2026' AS day, action, rows_loaded FROM koku_ingest_payload(:'payload');
SHOW koku_onprem.inbox_max_payload_size;
SELECT * FROM test.error_of('SET koku_onprem.inbox_max_payload_size = 1000');
RESET SESSION AUTHORIZATION;
SELECT koku_set_retention(3, :'tenant');
SET SESSION AUTHORIZATION regress_koku_sender;
SELECT sqlstate_, message FROM test.error_of('SELECT koku_ingest_payload(' || quote_literal(:'old_payload') || ')');
RESET SESSION AUTHORIZATION;
SELECT koku_set_retention(NULL, :'tenant');
SET SESSION AUTHORIZATION regress_koku_sender;
RESET ALL;
SET client_min_messages = warning;
SET datestyle = 'ISO';
SELECT koku_submit_payload(:'other_payload', 'req"uest''s ü');
SELECT sqlstate_, message, hint FROM test.error_of('SELECT koku_ingest_file(''/etc/hostname'')');
SELECT sqlstate_, message FROM test.error_of('SELECT koku_ingest_large_object(987001)');
SELECT lo_from_bytea(987002, :'payload');
SELECT file, action FROM koku_ingest_large_object(987002);
SELECT statement, sqlstate_, message FROM (VALUES ('SELECT koku_create_tenant(''x'')'), ('CALL koku_run()'), ('SELECT koku_purge_expired()'), ('SELECT koku_health()'),
    ('TABLE koku_inbox'), ('TABLE koku_sources'), ('TABLE koku_source'), ('TABLE t_roles.reporting_ocp_nodes'), ('SELECT koku_internal.today()')) s (statement), test.error_of(statement);

-- Who owns a table cannot have an administrator who maintains it read a file for him.
RESET SESSION AUTHORIZATION;
GRANT CREATE, USAGE ON SCHEMA t_roles TO regress_koku_sender;
SET SESSION AUTHORIZATION regress_koku_sender;
CREATE FUNCTION t_roles.bait(number integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE TABLE t_roles.bait AS SELECT 1 AS number;
CREATE INDEX ON t_roles.bait (t_roles.bait(number));
CREATE OR REPLACE FUNCTION t_roles.bait(number integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS 'BEGIN PERFORM public.koku_ingest_file(''/etc/hostname''); RETURN 1; END';
RESET SESSION AUTHORIZATION;
SELECT sqlstate_, message FROM test.error_of('REINDEX TABLE t_roles.bait');
SET SESSION AUTHORIZATION regress_koku_sender;
CREATE OR REPLACE FUNCTION t_roles.bait(number integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS 'BEGIN PERFORM public.koku_ingest_large_object(987001); RETURN 1; END';
RESET SESSION AUTHORIZATION;
SELECT sqlstate_, message FROM test.error_of('REINDEX TABLE t_roles.bait');
DROP TABLE t_roles.bait;
DROP FUNCTION t_roles.bait(integer);
REVOKE ALL ON SCHEMA t_roles FROM regress_koku_sender;

-- A reader reads, through the parents.
SET SESSION AUTHORIZATION regress_koku_reader;
SELECT name, tenant, cluster_id FROM koku_sources;
SELECT request_id, status, bytes > 0 AS bytes FROM koku_inbox_status;
SELECT count(*) FROM "T""q's \ ünï".openshift_namespace_labels_line_items;
SELECT namespace, namespace_labels FROM "T""q's \ ünï".openshift_namespace_labels_line_items_daily;
SELECT count(*) > 5 AS checks FROM koku_health();
SELECT count(*) FROM koku_check('00000000-0000-0000-0000-0000000aa001', 2026, 11);
SELECT statement, sqlstate_, message FROM (VALUES ('TABLE koku_inbox'), ('SELECT koku_submit_payload(''x'')'), ('SELECT koku_delete_source(''00000000-0000-0000-0000-0000000aa001'')'),
    ('TABLE t_roles.openshift_node_labels_line_items_2026_11'), ('DELETE FROM t_roles.reporting_ocp_nodes'), ('SELECT nextval(''koku_inbox_id_seq'')')) s (statement), test.error_of(statement);
-- Every view that he may read can be read.
RESET SESSION AUTHORIZATION;
CREATE FUNCTION test.read_all() RETURNS TABLE (relation text, problem text) LANGUAGE plpgsql AS $$
BEGIN
    FOR relation IN SELECT substring(object FROM 'table (.*)') FROM test.rights_of('regress_koku_reader') WHERE object LIKE 'table %' LOOP
        SELECT message INTO problem FROM test.error_of('SELECT count(*) FROM ' || relation);
        IF problem IS NOT NULL THEN RETURN NEXT; END IF;
    END LOOP;
END;
$$;
SET SESSION AUTHORIZATION regress_koku_reader;
SELECT * FROM test.read_all();
RESET SESSION AUTHORIZATION;

-- Row security: what a policy shows to readers is theirs; loading and summaries are not touched by it.
ALTER TABLE "T""q's \ ünï".openshift_namespace_labels_line_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE "T""q's \ ünï".openshift_namespace_labels_line_items_2026_11 ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON "T""q's \ ünï".openshift_namespace_labels_line_items TO regress_koku_reader USING (namespace = 'seen');
SELECT test.payload(test.manifest(4, ARRAY['a.csv'], 20, '{"cluster_id": "cl\"us''ter ü"}'), test.member('a.csv', test.namespaces(ARRAY['seen', 'unseen'], 20))) AS payload \gset
SET SESSION AUTHORIZATION regress_koku_sender;
SELECT action, rows_loaded FROM koku_ingest_payload(:'payload', force => true);
SET SESSION AUTHORIZATION regress_koku_reader;
SELECT namespace, count(*) FROM "T""q's \ ünï".openshift_namespace_labels_line_items GROUP BY namespace;
RESET SESSION AUTHORIZATION;
SELECT namespace, count(*) FROM "T""q's \ ünï".openshift_namespace_labels_line_items GROUP BY namespace ORDER BY namespace;

-- A table that somebody puts where a partition will be is not taken.
GRANT CREATE, USAGE ON SCHEMA t_roles TO regress_koku_nobody;
SET SESSION AUTHORIZATION regress_koku_nobody;
CREATE TABLE t_roles.reporting_ocp_pod_summary_p_2026_12 (usage_start date DEFAULT now());
RESET SESSION AUTHORIZATION;
SELECT * FROM test.error_of($$SELECT koku_internal.ensure_partition('t_roles', 'reporting_ocp_pod_summary_p', '2026-12-01')$$);
-- One of another administrator is.
ALTER TABLE t_roles.reporting_ocp_pod_summary_p_2026_12 OWNER TO regress_koku_admin;
SELECT sqlstate_ FROM test.error_of($$SELECT koku_internal.ensure_partition('t_roles', 'reporting_ocp_pod_summary_p', '2026-12-01')$$);
DROP TABLE t_roles.reporting_ocp_pod_summary_p_2026_12;

-- A search_path that begins with a schema where everything is a trap: each function, operator and type of the server that can be
-- made again, and each object of the extension. Nobody steps into one, not even an administrator with that search_path.
CREATE SCHEMA regress_trap;
CREATE SEQUENCE regress_trap.calls;
CREATE FUNCTION test.set_traps() RETURNS TABLE (kind text, traps bigint) LANGUAGE plpgsql SET client_min_messages = error AS $$
DECLARE
    target record;
    body text := 'AS $trap$ BEGIN PERFORM pg_catalog.nextval(''regress_trap.calls''); RAISE EXCEPTION ''stepped into a trap''; END $trap$';
BEGIN
    -- The types in signatures are to be written with their schema.
    PERFORM set_config('search_path', 'pg_catalog', true);
    traps := 0;
    kind := 'functions';
    FOR target IN
        SELECT proname, pg_get_function_identity_arguments(p.oid) AS arguments, p.oid FROM pg_proc p
        WHERE prokind = 'f' AND provariadic = 0 AND (pronamespace = 'pg_catalog'::regnamespace OR pronamespace = 'koku_internal'::regnamespace OR pronamespace = 'public'::regnamespace AND proname LIKE 'koku\_%')
          AND NOT EXISTS (SELECT FROM unnest(proargtypes) a JOIN pg_type t ON t.oid = a WHERE t.typtype = 'p')
    LOOP
        BEGIN
            EXECUTE format('CREATE FUNCTION regress_trap.%I(%s) RETURNS %s LANGUAGE plpgsql %s', target.proname,
                (SELECT string_agg(format_type(a, NULL), ', ' ORDER BY n) FROM pg_proc p, unnest(p.proargtypes) WITH ORDINALITY AS u (a, n) WHERE p.oid = target.oid),
                (SELECT CASE WHEN t.typtype = 'p' THEN 'text' ELSE format_type(t.oid, NULL) END FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype WHERE p.oid = target.oid), body);
            traps := traps + 1;
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
    RETURN NEXT;
    traps := 0;
    kind := 'operators';
    FOR target IN
        SELECT oprname, format_type(oprleft, NULL) AS left_type, format_type(oprright, NULL) AS right_type, proname
        FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
        WHERE oprkind = 'b' AND oprnamespace = 'pg_catalog'::regnamespace
    LOOP
        BEGIN
            EXECUTE format('CREATE OPERATOR regress_trap.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = regress_trap.%I)',
                target.oprname, target.left_type, target.right_type, target.proname);
            traps := traps + 1;
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
    RETURN NEXT;
    traps := 0;
    kind := 'relations';
    EXECUTE 'CREATE FUNCTION regress_trap.trap() RETURNS boolean LANGUAGE plpgsql ' || body;
    FOR target IN
        SELECT DISTINCT relname FROM pg_class WHERE relkind IN ('r', 'v') AND (relnamespace = 'pg_catalog'::regnamespace OR relnamespace = 'koku_internal'::regnamespace OR relnamespace = 'public'::regnamespace AND relname LIKE 'koku\_%')
    LOOP
        EXECUTE format('CREATE VIEW regress_trap.%I AS SELECT regress_trap.trap() AS trap', target.relname);
        traps := traps + 1;
    END LOOP;
    RETURN NEXT;
    traps := 0;
    kind := 'types';
    FOR target IN SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' AND typelem = 0 LOOP
        EXECUTE format('CREATE DOMAIN regress_trap.%1$I AS pg_catalog.%1$I CHECK (regress_trap.trap())', target.typname);
        traps := traps + 1;
    END LOOP;
    EXECUTE 'CREATE TYPE regress_trap.record AS (trap pg_catalog.int4)';
    RETURN NEXT;
END;
$$;
SELECT kind, traps > CASE kind WHEN 'types' THEN 40 WHEN 'relations' THEN 150 ELSE 500 END AS enough FROM test.set_traps();
GRANT USAGE ON SCHEMA regress_trap TO PUBLIC;
GRANT USAGE ON SEQUENCE regress_trap.calls TO PUBLIC;
SELECT test.payload(test.manifest(5, ARRAY['a.csv'], 22, '{"cluster_id": "cl\"us''ter ü"}'), test.member('a.csv', test.namespaces(ARRAY['ns'], 22))) AS payload \gset
SELECT test.payload(test.manifest(6, ARRAY['a.csv'], 23, '{"cluster_id": "cl\"us''ter ü"}'), test.member('a.csv', test.namespaces(ARRAY['ns'], 23))) AS other_payload \gset
ALTER TABLE "T""q's \ ünï".openshift_namespace_labels_line_items_2026_11 DISABLE ROW LEVEL SECURITY;
SET SESSION AUTHORIZATION regress_koku_sender;
CREATE TEMP VIEW koku_source AS SELECT regress_trap.trap();
CREATE TEMP VIEW koku_tag_key AS SELECT regress_trap.trap();
CREATE TEMP VIEW pg_class AS SELECT regress_trap.trap();
CREATE DOMAIN pg_temp.date AS pg_catalog.date CHECK (regress_trap.trap());
SET search_path = regress_trap, pg_temp, pg_catalog, public;
SELECT public.koku_ingest_payload(:'payload', force => true);
SELECT public.koku_submit_payload(:'other_payload');
SET SESSION AUTHORIZATION regress_koku_reader;
SELECT check_name, status FROM public.koku_health() WHERE status OPERATOR(pg_catalog.=) 'error';
SELECT pg_catalog.count(*) OPERATOR(pg_catalog.>=) 0 AS read FROM public.koku_data_gaps;
SELECT tenant FROM public.koku_sources;
RESET SESSION AUTHORIZATION;
DROP VIEW pg_temp.koku_tag_key;
CALL public.koku_run();
SELECT status, error_message FROM public.koku_inbox;
SELECT month, last_error FROM public.koku_summary_request;
SELECT step, last_error FROM public.koku_run_step;
SELECT count(*) FROM public.koku_summarize('00000000-0000-0000-0000-0000000aa001', 2026, 11);
SELECT day FROM public.koku_check('00000000-0000-0000-0000-0000000aa001', 2026, 11);
SELECT public.koku_create_tenant('t_roles_2');
SELECT relation FROM public.koku_check_tenant('t_roles_2');
SELECT public.koku_create_roles();
SELECT public.koku_map_tags('a', '{b}', 't_roles_2');
SELECT public.koku_set_cost_category('x%', 'X', 't_roles_2');
SELECT count(*) FROM public.koku_purge_expired('t_roles_2', '2026-11-22');
SELECT count(*) FROM public.koku_delete_source('00000000-0000-0000-0000-0000000aa001');
SELECT public.koku_create_source('roles-2', NULL, 't_roles_2', '00000000-0000-0000-0000-0000000aa002');

-- Who writes cost models has no right on the tables, and reads as a reader does.
CREATE ROLE regress_koku_accountant;
GRANT koku_cost_admin TO regress_koku_accountant;
SET SESSION AUTHORIZATION regress_koku_accountant;
SELECT public.koku_create_cost_model('{"name": "m", "currency": "USD", "uuid": "00000000-0000-0000-0000-0000000aa0c1", "rates": [{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1}]}]}',
    '{00000000-0000-0000-0000-0000000aa002}', 't_roles_2');
SELECT public.koku_update_cost_model('00000000-0000-0000-0000-0000000aa0c1', '{"markup": {"value": 1}}', 't_roles_2');
SELECT name, sources, rates FROM public.koku_cost_models;
SELECT count(*) FROM public.koku_check_costs('00000000-0000-0000-0000-0000000aa002', 2026, 11);
SELECT name FROM t_roles_2.price_list;
SELECT statement, sqlstate_, message FROM (VALUES ('UPDATE t_roles_2.cost_model SET name = ''x'''), ('TABLE public.koku_cost_request'),
    ('TABLE public.koku_cost_change'), ('SELECT public.koku_create_tenant(''x'')')) s (statement), test.error_of(statement);
SELECT public.koku_delete_cost_model('00000000-0000-0000-0000-0000000aa0c1', 't_roles_2');
SET SESSION AUTHORIZATION regress_koku_reader;
SELECT name FROM public.koku_cost_models;
SELECT sqlstate_, message FROM test.error_of('SELECT public.koku_create_cost_model(''{"name": "m", "currency": "USD"}'')');
RESET SESSION AUTHORIZATION;
RESET search_path;
SELECT is_called AS stepped_into_a_trap FROM regress_trap.calls;

RESET SESSION AUTHORIZATION;
SET client_min_messages = error;
DROP SCHEMA regress_trap CASCADE;
DROP OWNED BY regress_koku_sender, regress_koku_reader, regress_koku_nobody, regress_koku_admin, regress_koku_accountant, koku_ingest, koku_read, koku_cost_admin;
DROP ROLE regress_koku_sender, regress_koku_reader, regress_koku_nobody, regress_koku_admin, regress_koku_accountant, koku_ingest, koku_read, koku_cost_admin;
