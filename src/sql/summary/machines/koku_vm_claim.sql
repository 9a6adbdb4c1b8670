-- One row: a claim of a virtual machine over the range, with the size and cost of its volume (spec summary.md 5.5: V).
-- Written with and without cost. Names are unique in a namespace only. Its size is that of its greatest day, which a
-- machine that moves has in parts on several nodes.

CREATE TEMP TABLE koku_vm_claim AS
WITH day AS (
    SELECT min(usage_start) AS usage_start
    FROM (SELECT DISTINCT usage_start FROM {month}.reporting_ocpusagelineitem_daily_summary
          WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND persistentvolumeclaim IS NOT NULL
            AND cost_model_rate_type IS NULL
          ORDER BY usage_start DESC LIMIT 2) AS latest
), labelled AS (
    SELECT DISTINCT ON (line.namespace, line.persistentvolumeclaim) line.namespace, line.persistentvolumeclaim AS claim,
        line.volume_labels
    FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
    JOIN day USING (usage_start)
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.persistentvolumeclaim IS NOT NULL
      -- Some cost rows have a part of the labels.
      AND line.cost_model_rate_type IS NULL
    ORDER BY line.namespace, line.persistentvolumeclaim, line.volume_labels::text COLLATE "C" DESC NULLS LAST
), owned AS (
    SELECT namespace, claim, min(vm_name COLLATE "C") AS vm_name
    FROM koku_vm_request
    GROUP BY namespace, claim
), machine AS (
    SELECT DISTINCT ON (namespace, vm_name) namespace, vm_name, pod_labels
    FROM (SELECT namespace, vm_name, pod_labels FROM koku_vm_pod
          UNION ALL SELECT namespace, vm_name, pod_labels FROM koku_vm_share) AS listed
    ORDER BY namespace, vm_name, pod_labels::text COLLATE "C" DESC NULLS LAST
), claim AS (
    SELECT owned.namespace, owned.claim, owned.vm_name, CASE
            WHEN labelled.volume_labels IS NULL THEN machine.pod_labels
            ELSE labelled.volume_labels || coalesce(machine.pod_labels, '{}')
        END AS labels
    FROM labelled
    JOIN owned USING (namespace, claim)
    LEFT JOIN machine USING (namespace, vm_name)
), size AS (
    SELECT namespace, persistentvolumeclaim, cost_model_rate_type, max(capacity) AS capacity, max(usage) AS usage
    FROM (SELECT line.usage_start, line.namespace, line.persistentvolumeclaim, line.cost_model_rate_type,
              sum(line.persistentvolumeclaim_capacity_gigabyte_months) AS capacity,
              sum(line.persistentvolumeclaim_usage_gigabyte_months) AS usage
          FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
          JOIN claim ON claim.namespace = line.namespace AND claim.claim = line.persistentvolumeclaim
          WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.data_source = 'Storage'
            AND line.node IS NOT NULL AND line.resource_id IS NOT NULL
          -- Rows of other labels hold the same volume.
          GROUP BY line.usage_start, line.namespace, line.persistentvolumeclaim, line.cost_model_rate_type,
              line.volume_labels) AS day
    GROUP BY namespace, persistentvolumeclaim, cost_model_rate_type
)
SELECT koku_internal.row_id() AS id, $1 AS source_uuid, min(line.usage_start) AS usage_start,
    max(line.usage_start) AS usage_end, line.cluster_id, line.cluster_alias, line.namespace,
    max(line.node COLLATE "C") AS node, claim.vm_name, line.cost_model_rate_type, claim.labels AS pod_labels,
    line.persistentvolumeclaim, max(line.storageclass COLLATE "C") AS storageclass,
    max(size.capacity) AS persistentvolumeclaim_capacity_gigabyte_months,
    max(size.usage) AS persistentvolumeclaim_usage_gigabyte_months,
#include "cost_sums.sql"
    array_agg(DISTINCT line.resource_id) AS resource_ids
FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
JOIN claim ON claim.namespace = line.namespace AND claim.claim = line.persistentvolumeclaim
JOIN size ON size.namespace = line.namespace AND size.persistentvolumeclaim = line.persistentvolumeclaim
    AND size.cost_model_rate_type IS NOT DISTINCT FROM line.cost_model_rate_type
-- Without machines nothing is read.
WHERE EXISTS (SELECT FROM koku_vm_request)
  AND line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.data_source = 'Storage'
  AND line.node IS NOT NULL AND line.resource_id IS NOT NULL AND (line.namespace IN (SPECIAL_NAMESPACES)) IS NOT TRUE
GROUP BY line.cluster_id, line.cluster_alias, line.namespace, claim.vm_name, line.cost_model_rate_type,
    claim.labels, line.persistentvolumeclaim;
