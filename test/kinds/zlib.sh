#!/usr/bin/env bash
# The build without isa-l (make ISAL=no): it does not need that library, and gives the same rows. Arguments: golden
# scenarios (default: a few of them).
export KOKU_ISAL=no
source "$(dirname "$0")/../lib.sh"

needs_zlib_only() {
  local needed
  needed=$(readelf --dynamic "$extension_build/koku_onprem.so" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
  grep -q '^libz\.' <<<"$needed" || { echo "it does not use zlib: $needed"; return 1; }
  ! grep 'libisal' <<<"$needed"
}

other_words_are_refused() {
  local output
  if output=$(make -f "$project/Makefile" -C "$build" ISAL=maybe all PG_CONFIG="$pg_config" 2>&1); then return 1; fi
  grep -F "ISAL is 'maybe'; it can be yes or no" <<<"$output"
}

build_extension
check "the library needs zlib and not isa-l" needs_zlib_only
check "another value of ISAL is refused" other_words_are_refused

chosen=("$@")
[ $# -gt 0 ] || chosen=(basic messy split)
log=$build/logs/golden-zlib.log
"$project/test/kinds/golden.sh" "${chosen[@]}" >"$log" 2>&1 </dev/null || cat "$log"
add_counts "$log" || fail_test "golden scenarios" <"$log"
finish
