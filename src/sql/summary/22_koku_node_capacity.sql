-- One row: the capacity of a node on a day, in core seconds and byte seconds: the capacity of each interval in which the
-- node had pods, added up. Repeated intervals count once (spec summary.md 3.3).
-- phase: step

INSERT INTO pg_temp.koku_node_capacity (usage_start, node, cpu_core_seconds, memory_byte_seconds)
SELECT usage_start, node,
    sum(@extschema@.koku_internal_finite(cpu_core_seconds)), sum(@extschema@.koku_internal_finite(memory_byte_seconds))
FROM (SELECT usage_start, node, interval_start, max(node_capacity_cpu_core_seconds) AS cpu_core_seconds,
          max(node_capacity_memory_byte_seconds) AS memory_byte_seconds
      FROM {tenant}.openshift_pod_usage_line_items
      WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
      GROUP BY usage_start, node, interval_start) AS interval
GROUP BY usage_start, node;
