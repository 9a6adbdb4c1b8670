#!/usr/bin/env bash
# No server error jumps over a C++ object and no C++ exception enters the server: see check_boundary.py, which also tests
# itself with planted code.
source "$(dirname "$0")/lib.sh"
exec python3 -B "$project/test/check_boundary.py"
