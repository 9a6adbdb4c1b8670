#!/usr/bin/env bash
# What can be checked without building: format, scripts, and facts that stand in more than one place. Arguments: words of
# the names of tests.
source "$(dirname "$0")/../lib.sh"
cd "$project"

version_is_released_as_documented() {
  grep -q "^## $extension_version\b" CHANGELOG.md || { echo "CHANGELOG.md has no section for $extension_version"; return 1; }
}

debian_version_agrees() {
  [[ $(dpkg-parsechangelog --show-field Version) == "$extension_version"-* ]] || { echo "debian/changelog is not of $extension_version"; return 1; }
}

scripts_are_clean_for_shellcheck() {
  git ls-files -z --cached --others --exclude-standard '*.sh' .ci/run | xargs -0 shellcheck
}

kinds_are_documented() {
  local kind
  for kind in test/kinds/*.sh; do
    grep -qE "^\| ([a-z-]+, )*$(basename "$kind" .sh)(, [a-z-]+)* \|" CONTRIBUTING.md || { echo "CONTRIBUTING.md does not tell what $kind tests"; return 1; }
  done
}

kinds_are_in_their_room() {
  local misplaced
  misplaced=$(git ls-files --cached --others --exclude-standard 'test/run-*.sh')
  [ -z "$misplaced" ] || { echo "belongs into test/kinds: $misplaced"; return 1; }
}

scripts_are_executable() {
  local script
  for script in $(git ls-files "scripts/*.sh" "test/kinds/*.sh" "bench/*.sh" .ci/run); do
    case $script in scripts/common.sh | scripts/assemble-sql.sh | bench/lib.sh) continue ;; esac
    [ -x "$script" ] || { echo "$script is not executable"; return 1; }
  done
}

# An argument without a type fits a stranger's function of that name as well as ours.
arguments_have_types() {
  ! grep -nE '"[^"]*koku_[a-z_]+\(([^)"]*, *)?\$[0-9]+ *[,)]' -r tools/intake/src
}

core_knows_no_server() {
  ! grep -nE '#include *[<"](postgres|fmgr|utils/|catalog/|access/|executor/|server/)' -r src/core
}

check_independent "clang-format" scripts/lint.sh --format
check_independent "version in CHANGELOG.md" version_is_released_as_documented
check_independent "META.json" python3 -B test/checks/meta.py "$extension_version"
check_independent "version in debian/changelog" debian_version_agrees
check_independent "lines of SQL fit 120 columns" python3 -B test/checks/sql_width.py
check_independent "shellcheck" scripts_are_clean_for_shellcheck
check_independent "every kind of test lies in test/kinds" kinds_are_in_their_room
check_independent "every kind of test stands in CONTRIBUTING.md" kinds_are_documented
check_independent "scripts are executable" scripts_are_executable
check_independent "koku-intake names the types of what it hands to functions" arguments_have_types
check_independent "src/core includes no server header" core_knows_no_server
finish
