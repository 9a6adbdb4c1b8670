-- One row: a day of the pods of one namespace and node whose labels are equal (spec summary.md 3.4). Pods without a
-- node are left out.

DELETE FROM {month}.reporting_ocpusagelineitem_daily_summary_staging
WHERE source = $1::text AND usage_start BETWEEN $2 AND $3;

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary_staging (
    source, source_uuid, report_period_id, cluster_id, cluster_alias, data_source, year, month, day, usage_start,
    usage_end, namespace, node, resource_id, pod_labels, pod_usage_cpu_core_hours, pod_request_cpu_core_hours,
    pod_effective_usage_cpu_core_hours, pod_limit_cpu_core_hours, pod_usage_memory_gigabyte_hours,
    pod_request_memory_gigabyte_hours, pod_effective_usage_memory_gigabyte_hours, pod_limit_memory_gigabyte_hours,
    node_capacity_cpu_cores, node_capacity_memory_gigabytes, node_capacity_cpu_core_hours,
    node_capacity_memory_gigabyte_hours, cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours,
    cost_category_id, infrastructure_usage_cost)
WITH pod AS (
    SELECT line.usage_start, line.namespace, line.node, max(line.resource_id COLLATE "C") AS resource_id,
        coalesce(node_set.labels, '{}') || coalesce(namespace_set.labels, '{}') || coalesce(text.labels, '{}')
            AS merged_labels,
        sum(koku_internal.finite(line.pod_usage_cpu_core_seconds)) AS usage_cpu,
        sum(koku_internal.finite(line.pod_request_cpu_core_seconds)) AS request_cpu,
        sum(koku_internal.finite(coalesce(line.pod_effective_usage_cpu_core_seconds,
            greatest(line.pod_usage_cpu_core_seconds, line.pod_request_cpu_core_seconds)))) AS effective_cpu,
        sum(koku_internal.finite(line.pod_limit_cpu_core_seconds)) AS limit_cpu,
        sum(koku_internal.finite(line.pod_usage_memory_byte_seconds)) AS usage_memory,
        sum(koku_internal.finite(line.pod_request_memory_byte_seconds)) AS request_memory,
        sum(koku_internal.finite(coalesce(line.pod_effective_usage_memory_byte_seconds,
            greatest(line.pod_usage_memory_byte_seconds, line.pod_request_memory_byte_seconds)))) AS effective_memory,
        sum(koku_internal.finite(line.pod_limit_memory_byte_seconds)) AS limit_memory,
        max(line.node_capacity_cpu_cores) AS capacity_cores, max(line.node_capacity_memory_bytes) AS capacity_bytes
    FROM {month}.openshift_pod_usage_line_items_daily AS line
    LEFT JOIN koku_label_text AS text ON text.label_text = line.pod_labels
    LEFT JOIN koku_label_set AS node_set
        ON node_set.kind = 'node' AND node_set.usage_start = line.usage_start AND node_set.name = line.node
    LEFT JOIN koku_label_set AS namespace_set
        ON namespace_set.kind = 'namespace' AND namespace_set.usage_start = line.usage_start
        AND namespace_set.name = line.namespace
    WHERE line.source = $1::text AND line.usage_start BETWEEN $2 AND $3 AND line.node <> ''
    GROUP BY line.usage_start, line.namespace, line.node, merged_labels
), cluster_capacity AS (
    SELECT usage_start, sum(cpu_core_seconds) AS cpu_core_seconds, sum(memory_byte_seconds) AS memory_byte_seconds
    FROM koku_node_capacity
    GROUP BY usage_start
)
SELECT $1::text AS source, $1::text AS source_uuid, $4 AS report_period_id, $5 AS cluster_id, $6 AS cluster_alias,
    'Pod' AS data_source, DATE_COLUMNS, usage_start, usage_start AS usage_end,
    pod.namespace, pod.node, pod.resource_id, pod.merged_labels AS pod_labels,
    pod.usage_cpu / 3600 AS pod_usage_cpu_core_hours,
    pod.request_cpu / 3600 AS pod_request_cpu_core_hours,
    pod.effective_cpu / 3600 AS pod_effective_usage_cpu_core_hours,
    pod.limit_cpu / 3600 AS pod_limit_cpu_core_hours,
    pod.usage_memory / 3600 * 2 ^ -30 AS pod_usage_memory_gigabyte_hours,
    pod.request_memory / 3600 * 2 ^ -30 AS pod_request_memory_gigabyte_hours,
    pod.effective_memory / 3600 * 2 ^ -30 AS pod_effective_usage_memory_gigabyte_hours,
    pod.limit_memory / 3600 * 2 ^ -30 AS pod_limit_memory_gigabyte_hours,
    pod.capacity_cores AS node_capacity_cpu_cores,
    pod.capacity_bytes * 2 ^ -30 AS node_capacity_memory_gigabytes,
    coalesce(node_capacity.cpu_core_seconds, 0) / 3600 AS node_capacity_cpu_core_hours,
    coalesce(node_capacity.memory_byte_seconds, 0) / 3600 * 2 ^ -30 AS node_capacity_memory_gigabyte_hours,
    coalesce(cluster_capacity.cpu_core_seconds, 0) / 3600 AS cluster_capacity_cpu_core_hours,
    coalesce(cluster_capacity.memory_byte_seconds, 0) / 3600 * 2 ^ -30 AS cluster_capacity_memory_gigabyte_hours,
    category.cost_category_id, USAGE_COST AS infrastructure_usage_cost
FROM pod
LEFT JOIN koku_node_capacity AS node_capacity USING (usage_start, node)
LEFT JOIN cluster_capacity USING (usage_start)
LEFT JOIN koku_namespace_category AS category USING (namespace);
