-- The inbox: submitted payloads, what becomes of them, and of those that fail.
SET datestyle = ISO;
SET client_min_messages = error;
SET koku_onprem.retention_months = 0;
SET koku_onprem.inbox_retry_seconds = 60;
SELECT koku_create_source('inbox-cluster', tenant => 't_inbox', source => '00000000-0000-0000-0000-00000000aa01');
-- A payload of one file with one hour of 2026-11-05.
CREATE FUNCTION test.inbox_payload(manifest integer, cluster text DEFAULT 'inbox-cluster', report text DEFAULT test.namespaces(ARRAY['ns'], 1))
RETURNS bytea LANGUAGE sql AS $$
SELECT test.payload(test.member('a', report), test.manifest(manifest, ARRAY['a'], changes => jsonb_build_object('cluster_id', cluster)));
$$;
-- What is in the inbox, without times and ids.
CREATE VIEW test.inbox AS
SELECT request_id AS request, status, attempts, cluster_id, right(manifest_uuid::text, 2) AS manifest, name AS source, error_sqlstate AS error
FROM koku_inbox_status WHERE request_id LIKE 'inbox %' ORDER BY id;
CREATE FUNCTION test.inbox_id(request text) RETURNS bigint LANGUAGE sql AS $$ SELECT id FROM koku_inbox WHERE request_id = request $$;

-- Identical bytes are stored once for a tenant; the first request id stays.
SELECT koku_submit_payload(test.inbox_payload(1), 'inbox good') IS NOT NULL AS submitted;
SELECT koku_submit_payload(test.inbox_payload(1), 'inbox again') = test.inbox_id('inbox good') AS known;
SELECT koku_submit_payload(test.inbox_payload(1), 'inbox good, tenant', 't_inbox') = test.inbox_id('inbox good') AS known;
SELECT koku_submit_payload(test.payload(test.manifest(2, '{}', changes => '{"cluster_id": "inbox-cluster"}')), 'inbox no file') IS NOT NULL AS submitted;
SELECT koku_submit_payload('no archive', 'inbox bad') IS NOT NULL AS submitted;
SELECT koku_submit_payload(test.inbox_payload(3, 'inbox-later'), 'inbox unknown cluster') IS NOT NULL AS submitted;
SELECT * FROM test.inbox;

-- Each is taken, held or parked; a failure stops none of the others. The same payload again changes nothing.
CALL koku_run();
SELECT * FROM test.inbox;
SELECT manifest_uuid, file, rows_loaded FROM koku_report_files WHERE tenant = 't_inbox';
\x on
SELECT status, what_next, error_sqlstate, error_message, error_detail, error_hint FROM koku_inbox_status
WHERE request_id IN ('inbox bad', 'inbox unknown cluster') ORDER BY id;
\x off
-- A held payload waits without an attempt, and is taken once its cluster is registered.
CALL koku_run();
SELECT * FROM test.inbox WHERE request = 'inbox unknown cluster';
SELECT koku_create_source('inbox-later', tenant => 't_inbox', source => '00000000-0000-0000-0000-00000000aa02');
CALL koku_run();
SELECT * FROM test.inbox WHERE request = 'inbox unknown cluster';

-- So does a payload of a paused source, and one whose cluster is in several tenants until one is left.
SELECT koku_alter_source('00000000-0000-0000-0000-00000000aa02', paused => true);
SELECT koku_submit_payload(test.inbox_payload(4, 'inbox-later'), 'inbox paused') IS NOT NULL AS submitted;
CALL koku_run();
CALL koku_run();
SELECT * FROM test.inbox WHERE request = 'inbox paused';
SELECT koku_alter_source('00000000-0000-0000-0000-00000000aa02', paused => false);
SELECT koku_create_source('inbox-later', tenant => 't_inbox_2', source => '00000000-0000-0000-0000-00000000aa03');
CALL koku_run();
SELECT * FROM test.inbox WHERE request = 'inbox paused';
DELETE FROM koku_source WHERE source = '00000000-0000-0000-0000-00000000aa03';
CALL koku_run();
SELECT * FROM test.inbox WHERE request = 'inbox paused';

-- An error that another attempt may cure: tried again after pauses that double, then parked.
CREATE FUNCTION test.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk is full' USING ERRCODE = 'disk_full', DETAIL = 'No space is left.', HINT = 'Make room.'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON koku_manifest FOR EACH ROW EXECUTE FUNCTION test.refuse();
SET koku_onprem.inbox_max_attempts = 3;
SELECT koku_submit_payload(test.inbox_payload(5), 'inbox retried') IS NOT NULL AS submitted;
CREATE VIEW test.pause AS
SELECT status, attempts, round(extract(epoch FROM next_attempt_at - started_at) / 60) AS minutes, error_sqlstate, error_message, error_detail, error_hint
FROM koku_inbox_status WHERE request_id = 'inbox retried';
CREATE FUNCTION test.pause_is_over() RETURNS void LANGUAGE sql AS $$ UPDATE koku_inbox SET next_attempt_at = now() WHERE request_id = 'inbox retried' $$;
CALL koku_run();
SELECT * FROM test.pause;
CALL koku_run();
SELECT * FROM test.pause;
SELECT test.pause_is_over();
CALL koku_run();
SELECT * FROM test.pause;
SELECT test.pause_is_over();
CALL koku_run();
SELECT * FROM test.pause;
SELECT test.pause_is_over();
CALL koku_run();
SELECT status, attempts FROM test.pause;
-- Retried by hand it has all its attempts again.
DROP TRIGGER refuse ON koku_manifest;
SELECT koku_retry_payload(test.inbox_id('inbox retried'));
SELECT status, attempts FROM test.pause;
CALL koku_run();
SELECT status, attempts, error_message FROM test.pause;
-- An attempt that was cut off counts.
SELECT koku_submit_payload(test.inbox_payload(6), 'inbox cut off') IS NOT NULL AS submitted;
UPDATE koku_inbox SET status = 'started', attempts = 3 WHERE request_id = 'inbox cut off';
CALL koku_run();
SELECT status, attempts, error_message, error_detail FROM koku_inbox_status WHERE request_id = 'inbox cut off';
RESET koku_onprem.inbox_max_attempts;

-- Dropped for good.
SELECT koku_drop_payload(test.inbox_id('inbox cut off')), koku_drop_payload(test.inbox_id('inbox bad'));
SELECT sqlstate_, message, hint FROM test.error_of(format('SELECT koku_retry_payload(%s)', test.inbox_id('inbox retried')))
UNION ALL SELECT sqlstate_, message, hint FROM test.error_of(format('SELECT koku_drop_payload(%s)', test.inbox_id('inbox retried')));
\set VERBOSITY terse

-- A deadline that is over: nothing is begun.
SELECT koku_submit_payload(test.inbox_payload(7), 'inbox deadline') IS NOT NULL AS submitted;
CALL koku_run(0);
SELECT * FROM test.inbox WHERE request = 'inbox deadline';
CALL koku_run(-1);

-- Finished payloads are kept for some days, and taken bytes are known as long.
CALL koku_run();
SELECT * FROM test.inbox;
UPDATE koku_inbox SET finished_at = finished_at - interval '8 days' WHERE request_id IN ('inbox good', 'inbox no file');
CALL koku_run();
SELECT request FROM test.inbox;
SET koku_onprem.inbox_keep_days = 0;
CALL koku_run();
SELECT request FROM test.inbox;
RESET koku_onprem.inbox_keep_days;

-- A source that is deleted takes its finished payloads with it.
SELECT koku_submit_payload(test.inbox_payload(8, 'inbox-later'), 'inbox deleted') IS NOT NULL AS submitted;
CALL koku_run();
SELECT * FROM test.inbox;
DELETE FROM koku_source WHERE source = '00000000-0000-0000-0000-00000000aa02';
SELECT * FROM test.inbox;

-- Sent again after a source was emptied, or deleted and registered anew: taken anew, when that was wanted.
SELECT koku_submit_payload(test.inbox_payload(9), 'inbox before') IS NOT NULL AS submitted;
CALL koku_run();
SELECT count(*) > 0 AS purged FROM koku_purge_source('00000000-0000-0000-0000-00000000aa01');
SELECT koku_submit_payload(test.inbox_payload(9), 'inbox known') = test.inbox_id('inbox before') AS known;
SELECT count(*) FROM koku_purge_source('00000000-0000-0000-0000-00000000aa01', forget_manifests => true);
SELECT koku_submit_payload(test.inbox_payload(9), 'inbox after') IS NOT NULL AS submitted;
CALL koku_run();
SELECT request, status FROM test.inbox;
SELECT count(*) AS rows FROM t_inbox.openshift_namespace_labels_line_items WHERE source = '00000000-0000-0000-0000-00000000aa01';
SELECT count(*) > 0 AS deleted FROM koku_delete_source('00000000-0000-0000-0000-00000000aa01');
SELECT koku_create_source('inbox-cluster', tenant => 't_inbox', source => '00000000-0000-0000-0000-00000000aa01');
SELECT koku_submit_payload(test.inbox_payload(9), 'inbox registered anew') IS NOT NULL AS submitted;
CALL koku_run();
SELECT request, status FROM test.inbox;
SELECT count(*) AS rows FROM t_inbox.openshift_namespace_labels_line_items WHERE source = '00000000-0000-0000-0000-00000000aa01';

-- What is refused at the door.
SELECT e.* FROM (VALUES ('NULL'), ($$''$$), ($$'x', repeat('x', 257)$$)) call (arguments),
    test.error_of('SELECT koku_submit_payload(' || arguments || ')') e;
SET koku_onprem.inbox_max_payload_size = '1kB';
SELECT * FROM test.error_of($$SELECT koku_submit_payload(convert_to(repeat('x', 1025), 'UTF8'))$$);
RESET koku_onprem.inbox_max_payload_size;
-- Bytes are stored as they come: they are compressed already.
SELECT attstorage FROM pg_attribute WHERE attrelid = 'koku_inbox'::regclass AND attname = 'payload';
-- Without pg_cron there is a hint.
SELECT sqlstate_, message FROM test.error_of('SELECT koku_schedule()') UNION ALL SELECT sqlstate_, message FROM test.error_of('SELECT koku_unschedule()');
