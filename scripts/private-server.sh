#!/usr/bin/env bash
# A PostgreSQL server of one's own, with the extension installed, that is gone afterwards.
#
#   scripts/private-server.sh COMMAND [ARGUMENT...]    runs a command with such a server, e.g. psql
#
# Sourced, it gives private_server_start; the server ends with the script, whatever happens. Both set PGHOST, PGPORT,
# PGUSER and PATH, so that psql and the other clients reach it without an argument.
#
# The server runs on a copy of the PostgreSQL installation (it finds its files relative to its programs), so that
# installing the extension changes nothing on the machine. It listens on a unix socket in a directory that only its
# owner can enter, and everything of it lies in one temporary directory. Any number of them can run side by side.
#
#   private_server_settings   lines for postgresql.conf (default: fast, not durable)
#   KOKU_SERVER_ENVIRONMENT   NAME=VALUE words for the environment of the server (default: none)
# shellcheck shell=bash

# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

private_server_directory=
private_server_process=
private_server_settings=${private_server_settings:-"fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 256MB
max_wal_size = 4GB"}
read -ra private_server_environment <<<"${KOKU_SERVER_ENVIRONMENT:-}"

# PostgreSQL refuses to run as root: this stands in front of every command that the owner of the server has to run.
private_server_as_owner=()

# private_server_make_directory OWNER: a new directory that the owner can reach, with a path short enough for a socket
# (107 bytes).
private_server_make_directory() {
  local parent=${TMPDIR:-/tmp}
  if [ ${#parent} -gt 70 ] || ! "${private_server_as_owner[@]}" test -x "$parent"; then parent=/tmp; fi
  private_server_directory=$(mktemp -d "$parent/koku-server.XXXXXX")
  mkdir "$private_server_directory"/{data,socket,files,tree}
  [ "$(id -u)" != 0 ] || chown "$1" "$private_server_directory"/{.,data,socket}
}

# Copies the installation below tree/ under the paths it has on the machine.
private_server_copy_tree() {
  local part path system_libraries='^/(usr/)?lib(/[^/]*-linux-gnu)?$'
  for part in bindir sharedir libdir pkglibdir includedir-server; do
    path=$("$pg_config" "--$part")
    # Debian keeps libpq among the libraries of the system, where it is found anyway.
    if [[ $path =~ $system_libraries ]] || [ -e "$private_server_directory/tree$path" ]; then continue; fi
    [ "$part" != libdir ] || export LD_LIBRARY_PATH=$private_server_directory/tree$path
    mkdir -p "$private_server_directory/tree$(dirname "$path")"
    cp -a "$path" "$private_server_directory/tree$(dirname "$path")/"
  done
  rm -rf "$private_server_directory/tree$("$pg_config" --pkglibdir)/bitcode"
  chmod -R u+w,go+rX "$private_server_directory/tree"
  PG_CONFIG=$private_server_directory/tree$("$pg_config" --bindir)/pg_config
  export PG_CONFIG
}

private_server_initialize() {
  local data=$private_server_directory/data
  run_quietly "$private_server_directory/initdb.log" "${private_server_as_owner[@]}" \
    "$(dirname "$PG_CONFIG")/initdb" --pgdata="$data" --username=postgres --auth=trust --encoding=UTF8 \
    --locale=C.UTF-8 --no-sync
  printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$private_server_directory/socket'" \
    "timezone = 'UTC'" "log_timezone = 'UTC'" "$private_server_settings" >>"$data/postgresql.conf"
}

private_server_launch() {
  # If this script is killed without a chance to clean up, the server gets the signal of a fast shutdown from the kernel.
  "${private_server_as_owner[@]}" env "${private_server_environment[@]}" setpriv --pdeathsig INT -- \
    "$(dirname "$PG_CONFIG")/postgres" -D "$private_server_directory/data" >"$private_server_directory/server.log" 2>&1 </dev/null &
  private_server_process=$!
  local attempt
  for attempt in {1..300}; do
    if "$(dirname "$PG_CONFIG")/pg_isready" --quiet; then return; fi
    kill -0 "$private_server_process" 2>/dev/null || break
    sleep 0.1
  done
  cat "$private_server_directory/server.log" >&2
  fail "the private server did not start within $((attempt / 10)) seconds"
}

private_server_stop() {
  local attempt
  if [ -n "$private_server_process" ]; then
    kill -INT "$private_server_process" 2>/dev/null || true
    for attempt in {1..300}; do
      kill -0 "$private_server_process" 2>/dev/null || break
      [ "$attempt" != 300 ] || kill -QUIT "$private_server_process"
      sleep 0.1
    done
    wait "$private_server_process" 2>/dev/null || true
    private_server_process=
  fi
  [ -z "$private_server_directory" ] || rm -rf "$private_server_directory"
  private_server_directory=
}

# Installs the extension in the copy. A script that has another way redefines it.
private_server_install() {
  build_extension
  run_quietly "$private_server_directory/install.log" make_extension install PG_CONFIG="$PG_CONFIG"
}

# Starts the server and installs the extension in it.
private_server_start() {
  local owner variable
  owner=$(id -un)
  if [ "$(id -u)" = 0 ]; then
    owner=nobody
    if id postgres >/dev/null 2>&1; then owner=postgres; fi
    private_server_as_owner=(setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups --)
  fi
  trap private_server_stop EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  private_server_make_directory "$owner"
  private_server_copy_tree
  private_server_install
  for variable in ${!PG*}; do [ "$variable" = PG_CONFIG ] || unset "$variable"; done
  export PGHOST=$private_server_directory/socket PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
  PATH=$(dirname "$PG_CONFIG"):$PATH
  private_server_initialize
  private_server_launch
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
  [ $# -gt 0 ] || fail "usage: scripts/private-server.sh COMMAND [ARGUMENT...]"
  private_server_start
  "$@"
fi
