-- One row: a usage row of the daily summary, as far as costs go by it (spec cost.md 3: U).

CREATE TEMP TABLE koku_usage AS
SELECT usage_start, data_source, namespace, node, resource_id, cost_category_id, pod_labels, volume_labels, all_labels,
    persistentvolumeclaim, persistentvolume, storageclass, pod_usage_cpu_core_hours, pod_request_cpu_core_hours,
    pod_effective_usage_cpu_core_hours, pod_limit_cpu_core_hours, pod_usage_memory_gigabyte_hours,
    pod_request_memory_gigabyte_hours, pod_effective_usage_memory_gigabyte_hours, pod_limit_memory_gigabyte_hours,
    node_capacity_cpu_cores, node_capacity_cpu_core_hours, node_capacity_memory_gigabytes,
    node_capacity_memory_gigabyte_hours, cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours,
    persistentvolumeclaim_usage_gigabyte_months, volume_request_storage_gigabyte_months,
    persistentvolumeclaim_capacity_gigabyte_months
FROM {month}.reporting_ocpusagelineitem_daily_summary
WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND cost_model_rate_type IS NULL
  AND (EXISTS (SELECT FROM koku_cost_rate) OR EXISTS (SELECT FROM koku_distribution));
