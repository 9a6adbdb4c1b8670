#!/usr/bin/env bash
# Runs all tests, or the kinds that are named, whole or in part:
#
#   scripts/test.sh                            every kind
#   scripts/test.sh format regress             these kinds
#   scripts/test.sh regress ingest summary     of the kind regress these tests
#   scripts/test.sh unit csv golden basic      of several kinds
#   scripts/test.sh regress:upgrade            where a test has the name of a kind
#
# Each test/kinds/KIND.sh is one kind. An argument that is a kind begins this kind; any other is the name of a test of the
# kind before it. CONTRIBUTING.md says what the names of each kind are. What a kind prints goes to
# build/test-logs/KIND.log and is shown when a test fails. The last line is 'N passed, N failed'; the exit code is 0 only
# when every kind ran and nothing failed.
set -euo pipefail
source "$(dirname "$0")/common.sh"

# Quick ones first; a kind that is named in neither runs between these. Last are those that need much built
# (test/build-ahead.sh), which is done while the others run.
first=(format generator install regress golden docs)
last=(zlib unit fuzz intake matrix image rpm tidy)

is_kind() { [ -x "$project/test/kinds/$1.sh" ]; }

all_kinds() {
  local kind
  printf '%s\n' "${first[@]}"
  for kind in "$project"/test/kinds/*.sh; do
    kind=$(basename "$kind" .sh)
    [[ " ${first[*]} ${last[*]} " == *" $kind "* ]] || printf '%s\n' "$kind"
  done
  printf '%s\n' "${last[@]}"
}

# begin_kind KIND: a kind that is named twice runs once, with the names of both places.
begin_kind() {
  [ -n "${names[$1]+x}" ] || kinds+=("$1")
  names[$1]=${names[$1]:-}
  current=$1
}
add_name() { names[$current]+=$1$'\n'; }

kinds=()
declare -A names=()
current=
for argument in "$@"; do
  if is_kind "$argument"; then
    begin_kind "$argument"
  elif [[ $argument == *:* ]] && is_kind "${argument%%:*}"; then
    begin_kind "${argument%%:*}"
    add_name "${argument#*:}"
  elif [ -n "$current" ]; then
    add_name "$argument"
  else
    fail "$argument is not a kind of test; there are: $(all_kinds | paste -sd ' ')"
  fi
done
mkdir -p "$build"/{logs,test-logs}
if [ $# = 0 ]; then
  while IFS= read -r kind; do begin_kind "$kind"; done < <(all_kinds)
  "$project/scripts/install-deps.sh" --lint --intake
  setsid setpriv --pdeathsig TERM -- "$project/test/build-ahead.sh" >"$build/logs/build-ahead.log" 2>&1 </dev/null &
else
  "$project/scripts/install-deps.sh"
fi

total_passed=0
total_failed=0
summary=
for kind in "${kinds[@]}"; do
  log=$build/test-logs/$kind.log
  named=()
  [ -z "${names[$kind]}" ] || mapfile -t named < <(printf '%s' "${names[$kind]}")
  say "$kind" "${named[@]}"
  started=$SECONDS
  outcome=passed
  "$project/test/kinds/$kind.sh" "${named[@]}" >"$log" 2>&1 </dev/null || outcome=failed
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
  line=$(printf '%-15s %5d passed %5d failed %6d s' "$kind" "$passed" "$failed" $((SECONDS - started)))
  # Told at once, too: a run that is ended from outside has then said what it knew.
  printf '%s\n' "$line"
  summary+=$line$'\n'
done

printf '\n%s\n' "$summary"
printf '%d passed, %d failed\n' "$total_passed" "$total_failed"
[ "$total_failed" = 0 ]
