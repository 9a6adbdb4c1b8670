# Sourced by kinds of tests that need more servers than the private one: they run from the same installation, each with its
# data and socket in a directory of its own beside those of the first, and end with it.
# shellcheck shell=bash

# shellcheck source=scripts/private-server.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/private-server.sh"

declare -A further_servers=()

# server_home NAME: the directory of a further server; its socket, for PGHOST, lies in socket/.
server_home() { printf '%s' "$private_server_directory/$1"; }
server_socket() { printf '%s/socket' "$(server_home "$1")"; }

# make_server_home NAME: call it once, then fill data/.
make_server_home() {
  local home
  home=$(server_home "$1")
  mkdir -p "$home/data" "$home/socket"
  chmod 700 "$home/data"
  [ "$(id -u)" != 0 ] || chown -R "$(stat -c %U "$private_server_directory")" "$home"
}

# new_server NAME SETTINGS: an empty server, started. SETTINGS: lines of postgresql.conf.
new_server() {
  make_server_home "$1"
  run_quietly "$private_server_directory/initdb-$1.log" "${private_server_as_owner[@]}" initdb --pgdata="$(server_home "$1")/data" \
    --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync
  printf '%s\n' "listen_addresses = ''" "timezone = 'UTC'" "log_timezone = 'UTC'" "$private_server_settings" "$2" \
    >>"$(server_home "$1")/data/postgresql.conf"
  start_server "$1"
}

# copied_server NAME SETTINGS: a standby of the private server, started.
copied_server() {
  make_server_home "$1"
  run_quietly "$private_server_directory/basebackup-$1.log" "${private_server_as_owner[@]}" pg_basebackup --host="$PGHOST" \
    --username=postgres --pgdata="$(server_home "$1")/data" --write-recovery-conf --checkpoint=fast --no-sync
  printf '%s\n' "$2" >>"$(server_home "$1")/data/postgresql.conf"
  start_server "$1"
}

# start_server NAME: not from a subshell, with which the server would end.
start_server() {
  local home attempt
  home=$(server_home "$1")
  "${private_server_as_owner[@]}" env "${private_server_environment[@]}" setpriv --pdeathsig INT -- \
    "$(dirname "$PG_CONFIG")/postgres" -D "$home/data" -c unix_socket_directories="$home/socket" >>"$home/server.log" 2>&1 </dev/null &
  further_servers[$1]=$!
  for attempt in {1..300}; do
    if pg_isready --quiet --host="$home/socket"; then return; fi
    kill -0 "${further_servers[$1]}" 2>/dev/null || break
    sleep 0.1
  done
  cat "$home/server.log" >&2
  fail "the server $1 did not start within $((attempt / 10)) seconds"
}

# stop_server NAME [SIGNAL]: INT is a fast shutdown, QUIT one as after a loss of power.
stop_server() {
  kill "-${2:-INT}" "${further_servers[$1]}" 2>/dev/null || true
  wait "${further_servers[$1]}" 2>/dev/null || true
  unset "further_servers[$1]"
}

stop_all_servers() {
  local name
  for name in "${!further_servers[@]}"; do stop_server "$name"; done
  private_server_stop
}

# need_servers: as need_server; further ones can be started afterwards.
need_servers() {
  need_server
  trap stop_all_servers EXIT
}
