-- A payload becomes rows (spec ingest.md 1.9, 3, 4, 8).
SET datestyle = ISO;
SET timezone = 'America/New_York';  -- nothing depends on it
SET koku_onprem.retention_months = 0;
SELECT koku_create_source('test-cluster', 'Test cluster', 't_ingest', '00000000-0000-0000-0000-00000000aaaa');

-- Two pods for two hours, one of them without a request in its first hour.
\set pods 'report_period_start,report_period_end,interval_start,interval_end,node,namespace,pod,pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,node_role,resource_id,pod_labels\n2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,2026-11-05 00:00:00 +0000 UTC,2026-11-05 00:59:59 +0000 UTC,node1,shop,web-1,10,20,30,1,2,3,4,14400,16,57600,worker,i-1,label_app:web|label_tier:front\n2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,2026-11-05 00:00:00 +0000 UTC,2026-11-05 00:59:59 +0000 UTC,node1,shop,db-1,5,,30,1,2,3,4,14400,16,57600,worker,i-1,\n2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,2026-11-05 01:00:00 +0000 UTC,2026-11-05 01:59:59 +0000 UTC,node1,shop,web-1,30,20,30,1,2,3,4,14400,16,57600,worker,i-1,label_app:web|label_tier:front\n2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,2026-11-05 01:00:00 +0000 UTC,2026-11-05 01:59:59 +0000 UTC,node1,shop,db-1,5,20,30,1,2,3,4,14400,16,57600,worker,i-1,\n'
CREATE TABLE test.delivery AS
SELECT test.payload(
    test.manifest(1, ARRAY['pods.csv', 'namespaces.csv', 'nothing.csv', 'later.csv'], 2),
    test.member('./', '', '5'),
    test.member('./pods.csv', replace(:'pods', '\n', E'\n')),
    test.member('namespaces.csv', test.namespaces(ARRAY['shop'], 2)),
    test.member('nothing.csv', ''),
    test.member('unlisted.csv', 'a,b')) AS payload;
SELECT file, report_type, day, action, rows_in, rows_loaded, rows_dropped, message FROM test.delivery, koku_ingest_payload(payload);

-- The rows as delivered. Effective usage is the greater of usage and request in each hour.
SELECT pod, interval_start AT TIME ZONE 'UTC' AS interval_start, interval_end AT TIME ZONE 'UTC' AS interval_end, usage_start,
       pod_usage_cpu_core_seconds AS usage, pod_request_cpu_core_seconds AS request, pod_effective_usage_cpu_core_seconds AS effective, pod_labels
FROM t_ingest.openshift_pod_usage_line_items ORDER BY interval_start, pod;
SELECT DISTINCT tableoid::regclass, source, year, month, reportnumhours, node_role, resource_id
FROM t_ingest.openshift_pod_usage_line_items;

-- One row a key and day.
SELECT pod, interval_start AT TIME ZONE 'UTC' AS interval_start, interval_end, pod_usage_cpu_core_seconds AS usage,
       pod_request_cpu_core_seconds AS request, pod_effective_usage_cpu_core_seconds AS effective, node_capacity_cpu_cores AS cores,
       node_capacity_cpu_core_seconds AS core_seconds, resource_id, node_role, pod_labels, reportnumhours
FROM t_ingest.openshift_pod_usage_line_items_daily ORDER BY pod;

-- Row ids are time-ordered UUIDs: version 7, ascending in the order of loading.
SELECT bool_and(substring(id::text FROM 15 FOR 1) = '7') AS version_7, count(DISTINCT id) = count(*) AS distinct_ids,
       array_agg(pod ORDER BY id) AS pods_by_id
FROM t_ingest.openshift_pod_usage_line_items;

-- Label keys are registered, not enabled; the month has a report period; nothing is requested while a file is waiting.
SELECT key, enabled, provider_type FROM t_ingest.reporting_enabledtagkeys ORDER BY key;
SELECT cluster_id, cluster_alias, report_period_start AT TIME ZONE 'UTC' AS report_period_start FROM t_ingest.reporting_ocpusagereportperiod;
SELECT count(*) AS requests FROM koku_summary_request WHERE source = '00000000-0000-0000-0000-00000000aaaa';
SELECT file, status, report_type, rows_in, rows_loaded, message, file.completed_at IS NOT NULL AS completed
FROM koku_report_file AS file JOIN koku_manifest USING (manifest_id) WHERE source = '00000000-0000-0000-0000-00000000aaaa' ORDER BY file;

-- The same bytes again change nothing.
SELECT file, report_type, day, action, rows_loaded FROM test.delivery, koku_ingest_payload(payload);
SELECT count(*) FROM t_ingest.openshift_pod_usage_line_items;

-- The last file arrives in a payload of its own: the manifest is complete and its day is to be summarized.
SELECT file, action FROM koku_ingest_payload(test.payload(
    test.member('later.csv', test.namespaces(ARRAY['shop', 'lab'], 1)),
    test.manifest(1, ARRAY['pods.csv', 'namespaces.csv', 'nothing.csv', 'later.csv'], 2)));
SELECT month, first_day, last_day FROM koku_summary_request WHERE source = '00000000-0000-0000-0000-00000000aaaa';
SELECT completed_at IS NOT NULL AS completed, daily_reports, operator_version, hours_per_day, file_count
FROM koku_manifest WHERE source = '00000000-0000-0000-0000-00000000aaaa';
SELECT file, status, report_type, rows_in, rows_loaded FROM koku_report_file JOIN koku_manifest USING (manifest_id)
WHERE source = '00000000-0000-0000-0000-00000000aaaa' ORDER BY file;

-- Its hour was there already from the first file: rows add up, the daily table still has one row a key.
SELECT namespace, count(*) FROM t_ingest.openshift_namespace_labels_line_items GROUP BY namespace ORDER BY namespace;
SELECT namespace, namespace_labels, reportnumhours FROM t_ingest.openshift_namespace_labels_line_items_daily ORDER BY namespace;

-- A source that has another name gives it to its report period, which stays the same.
SELECT id AS period FROM t_ingest.reporting_ocpusagereportperiod \gset
SELECT koku_alter_source('00000000-0000-0000-0000-00000000aaaa', 'Renamed');

-- A payload can come from a large object or a file of the server, too.
SELECT lo_from_bytea(0, test.payload(test.manifest(2, ARRAY['n.csv'], 3), test.member('n.csv', test.namespaces(ARRAY['shop'], 3)))) AS object \gset
SELECT file, day, action, rows_loaded FROM koku_ingest_large_object(:object);
SELECT lo_unlink(:object);
SELECT id = :period AS same_period, cluster_alias, report_period_start AT TIME ZONE 'UTC' AS report_period_start, report_period_end AT TIME ZONE 'UTC' AS report_period_end
FROM t_ingest.reporting_ocpusagereportperiod;
SELECT koku_internal.ensure_report_period('t_ingest', '00000000-0000-0000-0000-00000000aaaa', 'test-cluster', 'Renamed', '2026-11-30') = :period AS same_period,
    koku_internal.ensure_report_period('t_ingest', '00000000-0000-0000-0000-00000000aaaa', 'test-cluster', 'Renamed', NULL) AS without_day;

-- Rows of small payloads share blocks, also those of other sessions. Loading makes no map of free space before there is some.
CREATE FUNCTION test.deliver_names(manifest integer, names bigint) RETURNS bigint LANGUAGE sql AS $$
SELECT sum(rows_loaded)::bigint FROM koku_ingest_payload(test.payload(
    test.member('n.csv', test.namespaces((SELECT array_agg('name-' || name) FROM generate_series(1, names) name), 1, day => '2026-09-05')),
    test.manifest(manifest, ARRAY['n.csv'], 1, '{"daily_reports": false}')));
$$;
SELECT test.deliver_names(11, 3);
CREATE VIEW test.space AS
SELECT pg_relation_size(leaf) / current_setting('block_size')::bigint AS blocks, pg_relation_size(leaf, 'fsm') AS map_bytes
FROM (SELECT 't_ingest.openshift_namespace_labels_line_items_2026_09'::regclass AS leaf) l;
\c
SELECT test.deliver_names(12, 3);
\c
SELECT test.deliver_names(13, 3);
SELECT blocks, map_bytes FROM test.space;
SELECT test.deliver_names(14, 300);
SELECT blocks > 5 AS blocks, map_bytes FROM test.space;
-- Vacuum makes the map. Room in the blocks before the last is taken again.
DELETE FROM t_ingest.openshift_namespace_labels_line_items_2026_09 WHERE namespace LIKE 'name-2%';
VACUUM t_ingest.openshift_namespace_labels_line_items_2026_09;
SELECT blocks, map_bytes > 0 AS has_map FROM test.space \gset before_
\c
SELECT test.deliver_names(15, 50);
SELECT :'before_has_map' AS has_map, blocks = :before_blocks AS same_blocks FROM test.space;
