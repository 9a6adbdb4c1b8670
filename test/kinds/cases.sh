#!/usr/bin/env bash
# What an administrator may have set or done: rows are the same under every setting of cases/settings.txt, and a dump comes back
# whole, in parallel, under another name, in a database of another collation.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
need_server
export PGOPTIONS='-c client_min_messages=warning'

payload=$private_server_directory/files/cases.tar.gz
sample_payload "$payload"
source=00000000-0000-4000-8000-00000000ca5e

on() { psql -XAqt -v ON_ERROR_STOP=1 -d "$@"; }

# fill DATABASE: what an administrator does from the start: the extension, a tenant, tags, categories, a payload in the inbox.
fill() {
  on "$1" -c "CREATE EXTENSION koku_onprem SCHEMA public" &&
    on "$1" -c "SELECT public.koku_create_source('sample-cluster', 'Sample', 'koku', '$source')" \
      -c "SELECT public.koku_enable_tags(ARRAY['app', 'env', 'team'])" -c "SELECT public.koku_map_tags('env', ARRAY['team'])" \
      -c "SELECT public.koku_set_cost_category('sh%', 'Odd'), public.koku_set_cost_category('a%', 'A')" >/dev/null &&
    on "$1" -v content="$(base64 -w0 "$payload")" >/dev/null <<<"SELECT public.koku_submit_payload(pg_catalog.decode(:'content', 'base64'), 'cases');" &&
    on "$1" -c "SET koku_onprem.retention_months = 0" -c "CALL public.koku_run()"
}

rows() {
  PGOPTIONS="$PGOPTIONS -c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1 -c search_path=pg_catalog \
    -c client_encoding=UTF8 -c bytea_output=hex -c standard_conforming_strings=on -c default_transaction_read_only=off" \
    on "$1" -f "$project/test/cases/rows.sql"
}

nothing_is_wrong() {
  local found
  found=$(on "$1" -c "SELECT * FROM public.koku_check_tenant('koku')" -c "SELECT check_name, status, detail FROM public.koku_health() WHERE status = 'error'" \
    -c "SELECT found.* FROM (SELECT DISTINCT date_trunc('month', usage_start::timestamp) AS month FROM koku.openshift_pod_usage_line_items_daily) AS listed,
        public.koku_check('$source', extract(year FROM month)::integer, extract(month FROM month)::integer) AS found" 2>&1) || { printf '%s\n' "$found"; return 1; }
  [ -z "$found" ] || { printf '%s\n' "$found"; return 1; }
}

same_rows() { diff -u --label reference --label "$1" "$private_server_directory/reference.rows" <(rows "$1"); }

# under SETTING...: a database with these settings as its defaults.
under() {
  local database=cases_setting setting
  on postgres -c "DROP DATABASE IF EXISTS $database" -c "CREATE DATABASE $database" -c "ALTER DATABASE $database SET koku_onprem.retention_months = 0"
  for setting in "$@"; do on postgres -c "ALTER DATABASE $database SET ${setting/ = / TO }" || return 1; done
  if [[ $1 = search_path* ]]; then hostile_objects "$database"; fi
  fill "$database" && same_rows "$database" && nothing_is_wrong "$database"
}

# Functions and operators in a schema that comes first, where everything is called without its schema.
hostile_objects() {
  on "$1" -c "CREATE SCHEMA hostile" -c "CREATE FUNCTION hostile.upper(text) RETURNS text LANGUAGE sql AS 'SELECT 1/0::text'" \
    -c "CREATE FUNCTION hostile.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''trap''; END'" 2>/dev/null || true
}

on postgres -c "CREATE DATABASE cases_reference" -c "ALTER DATABASE cases_reference SET koku_onprem.retention_months = 0"
fill cases_reference
rows cases_reference >"$private_server_directory/reference.rows"
check "the reference has rows" grep -qE '^reporting_ocp_pod_summary_p\|[1-9]' "$private_server_directory/reference.rows"
check "and nothing is wrong with it" nothing_is_wrong cases_reference

while IFS= read -r line; do
  case $line in '' | '#'*) continue ;; esac
  IFS=';' read -ra settings <<<"${line//; /;}"
  if ! on postgres -c "SET ${settings[0]}" >/dev/null 2>&1; then
    printf 'this release or machine does not have %s\n' "$line"
    continue
  fi
  check "same rows under $line" under "${settings[@]}"
done <"$project/test/cases/settings.txt"

replicas_are_refused() {
  local output
  output=$(PGOPTIONS="$PGOPTIONS -c session_replication_role=replica" on cases_reference -v content="$(base64 -w0 "$payload")" \
    <<<"SELECT koku_ingest_payload(decode(:'content', 'base64'), force => true);" 2>&1) && return 1
  grep -q session_replication_role <<<"$output" || { printf '%s\n' "$output"; return 1; }
}
check "session_replication_role = replica is refused by name" replicas_are_refused

# restored NAME JOBS OPTION...: a dump of the reference in a new database.
restored() {
  local name=$1 dump_jobs=$2
  shift 2
  on postgres -c "DROP DATABASE IF EXISTS \"$name\"" -c "CREATE DATABASE \"$name\" TEMPLATE template0 $*" &&
    pg_restore --exit-on-error -j "$dump_jobs" -d "$name" "$private_server_directory/files/cases.dump" &&
    same_rows "$name" && nothing_is_wrong "$name" &&
    diff <(on cases_reference -c "$control_rows") <(on "$name" -c "$control_rows") &&
    [ "$(on "$name" -v content="$(base64 -w0 "$payload")" <<<"SELECT DISTINCT action FROM koku_ingest_payload(decode(:'content', 'base64'));")" = "already processed" ] &&
    on "$name" -c "CALL koku_run()"
}
control_rows="SELECT * FROM (SELECT 'tenant', t.tenant::text FROM public.koku_tenant t UNION ALL SELECT 'source', s.source::text FROM public.koku_source s
  UNION ALL SELECT 'manifest', m::text FROM public.koku_manifest m UNION ALL SELECT 'file', f::text FROM public.koku_report_file f
  UNION ALL SELECT 'inbox', i.id || i.status FROM public.koku_inbox i UNION ALL SELECT 'purge', p::text FROM public.koku_purge p
  UNION ALL SELECT 'next manifest', last_value::text FROM public.koku_manifest_manifest_id_seq) AS listed (kind, line) ORDER BY 1, 2"
pg_dump -Fc -f "$private_server_directory/files/cases.dump" cases_reference
check "a serial restore gives the same rows" restored cases_restored 1
check "so does a parallel one" restored cases_parallel 4
check "into another name that needs quotes" restored "Cases 'quoted' ü" 4
if on postgres -c "CREATE DATABASE cases_icu TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C.UTF-8'" 2>/dev/null; then
  for locale in tr-TR de-u-co-phonebk; do
    check "into a database with the collation $locale of ICU" restored cases_icu 4 LOCALE_PROVIDER icu ICU_LOCALE "'$locale'" LOCALE "'C.UTF-8'"
  done
else
  printf 'this release has no databases with a collation of ICU\n'
fi
finish
