-- One row: what a rate of virtual machines charges the pods of one on a day, plain or by a label (spec cost.md 4.4,
-- 4.8).

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source,
    usage_start, usage_end, namespace, node,
    resource_id, cost_category_id, pod_labels, all_labels, cost_model_rate_type, monthly_cost_type,
    cost_model_cpu_cost, cost_model_memory_cost, cost_model_volume_cost, MARKUP_COLUMNS)
WITH machine AS (
    SELECT usage.*, rate.number, rate.metric, rate.cost_type, rate.by_core, rate.by_request, rate.tag_key, rate.markup,
        rate.monthly_cost_type,
        CASE WHEN rate.tag_key IS NULL THEN rate.price
             ELSE coalesce((rate.listed_prices->>(labels.looked_at->>rate.tag_key))::numeric, rate.other_price) END
                 / rate.days
            AS price
    FROM koku_machine_usage AS usage
    CROSS JOIN koku_machine_price AS rate
    CROSS JOIN LATERAL (SELECT CASE WHEN rate.by_request THEN usage.all_labels
                        ELSE usage.pod_labels END AS looked_at) AS labels
    WHERE (rate.tag_key IS NULL OR labels.looked_at ? rate.tag_key)
      AND CASE WHEN rate.by_request THEN usage.request <> 0 ELSE usage.pod_labels ? 'vm_kubevirt_io_name' END
), charged AS (
    SELECT machine.usage_start, machine.namespace, machine.cost_category_id, machine.number, machine.cost_type,
        machine.monthly_cost_type, machine.tag_key, machine.by_request, machine.markup,
        CASE WHEN by_core THEN last.node ELSE machine.node END AS node,
        CASE WHEN by_core THEN last.resource_id ELSE machine.resource_id END AS resource_id,
        CASE WHEN by_core AND tag_key IS NULL THEN last.labels ELSE machine.pod_labels END AS pod_labels,
        CASE WHEN by_core AND tag_key IS NULL THEN last.labels ELSE machine.all_labels END AS all_labels,
        machine.price::double precision * machine.share::double precision * CASE metric
            WHEN 'vm_cost_per_month' THEN 1
            WHEN 'vm_cost_per_hour' THEN day.hours
            WHEN 'vm_core_cost_per_month' THEN day.cores
            WHEN 'vm_core_cost_per_hour' THEN day.cores * day.core_hours
        END AS cost
    FROM machine
    LEFT JOIN koku_machine_day AS day USING (usage_start, namespace, vm_name)
    LEFT JOIN koku_machine_last AS last ON by_core AND last.namespace = machine.namespace
        AND last.vm_name = machine.vm_name
    WHERE machine.price IS NOT NULL AND (by_request OR day.vm_name IS NOT NULL)
          AND (NOT by_core OR last.vm_name IS NOT NULL)
)
SELECT koku_internal.row_id(), $1, $4, $5, $6, 'Pod', usage_start, usage_start, namespace, node,
    max(resource_id COLLATE "C"), cost_category_id, pod_labels, all_labels, cost_type,
    CASE WHEN tag_key IS NULL THEN monthly_cost_type ELSE 'Tag' END,
    koku_internal.to_numeric(sum(cost)), CASE WHEN by_request THEN 0 END, CASE WHEN by_request THEN 0 END,
    markup, markup
FROM charged
GROUP BY number, usage_start, namespace, node, cost_category_id, pod_labels, all_labels, cost_type, monthly_cost_type,
    tag_key, by_request, markup;
