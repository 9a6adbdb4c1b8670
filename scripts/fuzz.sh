#!/usr/bin/env bash
# Fuzzes the core: scripts/fuzz.sh SECONDS [TARGET...]     SECONDS for each target; all targets when none is named
#
# Targets (test/fuzz/NAME_target.cpp): archive, report, labels, payload. Address and undefined-behaviour sanitizers; an
# input that breaks an invariant, takes over a second and one more for each MB, allocates over 128 MB at once or over 1 GB altogether, or
# leaks, ends its target. Each target prints one line:
#
#   fuzz archive  5123456 runs, 2345 branches of 3498 covered, corpus 812, 410 MB, 0 crashes, 0 leaks, 0 timeouts
#
# What was found lies in build/fuzz/found/TARGET; make it a regression by a copy in test/fuzz/regressions/TARGET, with a name
# that says what it shows. The corpus grows from run to run in build/fuzz/corpus/TARGET. Needs clang.
# shellcheck disable=SC2034 # variables are set for the scripts that source this
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

all_fuzz_targets=(archive report labels payload)
fuzz_options=(-max_len=65536 -timeout=30 -rss_limit_mb=1024 -malloc_limit_mb=128 -print_final_stats=1 -verbosity=1)
# Freed memory is kept back for a while to notice its use; less of it, so that the limit is about the code.
export ASAN_OPTIONS=quarantine_size_mb=32:detect_leaks=1:allocator_may_return_null=0

fuzz_programs=$build/fuzz/test/fuzz

# fuzz_corpus TARGET: the seeds and the regressions, each in a file, in $fuzz_seeds; what is found later, in $fuzz_corpus.
prepare_corpus() {
  fuzz_seeds=$build/fuzz/seeds
  fuzz_corpus=$build/fuzz/corpus/$1
  fuzz_regressions=$project/test/fuzz/regressions/$1
  mkdir -p "$fuzz_corpus" "$build/fuzz/found/$1" "$fuzz_seeds"
  "$project/test/fuzz/make_seeds.py" "$fuzz_seeds"
}

# replay_inputs TARGET: runs the seeds and the regressions once; prints what went wrong. Leaves their number in $replayed.
replay_inputs() {
  local inputs
  prepare_corpus "$1"
  mapfile -t inputs < <(find "$fuzz_seeds/$1" "$fuzz_regressions" -type f 2>/dev/null | sort)
  replayed=${#inputs[@]}
  "$fuzz_programs/fuzz_$1" "${fuzz_options[@]}" -artifact_prefix="$build/fuzz/found/$1/" "${inputs[@]}"
}

# fuzz TARGET SECONDS: prints the line of figures; false when something was found, of which the log tells.
fuzz() {
  local target=$1 seconds=$2 log status=0 crashes leaks timeouts runs covered counters peak directories
  prepare_corpus "$target"
  directories=("$fuzz_corpus" "$fuzz_seeds/$target")
  [ ! -d "$fuzz_regressions" ] || directories+=("$fuzz_regressions")
  log=$build/logs/fuzz-$target.log
  mkdir -p "$build/logs"
  "$fuzz_programs/fuzz_$target" "${fuzz_options[@]}" -max_total_time="$seconds" -dict="$project/test/fuzz/dictionary.txt" \
    -artifact_prefix="$build/fuzz/found/$target/" "${directories[@]}" >"$log" 2>&1 || status=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  peak=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
  covered=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | grep -oE '[0-9]+' || echo 0)
  counters=$(sed -n 's/.*Loaded 1 PC tables (\([0-9]*\) PCs).*/\1/p' "$log")
  leaks=$(grep -c 'LeakSanitizer: detected memory leaks' "$log" || true)
  timeouts=$(grep -cE 'libFuzzer: timeout|takes more than a second' "$log" || true)
  crashes=$((status != 0 && leaks == 0 && timeouts == 0 ? 1 : 0))
  printf 'fuzz %-8s %s runs, %s branches of %s covered, corpus %s, %s MB, %d crashes, %d leaks, %d timeouts\n' "$target" \
    "${runs:-?}" "$covered" "${counters:-?}" "$(find "$fuzz_corpus" -type f | wc -l)" "${peak:-?}" "$crashes" "$leaks" "$timeouts"
  [ "$status" = 0 ]
}

# show_found TARGET: why the target ended.
show_found() {
  grep -nE -m 12 'invariant broken|ERROR|runtime error|SUMMARY|Test unit written' "$build/logs/fuzz-$1.log" >&2 || tail -n 20 "$build/logs/fuzz-$1.log" >&2
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  [[ ${1:-} =~ ^[0-9]+$ ]] || fail "usage: scripts/fuzz.sh SECONDS [TARGET...]"
  seconds=$1
  shift
  [ $# -gt 0 ] || set -- "${all_fuzz_targets[@]}"
  build_fuzz_targets
  found=0
  for target in "$@"; do
    if ! fuzz "$target" "$seconds"; then
      show_found "$target"
      found=1
    fi
  done
  exit "$found"
fi
