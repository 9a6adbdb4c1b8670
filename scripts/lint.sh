#!/usr/bin/env bash
# Looks at the C++ files with clang-format and clang-tidy; changes nothing. scripts/lint.sh [--format]
#
#   --format    only the format, which is quick; scripts/test.sh does this
#   --fix       puts the format right
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$project"
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp')

case "${1:-}" in
  --fix) exec clang-format -i "${files[@]}" ;;
  --format) exec clang-format --dry-run -Werror "${files[@]}" ;;
  '') ;;
  *) fail "usage: scripts/lint.sh [--format | --fix]" ;;
esac

"$project/scripts/install-deps.sh" --lint
status=0
clang-format --dry-run -Werror "${files[@]}" || status=1

run_quietly "$build/logs/cmake-tools.log" cmake -S "$project" -B "$build/tools" -DKOKU_WARNINGS_AS_ERRORS=ON
mapfile -t with_cmake < <(git ls-files --cached --others --exclude-standard 'src/core/*.cpp' 'bench/*.cpp' 'test/unit/*.cpp')
printf '%s\0' "${with_cmake[@]}" | xargs -0 -n 1 -P "$jobs" clang-tidy --quiet -p "$build/tools" || status=1

mapfile -t with_server < <(git ls-files --cached --others --exclude-standard 'src/server/*.cpp')
printf '%s\0' "${with_server[@]}" | xargs -0 -r -n 1 -P "$jobs" sh -c 'clang-tidy --quiet "$2" -- \
  -std=c++20 -Isrc -DKOKU_ONPREM_VERSION="\"lint\"" -Wno-register -isystem "$1"' sh "$("$pg_config" --includedir-server)" || status=1
exit "$status"
