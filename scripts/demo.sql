-- What scripts/demo.sh shows. Variable day: the last day of the payload; KOKU_DEMO_PAYLOAD in the environment: its file.
\pset footer off
\pset null ''
CREATE EXTENSION koku_onprem;

\echo
\echo '== a cluster is registered, and the labels that its reports shall show'
SELECT koku_create_source('sample-cluster', 'Sample cluster') AS source \gset
SELECT koku_enable_tags(ARRAY['app', 'environment', 'team']) AS enabled_labels;

\echo '== its payload is ingested, as a client would send it'
\set content `base64 -w0 "$KOKU_DEMO_PAYLOAD"`
SELECT report_type, day, action, rows_in, rows_loaded
FROM koku_ingest_payload(decode(:'content', 'base64'))
ORDER BY report_type, day;

\echo '== the days that changed are summarized: CALL koku_run()'
CALL koku_run();

\echo
\echo '== top projects of' :day '(CPU in core-hours, memory in GiB-hours, volumes in GiB-months)'
SELECT namespace AS project,
       round(sum(pod_request_cpu_core_hours), 1) AS "CPU requested",
       round(sum(pod_usage_cpu_core_hours), 1) AS "CPU used",
       round(100 * sum(pod_usage_cpu_core_hours) / nullif(sum(pod_request_cpu_core_hours), 0)) || ' %' AS "of it",
       round(sum(pod_request_memory_gigabyte_hours), 1) AS "memory requested",
       round(sum(pod_usage_memory_gigabyte_hours), 1) AS "memory used",
       round(sum(volume_request_storage_gigabyte_months), 2) AS "volumes"
FROM koku.reporting_ocpusagelineitem_daily_summary
WHERE usage_start = :'day' AND namespace NOT IN ('', 'Worker unallocated', 'Platform unallocated')
GROUP BY namespace
ORDER BY sum(pod_request_cpu_core_hours) DESC NULLS LAST
LIMIT 8;

\echo '== the same day by the label "team", in core-hours'
SELECT coalesce(pod_labels->>'team', '(none)') AS team,
       round(sum(pod_request_cpu_core_hours), 1) AS "CPU requested",
       round(sum(pod_usage_cpu_core_hours), 1) AS "CPU used"
FROM koku.reporting_ocpusagelineitem_daily_summary
WHERE usage_start = :'day' AND data_source = 'Pod' AND namespace NOT IN ('Worker unallocated', 'Platform unallocated')
GROUP BY pod_labels->>'team'
ORDER BY 2 DESC;

\echo '== idle capacity by node, in core-hours'
SELECT node,
       round(max(node_capacity_cpu_core_hours)) AS "CPU capacity",
       round(sum(pod_request_cpu_core_hours), 1) AS "requested",
       round(sum(pod_usage_cpu_core_hours), 1) AS "used",
       round(100 - 100 * sum(pod_request_cpu_core_hours) / max(node_capacity_cpu_core_hours)) || ' %' AS "idle"
FROM koku.reporting_ocpusagelineitem_daily_summary
WHERE usage_start = :'day' AND data_source = 'Pod' AND namespace NOT IN ('Worker unallocated', 'Platform unallocated')
GROUP BY node
ORDER BY node;

\echo '== with a price there is a bill: 2 cents a core hour in use or requested, half a cent a gigabyte hour of memory, 150 a node and month'
SELECT koku_create_cost_model('{
    "name": "Prices", "currency": "USD", "rates": [
        {"metric": {"name": "cpu_core_effective_usage_per_hour"}, "tiered_rates": [{"value": 0.02}]},
        {"metric": {"name": "memory_gb_effective_usage_per_hour"}, "tiered_rates": [{"value": 0.005}]},
        {"metric": {"name": "node_cost_per_month"}, "tiered_rates": [{"value": 150}]}]}',
    ARRAY[:'source']::uuid[]) AS cost_model;
SELECT sum(rows) AS cost_rows FROM koku_update_costs(:'source', :'day'::date - 2, :'day')
WHERE target = 'reporting_ocpusagelineitem_daily_summary';

\echo '== what each project costs on' :day ', and its part of what nobody used and of what the platform takes'
SELECT namespace AS project,
       round(sum(cost_model_cpu_cost + cost_model_memory_cost + cost_model_volume_cost), 2) AS cost,
       round(sum(distributed_cost) FILTER (WHERE cost_model_rate_type = 'worker_distributed'), 2) AS of_idle_workers,
       round(sum(distributed_cost) FILTER (WHERE cost_model_rate_type = 'platform_distributed'), 2) AS of_the_platform
FROM koku.reporting_ocp_cost_summary_by_project_p
WHERE usage_start = :'day' AND cost_model_rate_type IS NOT NULL AND namespace <> ''
GROUP BY namespace
ORDER BY cost DESC;
