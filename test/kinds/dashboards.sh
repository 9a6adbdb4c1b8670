#!/usr/bin/env bash
# What is offered to other programs: the dashboard of Grafana, whose every query runs against a cluster with costs, and the rules of
# Prometheus, which promtool tries on made-up series.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
"$project/scripts/install-deps.sh" --dashboards

# Debian's package would begin a service; its one program is taken out of it.
promtool=$(command -v promtool || true)
fetch_promtool() {
  local directory=$build/prometheus
  [ -x "$directory/usr/bin/promtool" ] || {
    mkdir -p "$directory"
    (cd "$directory" && apt-get download prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool && rm prometheus_*.deb)
  }
}
if [ -z "$promtool" ] && fetch_promtool >"$build/prometheus.log" 2>&1; then promtool=$build/prometheus/usr/bin/promtool; fi
if [ -z "$promtool" ]; then
  printf 'NOT RUN: the rules of Prometheus, because promtool cannot be had: %s\n' "$(tail -n 1 "$build/prometheus.log")"
else
  rules=$build/alert-rules
  mkdir -p "$rules"
  cp "$project/examples/prometheus/koku-alerts.yml" "$project/test/prometheus/alerts.yml" "$rules/"
  check "the rules of Prometheus can be read" "$promtool" check rules "$rules/koku-alerts.yml"
  check "each rule fires when it should, and only then" "$promtool" test rules "$rules/alerts.yml"
  tested() {
    local rule
    while IFS= read -r rule; do
      grep -q "alertname: $rule\$" "$rules/alerts.yml" || { echo "$rule is in no test that expects it"; return 1; }
    done < <(sed -n 's/.*- alert: //p' "$rules/koku-alerts.yml")
  }
  check "each rule has a test" tested
fi

need_server
fresh_database dashboards
export PGDATABASE=dashboards PGOPTIONS='-c client_min_messages=warning -c koku_onprem.retention_months=0'
run_sql() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }
say "a cluster of two months with costs"
for month in 10 11; do
  sample_payload "$private_server_directory/files/$month.tar.gz" --date "2026-$month-01" --days 3
done
source_id=00000000-0000-0000-0000-0000000da500
run_sql -v source="$source_id" -v files="$private_server_directory/files" >/dev/null <<'END'
SELECT koku_create_source('sample-cluster', 'Sample''s cluster', source => :'source');
SELECT koku_create_cost_model('{"name": "dashboards", "currency": "EUR", "distribution": "cpu", "distribution_info": {"worker_cost": true, "platform_cost": true},
  "rates": [{"metric": {"name": "cpu_core_request_per_hour"}, "cost_type": "Supplementary", "tiered_rates": [{"value": 0.05, "unit": "EUR"}]},
            {"metric": {"name": "node_cost_per_month"}, "cost_type": "Infrastructure", "tiered_rates": [{"value": 100, "unit": "EUR"}]}]}', ARRAY[:'source']::uuid[]);
SELECT count(*) FROM koku_ingest_file(:'files' || '/10.tar.gz');
SELECT count(*) FROM koku_ingest_file(:'files' || '/11.tar.gz');
CALL koku_run();
SELECT count(*) FROM koku_update_costs(:'source', 2026, 10);
SELECT count(*) FROM koku_update_costs(:'source', 2026, 11);
SELECT koku_set_budget('koku', 'all', '{}', 1000);
SELECT koku_create_roles();
CREATE ROLE grafana LOGIN IN ROLE koku_read;
END
log=$build/logs/dashboards.log
PGUSER=grafana python3 -B "$project/test/dashboards/grafana.py" "$project/examples/grafana/koku-costs.json" \
  "$project/test/dashboards/dashboard.schema.json" koku 2>&1 | tee "$log" || true
add_counts "$log" || fail_test "the dashboard was not checked to its end" <"$log"
finish
