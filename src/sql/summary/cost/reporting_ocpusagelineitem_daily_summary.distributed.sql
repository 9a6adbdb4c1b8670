-- One row: what a namespace gives away of the cost of the platform or of idle workers on a day (negative), or takes of
-- it by its use (spec cost.md 6.1 to 6.3). A day without use keeps its cost where it is.

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source,
    usage_start, usage_end, namespace, node,
    resource_id, cost_category_id, CAPACITY_COLUMNS, cost_model_rate_type, distributed_cost, MARKUP_COLUMNS)
WITH line AS (
    SELECT money.*, (category.name = 'Platform') IS TRUE AS is_platform,
        money.namespace = 'Worker unallocated' AS is_idle_worker
    FROM koku_money AS money
    LEFT JOIN {tenant}.reporting_ocp_cost_category AS category ON category.id = money.cost_category_id
), member AS (
    SELECT distribution.rate_type, line.*,
        CASE distribution.rate_type WHEN 'platform_distributed' THEN is_platform ELSE is_idle_worker END AS pays
    FROM line
    JOIN koku_distribution AS distribution
        ON CASE distribution.rate_type WHEN 'platform_distributed' THEN NOT is_idle_worker ELSE NOT is_platform END
), shared AS (
    SELECT rate_type, usage_start, sum(money) FILTER (WHERE pays) AS cost, sum(used) FILTER (WHERE NOT pays) AS used
    FROM member
    GROUP BY rate_type, usage_start
), moved AS (
    SELECT rate_type, usage_start, node, namespace, data_source, max(resource_id COLLATE "C") AS resource_id,
        max(cost_category_id) AS cost_category_id, CAPACITY_MAXIMA,
        koku_internal.in_range(CASE WHEN pays THEN -sum(money)
            ELSE sum(member.used) / max(shared.used) * max(shared.cost) END) AS amount
    FROM member
    JOIN shared USING (rate_type, usage_start)
    WHERE shared.used > 0
    GROUP BY rate_type, usage_start, node, namespace, data_source, pays,
        CASE WHEN rate_type = 'platform_distributed' THEN cost_category_id END
)
SELECT koku_internal.row_id(), $1, $4, $5, $6, data_source, usage_start, usage_start, namespace, node,
    resource_id, cost_category_id, CAPACITY_COLUMNS, rate_type, amount, model.distributed_markup,
    model.distributed_markup
FROM moved
CROSS JOIN koku_cost_model AS model
WHERE round(amount, 15) <> 0;
