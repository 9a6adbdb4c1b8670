-- One row: a day of pods, of a volume, or of the unallocated capacity of a node (spec summary.md 3.4 to 3.7): the
-- staging rows with exact numbers and JSON labels. Rows with cost from a cloud bill are not ours and stay.

SELECT koku_internal.warn(count(*), 'rows of the daily summary have numbers out of range, which are cut')
FROM {month}.reporting_ocpusagelineitem_daily_summary_staging AS staged
WHERE staged.source = $1::text AND staged.usage_start BETWEEN $2 AND $3
  AND GREATEST(
    abs(pod_usage_cpu_core_hours), abs(pod_request_cpu_core_hours), abs(pod_effective_usage_cpu_core_hours),
    abs(pod_limit_cpu_core_hours), abs(pod_usage_memory_gigabyte_hours), abs(pod_request_memory_gigabyte_hours),
    abs(pod_effective_usage_memory_gigabyte_hours), abs(pod_limit_memory_gigabyte_hours), abs(node_capacity_cpu_cores),
    abs(node_capacity_cpu_core_hours), abs(node_capacity_memory_gigabytes), abs(node_capacity_memory_gigabyte_hours),
    abs(cluster_capacity_cpu_core_hours), abs(cluster_capacity_memory_gigabyte_hours),
    abs(persistentvolumeclaim_capacity_gigabyte), abs(persistentvolumeclaim_capacity_gigabyte_months),
    abs(volume_request_storage_gigabyte_months), abs(persistentvolumeclaim_usage_gigabyte_months))
    > LARGEST_NUMBER::double precision;

DELETE FROM {month}.reporting_ocpusagelineitem_daily_summary
WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3
  AND (infrastructure_raw_cost IS NULL OR infrastructure_raw_cost = 0);

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_end, namespace,
    node, resource_id, cost_category_id, infrastructure_usage_cost, pod_labels, volume_labels, all_labels,
    persistentvolumeclaim, persistentvolume, storageclass, pod_usage_cpu_core_hours, pod_request_cpu_core_hours,
    pod_effective_usage_cpu_core_hours, pod_limit_cpu_core_hours, pod_usage_memory_gigabyte_hours,
    pod_request_memory_gigabyte_hours, pod_effective_usage_memory_gigabyte_hours, pod_limit_memory_gigabyte_hours,
    node_capacity_cpu_cores, node_capacity_cpu_core_hours, node_capacity_memory_gigabytes,
    node_capacity_memory_gigabyte_hours, cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours,
    persistentvolumeclaim_capacity_gigabyte, persistentvolumeclaim_capacity_gigabyte_months,
    volume_request_storage_gigabyte_months, persistentvolumeclaim_usage_gigabyte_months, MARKUP_COLUMNS)
SELECT koku_internal.row_id() AS uuid, $1 AS source_uuid, $4 AS report_period_id, $5 AS cluster_id,
    $6 AS cluster_alias, data_source, usage_start, usage_end,
    namespace, node, left(resource_id, 253) AS resource_id, cost_category_id,
    CASE WHEN infrastructure_usage_cost IS NOT NULL THEN USAGE_COST::jsonb END AS infrastructure_usage_cost,
    labels.of_pod AS pod_labels, labels.of_volume AS volume_labels,
    coalesce(labels.of_pod, '{}') || coalesce(labels.of_volume, '{}') AS all_labels,
    persistentvolumeclaim, persistentvolume, left(storageclass, 253) AS storageclass,
    koku_internal.to_numeric(pod_usage_cpu_core_hours) AS pod_usage_cpu_core_hours,
    koku_internal.to_numeric(pod_request_cpu_core_hours) AS pod_request_cpu_core_hours,
    koku_internal.to_numeric(pod_effective_usage_cpu_core_hours) AS pod_effective_usage_cpu_core_hours,
    koku_internal.to_numeric(pod_limit_cpu_core_hours) AS pod_limit_cpu_core_hours,
    koku_internal.to_numeric(pod_usage_memory_gigabyte_hours) AS pod_usage_memory_gigabyte_hours,
    koku_internal.to_numeric(pod_request_memory_gigabyte_hours) AS pod_request_memory_gigabyte_hours,
    koku_internal.to_numeric(pod_effective_usage_memory_gigabyte_hours) AS pod_effective_usage_memory_gigabyte_hours,
    koku_internal.to_numeric(pod_limit_memory_gigabyte_hours) AS pod_limit_memory_gigabyte_hours,
    koku_internal.to_numeric(node_capacity_cpu_cores) AS node_capacity_cpu_cores,
    koku_internal.to_numeric(node_capacity_cpu_core_hours) AS node_capacity_cpu_core_hours,
    koku_internal.to_numeric(node_capacity_memory_gigabytes) AS node_capacity_memory_gigabytes,
    koku_internal.to_numeric(node_capacity_memory_gigabyte_hours) AS node_capacity_memory_gigabyte_hours,
    koku_internal.to_numeric(cluster_capacity_cpu_core_hours) AS cluster_capacity_cpu_core_hours,
    koku_internal.to_numeric(cluster_capacity_memory_gigabyte_hours) AS cluster_capacity_memory_gigabyte_hours,
    koku_internal.to_numeric(persistentvolumeclaim_capacity_gigabyte) AS persistentvolumeclaim_capacity_gigabyte,
    koku_internal.to_numeric(persistentvolumeclaim_capacity_gigabyte_months)
        AS persistentvolumeclaim_capacity_gigabyte_months,
    koku_internal.to_numeric(volume_request_storage_gigabyte_months) AS volume_request_storage_gigabyte_months,
    koku_internal.to_numeric(persistentvolumeclaim_usage_gigabyte_months)
        AS persistentvolumeclaim_usage_gigabyte_months,
    -- of a cost model, if there is one; usage has no cost that it could raise
    model.markup, model.markup
FROM {month}.reporting_ocpusagelineitem_daily_summary_staging,
    -- OFFSET 0: each text is parsed once, although it is used twice.
    LATERAL (SELECT pod_labels::jsonb AS of_pod, volume_labels::jsonb AS of_volume OFFSET 0) AS labels
LEFT JOIN koku_cost_model AS model ON true
WHERE source = $1::text AND usage_start BETWEEN $2 AND $3;
