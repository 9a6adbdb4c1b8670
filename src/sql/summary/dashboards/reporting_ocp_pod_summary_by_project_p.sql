-- One row: a day and rate type of the pods of a namespace, without unallocated capacity (spec summary.md 4).

DELETE FROM {month}.reporting_ocp_pod_summary_by_project_p WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3;

INSERT INTO {tenant}.reporting_ocp_pod_summary_by_project_p (
#include "cost_columns.sql"
#include "resource_columns.sql"
#include "pod_columns.sql"
    namespace, cost_model_rate_type, cluster_id, cluster_alias, usage_start, usage_end, source_uuid, id)
SELECT
#include "cost_sums.sql"
#include "resource_sums.sql"
#include "pod_sums.sql"
    line.namespace, line.cost_model_rate_type, line.cluster_id, line.cluster_alias,
    line.usage_start, line.usage_start AS usage_end, $1 AS source_uuid, koku_internal.row_id() AS id
FROM koku_daily_line AS line
WHERE line.data_source = 'Pod' AND (line.namespace IN (SPECIAL_NAMESPACES)) IS NOT TRUE
GROUP BY line.namespace, line.usage_start, line.cost_model_rate_type, line.cluster_id, line.cluster_alias;
