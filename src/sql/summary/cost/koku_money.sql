-- One row: the money and the use of a namespace on a node and day, before it is distributed (spec cost.md 6).

CREATE TEMP TABLE koku_money AS
SELECT usage_start, node, namespace, cost_category_id, data_source, max(resource_id COLLATE "C") AS resource_id,
    CAPACITY_MAXIMA,
    sum(coalesce(infrastructure_raw_cost, 0) + coalesce(infrastructure_markup_cost, 0)
        + coalesce(cost_model_cpu_cost, 0)
        + coalesce(cost_model_memory_cost, 0) + coalesce(cost_model_volume_cost, 0)) AS money,
    sum(CASE WHEN model.by_memory THEN pod_effective_usage_memory_gigabyte_hours
             ELSE pod_effective_usage_cpu_core_hours END) AS used
FROM {month}.reporting_ocpusagelineitem_daily_summary
CROSS JOIN koku_cost_model AS model
WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3
  AND namespace NOT IN ('Storage unattributed', 'Network unattributed')
GROUP BY usage_start, node, namespace, cost_category_id, data_source;
