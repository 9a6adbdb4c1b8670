-- One row: what a virtual machine (no claim) or one of its claims cost and held over the days usage_start to usage_end
-- of this run (spec summary.md 5.5).

SELECT koku_internal.warn(count(*),
    'virtual machines are left out of the summary, because their names are too long together')
FROM koku_vm_row
WHERE octet_length(concat(cluster_id, namespace, node, vm_name, cost_model_rate_type, persistentvolumeclaim))
    > LONGEST_INDEX_ENTRY;

INSERT INTO {tenant}.reporting_ocp_vm_summary_p (
#include "cost_columns.sql"
    resource_ids, pod_request_cpu_core_hours, pod_request_memory_gigabyte_hours, persistentvolumeclaim, storageclass,
    persistentvolumeclaim_capacity_gigabyte_months, persistentvolumeclaim_usage_gigabyte_months, usage_start, usage_end,
    cluster_id, cluster_alias, namespace, node, vm_name, cost_model_rate_type, pod_labels, source_uuid, id)
SELECT
#include "cost_columns.sql"
    resource_ids, pod_request_cpu_core_hours, pod_request_memory_gigabyte_hours, persistentvolumeclaim, storageclass,
    persistentvolumeclaim_capacity_gigabyte_months, persistentvolumeclaim_usage_gigabyte_months, usage_start, usage_end,
    cluster_id, cluster_alias, namespace, node, vm_name, cost_model_rate_type, pod_labels, source_uuid, id
FROM koku_vm_row
WHERE octet_length(concat(cluster_id, namespace, node, vm_name, cost_model_rate_type, persistentvolumeclaim))
    <= LONGEST_INDEX_ENTRY;
