-- One row: what a rate of use for a value of a label charges a day of pods or of a volume (spec cost.md 4.5). A listed
-- value is charged by the pair of key and value, any other one, at the default price, by all labels.

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source,
    usage_start, usage_end, namespace, node,
    resource_id, cost_category_id, pod_labels, volume_labels, all_labels, persistentvolumeclaim, persistentvolume,
    storageclass, cost_model_rate_type, monthly_cost_type,
    cost_model_cpu_cost, cost_model_memory_cost, cost_model_volume_cost, MARKUP_COLUMNS)
WITH charged AS (
    SELECT usage.usage_start, usage.data_source, usage.namespace, usage.node, usage.resource_id,
        usage.persistentvolumeclaim, usage.persistentvolume, usage.storageclass, usage.cost_category_id,
        rate.number, rate.cost_type, rate.measured, rate.markup, found.labels, found.price,
        coalesce(sum(CASE rate.metric
            WHEN 'cpu_core_usage_per_hour' THEN usage.pod_usage_cpu_core_hours
            WHEN 'cpu_core_request_per_hour' THEN usage.pod_request_cpu_core_hours
            WHEN 'cpu_core_effective_usage_per_hour' THEN usage.pod_effective_usage_cpu_core_hours
            WHEN 'memory_gb_usage_per_hour' THEN usage.pod_usage_memory_gigabyte_hours
            WHEN 'memory_gb_request_per_hour' THEN usage.pod_request_memory_gigabyte_hours
            WHEN 'memory_gb_effective_usage_per_hour' THEN usage.pod_effective_usage_memory_gigabyte_hours
            WHEN 'storage_gb_usage_per_month' THEN usage.persistentvolumeclaim_usage_gigabyte_months
            WHEN 'storage_gb_request_per_month' THEN usage.volume_request_storage_gigabyte_months
        END), 0) * found.price AS cost
    FROM koku_usage AS usage
    JOIN koku_usage_tag_price AS rate ON CASE WHEN rate.measured = 'volume' THEN usage.volume_labels
        ELSE usage.pod_labels END ? rate.tag_key
    CROSS JOIN LATERAL (
        SELECT CASE WHEN rate.measured = 'volume' THEN usage.volume_labels
            ELSE usage.pod_labels END AS complete OFFSET 0) AS label
    CROSS JOIN LATERAL (
        SELECT (rate.listed_prices->>(label.complete->>rate.tag_key))::numeric AS listed_price OFFSET 0) AS known
    CROSS JOIN LATERAL (
        SELECT coalesce(known.listed_price, rate.other_price) AS price,
            CASE WHEN known.listed_price IS NULL THEN label.complete
                 ELSE jsonb_build_object(rate.tag_key, label.complete->>rate.tag_key) END AS labels) AS found
    -- A default price of 0 charges nothing, a listed one gives rows.
    WHERE known.listed_price IS NOT NULL OR rate.other_price <> 0
    GROUP BY usage.usage_start, usage.data_source, usage.namespace, usage.node, usage.resource_id,
        usage.persistentvolumeclaim, usage.persistentvolume, usage.storageclass, usage.cost_category_id,
        rate.number, rate.cost_type, rate.measured, rate.markup, found.labels, found.price
)
SELECT koku_internal.row_id(), $1, $4, $5, $6, data_source, usage_start, usage_start, namespace, node,
    resource_id, cost_category_id, CASE WHEN measured <> 'volume' THEN labels END,
    CASE WHEN measured = 'volume' THEN labels END, labels, persistentvolumeclaim,
        persistentvolume, storageclass, cost_type, 'Tag',
    CASE WHEN measured = 'cpu' THEN koku_internal.in_range(cost) ELSE 0 END,
    CASE WHEN measured = 'memory' THEN koku_internal.in_range(cost) ELSE 0 END,
    CASE WHEN measured = 'volume' THEN koku_internal.in_range(cost) ELSE 0 END, markup, markup
FROM charged;
