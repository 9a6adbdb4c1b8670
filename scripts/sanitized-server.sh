#!/usr/bin/env bash
# Runs tests with the extension built by the address and the undefined-behaviour sanitizer, in an ordinary server:
#
#   scripts/sanitized-server.sh [KIND...]    kinds of scripts/test.sh that use a server (default: regress golden)
#
# A finding ends the backend (address) or is noted (undefined behaviour); either fails the run, with the report. The last
# line is 'N passed, N failed'. Everything that is built lies in build/sanitized.
#
# The server is PostgreSQL 16 of scripts/fetch-postgres.sh: Debian's hangs at its start below that library, in p11-kit, which
# libpq brings along. The server itself is not instrumented; the library of the address sanitizer is loaded before everything else. What that
# cannot see: accesses beyond the end of something inside a block that the server's memory contexts got from malloc.
# Leaks are not looked for, because the server leaves all its memory to exit(); the fuzz targets look for those of the core.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

reports=$(mktemp -d "${TMPDIR:-/tmp}/koku-sanitized.XXXXXX")
trap 'rm -rf "$reports"' EXIT
chmod 1777 "$reports" # the owner of the server writes there

library() {
  local path
  path=$(realpath "$("${CC:-gcc}" -print-file-name="$1")")
  [ -e "$path" ] || fail "no $1; it comes with the compiler"
  printf '%s' "$path"
}
KOKU_PG_CONFIG=$("$project/scripts/fetch-postgres.sh" 16)
export KOKU_PG_CONFIG KOKU_POSTGRES=16
postgres_version=16
preload=$(library libasan.so):$(library libubsan.so)
export KOKU_BUILD=$build/sanitized KOKU_SANITIZERS=address,undefined
# detect_stack_use_after_return would move frames to the heap, where the server's check of the depth of the stack fails.
KOKU_SERVER_ENVIRONMENT="LD_PRELOAD=$preload"
KOKU_SERVER_ENVIRONMENT+=" ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=1:log_path=$reports/address"
KOKU_SERVER_ENVIRONMENT+=" UBSAN_OPTIONS=print_stacktrace=1:log_path=$reports/undefined"
export KOKU_SERVER_ENVIRONMENT

kinds=("$@")
[ $# -gt 0 ] || kinds=(regress golden)
total_passed=0
total_failed=0
mkdir -p "$KOKU_BUILD/logs"
for kind in "${kinds[@]}"; do
  say "$kind, sanitized"
  log=$KOKU_BUILD/logs/$kind.log
  "$project/test/kinds/$kind.sh" >"$log" 2>&1 </dev/null || true
  passed=0
  failed=1
  read_counts "$log" || true
  total_passed=$((total_passed + passed))
  total_failed=$((total_failed + failed))
  [[ $(tail -n 1 "$log") == *" 0 failed" ]] || tail -n 60 "$log"
  printf '%s: %s\n' "$kind" "$(tail -n 1 "$log")"
done

# A run in which the library was not instrumented would find nothing.
if [ "$(nm --dynamic "$KOKU_BUILD/extension-$postgres_version/koku_onprem.so" | grep -c __asan_report)" = 0 ]; then
  printf 'FAILED  the extension was built without sanitizers\n'
  total_failed=$((total_failed + 1))
fi
for report in "$reports"/*; do
  [ -e "$report" ] || continue
  printf 'FAILED  %s\n' "$(basename "$report")"
  sed 's/^/        /' "$report"
  total_failed=$((total_failed + 1))
done
printf '%d passed, %d failed\n' "$total_passed" "$total_failed"
[ "$total_failed" = 0 ] && [ "$total_passed" -gt 0 ]
