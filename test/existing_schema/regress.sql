-- For regression tests: the tables of Koku's API, and what its calls write, owned by the ordinary role regress_koku_app. Variables:
-- api and ours begin what the API does for the organization org1, and end it.
\set api 'SET SESSION AUTHORIZATION regress_koku_app; SET search_path = org1, public;'
\set ours 'RESET SESSION AUTHORIZATION; RESET search_path;'
CREATE ROLE regress_koku_app;
-- The extension's own views of these names are there only because Koku's migrations come later here.
ALTER EXTENSION koku_onprem DROP VIEW reporting_common_costusagereportmanifest;
ALTER EXTENSION koku_onprem DROP VIEW reporting_common_costusagereportstatus;
DROP VIEW reporting_common_costusagereportmanifest, reporting_common_costusagereportstatus;
GRANT CREATE ON SCHEMA public TO regress_koku_app;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_koku_app', current_database()); END $$;
SET SESSION AUTHORIZATION regress_koku_app;
\ir koku_tables.sql
\ir koku_api.sql
RESET SESSION AUTHORIZATION;
REVOKE CREATE ON SCHEMA public FROM regress_koku_app;

-- Makes the tables of reports of an organization that the API's migrations made; the extension knows nothing of it.
CREATE FUNCTION test.make_reports(schema name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
BEGIN
    PERFORM koku_create_tenant(schema);
    SET CONSTRAINTS ALL IMMEDIATE;
    DELETE FROM koku_tenant WHERE tenant = schema;
    EXECUTE format('ALTER SCHEMA %I OWNER TO regress_koku_app', schema);
    FOR relation IN SELECT oid FROM pg_class WHERE relnamespace = schema::text::regnamespace AND relkind IN ('r', 'p') LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO regress_koku_app', relation);
    END LOOP;
END;
$$;
