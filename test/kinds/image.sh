#!/usr/bin/env bash
# The extension image for CloudNativePG: made without a container engine, inspected, unpacked, and used as a pod uses it by a
# PostgreSQL 18 (scripts/fetch-postgres.sh) that does not have the extension. There is no Kubernetes here.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
use_fetched_postgres 18
# shellcheck source=scripts/private-server.sh
source "$project/scripts/private-server.sh"

work=$build/extension-image
rm -rf "$work"
mkdir -p "$work" "$build/logs"
# Where what the image holds is looked at.
content=$work/tree

make_image() { reference=$("$project/scripts/extension-image.sh" "$work/first" 2>"$build/logs/extension-image.log"); }

has_the_tag_of_what_it_fits() { [[ $reference == $work/first:$extension_version-18-* ]] || { echo "it is $reference"; return 1; }; }

documentation_has_the_tag() {
  local named
  named=$(grep -oE 'koku-onprem(-image)?:[0-9][^ ]*' "$project/docs/install.md" | sed 's/^[^:]*://' | sort -u)
  diff <(echo "${reference##*:}") <(echo "$named")
}

# The layers and the configuration are named by what is in them.
second_is_the_same() {
  local second
  second=$("$project/scripts/extension-image.sh" "$work/second") && diff "$work/first/index.json" "$work/second/index.json" &&
    skopeo inspect "oci:$second" >/dev/null
}

# configured EXPECTED EXPRESSION: of the configuration, as skopeo reads it.
configured() {
  diff <(printf '%s\n' "$1") <(skopeo inspect --config "oci:$reference" |
    python3 -c "import json, sys; image = json.load(sys.stdin); label = image['config']['Labels'].get; print($2)")
}

unpack() {
  local rootless=()
  [ "$(id -u)" = 0 ] || rootless=(--rootless)
  umoci unpack --image="$reference" "${rootless[@]}" "$work/unpacked" && content=$work/unpacked/rootfs
}

holds_exactly() {
  diff <({
    printf '%s\n' /lib/koku_onprem.so /licenses/koku_onprem/LICENSE
    extension_files | sed 's|^|/share/extension/|'
  } | sort) <(files_below "$content" | grep -vE '^/system/[^/]+\.so(\.[0-9]+)+$|^/licenses/[^/]+/copyright$')
}

brings_its_libraries() {
  local library
  for library in archive isal simdjson; do
    compgen -G "$content/system/lib$library.so.*" >/dev/null || { echo "it lacks lib$library"; return 1; }
  done
}

# A program runs with the C library that it was begun with, or not at all.
leaves_the_c_library_out() { ! compgen -G "$content/system/lib[cm].so.*"; }

can_be_read_by_everybody() {
  local found
  found=$(find "$content" -not -perm -o=r -o -type d -not -perm -o=x)
  [ -z "$found" ] || { echo "closed: $found"; return 1; }
}

# In a pod the image is a volume at /extensions/NAME, and the operator sets these three.
private_server_install() {
  local mounted=$private_server_directory/files/koku_onprem
  cp -r "$content" "$mounted"
  private_server_settings+="
extension_control_path = '\$system:$mounted/share'
dynamic_library_path = '\$libdir:$mounted/lib'"
  private_server_environment+=("LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$mounted/system")
}

server_does_not_have_it() {
  local found
  found=$(find "$private_server_directory/tree" -name 'koku_onprem*')
  [ -z "$found" ] || { echo "$found"; return 1; }
}

# The shared libraries that a backend has in memory after a statement.
libraries_after() {
  psql -XAqt -v ON_ERROR_STOP=1 -d image -c "$1" -c "SELECT pg_read_file('/proc/self/maps')" | sed -n 's|^[^/]* \(/.*\.so.*\)|\1|p' | sort -u
}

# Loading the extension brings everything that the image has, and nothing from elsewhere.
loads_what_the_image_has() {
  local mounted=$private_server_directory/files/koku_onprem
  diff <(files_below "$mounted" | grep -E '^/(lib|system)/' | sed "s|^|$mounted|") \
    <(comm -13 <(libraries_after "SELECT") <(libraries_after "LOAD 'koku_onprem'"))
}

if ! "$project/scripts/install-deps.sh" --image >"$build/logs/image-deps.log" 2>&1; then
  printf 'NOT RUN: making and inspecting the image, because umoci and skopeo cannot be had: %s\n' "$(tail -n 1 "$build/logs/image-deps.log")"
  "$project/scripts/extension-image.sh" --tree "$content"
elif make_image; then
  pass "it is made"
  check "tag" has_the_tag_of_what_it_fits
  check "docs/install.md names this tag" documentation_has_the_tag
  check "the same sources make the same image" second_is_the_same
  check "user" configured 65532:65532 'image["config"]["User"]'
  check "platform" configured "linux $(dpkg --print-architecture)" 'image["os"], image["architecture"]'
  check "label of the version" configured "$extension_version" 'label("org.opencontainers.image.version")'
  check "label of the server's release" configured 18 'label("io.cloudnativepg.image.base.pgmajor")'
  check "two layers" configured 2 'len(image["rootfs"]["diff_ids"])'
  if ! unpack >"$build/logs/image-unpack.log" 2>&1; then
    fail_test "umoci unpack" <"$build/logs/image-unpack.log"
    finish
  fi
else
  fail_test "it is made" <"$build/logs/extension-image.log"
  finish
fi
check "contents" holds_exactly
check "/system has what the extension needs" brings_its_libraries
check "/system leaves the C library to the server" leaves_the_c_library_out
check "everybody can read it" can_be_read_by_everybody

private_server_start
check "the server does not have the extension" server_does_not_have_it
check "CREATE EXTENSION" fresh_database image
check "a backend loads all of /lib and /system, and nothing from elsewhere" loads_what_the_image_has
check "scenario basic" passes_golden image basic
check "scenario messy" passes_golden image messy
finish
