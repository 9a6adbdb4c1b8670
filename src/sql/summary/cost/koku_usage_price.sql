-- One row: the plain prices of use of one cost type (spec cost.md 4.1). By cores, the prices of the node's and the
-- cluster's cores and of the cluster are part of that of a core hour in effective use. By memory, that of the cluster
-- is part of that of a gigabyte hour, and cores are charged by the share of the node.

CREATE TEMP TABLE koku_usage_price AS
SELECT listed.*, model.by_memory, model.markup,
    CASE WHEN model.by_memory THEN 0 ELSE core END + cpu_effective AS core_hour_in_use,
    CASE WHEN model.by_memory THEN 0 ELSE cluster END AS cluster_by_cpu,
    CASE WHEN model.by_memory THEN cluster ELSE 0 END AS cluster_by_memory,
    -- Few models have all of them; what is free need not be worked out for each row.
    cpu_usage <> 0 OR cpu_request <> 0 AS has_cpu_use,
    memory_usage <> 0 OR memory_request <> 0 AS has_memory_use,
    cpu_effective <> 0 OR (core <> 0 OR cluster <> 0) AND NOT model.by_memory AS has_core_hour_in_use,
    memory_effective <> 0 OR cluster <> 0 AND model.by_memory AS has_gigabyte_hour_in_use,
    storage_usage <> 0 OR storage_request <> 0 AS has_storage_use
FROM (
    SELECT cost_type,
        coalesce(sum(price) FILTER (WHERE metric = 'cpu_core_usage_per_hour'), 0) AS cpu_usage,
        coalesce(sum(price) FILTER (WHERE metric = 'cpu_core_request_per_hour'), 0) AS cpu_request,
        coalesce(sum(price) FILTER (WHERE metric = 'cpu_core_effective_usage_per_hour'), 0) AS cpu_effective,
        coalesce(sum(price) FILTER (WHERE metric = 'memory_gb_usage_per_hour'), 0) AS memory_usage,
        coalesce(sum(price) FILTER (WHERE metric = 'memory_gb_request_per_hour'), 0) AS memory_request,
        coalesce(sum(price) FILTER (WHERE metric = 'memory_gb_effective_usage_per_hour'), 0) AS memory_effective,
        coalesce(sum(price) FILTER (WHERE metric = 'storage_gb_usage_per_month'), 0) AS storage_usage,
        coalesce(sum(price) FILTER (WHERE metric = 'storage_gb_request_per_month'), 0) AS storage_request,
        coalesce(sum(price) FILTER (WHERE metric IN ('node_core_cost_per_hour', 'cluster_core_cost_per_hour')), 0)
            AS core,
        coalesce(sum(price) FILTER (WHERE metric = 'cluster_cost_per_hour'), 0) AS cluster
    FROM koku_cost_rate
    WHERE tag_key IS NULL AND metric IN (
        'cpu_core_usage_per_hour', 'cpu_core_request_per_hour', 'cpu_core_effective_usage_per_hour',
        'memory_gb_usage_per_hour', 'memory_gb_request_per_hour', 'memory_gb_effective_usage_per_hour',
        'storage_gb_usage_per_month', 'storage_gb_request_per_month', 'node_core_cost_per_hour',
        'cluster_core_cost_per_hour', 'cluster_cost_per_hour')
    GROUP BY cost_type) AS listed
CROSS JOIN koku_cost_model AS model;
