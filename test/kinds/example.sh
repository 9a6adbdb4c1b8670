#!/usr/bin/env bash
# The worked example of CONTRIBUTING.md: its patches are applied to a copy of the project, which is built, and whose new test
# passes there.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"

tree=$build/example/tree
copy_of_project() {
  rm -rf "$tree"
  mkdir -p "$tree"
  (cd "$project" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar -c --ignore-failed-read) | tar -x -C "$tree"
}
# Outside of the project's own repository, git apply takes the names as they stand.
apply_patches() {
  (cd "$tree" && sed -n '/^```diff$/,/^```$/{/^```/d;p}' CONTRIBUTING.md | GIT_CEILING_DIRECTORIES=$(dirname "$tree") git apply --verbose)
}
new_test_passes() {
  local log=$build/logs/example.log
  KOKU_BUILD=$tree/build "$tree/test/kinds/regress.sh" gpu_power >"$log" 2>&1 || { tail -n 60 "$log"; return 1; }
}

mkdir -p "$build/logs"
check "a copy of the project" copy_of_project
check "the patches of CONTRIBUTING.md apply" apply_patches
check "a report column, a summary table and a test: the test passes" new_test_passes
finish
