#!/usr/bin/env bash
# make installcheck (pg_regress: sql/*.sql against expected/*.out), dealt out to as many private servers as there are
# processors, four at most. Arguments: names of tests (default: all), which are those of the files in sql/.
source "$(dirname "$0")/../lib.sh"
for name in "$@"; do
  [ -e "$project/sql/$name.sql" ] || fail "there is no sql/$name.sql"
done
tests=("$@")
if [ $# = 0 ]; then
  for file in "$project"/sql/*.sql; do
    name=$(basename "$file" .sql)
    [[ $name = 0[01]_* ]] || tests+=("$name")
  done
fi
servers=$((jobs < 4 ? jobs : 4))
[ "$servers" -le ${#tests[@]} ] || servers=${#tests[@]}

# run_part NUMBER: every test of that place in the turn, on a server of its own.
run_part() {
  local part=() place
  for ((place = $1; place < ${#tests[@]}; place += servers)); do part+=("${tests[place]}"); done
  need_server
  make_extension installcheck PG_CONFIG="$PG_CONFIG" "REGRESS=${part[*]}" regress_output="part-$1"
}

build_extension
results=$extension_build
rm -rf "$results"/part-*
mkdir -p "$results/results"
parts=()
for ((number = 0; number < servers; number++)); do
  (run_part "$number") >"$results/part-$number.log" 2>&1 &
  parts+=($!)
done
outcome=passed
for part in "${parts[@]}"; do wait "$part" || outcome=failed; done
output=$(cat "$results"/part-*.log)
printf '%s\n' "$output"
for part in "$results"/part-*/results; do cp "$part"/*.out "$results/results/"; done
cat "$results"/part-*/regression.failed 2>/dev/null || true

# Before release 16: 'test NAME ... ok', then TAP: 'ok 1 - NAME'. The setup of each test is none.
count() { grep -E "$1" <<<"$output" | grep -cvE '[ -]0[01]_' || true; }
tests_passed=$(count '^test .* \.\.\. ok|^ok +[0-9]+')
tests_failed=$(count '^test .* \.\.\. FAILED|^not ok +[0-9]+')
tests_ended=$((tests_passed + tests_failed))
if [ "$tests_ended" != ${#tests[@]} ]; then fail_test "${#tests[@]} tests, of which $tests_ended ended" </dev/null; fi
# As when a setup fails.
if [ "$outcome" = failed ] && [ "$tests_failed" = 0 ]; then fail_test "installcheck ended early" </dev/null; fi
finish
