#!/usr/bin/env bash
# A year in the life of a tenant: twelve months, three sources, a retention of three months. Each month brings a payload of
# each source through the inbox, and CALL koku_run() does the rest. After each month there are exactly the partitions and the
# rows of the months that are kept.
#
# Loading asks the server's clock what is past the retention, the upkeep is told the day: while payloads come everything is
# kept, and the tenant has its three months when koku_run() is called again.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
need_server
fresh_database year
export PGDATABASE=year

build_generator
for month in {01..12}; do
  for cluster in one two three; do
    # Each month has names of its own: nodes, namespaces and volumes come and go.
    "$generate_payload" --output "$private_server_directory/files/$cluster-$month.tar.gz" --cluster-id "$cluster" --date "2026-$month-28" \
      --seed "$((10#$month))" --hours 2 --pods 12 --nodes 2 --namespaces "$((10#$month))" --volumes 2 --vms 1 --gpus 1 >/dev/null
  done
done

psql -XAqt -v ON_ERROR_STOP=1 -f - <<'SQL' >/dev/null
SET client_min_messages = warning;
ALTER DATABASE year SET koku_onprem.retention_months = 0;
-- Of raw rows alone tests the regression test raw_retention.
ALTER DATABASE year SET koku_onprem.raw_retention_days = 0;
ALTER DATABASE year SET client_min_messages = warning;
SELECT koku_create_source(name, initcap(name), 'year') FROM (VALUES ('one'), ('two'), ('three')) AS source (name);
SELECT koku_enable_tags(ARRAY['app', 'team', 'environment'], 'year');

-- Rows by table, source and month.
CREATE FUNCTION rows_now() RETURNS TABLE (relation text, source text, month date, rows bigint) LANGUAGE plpgsql AS $$
DECLARE
    listed record;
BEGIN
    FOR listed IN SELECT * FROM koku_catalogue_table WHERE partition_column IS NOT NULL LOOP
        RETURN QUERY EXECUTE format('SELECT %L, %I::text, date_trunc(''month'', usage_start)::date, count(*) FROM year.%I GROUP BY 2, 3',
            listed.table_name, listed.source_column, listed.table_name);
    END LOOP;
    RETURN QUERY SELECT 'report periods', provider_id::text, (report_period_start AT TIME ZONE 'UTC')::date, count(*)
        FROM year.reporting_ocpusagereportperiod GROUP BY 2, 3;
    RETURN QUERY SELECT 'labels', period.provider_id::text, (period.report_period_start AT TIME ZONE 'UTC')::date, count(*)
        FROM year.reporting_ocpusagepodlabel_summary JOIN year.reporting_ocpusagereportperiod AS period ON period.id = report_period_id GROUP BY 2, 3;
    RETURN QUERY SELECT 'manifests', manifest.source::text, billing_period_start, count(*) FROM koku_manifest AS manifest GROUP BY 2, 3;
    RETURN QUERY SELECT 'files', manifest.source::text, billing_period_start, count(*)
        FROM koku_manifest AS manifest JOIN koku_report_file USING (manifest_id) GROUP BY 2, 3;
END;
$$;
CREATE TABLE rows_then AS SELECT * FROM rows_now() WHERE false;

-- What is there and should not be, or the other way round, when the months first..last are kept.
CREATE FUNCTION wrong_rows(first date, last date) RETURNS TABLE (problem text) LANGUAGE sql AS $$
SELECT format('%s of %s in %s: %s rows, expected %s', relation, source, month, coalesce(now.rows, 0), coalesce(expected.rows, 0))
FROM rows_now() AS now
FULL JOIN (SELECT * FROM rows_then WHERE month BETWEEN first AND last) AS expected USING (relation, source, month)
WHERE now.rows IS DISTINCT FROM expected.rows;
$$;
CREATE FUNCTION wrong_partitions(first date, next date) RETURNS TABLE (problem text) LANGUAGE sql AS $$
WITH expected AS (
    SELECT 'year.' || table_name || suffix AS name
    FROM koku_catalogue_table, (SELECT to_char(month, '_YYYY_MM') FROM generate_series(first::timestamp, next::timestamp, '1 month') AS month
                                UNION ALL SELECT '_default') AS part (suffix)
    WHERE partition_column IS NOT NULL
), attached AS (
    SELECT inhrelid::regclass::text AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhparent
    WHERE relnamespace = 'year'::regnamespace AND relkind = 'p'
), tracked AS (
    SELECT schema_name || '.' || table_name AS name FROM year.partitioned_tables WHERE active
)
SELECT 'attached: ' || name FROM (TABLE attached EXCEPT TABLE expected) AS surplus
UNION ALL SELECT 'not attached: ' || name FROM (TABLE expected EXCEPT TABLE attached) AS missing
UNION ALL SELECT 'tracked: ' || name FROM (TABLE tracked EXCEPT TABLE expected) AS surplus
UNION ALL SELECT 'not tracked: ' || name FROM (TABLE expected EXCEPT TABLE tracked) AS missing
UNION ALL SELECT 'left over: ' || oid::regclass FROM pg_class
    WHERE relnamespace = 'year'::regnamespace AND relkind = 'r' AND relname ~ '_\d{4}_\d\d$' AND NOT relispartition;
$$;
-- Names that no kept row mentions, or that are mentioned and missing.
CREATE FUNCTION wrong_names() RETURNS TABLE (problem text) LANGUAGE sql AS $$
WITH name AS (
    SELECT provider_id::text AS source, 'node ' || concat_ws(' ', node, resource_id, node_capacity_cpu_cores) AS name
    FROM year.reporting_ocp_nodes JOIN year.reporting_ocp_clusters AS cluster ON cluster.uuid = reporting_ocp_nodes.cluster_id
    UNION ALL SELECT provider_id::text, 'project ' || project
    FROM year.reporting_ocp_projects JOIN year.reporting_ocp_clusters AS cluster ON cluster.uuid = reporting_ocp_projects.cluster_id
    UNION ALL SELECT provider_id::text, concat_ws(' ', 'volume', persistent_volume, persistent_volume_claim)
    FROM year.reporting_ocp_pvcs JOIN year.reporting_ocp_clusters AS cluster ON cluster.uuid = reporting_ocp_pvcs.cluster_id
    UNION ALL SELECT NULL, concat_ws(' ', 'tag value', key, value, cluster)
    FROM year.reporting_ocptags_values, unnest(cluster_ids) AS cluster
    UNION ALL SELECT NULL, 'tag key ' || key FROM year.reporting_enabledtagkeys
), mentioned AS (
    SELECT source, 'node ' || concat_ws(' ', pod.node, resource_id, node_capacity_cpu_cores::numeric(18,2)) AS name
    FROM year.openshift_pod_usage_line_items_daily AS pod JOIN year.openshift_node_labels_line_items_daily AS label USING (source, node)
    UNION SELECT source, 'project ' || namespace FROM year.openshift_pod_usage_line_items_daily
    UNION SELECT source, concat_ws(' ', 'volume', persistentvolume, persistentvolumeclaim) FROM year.openshift_storage_usage_line_items_daily
    UNION SELECT NULL, concat_ws(' ', 'tag value', key, value, period.cluster_id)
    FROM (TABLE year.reporting_ocpusagepodlabel_summary UNION ALL TABLE year.reporting_ocpstoragevolumelabel_summary) AS label
    JOIN year.reporting_ocpusagereportperiod AS period ON period.id = report_period_id, unnest(values) AS value
    UNION SELECT NULL, 'tag key ' || key
    FROM (SELECT pod_labels FROM year.openshift_pod_usage_line_items_daily UNION SELECT persistentvolume_labels FROM year.openshift_storage_usage_line_items_daily
          UNION SELECT persistentvolumeclaim_labels FROM year.openshift_storage_usage_line_items_daily UNION SELECT node_labels FROM year.openshift_node_labels_line_items_daily
          UNION SELECT namespace_labels FROM year.openshift_namespace_labels_line_items_daily) AS label (text), jsonb_object_keys(text::jsonb) AS key
    UNION VALUES (NULL, 'tag key app'), (NULL, 'tag key team'), (NULL, 'tag key environment')
)
SELECT 'not mentioned: ' || concat_ws(' ', source, name) FROM (TABLE name EXCEPT TABLE mentioned) AS surplus
UNION ALL SELECT 'missing: ' || concat_ws(' ', source, name) FROM (TABLE mentioned EXCEPT TABLE name) AS missing;
$$;
SQL

# One month: partitions ahead, payloads, summaries; then the retention. What the inbox has is a month older.
one_month() {
  local cluster
  {
    for cluster in one two three; do
      printf "SELECT koku_submit_payload(pg_read_binary_file('%s'));\n" "$private_server_directory/files/$cluster-$1.tar.gz"
    done
    cat <<SQL
UPDATE koku_inbox SET finished_at = finished_at - interval '1 month';
-- They were received in their month, whenever this runs: days to come are refused.
UPDATE koku_inbox SET submitted_at = timestamptz '2026-$1-01 00:00+00' + interval '1 month' WHERE status = 'waiting';
CALL koku_internal.run('infinity', '2026-$1-28');
INSERT INTO rows_then SELECT * FROM rows_now() WHERE month = '2026-$1-01';
SELECT koku_set_retention(3, 'year');
CALL koku_internal.run('infinity', '2026-$1-28');
SELECT koku_set_retention(NULL, 'year');
SQL
  } | psql -XAqt -v ON_ERROR_STOP=1 -f - >/dev/null
}

# nothing NAME SQL: a test that passes when the statement finds nothing.
nothing() {
  local found
  found=$(psql -XAqt -v ON_ERROR_STOP=1 -c "$2" 2>&1) || found+=$'\n'"the statement failed"
  if [ -z "$found" ]; then pass "$1"; else fail_test "$1" <<<"$found"; fi
}

for month in {01..12}; do
  check "2026-$month: payloads, summaries and upkeep" one_month "$month"
  first="greatest(date '2026-$month-01' - interval '2 months', '2026-01-01')::date"
  next="(date '2026-$month-01' + interval '1 month')::date"
  nothing "2026-$month: exactly the partitions of the kept months and the next" "SELECT * FROM wrong_partitions($first, $next)"
  nothing "2026-$month: exactly the rows of the kept months" "SELECT * FROM wrong_rows($first, '2026-$month-01')"
  nothing "2026-$month: the inbox has the payloads of the month, each done with one attempt" "
    SELECT * FROM (SELECT count(*), count(*) FILTER (WHERE status = 'done' AND attempts = 1) FROM koku_inbox) AS inbox (payloads, done)
    WHERE (payloads, done) <> (3, 3)"
done
nothing "nodes, projects, volumes, tag values and keys are those of the kept months" "SELECT * FROM wrong_names()"
nothing "no step has failed, no summary waits" "
  SELECT step, last_error FROM koku_run_step WHERE failures > 0 UNION ALL SELECT 'summary', last_error FROM koku_summary_requests"
nothing "raw, daily and summary agree" "SELECT * FROM koku_source, generate_series(10, 12) AS month, koku_check(source, 2026, month)"
# What the year ends with, in numbers: 29 tables with four months and a default partition; three sources and months.
nothing "29 * 5 partitions, 9 report periods and manifests, 54 files" "
  SELECT * FROM (VALUES ('partitions', 145, (SELECT count(*) FROM year.partitioned_tables)),
    ('report periods', 9, (SELECT count(*) FROM year.reporting_ocpusagereportperiod)), ('manifests', 9, (SELECT count(*) FROM koku_manifest)),
    ('files', 54, (SELECT count(*) FROM koku_report_file)), ('clusters', 3, (SELECT count(*) FROM year.reporting_ocp_clusters)),
    ('nodes', 18, (SELECT count(*) FROM year.reporting_ocp_nodes)))
    AS counted (what, expected, found) WHERE expected <> found"
nothing "every table that a summary without costs fills has rows of each source and kept month" "
  SELECT relation, count(*) FROM rows_now() GROUP BY relation HAVING count(*) <> 9"
finish
