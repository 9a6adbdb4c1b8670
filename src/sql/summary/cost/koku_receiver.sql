-- One row: the use of a namespace on a node and day, by which it takes its share of the cost of the platform and of
-- idle workers (spec cost.md 6).

CREATE TEMP TABLE koku_receiver AS
SELECT usage_start, node, namespace, cost_category_id, data_source, max(resource_id COLLATE "C") AS resource_id,
    CAPACITY_MAXIMA,
    koku_internal.small_sum(CASE WHEN (SELECT by_memory FROM koku_cost_model)
        THEN pod_effective_usage_memory_gigabyte_hours ELSE pod_effective_usage_cpu_core_hours END) AS used
FROM koku_usage
WHERE namespace NOT IN ('Worker unallocated', 'Storage unattributed', 'Network unattributed')
  AND (cost_category_id = ANY (PLATFORM_CATEGORIES)) IS NOT TRUE
GROUP BY usage_start, node, namespace, cost_category_id, data_source;
