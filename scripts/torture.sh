#!/usr/bin/env bash
# Everything that tries to break it, for long: scripts/torture.sh [--quick] [--seed NUMBER]
#
# Fuzzing, the hostile corpus, what payloads cost, attacks on the front door, kills, interruptions, want of memory and of
# disk at random moments, sessions that meet, and eight sessions at once. Prints a line for each class and a total; the exit code is 0 only when nothing differed.
#   --quick   a few minutes instead of an hour
#   --seed    of the random moments and orders; printed, so that a run can be repeated
#   KOKU_TORTURE_ROUNDS        kills (default: 200; half as many of each other fault)
#   KOKU_TORTURE_FUZZ_SECONDS  for each fuzz target (default: 600)
# What the classes print lies in build/torture.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

rounds=${KOKU_TORTURE_ROUNDS:-200}
fuzz_seconds=${KOKU_TORTURE_FUZZ_SECONDS:-600}
soak_days=12
hostile_options=(--thorough)
seed=$((RANDOM * 32768 + RANDOM))
while [ $# -gt 0 ]; do
  case $1 in
    --quick) rounds=12 fuzz_seconds=15 soak_days=4 hostile_options=() ;;
    --seed) seed=${2:?a number follows --seed} && shift ;;
    *) fail "usage: scripts/torture.sh [--quick] [--seed NUMBER]" ;;
  esac
  shift
done

logs=$build/torture
mkdir -p "$logs"
classes=0
classes_that_differ=0

# torture CLASS COMMAND...: runs a class, leaves what it prints in $log, and notes whether it passed.
torture() {
  local class=$1
  shift
  log=$logs/$class.log
  say "$class"
  differences=0
  "$@" >"$log" 2>&1 </dev/null || differences=1
  [[ $(tail -n 1 "$log") =~ ^[0-9]+\ passed,\ 0\ failed$ ]] || differences=1
  # Of what failed, the number that is told.
  if [ "$differences" != 0 ]; then
    differences=$(grep -c '^FAILED' "$log" || true)
    [ "$differences" != 0 ] || differences=1
    classes_that_differ=$((classes_that_differ + 1))
    grep -A 5 '^FAILED' "$log" >&2 || tail -n 20 "$log" >&2
  fi
  classes=$((classes + 1))
}

# line CLASS TEXT: the line of a class.
line() { printf '%-14s %s, differences %d\n' "$1" "$2" "$differences"; }

# number PATTERN: the sum of the numbers that a pattern with one group finds in the log.
number() { sed -nE "s/.*$1.*/\1/p" "$log" | awk '{ sum += $1 } END { print sum + 0 }'; }

printf 'torture seed %d\n' "$seed"

torture fuzz env KOKU_FUZZ_SECONDS="$fuzz_seconds" "$project/test/kinds/fuzz.sh"
inputs=$(number '^ok +fuzz [a-z]+ +([0-9]+) runs')
line fuzz "$inputs inputs tried, $(grep -c '^ok .*fuzz' "$log" || true) targets"
total_inputs=$inputs

torture hostile "$project/test/kinds/hostile.sh" "${hostile_options[@]}"
inputs=$(number '^hostile corpus ([0-9]+) inputs')
line hostile "$inputs inputs tried, $(number 'inputs: ([0-9]+) refused') refused, $(number ', ([0-9]+) taken') taken"
total_inputs=$((total_inputs + inputs))

torture cost "$project/test/kinds/cost.sh"
line cost "$(sed -n 's/^cost of hostile payloads: //p' "$log")"

torture denial "$project/test/kinds/intake.sh" test_strangers test_http.BadConnections test_http.Crowds test_http.Limits \
  test_http.Memory test_operator.Tokens
delay=$(sed -nE 's/.*delay of a good upload .*: ([0-9.]+) s$/\1/p' "$log" | sort -n | tail -n 1)
line denial "$(grep -c '^ok' "$log" || true) attacks on the front door, a good upload delayed by ${delay:-?} s at most,$(sed -n 's/^ *peak of/ peak of/p' "$log")"

total_rounds=0
faults() {
  torture "$1" "$project/test/kinds/faults.sh" --rounds "$rounds" --seed "$seed" "$1"
  local survived
  survived=$(number '^ok .*: ([0-9]+) rounds')
  line "$1" "$(number ': ([0-9]+) rounds,') rounds, $survived faults survived"
  total_rounds=$((total_rounds + survived))
}
faults kills
faults interruptions
faults memory
faults disk

torture isolation "$project/test/kinds/isolation.sh"
line isolation "$(grep -c '^starting permutation' -r "$build/isolation/results" --include='*.out' -h | awk '{ sum += $1 } END { print sum }') orders of sessions that meet"

torture soak "$project/test/kinds/soak.sh" --days "$soak_days" --seed "$seed"
line soak "$(sed -n 's/^soak \(.*\), seed.*/\1/p' "$log")"

printf 'torture: %d classes, %d rounds of faults survived, %d inputs tried, %d classes with differences, seed %d\n' \
  "$classes" "$total_rounds" "$total_inputs" "$classes_that_differ" "$seed"
[ "$classes_that_differ" = 0 ]
