#!/bin/sh
# Prints the extension's install script, or the upgrade script from an earlier release, from the parts that src/sql/order
# lists, so that nothing is written twice. What is made once only is said there, too.
# usage: assemble-sql.sh SOURCE_DIRECTORY [FROM_VERSION]
#
# CREATE FUNCTION, PROCEDURE and VIEW at the start of a line replace what exists in an upgrade and nothing but an upgrade.
#
# The statements of src/sql/summary/statements become rows of koku_summary_statement where a part says so with the line
# "-- @summary-statements@": POSITION_TARGET.sql or POSITION_TARGET.PART.sql, with a line "-- phase: PHASE" in it and, where
# there is nothing to do while a working table has no rows, a line "-- needs: TABLE". What follows a line "-- rows:" is the
# query whose rows are stored in the target, in bulk.
set -eu
source_directory=$1
from_version=${2:-}

summary_statements() {
  for file in "$source_directory"/src/sql/summary/statements/*.sql; do
    [ -e "$file" ] || continue
    base=$(basename "$file" .sql)
    position=${base%%_*}
    target=${base#*_}
    phase=$(sed -n 's/^-- phase: //p' "$file")
    needs=$(sed -n 's/^-- needs: //p' "$file")
    printf "INSERT INTO @extschema@.koku_summary_statement (position, phase, target, needs, statement, rows_query) VALUES (%d, '%s', '%s', nullif('%s', ''), \$statement\$\n" \
      "$(expr "$position" + 0)" "$phase" "${target%%.*}" "$needs"
    sed '/^-- rows:$/,$d' "$file"
    if grep -q '^-- rows:$' "$file"; then
      printf '$statement$, $statement$\n'
      sed '1,/^-- rows:$/d' "$file"
      printf '$statement$);\n'
    else
      printf '$statement$, NULL);\n'
    fi
  done
}

# Whether the objects of a part, which are made once since a release, are there already in the release that is upgraded.
is_there_already() {
  [ -n "$from_version" ] && [ -n "$1" ] && printf '%s\n' "$1" "$from_version" | sort -V -C
}

part() {
  printf '\n'
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      '-- @summary-statements@') summary_statements ;;
      *) printf '%s\n' "$line" ;;
    esac
  done < "$1"
}

# What a part says of its objects is said anew when they are there already.
comments() {
  sed -n "/^COMMENT ON/,/';\$/p" "$1"
}

# All parts in their order; of those that are there already, the comments.
parts() {
  while read -r path since; do
    case $path in '' | '#'*) continue ;; esac
    file=$source_directory/src/sql/$path.sql
    if is_there_already "$since"; then comments "$file"; else part "$file"; fi
  done < "$source_directory/src/sql/order"
}

install_script() {
  printf '\\echo Use "CREATE EXTENSION koku_onprem" to load this file. \\quit\n'
  parts
}

upgrade_script() {
  version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$source_directory/koku_onprem.control")
  printf '\\echo Use "ALTER EXTENSION koku_onprem UPDATE TO '\''%s'\''" to load this file. \\quit\n' "$version"
  part "$source_directory/src/sql/upgrade/$from_version--$version.sql"
  parts
  part "$source_directory/src/sql/upgrade/tenants.sql"
}

if [ -n "$from_version" ]; then
  script=$(upgrade_script)
  replacement='CREATE OR REPLACE \2 '
else
  script=$(install_script)
  replacement='CREATE \2 '
fi
printf '%s\n' "$script" | sed -E "s/^CREATE (OR REPLACE )?(FUNCTION|PROCEDURE|VIEW) /$replacement/"
