-- One row: as of koku_vm_request, for a source that never sent a virtual machine report: from the pods labelled with
-- the name of a machine.

CREATE TEMP TABLE koku_vm_labelled AS
WITH day AS (
    SELECT min(usage_start) AS usage_start
    FROM (SELECT DISTINCT usage_start FROM {month}.reporting_ocpusagelineitem_daily_summary
          WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND pod_request_cpu_core_hours IS NOT NULL
            AND cost_model_rate_type IS NULL
          ORDER BY usage_start DESC LIMIT 2) AS latest
), machine AS (
    SELECT DISTINCT ON (line.namespace, line.pod_labels->>'vm_kubevirt_io_name')
        line.namespace, line.pod_labels->>'vm_kubevirt_io_name' AS vm_name, line.node,
        line.pod_request_cpu_core_hours AS cpu, line.pod_request_memory_gigabyte_hours AS memory
    FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
    JOIN day USING (usage_start)
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3
      AND line.pod_labels->>'vm_kubevirt_io_name' IS NOT NULL AND line.cost_model_rate_type IS NULL
    ORDER BY line.namespace, line.pod_labels->>'vm_kubevirt_io_name', line.pod_labels::text COLLATE "C" DESC,
        line.node COLLATE "C" DESC
), pod AS MATERIALIZED (
    SELECT DISTINCT namespace, pod, pod_labels::jsonb->>'vm_kubevirt_io_name' AS vm_name
    FROM {month}.openshift_pod_usage_line_items_daily
    WHERE source = $1::text AND usage_start >= date_trunc('month', $2::timestamp)
      AND usage_start < date_trunc('month', $2::timestamp) + interval '1 month'
      AND strpos(pod_labels, '"vm_kubevirt_io_name"') > 0
), claim AS (
    SELECT DISTINCT pod.namespace, pod.vm_name, volume.persistentvolumeclaim AS claim
    FROM pod
    JOIN {month}.openshift_storage_usage_line_items_daily AS volume USING (namespace, pod)
    WHERE volume.source = $1::text AND volume.usage_start >= date_trunc('month', $2::timestamp)
      AND volume.usage_start < date_trunc('month', $2::timestamp) + interval '1 month'
)
SELECT machine.namespace, machine.vm_name, machine.node, claim.claim, machine.cpu AS cpu_core_hours,
    machine.memory AS memory_gigabyte_hours
FROM machine
LEFT JOIN claim USING (namespace, vm_name)
WHERE NOT EXISTS (SELECT FROM {tenant}.openshift_vm_usage_line_items_daily WHERE source = $1::text);
