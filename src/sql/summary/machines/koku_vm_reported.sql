-- One row: as of koku_vm_request, from the virtual machine report of the month's last interval.

CREATE TEMP TABLE koku_vm_reported AS
WITH reported AS MATERIALIZED (
    SELECT interval_start, coalesce(namespace, '') AS namespace, vm_name, node, vm_persistentvolumeclaim_name AS claim,
        koku_internal.finite(vm_cpu_request_cores) AS cores,
        koku_internal.finite(vm_memory_request_bytes) AS bytes
    FROM {month}.openshift_vm_usage_line_items
    WHERE source = $1::text AND usage_start >= date_trunc('month', $2::timestamp)
      AND usage_start < date_trunc('month', $2::timestamp) + interval '1 month'
), present AS (
    SELECT namespace, vm_name, node, max(cores) * 24 AS cpu_core_hours,
        max(bytes) * 2 ^ -30 * 24 AS memory_gigabyte_hours
    FROM reported
    WHERE interval_start = (SELECT max(interval_start) FROM reported)
    GROUP BY namespace, vm_name, node
)
SELECT present.namespace, present.vm_name, present.node, claim.claim,
    koku_internal.to_numeric(present.cpu_core_hours) AS cpu_core_hours,
    koku_internal.to_numeric(present.memory_gigabyte_hours) AS memory_gigabyte_hours
FROM present
JOIN (SELECT DISTINCT namespace, vm_name, claim FROM reported) AS claim USING (namespace, vm_name);
