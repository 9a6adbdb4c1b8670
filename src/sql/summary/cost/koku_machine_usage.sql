-- One row: the pods of a virtual machine on a day and node with equal labels, and their part of the machine's day (spec
-- cost.md 4.4). A machine that moved or changed its labels has several, by what they request.

CREATE TEMP TABLE koku_machine_usage AS
SELECT found.*, coalesce(request / nullif(sum(request) OVER machine, 0), 1::numeric / count(*) OVER machine) AS share
FROM (SELECT usage_start, node, namespace, cost_category_id, pod_labels, all_labels,
          all_labels->>'vm_kubevirt_io_name' AS vm_name, max(resource_id COLLATE "C") AS resource_id,
          sum(pod_request_cpu_core_hours) AS request
      FROM koku_usage
      WHERE data_source = 'Pod' AND all_labels ? 'vm_kubevirt_io_name' AND pod_request_cpu_core_hours IS NOT NULL
        AND pod_usage_cpu_core_hours IS NOT NULL
      GROUP BY usage_start, node, namespace, cost_category_id, pod_labels, all_labels) AS found
WINDOW machine AS (PARTITION BY usage_start, namespace, vm_name);
