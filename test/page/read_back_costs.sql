-- What the page says against what the tables say, for a cluster with costs; prints what differs. Variables: tenant, and facts,
-- what test/page/look.mjs read from the page.
CREATE TEMPORARY TABLE page AS SELECT :'facts'::jsonb AS facts;

CREATE FUNCTION pg_temp.tile(title text) RETURNS numeric LANGUAGE sql AS $$ SELECT (facts->'tiles'->title->>'exact')::numeric FROM page $$;
CREATE FUNCTION pg_temp.shown(number numeric, digits integer) RETURNS text LANGUAGE sql AS $$
SELECT CASE WHEN round(number, digits) < 0 THEN '−' ELSE '' END || to_char(abs(round(number, digits)), 'FM999,999,999,999,990' || rpad('.', digits + 1, '0'));
$$;
CREATE FUNCTION pg_temp.rows_of(caption text) RETURNS TABLE (cells text[]) LANGUAGE sql AS $$
SELECT (SELECT array_agg(cell ORDER BY place) FROM jsonb_array_elements_text(line) WITH ORDINALITY AS listed (cell, place))
FROM page, jsonb_array_elements(facts->'tables'->caption) AS line;
$$;
CREATE TEMPORARY VIEW line AS
SELECT *, coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0) + coalesce(cost_model_volume_cost, 0) + coalesce(cost_model_gpu_cost, 0) AS own,
    coalesce(distributed_cost, 0) AS distributed
FROM :"tenant".reporting_ocpusagelineitem_daily_summary;

-- All from the daily summary, which the page does not read but for labels.
WITH expected (what, value) AS (
    SELECT 'Cost to date', sum(own + distributed) FROM line
    UNION ALL SELECT 'Wasted cost', sum(cpu_cost * greatest(0, 1 - cpu_used / nullif(cpu_requested, 0)) + memory_cost * greatest(0, 1 - memory_used / nullif(memory_requested, 0)))
    FROM (SELECT sum(cost_model_cpu_cost) AS cpu_cost, sum(cost_model_memory_cost) AS memory_cost,
              sum(pod_usage_cpu_core_hours) AS cpu_used, sum(pod_request_cpu_core_hours) AS cpu_requested,
              sum(pod_usage_memory_gigabyte_hours) AS memory_used, sum(pod_request_memory_gigabyte_hours) AS memory_requested
          FROM line WHERE namespace NOT IN ('Worker unallocated', 'Platform unallocated', 'GPU unallocated') GROUP BY namespace) AS project
)
SELECT 'number', what, value::text, pg_temp.tile(what)::text FROM expected
WHERE abs(value - pg_temp.tile(what)) > 0.00001 OR pg_temp.tile(what) IS NULL;

-- The last but one cell is the total, the one before those of the kinds of distribution is a project's own cost.
SELECT 'project', cells::text, pg_temp.shown(sum(own), 2), pg_temp.shown(sum(own + distributed), 2)
FROM pg_temp.rows_of('Projects') LEFT JOIN line ON coalesce(nullif(namespace, ''), '(no project)') = cells[1]
WHERE cells[1] NOT LIKE 'and % more'
GROUP BY cells
HAVING (cells[3] = pg_temp.shown(sum(own), 2) AND cells[cardinality(cells) - 1] = pg_temp.shown(sum(own + distributed), 2)) IS NOT TRUE;

SELECT 'pool', rate_type, given, cells::text
FROM (SELECT rate_type, pg_temp.shown(-sum(distributed) FILTER (WHERE distributed < 0), 2) AS given,
          pg_temp.shown(sum(distributed) FILTER (WHERE distributed > 0), 2) AS received
      FROM (SELECT cost_model_rate_type AS rate_type, namespace, sum(distributed) AS distributed
            FROM line WHERE distributed <> 0 GROUP BY 1, 2) AS project
      GROUP BY 1) AS expected
LEFT JOIN pg_temp.rows_of('Shared costs: what pools gave and projects received') ON cells[1] = rate_type
WHERE (cells[3] = given AND cells[4] = received AND cells[5] = 'equal') IS NOT TRUE;

SELECT 'total', cells::text FROM pg_temp.rows_of('Totals of three tables') WHERE cells[5] <> 'equal';
SELECT 'prices', count(*), (SELECT count(*) FROM pg_temp.rows_of('Price list')) FROM :"tenant".cost_model_rate AS rate,
    LATERAL jsonb_array_elements(CASE WHEN tag_key <> '' THEN tag_values ELSE '[{}]' END)
HAVING count(*) <> (SELECT count(*) FROM pg_temp.rows_of('Price list'));
