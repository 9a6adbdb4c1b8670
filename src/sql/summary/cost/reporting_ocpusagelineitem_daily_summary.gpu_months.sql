-- One row: what a namespace pays for its time on a GPU or a slice of one on a day, or the price of the free time of the
-- GPUs of a node (namespace 'GPU unallocated'), by the model of the GPU (spec cost.md 4.10).

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source,
    usage_start, usage_end, namespace, node,
    resource_id, cost_category_id, all_labels, cost_model_rate_type, monthly_cost_type,
    cost_model_gpu_cost, MARKUP_COLUMNS)
WITH used AS MATERIALIZED (
    SELECT line.*, koku_internal.finite(line.gpu_pod_uptime) AS seconds
    FROM {month}.openshift_gpu_usage_line_items_daily AS line
    WHERE line.source = $1::text AND line.usage_start BETWEEN $2 AND $3
), category AS (
    SELECT found.namespace, max(pattern.cost_category_id) AS cost_category_id
    FROM (SELECT DISTINCT namespace FROM used) AS found
    JOIN {tenant}.reporting_ocp_cost_category_namespace AS pattern ON found.namespace LIKE pattern.namespace
    GROUP BY found.namespace
), model AS (
    SELECT usage_start, node, gpu_vendor_name, gpu_model_name, count(DISTINCT gpu_uuid) AS gpus,
        max(coalesce(gpu_max_slices, 1)) AS slices, sum(seconds * coalesce(mig_slice_count, 1)) / 3600 AS slice_hours
    FROM used
    GROUP BY usage_start, node, gpu_vendor_name, gpu_model_name
), hour AS (
    -- Hours that were sent twice count once.
    SELECT DISTINCT ON (line.usage_start, line.node, line.interval_start) line.usage_start, line.node,
        label.set->>'nvidia_com_gpu_count' AS gpus, lower(btrim(label.set->>'nvidia_com_mig_strategy')) AS strategy,
        label.set->>'nvidia_com_gpu_product' AS product
    FROM {month}.openshift_node_labels_line_items AS line
    CROSS JOIN LATERAL (SELECT line.node_labels::jsonb AS set OFFSET 0) AS label
    WHERE line.source = $1::text AND line.usage_start BETWEEN $2 AND $3
      AND strpos(line.node_labels, '"nvidia_com_gpu_present"') > 0
      AND lower(label.set->>'nvidia_com_gpu_present') = 'true'
    ORDER BY line.usage_start, line.node, line.interval_start, line.node_labels COLLATE "C" DESC
), node AS (
    -- Free time of a sliced GPU is counted in slices, with strategy single in GPUs.
    SELECT usage_start, node,
        sum(gpus) FILTER (WHERE coalesce(strategy, '') IN ('', 'none', 'mixed')) AS sliced_gpu_hours,
        sum(gpus) FILTER (WHERE strategy = 'single') AS whole_gpu_hours,
        sum(gpus) AS gpu_hours, max(gpus) AS gpus, max(product COLLATE "C") AS product
    FROM (SELECT usage_start, node, strategy, product,
              CASE WHEN gpus ~ '^\s*[0-9]{1,9}\s*$' THEN gpus::double precision END AS gpus FROM hour) AS counted
    GROUP BY usage_start, node
), part AS (
    -- Each model has the GPUs that were seen of it, and one of them those that were not seen: the model that the node's
    -- label names, else the most frequent one.
    SELECT model.*, node.sliced_gpu_hours, node.whole_gpu_hours,
        (model.gpus + CASE WHEN row_number() OVER (
                    PARTITION BY model.usage_start, model.node, model.gpu_vendor_name ORDER BY
                    regexp_replace(lower(model.gpu_model_name), '[^a-z0-9]+', ' ', 'g')
                        = regexp_replace(lower(node.product), '[^a-z0-9]+', ' ', 'g') DESC NULLS LAST,
                    model.gpus DESC, model.gpu_model_name COLLATE "C") = 1
                THEN node.gpus - sum(model.gpus) OVER (
                    PARTITION BY model.usage_start, model.node, model.gpu_vendor_name)
                ELSE 0 END) / nullif(node.gpus, 0) AS share
    FROM model
    JOIN node ON node.usage_start = model.usage_start AND node.node = model.node
), free AS (
    SELECT usage_start, node, gpu_vendor_name, gpu_model_name, slices,
        (coalesce(sliced_gpu_hours, 0) * slices + coalesce(whole_gpu_hours, 0)) * share - slice_hours AS slice_hours
    FROM part
    WHERE sliced_gpu_hours IS NOT NULL OR whole_gpu_hours IS NOT NULL
), charged AS (
    SELECT used.usage_start, used.namespace, used.node, left(used.gpu_uuid, 253) AS resource_id,
        category.cost_category_id,
        jsonb_build_object('gpu-model', used.gpu_model_name, 'gpu-vendor', used.gpu_vendor_name,
            'gpu-memory-mib', used.gpu_memory_capacity_mib::text, 'mig-profile', used.mig_profile,
            'mig-slice-count', used.mig_slice_count::text, 'gpu-max-slices', used.gpu_max_slices::text,
            'mig-strategy', used.mig_strategy, 'mig-memory-mib', used.mig_memory_capacity_mib::text,
            'gpu-mode', CASE WHEN used.mig_profile <> '' THEN 'MIG' ELSE 'dedicated' END,
            'gpu-uuid', used.gpu_uuid, 'mig-instance-id', used.mig_instance_id) AS labels,
        rate.cost_type, rate.markup,
        coalesce((rate.listed_prices->>used.gpu_model_name)::double precision, rate.other_price::double precision, 0)
            / rate.days_in_month * used.seconds / 86400
            * coalesce(used.mig_slice_count::double precision / nullif(used.gpu_max_slices, 0), 1) AS cost
    FROM used
    JOIN koku_gpu_price AS rate ON rate.tag_key = used.gpu_vendor_name
    LEFT JOIN category ON category.namespace = used.namespace
    UNION ALL
    SELECT free.usage_start, 'GPU unallocated', free.node, NULL, NULL,
        jsonb_build_object('gpu-model', free.gpu_model_name, 'max-slices-per-gpu', free.slices::text),
        rate.cost_type, rate.markup,
        coalesce((rate.listed_prices->>free.gpu_model_name)::double precision, rate.other_price::double precision)
            / (rate.days_in_month * 24 * free.slices) * free.slice_hours
    FROM free
    JOIN koku_gpu_price AS rate ON rate.tag_key = free.gpu_vendor_name
    WHERE free.slice_hours > 0
)
SELECT koku_internal.row_id(), $1, $4, $5, $6, 'GPU', usage_start, usage_start, namespace, node, resource_id,
    cost_category_id, labels, cost_type, 'Tag', koku_internal.to_numeric(cost), markup, markup
FROM charged;
