#!/usr/bin/env bash
# The borders inside src: no server error jumps over a C++ object and no C++ exception enters the server
# (checks/boundary.py); a room includes only the rooms it may know (checks/rooms.py). Both test themselves with planted code.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"

mkdir -p "$build/logs"
for checker in boundary rooms; do
  log=$build/logs/$checker.log
  python3 -B "$project/test/checks/$checker.py" >"$log" || true
  sed '$d' "$log"
  add_counts "$log" || fail_test "$checker.py ends with its counts" <"$log"
done
finish
