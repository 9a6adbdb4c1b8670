-- One row: a claim of a virtual machine over the range, with the size and cost of its volume (spec summary.md 5.5: V).
-- Written with and without cost. Machine and claim meet by the name of the claim, whatever its namespace.

CREATE TEMP TABLE koku_vm_claim AS
WITH day AS (
    SELECT min(usage_start) AS usage_start
    FROM (SELECT DISTINCT usage_start FROM {month}.reporting_ocpusagelineitem_daily_summary
          WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND persistentvolumeclaim IS NOT NULL
            AND cost_model_rate_type IS NULL
          ORDER BY usage_start DESC LIMIT 2) AS latest
), labelled AS (
    SELECT DISTINCT ON (line.persistentvolumeclaim) line.persistentvolumeclaim AS claim, line.volume_labels
    FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
    JOIN day USING (usage_start)
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.persistentvolumeclaim IS NOT NULL
      -- Some cost rows have a part of the labels.
      AND line.cost_model_rate_type IS NULL
    ORDER BY line.persistentvolumeclaim, line.volume_labels::text COLLATE "C" DESC NULLS LAST
), owned AS (
    SELECT claim, min(vm_name COLLATE "C") AS vm_name
    FROM koku_vm_request
    GROUP BY claim
), machine AS (
    SELECT DISTINCT ON (vm_name) vm_name, pod_labels
    FROM (SELECT vm_name, pod_labels FROM koku_vm_pod UNION ALL SELECT vm_name, pod_labels FROM koku_vm_share) AS listed
    ORDER BY vm_name, pod_labels::text COLLATE "C" DESC NULLS LAST
), claim AS (
    SELECT owned.claim, owned.vm_name, CASE
            WHEN labelled.volume_labels IS NULL THEN machine.pod_labels
            ELSE labelled.volume_labels || coalesce(machine.pod_labels, '{}')
        END AS labels
    FROM labelled
    JOIN owned USING (claim)
    LEFT JOIN machine USING (vm_name)
)
SELECT koku_internal.row_id() AS id, $1 AS source_uuid, min(line.usage_start) AS usage_start,
    max(line.usage_start) AS usage_end, line.cluster_id, line.cluster_alias, line.namespace,
    max(line.node COLLATE "C") AS node, claim.vm_name, line.cost_model_rate_type, claim.labels AS pod_labels,
    line.persistentvolumeclaim, max(line.storageclass COLLATE "C") AS storageclass,
    max(line.persistentvolumeclaim_capacity_gigabyte_months) AS persistentvolumeclaim_capacity_gigabyte_months,
    max(line.persistentvolumeclaim_usage_gigabyte_months) AS persistentvolumeclaim_usage_gigabyte_months,
#include "cost_sums.sql"
    array_agg(DISTINCT line.resource_id) AS resource_ids
FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
JOIN claim ON claim.claim = line.persistentvolumeclaim
-- Without machines nothing is read.
WHERE EXISTS (SELECT FROM koku_vm_request)
  AND line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.data_source = 'Storage'
  AND line.node IS NOT NULL AND line.resource_id IS NOT NULL AND (line.namespace IN (SPECIAL_NAMESPACES)) IS NOT TRUE
GROUP BY line.cluster_id, line.cluster_alias, line.namespace, claim.vm_name, line.cost_model_rate_type,
    claim.labels, line.persistentvolumeclaim;
