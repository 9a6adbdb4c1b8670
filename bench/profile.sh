#!/usr/bin/env bash
# Says what the time of an ingest goes into: bench/profile.sh [PODS]
#
#   PODS    pods of the cluster, one row an hour each (41667: a million rows a day)
#
# Needs perf (Debian: linux-perf) and the right to use it.
source "$(dirname "$0")/lib.sh"

pods=${1:-41667}
command -v perf >/dev/null || fail "perf is missing: apt-get install linux-perf"
private_server_start
build_generator
payload=$private_server_directory/files/payload.tar.gz
"$generate_payload" --pods "$pods" --volumes $((pods / 5)) --output "$payload" >/dev/null
bench_sql >/dev/null <<'SQL'
CREATE EXTENSION koku_onprem;
SELECT koku_create_source('sample-cluster');
SELECT koku_internal.ensure_partition('koku', table_name::name, '2026-11-01')
FROM koku_catalogue_table WHERE partition_column IS NOT NULL;
ALTER DATABASE postgres SET koku_onprem.retention_months = 0;
SQL

mkfifo "$private_server_directory/statements"
bench_sql <"$private_server_directory/statements" >"$private_server_directory/session.log" 2>&1 &
session=$!
exec {statements}>"$private_server_directory/statements"
printf '%s\n' "LOAD 'koku_onprem';" "SET application_name = 'profiled';" >&"$statements"
backend=
while [ -z "$backend" ]; do
  sleep 0.1
  backend=$(bench_sql -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'profiled' AND state = 'idle'")
done
perf record --quiet --freq 499 --call-graph dwarf,16384 --pid "$backend" --output "$private_server_directory/perf.data" {statements}>&- &
profiler=$!
sleep 0.5
printf '%s\n' "SELECT sum(rows_loaded) FROM koku_ingest_file('$payload');" >&"$statements"
exec {statements}>&-
wait "$session"
wait "$profiler" || true

describe_machine
perf script --input "$private_server_directory/perf.data" --fields tid,ip,sym 2>/dev/null |
  python3 -B "$project/bench/profile.py" "$backend"
