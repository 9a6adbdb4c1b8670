-- Raw rows of pods and volumes go before the rest; what is left of their days is replaced by nothing that is less.
SET client_min_messages = warning;
SET datestyle = 'ISO';
SET timezone = 'Pacific/Kiritimati';  -- nothing depends on it
\set source '00000000-0000-0000-0000-00000000f001'
SELECT koku_create_source('test-cluster', 'Raw', 't_raw', :'source');

-- The first day whose raw rows are kept.
SELECT days, as_of, koku_internal.first_kept_raw_day(days, as_of::date)
FROM (VALUES (-1, '2026-11-07'), (-1, '2026-11-08'), (-1, '2026-12-01'), (-1, '2026-01-03'), (7, '2026-11-22'), (1, '2026-11-22'), (0, '2026-11-22')) v (days, as_of);
SET koku_onprem.raw_retention_days = 0;
SELECT koku_internal.raw_retention_days('t_raw');
SET koku_onprem.raw_retention_days = -1;
-- Who keeps all months keeps raw rows as well, unless he says otherwise.
SELECT koku_internal.raw_retention_days('t_raw');
SELECT koku_set_raw_retention(30, 't_raw');
SELECT koku_internal.raw_retention_days('t_raw');
SELECT koku_set_raw_retention(NULL, 't_raw');
SELECT koku_set_retention(600, 't_raw');
SELECT koku_internal.raw_retention_days('t_raw');
SELECT * FROM test.error_of('SELECT koku_set_raw_retention(-2, ''t_raw'')');
SELECT * FROM test.error_of('SELECT koku_set_raw_retention(1, ''nobody'')');

-- A report of a day: a row an hour, in cores or gigabytes.
CREATE FUNCTION test.report(kind text, day date, hours integer, size integer DEFAULT 1, first_hour integer DEFAULT 0) RETURNS text LANGUAGE sql AS $$
SELECT CASE kind
    WHEN 'pods' THEN 'report_period_start,report_period_end,interval_start,interval_end,pod,namespace,node,resource_id,pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,pod_labels'
    WHEN 'volumes' THEN 'report_period_start,report_period_end,interval_start,interval_end,namespace,pod,persistentvolumeclaim,persistentvolume,storageclass,persistentvolumeclaim_capacity_bytes,persistentvolumeclaim_capacity_byte_seconds,volume_request_storage_byte_seconds,persistentvolumeclaim_usage_byte_seconds,persistentvolume_labels,persistentvolumeclaim_labels'
    WHEN 'namespaces' THEN 'report_period_start,report_period_end,interval_start,interval_end,namespace,namespace_labels' END
    || string_agg(format(E'\n%s,%s,%s %s:00:00,,', date_trunc('month', day), date_trunc('month', day) + interval '1 month', day, lpad(hour::text, 2, '0'))
        || CASE kind
            WHEN 'pods' THEN format('web,shop,n1,i-1,%s,0,0,0,0,0,4,14400,0,0,label_app:web', 3600 * size)
            WHEN 'volumes' THEN format('shop,web,data,pv1,fast,%s,%s,%2$s,%2$s,,', 2::bigint ^ 30 * size, 3600 * 2::bigint ^ 30 * size)
            WHEN 'namespaces' THEN 'shop,label_team:a' END, '' ORDER BY hour)
FROM generate_series(first_hour, hours - 1) hour;
$$;
CREATE FUNCTION test.deliver(number integer, day date, hours integer, kinds text[], size integer DEFAULT 1, named text[] DEFAULT NULL, changes jsonb DEFAULT '{}', force boolean DEFAULT false, first_hour integer DEFAULT 0)
RETURNS TABLE (file text, action text, loaded bigint, message text) LANGUAGE sql AS $$
SELECT result.file, result.action, result.rows_loaded, result.message
FROM (SELECT array_agg(test.member(kind, test.report(kind, day, hours, size, first_hour))) AS members FROM unnest(kinds) AS kind) AS parts,
    koku_ingest_payload(test.payload(VARIADIC parts.members || test.manifest(number, coalesce(named, kinds), 24, jsonb_build_object(
        'date', day + 1, 'start', day, 'end', to_char(day + hours * interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) || changes)),
        't_raw', force => force) AS result;
$$;
-- What is stored: raw and daily rows by day, and the summary.
CREATE VIEW test.stored AS
SELECT 'raw pods' AS what, usage_start AS day, count(*), max(reportnumhours) AS hours, sum(pod_usage_cpu_core_seconds) / 3600 AS amount FROM t_raw.openshift_pod_usage_line_items GROUP BY 2
UNION ALL SELECT 'raw volumes', usage_start, count(*), max(reportnumhours), sum(persistentvolumeclaim_usage_byte_seconds) / 3600 / 2 ^ 30 FROM t_raw.openshift_storage_usage_line_items GROUP BY 2
UNION ALL SELECT 'raw namespaces', usage_start, count(*), max(reportnumhours), NULL FROM t_raw.openshift_namespace_labels_line_items GROUP BY 2
UNION ALL SELECT 'daily pods', usage_start, count(*), max(reportnumhours), sum(pod_usage_cpu_core_seconds) / 3600 FROM t_raw.openshift_pod_usage_line_items_daily GROUP BY 2
UNION ALL SELECT 'daily volumes', usage_start, count(*), max(reportnumhours), sum(persistentvolumeclaim_usage_byte_seconds) / 3600 / 2 ^ 30 FROM t_raw.openshift_storage_usage_line_items_daily GROUP BY 2
UNION ALL SELECT 'node hours', usage_start, count(*), NULL, NULL FROM t_raw.koku_node_interval GROUP BY 2
UNION ALL SELECT 'summary of ' || lower(data_source), usage_start, count(*), NULL, round(sum(CASE data_source WHEN 'Pod' THEN pod_usage_cpu_core_hours
        ELSE persistentvolumeclaim_usage_gigabyte_months * 24 * extract(day FROM date_trunc('month', usage_start) + interval '1 month - 1 day') END), 6)::double precision
    FROM t_raw.reporting_ocpusagelineitem_daily_summary WHERE cost_model_rate_type IS NULL AND namespace = 'shop' GROUP BY usage_start, data_source
UNION ALL SELECT 'costs', usage_start, count(*), NULL, sum(coalesce(cost_model_cpu_cost, 0))::double precision FROM t_raw.reporting_ocpusagelineitem_daily_summary WHERE cost_model_rate_type IS NOT NULL GROUP BY 2;
CREATE FUNCTION test.differences(year integer, month integer) RETURNS bigint LANGUAGE sql AS $$
SELECT count(*) FROM koku_check('00000000-0000-0000-0000-00000000f001', year, month);
$$;

-- koku_run() leaves them for now; what it would do on another day, after its daily look at the tenant, is done by :remove.
SELECT koku_set_raw_retention(0, 't_raw');
\set remove 'UPDATE koku_internal.tenant_upkeep SET retention_checked_at = NULL; UPDATE koku_tenant SET raw_retention_days = -1; CALL koku_internal.run_upkeep(\'retention\', \'infinity\', \'2026-11-08\'); UPDATE koku_tenant SET raw_retention_days = 0;'
SELECT * FROM test.deliver(1, '2026-10-20', 18, '{pods,volumes,namespaces}');
CALL koku_run();
SELECT * FROM test.stored ORDER BY day, what;
CREATE TABLE test.before AS SELECT * FROM test.stored WHERE what NOT LIKE 'raw %s' OR what = 'raw namespaces';
-- What is kept, row by row.
CREATE TABLE test.usage_before AS SELECT * FROM t_raw.reporting_ocpusagelineitem_daily_summary;
CREATE TABLE test.dashboard_before AS SELECT usage_start, namespace, pod_usage_cpu_core_hours, pod_request_cpu_core_hours FROM t_raw.reporting_ocp_pod_summary_by_project_p;

-- Seven days after the end of October its deliveries are over. Not before, and not while a summary or files are awaited.
UPDATE koku_tenant SET raw_retention_days = -1;
CALL koku_internal.run_upkeep('retention', 'infinity', '2026-11-07');
UPDATE koku_tenant SET raw_retention_days = 0;
SELECT what, count FROM test.stored WHERE what LIKE 'raw %' ORDER BY what;
SELECT koku_internal.request_summary(:'source', '2026-10-31', '2026-11-01');
:remove
SELECT what, count FROM test.stored WHERE what LIKE 'raw %' ORDER BY what;
DELETE FROM koku_summary_request;
INSERT INTO koku_changed_day SELECT manifest_id, '2026-10-01' FROM koku_manifest;
:remove
SELECT what, count FROM test.stored WHERE what LIKE 'raw %' ORDER BY what;
SELECT count(*) FROM koku_raw_removal;
DELETE FROM koku_changed_day;
:remove
SELECT what, count FROM test.stored WHERE what LIKE 'raw %' ORDER BY what;
SELECT NOT EXISTS (TABLE test.before EXCEPT TABLE test.stored) AS all_else_stays;
SELECT failures FROM koku_run_step WHERE step = 'retention';
SELECT tenant, removed_before, removed_at > now() - interval '1 day' AS noted FROM koku_raw_removal;
-- The day of the removal, as the texts below tell it, whatever today is.
UPDATE koku_raw_removal SET removed_at = '2026-11-08 00:10+00';
SELECT relation FROM koku_check_tenant('t_raw');

-- A check compares what is left, and says so; a summary keeps usage rows and says so.
SET client_min_messages = notice;
SELECT * FROM koku_check(:'source', 2026, 10);
SET client_min_messages = warning;
SELECT target, rows FROM koku_summarize(:'source', 2026, 10) WHERE target ~ 'daily_summary$|pod_summary_p' AND rows > 0 ORDER BY target;
SELECT NOT EXISTS (TABLE test.before EXCEPT TABLE test.stored) AS all_stays, count(*) AS usage_rows, count(*) FILTER (WHERE uuid IN (SELECT uuid FROM test.usage_before)) AS same_rows
FROM t_raw.reporting_ocpusagelineitem_daily_summary;
SELECT count(*) FROM (SELECT usage_start, namespace, pod_usage_cpu_core_hours, pod_request_cpu_core_hours FROM t_raw.reporting_ocp_pod_summary_by_project_p EXCEPT ALL TABLE test.dashboard_before) AS changed;

-- Prices that change reach such days, by a request or by a summary.
SELECT koku_create_cost_model('{"name": "cpu", "currency": "USD", "rates": [{"metric": {"name": "cpu_core_usage_per_hour"}, "tiered_rates": [{"value": 2}]}]}',
    ARRAY[:'source']::uuid[], 't_raw') IS NOT NULL AS made;
SELECT koku_internal.request_summary(:'source', '2026-10-01', '2026-10-31');
CALL koku_run();
SELECT what, amount FROM test.stored WHERE what = 'costs';
SELECT NOT EXISTS (TABLE test.before EXCEPT TABLE test.stored) AS all_stays;

-- Fewer hours, the same hours, another file of a manifest, and rows to be added change nothing, and the message says why.
SELECT * FROM test.deliver(2, '2026-10-20', 10, '{pods,volumes}', 9);
SELECT * FROM test.deliver(3, '2026-10-20', 18, '{pods,volumes}', 9);
SELECT * FROM test.deliver(4, '2026-10-20', 18, '{pods,volumes}', 9, changes => '{"daily_reports": false}');
SELECT action, count(*) FROM test.deliver(4, '2026-10-20', 18, '{pods,volumes}', 9, changes => '{"daily_reports": false}', force => true) GROUP BY action;
UPDATE koku_raw_removal SET removed_at = '2026-11-08 00:10+00';
SELECT message FROM koku_report_file JOIN koku_manifest USING (manifest_id) WHERE right(manifest_uuid::text, 1) = '2' ORDER BY file;
CALL koku_run();
SELECT NOT EXISTS (TABLE test.before EXCEPT TABLE test.stored) AS all_stays, test.differences(2026, 10);

-- More hours replace the day. While volumes lack their raw rows, the summary stays; the check shows the difference. Volumes may come
-- in a later payload than their pods, and as many hours as those have count as more than theirs.
SELECT * FROM test.deliver(5, '2026-10-20', 24, '{pods}', 2);
CALL koku_run();
SELECT what, count, hours, amount FROM test.stored WHERE what !~ 'costs|namespaces' ORDER BY what;
SELECT measure, raw, daily, summary FROM koku_check(:'source', 2026, 10) WHERE measure = 'pod_usage_cpu_core_hours';
SELECT * FROM test.deliver(6, '2026-10-20', 24, '{volumes}', 2);
CALL koku_run();
SELECT what, count, hours, amount FROM test.stored ORDER BY what;
SELECT test.differences(2026, 10);
-- force replaces at any number of hours.
:remove
SELECT what, count FROM test.stored WHERE what LIKE 'raw %' ORDER BY what;
SELECT * FROM test.deliver(7, '2026-10-20', 5, '{pods,volumes}', 3, force => true);
CALL koku_run();
SELECT what, count, hours, amount FROM test.stored ORDER BY what;
SELECT test.differences(2026, 10);
-- As does the whole of the same manifest again.
:remove
SELECT * FROM test.deliver(7, '2026-10-20', 5, '{pods,volumes}', 4, force => true);
-- A file of it that was not there before cannot be added.
UPDATE koku_raw_removal SET removed_at = '2026-11-08 00:10+00';
SELECT * FROM test.deliver(8, '2026-10-21', 24, '{pods}', named => '{pods,volumes,more}');
DELETE FROM koku_changed_day;
CALL koku_run();
:remove
SELECT what, day, count FROM test.stored WHERE what LIKE 'raw %' ORDER BY what, day;

-- Days: rows of single days go from the partition of their month, and only what is awaited no more.
SELECT koku_set_raw_retention(7, 't_raw');
SELECT count(*) FROM generate_series(0, 2) AS number, test.deliver(20 + number, date '2026-11-05' + 6 * number, 24, '{pods,volumes}');
CALL koku_internal.run_upkeep('retention', 'infinity', '2026-11-18');
SELECT what, day, count FROM test.stored WHERE what ~ '^raw (pods|volumes)' ORDER BY what, day;
CALL koku_run();
SELECT what, day, count FROM test.stored WHERE what ~ '^raw (pods|volumes)|^summary' ORDER BY what, day;
CREATE TABLE test.november AS SELECT * FROM test.stored WHERE day >= '2026-11-01';
UPDATE koku_raw_removal SET removed_at = '2026-11-18 00:10+00';
SELECT DISTINCT first_day, last_day FROM koku_summarize(:'source', 2026, 11) ORDER BY first_day;
SET client_min_messages = notice;
SELECT test.differences(2026, 11);
SET client_min_messages = warning;
SELECT count(*) AS changed FROM (TABLE test.november EXCEPT TABLE test.stored) AS gone;
-- Of the day before yesterday the last hours come late: more hours replace the day, the same rule as ever.
SELECT koku_set_raw_retention(1, 't_raw');
SELECT count(*) FROM test.deliver(30, '2026-11-17', 18, '{pods,volumes}');
CALL koku_run();
SELECT count(*) FROM t_raw.openshift_pod_usage_line_items WHERE usage_start >= '2026-11-01';
SELECT file, action FROM test.deliver(31, '2026-11-17', 24, '{pods,volumes}');
CALL koku_run();
SELECT what, count, hours, amount FROM test.stored WHERE day = '2026-11-17' ORDER BY what;

-- A tenant that is forgotten and taken up again knows its days by what is there.
SELECT koku_drop_tenant('t_raw');
SELECT count(*) FROM koku_raw_removal;
SELECT koku_create_source('test-cluster', 'Raw', 't_raw', :'source');
CREATE TABLE test.again AS TABLE test.stored;
SELECT DISTINCT first_day, last_day FROM koku_summarize(:'source'::uuid, date '2026-11-05', date '2026-11-05');
SET client_min_messages = warning;
SELECT file, action, message FROM test.deliver(40, '2026-11-05', 24, '{pods}', 9);
SELECT NOT EXISTS (TABLE test.again EXCEPT TABLE test.stored) AS all_stays;

-- Rows of several manifests stand side by side: a day without raw rows has the hours of all of them.
SELECT koku_set_retention(600, 't_raw');
SELECT file, action FROM test.deliver(50, '2026-10-22', 12, '{volumes}');
SELECT file, action FROM test.deliver(51, '2026-10-22', 20, '{volumes}', first_hour => 12, changes => '{"start": "2026-10-22T12:00:00Z"}');
SELECT DISTINCT reportnumhours FROM t_raw.openshift_storage_usage_line_items WHERE usage_start = '2026-10-22' ORDER BY reportnumhours;
CALL koku_run();
:remove
SELECT what, count, hours, amount FROM test.stored WHERE day = '2026-10-22' AND what LIKE '%volumes' ORDER BY what;
SELECT file, action FROM test.deliver(52, '2026-10-22', 20, '{volumes}', 5);
SELECT file, action FROM test.deliver(53, '2026-10-22', 21, '{volumes}', 5);
SELECT what, count, hours, amount FROM test.stored WHERE day = '2026-10-22' AND what LIKE '%volumes' ORDER BY what;
