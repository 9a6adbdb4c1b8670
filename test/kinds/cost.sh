#!/usr/bin/env bash
# What hostile payloads cost, in processor time: test/hostile/cost.py. Arguments: names of kinds (default: all).
source "$(dirname "$0")/../lib.sh"
need_server
fresh_database cost
build_generator
normal=$private_server_directory/files/normal.tar.gz
"$generate_payload" --cluster-id normal-cluster --pods 1000 --nodes 20 --namespaces 50 --volumes 100 --date 2026-11-05 \
  --output "$normal" >/dev/null
cd "$project/test/hostile"
python3 -B cost.py cost "$private_server_directory/files" "$normal" "$@"
