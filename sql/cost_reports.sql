-- koku_report(), koku_focus() and budgets say of costs that koku_update_costs() computed what the cost columns say.
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set source '00000000-0000-0000-0000-00000000ec01'

SELECT koku_create_source('reported', 'Reported', 't_reported', :'source');
SELECT koku_enable_tags(ARRAY['team', 'disk'], 't_reported');
-- Four days of two projects, the platform's pods, a volume, a virtual machine and a GPU on two nodes that are mostly idle.
SELECT sum(test.pod('t_reported', :'source', hour, namespace, pod, node, labels, cores, requested, 2, 3)), sum(test.line('t_reported', :'source', 'node_labels', hour,
    jsonb_build_object('node', node, 'node_labels', '{"nvidia_com_gpu_present": "true", "nvidia_com_gpu_count": "2"}')))
FROM generate_series(timestamp '2026-11-05 00:00', '2026-11-08 23:00', '1 hour') AS hour,
    (VALUES ('shop', 'web', 'n1', '{"team": "a"}', 0.5, 1), ('lab', 'job', 'n1', '{"team": "b"}', 1, 0.25), ('openshift-dns', 'dns', 'n2', '{}', 0.25, 0.25),
            ('lab', 'virt', 'n2', '{"vm_kubevirt_io_name": "vm"}', 0.5, 0.5)) AS pod (namespace, pod, node, labels, cores, requested);
SELECT sum(test.line('t_reported', :'source', 'vm_usage', hour, '{"vm_name": "vm", "namespace": "lab", "node": "n2", "resource_id": "i-n2", "vm_uptime_total_seconds": 3600,
    "vm_cpu_request_cores": 1, "vm_memory_request_bytes": 0, "vm_persistentvolumeclaim_name": ""}')),
    sum(test.line('t_reported', :'source', 'gpu_usage', hour, '{"namespace": "lab", "pod": "job", "node": "n1", "gpu_uuid": "GPU-1", "gpu_model_name": "T4", "gpu_vendor_name": "nvidia",
    "gpu_memory_capacity_mib": 16384, "gpu_pod_uptime": 1800, "mig_instance_id": "", "mig_profile": "", "mig_strategy": ""}')),
    sum(test.volume('t_reported', :'source', hour, 'shop', 'web', 'data', 'pv1', '{"disk": "ssd"}', 10, 8, 4))
FROM generate_series(timestamp '2026-11-05 00:00', '2026-11-08 23:00', '1 hour') AS hour;
SELECT test.add_up('t_reported');
SELECT koku_create_cost_model('{"name": "all kinds", "currency": "EUR", "markup": {"value": 10, "unit": "percent"}, "rates": [
    {"metric": {"name": "cpu_core_effective_usage_per_hour"}, "tiered_rates": [{"value": 0.5}]},
    {"metric": {"name": "memory_gb_request_per_hour"}, "cost_type": "Infrastructure", "tiered_rates": [{"value": 0.125}]},
    {"metric": {"name": "storage_gb_request_per_month"}, "tag_rates": {"tag_key": "disk", "tag_values": [{"tag_value": "ssd", "value": 3}]}},
    {"metric": {"name": "node_cost_per_month"}, "tiered_rates": [{"value": 300}]},
    {"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 30}]},
    {"metric": {"name": "vm_cost_per_hour"}, "tiered_rates": [{"value": 1}]},
    {"metric": {"name": "cpu_core_usage_per_hour"}, "tag_rates": {"tag_key": "team", "tag_values": [{"tag_value": "a", "value": 2}, {"tag_value": "others", "value": 1, "default": true}]}},
    {"metric": {"name": "gpu_cost_per_month"}, "tag_rates": {"tag_key": "nvidia", "tag_values": [{"tag_value": "T4", "value": 720}]}}]}', ARRAY[:'source']::uuid[], 't_reported') IS NOT NULL AS created;
SELECT count(*) > 0 AS done FROM koku_summarize(:'source', 2026, 11);
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', 2026, 11);
SELECT * FROM koku_check_costs(:'source', 2026, 11);

-- What the cost columns hold, and what of it is whose.
CREATE VIEW test.charged AS
SELECT usage_start, namespace, cost_model_rate_type AS rate_type, all_labels, coalesce(cost_model_cpu_cost, 0) AS cpu, coalesce(cost_model_memory_cost, 0) AS memory, coalesce(cost_model_volume_cost, 0) AS volume,
    coalesce(cost_model_gpu_cost, 0) AS gpu, coalesce(distributed_cost, 0) AS moved,
    coalesce(infrastructure_raw_cost, 0) + coalesce(infrastructure_markup_cost, 0) + coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0) + coalesce(cost_model_volume_cost, 0)
        + coalesce(cost_model_gpu_cost, 0) + coalesce(distributed_cost, 0) AS cost
FROM t_reported.reporting_ocpusagelineitem_daily_summary;
-- By hand, of four days: 768 core hours of both nodes at 0.5, 48 of team a at 2 and 96 of team b at 1; 3,072 gigabyte hours at 0.125; two nodes
-- of 10 a day and 96 hours of the machine; a claim of 1 a day; 8 gigabytes for 4 of 30 days at 3; the two GPUs of n1, 24 a day each.
SELECT rate_type, test.short(sum(cpu)) AS cpu, test.short(sum(memory)) AS memory, test.short(sum(volume)) AS volume, test.short(sum(gpu)) AS gpu, test.short(sum(moved)) AS moved, test.short(sum(cost)) AS cost
FROM test.charged WHERE rate_type IS NOT NULL GROUP BY rate_type ORDER BY rate_type;

-- FOCUS: the sum of all charges, and of each service, project, rate type and day.
SELECT test.short(sum("BilledCost")) = (SELECT test.short(sum(cost)) FROM test.charged) AS equal, min("BillingCurrency") AS currency, count(DISTINCT "BillingCurrency") AS currencies
FROM koku_focus('t_reported', '2026-11-01', '2026-11-30');
SELECT service, test.short(sum(part.cost)) AS cost, test.short((SELECT sum("BilledCost") FROM koku_focus('t_reported', '2026-11-01', '2026-11-30') WHERE "ServiceName" = service)) AS billed
FROM test.charged, LATERAL (VALUES ('OpenShift CPU', cpu), ('OpenShift memory', memory), ('OpenShift volumes', volume), ('OpenShift GPUs', gpu), ('OpenShift shared cost', moved)) AS part (service, cost)
GROUP BY service ORDER BY service;
SELECT coalesce(charged.day, billed.day) AS day, coalesce(charged.namespace, billed.namespace) AS namespace, coalesce(charged.rate_type, billed.rate_type) AS rate_type, charged.cost, billed.cost
FROM (SELECT usage_start AS day, coalesce(nullif(namespace, ''), '(no project)') AS namespace, rate_type::text, test.short(sum(cost)) AS cost FROM test.charged GROUP BY 1, 2, 3 HAVING bool_or(cost <> 0)) AS charged
FULL JOIN (SELECT ("ChargePeriodStart" AT TIME ZONE 'UTC')::date AS day, "SubAccountName" AS namespace, "x_RateType" AS rate_type, test.short(sum("BilledCost")) AS cost
           FROM koku_focus('t_reported', '2026-11-01', '2026-11-30') GROUP BY 1, 2, 3) AS billed
    ON billed.day = charged.day AND billed.namespace = charged.namespace AND billed.rate_type = charged.rate_type
WHERE charged.cost IS DISTINCT FROM billed.cost;

-- The report: its total, and each project.
SELECT test.tile(koku_report('t_reported', '2026-11-01', '2026-11-30'), 'Cost to date') AS told, (SELECT sum(cost) FROM test.charged) AS cost;
SELECT test.rows_of(koku_report('t_reported', '2026-11-01', '2026-11-30', 'team'), 'Projects');
SELECT namespace, round(sum(cost), 2) AS cost FROM test.charged GROUP BY namespace HAVING sum(cost) <> 0 ORDER BY 2 DESC;
SELECT test.rows_of(koku_report('t_reported', '2026-11-01', '2026-11-30', 'team'), 'Totals of three tables');

-- Budgets: of the tenant, its cluster, a project and a label.
SELECT koku_set_budget('t_reported', name, scope::jsonb, 1000)
FROM (VALUES ('all', '{}'), ('cluster', '{"cluster": "reported"}'), ('lab', '{"project": "lab"}'), ('team a', '{"label": {"team": "a"}}')) AS budget (name, scope);
SELECT name, test.short(spent) AS spent, test.short(spent) = test.short(CASE name WHEN 'lab' THEN (SELECT sum(cost) FROM test.charged WHERE namespace = 'lab')
    WHEN 'team a' THEN (SELECT sum(cost) FROM test.charged WHERE all_labels @> '{"team": "a"}') ELSE (SELECT sum(cost) FROM test.charged) END) AS equal
FROM koku_budgets WHERE tenant = 't_reported' ORDER BY name;
-- Without the cost model they have no costs.
SELECT koku_unassign_cost_model(ARRAY[:'source']::uuid[], 't_reported');
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', 2026, 11);
SELECT name, spent, state FROM koku_budgets WHERE tenant = 't_reported' ORDER BY name;
SELECT count(*) FROM koku_focus('t_reported', '2026-11-01', '2026-11-30');
