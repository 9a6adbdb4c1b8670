#!/usr/bin/env bash
# Tenants on three servers: moved online under load by scripts/move-tenant.sh, which is killed at each of its steps, as are
# servers; nothing is lost, nothing there twice, and one server has a tenant.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
source "$(dirname "$0")/../servers.sh"
if [ "$postgres_version" -lt 15 ]; then
  printf 'NOT RUN: PostgreSQL %s cannot publish a schema\n' "$postgres_version"
  exit
fi
private_server_settings="fsync = off
shared_buffers = 128MB
wal_level = logical
koku_onprem.retention_months = 0
koku_onprem.server_number = 1"
need_servers
new_server two "koku_onprem.server_number = 2"
new_server three "koku_onprem.server_number = 3"
declare -A host=([1]=$PGHOST [2]=$(server_socket two) [3]=$(server_socket three))

on() { PGHOST=${host[$1]} psql -XAqt -v ON_ERROR_STOP=1 -d costs "${@:2}"; }
conninfo() { printf 'host=%s port=5432 user=postgres dbname=costs' "${host[$1]}"; }

tenants=(t1 t2 t3 t4 t5 t6 t7 t8)
days=(2026-10-30 2026-10-31 2026-11-01 2026-11-02)
work=$private_server_directory/files
chmod 777 "$work"
build_generator
say "payloads of ${#tenants[@]} tenants"
for number in 1 2 3; do PGHOST=${host[$number]} fresh_database costs; done
for tenant in "${tenants[@]}"; do
  on 1 -c "SELECT koku_create_source('cluster-$tenant', tenant => '$tenant')" >/dev/null
  for day in "${days[@]}"; do
    "$generate_payload" --cluster-id "cluster-$tenant" --pods 30 --nodes 3 --namespaces 4 --volumes 6 --vms 1 --gpus 1 --date "$day" \
      --output "$work/$tenant-$day.tar.gz" >/dev/null
  done
  # What is there before the moves begin; the other days are delivered while tenants move.
  on 1 -c "SELECT koku_submit_payload(pg_read_binary_file('$work/$tenant-${days[0]}.tar.gz'), '$tenant-${days[0]}', '$tenant')" >/dev/null
done
on 1 -c "SET client_min_messages = error" -c 'CALL koku_run()'
chmod 644 "$work"/*.tar.gz

server_numbers() {
  local number
  for number in 1 2 3; do
    on "$number" -c 'CALL koku_run()'
    # shellcheck disable=SC2086 # digits
    [ "$(on "$number" -c "SELECT status FROM koku_health() WHERE check_name = 'servers'")" = ok ] || { on "$number" -c 'TABLE koku_health()'; return 1; }
    [ "$(on "$number" -c "SELECT min(next_id) / 1000000000000 FROM koku_internal.server_sequences()")" = "$number" ] || return 1
  done
}
check "each server gives out numbers of its own" server_numbers

# Load: a sender that delivers every payload to where it last found the tenant, follows what the server says, and keeps at it
# until the payload is confirmed; and a scheduler for each server.

# deliver TENANT DAY: notes the server that confirmed it.
deliver() {
  local payload=$work/$1-$2.tar.gz answer number
  for _ in {1..600}; do
    number=$(cat "$work/$1.server" 2>/dev/null || echo 1)
    if answer=$(on "$number" -c "SELECT koku_submit_payload(pg_read_binary_file('$payload'), '$1-$2', '$1')" 2>&1); then
      printf '%s %s %s\n' "$1" "$2" "$number" >>"$work/confirmed"
      return
    fi
    if [[ $answer =~ has\ moved\ to\ server\ ([0-9]) ]]; then
      printf '%s' "${BASH_REMATCH[1]}" >"$work/$1.server"
    else
      printf '%s\n' "$answer" >>"$work/refused"
      sleep 0.1
    fi
  done
  printf 'gave up: %s %s\n' "$1" "$2" >>"$work/lost"
}
schedule() {
  while [ -d "$work" ] && [ ! -e "$work/stop" ]; do
    on "$1" -c 'SET client_min_messages = error' -c 'CALL koku_run(2)' >>"$work/runs-$1" 2>&1 || true
    sleep 0.3
  done
}
schedulers=()
for number in 1 2 3; do
  schedule "$number" &
  schedulers+=($!)
done
# deliver_days TENANT: the rest of its days, one a second or so, the first two at once a second time.
deliver_days() {
  local day
  for day in "${days[@]}"; do
    deliver "$1" "$day"
    sleep 0.7
  done
}

move() { "$project/scripts/move-tenant.sh" "$1" "$(conninfo "$2")" "$(conninfo "$3")"; }

# moved_under_load TENANT FROM TO: while all its days are delivered.
moved_under_load() {
  deliver_days "$1" &
  local sender=$!
  move "$1" "$2" "$3" 2>"$work/move-$1" || { cat "$work/move-$1"; return 1; }
  wait "$sender"
}

# killed_at STEP TENANT FROM TO: the script is killed with all it has started when it says STEP; then run again.
killed_at() {
  local step=$1 tenant=$2 sender script
  deliver_days "$tenant" &
  sender=$!
  : >"$work/move-$tenant"
  setsid "$project/scripts/move-tenant.sh" "$tenant" "$(conninfo "$3")" "$(conninfo "$4")" 2>>"$work/move-$tenant" &
  script=$!
  for _ in {1..3000}; do
    ! grep -q "== $step" "$work/move-$tenant" || break
    kill -0 "$script" 2>/dev/null || break
    sleep 0.02
  done
  grep -q "== $step" "$work/move-$tenant" || { echo "it never came to '$step'"; cat "$work/move-$tenant"; return 1; }
  kill -KILL -- "-$script" 2>/dev/null || true
  wait "$script" 2>/dev/null || true
  one_has_it "$tenant" "$3" "$4" || return 1
  move "$tenant" "$3" "$4" 2>>"$work/move-$tenant" || { cat "$work/move-$tenant"; return 1; }
  wait "$sender"
}

# one_has_it TENANT SERVER SERVER: of the servers, exactly one has the tenant's rows and works for it, or is about to again.
one_has_it() {
  local having
  # Transactions of the killed script end when the servers notice.
  for _ in {1..100}; do
    having=0
    for number in "$2" "$3"; do
      having=$((having + $(on "$number" -c "SELECT count(*) FROM koku_tenant AS tenant LEFT JOIN koku_tenant_move AS move USING (tenant)
        WHERE tenant = '$1' AND (move.state IS NULL OR move.state IN ('copying', 'arrived'))")))
    done
    [ "$having" != 1 ] || return 0
    # Between the pause and the arrival the old server has it, and takes nothing.
    if [ "$having" = 0 ] && [ "$(on "$2" -c "SELECT state FROM koku_tenant_move JOIN koku_tenant USING (tenant) WHERE tenant = '$1'")" = moving ]; then
      return 0
    fi
    sleep 0.1
  done
  echo "$having servers work for $1"
  return 1
}

# is_whole TENANT SERVER: it is there and nowhere else, with each payload once.
is_whole() {
  local source number found
  for number in 1 2 3; do
    found=$(on "$number" -c "SELECT count(*) FROM koku_tenant WHERE tenant = '$1'")
    [ "$found" = $((number == $2)) ] || { echo "server $number has it: $found"; return 1; }
    [ "$number" = "$2" ] || [ "$(on "$number" -c "SELECT to_regnamespace('$1') IS NULL")" = t ] || { echo "server $number has its schema"; return 1; }
    found=$(on "$number" -c "SELECT (SELECT count(*) FROM pg_subscription WHERE subname = koku_internal.move_name('$1')),
      (SELECT count(*) FROM pg_replication_slots WHERE slot_name = koku_internal.move_name('$1')),
      (SELECT count(*) FROM pg_publication WHERE pubname = koku_internal.move_name('$1'))")
    [ "$found" = '0|0|0' ] || { echo "server $number keeps subscriptions, slots, publications: $found"; return 1; }
  done
  source=$(on "$2" -c "SELECT source FROM koku_source WHERE tenant = '$1' AND NOT paused")
  # What the scheduler works on, another run passes over.
  for _ in {1..300}; do
    [ "$(on "$2" -c "SELECT (SELECT count(*) FROM koku_inbox WHERE tenant = '$1' AND status <> 'done')
      + (SELECT count(*) FROM koku_manifests WHERE source = '$source' AND state <> 'summarized')")" != 0 ] || break
    sleep 0.2
  done
  is "${#days[@]}|t" "$2" "SELECT count(*), bool_and(state = 'summarized') FROM koku_manifests WHERE source = '$source'" || return 1
  is t "$2" "SELECT (SELECT sum(rows_loaded) FROM koku_report_files WHERE source = '$source' AND report_type = 'pod_usage')
    = (SELECT count(*) FROM $1.openshift_pod_usage_line_items) AND (SELECT count(DISTINCT usage_start) FROM $1.openshift_pod_usage_line_items) = ${#days[@]}" || return 1
  is 0 "$2" "SELECT count(*) FROM generate_series(10, 11) AS month, LATERAL koku_check('$source', 2026, month)" || return 1
  is 0 "$2" "SELECT count(*) FROM koku_check_tenant('$1')" || return 1
}
# is EXPECTED SERVER STATEMENT
is() {
  local actual
  actual=$(on "$2" -c "$3")
  [ "$actual" = "$1" ] || { printf 'expected: %s\ngot:      %s\nof:       %s\n' "$1" "$actual" "$3"; return 1; }
}

check "t1 moves from 1 to 2 under load" moved_under_load t1 1 2
grep -h 'paused for' "$work/move-t1" || true
check "t1 is whole there" is_whole t1 2
check "killed while it copies, t2 moves by the second run" killed_at copying t2 1 2
check "t2 is whole" is_whole t2 2
check "killed while it waits for the copy, t3 moves by the second run" killed_at waiting t3 1 2
check "t3 is whole" is_whole t3 2
check "killed when the sources are paused, t4 moves by the second run" killed_at pausing t4 1 3
check "t4 is whole" is_whole t4 3
check "killed while it hands over, t5 moves by the second run" killed_at handing t5 1 3
check "t5 is whole" is_whole t5 3
check "killed while it removes, t6 moves by the second run" killed_at removing t6 1 3
check "t6 is whole" is_whole t6 3

# A server that fails

deliver_days t7 &
sender=$!
setsid "$project/scripts/move-tenant.sh" t7 "$(conninfo 1)" "$(conninfo 2)" 2>"$work/move-t7" &
script=$!
for _ in {1..3000}; do
  ! grep -q '== waiting' "$work/move-t7" || break
  sleep 0.02
done
stop_server two QUIT
wait "$script" && moved_without_target=1 || moved_without_target=0
check "without the other server the move fails" [ "$moved_without_target" = 0 ]
check "and the tenant works where it was" [ "$(on 1 -c "SELECT koku_internal.require_here('t7')" && echo here)" = $'\nhere' ]
start_server two
check "when it is back, t7 moves by the second run" move t7 1 2
wait "$sender"
check "t7 is whole" is_whole t7 2

# Back, and not at all

only_copied() { "$project/scripts/move-tenant.sh" --only-copy t8 "$(conninfo 1)" "$(conninfo 2)"; }
cancelled() { "$project/scripts/move-tenant.sh" --cancel t8 "$(conninfo 1)" "$(conninfo 2)"; }
check "a copy follows without a move" only_copied
check "and can be given up" cancelled
deliver_days t8
check "t8 is whole where it was" is_whole t8 1
check "t1 moves on from 2 to 3" move t1 2 3
check "and back to 1" move t1 3 1
check "t1 is whole there" is_whole t1 1

# Reading across servers

on 1 -c 'CREATE EXTENSION postgres_fdw'
attached() {
  local server
  for server in 2 3; do
    on 1 -c "SELECT koku_attach_server('server$server', '$(conninfo "$server")')" || return 1
  done
}
check "two servers are attached" attached
check "and again, which changes nothing" attached
check "all tenants are in one view" is 't1,t2,t3,t4,t5,t6,t7,t8' 1 \
  "SELECT string_agg(DISTINCT tenant::text, ',' ORDER BY tenant::text) FROM koku_all.reporting_ocp_pod_summary_by_project_p WHERE usage_start = '2026-11-01'"
same_sums() {
  local sum=0 tenant number
  for tenant in "${tenants[@]}"; do
    for number in 1 2 3; do
      [ "$(on "$number" -c "SELECT count(*) FROM koku_tenant WHERE tenant = '$tenant'")" = 1 ] || continue
      sum="$sum + $(on "$number" -c "SELECT sum(pod_usage_cpu_core_hours) FROM $tenant.reporting_ocp_pod_summary_p")"
    done
  done
  is t 1 "SELECT sum(pod_usage_cpu_core_hours) = $sum FROM koku_all.reporting_ocp_pod_summary_p" || return 1
  is t 1 "SELECT sum(used_core_hours) = $sum FROM koku_all.koku_months"
}
check "with the sums of their servers" same_sums
plan_has() {
  local plan
  plan=$(on 1 -c "EXPLAIN (VERBOSE, COSTS OFF) $2")
  [ "$(grep -cF "$1" <<<"$plan")" -ge "$3" ] || { printf '%s\n' "$plan"; return 1; }
}
check "servers work at the same time" plan_has 'Async Foreign Scan' "SELECT * FROM koku_all.reporting_ocp_pod_summary_p WHERE usage_start = '2026-11-01'" 6
check "and filter themselves" plan_has "Remote SQL: SELECT" "SELECT * FROM koku_all.reporting_ocp_pod_summary_p WHERE usage_start = '2026-11-01'" 6
check "with the day in what they are asked" plan_has "WHERE ((usage_start = '2026-11-01'" "SELECT * FROM koku_all.reporting_ocp_pod_summary_p WHERE usage_start = '2026-11-01'" 6
check "sums of days are theirs" plan_has 'Relations: Aggregate on' "SELECT * FROM koku_all.koku_months" 6
stop_server three
server_down() {
  local output
  if output=$(on 1 -v VERBOSITY=verbose -c 'SELECT count(*) FROM koku_all.reporting_ocp_pod_summary_p' 2>&1); then echo "it went well: $output"; return 1; fi
  grep -F 'could not connect to server "koku_server3"' <<<"$output" && grep 08001 <<<"$output"
}
check "a server that is down is named" server_down
check "tenants of this server can be read" is t 1 "SELECT count(*) > 0 FROM t1.reporting_ocp_pod_summary_p"
check "and of the other" is t 1 "SELECT count(*) > 0 FROM \"t2@server2\".reporting_ocp_pod_summary_p"
start_server three
check "when it is back, it answers" is t 1 "SELECT count(*) > 0 FROM koku_all.reporting_ocp_pod_summary_p"
on 1 -c "SELECT koku_detach_server('server3')" >/dev/null
check "a server is detached" is 't1,t2,t3,t7,t8' 1 \
  "SELECT string_agg(DISTINCT tenant::text, ',' ORDER BY tenant::text) FROM koku_all.reporting_ocp_pod_summary_by_project_p WHERE usage_start = '2026-11-01'"

# refused SQLSTATE TEXT SERVER STATEMENT
refused() {
  local output
  if output=$(on "$3" -v VERBOSITY=verbose -c "$4" 2>&1); then echo "it went well: $output"; return 1; fi
  [[ $output == *"$1"* && $output == *"$2"* ]] || { printf '%s\n' "$output"; return 1; }
}
check "the old server names the new one" refused 55000 'has moved to server 3' 1 "SELECT koku_submit_payload('\\x00', tenant => 't4')"
check "and makes no tenant of that name anew" refused 55000 'has moved to server 3' 1 "SELECT koku_create_source('another', tenant => 't4')"
check "a tenant is adopted once" refused 42710 'already exists' 3 "SELECT koku_adopt_tenant(koku_export_tenant('t4'))"
two_of_one_number() { ! move t4 3 3; }
check "servers of one number share no tenants" two_of_one_number

touch "$work/stop"
wait "${schedulers[@]}"
all_confirmed() {
  [ ! -e "$work/lost" ] || { cat "$work/lost"; return 1; }
  local missing
  missing=$(for tenant in "${tenants[@]}"; do for day in "${days[@]}"; do grep -q "^$tenant $day " "$work/confirmed" || echo "$tenant $day"; done; done)
  [ -z "$missing" ] || { echo "never confirmed: $missing"; return 1; }
}
check "every payload was confirmed" all_confirmed
healthy() {
  local number
  for number in 1 2 3; do is ok "$number" "SELECT status FROM koku_health() WHERE check_name = 'servers'" || return 1; done
}
check "no move has stopped half way" healthy
finish
