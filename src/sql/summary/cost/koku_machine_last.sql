-- One row: where a virtual machine was last in the month, and its labels on that day (spec cost.md 4.4). One without
-- usage on that day has none.

CREATE TEMP TABLE koku_machine_last AS
WITH latest AS (
    SELECT namespace, vm_name, max(interval_start) AS interval_start
    FROM {month}.openshift_vm_usage_line_items
    WHERE source = $1::text AND usage_start >= date_trunc('month', $2::timestamp)
      AND usage_start < date_trunc('month', $2::timestamp) + interval '1 month'
    GROUP BY namespace, vm_name
), place AS (
    SELECT line.usage_start, namespace, vm_name, max(line.node COLLATE "C") AS node,
        left(max(line.resource_id COLLATE "C"), 253) AS resource_id
    FROM {month}.openshift_vm_usage_line_items AS line
    JOIN latest USING (namespace, vm_name, interval_start)
    WHERE line.source = $1::text AND line.usage_start >= date_trunc('month', $2::timestamp)
      AND line.usage_start < date_trunc('month', $2::timestamp) + interval '1 month'
    GROUP BY line.usage_start, namespace, vm_name
), label AS (
    SELECT place.namespace, place.vm_name, entry.key, max(entry.value COLLATE "C") AS value
    FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
    JOIN place ON place.usage_start = line.usage_start AND place.namespace = line.namespace
        AND place.vm_name = line.all_labels->>'vm_kubevirt_io_name'
    CROSS JOIN LATERAL jsonb_each_text(coalesce(line.pod_labels, '{}') || line.all_labels) AS entry
    -- Nearly all were last seen on the last day of the month.
    WHERE line.source_uuid = $1
      AND line.usage_start BETWEEN (SELECT min(usage_start) FROM place) AND (SELECT max(usage_start) FROM place)
      AND line.cost_model_rate_type IS NULL AND line.data_source = 'Pod'
    GROUP BY place.namespace, place.vm_name, entry.key
)
SELECT place.namespace, place.vm_name, place.node, place.resource_id, jsonb_object_agg(label.key, label.value) AS labels
FROM place
JOIN label ON label.namespace = place.namespace AND label.vm_name = place.vm_name
GROUP BY place.namespace, place.vm_name, place.node, place.resource_id;
