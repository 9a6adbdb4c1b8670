-- One row: a namespace of the cluster that had pods, with or without a node (spec summary.md 2).

INSERT INTO {tenant}.reporting_ocp_projects (
    uuid, project, cluster_id)
SELECT koku_internal.row_id() AS uuid, found.namespace AS project, cluster.uuid AS cluster_id
FROM (SELECT DISTINCT namespace FROM {month}.openshift_pod_usage_line_items_daily
      WHERE source = $1::text AND usage_start BETWEEN $2 AND $3 AND namespace IS NOT NULL) AS found
JOIN {tenant}.reporting_ocp_clusters AS cluster ON cluster.provider_id = $1
WHERE NOT EXISTS (
    SELECT FROM {tenant}.reporting_ocp_projects AS stored
    WHERE stored.cluster_id = cluster.uuid AND stored.project = found.namespace);
