#!/usr/bin/env bash
# The golden scenarios in schemas that other software has made: existing_schema/make_schema.py makes them from the files
# docs/spec/columns.csv and keys.csv. Afterwards retention and deletion find everything there as well.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"

need_server
fresh_database existing
export PGDATABASE=existing

query() { psql -XAqt -v ON_ERROR_STOP=1 -c "$1"; }

# expect NAME VALUE SQL: a test that passes when the statement gives the value.
expect() {
  local value
  value=$(query "$3" 2>&1) || true
  if [ "$value" = "$2" ]; then pass "$1"; else fail_test "$1" <<<"expected: $2"$'\n'"found: $value"; fi
}

# Rows of a tenant that retention or deletion can remove.
rows_of_tenant() {
  printf '%s' "SELECT sum((xpath('//n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I.%I', '$1', table_name),
    false, true, '')))[1]::text::bigint) FROM koku_catalogue_table WHERE partition_column IS NOT NULL OR kind IN ('cluster', 'period', 'label')"
}

partitions=months
for scenario in "$scenarios"/*/scenario.json; do
  name=$(basename "$(dirname "$scenario")")
  tenant=g_${name//-/_}
  source=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["source"]["uuid"])' "$scenario")
  # The software knows every other source.
  known=()
  [ "$partitions" = quarter ] || known=(--provider "$source")
  if ! output=$(python3 -B "$project/test/existing_schema/make_schema.py" --spec "$specification" --schema "$tenant" \
    --partitions "$partitions" "${known[@]}" | psql -XAqt 2>&1); then
    fail_test "$name: the schema is made" <<<"$output"
    continue
  fi
  expect "$name: nothing but keys, indexes, the table of intervals and those of cost models is missing" "" \
    "SELECT * FROM koku_check_tenant('$tenant')
     WHERE found IS NOT NULL OR expected !~ '^(INDEX|UNIQUE)'
       AND relation NOT IN (SELECT '$tenant.' || table_name FROM koku_catalogue_table WHERE kind IN ('node interval', 'cost model'))"
  if output=$(passes_golden existing "$name" 2>&1); then
    pass "$name: $partitions"
  else
    fail_test "$name: $partitions" <<<"$output"
  fi
  expect "$name: nothing differs from what is expected" "" "SELECT * FROM koku_check_tenant('$tenant')"
  if [ "$partitions" = quarter ]; then
    expect "$name: the partitions that were there are used" "0" \
      "SELECT count(*) FROM koku_internal.partitions('$tenant')
       WHERE partition::text ~ '_2026_(09|10|11)\$' AND table_name <> 'koku_node_interval'"
    partitions=months
  else
    expect "$name: the tracking table is true" "0" "SELECT count(*)
      FROM (SELECT partition::text FROM koku_internal.partitions('$tenant')) AS attached (name)
      FULL JOIN (SELECT format('%I.%I', schema_name, table_name) FROM $tenant.partitioned_tables) AS tracked (name) USING (name)
      WHERE attached IS NULL OR tracked IS NULL"
    partitions=quarter
  fi
done

# additive is the first scenario, basic the second: the one has partitions by month, the other of a quarter.
for tenant in g_additive g_basic; do
  expect "$tenant: has rows" "t" "SELECT ($(rows_of_tenant $tenant)) > 100"
  query "SET koku_onprem.retention_months = 1; SELECT koku_purge_expired('$tenant', '2027-06-01')" >/dev/null
  expect "$tenant: retention leaves the default partitions" "29 t" \
    "SELECT concat_ws(' ', count(*), bool_and(is_default)) FROM koku_internal.partitions('$tenant')"
  expect "$tenant: retention removes what is tracked" "0" \
    "SELECT count(*) FROM $tenant.partitioned_tables WHERE NOT (partition_parameters->>'default')::boolean"
  expect "$tenant: retention removes all rows" "0" "$(rows_of_tenant $tenant)"
done
for tenant in g_crossing g_mapping; do
  expect "$tenant: has rows" "t" "SELECT ($(rows_of_tenant $tenant)) > 100"
  query "SELECT koku_delete_source(source) FROM koku_source WHERE tenant = '$tenant'" >/dev/null
  expect "$tenant: deletion removes all rows" "0" "$(rows_of_tenant $tenant)"
done
finish
