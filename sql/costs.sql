-- Costs of a day, small enough to be added up by hand (spec cost.md 4 to 8). November has 30 days, every node 4 cores and 16
-- gigabytes, and two hours are reported: a node has 8 core hours and 32 gigabyte hours.
SET client_min_messages = warning;
SET timezone = 'America/New_York';  -- nothing depends on it
SET datestyle = 'ISO';
\set source '00000000-0000-0000-0000-00000000e001'
SELECT koku_create_source('costs', 'Costs', 't_costs', :'source');
SELECT koku_enable_tags(ARRAY['app', 'size', 'disk', 'team'], 't_costs');

-- n1 works, n2 is of the platform, n3 has no role. web uses 1 core and requests 2; its label has a quote and a percent sign.
SELECT sum(test.pod('t_costs', :'source', hour, namespace, pod, node, labels, cores, requested_cores, gigabytes, requested_gigabytes))
FROM (VALUES (timestamp '2026-11-05 00:00'), ('2026-11-05 01:00')) h (hour),
    (VALUES ('shop', 'web', 'n1', '{"app": "it''s 100%"}', 1, 2, 4, 2), ('shop', 'db', 'n1', '{"app": "db"}', 1, 1, 4, 8),
            ('openshift-dns', 'dns', 'n2', '{}', 1, 1, 4, 4), ('lab', 'test', 'n3', '{}', 1, 1, 4, 4))
        p (namespace, pod, node, labels, cores, requested_cores, gigabytes, requested_gigabytes);
-- A virtual machine that moved from n1 to n2 after an hour, and one of the same name in another namespace.
SELECT sum(test.pod('t_costs', :'source', hour::timestamp, namespace, 'virt', node, '{"vm_kubevirt_io_name": "vm"}', 0, 0.5, 0, 0))
FROM (VALUES ('2026-11-05 00:00', 'blue', 'n1'), ('2026-11-05 01:00', 'blue', 'n2'), ('2026-11-05 00:00', 'green', 'n1')) p (hour, namespace, node);
SELECT sum(test.line('t_costs', :'source', 'vm_usage', hour::timestamp, jsonb_build_object('vm_name', 'vm', 'namespace', namespace, 'node', node,
    'resource_id', 'i-' || node, 'vm_uptime_total_seconds', 3600, 'vm_cpu_request_cores', 2, 'vm_memory_request_bytes', 0, 'vm_persistentvolumeclaim_name', '')))
FROM (VALUES ('2026-11-05 00:00', 'blue', 'n1'), ('2026-11-05 01:00', 'blue', 'n2'), ('2026-11-05 00:00', 'green', 'n1')) p (hour, namespace, node);
SELECT sum(test.line('t_costs', :'source', 'node_labels', hour::timestamp, jsonb_build_object('node', node, 'node_labels', labels)))
FROM (VALUES ('2026-11-05 00:00', 'n1', '{"size": "big", "nvidia_com_gpu_present": "true", "nvidia_com_gpu_count": "3", "nvidia_com_gpu_product": "Tesla-T4"}'),
             ('2026-11-05 01:00', 'n1', '{"size": "big", "nvidia_com_gpu_present": "true", "nvidia_com_gpu_count": "3", "nvidia_com_gpu_product": "Tesla-T4"}'),
             ('2026-11-05 00:00', 'n2', '{"node_role_kubernetes_io": "infra"}')) l (hour, node, labels);
SELECT sum(test.line('t_costs', :'source', 'namespace_labels', '2026-11-05 00:00', jsonb_build_object('namespace', namespace, 'namespace_labels', '{"team": "red"}')))
FROM (VALUES ('shop'), ('empty')) l (namespace);
SELECT sum(test.volume('t_costs', :'source', hour, 'shop', pod, claim, volume, labels, 10, 8, 4))
FROM (VALUES (timestamp '2026-11-05 00:00'), ('2026-11-05 01:00')) h (hour),
    (VALUES ('web', 'data', 'pv1', '{"disk": "ssd"}'), ('', 'idle', 'pv2', '{}')) v (pod, claim, volume, labels);
-- n1 has three GPUs: a pod used a T4 and another one an A100 for the two hours, so that one T4 is free.
SELECT sum(test.line('t_costs', :'source', 'gpu_usage', hour::timestamp, jsonb_build_object('namespace', namespace, 'pod', 'p', 'node', 'n1', 'gpu_uuid', gpu,
    'gpu_model_name', model, 'gpu_vendor_name', 'nvidia', 'gpu_memory_capacity_mib', 16384, 'gpu_pod_uptime', 3600, 'mig_instance_id', '', 'mig_profile', '', 'mig_strategy', '')))
FROM (VALUES ('2026-11-05 00:00'), ('2026-11-05 01:00')) h (hour), (VALUES ('shop', 'GPU-1', 'Tesla T4'), ('lab', 'GPU-2', 'A100')) g (namespace, gpu, model);
SELECT test.add_up('t_costs');

-- What costs there are, without the columns that are NULL or 0 everywhere.
CREATE VIEW test.cost AS
SELECT data_source AS source, namespace, node, cost_model_rate_type AS rate_type, monthly_cost_type AS kind,
    coalesce(pod_labels, volume_labels) AS labels, test.short(cost_model_cpu_cost) AS cpu, test.short(cost_model_memory_cost) AS memory,
    test.short(cost_model_volume_cost) AS volume, test.short(cost_model_gpu_cost) AS gpu, test.short(distributed_cost) AS moved
FROM t_costs.reporting_ocpusagelineitem_daily_summary WHERE cost_model_rate_type IS NOT NULL
ORDER BY namespace, node, data_source, cost_model_rate_type, monthly_cost_type, coalesce(pod_labels, volume_labels)::text COLLATE "C", cost_model_cpu_cost;

-- Without a cost model: no row of cost, and no column.
SELECT count(*) FROM koku_summarize(:'source', 2026, 11) WHERE target LIKE '%cost%' AND target NOT LIKE 'reporting%' AND rows > 0;
SELECT count(*) FROM test.cost;
CREATE TABLE test.usage_before AS SELECT * FROM t_costs.reporting_ocpusagelineitem_daily_summary;

-- Use: 1 and 0.5 for a core hour in use, 1.5 for a gigabyte hour of storage that is requested (a month has 720).
SELECT koku_create_cost_model('{"name": "use", "currency": "USD", "uuid": "00000000-0000-0000-0000-00000000e0c1",
    "distribution_info": {"platform_cost": false, "worker_cost": false}, "rates": [
    {"metric": {"name": "cpu_core_usage_per_hour"}, "tiered_rates": [{"value": 1}]},
    {"metric": {"name": "cpu_core_usage_per_hour"}, "cost_type": "Infrastructure", "tiered_rates": [{"value": 0.5}]},
    {"metric": {"name": "storage_gb_request_per_month"}, "tiered_rates": [{"value": 1080}]}]}', ARRAY[:'source']::uuid[], 't_costs') AS model \gset
SELECT first_day, last_day, rows FROM koku_update_costs(:'source', 2026, 11) WHERE target = 'reporting_ocpusagelineitem_daily_summary';
SELECT * FROM test.cost;
-- Usage rows are the same rows as before.
SELECT count(*) FROM (SELECT * FROM test.usage_before EXCEPT SELECT * FROM t_costs.reporting_ocpusagelineitem_daily_summary) AS changed;
SELECT * FROM koku_check_costs(:'source', 2026, 11);
SELECT cost_model_rate_type, test.short(cost_model_cpu_cost) AS cpu, test.short(cost_model_volume_cost) AS volume
FROM t_costs.reporting_ocp_cost_summary_p ORDER BY 1;

-- Twice gives what once gave; so does a summary.
CREATE TABLE test.cost_before AS SELECT * FROM test.cost;
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', date '2026-11-05', date '2026-11-05');
SELECT (SELECT count(*) FROM (TABLE test.cost EXCEPT ALL TABLE test.cost_before) AS surplus), (SELECT count(*) FROM test.cost);
SELECT count(*) > 0 AS done FROM koku_summarize(:'source', 2026, 11);
SELECT (SELECT count(*) FROM (TABLE test.cost EXCEPT ALL TABLE test.cost_before) AS surplus), (SELECT count(*) FROM test.cost);

-- Months: a node 300, so 10 a day, whatever the hours; n3 without a role pays for what is in use, 2 of 8 core hours.
SELECT koku_update_cost_model(:'model', '{"rates": [{"metric": {"name": "node_cost_per_month"}, "tiered_rates": [{"value": 300}]}]}', 't_costs');
DELETE FROM koku_cost_change;
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', 2026, 11);
SELECT * FROM test.cost;
SELECT * FROM koku_check_costs(:'source', 2026, 11);

-- Tags: of nodes with size big 600, so 20 a day for n1; of volumes with disk ssd 30, other claims keep the plain 60; of pods
-- whatever is in the value; of projects 300, also of one where nothing runs.
SELECT koku_update_cost_model(:'model', $json$ {"rates": [
    {"metric": {"name": "node_cost_per_month"}, "tag_rates": {"tag_key": "size", "tag_values": [{"tag_value": "big", "value": 600}]}},
    {"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 60}]},
    {"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_key": "disk", "tag_values": [{"tag_value": "ssd", "value": 30}]}},
    {"metric": {"name": "cpu_core_request_per_hour"}, "tag_rates": {"tag_key": "app", "tag_values": [{"tag_value": "it's 100%", "value": 1}, {"tag_value": "any", "value": 2, "default": true}]}},
    {"metric": {"name": "project_per_month"}, "tag_rates": {"tag_key": "team", "tag_values": [{"tag_value": "red", "value": 300}]}}]} $json$, 't_costs');
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', 2026, 11);
SELECT * FROM test.cost;
SELECT * FROM koku_check_costs(:'source', 2026, 11);

-- Machines: 30 a month is 1 a day each, blue's shared by its two rows; 1 an hour: two hours and one; 30 a core and month: 2
-- cores each; 1 a core hour: 4 and 2. GPUs: 360 a month is 0.5 an hour: an hour of 30 days of 24 costs 1/720 of it.
SELECT koku_update_cost_model(:'model', '{"rates": [
    {"metric": {"name": "vm_cost_per_month"}, "tiered_rates": [{"value": 30}]}, {"metric": {"name": "vm_cost_per_hour"}, "tiered_rates": [{"value": 1}]},
    {"metric": {"name": "vm_core_cost_per_month"}, "cost_type": "Supplementary", "tiered_rates": [{"value": 30}]},
    {"metric": {"name": "vm_core_cost_per_hour"}, "cost_type": "Supplementary", "tiered_rates": [{"value": 1}]},
    {"metric": {"name": "gpu_cost_per_month"}, "tag_rates": {"tag_key": "nvidia", "tag_values": [{"tag_value": "Tesla T4", "value": 360}, {"tag_value": "A100", "value": 720}]}}]}', 't_costs');
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', 2026, 11);
SELECT source, namespace, node, rate_type, kind, cpu, gpu, moved FROM test.cost;
SELECT namespace, model_name, gpu_count, test.short(cost_model_gpu_cost) AS cost, cost_model_rate_type FROM t_costs.reporting_ocp_gpu_summary_p ORDER BY 1;
SELECT * FROM koku_check_costs(:'source', 2026, 11);

-- Distribution: a core hour costs 1 by effective use. Idle n1 goes to all projects but the platform, the platform's cost (with its idle capacity)
-- to the projects by their effective use: shop 6 of 9.5, lab 2, blue 1 (on n1 and n2), green 0.5.
SELECT koku_update_cost_model(:'model', '{"rates": [{"metric": {"name": "cpu_core_effective_usage_per_hour"}, "tiered_rates": [{"value": 1}]}],
    "distribution_info": {"platform_cost": true, "worker_cost": true}, "markup": {"value": 10, "unit": "percent"}}', 't_costs');
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', 2026, 11);
SELECT rate_type, namespace, node, moved FROM test.cost WHERE moved IS NOT NULL ORDER BY 1, 2, 3;
SELECT namespace, test.short(sum(cpu)) AS cost, test.short(sum(moved)) AS moved, test.short(sum(coalesce(cpu, 0) + coalesce(moved, 0))) AS total FROM test.cost GROUP BY namespace ORDER BY 1;
SELECT count(*) = count(infrastructure_markup_cost) AS all_marked_up, sum(infrastructure_markup_cost) = 0 AS as_zero FROM t_costs.reporting_ocpusagelineitem_daily_summary;
SELECT * FROM koku_check_costs(:'source', 2026, 11);
-- What is written by hand is found.
UPDATE t_costs.reporting_ocpusagelineitem_daily_summary SET cost_model_cpu_cost = cost_model_cpu_cost + 1 WHERE namespace = 'lab' AND cost_model_rate_type = 'Supplementary';
UPDATE t_costs.reporting_ocpusagelineitem_daily_summary SET distributed_cost = distributed_cost * 2 WHERE namespace = 'lab' AND cost_model_rate_type = 'worker_distributed';
SELECT day, rate_type, subject, test.short(expected) AS expected, test.short(found) AS found FROM koku_check_costs(:'source', 2026, 11);

-- A preview leaves nothing behind, also of a model that is refused.
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', 2026, 11);
DROP TABLE test.cost_before;
CREATE TABLE test.cost_before AS SELECT * FROM test.cost;
SELECT day, project, rate_type, test.short(cost) AS cost, test.short(previewed_cost) AS previewed
FROM koku_preview_costs(:'source', '{"name": "twice", "currency": "USD", "distribution_info": {"platform_cost": false},
    "rates": [{"metric": {"name": "cpu_core_effective_usage_per_hour"}, "tiered_rates": [{"value": 2}]}]}', '2026-11-01', '2026-11-30');
SELECT sqlstate_, message FROM test.error_of(format('SELECT * FROM koku_preview_costs(%L, %L, %L)', :'source', '{"name": "x"}', '2026-11-01'));
SELECT sqlstate_, message FROM test.error_of('SELECT * FROM koku_preview_costs(''00000000-0000-0000-0000-0000000000ff'', ''{}'', ''2026-11-01'')');
SELECT (SELECT count(*) FROM (TABLE test.cost EXCEPT ALL TABLE test.cost_before) AS surplus) AS changed, name, markup FROM koku_cost_models JOIN t_costs.cost_model USING (uuid, name);
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();

-- A list of its own for a month; the one with the lowest priority counts, and without any there are no rates.
SELECT koku_create_price_list('{"name": "November", "currency": "USD", "effective_start_date": "2026-11-01", "effective_end_date": "2026-11-30",
    "rates": [{"metric": {"name": "cpu_core_effective_usage_per_hour"}, "tiered_rates": [{"value": 3}]}]}', 't_costs') AS list \gset
SELECT koku_attach_price_list(:'model', :'list', 0, 't_costs');
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', 2026, 11);
SELECT namespace, cpu FROM test.cost WHERE namespace = 'lab' AND moved IS NULL;
SELECT koku_detach_price_list(:'model', :'list', 't_costs');

-- Without the model the costs of the month go, and all is as before.
SELECT koku_unassign_cost_model(ARRAY[:'source']::uuid[], 't_costs');
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', 2026, 11);
SELECT count(*) FROM test.cost;
SELECT count(*) FROM (SELECT to_jsonb(line) - 'uuid' FROM test.usage_before AS line EXCEPT SELECT to_jsonb(line) - 'uuid' FROM t_costs.reporting_ocpusagelineitem_daily_summary AS line) AS changed;
SELECT DISTINCT cost_model_cpu_cost, infrastructure_markup_cost, distributed_cost FROM t_costs.reporting_ocp_cost_summary_by_project_p;

-- koku_run() carries requests out, with what failed noted and tried again.
SELECT koku_assign_cost_model(:'model', ARRAY[:'source']::uuid[], 't_costs');
UPDATE koku_cost_change SET changed_at = '2026-11-18 12:00+00';
CALL koku_run();
SELECT source, month FROM koku_cost_requests;
SELECT count(*) > 0 AS costs_are_there FROM test.cost;
SELECT step, last_error FROM koku_run_step WHERE step = 'costs';
SELECT koku_internal.request_costs(:'source', '2026-11-01', '2026-11-18');
ALTER TABLE t_costs.reporting_ocp_cost_category RENAME TO hidden;
SET client_min_messages = error;
CALL koku_run();
SET client_min_messages = warning;
ALTER TABLE t_costs.hidden RENAME TO reporting_ocp_cost_category;
SELECT month, first_day, last_day, attempts, split_part(last_error, E'\n', 1) AS last_error, status FROM koku_cost_requests;
SELECT koku_retry_costs(:'source', '2026-11-30');
CALL koku_run();
SELECT count(*) FROM koku_cost_requests;
SELECT sqlstate_, message FROM test.error_of(format('SELECT koku_retry_costs(%L, %L)', :'source', '2026-11-30'));
SELECT sqlstate_, message FROM test.error_of('SELECT koku_update_costs(''00000000-0000-0000-0000-0000000000ff'', ''2026-11-01'')');
SELECT sqlstate_, message FROM test.error_of(format('SELECT koku_update_costs(%L, %L, %L::date)', :'source', '2026-11-02', '2026-11-01'));
SELECT sqlstate_, message FROM test.error_of(format('SELECT koku_update_costs(%L, 2026, 13)', :'source'));
SELECT sqlstate_, message FROM test.error_of(format('SELECT koku_check_costs(%L, 2026, 0)', :'source'));
SELECT sqlstate_, message FROM test.error_of('SELECT koku_check_costs(''00000000-0000-0000-0000-0000000000ff'', 2026, 11)');

-- Free GPUs: their cost is distributed when the month is over, by a request that waits for it; the GPU's users on the node get it.
SELECT koku_update_cost_model(:'model', '{"rates": [{"metric": {"name": "gpu_cost_per_month"}, "tag_rates": {"tag_key": "nvidia", "tag_values": [{"tag_value": "Tesla T4", "value": 360}]}}],
    "distribution_info": {"platform_cost": false, "worker_cost": false, "gpu_unallocated": true}}', 't_costs');
DELETE FROM koku_cost_change;
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', 2026, 11);
SELECT month, first_day, last_day, only_gpu_distribution, due FROM koku_cost_request;
CALL koku_run();
SELECT namespace, node, rate_type, gpu, moved FROM test.cost;
-- The next month has begun; nothing else of the month is computed anew.
UPDATE t_costs.cost_model_rate SET default_rate = 1000;
DELETE FROM koku_cost_change;
CREATE OR REPLACE FUNCTION koku_internal.today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT date '2026-12-02' $$;
CALL koku_run();
SELECT namespace, node, rate_type, gpu, moved FROM test.cost;
SELECT namespace, cost_model_rate_type, test.short(distributed_cost) AS moved FROM t_costs.reporting_ocp_cost_summary_by_project_p WHERE distributed_cost IS NOT NULL ORDER BY 1;
SELECT count(*) FROM koku_cost_request;
SELECT * FROM koku_check_costs(:'source', 2026, 11);

-- A month that is over is distributed as a whole, whichever of its days is computed: here one without GPUs, after the switch was off.
SELECT koku_update_cost_model(:'model', '{"distribution_info": {"gpu_unallocated": false}}', 't_costs');
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', date '2026-11-20', date '2026-11-20');
SELECT namespace, node, rate_type, moved FROM test.cost WHERE rate_type = 'gpu_distributed';
SELECT count(*) AS shown FROM t_costs.reporting_ocp_cost_summary_by_project_p WHERE distributed_cost IS NOT NULL;
SELECT koku_update_cost_model(:'model', '{"distribution_info": {"gpu_unallocated": true}}', 't_costs');
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', date '2026-11-20', date '2026-11-20');
SELECT namespace, node, rate_type, moved FROM test.cost WHERE rate_type = 'gpu_distributed';
SELECT namespace, test.short(distributed_cost) AS moved FROM t_costs.reporting_ocp_cost_summary_by_project_p WHERE distributed_cost IS NOT NULL ORDER BY 1;
-- What the whole month gives is no different.
CREATE TABLE test.cost_by_day AS SELECT * FROM test.cost;
SELECT count(*) > 0 AS done FROM koku_update_costs(:'source', 2026, 11);
SELECT count(*) AS different FROM (TABLE test.cost EXCEPT ALL TABLE test.cost_by_day) AS surplus;
SELECT * FROM koku_check_costs(:'source', 2026, 11);
