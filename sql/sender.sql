-- What a sender can know and do besides handing payloads over: sources of one tenant, a new source, the inbox's fill.
SET client_min_messages = warning;
SET datestyle = 'ISO';
CREATE ROLE regress_koku_door;
SELECT koku_create_roles();
GRANT koku_ingest TO regress_koku_door;
GRANT USAGE ON SCHEMA test TO PUBLIC;

-- A sender without a tenant works for the only one there is.
SET SESSION AUTHORIZATION regress_koku_door;
SELECT * FROM koku_tenant_sources();
RESET SESSION AUTHORIZATION;
SELECT koku_create_source('cluster-1', 'Own cluster', 'sender_a', '00000000-0000-0000-0000-0000000aa101') IS NOT NULL AS created;
SET SESSION AUTHORIZATION regress_koku_door;
SELECT * FROM koku_tenant_sources();
RESET SESSION AUTHORIZATION;
SELECT koku_create_source('cluster-b', 'Same name', 'sender_b', '00000000-0000-0000-0000-0000000bb001') IS NOT NULL AS created;

-- With a tenant it sees that one's sources and no others'.
SET SESSION AUTHORIZATION regress_koku_door;
SELECT * FROM koku_tenant_sources('sender_a');
SELECT * FROM koku_tenant_sources('sender_b');
SELECT sqlstate_, message, hint FROM test.error_of('SELECT * FROM koku_tenant_sources(''sender_c'')');
SELECT sqlstate_, message, hint FROM test.error_of('SELECT * FROM koku_tenant_sources()');

-- A cluster is registered in a tenant that is there, once, under a name that no other cluster there has.
SELECT koku_register_source('cluster-2', 'Same name', 'sender_a') IS NOT NULL AS registered;
SELECT name, cluster_id, paused FROM koku_tenant_sources('sender_a');
SELECT statement, sqlstate_, message, detail, hint FROM (VALUES
    ('SELECT koku_register_source(''cluster-3'', ''Same name'', ''sender_a'')'),
    ('SELECT koku_register_source(''cluster-3'', ''Third'', ''sender_c'')'),
    ('SELECT koku_register_source(''cluster-3'', ''Third'')'),
    ('SELECT koku_register_source(''../etc'', ''Third'', ''sender_a'')'),
    ('SELECT koku_register_source('''', ''Third'', ''sender_a'')'),
    ('SELECT koku_register_source(''cluster-3'', '''', ''sender_a'')')) AS s (statement), test.error_of(statement);
SELECT sqlstate_, message FROM test.error_of('SELECT koku_register_source(''cluster-2'', ''Other name'', ''sender_a'')');
-- The tables stay closed to it.
SELECT statement, sqlstate_, message FROM (VALUES
    ('TABLE koku_source'), ('SELECT koku_create_source(''cluster-4'')'), ('SELECT koku_create_tenant(''sender_d'')')) AS s (statement), test.error_of(statement);

-- How full the inbox is: what koku_run() has yet to take, and nothing else.
SELECT payloads, bytes, oldest_seconds FROM koku_inbox_backlog();
SELECT koku_submit_payload('\x1f8b0001'::bytea, 'one', 'sender_a') IS NOT NULL AS submitted;
SELECT koku_submit_payload('\x1f8b000203'::bytea, 'two', 'sender_b') IS NOT NULL AS submitted;
SELECT payloads, bytes, oldest_seconds >= 0 AS has_age FROM koku_inbox_backlog();
RESET SESSION AUTHORIZATION;
UPDATE koku_inbox SET status = 'parked' WHERE request_id = 'one';
SELECT payloads, bytes FROM koku_inbox_backlog();
DROP OWNED BY regress_koku_door, koku_ingest, koku_read;
DROP ROLE regress_koku_door, koku_ingest, koku_read;
