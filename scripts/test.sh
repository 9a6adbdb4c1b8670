#!/usr/bin/env bash
# Runs all tests, or the kinds that are named: scripts/test.sh [KIND...]
#
# Each test/run-KIND.sh is one kind. What it prints goes to build/test-logs/KIND.log and is shown when a test fails.
# The last line is 'N passed, N failed'; the exit code is 0 only when every kind ran and nothing failed.
set -euo pipefail
source "$(dirname "$0")/common.sh"

# Quick ones first; a kind that is not named here runs after these.
order=(format generator unit install regress golden docs)

all_kinds() {
  local kind
  for kind in "${order[@]}"; do
    [ ! -x "$project/test/run-$kind.sh" ] || printf '%s\n' "$kind"
  done
  for kind in "$project"/test/run-*.sh; do
    kind=$(basename "$kind" .sh)
    kind=${kind#run-}
    [[ " ${order[*]} " == *" $kind "* ]] || printf '%s\n' "$kind"
  done
}

if [ $# -gt 0 ]; then kinds=("$@"); else mapfile -t kinds < <(all_kinds); fi
"$project/scripts/install-deps.sh"
mkdir -p "$build/test-logs"

total_passed=0
total_failed=0
summary=
for kind in "${kinds[@]}"; do
  log=$build/test-logs/$kind.log
  say "$kind"
  started=$SECONDS
  outcome=passed
  "$project/test/run-$kind.sh" >"$log" 2>&1 </dev/null || outcome=failed
  passed=0
  failed=0
  read_counts "$log" || true
  # Ended early, or ran nothing: that is a failure, too.
  if [ "$failed" = 0 ] && { [ "$outcome" = failed ] || [ "$passed" = 0 ]; }; then failed=1; fi
  [ "$failed" = 0 ] || cat "$log"
  # What cannot run on this machine is said whatever else passed.
  grep '^NOT RUN: ' "$log" || true
  total_passed=$((total_passed + passed))
  total_failed=$((total_failed + failed))
  summary+=$(printf '%-12s %5d passed %5d failed %6d s' "$kind" "$passed" "$failed" $((SECONDS - started)))$'\n'
done

printf '\n%s\n' "$summary"
printf '%d passed, %d failed\n' "$total_passed" "$total_failed"
[ "$total_failed" = 0 ]
