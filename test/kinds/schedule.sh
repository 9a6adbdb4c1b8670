#!/usr/bin/env bash
# koku_schedule() with the real pg_cron: a submitted payload ends in the summary without another command. Takes a minute,
# since pg_cron begins a job at the full minute.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"

if [ ! -e "$("$pg_config" --pkglibdir)/pg_cron.so" ]; then
  fail_test "no pg_cron for $("$pg_config" --version); on Debian: postgresql-$postgres_version-cron" </dev/null
  finish
fi
# Jobs in background workers need no connection, and so no address to listen on.
private_server_settings="fsync = off
shared_preload_libraries = 'pg_cron'
cron.database_name = 'scheduled'
cron.use_background_workers = on
koku_onprem.retention_months = 0"
need_server
fresh_database scheduled
fresh_database elsewhere

sql() { psql -XAqt -v ON_ERROR_STOP=1 -d "${database:-scheduled}" "$@"; }

# raises SQLSTATE TEXT STATEMENT: the statement fails with this SQLSTATE, and TEXT is in its message or hint.
raises() {
  local output
  if output=$(sql -v VERBOSITY=verbose -c "$3" 2>&1); then echo "it went well: $output"; return 1; fi
  if [[ $output != *"$1"* || $output != *"$2"* ]]; then printf '%s\n' "$output"; return 1; fi
}

# is EXPECTED STATEMENT
is() {
  local actual
  actual=$(sql -c "$2")
  [ "$actual" = "$1" ] || { printf 'expected: %s\ngot:      %s\n' "$1" "$actual"; return 1; }
}

check "without the extension pg_cron: a hint to create it" raises 55000 'CREATE EXTENSION pg_cron' 'SELECT koku_schedule()'
database=elsewhere check "in another database: the call to make there" \
  raises 55000 "cron.schedule_in_database('koku_onprem', '* * * * *', 'CALL public.koku_run(NULL::pg_catalog.int4)', 'elsewhere')" 'SELECT koku_schedule()'
sql -c 'CREATE EXTENSION pg_cron'
check "nothing to unschedule" is f 'SELECT koku_unschedule()'
check "a schedule that is none" raises 22023 'invalid schedule' "SELECT koku_schedule('now and then')"
sql -c "SELECT koku_schedule('0 3 * * *')" >/dev/null
sql -c 'SELECT koku_schedule()' >/dev/null
check "scheduling again changes the one job" is 'koku_onprem|* * * * *|CALL public.koku_run(NULL::pg_catalog.int4)|scheduled|postgres|t' \
  'SELECT jobname, schedule, command, database, username, active FROM cron.job'

payload=$private_server_directory/files/payload.tar.gz
sample_payload "$payload" --date 2026-11-01
sql -c "SELECT koku_create_source('sample-cluster')" \
  -c "SELECT koku_submit_payload(pg_read_binary_file('$payload'))" >/dev/null

summarized() {
  local attempt
  for attempt in {1..180}; do
    [ "$(sql -c 'SELECT count(*) FROM koku_manifests WHERE state = '"'summarized'")" = 0 ] || return 0
    sleep 0.5
  done
  echo "not summarized after $((attempt / 2)) seconds"
  sql -c 'SELECT status, return_message FROM cron.job_run_details' -c 'SELECT * FROM koku_run_step' -c 'SELECT * FROM koku_inbox_status'
  return 1
}
check "a submitted payload is summarized by itself" summarized
check "its rows are there" is t 'SELECT count(*) > 0 FROM koku.reporting_ocpusagelineitem_daily_summary'
check "the payload is done, in one attempt" is 'done|1' 'SELECT status, attempts FROM koku_inbox_status'
check "koku_health() knows that the scheduler runs" is ok "SELECT status FROM koku_health() WHERE check_name = 'scheduler'"
sql -c "SELECT koku_schedule_report('koku', '0 3 * * *', 'team')" -c "SELECT koku_schedule_report('koku', label => 'team')" >/dev/null
check "scheduling a report again changes its one job" is 'koku_onprem report ["koku", "team"]|30 5 * * *' \
  "SELECT jobname, schedule FROM cron.job WHERE jobname <> 'koku_onprem'"
sql -c "$(sql -c "SELECT command FROM cron.job WHERE jobname <> 'koku_onprem'")" >/dev/null
check "what the job does keeps a report" is 'koku|team|t' "SELECT tenant, label, html LIKE '<!DOCTYPE html>%' FROM koku_saved_report"
check "the report is unscheduled" is t "SELECT koku_unschedule_report('koku', 'team')"
check "unscheduled" is t 'SELECT koku_unschedule()'
check "no job is left" is 0 'SELECT count(*) FROM cron.job'
finish
