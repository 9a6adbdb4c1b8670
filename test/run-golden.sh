#!/usr/bin/env bash
# The golden scenarios: real payloads, and what the reference pipeline's tables held afterwards. They lie beside the
# project in ../shared/golden, or where KOKU_GOLDEN points.
source "$(dirname "$0")/lib.sh"

golden=${KOKU_GOLDEN:-$project/../shared/golden}
if [ ! -x "$golden/run.py" ]; then
  fail_test "no golden scenarios at $golden; set KOKU_GOLDEN to their directory" </dev/null
  finish
fi
need_server
fresh_database golden

for scenario in "$golden"/*/scenario.json; do
  name=$(basename "$(dirname "$scenario")")
  if output=$(python3 -B "$golden/run.py" --psql "psql -XqAt golden" "$name" 2>&1); then
    pass "$name"
  else
    fail_test "$name" <<<"$output"
  fi
done
finish
