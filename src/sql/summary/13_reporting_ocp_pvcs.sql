-- One row: a volume of the cluster and the claim on it ('' when nobody claims it) (spec summary.md 2).
-- phase: before

WITH found AS (
    SELECT cluster.uuid AS cluster_id, volume.persistentvolume, volume.persistentvolumeclaim,
        max(volume.csi_volume_handle COLLATE "C") AS handle
    FROM {tenant}.openshift_storage_usage_line_items_daily AS volume
    JOIN {tenant}.reporting_ocp_clusters AS cluster ON cluster.provider_id = $1
    WHERE volume.source = $1::text AND volume.usage_start BETWEEN $2 AND $3
      AND volume.persistentvolume IS NOT NULL AND volume.persistentvolumeclaim IS NOT NULL
    GROUP BY cluster.uuid, volume.persistentvolume, volume.persistentvolumeclaim
), updated AS (
    UPDATE {tenant}.reporting_ocp_pvcs AS stored
    SET csi_volume_handle = found.handle
    FROM found
    WHERE stored.cluster_id = found.cluster_id AND stored.persistent_volume = found.persistentvolume
      AND stored.persistent_volume_claim = found.persistentvolumeclaim
      AND coalesce(stored.csi_volume_handle, '') = '' AND stored.csi_volume_handle IS DISTINCT FROM found.handle
)
INSERT INTO {tenant}.reporting_ocp_pvcs (uuid, persistent_volume, persistent_volume_claim, csi_volume_handle, cluster_id)
SELECT @extschema@.koku_internal_row_id(), found.persistentvolume, found.persistentvolumeclaim, found.handle, found.cluster_id
FROM found
WHERE NOT EXISTS (
    SELECT FROM {tenant}.reporting_ocp_pvcs AS stored
    WHERE stored.cluster_id = found.cluster_id AND stored.persistent_volume = found.persistentvolume
      AND stored.persistent_volume_claim = found.persistentvolumeclaim);
