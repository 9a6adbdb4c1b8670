-- One row: what the plain rates of use of one cost type charge a day of pods, of a volume or of idle capacity (spec
-- cost.md 4.1).

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source,
    usage_start, usage_end, namespace, node,
    resource_id, cost_category_id, pod_labels, volume_labels, all_labels, persistentvolumeclaim, persistentvolume,
    storageclass, CAPACITY_COLUMNS, cost_model_rate_type, cost_model_cpu_cost, cost_model_memory_cost,
    cost_model_volume_cost, MARKUP_COLUMNS)
WITH node AS (
    -- What a node pays of the hourly price of the cluster, for each core hour or gigabyte hour that it has in use.
    SELECT usage_start, node, coalesce(
        CASE WHEN by_memory THEN
            max(node_capacity_memory_gigabyte_hours) ^ 2 / nullif(max(node_capacity_memory_gigabytes), 0)
                / nullif(max(cluster_capacity_memory_gigabyte_hours), 0)
                / nullif(sum(pod_effective_usage_memory_gigabyte_hours), 0)
        ELSE
            max(node_capacity_cpu_core_hours) ^ 2 / nullif(max(node_capacity_cpu_cores), 0)
                / nullif(max(cluster_capacity_cpu_core_hours), 0)
                / nullif(sum(pod_effective_usage_cpu_core_hours), 0)
        END, 0) AS cluster_hours
    FROM koku_usage, koku_cost_model AS model
    WHERE node <> '' AND EXISTS (SELECT FROM koku_usage_price WHERE cluster <> 0)
    GROUP BY usage_start, node, by_memory
), charged AS (
    SELECT line.*, rate.cost_type, rate.markup,
        CASE WHEN rate.has_cpu_use
             THEN coalesce(line.pod_usage_cpu_core_hours, 0) * rate.cpu_usage
                 + coalesce(line.pod_request_cpu_core_hours, 0) * rate.cpu_request
             ELSE 0
        END + CASE WHEN rate.has_core_hour_in_use
             THEN coalesce(line.pod_effective_usage_cpu_core_hours, 0)
                 * (rate.core_hour_in_use + coalesce(node.cluster_hours, 0) * rate.cluster_by_cpu)
             ELSE 0
        -- By memory the core hours are those of the same share of the node; unknown without capacity.
        END + CASE WHEN rate.by_memory
             THEN line.pod_effective_usage_memory_gigabyte_hours / nullif(line.node_capacity_memory_gigabyte_hours, 0)
                 * line.node_capacity_cpu_core_hours * rate.core
             ELSE 0
        END AS cpu_cost,
        CASE WHEN rate.has_memory_use
             THEN coalesce(line.pod_usage_memory_gigabyte_hours, 0) * rate.memory_usage
                 + coalesce(line.pod_request_memory_gigabyte_hours, 0) * rate.memory_request
             ELSE 0
        END + CASE WHEN rate.has_gigabyte_hour_in_use
             THEN coalesce(line.pod_effective_usage_memory_gigabyte_hours, 0)
                 * (rate.memory_effective + coalesce(node.cluster_hours, 0) * rate.cluster_by_memory)
             ELSE 0
        END AS memory_cost,
        CASE WHEN rate.has_storage_use
             THEN coalesce(line.persistentvolumeclaim_usage_gigabyte_months, 0) * rate.storage_usage
                 + coalesce(line.volume_request_storage_gigabyte_months, 0) * rate.storage_request
             ELSE 0
        END AS volume_cost
    FROM koku_usage_price AS rate
    CROSS JOIN koku_workload AS line
    LEFT JOIN node ON node.usage_start = line.usage_start AND node.node = line.node
)
SELECT koku_internal.row_id(), $1, $4, $5, $6, data_source, usage_start, usage_start, namespace, node,
    resource_id, cost_category_id, pod_labels, volume_labels, all_labels, persistentvolumeclaim, persistentvolume,
    storageclass, CAPACITY_COLUMNS, cost_type, koku_internal.in_range(cpu_cost), koku_internal.in_range(memory_cost),
    koku_internal.in_range(volume_cost), markup, markup
FROM charged;
