-- One row: the capacity of a node on a day that its pods did not use or request; negative when they used more (spec
-- summary.md 3.6). The namespace says what kind of node it is, NULL when the role is unknown.
--
-- The role is that of the day, and the list of nodes only where the day has none: a node that gets another role is not
-- held to its first. A node that is not listed, since no labels came of it, has none. Nodes of this cluster only:
-- another one may have a node of the same name (spec 3.6, improve).

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary_staging (
    source, source_uuid, report_period_id, cluster_id, cluster_alias, data_source, year, month, day, usage_start,
    usage_end, namespace, node, resource_id, pod_usage_cpu_core_hours, pod_request_cpu_core_hours,
    pod_effective_usage_cpu_core_hours, pod_usage_memory_gigabyte_hours, pod_request_memory_gigabyte_hours,
    pod_effective_usage_memory_gigabyte_hours, node_capacity_cpu_cores, node_capacity_cpu_core_hours,
    node_capacity_memory_gigabytes, node_capacity_memory_gigabyte_hours, cluster_capacity_cpu_core_hours,
    cluster_capacity_memory_gigabyte_hours, cost_category_id)
WITH role_of_day AS (
    SELECT usage_start, node, nullif(max(node_role COLLATE "C"), '') AS role
    FROM {month}.openshift_pod_usage_line_items_daily
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
    GROUP BY usage_start, node
), role AS (
    SELECT node.node, node.resource_id, max(node.node_role COLLATE "C") AS role
    FROM {tenant}.reporting_ocp_nodes AS node
    JOIN {tenant}.reporting_ocp_clusters AS cluster ON cluster.uuid = node.cluster_id
    WHERE cluster.provider_id = $1
    GROUP BY node.node, node.resource_id
), node AS (
    SELECT pod.usage_start, pod.node, max(pod.resource_id COLLATE "C") AS resource_id,
        coalesce(max(role_of_day.role) FILTER (WHERE role.node IS NOT NULL), nullif(max(role.role), '')) AS role,
        sum(pod.pod_usage_cpu_core_hours) AS usage_cpu, sum(pod.pod_request_cpu_core_hours) AS request_cpu,
        sum(pod.pod_effective_usage_cpu_core_hours) AS effective_cpu,
        sum(pod.pod_usage_memory_gigabyte_hours) AS usage_memory,
        sum(pod.pod_request_memory_gigabyte_hours) AS request_memory,
        sum(pod.pod_effective_usage_memory_gigabyte_hours) AS effective_memory,
        max(pod.node_capacity_cpu_cores) AS cores, max(pod.node_capacity_cpu_core_hours) AS cpu,
        max(pod.node_capacity_memory_gigabytes) AS gigabytes, max(pod.node_capacity_memory_gigabyte_hours) AS memory,
        max(pod.cluster_capacity_cpu_core_hours) AS cluster_cpu,
        max(pod.cluster_capacity_memory_gigabyte_hours) AS cluster_memory
    FROM {month}.reporting_ocpusagelineitem_daily_summary_staging AS pod
    LEFT JOIN role USING (node, resource_id)
    LEFT JOIN role_of_day ON role_of_day.usage_start = pod.usage_start AND role_of_day.node = pod.node
    WHERE pod.source = $1::text AND pod.usage_start BETWEEN $2 AND $3 AND pod.data_source = 'Pod'
      AND pod.namespace NOT IN (SPECIAL_NAMESPACES)
    GROUP BY pod.usage_start, pod.node
), unallocated AS (
    SELECT node.*, CASE WHEN node.role IN ('master', 'control-plane', 'infra') THEN 'Platform unallocated'
                        WHEN node.role IS NOT NULL THEN 'Worker unallocated' END AS namespace
    FROM node
)
SELECT $1::text AS source, $1::text AS source_uuid, $4 AS report_period_id, $5 AS cluster_id, $6 AS cluster_alias,
    'Pod' AS data_source, DATE_COLUMNS, usage_start, usage_start AS usage_end, namespace, node, resource_id,
    cpu - usage_cpu AS pod_usage_cpu_core_hours,
    cpu - request_cpu AS pod_request_cpu_core_hours,
    cpu - effective_cpu AS pod_effective_usage_cpu_core_hours,
    memory - usage_memory AS pod_usage_memory_gigabyte_hours,
    memory - request_memory AS pod_request_memory_gigabyte_hours,
    memory - effective_memory AS pod_effective_usage_memory_gigabyte_hours,
    cores AS node_capacity_cpu_cores, cpu AS node_capacity_cpu_core_hours,
    gigabytes AS node_capacity_memory_gigabytes, memory AS node_capacity_memory_gigabyte_hours,
    cluster_cpu AS cluster_capacity_cpu_core_hours, cluster_memory AS cluster_capacity_memory_gigabyte_hours,
    category.cost_category_id
FROM unallocated
LEFT JOIN koku_namespace_category AS category USING (namespace);
