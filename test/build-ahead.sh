#!/usr/bin/env bash
# Builds what kinds of tests need, in the order in which scripts/test.sh runs them, while others use one processor or wait;
# at the lowest priority, so that it takes nobody's time. A kind that comes to something unfinished waits for it. What
# cannot be built is no matter here: the kind that needs it says so.
set -uo pipefail
source "$(dirname "$0")/../scripts/common.sh"
renice -n 19 -p $$ >/dev/null

build_without_isal() {
  export KOKU_ISAL=no
  extension_build+=-isal-no
  build_extension
}

# Each in a shell of its own, which a failure ends.
build_all() {
  local variant version
  (build_without_isal)
  for variant in unit unit-sanitized unit-threads unit-zlib; do (build_unit_tests "$variant"); done
  (build_fuzz_targets)
  (build_intake)
  (build_intake_fuzz_targets)
  for version in 16 18; do (use_fetched_postgres "$version" && build_extension); done
  "$project/scripts/lint.sh"
}

# scripts/test.sh starts this as the leader of its processes; they end with it.
trap 'trap - TERM; kill -- -$$' TERM
build_all &
wait
