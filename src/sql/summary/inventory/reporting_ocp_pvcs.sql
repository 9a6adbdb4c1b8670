-- One row: a volume of the cluster and the claim on it ('' when nobody claims it) (spec summary.md 2).

UPDATE {tenant}.reporting_ocp_pvcs AS stored
SET csi_volume_handle = found.handle
FROM (SELECT persistentvolume, persistentvolumeclaim, max(csi_volume_handle COLLATE "C") AS handle
      FROM {month}.openshift_storage_usage_line_items_daily
      WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
      GROUP BY persistentvolume, persistentvolumeclaim) AS found
WHERE stored.cluster_id IN (SELECT cluster.uuid FROM {tenant}.reporting_ocp_clusters AS cluster
                            WHERE cluster.provider_id = $1)
  AND stored.persistent_volume = found.persistentvolume AND stored.persistent_volume_claim = found.persistentvolumeclaim
  AND coalesce(stored.csi_volume_handle, '') = '' AND stored.csi_volume_handle IS DISTINCT FROM found.handle;

INSERT INTO {tenant}.reporting_ocp_pvcs (
    uuid, persistent_volume, persistent_volume_claim, csi_volume_handle, cluster_id)
SELECT koku_internal.row_id() AS uuid, volume.persistentvolume AS persistent_volume,
    volume.persistentvolumeclaim AS persistent_volume_claim,
    max(volume.csi_volume_handle COLLATE "C") AS csi_volume_handle,
    cluster.uuid AS cluster_id
FROM {month}.openshift_storage_usage_line_items_daily AS volume
JOIN {tenant}.reporting_ocp_clusters AS cluster ON cluster.provider_id = $1
WHERE volume.source = $1::text AND volume.usage_start BETWEEN $2 AND $3
  AND volume.persistentvolume IS NOT NULL AND volume.persistentvolumeclaim IS NOT NULL
  AND NOT EXISTS (
    SELECT FROM {tenant}.reporting_ocp_pvcs AS stored
    WHERE stored.cluster_id = cluster.uuid AND stored.persistent_volume = volume.persistentvolume
      AND stored.persistent_volume_claim = volume.persistentvolumeclaim)
GROUP BY cluster.uuid, volume.persistentvolume, volume.persistentvolumeclaim;
