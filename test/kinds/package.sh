#!/usr/bin/env bash
# The Debian package: built as for an upload, unpacked over a copy of the server, and at work there. Nothing is installed
# on the machine.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
# shellcheck source=scripts/private-server.sh
source "$project/scripts/private-server.sh"

version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$project/koku_onprem.control")
package=postgresql-$postgres_version-koku-onprem
tree=$build/package/koku-onprem
documentation=/usr/share/doc/$package
extension_directory=/usr/share/postgresql/$postgres_version/extension

copy_of_project() {
  rm -rf "$build/package"
  mkdir -p "$tree"
  (cd "$project" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar -c --ignore-failed-read) | tar -x -C "$tree"
}

# What depends on the releases of PostgreSQL that this Debian has is generated and kept in the project.
control_is_up_to_date() {
  (cd "$tree" && pg_buildext checkcontrol) && diff "$tree/debian/control" "$project/debian/control"
}

build_package() {
  (cd "$tree" && DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$jobs" dpkg-buildpackage --build=binary --no-sign) &&
    deb=$(echo "$build/package/$package"_*.deb) && [ -e "$deb" ]
}

has_the_version_of_the_project() { [ "$(dpkg-deb --field "$deb" Version)" = "$version-1" ]; }

depends_on_what_it_needs() {
  local depends wanted
  depends=$(dpkg-deb --field "$deb" Depends)
  for wanted in "postgresql-$postgres_version" libarchive13 libisal2 libsimdjson14 libstdc++6; do
    grep -qF "$wanted " <<<"$depends" || { printf 'does not depend on %s: %s\n' "$wanted" "$depends"; return 1; }
  done
}

holds_exactly() {
  diff <({
    printf '%s\n' "/usr/lib/postgresql/$postgres_version/lib/koku_onprem.so" "$extension_directory/koku_onprem.control" \
      "$extension_directory/koku_onprem--$version.sql" "$documentation"/{README.md,changelog,changelog.Debian,copyright}
    (cd "$tree/sql/released" && printf "$extension_directory/%s\n" *.sql)
    (cd "$tree/src/sql/upgrade" && printf "$extension_directory/koku_onprem--%s\n" *--"$version.sql")
    (cd "$tree/docs" && printf "$documentation/%s\n" *.md spec/*)
  } | sort) <(dpkg-deb --fsys-tarfile "$deb" | tar -t | sed -n 's/^\.\(.*[^/]\)$/\1/p' | sed 's/\.gz$//' | sort)
}

is_clean_for_lintian() { lintian --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$deb"; }

private_server_install() { dpkg-deb --extract "$deb" "$private_server_directory/tree"; }

copy_of_project
check "debian/control is generated from control.in" control_is_up_to_date
# Not in a subshell: it says which file it made.
if build_package >"$build/logs/package.log" 2>&1; then
  pass "dpkg-buildpackage"
else
  fail_test "dpkg-buildpackage" <"$build/logs/package.log"
  finish
fi
check "version" has_the_version_of_the_project
check "dependencies" depends_on_what_it_needs
check "contents" holds_exactly
! command -v lintian >/dev/null || check "lintian" is_clean_for_lintian

private_server_start
check "CREATE EXTENSION" fresh_database package
check "scenario basic" passes_golden package basic
finish
