-- One row: what a namespace gives away of the cost of the platform or of idle workers on a day (negative), or takes of
-- it by its use (spec cost.md 6.1 to 6.3). A day without use keeps its cost where it is.

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source,
    usage_start, usage_end, namespace, node,
    resource_id, cost_category_id, CAPACITY_COLUMNS, cost_model_rate_type, distributed_cost, MARKUP_COLUMNS)
WITH used AS (
    SELECT usage_start, sum(used) AS used FROM koku_receiver GROUP BY usage_start HAVING sum(used) > 0
), share AS (
    -- What a core hour or gigabyte hour in use takes of both, with more decimals than a row has, so that a row
    -- is off by its own rounding only.
    SELECT usage_start,
        round(sum(money) FILTER (WHERE NOT is_idle_worker), 30) / max(used.used) AS of_platform,
        round(sum(money) FILTER (WHERE is_idle_worker), 30) / max(used.used) AS of_idle_workers
    FROM koku_money
    JOIN used USING (usage_start)
    GROUP BY usage_start
), moved AS (
    SELECT 'platform_distributed' AS rate_type, usage_start, node, namespace, data_source, resource_id,
        cost_category_id, CAPACITY_COLUMNS, used * of_platform AS amount
    FROM koku_receiver
    JOIN share USING (usage_start)
    WHERE (SELECT platform_cost FROM koku_cost_model)
    UNION ALL
    SELECT 'platform_distributed', usage_start, node, namespace, data_source, resource_id, cost_category_id,
        CAPACITY_COLUMNS, -money
    FROM koku_money
    JOIN share USING (usage_start)
    WHERE (SELECT platform_cost FROM koku_cost_model) AND NOT is_idle_worker
    UNION ALL
    -- Of idle workers the categories of a namespace, if it has several, take together.
    SELECT 'worker_distributed', usage_start, node, namespace, data_source, max(resource_id COLLATE "C"),
        max(cost_category_id), CAPACITY_MAXIMA, koku_internal.small_sum(used) * max(of_idle_workers)
    FROM koku_receiver
    JOIN share USING (usage_start)
    WHERE (SELECT worker_cost FROM koku_cost_model)
    GROUP BY usage_start, node, namespace, data_source
    UNION ALL
    SELECT 'worker_distributed', usage_start, node, namespace, data_source, max(resource_id COLLATE "C"),
        max(cost_category_id), CAPACITY_MAXIMA, -koku_internal.small_sum(money)
    FROM koku_money
    JOIN share USING (usage_start)
    WHERE (SELECT worker_cost FROM koku_cost_model) AND is_idle_worker
    GROUP BY usage_start, node, namespace, data_source
)
SELECT koku_internal.row_id(), $1, $4, $5, $6, data_source, usage_start, usage_start, namespace, node,
    resource_id, cost_category_id, CAPACITY_COLUMNS, rate_type, koku_internal.in_range(amount),
    (SELECT distributed_markup FROM koku_cost_model), (SELECT distributed_markup FROM koku_cost_model)
FROM moved
WHERE round(amount, 15) <> 0;
