#!/usr/bin/env bash
# The golden scenarios, all of them in one database.
source "$(dirname "$0")/lib.sh"

if [ ! -x "$golden/run.py" ]; then
  fail_test "no golden scenarios at $golden; set KOKU_GOLDEN to their directory" </dev/null
  finish
fi
need_server
fresh_database golden

# No tenant has intervals of nodes that differ from its raw rows, and each has some.
capacity_is_of_raw_rows() {
  local tenant differences tenants=0
  for tenant in $(psql -XAqt -d golden -c "SELECT tenant FROM koku_tenant"); do
    differences=$(psql -XAqt -v ON_ERROR_STOP=1 -d golden <<END
WITH raw AS (
    SELECT source, usage_start, interval_start, node, max(node_capacity_cpu_core_seconds) AS cpu, max(node_capacity_memory_byte_seconds) AS memory
    FROM $tenant.openshift_pod_usage_line_items GROUP BY 1, 2, 3, 4
), kept AS (
    SELECT source, usage_start, interval_start, node, node_capacity_cpu_core_seconds AS cpu, node_capacity_memory_byte_seconds AS memory
    FROM $tenant.koku_node_interval
)
SELECT 'only in the raw rows', * FROM (TABLE raw EXCEPT ALL TABLE kept) AS missing
UNION ALL SELECT 'not in the raw rows', * FROM (TABLE kept EXCEPT ALL TABLE raw) AS surplus
UNION ALL SELECT 'no intervals', NULL, NULL, NULL, NULL, NULL, NULL WHERE NOT EXISTS (SELECT FROM kept);
END
    ) || return 1
    [ -z "$differences" ] || { printf '%s:\n%s\n' "$tenant" "$differences"; return 1; }
    tenants=$((tenants + 1))
  done
  [ "$tenants" -gt 0 ]
}

for scenario in "$golden"/*/scenario.json; do
  name=$(basename "$(dirname "$scenario")")
  check "$name" passes_golden golden "$name"
done
check "every node and interval has the capacity that the raw rows of pods say" capacity_is_of_raw_rows
finish
