# Sourced by tests that need a tenant with costs: the rows that the reference pipeline left for a scenario of test/golden/cost.
# shellcheck shell=bash disable=SC2154

cost_tables=(reporting_ocp_cost_summary_by_node_p reporting_ocp_cost_summary_by_project_p reporting_ocp_cost_summary_p
  reporting_ocp_pod_summary_by_node_p reporting_ocp_pod_summary_by_project_p reporting_ocp_pod_summary_p
  reporting_ocp_volume_summary_by_project_p reporting_ocpusagelineitem_daily_summary)

# load_costs SCENARIO TENANT: takes the scenario's payloads, makes its cost model, and puts the expected rows in place of those of
# the summary.
load_costs() {
  local scenario=$project/test/golden/cost/$1 tenant=$2 directory payload table columns
  local psql=(psql -XAtq -v ON_ERROR_STOP=1)
  directory=$private_server_directory/files/costs
  mkdir -p "$directory"
  tar -xJf "$scenario/expected.tar.xz" -C "$directory"
  "${psql[@]}" -v tenant="$tenant" -v scenario="$(cat "$scenario/scenario.json")" <<'END' >/dev/null
SELECT koku_create_source(s->'source'->>'cluster_id', s->'source'->>'name', :'tenant', (s->'source'->>'uuid')::uuid)
FROM (SELECT :'scenario'::jsonb AS s) AS given;
SELECT koku_enable_tags(array_agg(key), :'tenant') FROM jsonb_array_elements_text(:'scenario'::jsonb->'enabled_tags') AS key;
SELECT koku_create_cost_model(s->'cost_model', ARRAY[(s->'source'->>'uuid')::uuid], :'tenant') FROM (SELECT :'scenario'::jsonb AS s) AS given;
END
  for payload in "$scenario"/payloads/*.tar.gz; do
    cp "$payload" "$directory/payload.tar.gz"
    "${psql[@]}" -c "SELECT count(*) FROM koku_ingest_file('$directory/payload.tar.gz')" -c 'CALL koku_run()' >/dev/null
  done
  for table in "${cost_tables[@]}"; do
    # The expected rows name the category, ours its number.
    columns=$(head -n 1 "$directory/expected/$table.csv" | tr -d '\r')
    "${psql[@]}" <<END >/dev/null
SET session_replication_role = replica;
TRUNCATE $tenant.$table;
CREATE TEMPORARY TABLE expected_row (LIKE $tenant.$table INCLUDING GENERATED);
ALTER TABLE expected_row ADD COLUMN cost_category text;
DO \$\$ BEGIN EXECUTE (SELECT string_agg(format('ALTER TABLE expected_row ALTER COLUMN %I DROP NOT NULL, ALTER COLUMN %I SET DEFAULT gen_random_uuid()', attname, attname), '; ')
    FROM pg_attribute WHERE attrelid = 'expected_row'::regclass AND attname IN ('id', 'uuid')); END \$\$;
\\copy expected_row ($columns) FROM '$directory/expected/$table.csv' CSV HEADER NULL '\\N'
ALTER TABLE expected_row DROP COLUMN cost_category;
INSERT INTO $tenant.$table SELECT * FROM expected_row;
END
  done
}
