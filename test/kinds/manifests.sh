#!/usr/bin/env bash
# The manifests and Containerfiles in examples/: test/manifests/check.py. Arguments: words of the names of tests.
source "$(dirname "$0")/../lib.sh"
"$project/scripts/install-deps.sh" --manifests
# apt has to know the packages that there are, though it had none to install.
if ! apt-cache show libarchive13 >/dev/null 2>&1; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get --quiet --quiet update >/dev/null
fi
exec python3 -B "$project/test/manifests/check.py" "$@"
