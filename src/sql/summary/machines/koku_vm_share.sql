-- One row: the share of a virtual machine in the distributed cost of its namespace and node over the range, by its part
-- of the effective use of the processor, or of memory where the cost model distributes by it (spec summary.md 5.5: Q).

CREATE TEMP TABLE koku_vm_share AS
WITH used AS (
    SELECT usage_start, namespace, node, sum(CASE WHEN (SELECT by_memory FROM koku_cost_model)
        THEN pod_effective_usage_memory_gigabyte_hours ELSE pod_effective_usage_cpu_core_hours END) AS hours
    FROM {month}.reporting_ocpusagelineitem_daily_summary
    WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND data_source = 'Pod' AND cost_model_rate_type IS NULL
    GROUP BY usage_start, namespace, node
), machine AS (
    -- The use of the namespace counts once for each row of the machine, as in Koku.
    SELECT line.usage_start, line.namespace, line.node, line.pod_labels->>'vm_kubevirt_io_name' AS vm_name,
        sum(CASE WHEN (SELECT by_memory FROM koku_cost_model) THEN line.pod_effective_usage_memory_gigabyte_hours
                 ELSE line.pod_effective_usage_cpu_core_hours END) / nullif(sum(used.hours), 0) AS ratio
    FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
    JOIN used USING (usage_start, namespace, node)
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3
      AND line.pod_labels->>'vm_kubevirt_io_name' IS NOT NULL AND line.cost_model_rate_type IS NULL
      AND line.pod_effective_usage_cpu_core_hours <> 0 AND line.pod_effective_usage_memory_gigabyte_hours <> 0
    GROUP BY line.usage_start, line.namespace, line.node, line.pod_labels->>'vm_kubevirt_io_name'
)
SELECT koku_internal.row_id() AS id, $1 AS source_uuid, min(line.usage_start) AS usage_start,
    max(line.usage_start) AS usage_end, line.cluster_id, line.cluster_alias, line.namespace, line.node, machine.vm_name,
    line.cost_model_rate_type, line.pod_labels,
    koku_internal.in_range(sum(line.distributed_cost * machine.ratio)) AS distributed_cost,
    array_agg(DISTINCT line.resource_id) AS resource_ids
FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
JOIN machine USING (usage_start, namespace, node)
-- Without distributed cost nothing more is read.
WHERE EXISTS (SELECT FROM {month}.reporting_ocpusagelineitem_daily_summary
              WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND distributed_cost <> 0)
  AND line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.distributed_cost <> 0
GROUP BY line.cluster_id, line.cluster_alias, line.namespace, line.node, machine.vm_name, line.cost_model_rate_type,
    line.pod_labels;
