-- Servers that share tenants: numbers of their own, and what goes with a tenant that moves. (test/kinds/servers.sh moves some.)
\pset format unaligned
SET client_min_messages = error;
SELECT koku_create_source('cluster-1', 'One', 't_one', '00000000-0000-0000-0000-00000000b001') IS NOT NULL AS created;
SELECT koku_create_source('cluster-2', 'Two', 't_one', '00000000-0000-0000-0000-00000000b002') IS NOT NULL AS created;

-- Numbers go on in the range of the server, also after others have come by a move or by another number before.
SELECT sequence, first_id, next_id, largest_id FROM koku_internal.server_sequences();
SET koku_onprem.server_number = 7;
SELECT status, detail, what_to_do FROM koku_health() WHERE check_name = 'servers';
CALL koku_run();
SELECT status, detail, what_to_do FROM koku_health() WHERE check_name = 'servers';
SELECT koku_submit_payload('\x01', 'first', 't_one');
SELECT koku_submit_payload('\x02', 'second', 't_one');
SET koku_onprem.server_number = 8;
SELECT koku_internal.follow_server_number();
SELECT koku_submit_payload('\x03', 'third', 't_one');
SET koku_onprem.server_number = 7;
SELECT koku_internal.follow_server_number();
SELECT koku_submit_payload('\x04', 'fourth', 't_one');
SELECT koku_internal.follow_server_number();
SELECT koku_submit_payload('\x05', 'fifth', 't_one');
SELECT sqlstate_, message, hint FROM test.error_of('SELECT koku_submit_payload(''\x05'', NULL, ''t_elsewhere'')');
SET koku_onprem.server_number = 1000;
SELECT koku_drop_payload(id) FROM koku_inbox;

-- What the extension keeps of a tenant goes along: every table of it with rows of tenants is listed.
SELECT relation.relname AS not_exported
FROM pg_class AS relation
JOIN pg_depend AS member ON member.classid = 'pg_class'::regclass AND member.objid = relation.oid AND member.deptype = 'e'
JOIN pg_attribute AS col ON col.attrelid = relation.oid AND col.attname IN ('tenant', 'source', 'manifest_id') AND NOT col.attisdropped
WHERE relation.relkind = 'r' AND relation.relnamespace <> 'koku_internal'::regnamespace
  -- Payloads are submitted anew; the move itself stays.
  AND relation.relname NOT IN ('koku_inbox', 'koku_tenant_move')
  AND relation.relname NOT IN (SELECT table_name FROM koku_internal.tenant_rows())
ORDER BY 1;
SELECT koku_set_retention(9, 't_one');
SELECT koku_alter_source('00000000-0000-0000-0000-00000000b002', paused => true);
SELECT koku_set_budget('t_one', 'all', '{}', 100);
SELECT action, rows_loaded FROM koku_ingest_payload(test.payload(test.member('a', test.namespaces(ARRAY['ns'], 1)),
    test.manifest(1, ARRAY['a'], changes => '{"cluster_id": "cluster-1"}')), 't_one');
CREATE TABLE test.exported AS SELECT koku_export_tenant('t_one') AS control;
SELECT control->>'tenant' AS tenant, control->>'server' AS server, control->'paused' AS paused FROM test.exported;
CREATE TABLE test.before_move AS
SELECT to_jsonb(manifest) AS row FROM koku_manifest AS manifest UNION ALL SELECT to_jsonb(source) FROM koku_source AS source
UNION ALL SELECT to_jsonb(tenant) FROM koku_tenant AS tenant UNION ALL SELECT to_jsonb(file) FROM koku_report_file AS file
UNION ALL SELECT to_jsonb(budget) FROM koku_budget AS budget UNION ALL SELECT to_jsonb(request) FROM koku_summary_request AS request;
SELECT count(*) FROM test.before_move;
SELECT koku_drop_tenant('t_one');
SELECT koku_adopt_tenant(control) FROM test.exported;
SELECT count(*) AS different FROM ((TABLE test.before_move EXCEPT ALL (
    SELECT to_jsonb(manifest) AS row FROM koku_manifest AS manifest UNION ALL SELECT to_jsonb(source) FROM koku_source AS source
    UNION ALL SELECT to_jsonb(tenant) FROM koku_tenant AS tenant UNION ALL SELECT to_jsonb(file) FROM koku_report_file AS file
    UNION ALL SELECT to_jsonb(budget) FROM koku_budget AS budget UNION ALL SELECT to_jsonb(request) FROM koku_summary_request AS request))) AS gone;
CALL koku_run();
SELECT count(*) FROM koku_check('00000000-0000-0000-0000-00000000b001', 2026, 11);

-- While it moves, nothing is taken for it, and the message has the number of the other server.
SET koku_onprem.server_number = 7;
SELECT koku_internal.begin_departure('t_one', 9) = koku_internal.begin_departure('t_one', 9) AS one_move;
SELECT koku_tenant_place('t_one') AS one, koku_tenant_place('t_none') AS none, koku_tenant_place(NULL) AS unnamed;
SELECT koku_submit_payload('\x06', 'copying', 't_one') IS NOT NULL AS taken;
SELECT koku_internal.pause_departure('t_one');
SELECT koku_internal.pause_departure('t_one');
SELECT koku_tenant_place('t_one');
SELECT source, paused FROM koku_source ORDER BY source;
SELECT statement, sqlstate_, message, hint FROM (VALUES
    ('SELECT koku_submit_payload(''\x07'', NULL, ''t_one'')'), ('SELECT koku_create_source(''c'', NULL, ''t_one'')'),
    ('SELECT koku_create_tenant(''t_one'')'), ('SELECT koku_internal.begin_departure(''t_one'', 8)'),
    ('SELECT koku_internal.begin_departure(''t_none'', 8)'), ('SELECT koku_adopt_tenant((SELECT control FROM test.exported))'),
    ('SELECT koku_adopt_tenant(''{}'')'), ('SELECT koku_export_tenant(''t_none'')')) AS s (statement), test.error_of(statement);
SELECT koku_export_tenant('t_one')->'paused' AS paused_before;
UPDATE koku_tenant_move SET changed_at = now() - interval '6 minutes';
SELECT status, split_part(detail, ' since', 1) AS detail, what_to_do FROM koku_health() WHERE check_name = 'servers';
-- It stays, and the source that was paused before is so again.
SELECT koku_internal.cancel_departure('t_one');
SELECT source, paused FROM koku_source ORDER BY source;
SELECT koku_submit_payload('\x07', 'stayed', 't_one') IS NOT NULL AS taken;
SELECT pubname FROM pg_publication;
-- One that has gone.
SELECT koku_internal.begin_departure('t_one', 9) IS NOT NULL AS begun;
SELECT koku_internal.pause_departure('t_one');
BEGIN;
SELECT cardinality(koku_internal.settle_departure('t_one')) AS payloads;
SELECT koku_internal.end_departure('t_one', ARRAY(SELECT id FROM koku_inbox));
COMMIT;
SELECT state, server FROM koku_tenant_move;
SELECT koku_tenant_place('t_one');
SELECT (SELECT count(*) FROM koku_source), (SELECT count(*) FROM koku_inbox), to_regnamespace('t_one');
SELECT statement, sqlstate_, message, hint FROM (VALUES
    ('SELECT koku_submit_payload(''\x07'', NULL, ''t_one'')'), ('SELECT koku_create_source(''c'', NULL, ''t_one'')')) AS s (statement), test.error_of(statement);
-- One that comes.
INSERT INTO koku_tenant_move (tenant, move, state, server) VALUES ('t_comes', gen_random_uuid(), 'arriving', 9);
SELECT koku_tenant_place('t_comes');
