-- Charges in the columns of FOCUS, budgets, and reports that are kept.
SET client_min_messages = warning;
SET datestyle = 'ISO';
SET timezone = 'UTC';
\set source '00000000-0000-0000-0000-00000000f002'
SELECT koku_create_source('extras-cluster', 'Extras', 't_extras', :'source');
-- Ten days of November: a project of 6 a day with a label, one of 4 without, 2 that are distributed to the first.
SELECT count(koku_internal.ensure_partition('t_extras', table_name, '2026-11-01'))
FROM unnest(ARRAY['reporting_ocpusagelineitem_daily_summary', 'reporting_ocp_cost_summary_by_project_p', 'reporting_ocp_cost_summary_p']::name[]) AS table_name;
INSERT INTO t_extras.reporting_ocpusagelineitem_daily_summary (uuid, cluster_id, cluster_alias, data_source, usage_start, usage_end, source_uuid,
    namespace, node, pod_labels, all_labels, cost_model_rate_type, cost_model_cpu_cost, cost_model_memory_cost, distributed_cost, pod_effective_usage_cpu_core_hours,
    pod_effective_usage_memory_gigabyte_hours)
SELECT gen_random_uuid(), 'extras-cluster', 'Extras', 'Pod', day, day, :'source', namespace, 'n1', labels::jsonb, labels::jsonb, rate_type, cpu, memory, distributed, hours, hours * 4
FROM generate_series(date '2026-11-01', '2026-11-10', '1 day') AS day, (VALUES
    ('shop', '{"team": "a"}', NULL, NULL, NULL, NULL, 48), ('shop', '{"team": "a"}', 'Supplementary', 5, 1, NULL, NULL),
    ('search', '{}', NULL, NULL, NULL, NULL, 24), ('search', '{}', 'Infrastructure', 4, 0, NULL, NULL),
    ('Worker unallocated', NULL, NULL, NULL, NULL, NULL, 12), ('Worker unallocated', NULL, 'Infrastructure', 2, NULL, NULL, NULL),
    ('Worker unallocated', NULL, 'worker_distributed', NULL, NULL, -2, NULL), ('shop', NULL, 'worker_distributed', NULL, NULL, 2, NULL)
    ) AS line (namespace, labels, rate_type, cpu, memory, distributed, hours);
INSERT INTO t_extras.reporting_ocp_cost_summary_by_project_p (cluster_id, usage_start, usage_end, source_uuid, namespace, cost_model_rate_type,
    cost_model_cpu_cost, cost_model_memory_cost, distributed_cost)
SELECT cluster_id, usage_start, usage_start, source_uuid, namespace, cost_model_rate_type, sum(cost_model_cpu_cost), sum(cost_model_memory_cost), sum(distributed_cost)
FROM t_extras.reporting_ocpusagelineitem_daily_summary GROUP BY 1, 2, 4, 5, 6;
INSERT INTO t_extras.reporting_ocp_cost_summary_p (cluster_id, usage_start, usage_end, source_uuid, cost_model_rate_type,
    cost_model_cpu_cost, cost_model_memory_cost, distributed_cost)
SELECT cluster_id, usage_start, usage_start, source_uuid, cost_model_rate_type, sum(cost_model_cpu_cost), sum(cost_model_memory_cost), sum(distributed_cost)
FROM t_extras.reporting_ocpusagelineitem_daily_summary GROUP BY 1, 2, 4, 5;

-- FOCUS: each charge once, and the sum of all is the sum of the cost columns.
SELECT "SkuId", "SubAccountName", "BilledCost", "ConsumedQuantity", "ConsumedUnit", "AllocatedMethodId", "Tags", "ChargeDescription"
FROM koku_focus('t_extras', '2026-11-03', '2026-11-03') ORDER BY 1, 2;
SELECT count(*), sum("BilledCost") AS billed, min("ChargePeriodStart") AS first, max("ChargePeriodEnd") AS last, min("BillingPeriodStart") AS month,
    (SELECT sum(coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0) + coalesce(distributed_cost, 0)) FROM t_extras.reporting_ocpusagelineitem_daily_summary) AS costs
FROM koku_focus('t_extras', '2026-11-01', '2026-11-30');
SELECT count(*) AS without_costs FROM koku_focus('t_extras', '2026-12-01', '2026-12-31');
SELECT sqlstate_, message FROM (VALUES ($$SELECT koku_focus('nobody', '2026-11-01', '2026-11-30')$$), ($$SELECT koku_focus('t_extras', '2026-11-30', '2026-11-01')$$)) AS s (statement),
    test.error_of(statement) AS e;

-- Budgets. Today is the 18th; ten days cost 120 in all: 12 a day, forecast 120 + 20 * 12 = 360.
SELECT koku_set_budget('t_extras', 'all', '{}', 400);
SELECT koku_set_budget('t_extras', 'shop', '{"project": "shop"}', 100, '{50, 75}');
SELECT koku_set_budget('t_extras', 'team a', '{"label": {"team": "a"}}', 50);
SELECT koku_set_budget('t_extras', 'cluster', '{"cluster": "extras-cluster"}', 130);
SELECT koku_set_budget('t_extras', 'elsewhere', '{"cluster": "elsewhere"}', 10);
SELECT koku_set_budget('t_extras', 'small', '{"project": "search"}', 1000);
SELECT tenant, name, scope, month, monthly, test.short(spent) AS spent, percent, test.short(forecast) AS forecast, as_of, reached, state FROM koku_budgets ORDER BY name;
SELECT status, detail FROM koku_health() WHERE check_name = 'budgets';
SELECT tenant, cluster_id, name, month, test.short(cost) AS cost, currency, as_of FROM koku_month_costs WHERE tenant = 't_extras';
SELECT test_rows FROM regexp_matches(koku_report('t_extras', '2026-11-01', '2026-11-30'), '<th scope="row"><bdi>(shop)</bdi></th><td><bdi>([^<]*)</bdi></td>') AS test_rows;
SELECT koku_set_budget('t_extras', 'shop', '{"project": "shop"}', 1000);
SELECT koku_remove_budget('t_extras', 'team a');
SELECT koku_remove_budget('t_extras', 'cluster');
SELECT name, state FROM koku_budgets ORDER BY name;
SELECT status, detail, what_to_do FROM koku_health() WHERE check_name = 'budgets';
SELECT sqlstate_, message FROM (VALUES ($$koku_set_budget('nobody', 'a', '{}', 1)$$), ($$koku_set_budget('t_extras', '', '{}', 1)$$), ($$koku_set_budget('t_extras', 'a', '[]', 1)$$),
    ($$koku_set_budget('t_extras', 'a', '{"node": "n"}', 1)$$), ($$koku_set_budget('t_extras', 'a', '{"label": {"a": "b", "c": "d"}}', 1)$$), ($$koku_set_budget('t_extras', 'a', '{"label": {"a": 1}}', 1)$$),
    ($$koku_set_budget('t_extras', 'a', '{}', 0)$$), ($$koku_set_budget('t_extras', 'a', '{}', 'NaN')$$), ($$koku_set_budget('t_extras', 'a', '{}', 1, '{0}')$$),
    ($$koku_set_budget('t_extras', 'a', '{}', 1, '{50,NULL}')$$), ($$koku_remove_budget('t_extras', 'gone')$$)) AS s (statement), test.error_of('SELECT ' || statement) AS e;

-- A report is kept: of the month of yesterday, and in place of an earlier one.
SELECT koku_save_report('t_extras');
SELECT koku_save_report('t_extras', '2026-11-30');
SELECT koku_save_report('t_extras', '2026-10-01', 'team');
SELECT month, label, html = koku_report('t_extras', month, (month + interval '1 month')::date - 1, nullif(label, '')) AS is_the_report FROM koku_saved_report ORDER BY month;
SELECT sqlstate_, message FROM (VALUES ($$koku_save_report('nobody')$$), ($$koku_schedule_report('nobody')$$), ($$koku_schedule_report('t_extras')$$), ($$koku_unschedule_report('t_extras')$$)) AS s (statement),
    test.error_of('SELECT ' || statement) AS e;
