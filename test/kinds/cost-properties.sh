#!/usr/bin/env bash
# Costs of random cost models over random clusters: conserved, recomputed, idempotent, linear, removed without a trace.
#
#   KOKU_COST_ROUNDS   rounds (default 12)     KOKU_COST_SEED   seed of the first round (default 1)
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
need_server
psql -XAqt -v ON_ERROR_STOP=1 -c 'CREATE DATABASE costs'
for file in 00_setup 01_line_items; do
  psql -XAqt -v ON_ERROR_STOP=1 -d costs -f "$project/sql/$file.sql" >/dev/null
done
python3 -B "$project/test/checks/cost_properties.py" --rounds "${KOKU_COST_ROUNDS:-12}" --seed "${KOKU_COST_SEED:-1}" --psql "psql -XqAt costs"
