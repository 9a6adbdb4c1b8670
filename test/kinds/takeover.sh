#!/usr/bin/env bash
# From a running Koku: an ordinary role owns the database and all that Koku's migrations made, a superuser makes the extension
# and takes the organization over. Afterwards the golden scenarios' rows are those of a tenant of our own, and what Koku's API
# reads is written. Arguments: names of scenarios (default: basic crossing replace).
source "$(dirname "$0")/../lib.sh"
need_server
psql -XAqt -c "CREATE ROLE kokuapp LOGIN"

on() { psql -XAqt -v ON_ERROR_STOP=1 -d takeover "$@"; }
as_koku() { PGUSER=kokuapp on "$@"; }
fact() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["source"][sys.argv[2]])' "$scenarios/$scenario/scenario.json" "$1"; }

# The schema of an organization as Koku leaves it: its staging rows are in the default partition.
make_organization() {
  psql -XAqt -v ON_ERROR_STOP=1 -d postgres -c "DROP DATABASE IF EXISTS takeover" -c "CREATE DATABASE takeover OWNER kokuapp" &&
    as_koku -f "$project/test/existing_schema/koku_tables.sql" -f "$project/test/existing_schema/koku_api.sql" &&
    python3 -B "$project/test/existing_schema/make_schema.py" --spec "$specification" --schema "g_$scenario" --partitions koku | as_koku &&
    as_koku <<END
SELECT api.make_organization('g_$scenario', '1');
SET search_path = g_$scenario, public;
SELECT api.post_source('$(fact uuid)', '$(fact name)', '$(fact cluster_id)');
DELETE FROM partitioned_tables
WHERE partition_of_table_name = 'reporting_ocpusagelineitem_daily_summary_staging' AND NOT (partition_parameters->>'default')::boolean;
INSERT INTO reporting_ocpusagelineitem_daily_summary_staging (source, year, month, usage_start, usage_end)
SELECT uuid, '2026', to_char(day, 'MM'), day, day FROM public.api_provider, unnest(ARRAY['2026-09-05', '2026-10-05', '2026-11-05']::date[]) AS day;
END
}

take_over() {
  on -c "CREATE SCHEMA koku_onprem" -c "CREATE EXTENSION koku_onprem SCHEMA koku_onprem" \
    -c 'ALTER DATABASE takeover SET search_path = "$user", public, koku_onprem' -c "ALTER DATABASE takeover SET koku_onprem.retention_months = 0" &&
    on -c "SELECT koku_create_roles()" && on -c "SELECT * FROM koku_attach('g_$scenario')"
}

# Tags are enabled as the API does it; payloads are submitted and drained.
ingest() {
  python3 - "$scenarios/$scenario" <<'END' | on
import json, pathlib, sys
directory = pathlib.Path(sys.argv[1])
facts = json.loads((directory / "scenario.json").read_text())
print("SET client_min_messages = error;")
for key in facts["enabled_tags"]:
    print(f"INSERT INTO g_{directory.name}.reporting_enabledtagkeys (uuid, key, enabled, provider_type)"
          f" VALUES (gen_random_uuid(), '{key}', true, 'OCP');")
for payload in facts["payloads"]:
    print(f"\\set content `base64 -w0 '{directory / payload}'`")
    print("SELECT koku_submit_payload(decode(:'content', 'base64'));\nCALL koku_run();")
END
}

# The subscriber of docs/koku.md, which drops what is cached; here it makes a file instead. Until it listens, it misses what is told.
subscriber_hears() {
  local line dropped="$build/takeover-dropped" subscriber
  line=$(sed -n 's/^    \(.*LISTEN koku_summarized.*\)redis-cli FLUSHDB\(.*\)$/\1touch "$DROPPED"\2/p' "$project/docs/koku.md")
  [ -n "$line" ] || { echo "docs/koku.md has no such line"; return 1; }
  rm -f "$dropped"
  PGDATABASE=takeover DROPPED=$dropped timeout 60 bash -c "$line" &
  subscriber=$!
  for _ in $(seq 20); do
    on -c "SELECT FROM koku_source, generate_series(9, 11) AS month, LATERAL koku_summarize(source, 2026, month)" >/dev/null
    sleep 2
    [ ! -e "$dropped" ] || break
  done
  kill "$subscriber" 2>/dev/null || true
  wait "$subscriber" 2>/dev/null || true
  [ -e "$dropped" ]
}

same_rows() { python3 -B "$golden/compare.py" "$scenarios/$scenario" --schema "g_$scenario" --psql "psql -XqAt takeover"; }

answers() {
  local found
  found=$(on -c "$2") || return 1
  [ "$found" = "$1" ] || { printf 'expected: %s\nfound: %s\n' "$1" "$found"; return 1; }
}

names=("$@")
[ $# -gt 0 ] || names=(basic crossing replace)
for scenario in "${names[@]}"; do
  check "$scenario: an organization of Koku" make_organization
  check "$scenario: is taken over" take_over
  check "$scenario: payloads are ingested" ingest
  check "$scenario: the rows are those of a fresh tenant" same_rows
  check "$scenario: everything belongs to Koku's role" answers 0 "SELECT count(*) FROM pg_class
    WHERE relnamespace = 'g_$scenario'::regnamespace AND relkind IN ('r', 'p') AND relowner <> 'kokuapp'::regrole"
  check "$scenario: Koku's next migration works" as_koku -c "ALTER TABLE g_$scenario.reporting_ocp_pod_summary_p ADD COLUMN probe integer" \
    -c "DELETE FROM g_$scenario.partitioned_tables WHERE table_name = 'reporting_ocp_pod_summary_p_2026_11'"
  check "$scenario: the API sees what came" answers "t" "SELECT bool_and(completed_datetime IS NOT NULL) AND count(*) = (SELECT count(*) FROM koku_manifest)
    AND count(*) > 0 FROM public.reporting_common_costusagereportmanifest"
  check "$scenario: the source is set up and has new numbers" answers "t" "SELECT setup_complete AND data_updated_timestamp IS NOT NULL FROM public.api_provider"
  check "$scenario: the subscriber hears of a summary" subscriber_hears
  check "$scenario: health has nothing to say of it" answers "ok" "SELECT status FROM koku_health() WHERE check_name = 'koku'"
done
finish
