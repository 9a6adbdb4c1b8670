#!/usr/bin/env bash
# The RPM: its spec is read, the package is built against PostgreSQL 16 (scripts/fetch-postgres.sh), and a server of that
# release works with what it holds. The libraries are Debian's, and no RPM is installed.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
use_fetched_postgres 16
# shellcheck source=scripts/private-server.sh
source "$project/scripts/private-server.sh"
"$project/scripts/install-deps.sh" --rpm

spec=$project/rpm/koku_onprem.spec
work=$build/rpm
rm -rf "$work"
mkdir -p "$work/sources" "$build/logs"
options=(--define "_topdir $work" --define "_sourcedir $work/sources" --define "pg_config $pg_config")

# spec_says EXPECTED FORMAT [OPTION...]: what the spec says of the package.
spec_says() {
  diff <(printf '%s\n' "$1") <(rpmspec --query "${options[@]}" "${@:3}" --queryformat "$2\n" "$spec")
}

make_archive() { (cd "$work/sources" && make -f "$project/Makefile" dist PG_CONFIG="$pg_config"); }

build_package() {
  rpmbuild -bb --nodeps "${options[@]}" "$spec" && package=$(echo "$work"/RPMS/*/*.rpm) && [ -e "$package" ]
}

holds_exactly() {
  local documentation='^/usr/share/(doc|licenses)/postgresql16-koku_onprem'
  diff <({
    printf '%s\n' "$("$pg_config" --pkglibdir)/koku_onprem.so"
    extension_files | sed "s|^|$("$pg_config" --sharedir)/extension/|"
  } | sort) <(rpm --query --list --package "$package" | grep -vE "$documentation|^/usr/lib/\.build-id" | sort) &&
    rpm --query --list --package "$package" | grep -E "${documentation}[^/]*/LICENSE\$" >/dev/null
}

requires_the_server() { rpm --query --requires --package "$package" | grep -qx postgresql16-server; }

private_server_install() {
  rpm2cpio "$package" | (cd "$private_server_directory/tree" && cpio --quiet --extract --make-directories)
}

check "version" spec_says "$extension_version" '%{version}'
check "name, for RHEL" spec_says postgresql16-koku_onprem '%{name}'
check "name, for PGDG" spec_says koku_onprem_16 '%{name}' --define 'pgdg 1'
check "make dist" make_archive
# Not in a subshell: it says which file it made.
if build_package >"$build/logs/rpm.log" 2>&1; then
  pass "rpmbuild"
else
  fail_test "rpmbuild" < <(tail -n 60 "$build/logs/rpm.log")
  finish
fi
check "contents" holds_exactly
check "it requires the server" requires_the_server

private_server_start
check "CREATE EXTENSION" fresh_database package
check "scenario basic" passes_golden package basic
finish
