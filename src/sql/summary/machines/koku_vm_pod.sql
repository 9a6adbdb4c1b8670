-- One row: the cost of a virtual machine's pods over the range, with its labels and what it requests a day (spec
-- summary.md 5.5: P). Machines without cost have none. Labels are those of usage: some cost rows have a part of them.

CREATE TEMP TABLE koku_vm_pod AS
WITH day AS (
    SELECT min(usage_start) AS usage_start
    FROM (SELECT DISTINCT usage_start FROM {month}.reporting_ocpusagelineitem_daily_summary
          WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND pod_request_cpu_core_hours IS NOT NULL
            AND cost_model_rate_type IS NULL
          ORDER BY usage_start DESC LIMIT 2) AS latest
), label AS (
    SELECT DISTINCT ON (line.namespace, line.all_labels->>'vm_kubevirt_io_name')
        line.namespace, line.all_labels->>'vm_kubevirt_io_name' AS vm_name, line.pod_labels
    FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
    JOIN day USING (usage_start)
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3
      AND line.all_labels->>'vm_kubevirt_io_name' IS NOT NULL AND line.cost_model_rate_type IS NULL
    ORDER BY line.namespace, line.all_labels->>'vm_kubevirt_io_name', line.pod_labels::text COLLATE "C" DESC NULLS LAST
), machine AS (
    SELECT label.namespace, request.vm_name, label.pod_labels, max(request.node COLLATE "C") AS node,
        max(request.cpu_core_hours) AS cpu_core_hours, max(request.memory_gigabyte_hours) AS memory_gigabyte_hours
    FROM koku_vm_request AS request
    JOIN label USING (namespace, vm_name)
    GROUP BY label.namespace, request.vm_name, label.pod_labels
)
SELECT koku_internal.row_id() AS id, $1 AS source_uuid, min(line.usage_start) AS usage_start,
    max(line.usage_start) AS usage_end, line.cluster_id, line.cluster_alias,
    line.namespace, machine.node, machine.vm_name,
    line.cost_model_rate_type, machine.pod_labels, max(machine.cpu_core_hours) AS pod_request_cpu_core_hours,
    max(machine.memory_gigabyte_hours) AS pod_request_memory_gigabyte_hours,
#include "cost_sums.sql"
    array_agg(DISTINCT line.resource_id) AS resource_ids
FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
JOIN machine ON machine.namespace = line.namespace AND machine.vm_name = line.pod_labels->>'vm_kubevirt_io_name'
-- Without machines nothing is read.
WHERE EXISTS (SELECT FROM koku_vm_request)
  AND line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.data_source = 'Pod'
  AND (line.namespace IN (SPECIAL_NAMESPACES)) IS NOT TRUE
  AND coalesce(line.cost_model_cpu_cost, 0) + coalesce(line.cost_model_memory_cost, 0)
    + coalesce(line.cost_model_volume_cost, 0) + coalesce(line.distributed_cost, 0)
    + coalesce(line.infrastructure_raw_cost, 0) + coalesce(line.infrastructure_markup_cost, 0) <> 0
GROUP BY line.cluster_id, line.cluster_alias, line.namespace, machine.node, machine.vm_name, line.cost_model_rate_type,
    machine.pod_labels;
