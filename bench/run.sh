#!/usr/bin/env bash
# Measures, in one run and alternating, how long it takes to take payloads in, against COPY of the finished raw rows into
# tables with the same columns, partitions and indexes; and the summary, gunzip and DuckDB beside them.
#
#   bench/run.sh [--quick] [--costs] [--sizes ROWS,ROWS,...] [--rounds NUMBER] [--output DIRECTORY]
#
#   --quick     10,000 and 100,000 pod rows a day, three rounds, a month of smaller days: to see that it works
#   --costs     only the costs of a cost model; the table is printed and not kept
#   --sizes     pod rows a day (10000,100000,1000000)
#   --rounds    rounds of which the medians are taken (5); three times as many for less than 200,000 pod rows
#               and where each size is twice the one before
#   --output    where the table (text) and the plot (SVG) go (bench/results)
#
# The last lines say which target was met; the exit code is 1 when one was missed. docs/performance.md explains the figures.
# Takes about 15 minutes and 12 GB below TMPDIR. The machine should have nothing else to do.
source "$(dirname "$0")/lib.sh"

"$project/scripts/install-deps.sh"
private_server_start
build_generator

# DuckDB comes from PyPI. Without it the rest is measured, and the table says that it is missing.
python=python3
if [ ! -x "$build/duckdb/bin/python" ]; then
  say "installing DuckDB"
  { python3 -m venv "$build/duckdb" && "$build/duckdb/bin/pip" install --quiet duckdb; } >"$build/duckdb.log" 2>&1 ||
    say "DuckDB cannot be installed: see build/duckdb.log"
fi
if "$build/duckdb/bin/python" -c 'import duckdb' 2>/dev/null; then python=$build/duckdb/bin/python; fi

# The server writes and reads files there, too.
files=$private_server_directory/files/bench
mkdir --mode=1777 "$files"
"$python" -B "$project/bench/run.py" --generator "$generate_payload" --files "$files" \
  --machine "$(describe_machine)" "$@"
