#!/bin/sh
# Prints the extension's install script, or the upgrade script from an earlier release, from the parts that src/sql/order
# lists, so that nothing is written twice. What is made once only is said there, too.
# usage: assemble-sql.sh SOURCE_DIRECTORY [FROM_VERSION]
#
# CREATE FUNCTION, PROCEDURE and VIEW at the start of a line replace what exists in an upgrade and nothing but an upgrade.
#
# Where a part has the line "-- @summary-statements@", the stages and statements follow that src/sql/summary/stages lists.
# Each statement file is read by the C preprocessor with src/sql/summary/definitions.h, so that it can take in a file of
# src/sql/summary/fragments by a line #include "NAME.sql".
set -eu
source_directory=$1
from_version=${2:-}

fail() {
  echo "assemble-sql.sh: $*" >&2
  exit 1
}

summary_statement() {
  cpp -undef -w -P -nostdinc -imacros "$summary/definitions.h" -I "$summary/fragments" "$summary/$1.sql"
}

# The lines of src/sql/summary/stages, whose head says what they mean.
summary_statements() {
  summary=$source_directory/src/sql/summary
  stages=0 statements=0 stage='' settings=''
  while read -r word name separator value; do
    case $word in
      '' | '#'*) ;;
      set)
        if [ -z "$stage" ]; then
          settings="$settings${settings:+, }'$name $separator $value'"
        else
          printf "UPDATE koku_internal.summary_stage SET settings = settings || '%s'::text WHERE name = '%s';\n" \
            "$name $separator $value" "$stage"
        fi
        ;;
      stage)
        stage=$name stages=$((stages + 1))
        case $value in '' | 'if '*) ;; *) fail "stages: stage $name: $value" ;; esac
        printf "INSERT INTO koku_internal.summary_stage (position, name, scope, condition, settings) VALUES (%d, '%s', '%s', nullif('%s', ''), ARRAY[%s]::text[]);\n" \
          "$stages" "$stage" "$separator" "${value#if }" "$settings"
        ;;
      *)
        statements=$((statements + 1))
        case $name in '' | if) ;; *) fail "stages: $word $name" ;; esac
        [ -e "$summary/$word.sql" ] || fail "stages: there is no $summary/$word.sql"
        printf "INSERT INTO koku_internal.summary_statement (position, stage, name, condition, statement) VALUES (%d, '%s', '%s', nullif('%s', ''), \$statement\$\n" \
          "$statements" "$stage" "$word" "$separator"
        summary_statement "$word"
        printf '$statement$);\n'
        ;;
    esac
  done < "$summary/stages"
  for file in "$summary"/*/*.sql; do
    name=${file#"$summary"/}
    case $name in fragments/*) continue ;; esac
    grep -Eq "^ *${name%.sql}( |$)" "$summary/stages" || fail "stages does not list $name"
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
