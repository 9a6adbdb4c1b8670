#!/usr/bin/env bash
# Moves a tenant from one server to another, online, by logical replication (PostgreSQL 15 or later on both):
#
#   scripts/move-tenant.sh [--subscribe CONNINFO] [--only-copy | --cancel] TENANT FROM TO
#
#   FROM, TO        conninfo of a superuser on the server that has the tenant and on the one where it goes
#   --subscribe     how TO reaches FROM, when that is not FROM
#   --only-copy     stops when all rows are there; they are kept up to date until the move is finished
#   --cancel        gives a move up that has not arrived: the tenant stays where it is
#
# While rows are copied, payloads are taken as ever. Only for the last step the tenant's sources are paused and its payloads
# refused with 55000, which the senders take for 'later'; how long that was is printed. Payloads that wait in the inbox go
# along. Whatever ends the script, at any step: one of the two servers has the whole tenant, and the same command again
# finishes. The servers need koku_onprem.server_number, each another one; FROM needs wal_level = logical.
set -euo pipefail
export LC_ALL=C.UTF-8

fail() {
  printf 'move-tenant.sh: %s\n' "$*" >&2
  exit 1
}
say() { printf '== %s\n' "$*" >&2; }

only_copy=
cancel=
subscribe=
while [[ ${1:-} == --* ]]; do
  case $1 in
    --only-copy) only_copy=1 ;;
    --cancel) cancel=1 ;;
    --subscribe) subscribe=${2:?} && shift ;;
    *) fail "unknown option $1" ;;
  esac
  shift
done
[ $# = 3 ] || fail "usage: move-tenant.sh [--subscribe CONNINFO] [--only-copy | --cancel] TENANT FROM TO"
tenant=$1
export KOKU_MOVE_FROM=$2 KOKU_MOVE_TO=$3
subscribe=${subscribe:-$KOKU_MOVE_FROM}
export PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning -c lock_timeout=60s"

# from SQL..., to SQL...: each statement its own transaction; :'tenant' and :'extension' can be used on standard input only.
from() { psql -XAqt -v ON_ERROR_STOP=1 -v tenant="$tenant" -d "$KOKU_MOVE_FROM"; }
to() { psql -XAqt -v ON_ERROR_STOP=1 -v tenant="$tenant" "$@" -d "$KOKU_MOVE_TO"; }

directory=$(mktemp -d "${TMPDIR:-/tmp}/koku-move.XXXXXX")
holder=
end() {
  [ -z "$holder" ] || kill "$holder" 2>/dev/null || true
  rm -rf "$directory"
}
trap end EXIT

slot=$(from <<<"SELECT koku_internal.move_name(:'tenant')")
extension_schema() { printf 'SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = %s' "'koku_onprem'"; }
schema_from=$(from <<<"$(extension_schema)")
schema_to=$(to <<<"$(extension_schema)")
[ -n "$schema_from" ] || fail "FROM does not have the extension koku_onprem"
[ -n "$schema_to" ] || fail "TO does not have the extension koku_onprem"

drop_slot() {
  local _
  # The other side may need a moment to let it go.
  for _ in {1..100}; do
    [ "$(from <<<"SELECT count(*) FROM pg_replication_slots WHERE slot_name = '$slot' AND active")" = 0 ] && break
    sleep 0.1
  done
  from <<<"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '$slot'" >/dev/null
}

move_of() { printf "SELECT move, state FROM %s.koku_tenant_move WHERE tenant = :'tenant' AND state <> 'arrived'" "$schema_from"; }
state_there() { to <<<"SELECT koku_internal.arrival_state(:'tenant', '$move')"; }

if [ -n "$cancel" ]; then
  IFS='|' read -r move state <<<"$(from <<<"$(move_of)")"
  [ -n "${move:-}" ] || fail "tenant $tenant does not move from there"
  if [ "$state" = moved ] || [ "$(state_there)" = arrived ]; then
    fail "tenant $tenant has arrived; run the command without --cancel to finish"
  fi
  to <<<"SELECT koku_internal.cancel_arrival(:'tenant')" >/dev/null
  drop_slot
  from <<<"SELECT koku_internal.cancel_departure(:'tenant')" >/dev/null
  say "tenant $tenant stays"
  exit
fi

number_from=$(from <<<"SELECT koku_internal.server_number()")
number_to=$(to <<<"SELECT koku_internal.server_number()")
for version in "$(from <<<'SHOW server_version_num')" "$(to <<<'SHOW server_version_num')"; do
  [ "$version" -ge 150000 ] || fail "PostgreSQL $((version / 10000)) cannot publish a schema; 15 can"
done
[ "$(from <<<'SHOW wal_level')" = logical ] || fail "wal_level of FROM has to be logical (ALTER SYSTEM SET wal_level = logical, and a restart)"

move=$(from <<<"SELECT koku_internal.begin_departure(:'tenant', $number_to)")
IFS='|' read -r _ state <<<"$(from <<<"$(move_of)")"
there=$(state_there)

# Copying

if [ "$there" != arrived ] && [ "$state" != moved ]; then
  subscribed=$(to <<<"SELECT count(*) FROM pg_subscription WHERE subname = '$slot'")
  if [ "$there" = absent ] || [ "$subscribed" = 0 ]; then
    say "copying $tenant from server $number_from to server $number_to"
    to <<<"SELECT koku_internal.cancel_arrival(:'tenant')" >/dev/null
    drop_slot
    from <<<"SELECT koku_internal.tracking_rows(:'tenant')" >"$directory/tracking"
    {
      printf 'CREATE TEMP TABLE tracking (line text);\n\\copy tracking FROM %s CSV DELIMITER E%s QUOTE E%s\n' "'$directory/tracking'" "'\\x02'" "'\\x01'"
      printf "SELECT koku_internal.begin_arrival(:'tenant', '%s', %s, (SELECT line::jsonb FROM tracking));\n" "$move" "$number_from"
    } | to >/dev/null
    to -v conninfo="$subscribe" <<<"CREATE SUBSCRIPTION $slot CONNECTION :'conninfo' PUBLICATION $slot" >/dev/null
  fi
  say "waiting until all tables are there"
  while [ "$(to <<<"SELECT count(*) FROM pg_subscription_rel JOIN pg_subscription ON pg_subscription.oid = srsubid
                    WHERE subname = '$slot' AND srsubstate <> 'r'")" != 0 ]; do
    [ "$(to <<<"SELECT subenabled FROM pg_subscription WHERE subname = '$slot'")" = t ] || fail "the subscription $slot was switched off: see the log of TO"
    sleep 0.2
  done
  if [ -n "$only_copy" ]; then
    say "$tenant is copied and follows; the same command without --only-copy moves it"
    exit
  fi
fi

# wait_for_rows LSN: what FROM had written until then is on TO.
wait_for_rows() {
  local _
  for _ in {1..1200}; do
    [ "$(from <<<"SELECT confirmed_flush_lsn >= '$1' FROM pg_replication_slots WHERE slot_name = '$slot'")" != t ] || return 0
    sleep 0.05
  done
  return 1
}
# A write that is flushed with its commit: all that was committed before it comes before it.
flushed_position() { from <<<"SET synchronous_commit = local; SELECT pg_logical_emit_message(true, 'koku_move', '')"; }

# A session on FROM that keeps everybody from the tenant until it is removed there.
begin_hold() {
  mkfifo "$directory/statements"
  psql -XAqt -v ON_ERROR_STOP=1 -v tenant="$tenant" -d "$KOKU_MOVE_FROM" <"$directory/statements" >"$directory/answers" 2>"$directory/errors" &
  holder=$!
  exec {statements}>"$directory/statements"
}
# ask STATEMENT: its answer.
ask() {
  local lines=0
  [ ! -e "$directory/answers" ] || lines=$(wc -l <"$directory/answers")
  printf '%s\n\\echo done\n' "$1" >&"$statements"
  until tail -n "+$((lines + 1))" "$directory/answers" 2>/dev/null | grep -qx 'done'; do
    kill -0 "$holder" 2>/dev/null || { cat "$directory/errors" >&2; return 1; }
    sleep 0.01
  done
  tail -n "+$((lines + 1))" "$directory/answers" | grep -vx 'done' || true
}

resume() {
  [ "$(state_there)" = arriving ] || fail "$1; run the same command again"
  from <<<"SELECT koku_internal.resume_departure(:'tenant')" >/dev/null || true
  fail "$1; the tenant works where it was. Run the same command again"
}

payloads='{}'
began=
if [ "$state" != moved ]; then
  if [ "$there" != arrived ]; then
    wait_for_rows "$(flushed_position)" || fail "TO does not follow: see its log"
    say "pausing the sources of $tenant"
    began=$(date +%s%N)
    from <<<"SELECT koku_internal.pause_departure(:'tenant')" >/dev/null
  fi
  begin_hold
  ask 'BEGIN;' >/dev/null
  payloads=$(ask "SELECT koku_internal.settle_departure(:'tenant');") || resume "somebody keeps rows of the tenant"
  [ -n "$payloads" ] || resume "somebody keeps rows of the tenant"
fi

# Arriving: one transaction on TO.

if [ "$there" != arrived ] && [ "$state" != moved ]; then
  wait_for_rows "$(flushed_position)" || resume "TO does not follow"
  say "handing $tenant over"
  from <<<"COPY (SELECT $schema_from.koku_export_tenant(:'tenant'::pg_catalog.name)) TO STDOUT" >"$directory/control"
  export KOKU_MOVE_PAYLOADS="COPY (SELECT request_id, payload FROM $schema_from.koku_inbox WHERE id = ANY ('$payloads') ORDER BY id) TO STDOUT (FORMAT binary)"
  {
    printf 'BEGIN;\nSET LOCAL synchronous_commit = local;\n'
    printf 'CREATE TEMP TABLE arriving (control jsonb);\n\\copy arriving FROM %s\n' "'$directory/control'"
    printf 'CREATE TEMP TABLE arriving_payload (request_id text, payload bytea);\n'
    # shellcheck disable=SC2016 # the shell that psql starts fills them in
    printf '\\copy arriving_payload FROM PROGRAM %s (FORMAT binary)\n' "'psql -XAqt -v ON_ERROR_STOP=1 -d \"\$KOKU_MOVE_FROM\" -c \"\$KOKU_MOVE_PAYLOADS\"'"
    printf 'SELECT koku_internal.end_arrival(control) FROM arriving;\n'
    printf "SELECT %s.koku_submit_payload(payload, request_id, :'tenant'::pg_catalog.name) FROM arriving_payload;\nCOMMIT;\n" "$schema_to"
  } | to >/dev/null || resume "it could not be handed over"
  [ -z "$began" ] || say "$tenant works on server $number_to; its sources were paused for $((($(date +%s%N) - began) / 1000000)) ms"
elif [ "$there" = arrived ] && [ "$state" != moved ]; then
  # The payloads that went along: whatever else is there has come since and stays in the inbox.
  payloads=$(to <<<"SELECT coalesce(array_agg(encode(digest, 'hex')), '{}') FROM $schema_to.koku_inbox WHERE tenant = :'tenant'")
  payloads=$(from <<<"SELECT coalesce(array_agg(id), '{}') FROM $schema_from.koku_inbox WHERE encode(digest, 'hex') = ANY ('$payloads')
                      AND status <> 'done' AND (tenant = :'tenant' OR tenant IS NULL)")
fi

# Leaving

if [ "$state" != moved ]; then
  say "removing $tenant from server $number_from"
  ask "SELECT koku_internal.end_departure(:'tenant', '$payloads'); COMMIT;" >/dev/null || fail "run the same command again"
fi
drop_slot
to <<<"SELECT koku_internal.forget_arrival(:'tenant')" >/dev/null
say "$tenant is on server $number_to"
