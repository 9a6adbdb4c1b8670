#!/usr/bin/env bash
# The golden scenarios, all of them in one database. Arguments: names of scenarios (default: all).
#
#   KOKU_GOLDEN           a further directory of scenarios; they run in a database of their own, since names may be those of
#                         test/golden
#   KOKU_GOLDEN_THREADS   no: not a second time with threads that read ahead
source "$(dirname "$0")/../lib.sh"
need_server

# No tenant has intervals of nodes that differ from its raw rows, and each has some.
capacity_is_of_raw_rows() {
  local tenant differences tenants=0
  for tenant in $(psql -XAqt -d "$1" -c "SELECT tenant FROM koku_tenant"); do
    differences=$(psql -XAqt -v ON_ERROR_STOP=1 -d "$1" <<END
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

# run_scenarios DATABASE DIRECTORY: the scenarios of a directory, each a test.
run_scenarios() {
  local scenario name
  for scenario in "$2"/*/scenario.json; do
    scenario=$(dirname "$scenario")
    name=$(basename "$scenario")
    if [ ${#wanted[@]} -gt 0 ] && [[ " ${wanted[*]} " != *" $name "* ]]; then continue; fi
    scenarios_found=$((scenarios_found + 1))
    check "$name" passes_golden "$1" "$name" "$2"
  done
}

# run_database DATABASE DIRECTORY...: the scenarios of all the directories in one database. SETTINGS: of the database.
run_database() {
  local database=$1 directory setting found_before=$scenarios_found
  shift
  fresh_database "$database"
  for setting in "${settings[@]}"; do psql -XAqt -v ON_ERROR_STOP=1 -d "$database" -c "ALTER DATABASE $database SET $setting"; done
  for directory in "$@"; do run_scenarios "$database" "$directory"; done
  # None of the scenarios that were asked for need be in these directories.
  [ "$scenarios_found" -gt "$found_before" ] || return 0
  check "$database: every node and interval has the capacity that the raw rows of pods say" capacity_is_of_raw_rows "$database"
}

scenarios_found=0
settings=("koku_onprem.ingest_threads = 0")
run_database golden "$scenarios" "$golden/cost"
settings=()
[ -z "${KOKU_GOLDEN:-}" ] || run_database further "$KOKU_GOLDEN"
found=$scenarios_found
# With threads, however small the payloads are.
settings=("koku_onprem.ingest_threads = 4" "koku_onprem.ingest_thread_min_size = 0")
[ "${KOKU_GOLDEN_THREADS:-yes}" = no ] || run_database threads "$scenarios"
scenarios_found=$found
if [ ${#wanted[@]} -gt 0 ]; then
  [ "$scenarios_found" -ge ${#wanted[@]} ] || fail_test "not every one of these is a scenario: ${wanted[*]}" </dev/null
  finish
  exit
fi

# The comparison itself: each kind of difference is seen.
sees_change() {
  psql -XAqt -v ON_ERROR_STOP=1 -d golden -c "$2" || return 1
  grep -F "$1" <<<"$(python3 -B "$golden/compare.py" "$scenarios/novm" --schema g_novm --psql "psql -XqAt golden" --tables "$3")"
}
daily=reporting_ocpusagelineitem_daily_summary
check "another number is seen" sees_change "DIFFERS $daily" \
  "UPDATE g_novm.$daily SET pod_usage_cpu_core_hours = pod_usage_cpu_core_hours * 1.00000001" "$daily"
check "a missing row is seen" sees_change "DIFFERS reporting_ocp_pvcs" "DELETE FROM g_novm.reporting_ocp_pvcs" "reporting_ocp_pvcs"
check "a surplus row is seen" sees_change "1 surplus" \
  "INSERT INTO g_novm.reporting_ocp_cost_category (name, description, source_type, system_default, label)
   VALUES ('surplus', '', 'OCP', false, '{}')" "reporting_ocp_cost_category"
check "a missing table is seen" sees_change "MISSING TABLE reporting_ocp_gpu_summary_p" \
  "DROP TABLE g_novm.reporting_ocp_gpu_summary_p" "reporting_ocp_gpu_summary_p"
finish
