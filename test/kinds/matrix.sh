#!/usr/bin/env bash
# The regression tests and the golden scenarios on each release of PostgreSQL that can be had here: Debian's 15, and 16 and
# 18 from a Python package (scripts/fetch-postgres.sh). The expected output is the same on all.
#
# Arguments: major versions (default: 16 18, since the kinds regress and golden run on 15); others must be installed as
# Debian's packages do it.
source "$(dirname "$0")/../lib.sh"

pg_config_of() {
  case $1 in
    16 | 18) "$project/scripts/fetch-postgres.sh" "$1" ;;
    *) printf '/usr/lib/postgresql/%s/bin/pg_config\n' "$1" ;;
  esac
}

# run_kind VERSION KIND: all its tests count.
run_kind() {
  local version=$1 kind=$2 log=$build/logs/matrix-$1-$2.log
  mkdir -p "$build/logs"
  KOKU_POSTGRES=$version KOKU_PG_CONFIG=$(pg_config_of "$version") "$project/test/kinds/$kind.sh" >"$log" 2>&1 || true
  sed "s/^/$version: /" "$log"
  add_counts "$log" || fail_test "$version: $kind ended early" </dev/null
}

versions=("$@")
[ $# -gt 0 ] || read -ra versions <<<"${KOKU_MATRIX:-16 18}"
for version in "${versions[@]}"; do
  run_kind "$version" regress
  # Reading ahead calls nothing of the server: once, in the kind golden, is enough.
  KOKU_GOLDEN_THREADS=no run_kind "$version" golden
done
finish
