#!/usr/bin/env bash
# What a payload takes to unpack with isa-l and with zlib (make ISAL=no): bench/inflate.sh [PODS]
#
#   PODS    pods of the cluster, one row an hour each (41667: a million rows a day)
#
# Processor time, the best of ten passes of each, alternating.
set -euo pipefail
export LC_ALL=C.UTF-8
source "$(dirname "$0")/../scripts/common.sh"

pods=${1:-41667}
"$project/scripts/install-deps.sh"
build_generator
build_with_cmake tools gunzip_bench
build_with_cmake tools-zlib gunzip_bench -DKOKU_ISAL=OFF
directory=$(mktemp -d "${TMPDIR:-/tmp}/koku-inflate.XXXXXX")
trap 'rm -rf "$directory"' EXIT
"$generate_payload" --pods "$pods" --volumes $((pods / 5)) --output "$directory/payload.tar.gz" >/dev/null
for _ in 1 2; do
  for tools in tools tools-zlib; do "$build/$tools/gunzip_bench" "$directory/payload.tar.gz" 5; done
done | awk '
  !($1 in best) || $4 < best[$1] { best[$1] = $4 }
  { compressed = $2; unpacked = $3 }
  END {
    printf "payload, MB compressed and unpacked  %.1f  %.1f\n", compressed / 1e6, unpacked / 1e6
    for (library in best) printf "%-6s s, MB unpacked a second        %.3f  %.0f\n", library, best[library], unpacked / 1e6 / best[library]
    printf "zlib / isa-l                         %.2f\n", best["zlib"] / best["isa-l"]
  }'
