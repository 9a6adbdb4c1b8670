#!/bin/sh
# Prints the extension's install script: the parts of src/sql in the order of their names. The statements of
# src/sql/summary become rows of koku_summary_statement where a part says so with the line "-- @summary-statements@":
# POSITION_TARGET.sql or POSITION_TARGET.PART.sql, with a line "-- phase: PHASE" in it.
# usage: assemble-sql.sh SOURCE_DIRECTORY
set -eu
source_directory=$1

summary_statements() {
  for file in "$source_directory"/src/sql/summary/*.sql; do
    [ -e "$file" ] || continue
    base=$(basename "$file" .sql)
    position=${base%%_*}
    target=${base#*_}
    phase=$(sed -n 's/^-- phase: //p' "$file")
    printf "INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (%d, '%s', '%s', \$statement\$\n" \
      "$(expr "$position" + 0)" "$phase" "${target%%.*}"
    cat "$file"
    printf '$statement$);\n'
  done
}

printf '\\echo Use "CREATE EXTENSION koku_onprem" to load this file. \\quit\n'
for part in "$source_directory"/src/sql/*.sql; do
  printf '\n'
  while IFS= read -r line || [ -n "$line" ]; do
    if [ "$line" = "-- @summary-statements@" ]; then summary_statements; else printf '%s\n' "$line"; fi
  done < "$part"
done
