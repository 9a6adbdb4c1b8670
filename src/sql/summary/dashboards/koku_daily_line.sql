-- One row: a row of the daily summary of these days, whoever wrote it, with the columns only that the tables for
-- dashboards are made from (spec summary.md 4). They are a third of its width, and eleven statements read them. What
-- rows are grouped by has collation "C", which compares bytes: what is equal is equal in every collation.

CREATE TEMP TABLE koku_daily_line AS
SELECT
#include "cost_columns.sql"
#include "pod_columns.sql"
#include "node_capacity_columns.sql"
#include "volume_columns.sql"
#include "network_columns.sql"
    usage_start, cluster_id COLLATE "C", cluster_alias COLLATE "C", cost_model_rate_type COLLATE "C",
    data_source COLLATE "C",
    namespace COLLATE "C", node COLLATE "C", persistentvolumeclaim COLLATE "C", storageclass COLLATE "C", resource_id
FROM {month}.reporting_ocpusagelineitem_daily_summary
WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3;
