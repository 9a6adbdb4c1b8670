#!/usr/bin/env bash
# Builds koku-intake (tools/intake) and tests it with the real parts: the extension on a server of its own, curl as the
# operator, Apache Kafka. scripts/test-intake.sh [NAME...]
#
#   NAME    a module, class or test of tools/intake/test/integration, e.g. test_http.Tls; all when none is named
#
# The broker comes from Maven Central. Where it cannot be had, a line says so and why, and everything else runs.
# The last line is 'N passed, N failed'; the exit code is 0 only when nothing failed.
source "$(dirname "$0")/../test/lib.sh"
intake=$project/tools/intake
modules=("$@")
[ $# -gt 0 ] || modules=(test_packaging test_http test_strangers test_operator test_report test_faults test_servers)

"$project/scripts/install-deps.sh" --intake
build_intake

# The broker and its libraries in build/kafka; the stamp says for which list of libraries.
fetch_kafka() {
  local jars=$build/kafka
  ! cmp -s "$intake/test/integration/pom.xml" "$jars/pom.xml" || return 0
  "$project/scripts/install-deps.sh" --kafka || { echo "Java and Maven cannot be installed"; return 1; }
  rm -rf "$jars"
  timeout 300 mvn --batch-mode --quiet --file "$intake/test/integration/pom.xml" \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies -DoutputDirectory="$jars" || return 1
  cp "$intake/test/integration/pom.xml" "$jars/"
}
if [ $# = 0 ] || [[ " $* " == *" test_kafka"* ]]; then
  if fetch_kafka >"$build/logs/kafka.log" 2>&1; then
    [ $# -gt 0 ] || modules+=(test_kafka)
  else
    # What failed is said first by Maven, last by apt.
    reason=$(grep -m 1 ERROR "$build/logs/kafka.log" || tail -n 1 "$build/logs/kafka.log")
    printf 'NOT RUN: the tests with Kafka, because there is no broker to run them with: %s\n' "${reason:0:300}"
    mapfile -t modules < <(printf '%s\n' "${modules[@]}" | grep -v '^test_kafka')
  fi
fi

[ $# -gt 0 ] || check "scripts/demo.sh --intake" "$project/scripts/demo.sh" --intake

need_server
export KOKU_INTAKE=$build/intake/koku-intake KOKU_BUILD_OF_INTAKE=$build/intake KOKU_KAFKA_JARS=$build/kafka
export KOKU_TEST_DATA=$private_server_directory/data KOKU_TEST_OWNER="${private_server_as_owner[*]}"

# run_part NAME COMMAND...: shows what the command prints and adds the closing line 'N passed, N failed' to the counts.
run_part() {
  local output=$build/logs/intake-$1.log
  "${@:2}" 2>&1 | tee "$output" | grep -vE '^[0-9]+ passed, [0-9]+ failed$' || true
  add_counts "$output" || fail_test "$1 did not come to its end" <<<"$(tail -n 20 "$output")"
}

# Each parser that strangers reach, from its seeds; an input that takes ten seconds is a defect, too.
fuzz_parser() {
  local corpus=$build/intake-fuzz/corpus/$1
  mkdir -p "$corpus"
  "$build/intake-fuzz/test/fuzz/fuzz_$1" -max_total_time="${KOKU_FUZZ_SECONDS:-5}" -timeout=10 -rss_limit_mb=1024 -max_len=20000 \
    -artifact_prefix="$build/intake-fuzz/found-$1-" "$corpus" "$intake/test/fuzz/seeds/$1"
}
if [ $# = 0 ]; then
  build_intake_fuzz_targets
  for parser in multipart header_value announcement token; do
    check "fuzzing: $parser" fuzz_parser "$parser"
  done
fi

[ $# -gt 0 ] || check "unit tests" "$build/intake/intake_unit_tests" --color_output=no
[ ${#modules[@]} = 0 ] || run_part integration python3 -B "$intake/test/integration/run.py" "${modules[@]}"
finish
