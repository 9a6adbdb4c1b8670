-- One row: the money that a namespace of the platform, or that of idle workers, pays on a node and day and may give
-- away (spec cost.md 6). Other namespaces keep theirs, so that it need not be known.

CREATE TEMP TABLE koku_money AS
SELECT usage_start, node, namespace, cost_category_id, data_source, namespace = 'Worker unallocated' AS is_idle_worker,
    max(resource_id COLLATE "C") AS resource_id, CAPACITY_MAXIMA,
    -- On-prem nearly all rows have no cost of a cloud, which a sum of its own passes over.
    coalesce(sum(infrastructure_raw_cost), 0) + coalesce(sum(infrastructure_markup_cost), 0)
        + sum(coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0)
            + coalesce(cost_model_volume_cost, 0)) AS money
FROM {month}.reporting_ocpusagelineitem_daily_summary
WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3
  -- Idle workers in the platform's category would be both, and give nothing away. CASE: few rows pass the first test,
  -- and names are compared for those only.
  AND CASE WHEN (namespace = 'Worker unallocated') <> ((cost_category_id = ANY (PLATFORM_CATEGORIES)) IS TRUE)
           THEN namespace NOT IN ('Storage unattributed', 'Network unattributed') END
GROUP BY usage_start, node, namespace, cost_category_id, data_source;
