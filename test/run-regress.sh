#!/usr/bin/env bash
# make installcheck (pg_regress: sql/*.sql against expected/*.out) on a private server.
source "$(dirname "$0")/lib.sh"
need_server

results=$build/extension-$postgres_version
rm -f "$results/regression.failed"
output=$(make_extension installcheck PG_CONFIG="$PG_CONFIG" 2>&1) || true
printf '%s\n' "$output"
[ ! -s "$results/regression.failed" ] || cat "$results/regression.failed"

# Before release 16: 'test NAME ... ok', then TAP: 'ok 1 - NAME'.
tests_passed=$(grep -cE '^test .* \.\.\. ok|^ok +[0-9]+' <<<"$output" || true)
tests_failed=$(grep -cE '^test .* \.\.\. FAILED|^not ok +[0-9]+' <<<"$output" || true)
if [ "$tests_passed" = 0 ] && [ "$tests_failed" = 0 ]; then fail_test "installcheck ran no test" </dev/null; fi
finish
