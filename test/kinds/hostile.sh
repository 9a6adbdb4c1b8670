#!/usr/bin/env bash
# The hostile corpus against a live server: test/hostile/run.py. Arguments are passed on: --show, --thorough, names of cases.
source "$(dirname "$0")/../lib.sh"
need_server
fresh_database hostile
cd "$project/test/hostile"
python3 -B run.py hostile "$private_server_directory/files" "$@"
