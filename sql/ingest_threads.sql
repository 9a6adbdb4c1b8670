-- A payload read by a thread while its rows are stored: the same rows, the same errors, and no thread is left.
\pset format unaligned
SET client_min_messages = error;
SELECT koku_create_source('test-cluster', 'With', 't_with', '00000000-0000-0000-0000-00000000ad01');
SELECT koku_create_source('test-cluster', 'Without', 't_without', '00000000-0000-0000-0000-00000000ad00');
-- However small a payload is.
SET koku_onprem.ingest_threads = 1;
SET koku_onprem.ingest_thread_min_size = 0;

-- The threads of this session's process; where the system does not tell, there are none.
CREATE FUNCTION test.threads() RETURNS bigint LANGUAGE sql AS $$
SELECT greatest(1, count(*)) FROM pg_ls_dir('/proc/self/task', true, false);
$$;

-- Pods: some each hour of a day, with labels that all of them have and one of their own.
CREATE FUNCTION test.pods(pods integer, hours integer, day date DEFAULT '2026-11-05') RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT E'report_period_start,report_period_end,interval_start,interval_end,node,namespace,pod,pod_usage_cpu_core_seconds,'
    'pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,'
    'pod_limit_memory_byte_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,'
    'node_capacity_memory_byte_seconds,resource_id,pod_labels\n'
    || string_agg(format(E'2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,%1$s %2$s:00:00 +0000 UTC,%1$s %2$s:59:59 +0000 UTC,'
        'n%3$s,shop,p%4$s,%4$s.25,1,2,3,4,5,4,14400,64,230400,i-%3$s,label_app:web|label_pod:p%4$s\n',
        to_char(day, 'YYYY-MM-DD'), lpad(hour::text, 2, '0'), pod % 5, pod), '' ORDER BY hour, pod)
FROM generate_series(1, pods) pod, generate_series(0, hours - 1) hour;
$$;
CREATE TEMP TABLE sent AS SELECT test.payload(
    test.member('pods.csv', test.pods(60, 24)), test.member('more.csv', test.pods(30, 2, '2026-11-06')),
    test.member('odd.csv', E'a,b\n1,2\n'), test.member('empty.csv'),
    test.member('namespaces.csv', test.namespaces(ARRAY['shop', 'bank'], 24)),
    test.manifest(1, ARRAY['pods.csv', 'more.csv', 'odd.csv', 'empty.csv', 'namespaces.csv'])) AS payload;

SELECT file, report_type, day, action, rows_in, rows_loaded, message FROM koku_ingest_payload((TABLE sent), 't_with');
SET koku_onprem.ingest_threads = 0;
SELECT file, report_type, day, action, rows_in, rows_loaded, message FROM koku_ingest_payload((TABLE sent), 't_without');
SET koku_onprem.ingest_threads = 1;
CREATE FUNCTION test.rows_of(tenant text) RETURNS TABLE (kind text, line text) LANGUAGE plpgsql AS $$
DECLARE
    listed record;
BEGIN
    FOR listed IN SELECT DISTINCT format('openshift_%s_line_items%s', report_type, suffix) AS name
        FROM koku_report_columns(), unnest(ARRAY['', '_daily']) suffix UNION ALL SELECT 'koku_node_interval'
    LOOP
        RETURN QUERY EXECUTE format('SELECT %L, (to_jsonb(r) - ''id'' - ''source'' - ''manifestid'')::text FROM %I.%I r',
            listed.name, tenant, listed.name);
    END LOOP;
END;
$$;
CREATE FUNCTION test.differences() RETURNS bigint LANGUAGE sql AS $$
SELECT count(*) FROM (
    (SELECT * FROM test.rows_of('t_with') EXCEPT ALL SELECT * FROM test.rows_of('t_without'))
    UNION ALL (SELECT * FROM test.rows_of('t_without') EXCEPT ALL SELECT * FROM test.rows_of('t_with'))) AS differing;
$$;
SELECT kind, count(*) FROM test.rows_of('t_with') GROUP BY kind ORDER BY kind;
SELECT test.differences();
SELECT test.threads();

-- Files and large objects are read by the session, for the thread.
SELECT lo_from_bytea(2621, payload) FROM sent;
SELECT action, sum(rows_in) FROM koku_ingest_large_object(2621, 't_with', force => true) GROUP BY action ORDER BY action;
SELECT test.differences();

-- Errors of the thread: with the file, and with nothing of the payload left.
SELECT * FROM test.error_of($$SELECT * FROM koku_ingest_payload(test.payload(
    test.member('pods.csv', test.pods(30, 24)), test.member('cut.csv', test.pods(20, 24) || '"open'),
    test.manifest(2, ARRAY['pods.csv', 'cut.csv'])), 't_with', force => true)$$);
-- Of the session, while the thread reads on: a day to come.
SELECT sqlstate_, message, regexp_replace(detail, '\d{4}-\d\d-\d\d', 'DAY', 'g') AS detail FROM test.error_of($$SELECT * FROM koku_ingest_payload(test.payload(
    test.member('pods.csv', test.pods(30, 24, '2026-11-07')), test.member('later.csv', test.pods(200, 24, (now() + interval '9 days')::date)),
    test.manifest(2, ARRAY['pods.csv', 'later.csv'], NULL)), 't_with')$$);
-- Of strict mode, after the file was read.
SELECT * FROM test.error_of($$SELECT * FROM koku_ingest_payload(test.payload(
    test.member('odd.csv', E'a,b\n1,2\n'), test.member('pods.csv', test.pods(200, 24, '2026-11-07')),
    test.manifest(2, ARRAY['odd.csv', 'pods.csv'], NULL)), 't_with', strict => true)$$);
-- Of a constraint that somebody added.
ALTER TABLE t_with.openshift_pod_usage_line_items ADD CONSTRAINT small CHECK (pod <> 'p70') NOT VALID;
SELECT sqlstate_, message FROM test.error_of($$SELECT * FROM koku_ingest_payload(test.payload(
    test.member('pods.csv', test.pods(100, 24, '2026-11-07')), test.manifest(2, ARRAY['pods.csv'], NULL)), 't_with')$$);
ALTER TABLE t_with.openshift_pod_usage_line_items DROP CONSTRAINT small;
SELECT test.differences();
SELECT test.threads();
