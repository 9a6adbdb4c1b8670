-- One row: as above, for GPUs with a price: with their cost, from the rows of the daily summary (spec cost.md 7).

INSERT INTO {tenant}.reporting_ocp_gpu_summary_p (
    id, source_uuid, cluster_id, cluster_alias, usage_start, usage_end, namespace, node, vendor_name, model_name,
    gpu_uuid, mig_instance_id, memory_capacity_gb, mig_memory_capacity_gb, mig_slice_count, gpu_max_slices,
    mig_strategy, mig_profile, gpu_mode, cost_category_id, cost_model_gpu_cost, cost_model_rate_type)
SELECT koku_internal.row_id(), $1, line.cluster_id, line.cluster_alias,
    line.usage_start, line.usage_start, line.namespace,
    line.node, left(label.vendor, 128), left(label.model, 128), left(line.resource_id, 128),
    left(max(nullif(label.instance, '') COLLATE "C"), 128),
    koku_internal.to_numeric(max(koku_internal.finite((line.all_labels->>'gpu-memory-mib')::double precision))
                             * 0.001048576),
    koku_internal.to_numeric(max(koku_internal.finite((line.all_labels->>'mig-memory-mib')::double precision))
                             * 0.001048576),
    max((line.all_labels->>'mig-slice-count')::integer), max((line.all_labels->>'gpu-max-slices')::integer),
    max(line.all_labels->>'mig-strategy' COLLATE "C"), max(nullif(label.profile, '') COLLATE "C"),
    coalesce(max(nullif(line.all_labels->>'gpu-mode', '') COLLATE "C"), 'dedicated'), line.cost_category_id,
    koku_internal.in_range(sum(line.cost_model_gpu_cost)), max(line.cost_model_rate_type COLLATE "C")
FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
CROSS JOIN LATERAL (
    SELECT line.all_labels->>'gpu-vendor' AS vendor, line.all_labels->>'gpu-model' AS model,
        line.all_labels->>'mig-profile' AS profile, line.all_labels->>'mig-instance-id' AS instance) AS label
WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.data_source = 'GPU'
  AND line.cost_model_rate_type IN ('Infrastructure', 'Supplementary') AND line.namespace <> 'GPU unallocated'
GROUP BY line.cluster_id, line.cluster_alias, line.namespace, line.node, line.usage_start, line.cost_category_id,
    line.resource_id, label.vendor, label.model, label.profile, label.instance;
