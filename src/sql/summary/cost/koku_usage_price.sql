-- One row: the plain prices of use of one cost type (spec cost.md 4.1).

CREATE TEMP TABLE koku_usage_price AS
SELECT cost_type,
    coalesce(sum(price) FILTER (WHERE metric = 'cpu_core_usage_per_hour'), 0) AS cpu_usage,
    coalesce(sum(price) FILTER (WHERE metric = 'cpu_core_request_per_hour'), 0) AS cpu_request,
    coalesce(sum(price) FILTER (WHERE metric = 'cpu_core_effective_usage_per_hour'), 0) AS cpu_effective,
    coalesce(sum(price) FILTER (WHERE metric = 'memory_gb_usage_per_hour'), 0) AS memory_usage,
    coalesce(sum(price) FILTER (WHERE metric = 'memory_gb_request_per_hour'), 0) AS memory_request,
    coalesce(sum(price) FILTER (WHERE metric = 'memory_gb_effective_usage_per_hour'), 0) AS memory_effective,
    coalesce(sum(price) FILTER (WHERE metric = 'storage_gb_usage_per_month'), 0) AS storage_usage,
    coalesce(sum(price) FILTER (WHERE metric = 'storage_gb_request_per_month'), 0) AS storage_request,
    coalesce(sum(price) FILTER (WHERE metric = 'node_core_cost_per_hour'), 0) AS node_core,
    coalesce(sum(price) FILTER (WHERE metric = 'cluster_core_cost_per_hour'), 0) AS cluster_core,
    coalesce(sum(price) FILTER (WHERE metric = 'cluster_cost_per_hour'), 0) AS cluster,
    -- Few models have all of them; what is free need not be worked out for each row.
    coalesce(bool_or(price <> 0) FILTER (WHERE metric LIKE 'cpu_core%'), false) AS has_cpu,
    coalesce(bool_or(price <> 0) FILTER (WHERE metric LIKE 'memory_gb%'), false) AS has_memory,
    coalesce(bool_or(price <> 0) FILTER (WHERE metric LIKE 'storage_gb%'), false) AS has_storage,
    coalesce(bool_or(price <> 0) FILTER (WHERE metric IN ('node_core_cost_per_hour', 'cluster_core_cost_per_hour')),
             false) AS has_cores,
    coalesce(bool_or(price <> 0) FILTER (WHERE metric = 'cluster_cost_per_hour'), false) AS has_cluster
FROM koku_cost_rate
WHERE tag_key IS NULL AND metric IN (
    'cpu_core_usage_per_hour', 'cpu_core_request_per_hour', 'cpu_core_effective_usage_per_hour',
    'memory_gb_usage_per_hour', 'memory_gb_request_per_hour', 'memory_gb_effective_usage_per_hour',
    'storage_gb_usage_per_month', 'storage_gb_request_per_month', 'node_core_cost_per_hour',
    'cluster_core_cost_per_hour', 'cluster_cost_per_hour')
GROUP BY cost_type;
