#!/usr/bin/env bash
# The fuzz targets: every seed and every input that once was a defect, then a short run of each target.
# Arguments: targets (default: all).
#   KOKU_FUZZ_SECONDS   seconds for each target (default: 20); scripts/fuzz.sh for long runs
source "$(dirname "$0")/../lib.sh"
source "$project/scripts/fuzz.sh"
seconds=${KOKU_FUZZ_SECONDS:-20}

build_fuzz_targets
targets=("$@")
[ $# -gt 0 ] || targets=("${all_fuzz_targets[@]}")
for target in "${targets[@]}"; do
  log=$build/logs/fuzz-replay-$target.log
  if replay_inputs "$target" >"$log" 2>&1; then
    pass "$target: $replayed seeds and regressions"
  else
    fail_test "$target: seeds and regressions" < <(tail -n 40 "$log")
  fi
  if figures=$(fuzz "$target" "$seconds"); then
    pass "$figures"
  else
    fail_test "$figures" < <(show_found "$target" 2>&1)
  fi
done
finish
