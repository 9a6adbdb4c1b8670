#!/usr/bin/env bash
# Bytes that a pod takes a day, indexes included: while its raw rows are kept, and after they are removed.
#
#   bench/raw-retention.sh [PODS [DAYS]]    default: 2000 4
source "$(dirname "$0")/lib.sh"
pods=${1:-2000}
days=${2:-4}
private_server_start
describe_machine
bench_sql -c 'CREATE DATABASE bench' && export PGDATABASE=bench
# The days are those of a month that is over, whatever today is.
month=$(date -u -d "$(date -u +%Y-%m-01) - 1 month" +%Y-%m)
bench_sql -c 'CREATE EXTENSION koku_onprem' -c 'ALTER DATABASE bench SET koku_onprem.raw_retention_days = 0'
bench_sql -c "SELECT koku_create_source('bench')" >/dev/null
build_generator
for ((day = 1; day <= days; ++day)); do
  payload=$private_server_directory/files/$day.tar.gz
  "$generate_payload" --cluster-id bench --pods "$pods" --volumes $((pods / 5)) --vms $((pods / 100)) --gpus $((pods / 500)) \
    --date "$month-0$day" --seed "$day" --output "$payload" >/dev/null
  bench_sql -c 'SET client_min_messages = error' -c "SELECT koku_submit_payload(pg_read_binary_file('$payload'))" >/dev/null
  bench_sql -c 'SET client_min_messages = error' -c 'CALL koku_run()'
done

# sizes TITLE: bytes a pod and day by kind of table.
sizes() {
  bench_sql -c 'VACUUM (ANALYZE)'
  echo "$1"
  bench_sql -F ' ' -c "SELECT coalesce(kind, 'all'), round(sum(bytes) / ($pods * $days)::numeric), 'bytes a pod and day'
    FROM (SELECT kind || CASE WHEN kind <> 'raw' THEN '' WHEN table_name ~ '(pod|storage)_usage' THEN ' of pods and volumes' ELSE ' of the rest' END, bytes
          FROM koku_relation_sizes WHERE month = '$month-01') AS listed (kind, bytes)
    GROUP BY ROLLUP (kind) HAVING sum(bytes) > 0 ORDER BY grouping(kind), sum(bytes) DESC"
}

sizes "with raw rows"
bench_sql -c 'ALTER DATABASE bench SET koku_onprem.raw_retention_days = 1'
echo "removed in $({ time -p bench_sql -c 'CALL koku_run()' >/dev/null; } 2>&1 | sed -n 's/^real //p') s"
sizes "raw rows of pods and volumes removed"
bench_sql -c "SELECT count(*) || ' differences' FROM koku_check((SELECT source FROM koku_source), ${month%-*}, ${month#*-})"
