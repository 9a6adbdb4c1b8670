#!/usr/bin/env bash
# Shows the extension at work: builds it, starts a private server, takes a sample payload of the last three days, and
# prints what it says about the cluster. Nothing is left behind. scripts/demo.sh [--keep | --intake [--keep]]
#
#   --keep      opens psql on the demo's database; the server ends with it
#   --intake    lets the payload arrive automatically: uploaded to koku-intake, as the operator does; with --keep it waits before its end,
#               for a browser to look at the report
set -euo pipefail
source "$(dirname "$0")/private-server.sh"

keep=
case "${1:-}" in
  '') ;;
  --keep) keep=yes ;;
  --intake) exec "$(dirname "$0")/demo-intake.sh" "${2:-}" ;;
  *) fail "usage: scripts/demo.sh [--keep | --intake [--keep]]" ;;
esac

"$project/scripts/install-deps.sh"
private_server_start
say "writing a sample payload: three days of a cluster with 60 pods"
export KOKU_DEMO_PAYLOAD=$private_server_directory/files/payload.tar.gz
last_day=$(date -u -d yesterday +%F)
sample_payload "$KOKU_DEMO_PAYLOAD" --date "$(date -u -d "$last_day - 2 days" +%F)" --days 3

psql -X -q -c 'CREATE DATABASE demo'
export PGDATABASE=demo PGOPTIONS='-c client_min_messages=warning'
psql -X -q -v ON_ERROR_STOP=1 -v day="$last_day" <"$project/scripts/demo.sql"

report=$build/demo-report.html
psql -XAtq -v ON_ERROR_STOP=1 -v day="$last_day" >"$report" <<'END'
SELECT koku_report('koku', date_trunc('month', :'day'::timestamp)::date, (date_trunc('month', :'day'::timestamp) + interval '1 month')::date - 1, 'team');
END

cat <<END

The report of the month, to look at in a browser: $report

What to type next
  scripts/demo.sh --keep      the same, and then psql on this database, to look around:
                                \dt koku.*
                                SELECT * FROM koku.reporting_ocp_pod_summary_by_project_p LIMIT 5;
  make && sudo make install   for the PostgreSQL of this machine; then, in psql:
                                CREATE EXTENSION koku_onprem;
                                SELECT koku_create_source('my-cluster-id', 'My cluster');
  README.md                   every function, with its errors
END

if [ -n "$keep" ]; then
  printf '\nThe server runs until this psql ends. From another terminal: PGHOST=%s PGUSER=postgres psql demo\n' "$PGHOST"
  psql -X
fi
