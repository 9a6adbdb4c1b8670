-- The summary of a day, small enough to be added up by hand (spec summary.md 2 to 6).
SET client_min_messages = warning;
SET timezone = 'America/New_York';  -- nothing depends on it
\set source '00000000-0000-0000-0000-00000000d001'
SELECT koku_create_source('summary', 'Summary', 't_summary', :'source');
SELECT koku_enable_tags(ARRAY['app', 'env', 'team', 'tier'], 't_summary');

-- Two nodes of 4 cores and 16 gigabytes, two hours. Usage, request: cores, gigabytes.
SELECT sum(test.pod('t_summary', :'source', hour, namespace, pod, node, labels, cores, requested_cores, gigabytes, requested_gigabytes, changes))
FROM (VALUES (timestamp '2026-11-05 00:00'), ('2026-11-05 01:00')) h (hour),
    (VALUES ('shop', 'web-1', 'n1', '{"app": "web", "hash": "1"}', 0.5, 1.0, 2, 1, '{}'::jsonb),
            ('shop', 'web-2', 'n1', '{"app": "web", "hash": "2"}', 0.25, 0, 1, 1, '{}'),
            ('shop', 'db', 'n2', '{"app": "db"}', 1, 0.5, 4, 8, '{}'),
            ('openshift-dns', 'dns', 'n2', '{}', 0.125, 0.25, 0.5, 0.5, '{}'),
            ('shop', 'pending', '', '{"app": "web"}', 0, 1, 0, 1, '{"resource_id": "", "node_capacity_cpu_cores": 0, "node_capacity_cpu_core_seconds": 0, "node_capacity_memory_byte_seconds": 0}'))
        p (namespace, pod, node, labels, cores, requested_cores, gigabytes, requested_gigabytes, changes);
-- Labels of n1 and shop change in the second hour: one set each, the latest value of each key.
SELECT sum(test.line('t_summary', :'source', 'node_labels', hour::timestamp, jsonb_build_object('node', node, 'node_labels', labels)))
FROM (VALUES ('2026-11-05 00:00', 'n1', '{"tier": "a", "env": "old", "kubernetes_io_arch": "amd64"}'),
             ('2026-11-05 01:00', 'n1', '{"tier": "b", "kubernetes_io_arch": "amd64"}'),
             ('2026-11-05 00:00', 'n2', '{"node_role_kubernetes_io": "infra", "kubernetes_io_arch": "arm64"}')) l (hour, node, labels);
SELECT sum(test.line('t_summary', :'source', 'namespace_labels', hour::timestamp, jsonb_build_object('namespace', 'shop', 'namespace_labels', labels)))
FROM (VALUES ('2026-11-05 00:00', '{"team": "red", "app": "shop"}'), ('2026-11-05 01:00', '{"team": "blue"}')) l (hour, labels);
-- A volume that pods on both nodes mount, one of web-1, one that no pod mounts, and one that nobody claims.
SELECT sum(test.volume('t_summary', :'source', hour, namespace, pod, claim, volume, labels, capacity, request, usage))
FROM (VALUES (timestamp '2026-11-05 00:00'), ('2026-11-05 01:00')) h (hour),
    (VALUES ('shop', 'web-1', 'shared', 'pv1', '{"env": "prod"}', 10, 8, 4), ('shop', 'db', 'shared', 'pv1', '{"env": "prod"}', 10, 8, 4),
            ('shop', 'web-1', 'own', 'pv2', '{}', 30, 30, 3), ('shop', '', 'idle', 'pv4', '{"env": "idle"}', 5, 5, 0),
            ('', '', '', 'pv3', '{}', 5, 0, 0)) v (namespace, pod, claim, volume, labels, capacity, request, usage);
SELECT test.add_up('t_summary');
SELECT DISTINCT first_day, last_day FROM koku_summarize(:'source', 2026, 11);  -- from the first day with pods

-- The cluster.
SELECT cluster_id, cluster_alias, provider_id FROM t_summary.reporting_ocp_clusters;
SELECT node, resource_id, node_capacity_cpu_cores, node_role, architecture FROM t_summary.reporting_ocp_nodes ORDER BY node;
SELECT project FROM t_summary.reporting_ocp_projects ORDER BY project;
SELECT persistent_volume, persistent_volume_claim, csi_volume_handle FROM t_summary.reporting_ocp_pvcs ORDER BY 1;

-- Pods: web-1 and web-2 have the same enabled labels and are one row. The pod without a node is left out.
SELECT namespace, node, pod_labels, test.short(pod_usage_cpu_core_hours) AS usage, test.short(pod_request_cpu_core_hours) AS request,
    test.short(pod_effective_usage_cpu_core_hours) AS effective, test.short(pod_limit_cpu_core_hours) AS "limit",
    test.short(pod_usage_memory_gigabyte_hours) AS memory, test.short(pod_request_memory_gigabyte_hours) AS memory_request,
    cost_category_id IS NOT NULL AS categorized
FROM t_summary.reporting_ocpusagelineitem_daily_summary WHERE data_source = 'Pod' AND pod_labels IS NOT NULL
ORDER BY namespace, node;
-- Capacity not used: 4 cores for two hours each, less the usage. n1 is a worker, n2 belongs to the platform.
SELECT namespace, node, all_labels, test.short(node_capacity_cpu_core_hours) AS capacity, test.short(pod_usage_cpu_core_hours) AS usage,
    test.short(pod_request_cpu_core_hours) AS request, test.short(pod_usage_memory_gigabyte_hours) AS memory,
    test.short(cluster_capacity_cpu_core_hours) AS cluster_capacity, cost_category_id IS NOT NULL AS categorized
FROM t_summary.reporting_ocpusagelineitem_daily_summary WHERE data_source = 'Pod' AND pod_labels IS NULL ORDER BY node;
-- Volumes, in gigabytes of 30 days of 24 hours; as gigabyte hours here: request and usage of the shared one are divided.
SELECT namespace, node, persistentvolumeclaim AS claim, persistentvolume AS volume, volume_labels,
    test.short(persistentvolumeclaim_capacity_gigabyte) AS capacity,
    test.short(persistentvolumeclaim_capacity_gigabyte_months * 720) AS capacity_hours,
    test.short(volume_request_storage_gigabyte_months * 720) AS request_hours,
    test.short(persistentvolumeclaim_usage_gigabyte_months * 720) AS usage_hours
FROM t_summary.reporting_ocpusagelineitem_daily_summary WHERE data_source = 'Storage' ORDER BY volume, claim, node;
SELECT count(*) AS rows, count(infrastructure_raw_cost) AS costs, bool_and(usage_end = usage_start) AS one_day,
    array_agg(DISTINCT cluster_alias) AS aliases, bool_and(report_period_id = (SELECT id FROM t_summary.reporting_ocpusagereportperiod)) AS in_period
FROM t_summary.reporting_ocpusagelineitem_daily_summary;

-- What dashboards read.
SELECT node, resource_ids, resource_count, test.short(pod_usage_cpu_core_hours) AS usage, test.short(node_capacity_cpu_core_hours) AS capacity,
    test.short(cluster_capacity_cpu_core_hours) AS cluster FROM t_summary.reporting_ocp_pod_summary_by_node_p ORDER BY node;
SELECT namespace, resource_count, test.short(pod_usage_cpu_core_hours) AS usage, cost_category_id IS NOT NULL AS categorized
FROM t_summary.reporting_ocp_pod_summary_by_project_p ORDER BY namespace;
SELECT test.short(pod_usage_cpu_core_hours) AS usage, test.short(pod_usage_memory_gigabyte_hours) AS memory FROM t_summary.reporting_ocp_pod_summary_p;
SELECT node, cost_model_cpu_cost FROM t_summary.reporting_ocp_cost_summary_by_node_p ORDER BY node;
SELECT namespace FROM t_summary.reporting_ocp_cost_summary_by_project_p ORDER BY namespace;
SELECT namespace, persistentvolumeclaim AS claim, storageclass, resource_ids, test.short(volume_request_storage_gigabyte_months * 720) AS request_hours
FROM t_summary.reporting_ocp_volume_summary_by_project_p ORDER BY 1, 2;
SELECT key, "values", namespace, node FROM t_summary.reporting_ocpusagepodlabel_summary ORDER BY key COLLATE "C", namespace, node;
SELECT key, "values", namespace, node FROM t_summary.reporting_ocpstoragevolumelabel_summary ORDER BY key COLLATE "C", namespace, node;
SELECT key, value, cluster_ids, cluster_aliases, namespaces, nodes FROM t_summary.reporting_ocptags_values ORDER BY key COLLATE "C", value;
SELECT report_period_start AT TIME ZONE 'UTC' AS start, summary_data_creation_datetime IS NOT NULL AS created,
    derived_cost_datetime = summary_data_updated_datetime AS derived FROM t_summary.reporting_ocpusagereportperiod;

-- The same again changes nothing and adds nothing, also where the node of a label is NULL.
CREATE TEMP TABLE before AS SELECT data_source, namespace, node, all_labels, pod_usage_cpu_core_hours, volume_request_storage_gigabyte_months
FROM t_summary.reporting_ocpusagelineitem_daily_summary;
SELECT target, rows FROM koku_summarize(:'source', date '2026-11-05', '2026-11-05') WHERE target ~ 'label_summary|tags|ocp_(nodes|pvcs|projects|clusters)';
SELECT count(*) AS differences FROM (
    (TABLE before EXCEPT ALL SELECT data_source, namespace, node, all_labels, pod_usage_cpu_core_hours, volume_request_storage_gigabyte_months FROM t_summary.reporting_ocpusagelineitem_daily_summary)
    UNION ALL (SELECT data_source, namespace, node, all_labels, pod_usage_cpu_core_hours, volume_request_storage_gigabyte_months FROM t_summary.reporting_ocpusagelineitem_daily_summary EXCEPT ALL TABLE before)) d;

-- A range touches nothing outside of it; rows with cost from a cloud bill stay.
INSERT INTO t_summary.reporting_ocpusagelineitem_daily_summary (uuid, source_uuid, cluster_id, usage_start, usage_end, namespace, infrastructure_raw_cost)
SELECT gen_random_uuid(), :'source', 'summary', day::date, day::date, namespace, cost
FROM (VALUES ('2026-11-05', 'bill', 1), ('2026-11-05', 'free', 0), ('2026-11-06', 'next day', NULL)) r (day, namespace, cost);
SELECT count(*) > 0 AS done FROM koku_summarize(:'source', date '2026-11-05', '2026-11-05');
SELECT namespace FROM t_summary.reporting_ocpusagelineitem_daily_summary WHERE namespace IN ('bill', 'free', 'next day') ORDER BY 1;

-- A disabled key leaves the summary and the label tables of the month; another source of the tenant keeps its tag values.
\set other '00000000-0000-0000-0000-00000000d002'
SELECT koku_create_source('other', 'Other', 't_summary', :'other');
SELECT sum(test.pod('t_summary', :'other', '2026-11-05', 'shop', 'web', 'n9', '{"app": "web", "team": "green"}', 1, 1, 1, 1));
SELECT test.add_up('t_summary');
SELECT count(*) > 0 AS done FROM koku_summarize(:'other', date '2026-11-05', '2026-11-05');
SELECT key, value, cluster_ids, namespaces, nodes FROM t_summary.reporting_ocptags_values WHERE key = 'app' ORDER BY value;
SELECT koku_disable_tags(ARRAY['team'], 't_summary');
SELECT count(*) > 0 AS done FROM koku_summarize(:'source', date '2026-11-05', '2026-11-05');
SELECT DISTINCT key FROM t_summary.reporting_ocptags_values ORDER BY key;
SELECT cluster_id, array_agg(DISTINCT key ORDER BY key) AS keys FROM t_summary.reporting_ocpusagepodlabel_summary l
JOIN t_summary.reporting_ocpusagereportperiod p ON p.id = report_period_id GROUP BY cluster_id ORDER BY 1;

-- Tag mapping: a child whose own parent is there is dropped; of two children of one parent the later key wins.
SELECT koku_create_source('mapping', 'Mapping', 't_mapping', '00000000-0000-0000-0000-00000000d003');
SELECT koku_enable_tags(ARRAY['environment', 'stage', 'env', 'team', 'group'], 't_mapping');
SELECT koku_map_tags('environment', ARRAY['stage', 'env'], 't_mapping'), koku_map_tags('team', ARRAY['group'], 't_mapping');
SELECT sum(test.pod('t_mapping', '00000000-0000-0000-0000-00000000d003', '2026-11-05', namespace, 'pod', 'n1', labels, 1, 1, 1, 1))
FROM (VALUES ('child', '{"stage": "x"}'), ('children', '{"stage": "late", "env": "early"}'), ('own parent', '{"stage": "x", "environment": "y"}'),
             ('parent of another', '{"stage": "x", "environment": "y", "group": "z"}'), ('none', '{"team": "z"}')) l (namespace, labels);
SELECT test.add_up('t_mapping');
SELECT count(*) > 0 AS done FROM koku_summarize('00000000-0000-0000-0000-00000000d003', date '2026-11-05', '2026-11-05');
SELECT namespace, pod_labels, all_labels = pod_labels AS all_equal FROM t_mapping.reporting_ocpusagelineitem_daily_summary
WHERE pod_labels IS NOT NULL ORDER BY namespace;
SELECT key, "values", namespace FROM t_mapping.reporting_ocpusagepodlabel_summary WHERE namespace LIKE 'child%' ORDER BY namespace, key;

-- Virtual machines: the claims of those that the last hour of the month reported. GPUs: pods that share one give one row.
\set vm '00000000-0000-0000-0000-00000000d004'
SELECT koku_create_source('machines', 'Machines', 't_machines', :'vm');
SELECT koku_enable_tags(ARRAY['env'], 't_machines');
SELECT sum(test.pod('t_machines', :'vm', hour, 'vms', pod, 'n1', format('{"vm_kubevirt_io_name": "%s"}', machine), 1, 1, 1, 1)),
    sum(test.volume('t_machines', :'vm', hour, 'vms', pod, 'disk-' || machine, 'pv-' || machine, '{"env": "prod"}', 20, 20, 10)),
    sum(test.line('t_machines', :'vm', 'vm_usage', hour, jsonb_build_object('node', 'n1', 'namespace', 'vms', 'vm_name', machine, 'vm_labels', '{}',
        'vm_cpu_request_cores', 2, 'vm_memory_request_bytes', 4 * 2 ^ 30, 'vm_persistentvolumeclaim_name', 'disk-' || machine)))
FROM (VALUES (timestamp '2026-11-05 00:00', 'launcher-1', 'alpha'), ('2026-11-05 00:00', 'launcher-2', 'beta'), ('2026-11-05 01:00', 'launcher-1', 'alpha')) v (hour, pod, machine);
SELECT sum(test.line('t_machines', :'vm', 'gpu_usage', '2026-11-05', jsonb_build_object('node', 'n1', 'namespace', 'lab', 'pod', pod, 'gpu_uuid', gpu,
    'gpu_model_name', 'A100', 'gpu_vendor_name', 'nvidia', 'gpu_memory_capacity_mib', 40960, 'mig_instance_id', mig, 'mig_profile', profile, 'mig_memory_capacity_mib', 10240)))
FROM (VALUES ('a', 'g1', '', ''), ('b', 'g1', '', ''), ('c', 'g2', 'm1', '1g.10gb'), ('d', 'g2', 'm2', '1g.10gb')) g (pod, gpu, mig, profile);
SELECT test.add_up('t_machines');
SELECT count(*) > 0 AS done FROM koku_summarize(:'vm', date '2026-11-05', '2026-11-05');
SELECT vm_name, namespace, node, persistentvolumeclaim AS claim, pod_labels, test.short(persistentvolumeclaim_capacity_gigabyte_months * 720) AS capacity_hours,
    pod_request_cpu_core_hours AS request, usage_start, usage_end FROM t_machines.reporting_ocp_vm_summary_p ORDER BY vm_name;
SELECT namespace, node, gpu_uuid, mig_instance_id, gpu_mode, mig_profile, gpu_count, test.short(memory_capacity_gb) AS memory, test.short(mig_memory_capacity_gb) AS mig_memory
FROM t_machines.reporting_ocp_gpu_summary_p ORDER BY gpu_uuid, mig_instance_id;
-- With cost (as software with a cost model writes it) a machine has a row of its own: 2 cores and 4 gigabytes for 24 hours.
UPDATE t_machines.reporting_ocpusagelineitem_daily_summary SET infrastructure_raw_cost = 3 WHERE pod_labels->>'vm_kubevirt_io_name' = 'alpha';
SELECT count(*) > 0 AS done FROM koku_summarize(:'vm', date '2026-11-05', '2026-11-05');
SELECT vm_name, persistentvolumeclaim AS claim, pod_labels, test.short(infrastructure_raw_cost) AS cost, test.short(pod_request_cpu_core_hours) AS request,
    test.short(pod_request_memory_gigabyte_hours) AS memory FROM t_machines.reporting_ocp_vm_summary_p ORDER BY vm_name, claim NULLS FIRST;

-- Traffic of a network, which software with the bill of a cloud writes: a row for each direction that is known.
INSERT INTO t_machines.reporting_ocpusagelineitem_daily_summary (uuid, source_uuid, cluster_id, usage_start, usage_end, namespace, node, data_source,
    infrastructure_raw_cost, infrastructure_data_in_gigabytes, infrastructure_data_out_gigabytes)
VALUES (gen_random_uuid(), :'vm', 'machines', '2026-11-05', '2026-11-05', 'Network unattributed', 'n1', 'Pod', 5, 10, 20),
    (gen_random_uuid(), :'vm', 'machines', '2026-11-05', '2026-11-05', 'Network unattributed', 'n2', 'Pod', 1, 7, NULL);
SELECT count(*) > 0 AS done FROM koku_summarize(:'vm', date '2026-11-05', '2026-11-05');
SELECT node, test.short(infrastructure_raw_cost) AS cost, test.short(infrastructure_data_in_gigabytes) AS data_in, test.short(infrastructure_data_out_gigabytes) AS data_out
FROM t_machines.reporting_ocp_network_summary_by_node_p ORDER BY node, data_in;
SELECT test.short(infrastructure_data_in_gigabytes) AS data_in, test.short(infrastructure_data_out_gigabytes) AS data_out FROM t_machines.reporting_ocp_network_summary_p
UNION ALL SELECT test.short(infrastructure_data_in_gigabytes), test.short(infrastructure_data_out_gigabytes) FROM t_machines.reporting_ocp_network_summary_by_project_p ORDER BY 1, 2;

-- A machine that only the labels of pods tell of, as from operators before the report of machines.
DELETE FROM t_machines.openshift_vm_usage_line_items;
DELETE FROM t_machines.openshift_vm_usage_line_items_daily;
SELECT count(*) > 0 AS done FROM koku_summarize(:'vm', date '2026-11-05', '2026-11-05');
SELECT vm_name, persistentvolumeclaim AS claim, test.short(infrastructure_raw_cost) AS cost FROM t_machines.reporting_ocp_vm_summary_p ORDER BY vm_name, claim NULLS FIRST;
-- Without machines and traffic their tables are empty.
UPDATE t_machines.openshift_pod_usage_line_items_daily SET pod_labels = '{}';
DELETE FROM t_machines.reporting_ocpusagelineitem_daily_summary WHERE infrastructure_raw_cost <> 0;
SELECT count(*) > 0 AS done FROM koku_summarize(:'vm', date '2026-11-05', '2026-11-05');
SELECT (SELECT count(*) FROM t_machines.reporting_ocp_vm_summary_p) AS machines, (SELECT count(*) FROM t_machines.reporting_ocp_network_summary_p) AS traffic,
    (SELECT count(*) FROM t_machines.reporting_ocp_network_summary_by_node_p) AS of_nodes, (SELECT count(*) FROM t_machines.reporting_ocp_network_summary_by_project_p) AS of_projects,
    (SELECT count(*) FROM t_machines.reporting_ocp_pod_summary_by_node_p) AS nodes;

-- Whatever a report holds, the summary does not fail: numbers are cut at what the tables hold, names that do not fit an
-- index are left out of that table.
\set odd '00000000-0000-0000-0000-00000000d005'
SELECT koku_create_source('odd', 'Odd', 't_odd', :'odd');
SELECT repeat('𐍈', 253) AS long, repeat('𐍈', 512) AS longer \gset
SELECT koku_enable_tags(ARRAY['app', :'longer'], 't_odd');
SELECT sum(test.pod('t_odd', :'odd', '2026-11-05', namespace, pod, 'n1', labels, 1, 1, 1, 1, changes))
FROM (VALUES ('huge', 'a', '{}', '{"pod_usage_cpu_core_seconds": 1e300, "pod_request_cpu_core_seconds": -1e300, "node_capacity_cpu_cores": 1e18}'::jsonb),
             ('huge', 'b', '{}', '{"pod_usage_cpu_core_seconds": 1e300, "pod_limit_cpu_core_seconds": "Infinity"}'),
             ('not a number', 'a', '{}', '{"pod_usage_cpu_core_seconds": "NaN"}'),
             ('long value', 'a', format('{"app": "%s"}', repeat('v', 10000)), '{}'),
             (:'long', 'a', format('{"%s": "short"}', :'longer'), format('{"node": "%s"}', :'long')::jsonb)) p (namespace, pod, labels, changes);
SELECT sum(test.line('t_odd', :'odd', 'vm_usage', '2026-11-05', jsonb_build_object('namespace', :'long', 'node', :'long', 'vm_name', :'long', 'vm_labels', '{}', 'vm_persistentvolumeclaim_name', :'long')));
SELECT sum(test.volume('t_odd', :'odd', '2026-11-05', :'long', 'a', :'long', :'long', '{}', 1, 1e290, 1));
SELECT sum(test.line('t_odd', :'odd', 'gpu_usage', '2026-11-05', jsonb_build_object('node', 'n', 'namespace', 'x', 'pod', 'p', 'gpu_uuid', repeat('u', 256),
    'gpu_model_name', repeat('m', 256), 'gpu_vendor_name', repeat('v', 256), 'gpu_memory_capacity_mib', 1e300)));
SELECT sum(test.line('t_odd', :'odd', 'node_labels', '2026-11-05', jsonb_build_object('node', 'n1', 'node_labels', ' ')));
SELECT test.add_up('t_odd');
\set VERBOSITY terse
SELECT count(*) > 0 AS done FROM koku_summarize(:'odd', date '2026-11-05', '2026-11-05');
SELECT left(namespace, 12) AS namespace, node = :'long' AS long_node, pod_usage_cpu_core_hours, pod_request_cpu_core_hours, pod_limit_cpu_core_hours
FROM t_odd.reporting_ocpusagelineitem_daily_summary WHERE pod_labels IS NOT NULL ORDER BY reporting_ocpusagelineitem_daily_summary.namespace COLLATE "C";
SELECT namespace, key, length("values"[1]) AS value_length FROM t_odd.reporting_ocpusagepodlabel_summary;
SELECT length(key) AS key_length, value FROM t_odd.reporting_ocptags_values;
SELECT count(*) AS virtual_machines FROM t_odd.reporting_ocp_vm_summary_p;
SELECT length(vendor_name) AS vendor, length(model_name) AS model, length(gpu_uuid) AS gpu, memory_capacity_gb FROM t_odd.reporting_ocp_gpu_summary_p;
\set VERBOSITY default

-- Steps: a range of up to 6 days is one, of a longer one the first has 6 days and the next 5 each.
SELECT string_agg(format('%s-%s', extract(day FROM first_day_in_step), extract(day FROM last_day_in_step)), ', ' ORDER BY number) AS steps
FROM (VALUES (3, 3), (3, 8), (3, 9), (3, 31), (1, 31)) r (first, last),
    koku_internal.steps(make_date(2026, 3, first), make_date(2026, 3, last), 5) GROUP BY first, last ORDER BY first DESC, last;
SET koku_onprem.summary_days_per_step = 2;
SELECT sum(test.pod('t_mapping', '00000000-0000-0000-0000-00000000d003', day, 'steps', 'pod', 'n1', '{}', 1, 1, 1, 1))
FROM generate_series(timestamp '2026-12-30', '2027-01-04', '1 day') day;
SELECT test.add_up('t_mapping');
-- A range over several months is cut by month.
SELECT first_day, last_day, rows FROM koku_summarize('00000000-0000-0000-0000-00000000d003', date '2026-12-01', '2027-01-31') WHERE target = 'reporting_ocp_pod_summary_p';
SELECT usage_start, tableoid::regclass FROM t_mapping.reporting_ocp_pod_summary_p WHERE usage_start > '2026-12-01' ORDER BY 1;
RESET koku_onprem.summary_days_per_step;

-- Requests are cut by month and merged; what fails waits with its error and stops nobody.
SELECT koku_internal.request_summary('00000000-0000-0000-0000-00000000d003', '2026-12-30', '2027-01-02');
SELECT koku_internal.request_summary('00000000-0000-0000-0000-00000000d003', '2027-01-01', '2027-01-04');
SELECT koku_internal.request_summary(:'odd', '2026-11-05', '2026-11-05');
SELECT month, first_day, last_day FROM koku_summary_request WHERE source = '00000000-0000-0000-0000-00000000d003' ORDER BY month;
ALTER TABLE t_mapping.reporting_ocp_cost_summary_p ADD CHECK (usage_start < '2027-01-04') NOT VALID;
SET client_min_messages = error;
CALL koku_run();
SET client_min_messages = warning;
SELECT source, month, attempts, split_part(last_error, E'\n', 1) AS error, retry_after BETWEEN now() AND now() + interval '1 minute' AS waits
FROM koku_summary_request WHERE source IN ('00000000-0000-0000-0000-00000000d003', :'odd') ORDER BY month;
CALL koku_run();  -- not yet
SELECT attempts FROM koku_summary_request WHERE source = '00000000-0000-0000-0000-00000000d003';
ALTER TABLE t_mapping.reporting_ocp_cost_summary_p DROP CONSTRAINT reporting_ocp_cost_summary_p_usage_start_check;
SELECT koku_internal.request_summary('00000000-0000-0000-0000-00000000d003', '2027-01-01', '2027-01-01');  -- new data: at once
CALL koku_run(60);
SELECT count(*) AS requests FROM koku_summary_request WHERE source = '00000000-0000-0000-0000-00000000d003';

-- An attempt that was cut off counts. When it was the last one the request is parked, new data or not, until an administrator lets it be tried again.
SELECT koku_internal.request_summary('00000000-0000-0000-0000-00000000d003', '2027-01-01', '2027-01-01');
UPDATE koku_summary_request SET attempts = 5, started_at = '2027-01-02 UTC' WHERE source = '00000000-0000-0000-0000-00000000d003';
CALL koku_run();
SELECT month, status, attempts, retry_after, last_error FROM koku_summary_requests WHERE source = '00000000-0000-0000-0000-00000000d003';
SELECT koku_internal.request_summary('00000000-0000-0000-0000-00000000d003', '2027-01-02', '2027-01-02');
CALL koku_run();
SELECT first_day, last_day, status FROM koku_summary_requests WHERE source = '00000000-0000-0000-0000-00000000d003';
SELECT koku_retry_summary('00000000-0000-0000-0000-00000000d003', '2027-01-15');
SELECT status, attempts FROM koku_summary_requests WHERE source = '00000000-0000-0000-0000-00000000d003';
CALL koku_run();
SELECT count(*) AS requests FROM koku_summary_request WHERE source = '00000000-0000-0000-0000-00000000d003';
-- One that another session took after the pause, or that is gone, is left alone.
SELECT koku_internal.request_summary('00000000-0000-0000-0000-00000000d003', '2027-01-01', '2027-01-01');
SELECT month, attempt FROM koku_internal.begin_summary('infinity') WHERE source = '00000000-0000-0000-0000-00000000d003';
SELECT status FROM koku_summary_requests WHERE source = '00000000-0000-0000-0000-00000000d003';
SELECT count(*) FROM koku_internal.begin_summary('infinity') WHERE source IS NOT NULL;  -- not before the pause is over
SELECT koku_internal.attempt_summary('00000000-0000-0000-0000-00000000d003', '2027-01-01', 2);
SELECT status, attempts FROM koku_summary_requests WHERE source = '00000000-0000-0000-0000-00000000d003';
SELECT koku_internal.attempt_summary('00000000-0000-0000-0000-00000000d003', '2027-01-01', 1);
SELECT count(*) AS requests FROM koku_summary_request WHERE source = '00000000-0000-0000-0000-00000000d003';
SELECT * FROM test.error_of($$SELECT koku_retry_summary('00000000-0000-0000-0000-00000000d003', '2027-01-01')$$);

SELECT statement, e.sqlstate_, e.message, e.hint FROM (VALUES
    ($$SELECT koku_summarize('00000000-0000-0000-0000-00000000d0ff', 2026, 11)$$),
    ($$SELECT koku_summarize('00000000-0000-0000-0000-00000000d003', 2026, 13)$$),
    ($$SELECT koku_summarize('00000000-0000-0000-0000-00000000d003', date '2026-11-02', '2026-11-01')$$),
    ($$SELECT koku_summarize('00000000-0000-0000-0000-00000000d003', date '-infinity', 'infinity')$$)) s (statement), test.error_of(statement) e;
CALL koku_run(-1);
