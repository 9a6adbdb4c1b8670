-- koku_check says where raw line items, daily line items and the daily summary differ.
SET client_min_messages = warning;
\set source '00000000-0000-0000-0000-00000000e001'
SELECT koku_create_source('check', 'Check', 't_check', :'source');
SELECT sum(test.pod('t_check', :'source', hour, 'shop', pod, node, '{}', 1, 2, 3, 4))
FROM generate_series(timestamp '2026-11-05 00:00', '2026-11-06 23:00', '1 hour') hour, (VALUES ('a', 'n1'), ('b', 'n1'), ('without node', '')) p (pod, node);
SELECT test.add_up('t_check');
SELECT * FROM koku_check(:'source', 2026, 11) WHERE day = '2026-11-05';  -- not summarized yet
SELECT count(*) > 0 AS done FROM koku_summarize(:'source', 2026, 11);
SELECT * FROM koku_check(:'source', 2026, 11);
SELECT * FROM koku_check(:'source', 2026, 10);

-- A raw row is changed, a daily row is there twice, a summary row is lost.
UPDATE t_check.openshift_pod_usage_line_items SET pod_limit_cpu_core_seconds = pod_limit_cpu_core_seconds + 3600
WHERE interval_start = '2026-11-05 07:00+00' AND pod = 'a';
SELECT * FROM koku_check(:'source', 2026, 11);
SELECT test.add_up('t_check');
INSERT INTO t_check.openshift_pod_usage_line_items_daily SELECT * FROM (
    SELECT (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid()))).* FROM t_check.openshift_pod_usage_line_items_daily d
    WHERE usage_start = '2026-11-06' AND pod = 'without node') copy;
SELECT * FROM koku_check(:'source', 2026, 11);
DELETE FROM t_check.reporting_ocpusagelineitem_daily_summary WHERE usage_start = '2026-11-06';
SELECT * FROM koku_check(:'source', 2026, 11) WHERE day = '2026-11-06' AND measure LIKE '%cpu%';

-- Summarized again, only the daily row is left.
SELECT count(*) > 0 AS done FROM koku_summarize(:'source', 2026, 11);
SELECT * FROM koku_check(:'source', 2026, 11);
SELECT e.* FROM (VALUES ($$SELECT koku_check('00000000-0000-0000-0000-00000000eeee', 2026, 11)$$), ($$SELECT koku_check('00000000-0000-0000-0000-00000000e001', 2026, 0)$$)) s (statement), test.error_of(statement) e;
