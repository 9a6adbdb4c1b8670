#!/usr/bin/env bash
# Time and size of koku_report() for a month of many projects with costs. bench/report.sh [PROJECTS] (default: 5000)
set -euo pipefail
source "$(dirname "$0")/../scripts/private-server.sh"
projects=${1:-5000}
private_server_start
psql -XAtq -v ON_ERROR_STOP=1 -v projects="$projects" <<'END'
SET client_min_messages = warning;
CREATE EXTENSION koku_onprem;
SELECT koku_create_source('bench', 'Bench', source => '00000000-0000-0000-0000-000000000001') IS NULL AS missing \gset
SELECT count(koku_internal.ensure_partition('koku', table_name, '2026-11-01')) AS partitions
FROM unnest(ARRAY['reporting_ocp_pod_summary_p', 'reporting_ocp_pod_summary_by_project_p', 'reporting_ocp_cost_summary_p',
    'reporting_ocp_cost_summary_by_project_p']::name[]) AS table_name \gset
CREATE TEMPORARY VIEW project_day AS
SELECT 'project-' || lpad(project::text, 5, '0') AS namespace, day::date AS day, 1 + project % 97 + extract(day FROM day) / 10 AS size
FROM generate_series(1, :projects) AS project, generate_series(date '2026-11-01', '2026-11-30', '1 day') AS day;
INSERT INTO koku.reporting_ocp_pod_summary_by_project_p (cluster_id, usage_start, usage_end, source_uuid, namespace, pod_usage_cpu_core_hours,
    pod_request_cpu_core_hours, pod_effective_usage_cpu_core_hours, pod_limit_cpu_core_hours, pod_usage_memory_gigabyte_hours,
    pod_request_memory_gigabyte_hours, pod_effective_usage_memory_gigabyte_hours, pod_limit_memory_gigabyte_hours)
SELECT 'bench', day, day, '00000000-0000-0000-0000-000000000001', namespace, size, size * 2, size * 2, size * 3, size, size, size, size FROM project_day;
INSERT INTO koku.reporting_ocp_cost_summary_by_project_p (cluster_id, usage_start, usage_end, source_uuid, namespace, cost_model_rate_type,
    cost_model_cpu_cost, cost_model_memory_cost, distributed_cost)
SELECT 'bench', day, day, '00000000-0000-0000-0000-000000000001', namespace, rate_type, size * cpu, size * memory, size * distributed
FROM project_day, (VALUES (NULL, NULL, NULL, NULL), ('Infrastructure', 0.1, 0.01, NULL), ('Supplementary', 0.2, 0.02, NULL),
    ('platform_distributed', NULL, NULL, 0.05), ('worker_distributed', NULL, NULL, 0.03)) AS line (rate_type, cpu, memory, distributed);
INSERT INTO koku.reporting_ocp_pod_summary_p (cluster_id, usage_start, usage_end, source_uuid, pod_usage_cpu_core_hours, pod_effective_usage_cpu_core_hours, cluster_capacity_cpu_core_hours)
SELECT cluster_id, usage_start, usage_start, source_uuid, sum(pod_usage_cpu_core_hours), sum(pod_effective_usage_cpu_core_hours), 2 * sum(pod_effective_usage_cpu_core_hours)
FROM koku.reporting_ocp_pod_summary_by_project_p GROUP BY 1, 2, 3, 4;
INSERT INTO koku.reporting_ocp_cost_summary_p (cluster_id, usage_start, usage_end, source_uuid, cost_model_rate_type, cost_model_cpu_cost, cost_model_memory_cost, distributed_cost)
SELECT cluster_id, usage_start, usage_start, source_uuid, cost_model_rate_type, sum(cost_model_cpu_cost), sum(cost_model_memory_cost), sum(distributed_cost)
FROM koku.reporting_ocp_cost_summary_by_project_p GROUP BY 1, 2, 4, 5;
VACUUM ANALYZE;
\echo rows of costs by project:
SELECT count(*) FROM koku.reporting_ocp_cost_summary_by_project_p;
\echo bytes of the page:
SELECT octet_length(koku_report('koku', '2026-11-01', '2026-11-30'));
\timing on
SELECT octet_length(koku_report('koku', '2026-11-01', '2026-11-30'));
SELECT octet_length(koku_report('koku', '2026-11-01', '2026-11-30'));
SELECT octet_length(koku_report('koku', '2026-11-01', '2026-11-30'));
END
