#!/usr/bin/env bash
# koku_focus() against the public validator of FOCUS (PyPI: focus-validator): its release 1.0.0 knows FOCUS 1.0, and 2.2.1 knows 1.2.
# test/focus/allowed.txt lists the validator's own defects. Where it cannot be had from the network, a line says so.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"

# A Python 3.12: that of the machine, or one that uv fetches. With pyenv there is a program of that name that does not run
# unless its version is chosen.
python_312() {
  local version
  if python3.12 -c '' 2>/dev/null; then command -v python3.12; return; fi
  if version=$(pyenv versions --bare 2>/dev/null | grep -m 1 '^3\.12\.'); then
    printf '%s/bin/python3.12\n' "$(pyenv prefix "$version")"
    return
  fi
  python_environment "$build/focus-uv" python3 uv >&2
  "$build/focus-uv/bin/uv" python install --quiet 3.12 >&2 && "$build/focus-uv/bin/uv" python find 3.12
}
# Release 2.2.1 asks for Python 3.12 because of one line, which Python 3.11 takes when it is written without a backslash.
with_older_python() {
  local converter
  python_environment "$1" python3 --ignore-requires-python focus-validator==2.2.1 'pyarrow<22' || return 1
  converter=$(echo "$1"/lib/python3*/site-packages/focus_validator/config_objects/focus_to_duckdb_converter.py)
  python3 - "$converter" <<'END'
import sys
with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
text = text.replace(r'''f"'{k.replace('\"', '\"\"')}'"''', '''("'" + k.replace('"', '""') + "'")''')
compile(text, sys.argv[1], "exec")
with open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write(text)
END
}
mkdir -p "$build"
first=$build/focus-1 second=$build/focus-2
has_first=yes has_second=yes
python_environment "$first" python3 focus-validator==1.0.0 'multimethod<1.11' >"$build/focus-1.log" 2>&1 || has_first=
{
  if [ -e "$second/complete" ]; then
    :
  elif python=$(python_312); then
    python_environment "$second" "$python" focus-validator==2.2.1 'pyarrow<22'
  else
    with_older_python "$second"
  fi
} >"$build/focus-2.log" 2>&1 || has_second=

need_server
fresh_database focus
export PGDATABASE=focus PGOPTIONS='-c client_min_messages=warning -c koku_onprem.retention_months=0'
say "a cluster of two days with costs"
sample_payload "$private_server_directory/files/payload.tar.gz" --date 2026-11-01 --days 2
psql -XAtq -v ON_ERROR_STOP=1 -v source=00000000-0000-0000-0000-0000000f0c05 -v file="$private_server_directory/files/payload.tar.gz" >/dev/null <<'END'
SELECT koku_create_source('sample-cluster', 'Sample cluster', source => :'source');
SELECT koku_enable_tags(ARRAY['app', 'team']);
SELECT koku_create_cost_model('{"name": "Prices", "currency": "EUR", "distribution": "cpu", "distribution_info": {"worker_cost": true, "platform_cost": true},
  "rates": [{"metric": {"name": "cpu_core_request_per_hour"}, "cost_type": "Supplementary", "tiered_rates": [{"value": 0.05}]},
            {"metric": {"name": "storage_gb_request_per_month"}, "tiered_rates": [{"value": 0.1}]},
            {"metric": {"name": "node_cost_per_month"}, "cost_type": "Infrastructure", "tiered_rates": [{"value": 100}]}]}', ARRAY[:'source']::uuid[]);
SELECT count(*) FROM koku_ingest_file(:'file');
CALL koku_run();
SELECT count(*) FROM koku_update_costs(:'source', 2026, 11);
END

# charges FILE COLUMNS: what koku_focus() gives, with UTC written as the specification has it.
charges() {
  psql -XAtq -v ON_ERROR_STOP=1 <<END
SET datestyle = 'ISO';
SET timezone = 'UTC';
\\copy (SELECT $2 FROM koku_focus('koku', '2026-11-01', '2026-11-30')) TO '$1' CSV HEADER
END
}
sums_are_equal() {
  psql -XAtq -c "SELECT round(sum(\"BilledCost\"), 8) FROM koku_focus('koku', '2026-11-01', '2026-11-30')" \
    -c "SELECT round(coalesce(sum(cost_model_cpu_cost), 0) + coalesce(sum(cost_model_memory_cost), 0) + coalesce(sum(cost_model_volume_cost), 0)
      + coalesce(sum(cost_model_gpu_cost), 0) + coalesce(sum(distributed_cost), 0), 8) FROM koku.reporting_ocpusagelineitem_daily_summary" |
    { read -r charged; read -r cost; echo "$charged charged, $cost in the summary"; [ "$charged" = "$cost" ] && [[ $charged != 0* ]]; }
}
check "the sum of BilledCost is that of the daily summary" sums_are_equal

columns='*, "InvoiceIssuerName" AS "InvoiceIssuer", "ProviderName" AS "Provider", "PublisherName" AS "Publisher", "ResourceId" AS "ResourceID"'
charges "$build/focus-1.0.csv" "$columns"
charges "$build/focus-1.2.csv" '*'
if [ -n "$has_first" ]; then
  check "focus-validator 1.0.0 finds nothing against FOCUS 1.0" \
    python3 -B "$project/test/focus/validate.py" "$first/bin/python" 1.0 "$build/focus-1.0.csv" "$project/test/focus/allowed.txt"
else
  printf 'NOT RUN: FOCUS 1.0, because its validator cannot be had: %s\n' "$(tail -n 1 "$build/focus-1.log")"
fi
if [ -n "$has_second" ]; then
  check "focus-validator 2.2.1 finds nothing against FOCUS 1.2" \
    python3 -B "$project/test/focus/validate.py" "$second/bin/python" 1.2 "$build/focus-1.2.csv" "$project/test/focus/allowed.txt"
else
  printf 'NOT RUN: FOCUS 1.2, because its validator cannot be had: %s\n' "$(tail -n 1 "$build/focus-2.log")"
fi
finish
