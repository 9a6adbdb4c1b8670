#!/usr/bin/env bash
# The upkeep beside others who work on the same tables: what is in use is left for the next call, and nobody deadlocks.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
need_server
fresh_database upkeep
export PGDATABASE=upkeep PGOPTIONS='-c client_min_messages=error'

# From a file, each statement is a transaction of its own.
query() { psql -XAqt -v ON_ERROR_STOP=1 -f - <<<"$1"; }

# expect NAME VALUE SQL: a test that passes when the statement gives the value.
expect() {
  local value
  value=$(query "$3" 2>&1) || true
  if [ "$value" = "$2" ]; then pass "$1"; else fail_test "$1" <<<"expected: $2"$'\n'"found: $value"; fi
}

# hold NAME SQL: a session that runs the statement in a transaction and stays there.
hold() {
  PGAPPNAME=$1 psql -XAqt -c 'BEGIN' -c "$2" -c 'SELECT pg_sleep(600)' >/dev/null 2>&1 &
  holder=$!
  local attempt
  for attempt in {1..100}; do
    [ "$(query "SELECT count(*) FROM pg_stat_activity WHERE application_name = '$1' AND query LIKE '%pg_sleep%'")" = 0 ] || return 0
    sleep 0.1
  done
  fail "session $1 did not get its lock in $((attempt / 10)) seconds"
}

release() {
  query "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = '$1'" >/dev/null
  wait "$holder" || true
}

build_generator
for cluster in one two; do
  "$generate_payload" --output "$private_server_directory/files/$cluster.tar.gz" --cluster-id "$cluster" --date 2026-01-30 --days 4 \
    --hours 2 --pods 20 --nodes 2 --namespaces 3 --volumes 4 >/dev/null
  "$generate_payload" --output "$private_server_directory/files/$cluster-february.tar.gz" --cluster-id "$cluster" --date 2026-02-02 --days 2 \
    --hours 2 --pods 20 --nodes 2 --namespaces 3 --volumes 4 --seed 2 >/dev/null
done
query "ALTER DATABASE upkeep SET koku_onprem.retention_months = 0"
query "SELECT koku_create_source('one', tenant => 'upkeep', source => '00000000-0000-0000-0000-000000000001');
  SELECT koku_create_source('two', tenant => 'upkeep', source => '00000000-0000-0000-0000-000000000002')" >/dev/null
load="SELECT koku_ingest_file('$private_server_directory/files/one.tar.gz', force => true);
  SELECT koku_ingest_file('$private_server_directory/files/two.tar.gz', force => true);
  CALL koku_run()"
query "$load" >/dev/null

january="SELECT count(*) FROM koku_internal.partitions('upkeep') WHERE first_day = '2026-01-01'"
purge="SET koku_onprem.retention_months = 1; CALL koku_internal.run_upkeep('retention', 'infinity', '2026-02-15')"
purged="SELECT count(*) FROM koku_purge"

# A reader in a transaction keeps the tables it has read, no other ones.
hold reader 'SELECT count(*) FROM upkeep.reporting_ocp_pod_summary_p'
query "$purge"
expect "a partition that is being read stays, the others go" 1 "$january"
expect "the tenant is not done" 0 "$purged"
expect "the step says why" "upkeep, drop partition, reporting_ocp_pod_summary_p_2026_01: 55P03 canceling statement due to lock timeout" \
  "SELECT last_error FROM koku_run_step WHERE step = 'retention'"
expect "whoever reads the table now need not wait" t "SELECT count(*) >= 0 FROM upkeep.reporting_ocp_pod_summary_p"
release reader
query "$purge"
expect "the next call drops it" 0 "$january"
expect "the tenant is done" 1 "$purged"
expect "the step has no error any more" 0 "SELECT count(*) FROM koku_run_step WHERE failures > 0"

# A load or summary of a source keeps the deletion of this source off.
query "SELECT koku_delete_source('00000000-0000-0000-0000-000000000001', in_batches => true)"
hold loader "SELECT koku_internal.lock_source('00000000-0000-0000-0000-000000000001')"
query "CALL koku_internal.run_upkeep('deletion', 'infinity')"
expect "a source that is being loaded stays" 1 "SELECT count(*) FROM koku_source WHERE cluster_id = 'one'"
release loader
query "CALL koku_internal.run_upkeep('deletion', 'infinity')"
expect "the next call deletes it" 0 "SELECT count(*) FROM koku_source WHERE cluster_id = 'one'"
expect "the other source has its rows" t "SELECT count(*) > 0 FROM upkeep.reporting_ocpusagelineitem_daily_summary"

# A tenant whose partitions another run makes is left to it, and that is no failure.
query "CALL koku_run()"
made="SELECT to_regclass('upkeep.reporting_ocp_pod_summary_p' || to_char(koku_internal.today(), '_YYYY_MM')) IS NOT NULL"
query "DELETE FROM upkeep.partitioned_tables WHERE table_name = 'reporting_ocp_pod_summary_p' || to_char(koku_internal.today(), '_YYYY_MM')"
hold upkeep "SELECT koku_internal.lock_name('upkeep', 'upkeep', false, false)"
query "CALL koku_run()"
expect "a tenant that another run works on is left to it" f "$made"
expect "that is no failure" 0 "SELECT count(*) FROM koku_run_step WHERE failures > 0"
release upkeep
query "CALL koku_run()"
expect "the next call makes its partitions" t "$made"

# Loads, summaries, retention and deletion of data at the same time, again and again. The partitions of January are made and
# dropped again, while February is written.
query "SELECT koku_create_source('one', tenant => 'upkeep', source => '00000000-0000-0000-0000-000000000001')" >/dev/null
errors=$build/logs/upkeep-errors
: >"$errors"
repeat() {
  local _
  for _ in {1..8}; do query "$1" >/dev/null 2>>"$errors" || true; done
}
for cluster in one two; do
  repeat "SELECT koku_ingest_file('$private_server_directory/files/$cluster-february.tar.gz', force => true)" &
done
repeat "CALL koku_run()" &
repeat "$purge" &
repeat "CALL koku_internal.run_upkeep('partitions', 'infinity', '2026-01-15')" &
repeat "SELECT koku_purge_source('00000000-0000-0000-0000-000000000002')" &
mapfile -t callers < <(jobs -p | grep -vx "$private_server_process")
wait "${callers[@]}"
if [ -s "$errors" ]; then fail_test "every call went well" <"$errors"; else pass "every call went well"; fi
if grep -q 'deadlock detected' "$private_server_directory/server.log"; then
  fail_test "the server saw no deadlock" < <(grep -A 8 'deadlock detected' "$private_server_directory/server.log")
else
  pass "the server saw no deadlock"
fi
query "$load" >/dev/null
# koku_run() has just looked, and kept all months. Another retention is noticed by the look of each day; here it is due at once.
query "UPDATE koku_internal.tenant_upkeep SET retention_checked_at = NULL"
query "$purge"
expect "at the end January is gone" 0 "$january"
expect "at the end all is conserved" 0 "SELECT count(*) FROM koku_source, koku_check(source, 2026, 2)"
finish
