#!/usr/bin/env bash
# make installcheck (pg_regress: sql/*.sql against expected/*.out), dealt out to as many private servers as there are
# processors, four at most. Arguments: names of tests (default: all), which are those of the files in sql/.
source "$(dirname "$0")/../lib.sh"
for name in "$@"; do
  [ -e "$project/sql/$name.sql" ] || fail "there is no sql/$name.sql"
done
tests=("$@")
[ $# -gt 0 ] || read -ra tests < <(make_extension --silent list-tests PG_CONFIG="$pg_config")
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

add_regress_counts "$output" ${#tests[@]}
# As when a setup fails.
if [ "$outcome" = failed ] && [ "$tests_failed" = 0 ]; then fail_test "installcheck ended early" </dev/null; fi
finish
