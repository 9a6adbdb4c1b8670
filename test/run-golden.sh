#!/usr/bin/env bash
# The golden scenarios, all of them in one database.
source "$(dirname "$0")/lib.sh"

if [ ! -x "$golden/run.py" ]; then
  fail_test "no golden scenarios at $golden; set KOKU_GOLDEN to their directory" </dev/null
  finish
fi
need_server
fresh_database golden

for scenario in "$golden"/*/scenario.json; do
  name=$(basename "$(dirname "$scenario")")
  check "$name" passes_golden golden "$name"
done
finish
