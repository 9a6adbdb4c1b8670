#!/usr/bin/env bash
# What can be checked without building: format, scripts, and facts that stand in more than one place.
source "$(dirname "$0")/lib.sh"
cd "$project"

version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" koku_onprem.control)

version_is_released_as_documented() {
  grep -q "^## $version\b" CHANGELOG.md || { echo "CHANGELOG.md has no section for $version"; return 1; }
}

debian_version_agrees() {
  [[ $(dpkg-parsechangelog --show-field Version) == "$version"-* ]] || { echo "debian/changelog is not of $version"; return 1; }
}

scripts_parse() {
  local script
  while IFS= read -r script; do bash -n "$script" || return 1; done < <(git ls-files '*.sh' .ci/run)
}

scripts_are_executable() {
  local script
  for script in $(git ls-files "scripts/*.sh" "test/run-*.sh" "bench/*.sh" .ci/run); do
    case $script in scripts/common.sh | scripts/assemble-sql.sh | bench/lib.sh) continue ;; esac
    [ -x "$script" ] || { echo "$script is not executable"; return 1; }
  done
}

core_knows_no_server() {
  ! grep -nE '#include *[<"](postgres|fmgr|utils/|catalog/|access/|executor/|server/)' -r src/core
}

check "clang-format" scripts/lint.sh --format
check "version in CHANGELOG.md" version_is_released_as_documented
check "META.json" python3 -B test/check_meta.py "$version"
check "version in debian/changelog" debian_version_agrees
check "scripts parse" scripts_parse
check "scripts are executable" scripts_are_executable
check "src/core includes no server header" core_knows_no_server
finish
