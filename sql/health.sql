-- koku_health(): each check, once well and once not. What the other tests left is put right first.
SET client_min_messages = error;
SET koku_onprem.retention_months = 0;
CREATE FUNCTION test.health(wanted text) RETURNS TABLE (check_name text, status text, what_to_do text) LANGUAGE sql AS $$
SELECT check_name, status, what_to_do FROM koku_health() WHERE check_name = wanted;
$$;
SELECT check_name FROM koku_health();

-- Library and SQL objects are of one release.
SELECT * FROM test.health('version');

-- The scheduler: late without work is a warning, with work an error.
DELETE FROM koku_inbox WHERE status <> 'done';
DELETE FROM koku_summary_request;
DELETE FROM koku_run_step;
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'scheduler';
CALL koku_run();
SELECT * FROM test.health('scheduler');
UPDATE koku_run_step SET succeeded_at = now() - interval '3 hours';
SELECT * FROM test.health('scheduler');
SELECT koku_submit_payload('no payload', 'health 1') IS NOT NULL AS submitted;
UPDATE koku_inbox SET next_attempt_at = now() - interval '3 hours' WHERE request_id = 'health 1';
SELECT * FROM test.health('scheduler');

-- The inbox and the steps.
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'inbox';
UPDATE koku_inbox SET status = 'failed' WHERE request_id = 'health 1';
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'inbox';
UPDATE koku_inbox SET status = 'held' WHERE request_id = 'health 1';
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'inbox';
UPDATE koku_inbox SET status = 'parked' WHERE request_id = 'health 1';
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'inbox';
DELETE FROM koku_inbox WHERE request_id = 'health 1';
SELECT check_name, status, detail FROM koku_health() WHERE check_name = 'steps';
UPDATE koku_run_step SET failed_at = '2026-11-05 12:00 UTC', failures = 1, last_error = '53100 disk is full' WHERE step = 'clean-up';
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'steps';
UPDATE koku_run_step SET failures = 3 WHERE step = 'clean-up';
SELECT * FROM test.health('steps');
CALL koku_run();
SELECT * FROM test.health('steps');

-- Sources that send nothing, and summaries that fail.
SELECT koku_create_source('health-cluster', 'Health', 't_health', '00000000-0000-0000-0000-00000000ac01');
UPDATE koku_source SET paused = true WHERE tenant <> 't_health';
SELECT check_name, status FROM koku_health() WHERE check_name = 'sources';
UPDATE koku_source SET created_at = now() - interval '2 days' WHERE tenant = 't_health';
SELECT check_name, status, replace(detail, (SELECT count(*)::text FROM koku_source), 'all') AS detail, what_to_do FROM koku_health() WHERE check_name = 'sources';
UPDATE koku_source SET paused = true WHERE tenant = 't_health';
SELECT check_name, status FROM koku_health() WHERE check_name = 'sources';
INSERT INTO koku_summary_request (source, month, first_day, last_day, attempts, last_error, retry_after)
VALUES ('00000000-0000-0000-0000-00000000ac01', '2026-11-01', '2026-11-05', '2026-11-05', 1, 'XX000 broken', now() + interval '1 hour');
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'summaries';
UPDATE koku_summary_request SET attempts = 5;
SELECT * FROM test.health('summaries');
UPDATE koku_summary_request SET attempts = 1, retry_after = 'infinity';
SELECT * FROM test.health('summaries');
DELETE FROM koku_summary_request;
SELECT * FROM test.health('summaries');

-- Partitions: rows of a month without one, a missing next month, and one past the retention.
CALL koku_run();
SELECT check_name, status, detail LIKE 'every table has its partition of ____-__' AS well FROM koku_health() WHERE check_name = 'next month';
DELETE FROM t_health.partitioned_tables WHERE table_name = 'reporting_ocp_gpu_summary_p' || to_char(date_trunc('month', koku_internal.today()::timestamp) + interval '1 month', '_YYYY_MM');
SELECT check_name, status <> 'ok' AS noticed, split_part(detail, ' of ', 1) AS detail, what_to_do FROM koku_health() WHERE check_name = 'next month';
CALL koku_run();
SELECT * FROM test.health('next month');
SELECT koku_internal.ensure_partition('t_health', 'reporting_ocp_gpu_summary_p', '2020-01-01') IS NOT NULL AS made;
SET koku_onprem.retention_months = 4;
SELECT check_name, status, detail LIKE '%the oldest of 2020-01' AS names_it, what_to_do FROM koku_health() WHERE check_name = 'retention';
-- The month before the oldest that is kept counts, that one does not; koku_run() drops what it finds, whenever it came.
SELECT count(koku_internal.ensure_partition('t_health', 'reporting_ocp_gpu_summary_p', (date_trunc('month', koku_internal.today()::timestamp) - make_interval(months => ago))::date)) FROM generate_series(0, 4) ago;
SELECT split_part(detail, ',', 1) AS detail FROM koku_health() WHERE check_name = 'retention';
CALL koku_run();
SELECT * FROM test.health('retention');
SELECT count(*) FROM koku_internal.partitions('t_health') WHERE table_name = 'reporting_ocp_gpu_summary_p' AND first_day <= koku_internal.today();
SELECT koku_internal.ensure_partition('t_health', 'reporting_ocp_gpu_summary_p', '2020-01-01') IS NOT NULL AS made;
CALL koku_run();
SELECT * FROM test.health('retention');
SET koku_onprem.retention_months = 0;
INSERT INTO t_health.reporting_ocp_pod_summary_p (id, cluster_id, usage_start, usage_end) VALUES (gen_random_uuid(), 'c', '2019-01-01', '2019-01-01');
SELECT check_name, status, detail LIKE '%t_health.reporting_ocp_pod_summary_p_default%' AS names_it, what_to_do FROM koku_health() WHERE check_name = 'default partitions';
DELETE FROM t_health.reporting_ocp_pod_summary_p;

-- Transactions and locks: there is none here; a check that fails is itself an error.
SELECT * FROM test.health('transactions') UNION ALL SELECT * FROM test.health('locks');
ALTER FUNCTION koku_internal.health_locks() RENAME TO health_locks_away;
SELECT check_name, status, detail FROM koku_health() WHERE check_name = 'locks';
ALTER FUNCTION koku_internal.health_locks_away() RENAME TO health_locks;
UPDATE koku_source SET paused = false;
