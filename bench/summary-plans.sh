#!/usr/bin/env bash
# Shows how the statements of a summary are carried out at a large cluster: one line for each join, with the rows that
# came in and out. bench/summary-plans.sh [PODS] [HOURS]
#
#   PODS    pods of the cluster (default: 100000)
#   HOURS   hours of the day that are reported (default: 2; the joins read daily rows, whose number is that of the pods)
#
# Exit code 1: a join compared more pairs of rows than BENCH_MOST_PAIRS (default: 10 million), which is what a nested loop
# over two large inputs does.
source "$(dirname "$0")/lib.sh"

pods=${1:-100000}
hours=${2:-2}

private_server_start
build_generator
payload=$private_server_directory/files/payload.tar.gz
say "writing a payload of $((pods * hours)) pod rows"
"$generate_payload" --pods "$pods" --hours "$hours" --volumes $((pods / 5)) --vms $((pods / 100)) --gpus $((pods / 500)) \
  --output "$payload" >/dev/null

bench_sql -c 'CREATE DATABASE bench' -c 'ALTER DATABASE bench SET koku_onprem.retention_months = 0'
export PGDATABASE=bench
say "taking it in"
bench_sql >/dev/null <<SQL
CREATE EXTENSION koku_onprem;
SET client_min_messages = error;
SELECT koku_create_source('sample-cluster');
SELECT koku_enable_tags(ARRAY['app', 'environment', 'team']);
SELECT koku_map_tags('environment', ARRAY['team']);
SELECT count(*) FROM koku_ingest_file('$payload');
SQL

say "summarizing it"
plans=$private_server_directory/plans
psql -XAqt -v ON_ERROR_STOP=1 >/dev/null 2>"$plans" <<'SQL'
\set SHOW_CONTEXT always
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_nested_statements = on;
SET auto_explain.log_analyze = on;
SET auto_explain.log_timing = off;
SET auto_explain.log_format = json;
SET client_min_messages = log;
SELECT koku_summarize(source, first_day, last_day) FROM koku_summary_request;
SQL
describe_machine
python3 -B "$(dirname "$0")/summary_plans.py" "$plans" "${BENCH_MOST_PAIRS:-10000000}"
