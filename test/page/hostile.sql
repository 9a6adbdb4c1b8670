-- A tenant whose names are hostile: rows of the dashboards' tables, as a summary would leave them.
SELECT koku_create_source('<b>cluster', '"><img src=x onerror=alert(1)>', 'hostile', '00000000-0000-0000-0000-000000000666');
INSERT INTO hostile.reporting_enabledtagkeys (uuid, key, enabled, provider_type)
VALUES (gen_random_uuid(), '</title><script>alert(2)</script>', true, 'OCP');

CREATE TEMPORARY TABLE hostile_name (place integer GENERATED ALWAYS AS IDENTITY, name text);
INSERT INTO hostile_name (name) VALUES
    ('<script>alert(1)</script>'), ('"><img src=x onerror=alert(1)>'), ($$' onmouseover='alert(1)$$), ('</style><style>*{display:none}'),
    ('<!-- '), (']]>'), ('&lt;b&gt; &amp; &#x3c;'), ('{{7*7}} ${7*7} %s%n'), ('=1+1|cmd'), ('javascript:alert(1)'),
    (U&'\202Egnp.exe\202C and \2067more'), (U&'\05E9\05DC\05D5\05DD \05E2\05D5\05DC\05DD'), (U&'\+01F600 and e\0301'), (repeat('x', 253)),
    (repeat('a-very-long-name ', 14)), (E'line\nbreak\ttab\x01control\x7f'), (U&'\0085\FFFE\200B'), (' ');

SELECT koku_internal.ensure_partition('hostile', table_name, '2026-11-01')
FROM unnest(ARRAY['reporting_ocp_pod_summary_p', 'reporting_ocp_pod_summary_by_project_p', 'reporting_ocp_pod_summary_by_node_p',
    'reporting_ocp_cost_summary_p', 'reporting_ocp_cost_summary_by_project_p', 'reporting_ocp_volume_summary_by_project_p',
    'reporting_ocpusagelineitem_daily_summary', 'openshift_vm_usage_line_items_daily', 'openshift_gpu_usage_line_items_daily']::name[]) AS table_name;

INSERT INTO hostile.reporting_ocp_pod_summary_by_project_p (cluster_id, usage_start, usage_end, source_uuid, namespace,
    pod_usage_cpu_core_hours, pod_request_cpu_core_hours, pod_effective_usage_cpu_core_hours, pod_limit_cpu_core_hours,
    pod_usage_memory_gigabyte_hours, pod_request_memory_gigabyte_hours, pod_effective_usage_memory_gigabyte_hours, pod_limit_memory_gigabyte_hours)
SELECT '<b>cluster', day, day, '00000000-0000-0000-0000-000000000666', name, place, place * 2, place * 2, place * 3, place, place, place, place
FROM hostile_name, generate_series(date '2026-11-01', '2026-11-05', '1 day') AS day;
INSERT INTO hostile.reporting_ocp_pod_summary_p (cluster_id, usage_start, usage_end, source_uuid,
    pod_usage_cpu_core_hours, pod_request_cpu_core_hours, pod_effective_usage_cpu_core_hours, pod_usage_memory_gigabyte_hours,
    pod_effective_usage_memory_gigabyte_hours, cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours)
SELECT cluster_id, usage_start, usage_start, source_uuid, sum(pod_usage_cpu_core_hours), sum(pod_request_cpu_core_hours),
    sum(pod_effective_usage_cpu_core_hours), sum(pod_usage_memory_gigabyte_hours), sum(pod_effective_usage_memory_gigabyte_hours), 500, 500
FROM hostile.reporting_ocp_pod_summary_by_project_p GROUP BY 1, 2, 3, 4;
INSERT INTO hostile.reporting_ocp_pod_summary_by_node_p (cluster_id, usage_start, usage_end, source_uuid, node,
    pod_usage_cpu_core_hours, pod_request_cpu_core_hours, pod_effective_usage_cpu_core_hours, pod_usage_memory_gigabyte_hours,
    pod_effective_usage_memory_gigabyte_hours, node_capacity_cpu_core_hours, node_capacity_memory_gigabyte_hours)
SELECT cluster_id, usage_start, usage_start, source_uuid, namespace, pod_usage_cpu_core_hours, pod_request_cpu_core_hours,
    pod_effective_usage_cpu_core_hours, pod_usage_memory_gigabyte_hours, pod_effective_usage_memory_gigabyte_hours, 50, 50
FROM hostile.reporting_ocp_pod_summary_by_project_p;
INSERT INTO hostile.reporting_ocp_cost_summary_p (cluster_id, usage_start, usage_end, source_uuid)
SELECT cluster_id, usage_start, usage_start, source_uuid FROM hostile.reporting_ocp_pod_summary_p;
INSERT INTO hostile.reporting_ocp_volume_summary_by_project_p (cluster_id, usage_start, usage_end, source_uuid, namespace,
    persistentvolumeclaim, storageclass, volume_request_storage_gigabyte_months, persistentvolumeclaim_usage_gigabyte_months)
SELECT '<b>cluster', '2026-11-01', '2026-11-01', '00000000-0000-0000-0000-000000000666', name, name, name, place, 1 FROM hostile_name;
INSERT INTO hostile.reporting_ocpusagelineitem_daily_summary (uuid, cluster_id, data_source, usage_start, usage_end, source_uuid, namespace, all_labels,
    pod_effective_usage_cpu_core_hours)
SELECT gen_random_uuid(), '<b>cluster', 'Pod', '2026-11-01', '2026-11-01', '00000000-0000-0000-0000-000000000666', name,
    jsonb_build_object('</title><script>alert(2)</script>', name), place
FROM hostile_name;
INSERT INTO hostile.openshift_vm_usage_line_items_daily (id, source, usage_start, interval_start, namespace, vm_name, vm_uptime_total_seconds)
SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000666', '2026-11-01', '2026-11-01', name, name, place * 3600 FROM hostile_name;
INSERT INTO hostile.openshift_gpu_usage_line_items_daily (id, source, usage_start, interval_start, namespace, gpu_model_name, gpu_pod_uptime)
SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000666', '2026-11-01', '2026-11-01', name, name, place * 3600 FROM hostile_name;
