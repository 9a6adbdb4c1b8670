#!/usr/bin/env bash
# The unit tests of the core: as released, with address and undefined-behaviour sanitizers; those that have threads with the
# thread sanitizer, and those that unpack with zlib instead of isa-l. Arguments: beginnings of the names of suites, or
# SUITE/TEST (default: all); test/unit/csv_test.cpp has the suite csv.
source "$(dirname "$0")/../lib.sh"

# run_variant NAME: every test case counts.
run_variant() {
  local name=$1 report counts passed failed aborted suite filter=()
  say "unit tests, $name"
  build_unit_tests "$name"
  report=$build/logs/$name-report.xml
  rm -f "$report"
  for suite in "${wanted[@]}"; do filter+=("--run_test=$suite*"); done
  "$build/$name/unit_tests" --report_format=XML --report_level=short --report_sink="$report" --color_output=no "${filter[@]}" || true
  counts=$(sed -n 's/.*test_cases_passed="\([0-9]*\)".*test_cases_failed="\([0-9]*\)".*test_cases_aborted="\([0-9]*\)".*/\1 \2 \3/p' "$report" 2>/dev/null | head -n 1)
  if [ -z "$counts" ]; then
    fail_test "$name: the program ended without a report" </dev/null
    return
  fi
  read -r passed failed aborted <<<"$counts"
  printf '%s: %d test cases passed, %d failed or aborted\n' "$name" "$passed" $((failed + aborted))
  tests_passed=$((tests_passed + passed))
  tests_failed=$((tests_failed + failed + aborted))
}

# run_suite SUITE NAME: one suite in a variant, unless others are asked for.
run_suite() {
  local asked=("${wanted[@]}")
  local wanted=("$1")
  [ ${#asked[@]} = 0 ] || [[ " ${asked[*]}" = *" $1"* ]] || return 0
  run_variant "$2"
}

run_variant unit
run_variant unit-sanitized
run_suite read_ahead unit-threads
run_suite archive unit-zlib
finish
