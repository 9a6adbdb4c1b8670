#!/usr/bin/env bash
# clang-tidy over the C++ of the core, the server's part and koku-intake. Arguments: words of the paths of rooms.
source "$(dirname "$0")/../lib.sh"

check "clang-tidy finds nothing" "$project/scripts/lint.sh" "$@"
finish
