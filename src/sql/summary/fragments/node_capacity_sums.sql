    max(line.node_capacity_cpu_cores) AS node_capacity_cpu_cores,
    max(line.node_capacity_cpu_core_hours) AS node_capacity_cpu_core_hours,
    max(line.node_capacity_memory_gigabytes) AS node_capacity_memory_gigabytes,
    max(line.node_capacity_memory_gigabyte_hours) AS node_capacity_memory_gigabyte_hours,
