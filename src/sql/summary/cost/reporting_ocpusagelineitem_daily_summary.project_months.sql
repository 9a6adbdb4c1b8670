-- One row: the share of a node in the monthly price of a namespace, which goes by a label of the namespace (spec
-- cost.md
-- 4.9). A namespace that runs on no node is charged all the same.

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source,
    usage_start, usage_end, namespace, node,
    pod_labels, all_labels, cost_model_rate_type, monthly_cost_type, cost_model_cpu_cost, MARKUP_COLUMNS)
WITH project AS (
    SELECT DISTINCT line.usage_start, line.namespace, text.labels
    FROM {month}.openshift_namespace_labels_line_items_daily AS line
    CROSS JOIN LATERAL (SELECT nullif(btrim(line.namespace_labels), '')::jsonb AS labels OFFSET 0) AS text
    WHERE line.source = $1::text AND line.usage_start BETWEEN $2 AND $3
      AND line.namespace <> 'openshift' AND line.namespace NOT LIKE 'openshift-%' AND line.namespace NOT LIKE 'kube-%'
      AND text.labels ?| (SELECT array_agg(tag_key) FROM koku_project_price AS rate)
), priced AS (
    SELECT project.*, rate.number, rate.cost_type, rate.markup,
        coalesce((rate.listed_prices->>(project.labels->>rate.tag_key))::numeric, rate.other_price)
            / rate.days_in_month AS price
    FROM project
    JOIN koku_project_price AS rate ON project.labels ? rate.tag_key
), used AS (
    SELECT DISTINCT usage_start, namespace, node
    FROM koku_usage
    WHERE node IS NOT NULL
)
SELECT koku_internal.row_id(), $1, $4, $5, $6, 'Pod', priced.usage_start, priced.usage_start, priced.namespace,
    used.node, priced.labels, priced.labels, priced.cost_type, 'Tag',
    koku_internal.in_range(
        priced.price / count(*) OVER (PARTITION BY priced.number, priced.usage_start, priced.namespace)),
    priced.markup, priced.markup
FROM priced
LEFT JOIN used ON used.usage_start = priced.usage_start AND used.namespace = priced.namespace
WHERE priced.price IS NOT NULL;
