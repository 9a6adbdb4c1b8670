#!/usr/bin/env bash
# The SQL of README.md and docs/*.md does what these files say: see run_docs.py for how examples are written.
source "$(dirname "$0")/lib.sh"
need_server

KOKU_SAMPLE_PAYLOAD=$private_server_directory/files/payload.tar.gz
export KOKU_SAMPLE_PAYLOAD
sample_payload "$KOKU_SAMPLE_PAYLOAD" --date 2026-11-01

cd "$project"
shopt -s nullglob
files=(docs/*.md)
[ ! -e README.md ] || files=(README.md "${files[@]}")
python3 -B test/run_docs.py "${files[@]}"
