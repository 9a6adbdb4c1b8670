-- Functions that somebody who may create in the extension's schema puts beside its own, with parameters that fit a careless
-- call better: none is ever called by the extension, whose schema of its own is closed to all.
SET client_min_messages = warning;
SET datestyle = 'ISO';
CREATE ROLE regress_koku_mallory;
\set source '00000000-0000-0000-0000-0000000ab001'
\set other '00000000-0000-0000-0000-0000000ab002'
SELECT koku_create_source('overloads', 'Overloads', 't_overloads', :'source');
SELECT test.payload(test.manifest(1, ARRAY['a.csv'], changes => '{"cluster_id": "overloads"}'), test.member('a.csv', test.namespaces(ARRAY['ns'], 24))) AS payload \gset
SELECT test.payload(test.manifest(2, ARRAY['a.csv'], changes => '{"cluster_id": "overloads"}'), test.member('a.csv', test.namespaces(ARRAY['ns'], 24, day => '2026-10-05'))) AS earlier \gset

-- Whoever can create there is named; roles are not made meanwhile. The owner of the database is such a role.
SELECT check_name, status FROM koku_health() WHERE check_name = 'schemas';
GRANT CREATE, USAGE ON SCHEMA public TO regress_koku_mallory;
SELECT * FROM test.error_of('SELECT koku_create_roles()');
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'schemas';
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO regress_koku_mallory', current_database()); END $$;
REVOKE CREATE ON SCHEMA public FROM regress_koku_mallory;
ALTER SCHEMA public OWNER TO regress_koku_mallory;
SELECT sqlstate_, message FROM test.error_of('SELECT koku_create_roles()');
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO postgres', current_database()); END $$;
SELECT sqlstate_, message FROM test.error_of('SELECT koku_create_roles()');
SELECT * FROM test.error_of('SET ROLE regress_koku_mallory; CREATE FUNCTION koku_internal.today(date) RETURNS date LANGUAGE sql AS ''SELECT $1''');
RESET ROLE;

-- Each function of the extension and each that it had under another name, once for each parameter that another type could
-- stand for, and once for each number of parameters that can be left out.
CREATE SCHEMA regress_overload;
CREATE SEQUENCE regress_overload.calls;
GRANT USAGE ON SCHEMA regress_overload TO PUBLIC;
GRANT USAGE ON SEQUENCE regress_overload.calls TO PUBLIC;
GRANT USAGE ON SCHEMA test TO PUBLIC;
CREATE FUNCTION test.overload() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    target record;
    made bigint := 0;
    others CONSTANT jsonb := '{"name": ["text", "varchar"], "text": ["name", "varchar", "unknown"], "int4": ["int2", "int8"],
        "int8": ["int4"], "regclass": ["oid", "text", "name"], "oid": ["regclass", "int8"], "timestamptz": ["timestamp", "date"],
        "date": ["timestamp", "timestamptz", "text"], "jsonb": ["json", "text"], "uuid": ["text"], "_name": ["_text"],
        "_text": ["_name"], "numeric": ["int4", "float8"], "float8": ["numeric"], "bytea": ["text"], "bool": ["text"]}';
BEGIN
    FOR target IN
        WITH routine AS (
            SELECT DISTINCT prefix.prefix || proname AS name, p.oid, p.prokind, p.proretset, p.pronargs, p.pronargdefaults,
                CASE WHEN type.typtype = 'p' AND type.oid <> 'void'::regtype THEN 'text' ELSE format_type(p.prorettype, NULL) END AS returned,
                ARRAY(SELECT format_type(argument, NULL) FROM unnest(proargtypes) WITH ORDINALITY u (argument, place) ORDER BY place) AS arguments
            FROM pg_proc p
            JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e' AND d.classid = 'pg_proc'::regclass
            JOIN pg_extension e ON e.oid = d.refobjid AND extname = 'koku_onprem'
            JOIN pg_type type ON type.oid = p.prorettype
            CROSS JOIN unnest(CASE WHEN p.pronamespace = 'koku_internal'::regnamespace THEN ARRAY['koku_internal_', ''] ELSE ARRAY[''] END) AS prefix (prefix)
            WHERE p.prokind IN ('f', 'p')
        )
        SELECT routine.*, routine.arguments[:place - 1] || ARRAY[other] || routine.arguments[place + 1:] AS changed
        FROM routine, unnest(routine.arguments) WITH ORDINALITY AS argument (type, place),
            LATERAL (SELECT coalesce(others -> (SELECT typname::text FROM pg_type WHERE oid = argument.type::regtype), '[]') AS types) AS known,
            LATERAL jsonb_array_elements_text(known.types) AS other
        UNION ALL
        SELECT routine.*, routine.arguments[:routine.pronargs - omitted]
        FROM routine, generate_series(1, routine.pronargdefaults) AS omitted
        UNION ALL
        SELECT routine.*, routine.arguments FROM routine
    LOOP
        BEGIN
            EXECUTE format('CREATE %s public.%I(%s) %s LANGUAGE plpgsql AS '
                           '$trap$ BEGIN PERFORM pg_catalog.nextval(''regress_overload.calls''); RAISE EXCEPTION ''an overload was called''; END $trap$',
                CASE target.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, target.name, array_to_string(target.changed, ', '),
                CASE WHEN target.prokind = 'f' THEN 'RETURNS ' || CASE WHEN target.proretset THEN 'SETOF ' ELSE '' END || target.returned ELSE '' END);
            made := made + 1;
        EXCEPTION WHEN OTHERS THEN NULL;  -- the extension's own, or no type for parameters
        END;
    END LOOP;
    RETURN made;
END;
$$;
SET SESSION AUTHORIZATION regress_koku_mallory;
SELECT test.overload() > 500 AS enough;
RESET SESSION AUTHORIZATION;

-- What people and koku_run() call, each with all parameters in their types, by somebody whose search_path has that schema.
SET search_path = public;
SELECT action FROM public.koku_ingest_payload(:'payload'::bytea, NULL::name, false, false);
SELECT public.koku_submit_payload(:'earlier'::bytea, NULL::text, NULL::name) IS NOT NULL AS submitted;
CALL public.koku_run(NULL::integer);
SELECT status, error_message FROM public.koku_inbox;
SELECT step, last_error FROM public.koku_run_step WHERE last_error IS NOT NULL;
SELECT month, last_error FROM public.koku_summary_request;
SELECT count(*) > 0 AS summarized FROM public.koku_summarize(:'source'::uuid, 2026, 11);
SELECT day FROM public.koku_check(:'source'::uuid, 2026, 11);
SELECT public.koku_create_source('another'::text, NULL::text, 't_overloads_2'::name, :'other'::uuid) IS NOT NULL AS registered;
SELECT relation FROM public.koku_check_tenant('t_overloads_2'::name);
SELECT public.koku_save_report('t_overloads'::name, '2026-11-01'::date, NULL::text);
SELECT public.koku_enable_tags('{a}'::text[], 't_overloads'::name) IS NOT NULL AS enabled;
SELECT public.koku_map_tags('a'::text, '{b}'::text[], 't_overloads'::name);
SELECT public.koku_unmap_tags('{b}'::text[], 't_overloads'::name);
SELECT public.koku_disable_tags('{a}'::text[], 't_overloads'::name) IS NOT NULL AS disabled;
SELECT public.koku_set_cost_category('x%'::text, 'X'::text, 't_overloads'::name);
SELECT public.koku_rename_cost_category('X'::text, 'Y'::text, 't_overloads'::name);
SELECT public.koku_unset_cost_category('x%'::text, 't_overloads'::name);
SELECT public.koku_set_retention(2, 't_overloads'::name);
SELECT public.koku_alter_source(:'other'::uuid, 'Other'::text, false);
SELECT count(*) > 5 AS checked FROM public.koku_health();
SELECT tenant, status FROM public.koku_sources JOIN public.koku_inbox_status USING (tenant) WHERE false;
SELECT count(*) > 0 AS purged FROM public.koku_purge_expired('t_overloads'::name, '2026-12-22'::date, false);
SELECT count(*) >= 0 AS purged FROM public.koku_purge_source(:'source'::uuid, true);
SELECT count(*) >= 0 AS deleted FROM public.koku_delete_source(:'other'::uuid, true);
CALL public.koku_run(NULL::integer);
SELECT step, last_error FROM public.koku_run_step WHERE last_error IS NOT NULL;
SELECT count(*) AS left_over FROM public.koku_source_deletion;
SELECT count(*) >= 0 AS deleted FROM public.koku_delete_source(:'source'::uuid, false);
SELECT is_called AS an_overload_was_called FROM regress_overload.calls;

RESET search_path;
SET client_min_messages = error;
ALTER SCHEMA public OWNER TO pg_database_owner;
DROP SCHEMA regress_overload CASCADE;
DROP OWNED BY regress_koku_mallory;
DROP ROLE regress_koku_mallory;
