-- One row: the share of a namespace in the price that a label of its pods gives their node, or the rest of the node
-- (spec cost.md 4.6). Each value of the label on a node charges the whole node once.

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source,
    usage_start, usage_end, namespace, node,
    resource_id, cost_category_id, pod_labels, all_labels, pod_usage_cpu_core_hours, pod_request_cpu_core_hours,
    pod_effective_usage_cpu_core_hours, pod_limit_cpu_core_hours, pod_usage_memory_gigabyte_hours,
    pod_request_memory_gigabyte_hours, pod_effective_usage_memory_gigabyte_hours, pod_limit_memory_gigabyte_hours,
    CAPACITY_COLUMNS, cost_model_rate_type, monthly_cost_type,
    cost_model_cpu_cost, cost_model_memory_cost, cost_model_volume_cost, MARKUP_COLUMNS)
WITH allocated AS MATERIALIZED (
    SELECT line.*, rate.cost_type, rate.monthly_cost_type, rate.by_memory, rate.markup, rate.tag_key,
        line.pod_labels->>rate.tag_key AS tag_value,
        coalesce((rate.listed_prices->>(line.pod_labels->>rate.tag_key))::numeric, rate.other_price, 0) / rate.days
            * CASE WHEN rate.monthly_cost_type = 'Node_Core_Month' THEN line.node_capacity_cpu_cores
                ELSE 1 END AS price,
        -- What a group uses of the node, and all that there is: by memory or by cores, an hourly price of cores by
        -- cores.
        CASE WHEN rate.memory_share THEN line.pod_effective_usage_memory_gigabyte_hours
             ELSE line.pod_effective_usage_cpu_core_hours END AS used,
        CASE WHEN rate.memory_share THEN line.node_capacity_memory_gigabyte_hours
             ELSE line.node_capacity_cpu_core_hours END AS available,
        rate.monthly_cost_type = 'Node_Core_Hour' AS by_hour
    FROM koku_workload AS line
    JOIN koku_node_tag_price AS rate ON line.pod_labels ? rate.tag_key
    WHERE line.data_source = 'Pod' AND line.node_capacity_cpu_core_hours <> 0
          AND line.cluster_capacity_cpu_core_hours <> 0
), idle AS (
    -- The idle part of a node and day is in the namespace of its role.
    SELECT DISTINCT ON (usage_start, node) usage_start, node, namespace, cost_category_id
    FROM koku_usage
    WHERE data_source = 'Pod' AND pod_labels IS NULL
    ORDER BY usage_start, node, namespace NULLS LAST
), rest AS (
    SELECT usage_start, node, tag_key, tag_value, cost_type, monthly_cost_type, by_memory, markup,
        max(resource_id COLLATE "C") AS resource_id,
        max(pod_usage_cpu_core_hours) AS usage_cpu, max(pod_request_cpu_core_hours) AS request_cpu,
        max(pod_effective_usage_cpu_core_hours) AS effective_cpu, max(pod_limit_cpu_core_hours) AS limit_cpu,
        max(pod_usage_memory_gigabyte_hours) AS usage_memory, max(pod_request_memory_gigabyte_hours) AS request_memory,
        max(pod_effective_usage_memory_gigabyte_hours) AS effective_memory,
        max(pod_limit_memory_gigabyte_hours) AS limit_memory,
        CAPACITY_MAXIMA,
        (max(available) - sum(used)) / CASE WHEN by_hour THEN 1 ELSE nullif(max(available), 0) END * max(price) AS cost
    FROM allocated
    GROUP BY usage_start, node, tag_key, tag_value, cost_type, monthly_cost_type, by_memory, markup, by_hour
), charged AS (
    SELECT usage_start, namespace, node, resource_id, cost_category_id,
        jsonb_build_object(tag_key, tag_value) AS pod_labels, NULL::jsonb AS all_labels,
        NULL::numeric AS usage_cpu, NULL::numeric AS request_cpu,
        NULL::numeric AS effective_cpu, NULL::numeric AS limit_cpu,
        NULL::numeric AS usage_memory, NULL::numeric AS request_memory, NULL::numeric AS effective_memory,
        NULL::numeric AS limit_memory, CAPACITY_COLUMNS, cost_type, monthly_cost_type, by_memory, markup,
        used * price / CASE WHEN by_hour THEN 1 ELSE nullif(available, 0) END AS cost
    FROM allocated
    UNION ALL
    -- Without a role it has no namespace, and dashboards would take its usage for that of pods.
    SELECT usage_start, namespace, node, resource_id, cost_category_id, pair, pair,
        CASE WHEN namespace IS NOT NULL THEN usage_cpu END, CASE WHEN namespace IS NOT NULL THEN request_cpu END,
        CASE WHEN namespace IS NOT NULL THEN effective_cpu END, CASE WHEN namespace IS NOT NULL THEN limit_cpu END,
        CASE WHEN namespace IS NOT NULL THEN usage_memory END, CASE WHEN namespace IS NOT NULL THEN request_memory END,
        CASE WHEN namespace IS NOT NULL THEN effective_memory END,
            CASE WHEN namespace IS NOT NULL THEN limit_memory END,
        CAPACITY_COLUMNS, cost_type, monthly_cost_type, by_memory, markup, cost
    FROM rest
    LEFT JOIN idle USING (usage_start, node)
    CROSS JOIN LATERAL (SELECT jsonb_build_object(tag_key, tag_value)) AS label (pair)
)
SELECT koku_internal.row_id(), $1, $4, $5, $6, 'Pod', usage_start, usage_start, namespace, node,
    resource_id, cost_category_id, pod_labels, all_labels, usage_cpu, request_cpu, effective_cpu, limit_cpu,
    usage_memory, request_memory, effective_memory, limit_memory, CAPACITY_COLUMNS, cost_type, monthly_cost_type,
    CASE WHEN by_memory THEN 0 ELSE koku_internal.in_range(cost) END,
    CASE WHEN by_memory THEN koku_internal.in_range(cost) ELSE 0 END, 0, markup, markup
FROM charged;
