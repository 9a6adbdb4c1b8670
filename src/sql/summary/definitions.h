// What several statements of a summary say in the same words. Each file of src/sql/summary is read with these
// definitions by the C preprocessor when the install script is assembled; pieces of more than a line stand in fragments/.

#define SPECIAL_NAMESPACES 'Worker unallocated', 'Platform unallocated', 'Network unattributed', 'Storage unattributed'

// the ids of the category whose cost is distributed as that of the platform
#define PLATFORM_CATEGORIES ARRAY(SELECT id FROM {tenant}.reporting_ocp_cost_category WHERE name = 'Platform')

// Year and month are those of the step. A subquery is computed once, a function of the row for each.
#define DATE_COLUMNS (SELECT to_char($2::timestamp, 'FMYYYY')) AS year, (SELECT to_char($2::timestamp, 'FMMM')) AS month, \
    (usage_start - date_trunc('month', $2::timestamp)::date + 1)::text AS day

#define USAGE_COST '{"cpu": 0.000000000, "memory": 0.000000000, "storage": 0.000000000}'

// the largest number of 15 significant digits that the type of all measures, numeric(33,15), holds
#define LARGEST_NUMBER 999999999999999000

// Bytes that the texts of an index entry may have together: a B-tree takes a third of a page, less headers.
#define LONGEST_INDEX_ENTRY (current_setting('block_size')::integer / 3 - 130)

// what a row of the daily summary says of the size of its node and cluster
#define CAPACITY_COLUMNS node_capacity_cpu_cores, node_capacity_cpu_core_hours, node_capacity_memory_gigabytes, \
    node_capacity_memory_gigabyte_hours, cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours
#define CAPACITY_MAXIMA max(node_capacity_cpu_cores) AS node_capacity_cpu_cores, \
    max(node_capacity_cpu_core_hours) AS node_capacity_cpu_core_hours, \
    max(node_capacity_memory_gigabytes) AS node_capacity_memory_gigabytes, \
    max(node_capacity_memory_gigabyte_hours) AS node_capacity_memory_gigabyte_hours, \
    max(cluster_capacity_cpu_core_hours) AS cluster_capacity_cpu_core_hours, \
    max(cluster_capacity_memory_gigabyte_hours) AS cluster_capacity_memory_gigabyte_hours

#define MARKUP_COLUMNS infrastructure_markup_cost, infrastructure_project_markup_cost
