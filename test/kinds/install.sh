#!/usr/bin/env bash
# The Makefile as a packager uses it: out of tree, in the tree, DESTDIR, uninstall, the archive for PGXN.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"

directory=$(mktemp -d "${TMPDIR:-/tmp}/koku-install.XXXXXX")
trap 'rm -rf "$directory"' EXIT
build_extension
library=$("$pg_config" --pkglibdir)/koku_onprem.so
extension_directory=$("$pg_config" --sharedir)/extension
expected_files=$({ printf '%s\n' "$library"; extension_files | sed "s|^|$extension_directory/|"; } | sort)

# installs_exactly ROOT: DESTDIR=ROOT got the files of the extension and nothing else.
installs_exactly() { diff <(echo "$expected_files") <(files_below "$1"); }

install_from_build() {
  make_extension install DESTDIR="$directory/from-build" PG_CONFIG="$pg_config" >"$directory/log" 2>&1 || { cat "$directory/log"; return 1; }
  installs_exactly "$directory/from-build"
}

uninstall_leaves_nothing() {
  make_extension uninstall DESTDIR="$directory/from-build" PG_CONFIG="$pg_config" >"$directory/log" 2>&1 || { cat "$directory/log"; return 1; }
  [ -z "$(files_below "$directory/from-build")" ]
}

# The functions that SQL calls, the magic block and the entry of the module; nothing else may clash with other libraries.
exports_entry_points_only() {
  local unexpected
  unexpected=$(nm --dynamic --defined-only --format=posix "$extension_build/koku_onprem.so" |
    awk '$2 ~ /[TDBR]/ { print $1 }' | grep -vE '^(pg_finfo_)?koku_|^Pg_magic_func$|^_PG_init$' || true)
  [ -z "$unexpected" ] || { echo "exported without need: $unexpected"; return 1; }
}

nothing_to_do_the_second_time() {
  local output
  output=$(make_extension all PG_CONFIG="$pg_config") || return 1
  ! grep -E 'g\+\+|gcc|assemble' <<<"$output"
}

# What the archive holds is enough to build and install. Not optimized: nothing of it is run, and it is quicker.
archive_builds_in_its_tree() {
  (cd "$directory" && make -f "$project/Makefile" dist PG_CONFIG="$pg_config") || return 1
  (cd "$directory" && python3 -m zipfile -e "koku_onprem-$extension_version.zip" .) || return 1
  local tree=$directory/koku_onprem-$extension_version
  for file in META.json LICENSE README.md CHANGELOG.md Makefile koku_onprem.control; do
    [ -e "$tree/$file" ] || { echo "the archive lacks $file"; return 1; }
  done
  make -C "$tree" -j "$jobs" CXXFLAGS=-O0 install DESTDIR="$directory/from-archive" PG_CONFIG="$pg_config" >"$directory/log" 2>&1 || { tail -n 50 "$directory/log"; return 1; }
  installs_exactly "$directory/from-archive"
}

clean_leaves_the_tree_as_it_was() {
  local tree=$directory/koku_onprem-$extension_version
  make -C "$tree" clean PG_CONFIG="$pg_config" >/dev/null || return 1
  mkdir "$directory/second"
  (cd "$directory/second" && python3 -m zipfile -e "../koku_onprem-$extension_version.zip" .) || return 1
  diff -r "$directory/second/koku_onprem-$extension_version" "$tree"
}

check "make install DESTDIR, built out of tree" install_from_build
check "make uninstall" uninstall_leaves_nothing
check "only entry points are exported" exports_entry_points_only
check "a second make has nothing to do" nothing_to_do_the_second_time
check "make dist, built in its own tree" archive_builds_in_its_tree
check "make clean" clean_leaves_the_tree_as_it_was
finish
