#!/usr/bin/env bash
# A streaming standby: it serves all that reads, refuses what writes, its reads outlive the retention, and after its promotion
# nothing is lost that was confirmed.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
source "$(dirname "$0")/../servers.sh"
private_server_settings="fsync = off
shared_buffers = 256MB
max_wal_size = 4GB"
need_servers
primary=$PGHOST

KOKU_SAMPLE_PAYLOAD=$private_server_directory/files/payload.tar.gz
export KOKU_SAMPLE_PAYLOAD
sample_payload "$KOKU_SAMPLE_PAYLOAD" --date 2026-11-01
cd "$project"
files=(docs/dashboards.md docs/costs.md docs/report.md docs/operations.md)
log=$build/logs/standby-examples.log
python3 -B test/checks/documentation.py "${files[@]}" >"$log" 2>&1 || cat "$log"

copied_server standby "hot_standby_feedback = on
max_standby_streaming_delay = 1s
wal_receiver_status_interval = 1s"
standby=$(server_socket standby)

on() { PGHOST=$1 psql -XAqt -v ON_ERROR_STOP=1 -d "$2" "${@:3}"; }

# The standby has all that the primary has written so far.
caught_up() {
  local position attempt
  position=$(on "$primary" postgres -c 'SELECT pg_current_wal_insert_lsn()')
  for attempt in {1..300}; do
    [ "$(on "$standby" postgres -c "SELECT pg_last_wal_replay_lsn() >= '$position'")" != t ] || return 0
    sleep 0.1
  done
  echo "the standby did not come to $position within $((attempt / 10)) s"
  return 1
}
check "the standby follows" caught_up
check "it is one" [ "$(on "$standby" postgres -c 'SELECT pg_is_in_recovery()')" = t ]

# What reads

reads=$build/logs/standby-reads.log
python3 -B test/checks/standby_reads.py "$primary" "$standby" "${files[@]}" 2>&1 | tee "$reads" | head -n -1
add_counts "$reads" || fail_test "the documentation's queries ended early" </dev/null

source_uuid=00000000-0000-0000-0000-000000000001
model='{"name": "What if", "currency": "USD", "rates": [{"metric": {"name": "cpu_core_effective_usage_per_hour"}, "tiered_rates": [{"value": 0.03}]}]}'
# The functions that read, each with a call; those of which two calls differ are looked at in another way.
declare -A reads_by_function=(
  [koku_check]="SELECT count(*) FROM koku_check('$source_uuid', 2026, 11)"
  [koku_check_costs]="SELECT count(*) FROM koku_check_costs('$source_uuid', 2026, 11)"
  [koku_check_tenant]="SELECT * FROM koku_check_tenant('koku')"
  [koku_focus]="SELECT count(*), sum(\"BilledCost\") FROM koku_focus('koku', '2026-11-01', '2026-11-30')"
  [koku_health]="SELECT count(*), bool_or(detail LIKE 'the check itself failed%') FROM koku_health()"
  [koku_inbox_backlog]="SELECT payloads, bytes FROM koku_inbox_backlog()"
  [koku_export_tenant]="SELECT koku_export_tenant('koku')->'tables'"
  [koku_purge_expired]="SELECT relation, month, action, rows FROM koku_purge_expired('koku', '2027-06-01', dry_run => true)"
  [koku_report]="SELECT length(page) > 10000, page LIKE '%payments-prod%', page LIKE '%</html>%' FROM koku_report('koku', '2026-11-01', '2026-11-30') AS page"
  [koku_report_columns]="SELECT count(*) FROM koku_report_columns()"
  [koku_tenant_place]="SELECT koku_tenant_place('koku'), koku_tenant_place('nowhere')"
  [koku_tenant_sources]="SELECT * FROM koku_tenant_sources('koku')"
)
# same_answer STATEMENT: and it is one, and not an empty one.
same_answer() {
  local expected actual
  expected=$(on "$primary" docs_costs_md -c "$1" 2>&1) || { echo "primary: $expected"; return 1; }
  actual=$(on "$standby" docs_costs_md -c "$1" 2>&1) || { echo "standby: $actual"; return 1; }
  [ "$actual" = "$expected" ] || { printf 'primary: %s\nstandby: %s\n' "$expected" "$actual"; return 1; }
}
for function in $(printf '%s\n' "${!reads_by_function[@]}" | sort); do
  check "$function() on the standby" same_answer "${reads_by_function[$function]}"
done

# A function that is added later and only reads has to be called here, too.
no_reading_function_is_forgotten() {
  local function forgotten=
  for function in $(on "$primary" docs_costs_md -c "
      SELECT DISTINCT proname FROM pg_proc JOIN pg_depend ON objid = pg_proc.oid AND pg_depend.deptype = 'e'
      WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'koku\_%' AND proname NOT LIKE 'koku\_internal\_%'
        AND provolatile <> 'v' AND prokind = 'f' AND prorettype <> 'trigger'::regtype"); do
    [ -n "${reads_by_function[$function]+x}" ] || forgotten+=" $function"
  done
  [ -z "$forgotten" ] || { echo "not called by this test:$forgotten"; return 1; }
}
check "every function that only reads was called" no_reading_function_is_forgotten
for view in $(on "$primary" docs_costs_md -c "SELECT viewname FROM pg_views WHERE schemaname = 'public' AND viewname ~ '^(koku|reporting)_' ORDER BY 1"); do
  check "the view $view on the standby" same_answer "SELECT count(*) FROM $view"
done

# What writes

refused() {
  local output
  if output=$(on "$standby" docs_costs_md -v VERBOSITY=verbose -c "$1" 2>&1); then echo "it went well: $output"; return 1; fi
  [[ $output == *25006* ]] || { printf '%s\n' "$output"; return 1; }
}
check "koku_run() is refused" refused 'CALL koku_run()'
check "koku_submit_payload() is refused" refused "SELECT koku_submit_payload('\\x00')"
check "koku_ingest_file() is refused" refused "SELECT * FROM koku_ingest_file('$KOKU_SAMPLE_PAYLOAD')"
check "koku_submit_payload() for a tenant is refused" refused "SELECT koku_submit_payload('\\x00', tenant => 'koku')"
check "koku_preview_costs() is refused, which computes and takes back" \
  refused "SELECT * FROM koku_preview_costs('$source_uuid', '$model', '2026-11-01', '2026-11-30')"
check "koku_summarize() is refused" refused "SELECT koku_summarize('$source_uuid', 2026, 11)"
check "koku_create_source() is refused" refused "SELECT koku_create_source('another')"
check "koku_create_tenant() is refused" refused "SELECT koku_create_tenant('another')"
check "koku_purge_expired() is refused" refused "SELECT * FROM koku_purge_expired('koku', '2027-06-01')"

# The retention and a long read

# begin_read DATABASE: a read on the standby begins; between its two statements it waits for a lock that another session has.
begin_read() {
  mkfifo "$private_server_directory/gate"
  PGHOST=$standby psql -XAqt -d "$1" <"$private_server_directory/gate" >/dev/null 2>&1 &
  gate_process=$!
  exec {gate}>"$private_server_directory/gate"
  echo 'SELECT pg_advisory_lock(7);' >&"$gate"
  wait_for_locks true
  # It must not keep the gate open, whose end lets it go on.
  on "$standby" "$1" -v VERBOSITY=verbose -c "BEGIN" -c "SELECT count(*) FROM koku.reporting_ocp_pod_summary_by_project_p WHERE usage_start = '2026-11-01'" \
    -c "SELECT pg_advisory_xact_lock(7)" \
    -c "SELECT 'read to its end', count(*) > 0 FROM koku.reporting_ocp_pod_summary_by_project_p WHERE usage_start = '2026-11-01'" \
    >"$private_server_directory/read" 2>&1 {gate}>&- &
  read_process=$!
  wait_for_locks false
  # The primary knows by now which rows it needs.
  local oldest
  oldest=$(on "$standby" postgres -c "SELECT backend_xmin FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = '$1'")
  for _ in {1..300}; do
    [ "$(on "$primary" postgres -c "SELECT backend_xmin::text::bigint <= $oldest FROM pg_stat_replication")" != t ] || return 0
    sleep 0.1
  done
  fail "the standby does not tell what it reads"
}
# wait_for_locks GRANTED
wait_for_locks() {
  for _ in {1..300}; do
    [ "$(on "$standby" postgres -c "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND granted = $1")" = 0 ] || return 0
    sleep 0.1
  done
  fail "the read did not begin"
}
# end_read: lets it go on and waits for its end.
end_read() {
  exec {gate}>&-
  wait "$gate_process" || true
  wait "$read_process" || true
  rm "$private_server_directory/gate"
}
# is_cancelled: the read ends although nobody lets it go on.
is_cancelled() {
  for _ in {1..300}; do
    ! grep -qF "conflict with recovery" "$private_server_directory/read" || return 0
    sleep 0.1
  done
  cat "$private_server_directory/read"
  return 1
}
came_to_its_end() { grep -F 'read to its end|t' "$private_server_directory/read" || { cat "$private_server_directory/read"; return 1; }; }
# purge DATABASE HOUR: koku_run() as of a day by which November is past, with koku_onprem.retention_hour.
purge() {
  on "$primary" "$1" -c "LOAD 'koku_onprem'" -c "SET koku_onprem.retention_hour = $2" -c "SET client_min_messages = error" \
    -c "CALL koku_internal.run(koku_internal.deadline(NULL), '2027-06-01')"
}
november_partitions() {
  on "$1" "$2" -c "SELECT count(*) FROM pg_class WHERE relname = 'reporting_ocp_pod_summary_by_project_p_2026_11'"
}
another_hour=$(on "$primary" postgres -c "SELECT (extract(hour FROM clock_timestamp() AT TIME ZONE 'UTC')::integer + 12) % 24")
for database in docs_dashboards_md docs_costs_md; do
  on "$primary" "$database" -c "SELECT koku_set_retention(3, 'koku')"
  purge "$database" "$another_hour"
done
caught_up

begin_read docs_dashboards_md
purge docs_dashboards_md "$another_hour"
check "outside its hour the retention drops nothing" [ "$(november_partitions "$primary" docs_dashboards_md)" = 1 ]
check "the standby follows" caught_up
end_read
check "and a read on the standby comes to its end" came_to_its_end

begin_read docs_dashboards_md
purge docs_dashboards_md -1
check "at any hour it drops what is past" [ "$(november_partitions "$primary" docs_dashboards_md)" = 0 ]
check "which cancels a read that max_standby_streaming_delay does not cover" is_cancelled
end_read
check "the standby goes on" caught_up

PGHOST=$standby psql -XAqt -c "ALTER SYSTEM SET max_standby_streaming_delay = -1" -c "SELECT pg_reload_conf()" >/dev/null
begin_read docs_costs_md
purge docs_costs_md -1
check "the standby keeps what a read needs, with max_standby_streaming_delay = -1" [ "$(november_partitions "$standby" docs_costs_md)" = 1 ]
end_read
check "and the read comes to its end" came_to_its_end
check "then the standby catches up" caught_up
check "and has dropped it, too" [ "$(november_partitions "$standby" docs_costs_md)" = 0 ]

# Promotion

fresh_database promoted
on "$primary" promoted -c "SELECT koku_create_source('sample-cluster', source => '$source_uuid')" >/dev/null
on "$primary" postgres -c "ALTER SYSTEM SET synchronous_standby_names = '*'" -c "SELECT pg_reload_conf()" >/dev/null
for _ in {1..100}; do
  [ "$(on "$primary" postgres -c "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")" = 0 ] || break
  sleep 0.1
done
on "$primary" promoted -c "SELECT koku_submit_payload(pg_read_binary_file('$KOKU_SAMPLE_PAYLOAD'), 'confirmed')" >/dev/null
kill -QUIT "$private_server_process"
wait "$private_server_process" 2>/dev/null || true
private_server_process=

either_server="host=$primary,$standby dbname=promoted user=postgres target_session_attrs=read-write connect_timeout=5"
no_writer() { ! psql -XAqt -d "$either_server" -c 'SELECT 1'; }
check "without a primary nobody writes" no_writer
check "the standby is promoted" [ "$(on "$standby" postgres -c 'SELECT pg_promote()')" = t ]
check "a client that names both servers finds the one that writes" \
  [ "$(psql -XAqt -d "$either_server" -c 'SELECT pg_is_in_recovery()')" = f ]
check "the payload that was confirmed is there" \
  [ "$(psql -XAqt -d "$either_server" -c "SELECT request_id, status FROM koku_inbox_status")" = 'confirmed|waiting' ]
psql -XAqt -d "$either_server" -c 'SET client_min_messages = error' -c "LOAD 'koku_onprem'" -c 'SET koku_onprem.retention_months = 0' -c 'CALL koku_run()'
check "and koku_run() takes it in" \
  [ "$(psql -XAqt -d "$either_server" -c "SELECT status FROM koku_inbox_status")" = "done" ]
check "with all its rows" \
  [ "$(psql -XAqt -d "$either_server" -c "SELECT count(*) FILTER (WHERE status = 'done'), count(*) FROM koku_report_files")" = '6|6' ]
check "and koku_check() finds no difference" \
  [ "$(psql -XAqt -d "$either_server" -c "SELECT count(*) FROM koku_check('$source_uuid', 2026, 11)")" = 0 ]
finish
