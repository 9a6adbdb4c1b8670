-- One row: a day of a volume on the node whose pods mount it; node NULL when none does (spec summary.md 3.5). Request and
-- usage of a volume on several nodes are divided among them, its capacity is not.

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary_staging (
    source, source_uuid, report_period_id, cluster_id, cluster_alias, data_source, year, month, day, usage_start,
    usage_end, namespace, node, resource_id, persistentvolumeclaim, persistentvolume, storageclass, csi_volume_handle,
    volume_labels, persistentvolumeclaim_capacity_gigabyte, persistentvolumeclaim_capacity_gigabyte_months,
    volume_request_storage_gigabyte_months, persistentvolumeclaim_usage_gigabyte_months, cost_category_id,
    infrastructure_usage_cost)
WITH month AS (
    SELECT (86400 * extract(day FROM date_trunc('month', $2::timestamp) + interval '1 month - 1 day'))::double precision
        AS seconds
), mount AS MATERIALIZED (
    -- The node is that of the mounting pod; the node column of the storage report plays no part.
    SELECT DISTINCT volume.usage_start, volume.persistentvolumeclaim, volume.persistentvolume, volume.pod, volume.namespace,
        pod.node, pod.resource_id
    FROM {month}.openshift_storage_usage_line_items_daily AS volume
    JOIN {month}.openshift_pod_usage_line_items_daily AS pod USING (source, namespace, pod, usage_start)
    WHERE volume.source = $1::text AND volume.usage_start BETWEEN $2 AND $3
      AND pod.source = $1::text AND pod.usage_start BETWEEN $2 AND $3
), spread AS (
    SELECT usage_start, persistentvolume, greatest(count(DISTINCT node), 1) AS nodes
    FROM mount
    GROUP BY usage_start, persistentvolume
), volume AS (
    SELECT line.usage_start, line.namespace, mount.node, mount.resource_id,
        line.persistentvolumeclaim, line.persistentvolume, line.storageclass, line.csi_volume_handle,
        coalesce(node_set.labels, '{}') || coalesce(namespace_set.labels, '{}')
            || coalesce(volume_text.labels, '{}') || coalesce(claim_text.labels, '{}') AS merged_labels,
        max(line.persistentvolumeclaim_capacity_bytes) AS capacity_bytes,
        sum(koku_internal.finite(line.persistentvolumeclaim_capacity_byte_seconds)) AS capacity,
        sum(koku_internal.finite(line.volume_request_storage_byte_seconds)) AS request,
        sum(koku_internal.finite(line.persistentvolumeclaim_usage_byte_seconds)) AS usage,
        coalesce(max(spread.nodes), 1) AS nodes
    FROM {month}.openshift_storage_usage_line_items_daily AS line
    -- by claim and pod, not by volume
    LEFT JOIN mount USING (usage_start, persistentvolumeclaim, pod, namespace)
    LEFT JOIN spread ON spread.usage_start = line.usage_start AND spread.persistentvolume = line.persistentvolume
    LEFT JOIN koku_label_set AS node_set
        ON node_set.kind = 'node' AND node_set.usage_start = line.usage_start AND node_set.name = mount.node
    LEFT JOIN koku_label_set AS namespace_set
        ON namespace_set.kind = 'namespace' AND namespace_set.usage_start = line.usage_start
        AND namespace_set.name = line.namespace
    LEFT JOIN koku_label_text AS volume_text ON volume_text.label_text = line.persistentvolume_labels
    LEFT JOIN koku_label_text AS claim_text ON claim_text.label_text = line.persistentvolumeclaim_labels
    WHERE line.source = $1::text AND line.usage_start BETWEEN $2 AND $3
    GROUP BY line.usage_start, line.namespace, mount.node, mount.resource_id,
        line.persistentvolumeclaim, line.persistentvolume, line.storageclass, line.csi_volume_handle, merged_labels
)
SELECT $1::text AS source, $1::text AS source_uuid, $4 AS report_period_id, $5 AS cluster_id, $6 AS cluster_alias,
    'Storage' AS data_source, DATE_COLUMNS, usage_start, usage_start AS usage_end, volume.namespace, volume.node, volume.resource_id,
    volume.persistentvolumeclaim, volume.persistentvolume, volume.storageclass, volume.csi_volume_handle,
    volume.merged_labels AS volume_labels,
    volume.capacity_bytes * 2 ^ -30 AS persistentvolumeclaim_capacity_gigabyte,
    volume.capacity / (SELECT seconds FROM month) * 2 ^ -30 AS persistentvolumeclaim_capacity_gigabyte_months,
    volume.request / volume.nodes / (SELECT seconds FROM month) * 2 ^ -30 AS volume_request_storage_gigabyte_months,
    volume.usage / volume.nodes / (SELECT seconds FROM month) * 2 ^ -30 AS persistentvolumeclaim_usage_gigabyte_months,
    category.cost_category_id, USAGE_COST AS infrastructure_usage_cost
FROM volume
LEFT JOIN koku_namespace_category AS category USING (namespace);
