-- One row: how long a virtual machine ran on a day, with how many cores (spec cost.md 4.4).

CREATE TEMP TABLE koku_machine_day AS
SELECT usage_start, namespace, vm_name, sum(seconds) / 3600 AS hours, max(cores) AS cores,
    max(seconds) / 3600 AS core_hours
FROM (SELECT usage_start, namespace, vm_name, koku_internal.finite(vm_cpu_request_cores) AS cores,
          sum(koku_internal.finite(vm_uptime_total_seconds)) AS seconds
      FROM {month}.openshift_vm_usage_line_items
      WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
      GROUP BY usage_start, namespace, vm_name, cores) AS of_size
GROUP BY usage_start, namespace, vm_name;
