-- One row: a day of a volume on the node whose pods mount it; node NULL when none does (spec summary.md 3.5). Each hour
-- of a volume counts once, on the node of its pod in that hour; of pods on several nodes in one and the same hour,
-- request and usage are divided among the nodes. Daily rows do not know hours: raw rows are read of volumes that were
-- on several nodes.

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
    SELECT DISTINCT volume.usage_start, volume.persistentvolumeclaim, volume.persistentvolume,
        volume.pod, volume.namespace,
        pod.node, pod.resource_id,
        -- Claims that have no volume yet are not one volume.
        CASE WHEN volume.persistentvolume = '' THEN concat(volume.namespace, '/', volume.persistentvolumeclaim)
            ELSE '' END AS unbound
    FROM {month}.openshift_storage_usage_line_items_daily AS volume
    JOIN {month}.openshift_pod_usage_line_items_daily AS pod USING (source, namespace, pod, usage_start)
    WHERE volume.source = $1::text AND volume.usage_start BETWEEN $2 AND $3
      AND pod.source = $1::text AND pod.usage_start BETWEEN $2 AND $3
), moving AS MATERIALIZED (
    -- A machine that was replaced under the same name is another node.
    SELECT usage_start, persistentvolume, unbound
    FROM mount
    GROUP BY usage_start, persistentvolume, unbound
    HAVING count(DISTINCT (node, resource_id)) > 1
), wanderer AS MATERIALIZED (
    -- Of all other pods the node of the day is that of each hour.
    SELECT usage_start, namespace, pod
    FROM mount
    JOIN moving USING (usage_start, persistentvolume, unbound)
    GROUP BY usage_start, namespace, pod
    HAVING count(DISTINCT (node, resource_id)) > 1
), pod_hour AS MATERIALIZED (
    SELECT line.interval_start, line.namespace, line.pod, line.node, max(line.resource_id) AS resource_id
    FROM wanderer
    JOIN {month}.openshift_pod_usage_line_items AS line USING (usage_start, namespace, pod)
    WHERE line.source = $1::text AND line.usage_start BETWEEN $2 AND $3
      AND line.usage_start = ANY (ARRAY(SELECT usage_start FROM wanderer))
    GROUP BY line.interval_start, line.namespace, line.pod, line.node
), pod_day AS MATERIALIZED (
    SELECT usage_start, namespace, pod, node, max(resource_id) AS resource_id
    FROM mount
    JOIN moving USING (usage_start, persistentvolume, unbound)
    GROUP BY usage_start, namespace, pod, node
), placed AS MATERIALIZED (
    -- A line for each node of its pod in its hour; of the day, where the pod has no row in that hour.
    SELECT line.*, moving.unbound, CASE WHEN pod_hour.pod IS NULL THEN pod_day.node ELSE pod_hour.node END AS pod_node,
        CASE WHEN pod_hour.pod IS NULL THEN pod_day.resource_id ELSE pod_hour.resource_id END AS pod_resource_id
    FROM moving
    JOIN {month}.openshift_storage_usage_line_items AS line
        ON line.usage_start = moving.usage_start AND line.persistentvolume = moving.persistentvolume
        AND moving.unbound = CASE WHEN line.persistentvolume = ''
            THEN concat(line.namespace, '/', line.persistentvolumeclaim) ELSE '' END
    LEFT JOIN pod_hour
        ON pod_hour.interval_start = line.interval_start AND pod_hour.namespace = line.namespace
            AND pod_hour.pod = line.pod
    LEFT JOIN pod_day
        ON pod_day.usage_start = line.usage_start AND pod_day.namespace = line.namespace AND pod_day.pod = line.pod
        AND pod_hour.pod IS NULL
    WHERE line.source = $1::text AND line.usage_start BETWEEN $2 AND $3
      AND line.usage_start = ANY (ARRAY(SELECT usage_start FROM moving))
), line_nodes AS (
    SELECT id, count(*) AS nodes FROM placed GROUP BY id
), hour_nodes AS (
    SELECT interval_start, persistentvolume, unbound, greatest(count(DISTINCT pod_node), 1) AS nodes
    FROM placed
    GROUP BY interval_start, persistentvolume, unbound
), line AS (
    SELECT day.usage_start, day.namespace, mount.node, mount.resource_id, day.persistentvolumeclaim,
        day.persistentvolume,
        day.storageclass, day.csi_volume_handle, day.persistentvolume_labels, day.persistentvolumeclaim_labels,
        day.persistentvolumeclaim_capacity_bytes AS capacity_bytes,
        koku_internal.finite(day.persistentvolumeclaim_capacity_byte_seconds) AS capacity,
        koku_internal.finite(day.volume_request_storage_byte_seconds) AS request,
        koku_internal.finite(day.persistentvolumeclaim_usage_byte_seconds) AS usage
    FROM {month}.openshift_storage_usage_line_items_daily AS day
    LEFT JOIN mount USING (usage_start, persistentvolumeclaim, persistentvolume, pod, namespace)
    LEFT JOIN moving
        ON moving.usage_start = day.usage_start AND moving.persistentvolume = day.persistentvolume
        AND moving.unbound = CASE WHEN day.persistentvolume = ''
            THEN concat(day.namespace, '/', day.persistentvolumeclaim) ELSE '' END
    WHERE day.source = $1::text AND day.usage_start BETWEEN $2 AND $3 AND moving.persistentvolume IS NULL
    UNION ALL
    SELECT placed.usage_start, placed.namespace, placed.pod_node, placed.pod_resource_id, placed.persistentvolumeclaim,
        placed.persistentvolume, placed.storageclass, placed.csi_volume_handle, placed.persistentvolume_labels,
        placed.persistentvolumeclaim_labels, placed.persistentvolumeclaim_capacity_bytes,
        koku_internal.finite(placed.persistentvolumeclaim_capacity_byte_seconds) / line_nodes.nodes,
        koku_internal.finite(placed.volume_request_storage_byte_seconds) / hour_nodes.nodes,
        koku_internal.finite(placed.persistentvolumeclaim_usage_byte_seconds) / hour_nodes.nodes
    FROM placed
    JOIN line_nodes USING (id)
    JOIN hour_nodes USING (interval_start, persistentvolume, unbound)
), volume AS (
    SELECT line.usage_start, line.namespace, line.node, line.resource_id,
        line.persistentvolumeclaim, line.persistentvolume, line.storageclass, line.csi_volume_handle,
        coalesce(node_set.labels, '{}') || coalesce(namespace_set.labels, '{}')
            || coalesce(volume_text.labels, '{}') || coalesce(claim_text.labels, '{}') AS merged_labels,
        max(line.capacity_bytes) AS capacity_bytes, sum(line.capacity) AS capacity, sum(line.request) AS request,
        sum(line.usage) AS usage
    FROM line
    LEFT JOIN koku_label_set AS node_set
        ON node_set.kind = 'node' AND node_set.usage_start = line.usage_start AND node_set.name = line.node
    LEFT JOIN koku_label_set AS namespace_set
        ON namespace_set.kind = 'namespace' AND namespace_set.usage_start = line.usage_start
        AND namespace_set.name = line.namespace
    LEFT JOIN koku_label_text AS volume_text ON volume_text.label_text = line.persistentvolume_labels
    LEFT JOIN koku_label_text AS claim_text ON claim_text.label_text = line.persistentvolumeclaim_labels
    GROUP BY line.usage_start, line.namespace, line.node, line.resource_id,
        line.persistentvolumeclaim, line.persistentvolume, line.storageclass, line.csi_volume_handle, merged_labels
)
SELECT $1::text AS source, $1::text AS source_uuid, $4 AS report_period_id, $5 AS cluster_id, $6 AS cluster_alias,
    'Storage' AS data_source, DATE_COLUMNS, usage_start, usage_start AS usage_end,
    volume.namespace, volume.node, volume.resource_id,
    volume.persistentvolumeclaim, volume.persistentvolume, volume.storageclass, volume.csi_volume_handle,
    volume.merged_labels AS volume_labels,
    volume.capacity_bytes * 2 ^ -30 AS persistentvolumeclaim_capacity_gigabyte,
    volume.capacity / (SELECT seconds FROM month) * 2 ^ -30 AS persistentvolumeclaim_capacity_gigabyte_months,
    volume.request / (SELECT seconds FROM month) * 2 ^ -30 AS volume_request_storage_gigabyte_months,
    volume.usage / (SELECT seconds FROM month) * 2 ^ -30 AS persistentvolumeclaim_usage_gigabyte_months,
    category.cost_category_id, USAGE_COST AS infrastructure_usage_cost
FROM volume
LEFT JOIN koku_namespace_category AS category USING (namespace);
