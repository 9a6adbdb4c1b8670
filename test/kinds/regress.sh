#!/usr/bin/env bash
# make installcheck (pg_regress: sql/*.sql against expected/*.out) on a private server. Arguments: names of tests (default:
# all), which are those of the files in sql/.
source "$(dirname "$0")/../lib.sh"
tests=()
for name in "$@"; do
  [ -e "$project/sql/$name.sql" ] || fail "there is no sql/$name.sql"
done
[ $# = 0 ] || tests=("REGRESS=$*")
need_server

results=$extension_build
rm -f "$results/regression.failed"
outcome=passed
output=$(make_extension installcheck PG_CONFIG="$PG_CONFIG" "${tests[@]}" 2>&1) || outcome=failed
printf '%s\n' "$output"
[ ! -s "$results/regression.failed" ] || cat "$results/regression.failed"

# Before release 16: 'test NAME ... ok', then TAP: 'ok 1 - NAME'.
tests_passed=$(grep -cE '^test .* \.\.\. ok|^ok +[0-9]+' <<<"$output" || true)
tests_failed=$(grep -cE '^test .* \.\.\. FAILED|^not ok +[0-9]+' <<<"$output" || true)
if [ "$tests_passed" = 0 ]; then fail_test "installcheck ran no test" </dev/null; fi
# As when a test has no expected output.
if [ "$outcome" = failed ] && [ "$tests_failed" = 0 ]; then fail_test "installcheck ended early" </dev/null; fi
finish
