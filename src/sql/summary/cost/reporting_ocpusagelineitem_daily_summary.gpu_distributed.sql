-- One row: the free time of the GPUs of a node and day that a namespace takes over by its use of the same model, or
-- that is taken from 'GPU unallocated' (negative) (spec cost.md 6.4).

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source,
    usage_start, usage_end, namespace, node,
    cost_model_rate_type, distributed_cost, MARKUP_COLUMNS)
WITH used AS (
    SELECT usage_start, node, gpu_model_name, namespace,
        sum(koku_internal.finite(gpu_pod_uptime) * coalesce(mig_slice_count, 1)) AS weight
    FROM {month}.openshift_gpu_usage_line_items_daily
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
    GROUP BY usage_start, node, gpu_model_name, namespace
), receiver AS (
    SELECT used.*, weight::numeric
        / nullif(sum(weight::numeric) OVER (PARTITION BY usage_start, node, gpu_model_name), 0) AS share
    FROM used
), idle AS (
    SELECT usage_start, node, all_labels->>'gpu-model' AS gpu_model_name, cost_model_gpu_cost AS cost
    FROM {month}.reporting_ocpusagelineitem_daily_summary
    WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND namespace = 'GPU unallocated' AND data_source = 'GPU'
      AND cost_model_gpu_cost <> 0
), moved AS (
    SELECT receiver.usage_start, receiver.node, receiver.namespace, sum(receiver.share * idle.cost) AS amount
    FROM receiver
    JOIN idle USING (usage_start, node, gpu_model_name)
    WHERE receiver.share IS NOT NULL
    GROUP BY receiver.usage_start, receiver.node, receiver.namespace
    UNION ALL
    SELECT idle.usage_start, idle.node, 'GPU unallocated', -idle.cost
    FROM idle
    WHERE EXISTS (SELECT FROM receiver
                  WHERE receiver.usage_start = idle.usage_start AND receiver.node = idle.node
                    AND receiver.gpu_model_name = idle.gpu_model_name AND receiver.share IS NOT NULL)
)
SELECT koku_internal.row_id(), $1, $4, $5, $6, 'GPU', usage_start, usage_start, namespace, node,
    'gpu_distributed', koku_internal.in_range(amount), model.distributed_markup, model.distributed_markup
FROM moved
CROSS JOIN koku_cost_model AS model
WHERE round(amount, 15) <> 0;
