-- One row: a node of the cluster, with a capacity and a resource id it had (spec summary.md 2). Nodes without a label
-- row are not listed. Role and architecture stay once both are known.

WITH pod AS (
    SELECT node, resource_id,
        CASE WHEN abs(max(node_capacity_cpu_cores)) < 1e15
            THEN max(node_capacity_cpu_cores) END::numeric(18,2) AS capacity,
        coalesce(max(node_role COLLATE "C"),
            CASE WHEN bool_or(namespace = 'openshift-kube-apiserver') THEN 'master' END) AS role
    FROM {month}.openshift_pod_usage_line_items_daily
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
    GROUP BY node, resource_id
), label AS (
    SELECT node, bool_or(strpos(node_labels, '"node_role_kubernetes_io": "infra"') > 0) AS infra,
        max((nullif(btrim(lower(node_labels)), '')::jsonb->>'kubernetes_io_arch') COLLATE "C") AS architecture
    FROM {month}.openshift_node_labels_line_items_daily
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
    GROUP BY node
), found AS (
    SELECT cluster.uuid AS cluster_id, pod.node, pod.resource_id, pod.capacity, label.architecture,
        coalesce(pod.role, CASE WHEN label.infra THEN 'infra' ELSE 'worker' END) AS role
    FROM pod
    JOIN label USING (node)
    JOIN {tenant}.reporting_ocp_clusters AS cluster ON cluster.provider_id = $1
), updated AS (
    UPDATE {tenant}.reporting_ocp_nodes AS stored
    SET node_role = found.role, architecture = found.architecture
    FROM found
    WHERE stored.cluster_id = found.cluster_id AND stored.node = found.node
      AND stored.resource_id IS NOT DISTINCT FROM found.resource_id
      AND stored.node_capacity_cpu_cores IS NOT DISTINCT FROM found.capacity
      AND (coalesce(stored.node_role, '') = '' OR coalesce(stored.architecture, '') = '')
)
INSERT INTO {tenant}.reporting_ocp_nodes
    (uuid, node, resource_id, node_capacity_cpu_cores, node_role, architecture, cluster_id)
SELECT koku_internal.row_id(), found.node, found.resource_id, found.capacity,
    found.role, found.architecture, found.cluster_id
FROM found
WHERE NOT EXISTS (
    SELECT FROM {tenant}.reporting_ocp_nodes AS stored
    WHERE stored.cluster_id = found.cluster_id AND stored.node = found.node
      AND stored.resource_id IS NOT DISTINCT FROM found.resource_id
      AND stored.node_capacity_cpu_cores IS NOT DISTINCT FROM found.capacity);
