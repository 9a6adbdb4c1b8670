-- One row: a GPU, or a slice of one, that a namespace used on a day on a node (spec summary.md 5.6). Pods that share it
-- give one row. GPU memory is in decimal gigabytes. GPUs with a price have rows with cost instead.

DELETE FROM {month}.reporting_ocp_gpu_summary_p WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3;

INSERT INTO {tenant}.reporting_ocp_gpu_summary_p (
    id, source_uuid, cluster_id, cluster_alias, usage_start, usage_end, namespace, node, vendor_name, model_name,
    gpu_uuid, mig_instance_id, gpu_count, memory_capacity_gb, mig_memory_capacity_gb, mig_slice_count, gpu_max_slices,
    mig_strategy, mig_profile, gpu_mode, cost_category_id)
SELECT koku_internal.row_id(), $1, $5, $6, gpu.usage_start, gpu.usage_start, gpu.namespace, gpu.node,
    left(gpu.gpu_vendor_name, 128), left(gpu.gpu_model_name, 128), left(gpu.gpu_uuid, 128),
    left(gpu.mig_instance_id, 128),
    count(DISTINCT coalesce(gpu.mig_instance_id, gpu.gpu_uuid)),
    koku_internal.to_numeric(max(koku_internal.finite(gpu.gpu_memory_capacity_mib)) * 0.001048576),
    koku_internal.to_numeric(max(koku_internal.finite(gpu.mig_memory_capacity_mib)) * 0.001048576),
    max(gpu.mig_slice_count), max(gpu.gpu_max_slices), max(gpu.mig_strategy COLLATE "C"),
    nullif(gpu.mig_profile, ''), CASE WHEN gpu.mig_profile <> '' THEN 'MIG' ELSE 'dedicated' END,
    max(category.cost_category_id)
FROM {month}.openshift_gpu_usage_line_items AS gpu
LEFT JOIN koku_namespace_category AS category USING (namespace)
WHERE gpu.source = $1::text AND gpu.usage_start BETWEEN $2 AND $3
  AND NOT EXISTS (SELECT FROM koku_cost_model AS model WHERE gpu.gpu_vendor_name = ANY (model.gpu_vendors))
GROUP BY gpu.usage_start, gpu.namespace, gpu.node, gpu.gpu_vendor_name, gpu.gpu_model_name, gpu.mig_profile,
    gpu.mig_instance_id, gpu.gpu_uuid;
