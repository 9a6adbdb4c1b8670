#!/usr/bin/env bash
# What tenants cost that have nothing to do: koku_run(), koku_health(), koku_create_tenant(), the partitions of a month.
#
#   bench/tenants.sh [TENANTS [REGISTERED]]    default: 200 1000
#
# TENANTS are real, with all tables and the partitions of two months. More are then registered, up to REGISTERED, with a
# schema that has a tracking table and no more: koku_run() looks at the tables of a tenant only when something is due, so
# that its time with them is that with real ones (bench/tenants.sh 1000 1000 takes half an hour and shows it).
source "$(dirname "$0")/lib.sh"
tenants=${1:-200}
registered=${2:-1000}
private_server_settings+='
max_locks_per_transaction = 1024'
private_server_start
describe_machine
bench_sql -c 'CREATE DATABASE bench' && export PGDATABASE=bench
bench_sql -c 'CREATE EXTENSION koku_onprem'

# seconds SQL: how long a statement takes, in a session that has loaded the library.
seconds() {
  bench_sql <<SQL | tail -n 1
LOAD 'koku_onprem';
SET client_min_messages = error;
SELECT clock_timestamp() AS began \\gset
$1;
SELECT round(extract(epoch FROM clock_timestamp() - :'began')::numeric, 3);
SQL
}

# The middle of three.
idle() { for _ in 1 2 3; do seconds "$1"; done | sort -n | sed -n 2p; }

due() { bench_sql -c "SELECT cardinality(koku_internal.upkeep_subjects('partitions', koku_internal.today()))"; }

printf '%s\n' 'tenants|create s|koku_run s|koku_health s'
number=0
for mark in 1 50 "$tenants" $(((registered > tenants) * registered)); do
  [ "$mark" -gt "$number" ] || continue
  if [ "$mark" -le "$tenants" ]; then
    while [ $((number += 1)) -lt "$mark" ]; do bench_sql -c "SET client_min_messages = error; SELECT koku_create_tenant('t$number')" >/dev/null; done
    created=$(seconds "SELECT koku_create_tenant('t$mark')")
    until [ "$(due)" = 0 ]; do bench_sql -c 'SET client_min_messages = error' -c 'CALL koku_run()'; done
  else
    created=
    bench_sql >/dev/null <<SQL
SELECT format('CREATE SCHEMA r%s CREATE TABLE partitioned_tables (LIKE t1.partitioned_tables)', number) FROM generate_series(1, $mark - $tenants) AS number \\gexec
INSERT INTO koku_tenant SELECT 'r' || number FROM generate_series(1, $mark - $tenants) AS number;
INSERT INTO koku_internal.tenant_upkeep SELECT 'r' || number, known.marks, known.partitions_until, known.retention_checked_at, known.raw_removed_before, now()
FROM koku_internal.tenant_upkeep AS known, generate_series(1, $mark - $tenants) AS number WHERE known.tenant = 't1';
INSERT INTO koku_purge SELECT 'r' || number, known.purged_before, now() FROM koku_purge AS known, generate_series(1, $mark - $tenants) AS number WHERE known.tenant = 't1';
SQL
  fi
  bench_sql -c 'UPDATE koku_internal.tenant_upkeep SET looked_at = now()' -c 'VACUUM (ANALYZE) pg_class' -c 'ANALYZE'
  printf '%s\n' "$mark|$created|$(idle 'CALL koku_run()')|$(idle 'SELECT count(*) FROM koku_health()')"
done
bench_sql -c "SELECT count(*) || ' relations' FROM pg_class"

echo "a new month: the next one's partitions, over several runs of koku_run()"
next=$(bench_sql -c "SELECT (date_trunc('month', koku_internal.today()::timestamp) + interval '1 month')::date")
bench_sql -c "DELETE FROM koku_tenant WHERE tenant ~ '^r'"
while :; do
  left=$(bench_sql -c "SELECT cardinality(koku_internal.upkeep_subjects('partitions', '$next'))")
  [ "$left" -gt 0 ] || break
  printf '%s tenants left: %s s\n' "$left" "$(seconds "CALL koku_internal.run_upkeep('partitions', 'infinity', '$next')")"
done
