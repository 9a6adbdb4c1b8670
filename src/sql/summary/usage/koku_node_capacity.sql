-- One row: the capacity of a node on a day, in core seconds and byte seconds: the capacity of each interval in which
-- the node had pods, added up. Repeated intervals count once (spec summary.md 3.3).

CREATE TEMP TABLE koku_node_capacity AS
SELECT usage_start, node, cpu_core_seconds, memory_byte_seconds
FROM koku_internal.node_capacity($7, $1, $2, $3);
