#!/usr/bin/env bash
# Eight sessions over four sources at once: test/faults/soak.py. Arguments are passed on: --days N, --seed N.
source "$(dirname "$0")/../lib.sh"
private_server_settings="fsync = off
synchronous_commit = off
koku_onprem.retention_months = 0"
need_server
build_generator
cd "$project/test/faults"
python3 -B soak.py --generator "$generate_payload" --directory "$private_server_directory/files" "$@"
