#!/usr/bin/env bash
# Looks at the C++ files with clang-format and clang-tidy; changes nothing. scripts/lint.sh [--format | --analyze | --fix] [WORD...]
#
#   --format    only the format, which is quick
#   --analyze   with the analyzer of clang as well, which takes four times as long
#   --fix       puts the format right
#
# WORDs: clang-tidy looks only at the rooms (src/core/report, tools/intake/src/http ...) whose path contains one of them.
# What it found to be clean it does not look at again until it or a header changes (build/lint).
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$project"
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp')

checks=
case "${1:-}" in
  --fix) exec clang-format -i "${files[@]}" ;;
  --format) exec clang-format --dry-run -Werror "${files[@]}" ;;
  --analyze)
    checks="clang-analyzer-*"
    shift
    ;;
  -*) fail "usage: scripts/lint.sh [--format | --analyze | --fix] [WORD...]" ;;
esac

"$project/scripts/install-deps.sh" --lint --intake
status=0
clang-format --dry-run -Werror "${files[@]}" || status=1
one_at_a_time editor run_quietly "$build/logs/cmake-editor.log" cmake -S "$project" -B "$build/editor" -DKOKU_EDITOR=ON -DKOKU_PG_CONFIG="$pg_config"
one_at_a_time lint scripts/tidy.py "$build/editor" "$build/lint" -j "$jobs" --checks="$checks" "$@" || status=1
exit "$status"
