-- One row: the usage rows of a day, node and namespace with equal labels, as plain rates charge them (spec cost.md 4.1,
-- 4.2). Rows without a namespace, the idle part of nodes without a role, are not charged. What several cost rows take
-- over unchanged has the type of its column here, so that it is not cast for each of them.

CREATE TEMP TABLE koku_workload AS
SELECT usage_start, node, namespace, data_source, persistentvolumeclaim, pod_labels, volume_labels, cost_category_id,
    all_labels, max(resource_id COLLATE "C")::varchar(253) AS resource_id,
    max(persistentvolume COLLATE "C")::varchar(253) AS persistentvolume,
    max(storageclass COLLATE "C")::varchar(253) AS storageclass,
    koku_internal.small_sum(pod_usage_cpu_core_hours) AS pod_usage_cpu_core_hours,
    koku_internal.small_sum(pod_request_cpu_core_hours) AS pod_request_cpu_core_hours,
    koku_internal.small_sum(pod_effective_usage_cpu_core_hours) AS pod_effective_usage_cpu_core_hours,
    max(pod_limit_cpu_core_hours) AS pod_limit_cpu_core_hours,
    koku_internal.small_sum(pod_usage_memory_gigabyte_hours) AS pod_usage_memory_gigabyte_hours,
    koku_internal.small_sum(pod_request_memory_gigabyte_hours) AS pod_request_memory_gigabyte_hours,
    koku_internal.small_sum(pod_effective_usage_memory_gigabyte_hours) AS pod_effective_usage_memory_gigabyte_hours,
    max(pod_limit_memory_gigabyte_hours) AS pod_limit_memory_gigabyte_hours,
    max(node_capacity_cpu_cores)::numeric(33,15) AS node_capacity_cpu_cores,
    max(node_capacity_cpu_core_hours)::numeric(33,15) AS node_capacity_cpu_core_hours,
    max(node_capacity_memory_gigabytes)::numeric(33,15) AS node_capacity_memory_gigabytes,
    max(node_capacity_memory_gigabyte_hours)::numeric(33,15) AS node_capacity_memory_gigabyte_hours,
    max(cluster_capacity_cpu_core_hours)::numeric(33,15) AS cluster_capacity_cpu_core_hours,
    max(cluster_capacity_memory_gigabyte_hours)::numeric(33,15) AS cluster_capacity_memory_gigabyte_hours,
    koku_internal.small_sum(persistentvolumeclaim_usage_gigabyte_months) AS persistentvolumeclaim_usage_gigabyte_months,
    koku_internal.small_sum(volume_request_storage_gigabyte_months) AS volume_request_storage_gigabyte_months
FROM koku_usage
WHERE namespace IS NOT NULL
GROUP BY usage_start, node, namespace, data_source, persistentvolumeclaim, pod_labels, volume_labels, cost_category_id,
    all_labels;
