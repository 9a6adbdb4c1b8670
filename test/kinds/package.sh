#!/usr/bin/env bash
# The Debian packages: built as for an upload, unpacked over a copy of the server and beside it, and at work there, the one
# with the other. Nothing is installed on the machine.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
# shellcheck source=scripts/private-server.sh
source "$project/scripts/private-server.sh"
"$project/scripts/install-deps.sh" --intake

extension=postgresql-$postgres_version-koku-onprem
tree=$build/package/koku-onprem
unpacked=$build/package/intake
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

# Without symbols for the debugger, whose packages are not looked at, and koku-intake not optimized: half of the time.
build_packages() {
  (cd "$tree" && DEB_CXXFLAGS_STRIP=-g DEB_CXXFLAGS_APPEND=-O0 DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$jobs" dpkg-buildpackage --build=binary --no-sign)
}

# deb PACKAGE: its file.
deb() { printf '%s\n' "$build/package/$1_$extension_version-1_"*.deb; }

has_the_version_of_the_project() { [ "$(dpkg-deb --field "$(deb "$1")" Version)" = "$extension_version-1" ]; }

# depends_on PACKAGE WANTED...
depends_on() {
  local depends wanted
  depends=$(dpkg-deb --field "$(deb "$1")" Depends)
  for wanted in "${@:2}"; do
    [[ ", $depends," =~ ", $wanted"[\ ,] ]] || { printf 'does not depend on %s: %s\n' "$wanted" "$depends"; return 1; }
  done
}

files_of_extension() {
  printf '%s\n' "/usr/lib/postgresql/$postgres_version/lib/koku_onprem.so" README.md
  extension_files | sed "s|^|$extension_directory/|"
  (cd "$tree/docs" && printf '%s\n' *.md spec/*)
}

files_of_intake() {
  printf '%s\n' /etc/koku-intake/koku-intake.toml /lib/systemd/system/koku-intake.service README.Debian README.md deploy.md \
    /usr/bin/koku-intake /usr/lib/sysusers.d/koku-intake.conf /usr/lib/tmpfiles.d/koku-intake.conf /usr/share/man/man1/koku-intake.1
}

# holds_exactly PACKAGE FILE...: names without a folder are of its documentation.
holds_exactly() {
  diff <(printf '%s\n' "${@:2}" changelog changelog.Debian copyright | sed "s|^[^/]|/usr/share/doc/$1/&|" | sort) \
    <(dpkg-deb --fsys-tarfile "$(deb "$1")" | tar -t | sed -n 's/^\.\(.*[^/]\)$/\1/p' | sed 's/\.gz$//' | sort)
}

# The project has no mail address.
is_clean_for_lintian() {
  lintian --fail-on error,warning "$(deb "$1")" \
    --suppress-tags initial-upload-closes-no-bugs,bogus-mail-host,bogus-mail-host-in-debian-changelog
}

private_server_install() { dpkg-deb --extract "$(deb "$extension")" "$private_server_directory/tree"; }

# What an administrator changed is kept: dpkg asks.
configuration_is_a_conffile() {
  diff <(echo /etc/koku-intake/koku-intake.toml) "$unpacked/DEBIAN/conffiles" &&
    diff "$project/tools/intake/packaging/koku-intake.toml.example" "$unpacked/etc/koku-intake/koku-intake.toml"
}

# The user is there before the folder that is for its group. A service that was enabled before stays so; none that cannot run
# yet is enabled, and debhelper starts none that is not.
installation_begins_nothing() {
  diff <(printf '%s\n' systemd-sysusers systemd-tmpfiles debian-installed _dh_action=restart) \
    <(grep -oE '(systemd-sysusers|systemd-tmpfiles) \$|debian-installed|_dh_action=restart' "$unpacked/DEBIAN/postinst" | sed 's/ \$//') &&
    grep -q 'deb-systemd-invoke stop' "$unpacked/DEBIAN/prerm"
}

# As the installation does it, below the folder that the package was unpacked to.
folder_is_for_its_user_only() {
  systemd-sysusers --root="$unpacked" koku-intake.conf && systemd-tmpfiles --root="$unpacked" --create koku-intake.conf || return 1
  local group
  group=$(sed -n 's/^koku-intake:[^:]*:\([0-9]*\):$/\1/p' "$unpacked/etc/group")
  diff <(echo "750 0 $group") <(stat --format='%a %u %g' "$unpacked/etc/koku-intake")
}

unit_names_what_is_there() {
  local path
  while IFS= read -r path; do
    [ -e "$unpacked$path" ] || { echo "the package has no $path"; return 1; }
  done < <(grep -oE '/(usr|etc)/[^ ]+' "$unpacked/lib/systemd/system/koku-intake.service")
}

says_its_version() { diff <(echo "koku-intake $extension_version") <("$unpacked/usr/bin/koku-intake" --version); }

# run_example: --check-config with what the package has in /etc, and an upload that goes into the inbox.
run_example() {
  KOKU_INTAKE=$unpacked/usr/bin/koku-intake KOKU_TEST_DATA=$private_server_directory/data \
    KOKU_TEST_OWNER="${private_server_as_owner[*]}" python3 -B "$project/tools/intake/test/integration/run.py" test_packaging.Example
}

copy_of_project
check "debian/control is generated from control.in" control_is_up_to_date
if build_packages >"$build/logs/package.log" 2>&1; then
  pass "dpkg-buildpackage"
else
  fail_test "dpkg-buildpackage" <"$build/logs/package.log"
  finish
fi
dpkg-deb --raw-extract "$(deb koku-intake)" "$unpacked"

for package in "$extension" koku-intake; do
  check "$package: version" has_the_version_of_the_project "$package"
  ! command -v lintian >/dev/null || check "$package: lintian" is_clean_for_lintian "$package"
done
check "$extension: dependencies" depends_on "$extension" "postgresql-$postgres_version" libarchive13 libisal2 libsimdjson14 libstdc++6
check "koku-intake: dependencies" depends_on koku-intake libcrypt1 libcurl4 libpq5 librdkafka1 libssl3 libstdc++6 zlib1g systemd
mapfile -t files < <(files_of_extension)
check "$extension: contents" holds_exactly "$extension" "${files[@]}"
mapfile -t files < <(files_of_intake)
check "koku-intake: contents" holds_exactly koku-intake "${files[@]}"
check "koku-intake: its configuration is a conffile" configuration_is_a_conffile
check "koku-intake: what the unit names is there" unit_names_what_is_there
check "koku-intake: installed, it has user and folder and is not begun; removed, it is ended" installation_begins_nothing
if [ "$(id -u)" = 0 ] && command -v systemd-sysusers systemd-tmpfiles >/dev/null; then
  check "koku-intake: the folder of the configuration is for its user only" folder_is_for_its_user_only
fi
check "koku-intake: --version" says_its_version

private_server_start
check "$extension: CREATE EXTENSION" fresh_database package
check "$extension: scenario basic" passes_golden package basic
check "koku-intake: --check-config, and an upload into the packaged extension" run_example
finish
