-- One row: the cluster of a source (spec summary.md 2).

-- Rows beyond the first come from other software; only the one with today's name stays.
WITH surplus AS (
    SELECT uuid FROM {tenant}.reporting_ocp_clusters
    WHERE provider_id = $1 AND cluster_alias IS DISTINCT FROM $6
      AND (SELECT count(*) FROM {tenant}.reporting_ocp_clusters WHERE provider_id = $1) > 1
), nodes AS (
    DELETE FROM {tenant}.reporting_ocp_nodes WHERE cluster_id IN (SELECT uuid FROM surplus)
), projects AS (
    DELETE FROM {tenant}.reporting_ocp_projects WHERE cluster_id IN (SELECT uuid FROM surplus)
), volumes AS (
    DELETE FROM {tenant}.reporting_ocp_pvcs WHERE cluster_id IN (SELECT uuid FROM surplus)
)
DELETE FROM {tenant}.reporting_ocp_clusters WHERE uuid IN (SELECT uuid FROM surplus);

UPDATE {tenant}.reporting_ocp_clusters SET cluster_alias = $6
WHERE provider_id = $1 AND cluster_alias IS DISTINCT FROM $6;

INSERT INTO {tenant}.reporting_ocp_clusters (uuid, cluster_id, cluster_alias, provider_id)
SELECT koku_internal.row_id(), $5, $6, $1
WHERE NOT EXISTS (SELECT FROM {tenant}.reporting_ocp_clusters WHERE provider_id = $1);
