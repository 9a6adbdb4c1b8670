#!/usr/bin/env bash
# Takes a day of a large cluster through koku_ingest_file into a fresh tenant, and says how fast that was and how much
# memory the backend needed. bench/ingest.sh [PODS]
#
#   PODS    pods of the cluster, one row an hour each (41667: a million rows a day)
#
# Exit code 1: slower than 40,000 raw rows a second, or 200 MB of the backend's own memory and more.
source "$(dirname "$0")/lib.sh"

pods=${1:-41667}
least_rows_per_second=40000
most_megabytes=200

private_server_start
build_generator
payload=$private_server_directory/files/payload.tar.gz
say "writing a payload of $((pods * 24)) pod rows"
"$generate_payload" --pods "$pods" --volumes $((pods / 5)) --vms $((pods / 100)) --gpus $((pods / 500)) --output "$payload" >/dev/null

bench_sql -c 'CREATE DATABASE bench'
export PGDATABASE=bench
bench_sql >/dev/null <<'SQL'
CREATE EXTENSION koku_onprem;
SET koku_onprem.retention_months = 0;
SELECT koku_create_source('sample-cluster');
SQL
bench_sql -c 'ALTER DATABASE bench SET koku_onprem.retention_months = 0'

say "taking it in"
measure "SELECT sum(rows_in), sum(rows_loaded), sum(rows_in) FILTER (WHERE report_type = 'pod_usage') FROM koku_ingest_file('$payload');"
IFS='|' read -r rows loaded pod_rows <<<"$measured_output"
rows_per_second=$(awk -v rows="$rows" -v seconds="$measured_seconds" 'BEGIN { printf "%d", rows / seconds }')

verdict() { if [ "$1" = 1 ]; then echo met; else echo MISSED; fi; }
fast_enough=$((rows_per_second >= least_rows_per_second))
small_enough=$((measured_peak_mb < most_megabytes))

describe_machine
cat <<END
payload               $(megabytes "$payload") MB compressed
raw rows              $rows ($pod_rows of pods), $loaded loaded
seconds               $measured_seconds
raw rows a second     $rows_per_second (at least $least_rows_per_second: $(verdict $fast_enough))
backend's own memory  $measured_peak_mb MB (less than $most_megabytes: $(verdict $small_enough))
WAL                   $measured_wal_mb MB
END
[ "$fast_enough" = 1 ] && [ "$small_enough" = 1 ]
