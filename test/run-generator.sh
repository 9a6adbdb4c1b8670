#!/usr/bin/env bash
# The payload generator writes what the operator would.
source "$(dirname "$0")/lib.sh"
build_generator
python3 -B "$project/test/check_payload.py" "$generate_payload"
