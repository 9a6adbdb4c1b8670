#!/usr/bin/env bash
# The inbox with several sessions at once: each payload is taken once, nothing is lost when a session ends in the middle.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
private_server_settings="fsync = off
synchronous_commit = off
restart_after_crash = on
koku_onprem.retention_months = 0
koku_onprem.inbox_retry_seconds = 1"
need_server
fresh_database inbox
export PGDATABASE=inbox

sql() { psql -XAqt -v ON_ERROR_STOP=1 "$@"; }

# is EXPECTED STATEMENT
is() {
  local actual
  actual=$(sql -c "$2")
  [ "$actual" = "$1" ] || { printf 'expected: %s\ngot:      %s\n' "$1" "$actual"; return 1; }
}

# Waits until a statement gives t.
until_true() {
  local attempt
  for attempt in {1..300}; do
    [ "$(sql -c "$1")" != t ] || return 0
    sleep 0.1
  done
  echo "not true after 30 seconds: $1"
  return 1
}

# 40 payloads of 4 clusters.
payloads=$private_server_directory/files
build_generator
for number in {1..40}; do
  "$generate_payload" --cluster-id "cluster-$((number % 4))" --seed "$number" --pods 4 --nodes 2 --namespaces 2 --volumes 1 \
    --date "$(date -u -d "2026-10-01 + $number days" +%F)" --output "$payloads/$number.tar.gz" >/dev/null
done
sql -c "SELECT koku_create_source('cluster-' || number) FROM generate_series(0, 3) number" >/dev/null
submit_all() {
  sql -c "SELECT koku_submit_payload(pg_read_binary_file('$payloads/' || number || '.tar.gz')) FROM generate_series(1, 40) number" >/dev/null
}

# Each session submits the same 40, in one transaction.
sessions=()
for _ in 1 2 3; do submit_all & sessions+=($!); done
wait "${sessions[@]}"
check "three sessions submit the same payloads: each is stored once" is '40|40' 'SELECT count(*), count(DISTINCT digest) FROM koku_inbox'

run() { sql -c 'CALL koku_run()' >"$private_server_directory/run-$1.log" 2>&1; }
two_schedulers() {
  run 1 & local first=$!
  run 2 & local second=$!
  local status=0
  wait "$first" || status=1
  wait "$second" || status=1
  # Warnings about the reports are another test's.
  ! grep -E 'ERROR|FATAL|not taken|failed' "$private_server_directory"/run-[12].log && [ "$status" = 0 ]
}
check "two schedulers at once end without a failure" two_schedulers
check "every payload is done with one attempt" is 'done|1|40' 'SELECT status, attempts, count(*) FROM koku_inbox GROUP BY 1, 2'
check "every manifest is there once and summarized" is '40|40|t' \
  'SELECT count(*), count(DISTINCT manifest_uuid), bool_and(summarized_at IS NOT NULL) FROM koku_manifest'
check "no summary is left to be made" is 0 'SELECT count(*) FROM koku_summary_request'
check "nothing was taken twice: raw, daily and summary agree" is 0 \
  "SELECT count(*) FROM koku_source, generate_series(10, 11) AS month, koku_check(source, 2026, month)"

# Four schedulers at once over four tenants. Each payload waits half a second before it is done, as for a disk, so that the
# number of processors plays no part: several are worked on at the same time.
for number in {1..16}; do
  "$generate_payload" --cluster-id "parallel-$((number % 4))" --seed "$number" --pods 2 --nodes 1 --namespaces 1 --volumes 1 \
    --date "$(date -u -d "2026-10-01 + $number days" +%F)" --output "$payloads/parallel-$number.tar.gz" >/dev/null
done
sql >/dev/null <<SQL
SELECT koku_create_source('parallel-' || number, tenant => 'parallel_' || number) FROM generate_series(0, 3) number;
CALL koku_run();
SELECT koku_submit_payload(pg_read_binary_file('$payloads/parallel-' || number || '.tar.gz'), tenant => 'parallel_' || number % 4) FROM generate_series(1, 16) number;
CREATE TABLE worked (tenant text, process integer, began timestamptz, ended timestamptz);
CREATE FUNCTION note_work() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN PERFORM pg_sleep(0.5); INSERT INTO public.worked VALUES (NEW.tenant, pg_backend_pid(), NEW.started_at, clock_timestamp()); RETURN NEW; END';
CREATE TRIGGER note_work BEFORE UPDATE ON koku_inbox FOR EACH ROW WHEN (NEW.status = 'done') EXECUTE FUNCTION note_work();
SQL
four_schedulers() {
  local number status=0 runs=()
  for number in {1..4}; do run "$number" & runs+=($!); done
  for number in "${runs[@]}"; do wait "$number" || status=1; done
  ! grep -E 'ERROR|FATAL|not taken|failed' "$private_server_directory"/run-[1-4].log && [ "$status" = 0 ]
}
check "four schedulers at once end without a failure" four_schedulers
check "each of their payloads is done once" is '16|16|4' 'SELECT count(*), count(DISTINCT (tenant, began)), count(DISTINCT tenant) FROM worked'
check "all are done at the first attempt that counts" is '1|16' "SELECT attempts, count(*) FROM koku_inbox WHERE tenant LIKE 'parallel%' AND status = 'done' GROUP BY 1"
check "several are worked on at the same time, by several sessions" is 't|t' 'SELECT max(together) > 1, (SELECT count(DISTINCT process) > 1 FROM worked)
  FROM (SELECT (SELECT count(*) FROM worked other WHERE other.began <= one.began AND other.ended > one.began) AS together FROM worked one) AS moments'
check "their summaries are made, and raw, daily and summary agree" is '0|0' "SELECT (SELECT count(*) FROM koku_summary_request),
  count(*) FROM koku_source, generate_series(10, 11) AS month, koku_check(source, 2026, month)"
sql -c 'DROP TRIGGER note_work ON koku_inbox' -c "DELETE FROM koku_inbox WHERE tenant LIKE 'parallel%'"

# A session that ends in the middle: a table is kept busy, so that the attempt waits, and is then killed.
sql -c "SELECT koku_submit_payload(pg_read_binary_file('$payloads/1.tar.gz'), tenant => 'koku')" >/dev/null
hold_manifests() {
  # The attempt waits until it is killed, not for five seconds.
  sql -c "ALTER FUNCTION koku_internal.run_attempt(bigint, integer) SET lock_timeout = 0"
  sql -c "BEGIN; LOCK TABLE koku_manifest IN EXCLUSIVE MODE; SELECT pg_sleep(60)" >/dev/null 2>&1 &
  until_true "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND wait_event = 'PgSleep')"
}
killed_in_the_middle() {
  hold_manifests || return 1
  local holder=$! runner query
  psql -Xqc 'CALL koku_run()' >/dev/null 2>&1 & runner=$!
  until_true "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%koku_run%' AND wait_event_type = 'Lock')" || return 1
  # The one that waits first: it must not get the lock.
  for query in koku_run pg_sleep; do
    sql -c "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query ~ '$query'" >/dev/null
  done
  wait "$holder" "$runner" || true
  is 'started|1' 'SELECT status, attempts FROM koku_inbox WHERE tenant IS NOT NULL'
}
check "the session is killed while it takes a payload: the attempt is counted, the payload kept" killed_in_the_middle
next_run_takes_it() {
  until_true "SELECT next_attempt_at <= now() FROM koku_inbox WHERE tenant IS NOT NULL"
  sql -c 'CALL koku_run()' && is 'done|2|' 'SELECT status, attempts, error_message FROM koku_inbox WHERE tenant IS NOT NULL'
}
check "the next run takes it" next_run_takes_it

# A payload that ends every session that touches it must not be tried forever.
sql -c "SELECT koku_submit_payload(pg_read_binary_file('$payloads/2.tar.gz'), tenant => 'koku')" >/dev/null
parked_at_the_end() {
  local attempt
  sql -c "ALTER DATABASE inbox SET koku_onprem.inbox_max_attempts = 2"
  sql -c "CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'" \
    -c "CREATE TRIGGER end_session BEFORE UPDATE ON koku_inbox FOR EACH ROW WHEN (NEW.status = 'done') EXECUTE FUNCTION end_session()"
  for attempt in 1 2 3; do
    sql -c 'CALL koku_run()' >/dev/null 2>&1 || true
    until_true "SELECT next_attempt_at <= now() FROM koku_inbox WHERE tenant IS NOT NULL AND status <> 'done'" || return 1
  done
  is 'parked|2|attempt did not end' "SELECT status, attempts, error_message FROM koku_inbox WHERE tenant IS NOT NULL AND status <> 'done'"
}
check "a payload that ends its session is parked after the last attempt" parked_at_the_end
retried_by_hand() {
  sql -c 'DROP TRIGGER end_session ON koku_inbox' -c "SELECT koku_retry_payload(id) FROM koku_inbox WHERE status = 'parked'" >/dev/null
  sql -c 'CALL koku_run()' && is 0 "SELECT count(*) FROM koku_inbox WHERE status <> 'done'"
}
check "koku_retry_payload() lets it be taken" retried_by_hand

# The same of a summary.
source="(SELECT source FROM koku_source WHERE cluster_id = 'cluster-1')"
summary_parked_at_the_end() {
  local attempt
  sql -c "CREATE TRIGGER end_session BEFORE DELETE ON koku_summary_request FOR EACH ROW EXECUTE FUNCTION end_session()"
  sql -c "SELECT koku_internal.request_summary($source, '2026-10-05', '2026-10-05')" >/dev/null
  for attempt in 1 2 3; do
    sql -c 'CALL koku_run()' >/dev/null 2>&1 || true
    until_true "SELECT retry_after <= now() OR retry_after = 'infinity' FROM koku_summary_request" || return 1
  done
  is 'parked|2|attempt did not end' "SELECT status, attempts, split_part(last_error, ':', 1) FROM koku_summary_requests"
}
check "a summary that ends its session is parked after the last attempt" summary_parked_at_the_end
summary_retried_by_hand() {
  sql -c 'DROP TRIGGER end_session ON koku_summary_request' -c "SELECT koku_retry_summary($source, '2026-10-01')" >/dev/null
  sql -c 'CALL koku_run()' && is 0 "SELECT count(*) FROM koku_summary_request"
}
check "koku_retry_summary() lets it be made" summary_retried_by_hand
finish
