-- Retention: what is past it goes, from every table, and nothing else does. Months count back from as_of, so that the day
-- of the test does not matter.
SET client_min_messages = warning;
SET timezone = 'Pacific/Kiritimati';  -- nothing depends on it
SET datestyle = 'ISO';
\set stays '00000000-0000-0000-0000-00000000e001'
\set stops '00000000-0000-0000-0000-00000000e002'
SELECT koku_create_source('stays', 'Stays', 't_retention', :'stays');
SELECT koku_create_source('stops', 'Stops', 't_retention', :'stops');
SELECT koku_enable_tags(ARRAY['app', 'never-seen'], 't_retention');
SELECT koku_map_tags('application', ARRAY['app'], 't_retention');

-- One pod a month. From September on the node has more cores and the project another name; stops ends in August.
SELECT sum(test.pod('t_retention', source, day, namespace, 'pod', 'n1', labels, 1, 1, 1, 1, jsonb_build_object('node_capacity_cpu_cores', cores)))
FROM (VALUES (:'stays'::uuid, timestamp '2026-07-31 23:00', 'shop', '{"app": "web", "old": "1"}', 4.004),
             (:'stays', '2026-08-31 23:00', 'shop', '{"app": "old"}', 4.004),
             (:'stays', '2026-09-01 00:00', 'store', '{"app": "web", "hash": "1"}', 8.004),
             (:'stays', '2026-11-05 00:00', 'store', '{"app": "web"}', 8.004),
             (:'stops', '2026-08-05 00:00', 'blog', '{"app": "web"}', 2)) p (source, day, namespace, labels, cores);
SELECT sum(test.volume('t_retention', :'stays', day, 'store', 'pod', claim, volume, '{"app": "disk"}', 1, 1, 1))
FROM (VALUES (timestamp '2026-08-31 23:00', 'c-old', 'pv-old'), ('2026-09-01 00:00', 'c-new', 'pv-new')) v (day, claim, volume);
SELECT sum(test.line('t_retention', source, 'node_labels', day, '{"node": "n1", "node_labels": "{}"}'))
FROM (VALUES (:'stays'::uuid, timestamp '2026-07-31'), (:'stays', '2026-08-31'), (:'stays', '2026-09-01'), (:'stays', '2026-11-05'), (:'stops', '2026-08-05')) l (source, day);
SELECT koku_internal.ensure_partition('t_retention', 'koku_node_interval', day::date)
FROM (VALUES (timestamp '2026-07-31 23:00'), ('2026-09-01 00:00')) d (day);
INSERT INTO t_retention.koku_node_interval (id, usage_start, interval_start, source, node)
SELECT gen_random_uuid(), day, day AT TIME ZONE 'UTC', source, 'n1'
FROM (VALUES (:'stays', timestamp '2026-07-31 23:00'), (:'stays', '2026-09-01 00:00'), (:'stops', '2026-08-05 00:00')) i (source, day);
SELECT test.add_up('t_retention');
SELECT koku_internal.add_tag_keys('t_retention', ARRAY['old', 'hash', 'nowhere']);
SELECT source, count(DISTINCT month.month) AS months
FROM koku_source, generate_series(7, 11) month (month), koku_summarize(source, 2026, month.month) WHERE tenant = 't_retention' GROUP BY source ORDER BY source;
-- Days that another tool wrote: past the retention, and ahead of the partitions. And its partition of two months.
INSERT INTO t_retention.openshift_node_labels_line_items (id, usage_start, source) VALUES
    (gen_random_uuid(), '2024-02-29', :'stays'), (gen_random_uuid(), '2024-02-29', 'other'), (gen_random_uuid(), '2030-01-01', :'stays');
INSERT INTO t_retention.reporting_ocpusagelineitem_daily_summary_staging (usage_start) VALUES ('2026-01-15');
CREATE TABLE t_retention.two_months PARTITION OF t_retention.openshift_vm_usage_line_items FOR VALUES FROM ('2026-08-01') TO ('2026-10-01');
INSERT INTO t_retention.openshift_vm_usage_line_items (id, usage_start) VALUES (gen_random_uuid(), '2026-08-31'), (gen_random_uuid(), '2026-09-01');
-- And partitions that nothing tracks, that are detached, or gone.
CREATE TABLE t_retention.untracked PARTITION OF t_retention.reporting_ocp_gpu_summary_p FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
UPDATE t_retention.partitioned_tables SET active = false WHERE table_name = 'openshift_pod_usage_line_items_2026_07';
DROP TABLE t_retention.reporting_ocp_vm_summary_p_2026_07;
-- Manifests: one of July, one whose window reaches into September, one without a window.
INSERT INTO koku_manifest (source, manifest_uuid, cluster_id, exported_at, billing_period_start, window_start, window_end, hours_per_day, file_count, daily_reports, certified, operator_version)
SELECT :'stays', uuid, 'stays', exported, date_trunc('month', first)::date, first, until, hours, 1, true, true, 'v'
FROM (VALUES ('00000000-0000-4000-8000-00000000e001'::uuid, timestamptz '2026-08-01 00:30+00', timestamptz '2026-07-31 00:00+00', timestamptz '2026-08-01 00:00+00', '{"2026-07-31": 24, "2026-08-01": 0}'::jsonb),
             ('00000000-0000-4000-8000-00000000e002', '2026-09-01 06:00+00', '2026-08-31 12:00+00', '2026-08-31 00:00+00', '{"2026-08-31": 12, "2026-09-01": 6}'),
             ('00000000-0000-4000-8000-00000000e003', '2026-08-02 00:30+00', '2026-08-01 00:00+00', NULL, '{}')) m (uuid, exported, first, until, hours);
INSERT INTO koku_changed_day SELECT manifest_id, day FROM koku_manifest, (VALUES (date '2026-08-31'), ('2026-09-01')) d (day)
WHERE manifest_uuid = '00000000-0000-4000-8000-00000000e002';
SELECT koku_internal.request_summary(:'stays', '2026-08-31', '2026-09-01');

-- What there is: partitions by month, and what the tables around the summaries say.
CREATE VIEW test.retention_partitions AS
SELECT coalesce(substring(partition::text FROM '(\d{4}_\d\d|default)$'), partition::text) AS partition, count(*) AS tables,
    count(*) FILTER (WHERE EXISTS (SELECT FROM t_retention.partitioned_tables t WHERE t_retention.partition::text = t.schema_name || '.' || t.table_name)) AS tracked
FROM koku_internal.partitions('t_retention') t_retention GROUP BY 1 ORDER BY 1;
CREATE VIEW test.retention_rows AS
SELECT 'raw pod' AS what, usage_start::text AS name, source AS source, count(*) FROM t_retention.openshift_pod_usage_line_items GROUP BY 1, 2, 3
UNION ALL SELECT 'raw node', usage_start::text, source, count(*) FROM t_retention.openshift_node_labels_line_items GROUP BY 1, 2, 3
UNION ALL SELECT 'node hour', usage_start::text, source, count(*) FROM t_retention.koku_node_interval GROUP BY 1, 2, 3
UNION ALL SELECT 'raw vm', usage_start::text, source, count(*) FROM t_retention.openshift_vm_usage_line_items GROUP BY 1, 2, 3
UNION ALL SELECT 'staging', usage_start::text, source, count(*) FROM t_retention.reporting_ocpusagelineitem_daily_summary_staging GROUP BY 1, 2, 3
UNION ALL SELECT 'summary', usage_start::text, source_uuid::text, count(*) FROM t_retention.reporting_ocpusagelineitem_daily_summary GROUP BY 1, 2, 3
UNION ALL SELECT 'period', (report_period_start AT TIME ZONE 'UTC')::date::text, provider_id::text, count(*) FROM t_retention.reporting_ocpusagereportperiod GROUP BY 1, 2, 3
UNION ALL SELECT 'cluster', cluster_id, provider_id::text, 1 FROM t_retention.reporting_ocp_clusters
UNION ALL SELECT 'node', node || ' ' || node_capacity_cpu_cores, provider_id::text, 1 FROM t_retention.reporting_ocp_nodes n JOIN t_retention.reporting_ocp_clusters c ON c.uuid = n.cluster_id
UNION ALL SELECT 'project', project, provider_id::text, 1 FROM t_retention.reporting_ocp_projects n JOIN t_retention.reporting_ocp_clusters c ON c.uuid = n.cluster_id
UNION ALL SELECT 'volume', persistent_volume, provider_id::text, 1 FROM t_retention.reporting_ocp_pvcs n JOIN t_retention.reporting_ocp_clusters c ON c.uuid = n.cluster_id
UNION ALL SELECT 'pod label', key || '=' || array_to_string(values, ',') || ' in ' || namespace, provider_id::text, 1
    FROM t_retention.reporting_ocpusagepodlabel_summary l JOIN t_retention.reporting_ocpusagereportperiod p ON p.id = l.report_period_id
UNION ALL SELECT 'tag value', concat_ws(' ', key || '=' || value, cluster_ids, cluster_aliases, namespaces, nodes), NULL, 1 FROM t_retention.reporting_ocptags_values
UNION ALL SELECT 'tag key', key || CASE WHEN enabled THEN ' enabled' ELSE '' END, NULL, 1 FROM t_retention.reporting_enabledtagkeys
UNION ALL SELECT 'manifest', right(manifest_uuid::text, 4), source::text, 1 FROM koku_manifest JOIN koku_source USING (source) WHERE tenant = 't_retention'
UNION ALL SELECT 'changed day', day::text, source::text, 1 FROM koku_changed_day JOIN koku_manifest USING (manifest_id) JOIN koku_source USING (source) WHERE tenant = 't_retention'
UNION ALL SELECT 'request', month::text, source::text, 1 FROM koku_summary_request JOIN koku_source USING (source) WHERE tenant = 't_retention';
SELECT * FROM test.retention_partitions;
CREATE TABLE test.before_retention AS SELECT * FROM test.retention_rows;

-- The setting, and a number of the tenant's own. Nothing goes while all is kept.
SELECT months, as_of, koku_internal.first_kept_day(months, as_of::date)
FROM (VALUES (4, '2026-11-22'), (1, '2026-11-30'), (12, '2026-12-01'), (3, '2026-01-31'), (3, '2024-02-29'), (0, '2026-11-22')) v (months, as_of);
SET koku_onprem.retention_months = 0;
SELECT koku_internal.retention_months('t_retention');
SELECT count(*) FROM koku_purge_expired('t_retention', '2026-11-22');
SELECT koku_set_retention(3, 't_retention');
SELECT koku_internal.retention_months('t_retention');

-- What would go, and then goes. Partitions of all tables; rows by month; what no kept month mentions.
CREATE TABLE test.would_go AS SELECT * FROM koku_purge_expired('t_retention', '2026-11-22', dry_run => true);
SELECT count(*) AS nothing_has_gone FROM (TABLE test.before_retention EXCEPT TABLE test.retention_rows) d;
SELECT tenant_name, month, action, count(*) AS partitions, min(relation), bool_or(bytes > 0) AS bytes_known FROM test.would_go WHERE action = 'drop partition' GROUP BY 1, 2, 3 ORDER BY 2;
SELECT relation, month, action, rows FROM test.would_go WHERE action <> 'drop partition' ORDER BY relation, month, action;
CREATE TABLE test.went AS SELECT * FROM koku_purge_expired('t_retention', '2026-11-22');
SELECT count(*) FILTER (WHERE would.relation IS NULL OR went.relation IS NULL) AS different, count(*)
FROM test.would_go would FULL JOIN test.went went
ON (would.relation, would.action, coalesce(would.month, 'infinity'), CASE would.action WHEN 'drop partition' THEN 0 ELSE would.rows END)
    = (went.relation, went.action, coalesce(went.month, 'infinity'), CASE went.action WHEN 'drop partition' THEN 0 ELSE went.rows END);
SELECT * FROM test.retention_partitions;
-- Gone is what was before September, and 5.3: the arrays of app=web have lost stops, its project and shop.
SELECT what, name, right(source, 4) AS source, count FROM (TABLE test.before_retention EXCEPT ALL TABLE test.retention_rows) gone ORDER BY what COLLATE "C", name COLLATE "C", source;
-- Left.
SELECT what, name, right(source, 4) AS source, count FROM test.retention_rows ORDER BY what COLLATE "C", name COLLATE "C", source;
-- A second time nothing is left to go.
SELECT count(*) FROM koku_purge_expired('t_retention', '2026-11-22');

-- CALL koku_run() does it in small transactions, to the same end; a month later another month goes.
CALL koku_internal.run_upkeep('retention', 'infinity', '2026-12-01');
SELECT * FROM test.retention_partitions;
SELECT what, name, right(source, 4) AS source, count FROM test.retention_rows ORDER BY what COLLATE "C", name COLLATE "C", source;
SELECT tenant, purged_before FROM koku_purge WHERE tenant = 't_retention';
-- A piece that fails is left for the next call, and its tenant is not done; the other pieces are done.
SELECT koku_internal.ensure_partition('t_retention', table_name, '2026-07-01')
FROM (VALUES ('openshift_pod_usage_line_items'), ('openshift_node_labels_line_items')) t (table_name);
CREATE VIEW test.in_the_way AS TABLE t_retention.openshift_node_labels_line_items_2026_07;
SELECT koku_set_retention(2, 't_retention');
CALL koku_internal.run_upkeep('retention', 'infinity', '2026-12-01');
SELECT failures, last_error FROM koku_run_step WHERE step = 'retention';
SELECT * FROM test.retention_partitions;
SELECT tenant, purged_before FROM koku_purge WHERE tenant = 't_retention';
DROP VIEW test.in_the_way;
CALL koku_internal.run_upkeep('retention', '-infinity', '2026-12-01');  -- past the deadline nothing is begun
SELECT failures > 0 AS failed FROM koku_run_step WHERE step = 'retention';
CALL koku_internal.run_upkeep('retention', 'infinity', '2026-12-01');
SELECT failures, last_error FROM koku_run_step WHERE step = 'retention';
SELECT * FROM test.retention_partitions;
SELECT tenant, purged_before FROM koku_purge WHERE tenant = 't_retention';

-- Partitions are made for the month and, ahead, for the next; rows leave the default partitions.
INSERT INTO t_retention.reporting_ocpusagelineitem_daily_summary_staging (usage_start) VALUES ('2026-11-30'), ('2026-12-01'), ('2026-12-31'), ('2027-01-01');
CALL koku_internal.run_upkeep('partitions', 'infinity', '2026-11-30');
SELECT * FROM test.retention_partitions;
SELECT right(tableoid::regclass::text, 7) AS partition, usage_start FROM t_retention.reporting_ocpusagelineitem_daily_summary_staging WHERE source IS NULL ORDER BY usage_start;
CALL koku_internal.run_upkeep('partitions', 'infinity', '2026-11-30');
SELECT failures, last_error FROM koku_run_step WHERE step = 'partitions';
-- A partition of other software that covers the month will do.
CREATE TABLE t_retention.first_half PARTITION OF t_retention.reporting_ocp_gpu_summary_p FOR VALUES FROM ('2027-01-01') TO ('2027-07-01');
CALL koku_internal.run_upkeep('partitions', 'infinity', '2026-12-31');
SELECT * FROM test.retention_partitions;

-- Refused.
SELECT statement, e.* FROM (VALUES
    ('SELECT koku_set_retention(-1, ''t_retention'')'), ('SELECT koku_set_retention(1201, ''t_retention'')'), ('SELECT koku_set_retention(3, ''t_none'')'),
    ('SELECT koku_purge_expired(''t_none'')'), ('SELECT koku_purge_expired(''t_retention'', ''infinity'')')) s (statement), test.error_of(statement) e;
SELECT koku_set_retention(NULL, 't_retention');
SELECT retention_months FROM koku_tenant WHERE tenant = 't_retention';

-- In its hour only, where one is set.
SET koku_onprem.retention_hour = 3;
SELECT at, koku_internal.is_retention_hour(at::timestamptz) FROM (VALUES ('2026-11-18 02:59:59Z'), ('2026-11-18 03:00:00Z'), ('2026-11-18 05:59:59+02'), ('2026-11-18 04:00:00Z')) AS t (at);
SET koku_onprem.retention_hour = 24;
RESET koku_onprem.retention_hour;
SELECT bool_and(koku_internal.is_retention_hour('2026-11-18 00:30:00Z'::timestamptz + make_interval(hours => hour))) FROM generate_series(0, 23) AS hour;
