-- One row: the share of a namespace in the price of a node, of its cores or of the cluster on a day (spec cost.md 4.2).
-- Idle capacity takes the rest.

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source,
    usage_start, usage_end, namespace, node,
    resource_id, cost_category_id, pod_labels, all_labels, CAPACITY_COLUMNS, cost_model_rate_type, monthly_cost_type,
    cost_model_cpu_cost, cost_model_memory_cost, cost_model_volume_cost, MARKUP_COLUMNS)
WITH charged AS (
    SELECT line.*, rate.cost_type, rate.monthly_cost_type, rate.by_memory, rate.markup,
        koku_internal.in_range(
            CASE WHEN rate.by_memory THEN line.pod_effective_usage_memory_gigabyte_hours
                 ELSE line.pod_effective_usage_cpu_core_hours END
            * CASE WHEN rate.monthly_cost_type = 'Node_Core_Month' THEN line.node_capacity_cpu_cores ELSE 1 END
            * rate.price
            / nullif(CASE WHEN rate.monthly_cost_type = 'Cluster' AND rate.by_memory
                              THEN line.cluster_capacity_memory_gigabyte_hours
                          WHEN rate.monthly_cost_type = 'Cluster' THEN line.cluster_capacity_cpu_core_hours
                          WHEN rate.by_memory THEN line.node_capacity_memory_gigabyte_hours
                          ELSE line.node_capacity_cpu_core_hours END, 0)) AS cost
    FROM koku_workload AS line
    CROSS JOIN koku_node_price AS rate
    WHERE line.data_source = 'Pod' AND line.node_capacity_cpu_core_hours <> 0
      AND line.cluster_capacity_cpu_core_hours <> 0
      AND (line.pod_labels ?| rate.replaced_keys) IS NOT TRUE
)
SELECT koku_internal.row_id(), $1, $4, $5, $6, 'Pod', usage_start, usage_start, namespace, node,
    resource_id, cost_category_id, pod_labels, pod_labels, CAPACITY_COLUMNS, cost_type, monthly_cost_type,
    CASE WHEN by_memory THEN 0 ELSE cost END, CASE WHEN by_memory THEN cost ELSE 0 END, 0, markup, markup
FROM charged;
