#!/usr/bin/env bash
# Makes the extension image for CloudNativePG: the extension and what it needs, which a server mounts instead of having it
# installed. For PostgreSQL 18 and later, which have extension_control_path. No container engine is needed.
#
#   scripts/extension-image.sh DIRECTORY          a new directory with the image, an OCI layout; prints DIRECTORY:TAG
#   scripts/extension-image.sh --tree DIRECTORY   a new directory with what the image holds
#
# In it are /lib and /share/extension; /system, the libraries that the extension needs and the server does not load itself,
# for ld_library_path; and /licenses. It fits servers of the same release of PostgreSQL, distribution and architecture.
#
#   KOKU_POSTGRES, KOKU_PG_CONFIG   for which server; see scripts/common.sh
#   SOURCE_DATE_EPOCH               the time of the image (default: of the last commit); what else is the same gives the same image
set -euo pipefail
source "$(dirname "$0")/common.sh"
umask 022
export LC_ALL=C

only_tree=
if [ "${1:-}" = --tree ]; then
  only_tree=yes
  shift
fi
[ $# = 1 ] || fail "usage: scripts/extension-image.sh [--tree] DIRECTORY"
[ ! -e "$1" ] || fail "$1 is there already"
[ -x "$pg_config" ] || fail "no pg_config at $pg_config; set KOKU_POSTGRES or KOKU_PG_CONFIG"
postgres=$("$pg_config" --bindir)/postgres
major=$("$postgres" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
[ "$major" -ge 18 ] || fail "PostgreSQL $major has no extension_control_path; images need 18 or later"

# libraries FILE: 'NAME PATH' of each shared library that comes with it.
libraries() { ldd "$1" | awk '$2 == "=>" { print $1, $3 }' | sort --key=1,1; }

# The licence of a library goes with it.
copy_library() {
  local name=$1 path package
  path=$(readlink --canonicalize-existing "$2") || fail "there is no library $name"
  # Packages name files as they were before /lib became a link to /usr/lib.
  package=$(dpkg-query --search "$path" "${path#/usr}" 2>/dev/null | sed -n '1s/:.*//p' || true)
  [ -n "$package" ] || fail "$path is of no package, and so has no licence to go with it"
  install -m 644 "$path" "$3/system/$name"
  install -D -m 644 "/usr/share/doc/$package/copyright" "$3/licenses/$package/copyright"
}

make_tree() {
  local tree=$1 name path
  build_extension
  run_quietly "$build/logs/image-install.log" make_extension install DESTDIR="$work/install" PG_CONFIG="$pg_config"
  mkdir -p "$tree"/{lib,share,system}
  install -m 644 "$work/install$("$pg_config" --pkglibdir)/koku_onprem.so" "$tree/lib/"
  strip --strip-unneeded "$tree/lib/koku_onprem.so"
  cp -r "$work/install$("$pg_config" --sharedir)/extension" "$tree/share/"
  install -D -m 644 "$project/LICENSE" "$tree/licenses/koku_onprem/LICENSE"
  while read -r name path; do
    copy_library "$name" "$path" "$tree"
  done < <(join -v 1 <(libraries "$tree/lib/koku_onprem.so") <(libraries "$postgres"))
  chmod -R u=rwX,go=rX "$tree"
}

# add_layer PART...: parts of the tree, owned by root.
add_layer() {
  tar --create --directory="$work/tree" --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner --file="$work/layer.tar" "$@"
  umoci raw add-layer --image="$image" --history.created="$created" --history.created_by=scripts/extension-image.sh "$work/layer.tar"
}

make_image() {
  local image=$work/image:$tag time created
  time=${SOURCE_DATE_EPOCH:-$(git -C "$project" log -1 --format=%ct 2>/dev/null || date +%s)}
  created=$(date --utc --date="@$time" +%Y-%m-%dT%H:%M:%SZ)
  umoci init --layout="$work/image"
  umoci new --image="$image"
  # What seldom changes comes first: a new release of the extension then is a small layer.
  add_layer --exclude=licenses/koku_onprem licenses system
  add_layer lib licenses/koku_onprem share
  umoci config --image="$image" --no-history --created="$created" --config.user=65532:65532 \
    --os=linux --architecture="$(dpkg --print-architecture)" \
    --config.label=org.opencontainers.image.title=koku_onprem \
    --config.label="org.opencontainers.image.version=$extension_version" \
    --config.label="org.opencontainers.image.created=$created" \
    --config.label="org.opencontainers.image.description=$(sed -n "s/^comment *= *'\(.*\)'/\1/p" "$project/koku_onprem.control")" \
    --config.label="io.cloudnativepg.image.base.pgmajor=$major" \
    --config.label="io.cloudnativepg.image.base.os=$distribution"
  umoci gc --layout="$work/image"
}

[ -n "$only_tree" ] || command -v umoci >/dev/null || fail "there is no umoci; run scripts/install-deps.sh --image"
mkdir -p "$build"
work=$(mktemp -d "$build/image.XXXXXX")
trap 'rm -rf "$work"' EXIT
make_tree "$work/tree"
mkdir -p "$(dirname "$1")"
if [ -n "$only_tree" ]; then
  mv "$work/tree" "$1"
  exit
fi
# shellcheck source=/dev/null
distribution=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
tag=$extension_version-$major-$distribution
make_image >&2
mv "$work/image" "$1"
printf '%s\n' "$1:$tag"
