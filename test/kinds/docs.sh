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
log=$build/logs/docs-examples.log
python3 -B test/checks/documentation.py "${files[@]}" 2>&1 | tee "$log" || true
add_counts "$log" || fail_test "the examples ended early" </dev/null

# The README lists the settings that the library has, with their defaults: sizes in bytes.
settings_of_library() {
  psql -XAqt -F ' ' -c "LOAD 'koku_onprem'" -c "SELECT name, boot_val::bigint * pg_size_bytes('1' || coalesce(unit, ' bytes'))
    FROM pg_settings WHERE name LIKE 'koku_onprem.%' ORDER BY name COLLATE \"C\""
}
settings_of_readme() {
  sed -nE 's/^\| `(koku_onprem\.[a-z_]+)` \| ([^ ]+) \|.*/\1 \2/p' README.md | sed 's/kB$/K/; s/B$//' | numfmt --field=2 --from=iec | LC_ALL=C sort
}
check "README.md lists the settings of the library and their defaults" diff <(settings_of_readme) <(settings_of_library)
finish
