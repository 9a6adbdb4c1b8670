#!/usr/bin/env bash
# Sessions that meet: test/isolation/specs/*.spec against test/isolation/expected/*.out, by PostgreSQL's isolation tester.
# Arguments: names of specs (default: all).
source "$(dirname "$0")/../lib.sh"
need_server
psql -XAqt -v ON_ERROR_STOP=1 -c "CREATE DATABASE isolation" -c "ALTER DATABASE isolation SET client_min_messages = warning"
for script in sql/00_setup.sql test/isolation/setup.sql; do
  psql -XAqt -v ON_ERROR_STOP=1 -d isolation -f "$project/$script" >/dev/null
done

tester=$(dirname "$("$PG_CONFIG" --pgxs)")/../../src/test/isolation/pg_isolation_regress
results=$build/isolation
mkdir -p "$results"
specs=("$@")
[ $# -gt 0 ] || mapfile -t specs < <(cd "$project/test/isolation/specs" && printf '%s\n' *.spec | sed 's/\.spec$//')
output=$("$tester" --use-existing --dbname=isolation --inputdir="$project/test/isolation" --outputdir="$results" \
  --bindir="$(dirname "$PG_CONFIG")" "${specs[@]}" 2>&1) || true
printf '%s\n' "$output"
[ ! -s "$results/regression.diffs" ] || cat "$results/regression.diffs"

add_regress_counts "$output" ${#specs[@]}
finish
