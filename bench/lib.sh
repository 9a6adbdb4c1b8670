# Sourced by the benchmarks: a server as one would run it in production, and measuring one statement on it.
# shellcheck shell=bash disable=SC2034 # variables are set for the scripts that source this
set -euo pipefail
export LC_ALL=C.UTF-8

# Durable, with room for a large load between two checkpoints; everything else is PostgreSQL's default.
private_server_settings='shared_buffers = 1GB
max_wal_size = 8GB
min_wal_size = 4GB
checkpoint_timeout = 15min
maintenance_work_mem = 256MB
wal_compression = off
fsync = on
synchronous_commit = on
full_page_writes = on'

# shellcheck source=scripts/private-server.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/private-server.sh"

bench_sql() { psql -XAqt -v ON_ERROR_STOP=1 "$@"; }

# describe_machine: one line to stand beside the numbers.
describe_machine() {
  local model memory
  model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
  memory=$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1024 / 1024 }' /proc/meminfo)
  printf '%s, %s x %s, %s of memory, %s\n' "$(date -u +%F)" "$(nproc)" "${model:-unknown processor}" "$memory" \
    "$("$PG_CONFIG" --version)"
}

# sample_memory PROCESS FILE: the largest memory of the process outside shared memory so far, in kB, every 20 ms, until
# it ends. RssAnon leaves out shared buffers and mapped files.
sample_memory() {
  local peak=0 key value unit
  while [ -r "/proc/$1/status" ]; do
    while read -r key value unit; do
      if [ "$key" = RssAnon: ] && [ "$value" -gt "$peak" ]; then
        peak=$value
        printf '%s\n' "$peak" >"$2"
      fi
    done <"/proc/$1/status" 2>/dev/null || true
    sleep 0.02
  done
}

# measure SQL: runs the statement in a session of its own and sets
#   measured_output    what it returned
#   measured_seconds   from begin to end of the statement, commit included
#   measured_peak_mb   peak memory of the backend outside shared memory, in MB (10^6 bytes)
#   measured_wal_mb    WAL written meanwhile by the whole server, in MB
measure() {
  local directory before
  directory=$(mktemp -d "$private_server_directory/measure.XXXXXX")
  before=$(bench_sql -c 'SELECT pg_current_wal_insert_lsn()')
  mkfifo "$directory/process"
  (
    read -r process <"$directory/process"
    sample_memory "$process" "$directory/peak"
  ) &
  local sampler=$!
  bench_sql >"$directory/output" <<SQL
SET client_min_messages = error;
\\o $directory/process
SELECT pg_backend_pid();
\\o $directory/time
SELECT extract(epoch FROM clock_timestamp());
\\o
$1
\\o | cat >>$directory/time
SELECT extract(epoch FROM clock_timestamp());
SQL
  wait "$sampler"
  measured_output=$(<"$directory/output")
  measured_seconds=$(awk 'NR == 1 { begin = $1 } END { printf "%.2f", $1 - begin }' "$directory/time")
  measured_peak_mb=$(awk '{ printf "%.0f", $1 * 1024 / 1e6 }' "$directory/peak")
  measured_wal_mb=$(bench_sql -c "SELECT round((pg_current_wal_insert_lsn() - '$before'::pg_lsn) / 1e6)")
  rm -rf "$directory"
}

# megabytes FILE
megabytes() { awk -v bytes="$(stat -c %s "$1")" 'BEGIN { printf "%.0f", bytes / 1e6 }'; }
