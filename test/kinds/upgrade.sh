#!/usr/bin/env bash
# From the release before to this one, and from one database to another: nothing is lost, and nothing tells an upgraded or
# restored database from a new one.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
need_server

to=$extension_version
from=$(cd "$project/src/sql/upgrade" && ls -- *--"$to.sql")
from=${from%%--*}
# The scenarios' days are over; nothing may be purged.
export PGOPTIONS='-c koku_onprem.retention_months=0'

on() { psql -XAqt -v ON_ERROR_STOP=1 -d "$@"; }

# Runs a script on two databases; passes when both print the same and something.
same() {
  local first second
  first=$(on "$2" -f "$project/test/upgrade/$1.sql" 2>&1 | sed 's/auditor=X\/postgres,//') || { printf '%s\n' "$first"; return 1; }
  second=$(on "$3" -f "$project/test/upgrade/$1.sql" 2>&1 | sed 's/auditor=X\/postgres,//') || { printf '%s\n' "$second"; return 1; }
  [ -n "$first" ] && diff -u --label "$2" --label "$3" <(printf '%s\n' "$first") <(printf '%s\n' "$second")
}

# The definition of a tenant's tables, without its partitions for months.
tenant_definition() { pg_dump --schema-only --schema="$2" --no-comments "$1" | grep -vE '^(--|$|\\(un)?restrict |SE[TL])'; }
same_tenant() { diff -u <(tenant_definition "$1" untouched) <(tenant_definition "$2" untouched); }

# nothing_differs DATABASE: koku_check of every source and month.
nothing_differs() {
  local differences
  differences=$(on "$1" -c "SELECT DISTINCT manifest.source, found.* FROM koku_manifest AS manifest,
    koku_check(manifest.source, extract(year FROM billing_period_start)::integer, extract(month FROM billing_period_start)::integer)
    AS found") || return 1
  [ -z "$differences" ] || { printf '%s\n' "$differences"; return 1; }
}

still_as_expected() { python3 -B "$golden/compare.py" "$scenarios/$2" --schema "g_$2" --psql "psql -XqAt $1"; }

# The auditor of this test may do exactly what was granted before the upgrade.
grants_are_kept() {
  [ "$(on "$1" -c "SELECT string_agg(routine.oid::regprocedure::text, ',')
    FROM pg_proc AS routine WHERE proname LIKE 'koku\_%' AND has_function_privilege('auditor', routine.oid, 'EXECUTE')")" \
    = "koku_check(uuid,integer,integer)" ]
}

rows_of_administrator_are_kept() {
  [ "$(on "$1" -c "SELECT string_agg(operator, ',' ORDER BY operator) FROM koku_operator_version WHERE NOT built_in")" = "own build" ]
}

# dump_and_restore FROM TO [STATEMENT]: the statement runs in the new database before.
dump_and_restore() {
  local script=$private_server_directory/$1.sql
  pg_dump "$1" >"$script" && on postgres -c "CREATE DATABASE $2" && on "$2" -c "${3:-SELECT}" -f "$script" >/dev/null
}

# As docs/upgrade.md has it: the dump names functions where the release before had them.
dump_and_restore_then_upgrade() {
  dump_and_restore "$1" "$2" "CREATE EXTENSION koku_onprem VERSION '$from'" &&
    on "$2" -c "ALTER EXTENSION koku_onprem UPDATE"
}

payload_again() {
  local actions
  actions=$(on "$1" <<END
\set content \`base64 -w0 '$scenarios/basic/payloads/'*.tar.gz\`
SELECT DISTINCT action FROM koku_ingest_payload(decode(:'content', 'base64'));
END
  ) || return 1
  [ "$actions" = "already processed" ] || { printf '%s\n' "$actions"; return 1; }
}

# The release before, as it was installed, and what an administrator did with it. The commit of the operator is one that
# this release knows, too.
on postgres -c "CREATE DATABASE upgraded" -c "CREATE DATABASE fresh" -c "CREATE ROLE auditor"
on fresh -c "CREATE EXTENSION koku_onprem" -c "SELECT koku_create_tenant('untouched')"
on upgraded -c "CREATE EXTENSION koku_onprem VERSION '$from'" -c "SELECT koku_create_tenant('untouched')" \
  -c "SELECT koku_create_tenant('lacking')" -c "ALTER TABLE lacking.reporting_ocp_nodes DROP COLUMN node_role" \
  -c "GRANT EXECUTE ON FUNCTION koku_check(uuid, integer, integer) TO auditor" \
  -c "INSERT INTO koku_operator_version (version, operator) VALUES ('0123456789012345678901234567890123456789', 'own build')"

check "this library serves the functions of $from: scenario basic" passes_golden upgraded basic
check "this library serves the functions of $from: scenario replace" passes_golden upgraded replace
check "dump of $from, restored and upgraded" dump_and_restore_then_upgrade upgraded restored_from_before
check "dump of $from: every definition is that of a fresh install" same catalogue restored_from_before fresh
check "dump of $from: nothing differs between raw, daily and summary" nothing_differs restored_from_before
check "dump of $from: scenario basic is as it was" still_as_expected restored_from_before basic
check "dump of $from: rows of an administrator" rows_of_administrator_are_kept restored_from_before
check "dump of $from: grants" grants_are_kept restored_from_before

warnings=$(psql -XAqt -d upgraded -c "ALTER EXTENSION koku_onprem UPDATE" 2>&1) || true
printf '%s\n' "$warnings"
check "ALTER EXTENSION names the tenant that lacks something" grep -F 'tenant "lacking" lacks' <<<"$warnings"
check "every definition is that of a fresh install" same catalogue upgraded fresh
check "rows of an administrator" rows_of_administrator_are_kept upgraded
check "grants" grants_are_kept upgraded
check "koku_create_tenant adds what is missing" on upgraded -c "SELECT koku_create_tenant(tenant) FROM koku_tenant" \
  -c "SELECT node_role FROM lacking.reporting_ocp_nodes"
check "CHANGELOG.md says how to replace the wide index" on upgraded \
  -c "$(sed -n '/^    DO \$\$$/,/^    \$\$;$/p' "$project/CHANGELOG.md")" -c "SELECT koku_create_tenant(tenant) FROM koku_tenant"
check "a tenant of $from has the tables of a new one" same_tenant upgraded fresh
check "scenario basic is as it was" still_as_expected upgraded basic
check "scenario additive after the upgrade" passes_golden upgraded additive
check "scenario mapping after the upgrade" passes_golden upgraded mapping
check "nothing differs between raw, daily and summary" nothing_differs upgraded

# What koku_create_roles() grants on the extension's objects is no part of the extension: a dump has to carry it.
on fresh -c "SELECT koku_create_roles()" >/dev/null
check "koku_create_roles after the upgrade" on upgraded -c "SELECT koku_create_roles()"
check "every grant to the roles is that of a fresh install" same catalogue upgraded fresh
on upgraded -c "SELECT koku_create_source('cluster-of-no-payload', 'Waits')" >/dev/null
on upgraded <<END >/dev/null
\set content \`base64 -w0 '$scenarios/basic/payloads/'*.tar.gz\`
SELECT koku_submit_payload(decode(:'content', 'base64'));
END
check "dump of $to, restored" dump_and_restore upgraded restored
check "dump of $to: every definition is that of a fresh install" same catalogue restored fresh
check "dump of $to: every row" same rows upgraded restored
check "dump of $to: grants" grants_are_kept restored
check "dump of $to: the waiting payload is taken" on restored -c "CALL koku_run()" \
  -c "SELECT 1 / count(*) FROM koku_inbox WHERE status = 'done'"
check "dump of $to: a payload that was taken is known" payload_again restored
check "dump of $to: scenario twofiles" passes_golden restored twofiles
check "dump of $to: nothing differs between raw, daily and summary" nothing_differs restored
finish
