#!/usr/bin/env bash
# Payloads of koku-nise, the reference's own generator: random clusters that nobody here has seen. Each is taken in and
# summarized, and koku_check() finds nothing lost on the way.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"

environment=$build/nise
mkdir -p "$build"
if ! python_environment "$environment" python3 koku-nise >"$build/nise.log" 2>&1; then
  fail_test "koku-nise can be installed" <"$build/nise.log"
  finish
fi
need_server
fresh_database nise
work=$private_server_directory/files

# take_payload NAME FIRST_DAY LAST_DAY: generates, takes in, summarizes and checks the payload of a cluster.
take_payload() {
  local name=$1 directory=$work/$1 manifest
  mkdir -p "$directory"
  (cd "$directory" && "$environment/bin/nise" report ocp --start-date "$2" --end-date "$3" --ocp-cluster-id "$name" \
    --insights-upload "$directory" --daily-reports) >"$directory.log" 2>&1 || { cat "$directory.log"; return 1; }
  # One payload a month that the generator covered.
  for manifest in "$directory/$name"/*/manifest.json; do
    tar --create --gzip --file "$directory.tar.gz" --directory "$(dirname "$manifest")" .
    psql -XAqt -v ON_ERROR_STOP=1 -d nise -v name="$name" -v file="$directory.tar.gz" <<'SQL' || return 1
SET client_min_messages = warning;
SET koku_onprem.retention_months = 0;
SELECT koku_create_source(:'name') WHERE NOT EXISTS (SELECT FROM koku_source WHERE cluster_id = :'name');
SELECT report_type, action, sum(rows_in), sum(rows_loaded), sum(rows_dropped), max(message)
FROM koku_ingest_file(:'file') GROUP BY report_type, action ORDER BY report_type, action;
CALL koku_run();
SQL
  done
}

differences() {
  psql -XAqt -v ON_ERROR_STOP=1 -d nise -c "SELECT source, checked.*
    FROM koku_source, (VALUES (2026, 10), (2026, 11)) month (year, month), koku_check(source, year, month) checked"
}
summary_rows() {
  psql -XAqt -d nise -c "SELECT count(*) FROM koku.reporting_ocpusagelineitem_daily_summary WHERE cluster_id = '$1' AND data_source = 'Pod'"
}

check "a cluster of three days is taken" take_payload nise-one 2026-11-03 2026-11-05
check "a cluster of two months is taken" take_payload nise-two 2026-10-30 2026-11-02
for name in nise-one nise-two; do
  if [ "$(summary_rows $name)" -gt 0 ]; then pass "$name has a summary"; else fail_test "$name has a summary" </dev/null; fi
done
found=$(differences 2>&1) || found="koku_check failed: $found"
if [ -z "$found" ]; then pass "koku_check finds no difference"; else fail_test "koku_check finds no difference" <<<"$found"; fi
finish
