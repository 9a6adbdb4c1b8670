#!/usr/bin/env bash
# The borders inside src: no server error jumps over a C++ object and no C++ exception enters the server (check_boundary.py);
# a room includes only the rooms it may know (check_rooms.py). Both test themselves with planted code.
source "$(dirname "$0")/lib.sh"

mkdir -p "$build/logs"
for checker in check_boundary check_rooms; do
  log=$build/logs/$checker.log
  python3 -B "$project/test/$checker.py" >"$log" || true
  sed '$d' "$log"
  add_counts "$log" || fail_test "$checker.py ends with its counts" <"$log"
done
finish
