#!/usr/bin/env bash
# The regression tests on other days: no test depends on the clock, and no statement fails at the turn of a month or year.
# Arguments: moments, as 2027-01-01T00:00:05, in UTC (default: the last seconds of a year; later than the retention of payloads of November 2026 some tests still fail).
source "$(dirname "$0")/../lib.sh"

library=$(echo /usr/lib/*/faketime/libfaketime.so.1)
[ -e "$library" ] || fail "there is no libfaketime; run scripts/install-deps.sh"
moments=("$@")
[ $# -gt 0 ] || moments=(2026-12-31T23:59:40)

# The server has the clock; what it waits for goes by the true one.
server_environment() {
  printf 'LD_PRELOAD=%s TZ=UTC FAKETIME_FMT=%%s FAKETIME=@%s FAKETIME_DONT_FAKE_MONOTONIC=1' "$library" "$(date -u -d "$1" +%s)"
}

has_the_clock() {
  local answer
  answer=$("$project/scripts/private-server.sh" psql -XAqt -c "SELECT now() - '$1Z' BETWEEN interval '0' AND interval '10 minutes'") || return 1
  [ "$answer" = t ] || { printf 'the server says %s\n' "$answer"; return 1; }
}

for moment in "${moments[@]}"; do
  KOKU_SERVER_ENVIRONMENT=$(server_environment "$moment")
  export KOKU_SERVER_ENVIRONMENT
  log=$build/logs/calendar-$moment.log
  mkdir -p "$build/logs"
  check "$moment: the server has this clock" has_the_clock "$moment"
  "$project/test/kinds/regress.sh" >"$log" 2>&1 || true
  sed "s/^/$moment: /" "$log"
  add_counts "$log" || fail_test "$moment: the regression tests ended early" </dev/null
done
finish
