-- One row: a day and rate type of a claim and storage class (spec summary.md 4).

DELETE FROM {month}.reporting_ocp_volume_summary_p WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3;

INSERT INTO {tenant}.reporting_ocp_volume_summary_p (
#include "cost_columns.sql"
#include "resource_columns.sql"
#include "volume_columns.sql"
    persistentvolumeclaim, storageclass, cost_model_rate_type, cluster_id,
    cluster_alias, usage_start, usage_end, source_uuid, id)
SELECT
#include "cost_sums.sql"
#include "resource_sums_of_small_groups.sql"
#include "volume_sums.sql"
    line.persistentvolumeclaim, line.storageclass, line.cost_model_rate_type, line.cluster_id, line.cluster_alias,
    line.usage_start, line.usage_start AS usage_end, $1 AS source_uuid, koku_internal.row_id() AS id
FROM koku_daily_line AS line
WHERE line.data_source = 'Storage' AND line.persistentvolumeclaim IS NOT NULL
GROUP BY line.persistentvolumeclaim, line.storageclass, line.usage_start,
    line.cost_model_rate_type, line.cluster_id, line.cluster_alias;
