-- What administrators do by hand: schemas dropped and renamed, clusters registered again, other owners, transaction blocks.
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set one '00000000-0000-0000-0000-0000000ad001'
\set two '00000000-0000-0000-0000-0000000ad002'
\set other '00000000-0000-0000-0000-0000000ad003'

-- No foreign key between control tables: a parallel restore loads them in any order.
SELECT conrelid::regclass AS on_table, conname FROM pg_constraint, pg_extension
WHERE contype = 'f' AND extname = 'koku_onprem' AND (conrelid = ANY (extconfig) OR confrelid = ANY (extconfig));
-- What belongs to a source or manifest goes with it all the same.
SELECT koku_create_source('administrator', 'Administrator', 't_admin', :'one');
INSERT INTO koku_manifest (source, manifest_uuid, cluster_id, exported_at, billing_period_start, file_count, daily_reports, certified, operator_version)
SELECT :'one', gen_random_uuid(), 'administrator', now(), '2026-11-01', 1, true, true, 'v' FROM generate_series(1, 3);
INSERT INTO koku_report_file (manifest_id, file, status) SELECT manifest_id, 'f', 'waiting' FROM koku_manifest WHERE source = :'one';
INSERT INTO koku_changed_day SELECT manifest_id, '2026-11-05' FROM koku_manifest WHERE source = :'one';
SELECT koku_internal.request_summary(:'one', '2026-11-05', '2026-11-05');
DELETE FROM koku_manifest WHERE manifest_id IN (SELECT min(manifest_id) FROM koku_manifest WHERE source = :'one');
SELECT (SELECT count(*) FROM koku_report_file WHERE file = 'f') AS files, (SELECT count(*) FROM koku_changed_day WHERE day = '2026-11-05') AS days;
SELECT count(*) FROM koku_delete_source(:'one');
SELECT (SELECT count(*) FROM koku_manifest WHERE source = :'one') AS manifests, (SELECT count(*) FROM koku_report_file WHERE file = 'f') AS files,
    (SELECT count(*) FROM koku_changed_day WHERE day = '2026-11-05') AS days, (SELECT count(*) FROM koku_summary_request WHERE source = :'one') AS requests;

-- A cluster is counted once: where a tenant has its rows under another source, it is refused, or goes on with them.
SELECT koku_create_source('administrator', 'Administrator', 't_admin', :'one');
SELECT test.payload(test.manifest(1, ARRAY['n.csv'], changes => '{"cluster_id": "administrator"}'), test.member('n.csv', test.namespaces(ARRAY['shop'], 24))) AS payload \gset
SELECT action, rows_loaded FROM koku_ingest_payload(:'payload', 't_admin');
DELETE FROM koku_source WHERE source = :'one';  -- as a restore may have lost it
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'unknown rows';
SELECT * FROM test.error_of(format('SELECT koku_create_source(''administrator'', NULL, ''t_admin'', %L)', :'two'));
SELECT count(*) AS registered FROM koku_source WHERE tenant = 't_admin';
-- Numbers of manifests begin anew with the extension; rows of before do not pass for those of the first.
SELECT setval(pg_get_serial_sequence('koku_manifest', 'manifest_id'), 1, false);
SELECT koku_create_source('administrator', 'Administrator', 't_admin', :'one') AS adopted;
SELECT action, rows_loaded FROM koku_ingest_payload(:'payload', 't_admin');
SELECT count(*) AS rows, count(DISTINCT interval_start) AS hours FROM t_admin.openshift_namespace_labels_line_items;
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'unknown rows';
SELECT * FROM test.error_of(format('SELECT * FROM koku_remove_unknown_rows(%L, ''t_admin'')', :'one'));
SELECT * FROM test.error_of('SELECT * FROM koku_remove_unknown_rows(NULL, ''t_admin'')');
DELETE FROM koku_source WHERE source = :'one';
SELECT * FROM koku_remove_unknown_rows(:'one', 't_admin');
SELECT koku_create_source('administrator', 'Administrator', 't_admin', :'two');
SELECT action, rows_loaded FROM koku_ingest_payload(:'payload', 't_admin');

-- A source that other software deleted from the tenant's tables.
DELETE FROM t_admin.reporting_ocpusagereportperiod;
DELETE FROM t_admin.reporting_tenant_api_provider;
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'unknown rows';
SELECT e.* FROM test.error_of(format('SELECT koku_ingest_payload(%L, ''t_admin'', force => true)', :'payload')) e;
SELECT relation, rows FROM koku_delete_source(:'two');
SELECT koku_create_source('administrator', 'Administrator', 't_admin', :'two');

-- A tenant whose schema is gone fails alone, in each step, and says so; the others go on.
SELECT koku_create_source('administrator', 'Other', 't_admin_2', :'other');
SELECT action FROM koku_ingest_payload(:'payload', 't_admin_2');
SELECT koku_set_retention(1, 't_admin'), koku_set_retention(1, 't_admin_2');
SELECT koku_internal.ensure_partition('t_admin', 'reporting_ocp_pod_summary_p', '2026-01-01');
DROP SCHEMA t_admin_2 CASCADE;
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'tenants';
SELECT koku_submit_payload(:'payload', 'admin', 't_admin_2') > 0 AS submitted;
SET client_min_messages = error;
CALL koku_internal.run('infinity', '2026-11-18');
SET client_min_messages = warning;
SELECT to_regclass('t_admin.reporting_ocp_pod_summary_p_2026_01') IS NULL AS purged, to_regclass('t_admin.reporting_ocp_pod_summary_p_2026_12') IS NOT NULL AS prepared;
SELECT step, last_error FROM koku_run_step WHERE failures > 0 ORDER BY step;
SELECT last_error FROM koku_summary_request WHERE source = :'other';
SELECT status, error_message FROM koku_inbox_status WHERE request_id = 'admin';
SELECT e.* FROM (VALUES ('SELECT koku_enable_tags(''{a}'', ''t_admin_2'')'), ('SELECT koku_purge_expired(''t_admin_2'')'),
    ('SELECT koku_create_source(''c2'', NULL, ''t_admin_2'')')) s (statement), test.error_of(statement) e;
SELECT count(*) AS of_others FROM koku_purge_expired(NULL, '2026-11-18');
-- Deleting a source there needs no tables.
SELECT count(*) FROM koku_delete_source(:'other', in_batches => true);
CALL koku_run();
SELECT count(*) FROM koku_source WHERE tenant = 't_admin_2';
SELECT * FROM test.error_of('SELECT koku_drop_tenant(''t_missing'')');
SELECT koku_drop_tenant('t_admin_2');
SELECT (SELECT count(*) FROM koku_tenant WHERE tenant = 't_admin_2') AS tenants, (SELECT count(*) FROM koku_inbox WHERE tenant = 't_admin_2') AS payloads;
CALL koku_run();
SELECT count(*) AS failing FROM koku_run_step WHERE failures > 0;

-- Moving a tenant; or taking up what was moved by hand.
SELECT e.* FROM (VALUES ('t_missing', 't_new'), ('t_admin', 'pg_new'), ('t_admin', 'koku_internal'), ('t_admin', 't_admin')) r (old, new),
    test.error_of(format('SELECT koku_rename_tenant(%L, %L)', old, new)) e;
SELECT koku_set_retention(1200, 't_admin');  -- the payload's days are kept, whatever today is
SELECT action FROM koku_ingest_payload(:'payload', 't_admin');
SELECT koku_set_budget('t_admin', 'All', '{}', 100);
SELECT koku_rename_tenant('t_admin', 'T "admin"');
SELECT tenant, name FROM koku_budget;
SELECT tenant, retention_months FROM koku_tenant WHERE tenant LIKE '%admin%';
SELECT tenant, source FROM koku_source WHERE tenant LIKE '%admin%';
SELECT DISTINCT schema_name FROM "T ""admin""".partitioned_tables;
SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = '"T ""admin""".partitioned_tables'::regclass AND NOT tgisinternal;
SELECT action FROM koku_ingest_payload(:'payload');
CALL koku_run();
SELECT count(*) AS requests FROM koku_summary_request;
ALTER SCHEMA "T ""admin""" RENAME TO t_admin_3;
SELECT * FROM test.error_of($$SELECT koku_rename_tenant('T "admin"', 't_admin_4')$$);
SELECT koku_rename_tenant('T "admin"', 't_admin_3');
SELECT action FROM koku_ingest_payload(:'payload');
SELECT DISTINCT schema_name FROM t_admin_3.partitioned_tables;
-- A tenant that is forgotten leaves its schema; its cluster comes back with its old source.
SELECT koku_drop_tenant('t_admin_3');
SELECT sqlstate_, message FROM test.error_of('SELECT koku_create_source(''administrator'', NULL, ''t_admin_3'')');
SELECT koku_create_source('administrator', NULL, 't_admin_3', :'two') AS adopted;
SELECT koku_drop_tenant('t_admin_3');
SELECT count(*) AS budgets FROM koku_budget;
DROP SCHEMA t_admin_3 CASCADE;

-- Partitions and tables that are made later belong to the owner of their parent, with its privileges.
CREATE ROLE regress_koku_owner;
CREATE ROLE regress_koku_visitor;
SELECT koku_create_tenant('t_owned');
CREATE FUNCTION test.give_tables(tenant name, owner name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
BEGIN
    EXECUTE format('ALTER SCHEMA %I OWNER TO %I', tenant, owner);
    FOR relation IN SELECT c.oid FROM pg_class c WHERE relnamespace = tenant::text::regnamespace AND relkind IN ('r', 'p') LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO %I', relation, owner);
    END LOOP;
END;
$$;
SELECT test.give_tables('t_owned', 'regress_koku_owner');
GRANT SELECT ON t_owned.reporting_ocp_pod_summary_p TO regress_koku_visitor WITH GRANT OPTION;
GRANT UPDATE (raw_currency) ON t_owned.reporting_ocp_pod_summary_p TO regress_koku_visitor;
DROP TABLE t_owned.koku_node_interval, t_owned.reporting_ocp_gpu_summary_p_default;
-- One warning tells of the other owner, not one for each table.
\set VERBOSITY terse
SELECT koku_create_tenant('t_owned');
\set VERBOSITY default
SET client_min_messages = error;
SELECT koku_create_source('owned', NULL, 't_owned', :'one');
SELECT action FROM koku_ingest_payload(test.payload(test.manifest(1, ARRAY['n.csv'], changes => '{"cluster_id": "owned"}'), test.member('n.csv', test.namespaces(ARRAY['shop'], 24))));
CALL koku_run();
SELECT count(*) > 200 AS relations, count(*) FILTER (WHERE relname ~ '_2026_') > 50 AS partitions, count(*) FILTER (WHERE relowner <> 'regress_koku_owner'::regrole) AS of_others
FROM pg_class WHERE relnamespace = 't_owned'::regnamespace AND relkind IN ('r', 'p', 'i', 'S');
SELECT has_table_privilege('regress_koku_visitor', 't_owned.reporting_ocp_pod_summary_p_2026_11', 'SELECT WITH GRANT OPTION') AS may_grant,
    has_column_privilege('regress_koku_visitor', 't_owned.reporting_ocp_pod_summary_p_2026_11', 'raw_currency', 'UPDATE') AS may_update_one,
    has_table_privilege('regress_koku_visitor', 't_owned.reporting_ocp_pod_summary_p_2026_11', 'UPDATE') AS may_update;
-- Not where that would pass by policies of the parent.
ALTER TABLE t_owned.reporting_ocp_vm_summary_p ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON t_owned.reporting_ocp_vm_summary_p TO regress_koku_visitor;
SELECT has_table_privilege('regress_koku_visitor', koku_internal.ensure_partition('t_owned', 'reporting_ocp_vm_summary_p', '2026-09-01'), 'SELECT') AS may_read;
-- What another role's migrations do.
SET ROLE regress_koku_owner;
ALTER TABLE t_owned.reporting_ocp_pod_summary_p ADD COLUMN probe integer;
ALTER TABLE t_owned.reporting_ocp_pod_summary_p DROP COLUMN probe;
RESET ROLE;
-- Partitions that belong to others by an older release come back.
ALTER TABLE t_owned.reporting_ocp_pod_summary_p_2026_11 OWNER TO CURRENT_USER;
SELECT koku_create_tenant('t_owned');
SET client_min_messages = warning;
SELECT relowner::regrole FROM pg_class WHERE oid = 't_owned.reporting_ocp_pod_summary_p_2026_11'::regclass;
SELECT koku_drop_tenant('t_owned');
DROP SCHEMA t_owned CASCADE;
DROP ROLE regress_koku_owner, regress_koku_visitor;

-- koku_run() commits: nothing is begun where it cannot.
BEGIN;
CALL koku_run();
ROLLBACK;
DO $$ BEGIN CALL koku_run(); END $$;
CREATE FUNCTION test.run() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CALL koku_run(); END $$;
SELECT * FROM test.error_of('SELECT test.run()');
SET default_transaction_read_only = on;
CALL koku_run();
RESET default_transaction_read_only;
-- Whatever the default of the database is.
SELECT koku_create_source('administrator', NULL, 't_admin', :'one');
-- Where triggers do not act, nothing is begun.
SET session_replication_role = replica;
CALL koku_run();
SELECT e.* FROM (VALUES (format('SELECT koku_ingest_payload(%L, ''t_admin'', force => true)', :'payload')), ('SELECT koku_create_tenant(''t_admin'')'),
    (format('SELECT koku_delete_source(%L)', :'one'))) s (statement), test.error_of(statement) e;
RESET session_replication_role;
SELECT koku_submit_payload(:'payload', 'serializable', 't_admin') > 0 AS submitted;
SET default_transaction_isolation = serializable;
SET default_transaction_deferrable = on;
CALL koku_run();
SHOW transaction_isolation;
RESET default_transaction_isolation;
RESET default_transaction_deferrable;
SELECT status, attempts FROM koku_inbox_status WHERE request_id = 'serializable';
SELECT count(*) AS requests FROM koku_summary_request WHERE source = :'one';
