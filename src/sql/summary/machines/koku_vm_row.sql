-- One row: a virtual machine (no claim) or one of its claims, as in reporting_ocp_vm_summary_p.

CREATE TEMP TABLE koku_vm_row AS
SELECT
#include "cost_columns.sql"
    resource_ids, pod_request_cpu_core_hours, pod_request_memory_gigabyte_hours,
    NULL::text AS persistentvolumeclaim, NULL::text AS storageclass,
    NULL::numeric AS persistentvolumeclaim_capacity_gigabyte_months,
    NULL::numeric AS persistentvolumeclaim_usage_gigabyte_months,
    usage_start, usage_end, cluster_id, cluster_alias, namespace, node, vm_name, cost_model_rate_type, pod_labels,
    source_uuid, id
FROM koku_vm_pod
UNION ALL
SELECT
    NULL, NULL, NULL, NULL, NULL, NULL, distributed_cost, NULL, NULL,
    resource_ids, NULL, NULL,
    NULL, NULL, NULL, NULL,
    usage_start, usage_end, cluster_id, cluster_alias, namespace, node, vm_name, cost_model_rate_type, pod_labels,
    source_uuid, id
FROM koku_vm_share
UNION ALL
SELECT
#include "cost_columns.sql"
    resource_ids, NULL, NULL,
    persistentvolumeclaim, storageclass,
    persistentvolumeclaim_capacity_gigabyte_months,
    persistentvolumeclaim_usage_gigabyte_months,
    usage_start, usage_end, cluster_id, cluster_alias, namespace, node, vm_name, cost_model_rate_type, pod_labels,
    source_uuid, id
FROM koku_vm_claim;
