// What several statements of a summary say in the same words. Each file of src/sql/summary is read with these
// definitions by the C preprocessor when the install script is assembled; pieces of more than a line stand in fragments/.

#define SPECIAL_NAMESPACES 'Worker unallocated', 'Platform unallocated', 'Network unattributed', 'Storage unattributed'

// Year and month are those of the step. A subquery is computed once, a function of the row for each.
#define DATE_COLUMNS (SELECT to_char($2::timestamp, 'FMYYYY')) AS year, (SELECT to_char($2::timestamp, 'FMMM')) AS month, \
    (usage_start - date_trunc('month', $2::timestamp)::date + 1)::text AS day

#define USAGE_COST '{"cpu": 0.000000000, "memory": 0.000000000, "storage": 0.000000000}'

// the largest number of 15 significant digits that the type of all measures, numeric(33,15), holds
#define LARGEST_NUMBER 999999999999999000

// Bytes that the texts of an index entry may have together: a B-tree takes a third of a page, less headers.
#define LONGEST_INDEX_ENTRY (current_setting('block_size')::integer / 3 - 130)
