#!/usr/bin/env bash
# The SQL of README.md and docs/*.md does what these files say: see checks/documentation.py for how examples are written.
# Arguments: names of files without their endings (README, operations; default: all).
source "$(dirname "$0")/../lib.sh"
need_server

KOKU_SAMPLE_PAYLOAD=$private_server_directory/files/payload.tar.gz
export KOKU_SAMPLE_PAYLOAD
sample_payload "$KOKU_SAMPLE_PAYLOAD" --date 2026-11-01

cd "$project"
shopt -s nullglob
files=(docs/*.md)
[ ! -e README.md ] || files=(README.md "${files[@]}")
if [ $# -gt 0 ]; then
  files=()
  for name in "$@"; do
    [ -e "docs/$name.md" ] && files+=("docs/$name.md") || files+=("$name.md")
  done
fi
python3 -B test/checks/documentation.py "${files[@]}"
