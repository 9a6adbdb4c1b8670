-- One row: a day, rate type and direction of the traffic of a namespace (spec summary.md 4).

INSERT INTO {tenant}.reporting_ocp_network_summary_by_project_p (
#include "cost_columns.sql"
#include "resource_columns.sql"
#include "network_columns.sql"
    namespace, cost_model_rate_type, cluster_id, cluster_alias, usage_start, usage_end, source_uuid, id)
SELECT
#include "cost_sums.sql"
#include "resource_sums.sql"
#include "network_sums.sql"
    line.namespace, line.cost_model_rate_type, line.cluster_id, line.cluster_alias,
    line.usage_start, line.usage_start AS usage_end, $1 AS source_uuid, koku_internal.row_id() AS id
#include "network_rows.sql"
GROUP BY line.namespace, line.usage_start, line.cost_model_rate_type, line.cluster_id,
    line.cluster_alias, traffic.direction;
