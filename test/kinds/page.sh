#!/usr/bin/env bash
# The report page in a browser: looked at in several widths, dark and printed, judged by axe, and read back. Screenshots and
# PDFs stay in build/page.
source "$(dirname "$0")/../lib.sh"
source "$project/test/page/costs.sh"
takes_no_names "$@"
"$project/scripts/install-deps.sh" --page
need_server

pages=$build/page
modules=$pages/modules
rm -f "$pages"/*.{html,png,pdf,json}
mkdir -p "$modules"
if ! cmp -s "$project/test/page/package.json" "$modules/package.json"; then
  cp "$project/test/page/package.json" "$modules/"
  run_quietly "$build/logs/npm.log" npm install --prefix "$modules" --no-audit --no-fund --no-package-lock --ignore-scripts
fi

fresh_database page
export PGDATABASE=page PGOPTIONS='-c client_min_messages=warning -c koku_onprem.retention_months=0'
run_sql() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }
report() { run_sql -c "SELECT koku_report($2)" >"$pages/$1.html"; }

say "a cluster with costs, a month of the sample cluster, a tenant without data, names that are hostile"
sample_payload "$private_server_directory/files/payload.tar.gz" --date 2026-11-01 --days 12
run_sql -c "SELECT koku_create_source('sample-cluster', 'Sample cluster')" -c "SELECT koku_enable_tags(ARRAY['app', 'team'])" \
  -c "SELECT koku_create_tenant('empty')" >/dev/null
run_sql -c "SELECT count(*) FROM koku_ingest_file('$private_server_directory/files/payload.tar.gz')" -c "CALL koku_run()" >/dev/null
run_sql -f "$project/test/page/hostile.sql" >/dev/null
load_costs costdemo costs

# Costs as our own steps make them, of a cluster with a project whose name is markup.
sample_payload "$private_server_directory/files/priced.tar.gz" --date 2026-11-01 --days 12 --cluster-id priced-cluster
run_sql -v file="$private_server_directory/files/priced.tar.gz" -v source=00000000-0000-0000-0000-00000000da7e >/dev/null <<'END'
SELECT koku_create_source('priced-cluster', 'Priced cluster', 'priced', :'source');
SELECT koku_enable_tags(ARRAY['app', 'team'], 'priced');
SELECT koku_create_cost_model('{"name": "Prices", "currency": "EUR", "distribution": "cpu",
  "distribution_info": {"worker_cost": true, "platform_cost": true, "storage_unattributed": true},
  "rates": [{"metric": {"name": "cpu_core_effective_usage_per_hour"}, "cost_type": "Supplementary", "tiered_rates": [{"value": 0.02}]},
            {"metric": {"name": "memory_gb_effective_usage_per_hour"}, "cost_type": "Supplementary", "tiered_rates": [{"value": 0.005}]},
            {"metric": {"name": "storage_gb_request_per_month"}, "cost_type": "Infrastructure", "tiered_rates": [{"value": 0.1}]},
            {"metric": {"name": "node_cost_per_month"}, "cost_type": "Infrastructure", "tiered_rates": [{"value": 150}]}]}',
  ARRAY[:'source']::uuid[], 'priced');
SELECT count(*) FROM koku_ingest_file(:'file');
CALL koku_run();
UPDATE priced.openshift_pod_usage_line_items_daily SET namespace = '<script>alert(1)</script>' WHERE namespace = 'payments-staging';
SELECT count(*) FROM koku_summarize(:'source', 2026, 11);
SELECT count(*) FROM koku_update_costs(:'source', 2026, 11);
END

report sample "'koku', '2026-11-01', '2026-11-30', 'team'"
report costs "'costs', '2026-10-01', '2026-10-31', 'environment'"
report priced "'priced', '2026-11-01', '2026-11-30', 'team'"
report empty "'empty', '2026-11-01', '2026-11-30'"
report hostile "'hostile', '2026-11-01', '2026-11-30', '</title><script>alert(2)</script>'"

for page in sample costs priced empty hostile; do
  check "$page: well-formed" xmllint --noout "$pages/$page.html"
done
log=$pages/look.log
node "$project/test/page/look.mjs" "$modules/node_modules" "$pages" "$pages"/{sample,costs,priced,empty,hostile}.html >"$log" 2>&1 || true
cat "$log"
add_counts "$log" || fail_test "the browser ended early" </dev/null

# reads_back NAME [SCRIPT]: nothing on the page differs from the tables.
reads_back() {
  local differences
  differences=$(run_sql -v tenant="$1" -v facts="$(jq -c 'del(.files, .text)' "$pages/$1.json")" \
    -f "$project/test/page/read_back_${2:-$1}.sql") || return 1
  [ -z "$differences" ] || { printf '%s\n' "$differences"; return 1; }
}

# Each hostile name is there, as text, where it is listed as a project.
shows_hostile_names() {
  local missing
  missing=$(run_sql -v page="$(jq -c '[.tables["Projects"][], .tables["Requested and used by project"][]] | map(.[0])' "$pages/hostile.json")" <<'END'
SELECT namespace FROM hostile.reporting_ocp_pod_summary_by_project_p
WHERE length(namespace) < 60 AND namespace <> ' ' AND namespace !~ '[\x01-\x1f\x7f-\x9f\uFFFE]' AND NOT :'page'::jsonb ? namespace
GROUP BY namespace;
END
  ) || return 1
  [ -z "$missing" ] || { printf '%s\n' "$missing"; return 1; }
}

check "sample: numbers and rows are those of the tables" reads_back sample
check "costs: numbers and rows are those of the tables" reads_back costs
check "priced: numbers and rows are those of the tables, which our own steps made" reads_back priced costs
shows_markup_as_text() {
  jq -e '[.tables["Projects"][] | .[0]] | index("<script>alert(1)</script>") != null' "$pages/priced.json" >/dev/null &&
    ! grep -qi '<script' "$pages/priced.html"
}
check "priced: a project called <script>alert(1)</script> is text" shows_markup_as_text
check "hostile: names are shown as they are" shows_hostile_names
finish
