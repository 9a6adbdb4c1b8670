-- What the page says against what the tables say, for the sample cluster; prints what differs. Variable facts: what
-- test/page/look.mjs read from the page.
CREATE TEMPORARY TABLE page AS SELECT :'facts'::jsonb AS facts;

CREATE FUNCTION pg_temp.tile(title text) RETURNS numeric LANGUAGE sql AS $$ SELECT (facts->'tiles'->title->>'exact')::numeric FROM page $$;
-- A number as it is shown.
CREATE FUNCTION pg_temp.shown(number numeric, digits integer) RETURNS text LANGUAGE sql AS $$
SELECT CASE WHEN round(number, digits) < 0 THEN '−' ELSE '' END || to_char(abs(round(number, digits)), 'FM999,999,999,999,990' || rpad('.', digits + 1, '0'));
$$;
-- The rows of a table of the page, without drawings (their cells have the text of a title).
CREATE FUNCTION pg_temp.rows_of(caption text) RETURNS TABLE (cells text[]) LANGUAGE sql AS $$
SELECT (SELECT array_agg(cell ORDER BY place) FROM jsonb_array_elements_text(line) WITH ORDINALITY AS listed (cell, place))
FROM page, jsonb_array_elements(facts->'tables'->caption) AS line;
$$;

WITH pod AS (
    SELECT sum(pod_effective_usage_cpu_core_hours) AS effective, sum(pod_usage_cpu_core_hours) AS used, sum(pod_request_cpu_core_hours) AS requested
    FROM koku.reporting_ocp_pod_summary_p WHERE usage_start BETWEEN '2026-11-01' AND '2026-11-30' AND cost_model_rate_type IS NULL
), capacity AS (
    SELECT sum(capacity) AS capacity FROM (
        SELECT max(cluster_capacity_cpu_core_hours) AS capacity FROM koku.reporting_ocp_pod_summary_p
        WHERE usage_start BETWEEN '2026-11-01' AND '2026-11-30' GROUP BY usage_start) AS day
), expected (what, value) AS (
    SELECT 'CPU to date', effective FROM pod
    UNION ALL SELECT 'Idle share of CPU', 100 * (capacity - effective) / capacity FROM pod, capacity
    UNION ALL SELECT 'Label coverage', 100 * sum(pod_effective_usage_cpu_core_hours) FILTER (WHERE all_labels ? 'team') / sum(pod_effective_usage_cpu_core_hours)
    FROM koku.reporting_ocpusagelineitem_daily_summary
    WHERE data_source = 'Pod' AND cost_model_rate_type IS NULL AND namespace NOT IN ('Worker unallocated', 'Platform unallocated')
    UNION ALL SELECT 'Requested, not used', sum(greatest(0, requested - used))
    FROM (SELECT sum(pod_request_cpu_core_hours) AS requested, sum(pod_usage_cpu_core_hours) AS used
          FROM koku.reporting_ocp_pod_summary_by_project_p WHERE cost_model_rate_type IS NULL GROUP BY namespace) AS project
)
SELECT 'number', what, value::text, pg_temp.tile(what)::text FROM expected
WHERE abs(value - pg_temp.tile(what)) > 0.000001 OR pg_temp.tile(what) IS NULL;

WITH expected AS (
    SELECT namespace, pg_temp.shown(sum(pod_effective_usage_cpu_core_hours), 1) AS cpu, pg_temp.shown(sum(pod_effective_usage_memory_gigabyte_hours), 1) AS memory
    FROM koku.reporting_ocp_pod_summary_by_project_p WHERE cost_model_rate_type IS NULL GROUP BY namespace
)
SELECT 'project', namespace, expected.cpu, expected.memory, cells::text
FROM expected FULL JOIN pg_temp.rows_of('Projects') ON cells[1] = namespace
WHERE (cells[3] = expected.cpu AND cells[4] = expected.memory) IS NOT TRUE;

WITH expected AS (
    SELECT coalesce(all_labels->>'team', '(no label)') AS team, pg_temp.shown(sum(pod_effective_usage_cpu_core_hours), 1) AS cpu
    FROM koku.reporting_ocpusagelineitem_daily_summary
    WHERE cost_model_rate_type IS NULL AND namespace NOT IN ('Worker unallocated', 'Platform unallocated')
    GROUP BY 1
)
SELECT 'label', team, expected.cpu, cells::text
FROM expected LEFT JOIN pg_temp.rows_of('By label team') ON cells[1] = team
WHERE (cells[4] = coalesce(expected.cpu, '0.0')) IS NOT TRUE;

WITH expected AS (
    SELECT node, pg_temp.shown(sum(node_capacity_cpu_core_hours), 1) AS capacity, pg_temp.shown(sum(pod_usage_cpu_core_hours), 1) AS used
    FROM koku.reporting_ocp_pod_summary_by_node_p WHERE cost_model_rate_type IS NULL GROUP BY node
)
SELECT 'node', node, expected.capacity, expected.used, cells::text
FROM expected FULL JOIN pg_temp.rows_of('Capacity of nodes') ON cells[1] = node
WHERE (cells[4] = expected.capacity AND cells[6] = expected.used) IS NOT TRUE;
