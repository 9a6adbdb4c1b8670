# Sourced by test/kinds/*.sh. Each of them is one kind of test: it runs alone or from scripts/test.sh, prints a line for
# each test and what went wrong, and ends with the line 'N passed, N failed'. Arguments name the tests to run; a kind whose
# tests build on each other calls takes_no_names.
# shellcheck shell=bash disable=SC2034 # variables are set for the scripts that source this
set -euo pipefail
export LC_ALL=C.UTF-8

# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/common.sh"

tests_passed=0
tests_failed=0

pass() {
  tests_passed=$((tests_passed + 1))
  printf 'ok      %s\n' "$1"
}

# fail_test NAME: what went wrong has been printed, or comes on standard input.
fail_test() {
  tests_failed=$((tests_failed + 1))
  printf 'FAILED  %s\n' "$1"
  [ -t 0 ] || sed 's/^/        /'
}

# check NAME COMMAND...: a test that passes when the command does; its output is shown when it fails.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then pass "$name"; else fail_test "$name" <<<"$output"; fi
}

# add_counts LOG: adds the closing line of a log to the counts; false when it has none.
add_counts() {
  local passed failed
  read_counts "$1" || return 1
  tests_passed=$((tests_passed + passed))
  tests_failed=$((tests_failed + failed))
}

# add_regress_counts OUTPUT TESTS: adds what pg_regress said of so many tests. Before release 16: 'test NAME ... ok', then
# TAP: 'ok 1 - NAME'. The setup, which every test has before it, is none.
add_regress_counts() {
  local passed failed
  passed=$(grep -E '^test .* \.\.\. ok|^ok +[0-9]+' <<<"$1" | grep -cvE '[ -]0[01]_' || true)
  failed=$(grep -E '^test .* \.\.\. FAILED|^not ok +[0-9]+' <<<"$1" | grep -cvE '[ -]0[01]_' || true)
  tests_passed=$((tests_passed + passed))
  tests_failed=$((tests_failed + failed))
  [ $((passed + failed)) = "$2" ] || fail_test "$2 tests, $((passed + failed)) results" </dev/null
}

# Ends a kind of test with its closing line.
finish() {
  printf '%d passed, %d failed\n' "$tests_passed" "$tests_failed"
  [ "$tests_failed" = 0 ] && [ "$tests_passed" -gt 0 ]
}

# takes_no_names "$@": ends a kind that was given names of tests and cannot run a part of itself.
takes_no_names() {
  [ $# = 0 ] || fail "these tests build on each other and run as a whole; no names are taken: $*"
}

# check_independent NAME COMMAND...: check, of a kind whose tests stand alone: when $wanted has words, only those run whose
# name contains one of them.
check_independent() {
  local word
  if [ ${#wanted[@]} -gt 0 ]; then
    for word in "${wanted[@]}"; do
      [[ $1 != *"$word"* ]] || { check "$@"; return; }
    done
    return
  fi
  check "$@"
}
wanted=("$@")

# Starts a private server with the extension; see scripts/private-server.sh for what it sets.
need_server() {
  # shellcheck source=scripts/private-server.sh
  source "$project/scripts/private-server.sh"
  private_server_start
}

# The specification: the columns and keys of the reporting schema; another directory of these files where KOKU_SPEC points.
specification=${KOKU_SPEC:-$project/docs/spec}

# The golden scenarios; see test/golden/README.md.
golden=$project/test/golden
scenarios=$golden/scenarios

# What is installed beside the library: the control file, the script of this version, and for each released one its own script
# and the upgrade from it.
extension_files() {
  local script released
  printf '%s\n' koku_onprem.control "koku_onprem--$extension_version.sql"
  for script in "$project"/sql/released/koku_onprem--*.sql; do
    released=$(basename "$script" .sql)
    printf '%s\n' "$released.sql" "$released--$extension_version.sql"
  done
}

# files_below DIRECTORY: the paths of all files there, from / on, sorted.
files_below() { (cd "$1" && find . -type f | sed 's/^\.//' | sort); }

# passes_golden DATABASE SCENARIO [DIRECTORY]: ingests the scenario's payloads and compares every table.
passes_golden() { python3 -B "$golden/run.py" --psql "psql -XqAt $1" --dir "${3:-$scenarios}" "$2"; }

# fresh_database NAME: makes a database with the extension, replacing one of that name.
fresh_database() {
  PGOPTIONS="-c client_min_messages=warning" psql -XAqt -v ON_ERROR_STOP=1 -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1"
  psql -XAqt -v ON_ERROR_STOP=1 -d "$1" -c 'CREATE EXTENSION koku_onprem'
}

# python_environment DIRECTORY PYTHON REQUIREMENT...: packages of the network in an environment of their own, which is made once.
python_environment() {
  [ -e "$1/complete" ] || {
    rm -rf "$1"
    "$2" -m venv "$1" && "$1/bin/pip" install --quiet --disable-pip-version-check "${@:3}" && touch "$1/complete"
  }
}
