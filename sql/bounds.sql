-- What one sender, one tenant or one payload may cost the others.
SET client_min_messages = error;
SET datestyle = 'ISO';
SELECT koku_create_source('bounds-cluster', 'Bounds', 't_bounds', '00000000-0000-0000-0000-00000000b001');
CREATE FUNCTION test.payload_of_day(number integer, day date, files text[] DEFAULT ARRAY['a']) RETURNS bytea LANGUAGE sql AS $$
SELECT test.payload(test.member('a', test.namespaces(ARRAY['ns'], 1, day => day)),
    test.manifest(number, files, NULL, '{"cluster_id": "bounds-cluster"}'));
$$;
CREATE FUNCTION test.partitions_of(wanted name) RETURNS bigint LANGUAGE sql AS $$
SELECT count(*) FROM koku_internal.partitions(wanted) WHERE NOT is_default;
$$;

-- Days up to two after the day of receipt are ingested; later ones are refused, and no partition is made for them.
SELECT action, day FROM koku_internal.ingest_waiting_payload(test.payload_of_day(1, '2026-11-07'), 't_bounds', '2026-11-05');
SELECT test.partitions_of('t_bounds') AS partitions_before \gset
SELECT * FROM test.error_of($$SELECT * FROM koku_internal.ingest_waiting_payload(test.payload_of_day(2, '2026-11-08'), 't_bounds', '2026-11-05')$$);
SELECT * FROM test.error_of($$SELECT * FROM koku_internal.ingest_waiting_payload(test.payload_of_day(3, '2036-01-01'), 't_bounds', '2026-11-05')$$);
SELECT sqlstate_, message FROM test.error_of($$SELECT * FROM koku_ingest_payload(test.payload_of_day(4, '9998-01-01'), 't_bounds')$$);
SELECT test.partitions_of('t_bounds') = :partitions_before AS none_made;
-- In the inbox the day of receipt is that of the submission.
SELECT koku_submit_payload(test.payload_of_day(5, '2026-11-09'), 'early', 't_bounds') > 0 AS submitted;
UPDATE koku_inbox SET submitted_at = '2026-11-06 23:59:59+00' WHERE request_id = 'early';
CALL koku_run();
SELECT status, attempts, error_sqlstate, error_message, error_detail, right(manifest_uuid::text, 1) AS manifest, cluster_id
FROM koku_inbox WHERE request_id = 'early';
UPDATE koku_inbox SET submitted_at = '2026-11-07 00:00:00+00' WHERE request_id = 'early';
SELECT koku_retry_payload(id) FROM koku_inbox WHERE request_id = 'early';
CALL koku_run();
SELECT status, attempts, error_sqlstate, right(manifest_uuid::text, 1) AS manifest, cluster_id, right(source::text, 4) AS source
FROM koku_inbox WHERE request_id = 'early';
-- What an attempt knows of the manifest is that of its own payload.
SELECT koku_submit_payload('\x00', 'no payload', 't_bounds') > 0 AS submitted;
CALL koku_run();
SELECT status, error_sqlstate, manifest_uuid, cluster_id FROM koku_inbox WHERE request_id = 'no payload';
-- A payload without a file has a manifest all the same.
SELECT koku_submit_payload(test.payload(test.manifest(6, '{}', NULL, '{"cluster_id": "bounds-cluster"}')), 'empty', 't_bounds') > 0 AS submitted;
CALL koku_run();
SELECT status, right(manifest_uuid::text, 1) AS manifest, right(source::text, 4) AS source FROM koku_inbox WHERE request_id = 'empty';

-- Partitions of months after the next: empty ones go with koku_run(), with a purge, and with the data of a source.
SELECT count(*) FROM generate_series(0, 5) AS ahead,
    koku_internal.ensure_partition('t_bounds', 'reporting_ocp_pod_summary_p', (date '2027-03-01' + make_interval(months => ahead))::date);
INSERT INTO t_bounds.reporting_ocp_pod_summary_p (id, usage_start, usage_end, cluster_id)
VALUES (gen_random_uuid(), '2027-04-05', '2027-04-05', 'other software');
SELECT status, detail FROM koku_internal.health_check('months ahead');
SELECT relation, month, action, rows FROM koku_purge_expired('t_bounds', '2026-11-18', true);
CALL koku_internal.run_upkeep('retention', 'infinity', '2026-11-18');
SELECT partition, first_day FROM koku_internal.partitions('t_bounds') WHERE first_day >= '2027-01-01';
-- While the setting keeps all months.
SHOW koku_onprem.retention_months;
SELECT koku_internal.ensure_partition('t_bounds', 'reporting_ocp_pod_summary_p', '2027-05-01');
SELECT relation, month, action, rows FROM koku_purge_expired('t_bounds', '2026-11-18');
SELECT koku_internal.ensure_partition('t_bounds', 'reporting_ocp_pod_summary_p', '2027-06-01');
DELETE FROM t_bounds.reporting_ocp_pod_summary_p WHERE cluster_id = 'other software';
SELECT relation, rows > 0 AS had_rows FROM koku_purge_source('00000000-0000-0000-0000-00000000b001', true)
WHERE relation = 't_bounds.openshift_namespace_labels_line_items';
SELECT count(*) AS partitions_ahead FROM koku_internal.partitions('t_bounds') WHERE first_day >= '2027-01-01';
SELECT status, detail FROM koku_internal.health_check('months ahead');

-- A tenant whose schema somebody dropped is the only one that suffers.
SELECT koku_create_tenant('t_bounds_broken');
DROP SCHEMA t_bounds_broken CASCADE;
SELECT koku_internal.ensure_partition('t_bounds', 'reporting_ocp_pod_summary_p', '2027-06-01');
SET client_min_messages = warning;
CALL koku_internal.run_upkeep('retention', 'infinity', '2026-11-18');
SET client_min_messages = error;
SELECT count(*) AS partitions_ahead FROM koku_internal.partitions('t_bounds') WHERE first_day >= '2027-01-01';
SELECT failures > 0 AS failed, last_error FROM koku_run_step WHERE step = 'retention';
DELETE FROM koku_purge WHERE tenant = 't_bounds_broken';
DELETE FROM koku_tenant WHERE tenant = 't_bounds_broken';
CALL koku_internal.run_upkeep('retention', 'infinity', '2026-11-18');
SELECT failures, last_error FROM koku_run_step WHERE step = 'retention';

-- The inbox has bounds, of a tenant and in all. What is done does not count.
DELETE FROM koku_inbox;
SET koku_onprem.inbox_max_tenant_payloads = 2;
SET koku_onprem.inbox_max_payloads = 3;
SELECT koku_submit_payload('\x01', 'one', 't_bounds') > 0, koku_submit_payload('\x02', 'two', 't_bounds') > 0;
SELECT * FROM test.error_of($$SELECT koku_submit_payload('\x03', 'three', 't_bounds')$$);
-- The same bytes again are no further payload.
SELECT koku_submit_payload('\x01', 'one', 't_bounds') > 0 AS known;
SELECT koku_submit_payload('\x03', 'three') > 0 AS submitted;
SELECT * FROM test.error_of($$SELECT koku_submit_payload('\x04', 'four', 'another')$$);
SELECT status, detail, what_to_do FROM koku_internal.health_check('inbox');
SET koku_onprem.inbox_max_payloads = 0;
SELECT koku_submit_payload('\x04', 'four', 'another') > 0 AS submitted;
SET koku_onprem.inbox_max_tenant_payloads = 0;
SET koku_onprem.inbox_max_tenant_size = '1MB';
SELECT koku_submit_payload(decode(repeat('00', 1048576 - 2), 'hex'), 'large', 't_bounds') > 0 AS submitted;
SELECT * FROM test.error_of($$SELECT koku_submit_payload('\x05', 'five', 't_bounds')$$);
RESET koku_onprem.inbox_max_tenant_size;
SET koku_onprem.inbox_max_size = '1MB';
SELECT * FROM test.error_of($$SELECT koku_submit_payload('\x05', 'five', 't_bounds')$$);
SET koku_onprem.inbox_max_size = '2MB';
SELECT status, detail FROM koku_internal.health_check('inbox');
DELETE FROM koku_inbox WHERE request_id = 'large';
SELECT status, detail, what_to_do FROM koku_internal.health_check('inbox');
RESET koku_onprem.inbox_max_size;
RESET koku_onprem.inbox_max_payloads;
RESET koku_onprem.inbox_max_tenant_payloads;

-- What is parked or held goes some time after its last attempt.
CALL koku_run();
SELECT request_id, status FROM koku_inbox ORDER BY 1;
UPDATE koku_inbox SET submitted_at = now() - interval '40 days', started_at = now() - interval '29 days' WHERE request_id = 'one';
UPDATE koku_inbox SET submitted_at = now() - interval '40 days', started_at = now() - interval '31 days' WHERE request_id <> 'one';
SET koku_onprem.inbox_parked_days = 0;
SELECT koku_internal.run_step('clean-up', 'infinity');
SELECT request_id, status FROM koku_inbox ORDER BY 1;
RESET koku_onprem.inbox_parked_days;
SELECT koku_internal.run_step('clean-up', 'infinity');
SELECT request_id, status FROM koku_inbox ORDER BY 1;
DELETE FROM koku_inbox;

-- Locks are none that a role without any grant can take.
BEGIN;
SELECT koku_internal.lock_source('00000000-0000-0000-0000-00000000b001');
SELECT koku_internal.lock_tables('t_bounds');
SELECT koku_internal.lock_shared_rows('t_bounds');
SELECT locktype, classid::regclass, objsubid, mode, granted FROM pg_locks
WHERE pid = pg_backend_pid() AND locktype IN ('advisory', 'object') AND classid >= 16384 ORDER BY classid::regclass::text COLLATE "C", objsubid;
COMMIT;

-- Tenants take turns, however much waits of one of them: a payload of each in turn, the one that was served longest ago first.
SELECT koku_create_source('bounds-other', 'Other', 't_bounds_other', '00000000-0000-0000-0000-00000000b002');
DELETE FROM koku_internal.turn;
SELECT count(koku_submit_payload(set_byte('\x00', 0, number), 'many ' || number, 't_bounds')) FROM generate_series(1, 3) AS number;
SELECT koku_submit_payload('\x10', 'few 1', 't_bounds_other') > 0 AS submitted;
UPDATE koku_inbox SET next_attempt_at = now() - interval '1 hour' + id * interval '1 second';
CREATE FUNCTION test.next_payload() RETURNS text LANGUAGE sql AS $$
SELECT inbox.request_id FROM koku_internal.begin_attempt('infinity') AS begun JOIN koku_inbox AS inbox ON inbox.id = begun.id;
$$;
SELECT test.next_payload();
SELECT test.next_payload();
SELECT koku_submit_payload('\x11', 'few 2', 't_bounds_other') > 0 AS submitted;
SELECT test.next_payload();
SELECT test.next_payload();
SELECT test.next_payload();
SELECT test.next_payload() IS NULL AS none_left;
DELETE FROM koku_inbox;
-- Requested summaries likewise.
SELECT koku_internal.request_summary('00000000-0000-0000-0000-00000000b001', '2026-08-01', '2026-10-31');
SELECT koku_internal.request_summary('00000000-0000-0000-0000-00000000b002', '2026-09-01', '2026-09-30');
UPDATE koku_summary_request SET requested_at = now() - interval '1 hour' WHERE source = '00000000-0000-0000-0000-00000000b001';
SELECT right(source::text, 4) AS source, month FROM koku_internal.begin_summary('infinity');
SELECT right(source::text, 4) AS source, month FROM koku_internal.begin_summary('infinity');
SELECT right(source::text, 4) AS source, month FROM koku_internal.begin_summary('infinity');
DELETE FROM koku_summary_request;
