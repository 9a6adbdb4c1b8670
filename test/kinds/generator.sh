#!/usr/bin/env bash
# The payload generator writes what the operator would.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
build_generator
python3 -B "$project/test/checks/payload.py" "$generate_payload"
