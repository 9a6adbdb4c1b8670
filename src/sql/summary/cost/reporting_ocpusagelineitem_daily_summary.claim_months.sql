-- One row: the share of a claim in the monthly price of the claims of its namespace, plain or by a label of the volume
-- (spec cost.md 4.3, 4.7).

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source,
    usage_start, usage_end, namespace, node,
    resource_id, cost_category_id, volume_labels, all_labels, persistentvolumeclaim, persistentvolume, storageclass,
    CAPACITY_COLUMNS, cost_model_rate_type, monthly_cost_type,
    cost_model_cpu_cost, cost_model_memory_cost, cost_model_volume_cost, MARKUP_COLUMNS)
WITH line AS MATERIALIZED (
    SELECT usage_start, node, namespace, persistentvolumeclaim, persistentvolume, volume_labels, cost_category_id,
        max(resource_id COLLATE "C") AS resource_id, max(storageclass COLLATE "C") AS storageclass, CAPACITY_MAXIMA,
        bool_or(persistentvolumeclaim_capacity_gigabyte_months <> 0) AS has_capacity
    FROM koku_usage
    WHERE data_source = 'Storage' AND persistentvolumeclaim IS NOT NULL
      -- what no price is for need not be grouped
      AND ((SELECT bool_or(tag_key IS NULL) FROM koku_claim_price)
           OR volume_labels ?| (SELECT array_agg(tag_key) FROM koku_claim_price))
    GROUP BY usage_start, node, namespace, persistentvolumeclaim, persistentvolume, volume_labels, cost_category_id
), claim_count AS (
    -- of all claims, also those that are not charged for want of capacity
    SELECT rate.tag_key, line.usage_start, line.namespace, count(DISTINCT line.persistentvolumeclaim) AS claims
    FROM line
    JOIN (SELECT DISTINCT tag_key FROM koku_claim_price AS rate) AS rate ON rate.tag_key IS NULL
        OR line.volume_labels ? rate.tag_key
    GROUP BY rate.tag_key, line.usage_start, line.namespace
)
SELECT koku_internal.row_id(), $1, $4, $5, $6, 'Storage', line.usage_start, line.usage_start, line.namespace,
    line.node, line.resource_id, line.cost_category_id, label.labels, label.labels, line.persistentvolumeclaim,
    line.persistentvolume, line.storageclass, CAPACITY_COLUMNS, rate.cost_type, 'PVC', 0, 0,
    koku_internal.in_range(
        CASE WHEN rate.tag_key IS NULL THEN rate.price
             ELSE coalesce((rate.listed_prices->>(line.volume_labels->>rate.tag_key))::numeric, rate.other_price, 0) END
        / rate.days_in_month / claim_count.claims), rate.markup, rate.markup
FROM line
JOIN koku_claim_price AS rate ON CASE WHEN rate.tag_key IS NULL
    THEN (line.volume_labels ?| rate.replaced_keys) IS NOT TRUE
                  ELSE line.volume_labels ? rate.tag_key END
JOIN claim_count ON claim_count.usage_start = line.usage_start AND claim_count.namespace = line.namespace
    AND claim_count.tag_key IS NOT DISTINCT FROM rate.tag_key
CROSS JOIN LATERAL (SELECT CASE WHEN rate.tag_key IS NULL THEN line.volume_labels
    ELSE jsonb_build_object(rate.tag_key, line.volume_labels->>rate.tag_key) END AS labels) AS label
WHERE line.has_capacity;
