-- koku_report: the numbers on the page are those of the tables, names stay text, and what cannot be reported is an error.
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set source '00000000-0000-0000-0000-00000000f001'
SELECT koku_create_source('report-cluster', 'Cluster <b>', 't_report', :'source');
SELECT koku_enable_tags(ARRAY['team'], 't_report');

-- No data: the page says so.
SELECT test.between(koku_report('t_report', '2026-11-01', '2026-11-30'), '<main>', '</main>') AS page;

-- 24 hours of a day and 12 of the next: a project that uses 1 of 2 requested cores, and one that uses more than it requested.
SELECT sum(test.pod('t_report', :'source', hour, pod.namespace, 'pod', 'n1', pod.labels, pod.cores, pod.requested, 1, 1))
FROM generate_series(timestamp '2026-11-05 00:00', '2026-11-06 11:00', '1 hour') AS hour,
    (VALUES ('<script>alert(1)</script>', '{"team": "a&b"}', 1, 2), ('shop', '{}', 0.5, 0.25)) AS pod (namespace, labels, cores, requested);
SELECT test.add_up('t_report');
SELECT count(*) > 0 AS done FROM koku_summarize(:'source', 2026, 11);
SELECT koku_internal.ensure_partition('t_report', 'koku_node_interval', '2026-11-05');
INSERT INTO t_report.koku_node_interval (id, usage_start, interval_start, source, node)
SELECT gen_random_uuid(), hour::date, hour AT TIME ZONE 'UTC', :'source', 'n1' FROM generate_series(timestamp '2026-11-05 00:00', '2026-11-06 11:00', '1 hour') AS hour;

-- Effective: 36 * 2 + 36 * 0.5 = 90 core-hours of 36 * 4 = 144; not used of what was requested: 36; with a label: 72 of 90.
SELECT koku_report('t_report', '2026-11-05', '2026-11-30', 'team') AS html \gset
SELECT test.tile(:'html', title) AS value, title
FROM (VALUES ('CPU to date'), ('Same days before'), ('Idle share of CPU'), ('Requested, not used'), ('Label coverage')) AS tile (title);
SELECT test.tile(:'html', 'CPU to date') = sum(pod_effective_usage_cpu_core_hours) AS is_sum_of_the_table
FROM t_report.reporting_ocp_pod_summary_by_project_p WHERE namespace IS NOT NULL;
SELECT test.rows_of(:'html', 'Hours received by cluster and day');
SELECT test.rows_of(:'html', 'Projects');
SELECT test.rows_of(:'html', 'By label team');
SELECT test.rows_of(:'html', 'Requested and used by project');
SELECT test.rows_of(:'html', 'Capacity of nodes');
SELECT test.rows_of(:'html', 'Totals of three tables');
SELECT test.between(:'html', '<p class="note">', '</p>') AS note;
-- No markup of a name is markup of the page, and the same data give the same bytes. (That it is well-formed, the kind of test page sees.)
SELECT :'html' LIKE '%<script%' AS has_script,
    :'html' = koku_report('t_report', '2026-11-05', '2026-11-30', 'team') AS is_the_same,
    :'html' = koku_report('t_report', '2026-11-05', '2026-11-30', 'team', 'report-cluster') AS is_the_same_by_cluster,
    :'html' = koku_report('t_report', '2026-11-05', '2026-11-30', 'team', 'Cluster <b>') AS is_the_same_by_name;
-- Whatever the session is set to.
SET datestyle = 'SQL, DMY';
SET extra_float_digits = -10;
SET timezone = 'Asia/Tokyo';
SELECT :'html' = koku_report('t_report', '2026-11-05', '2026-11-30', 'team') AS is_the_same;
SET datestyle = 'ISO';
RESET extra_float_digits;
RESET timezone;

-- With links, for a server that takes them; a project that is asked for is the only one with a section of its own.
SELECT DISTINCT link[1] FROM regexp_matches(koku_report('t_report', '2026-11-05', '2026-11-30', links => true), 'href="(\?[^"]*)"', 'g') AS link ORDER BY 1;
SELECT asked.project, found.section FROM (VALUES (NULL), ('shop')) AS asked (project),
    regexp_matches(koku_report('t_report', '2026-11-05', '2026-11-30', project => asked.project), '<details id="(project-[0-9]+)"[^>]*><summary><bdi>([^<]*)</bdi>', 'g') AS found (section);
SELECT test.between(koku_report('t_report', '2026-11-05', '2026-11-30', project => 'els<ewhere'), '<p class="bad">', '</p>') AS hint;

-- A label that is not enabled; the days before, which are those of the month before from the same day on.
SELECT test.between(koku_report('t_report', '2026-11-05', '2026-11-30', 'stage'), '<p class="bad">', '</p>') AS hint;
SELECT period.first::text, period.last::text, previous_first::text, previous_last::text
FROM (VALUES (date '2026-11-01', date '2026-11-30'), ('2026-03-01', '2026-03-31'), ('2026-11-05', '2026-11-05'),
    ('2026-10-01', '2026-12-31'), ('2026-12-15', '2027-01-14')) AS period (first, last), koku_internal.report_period_before(first, last);

-- Errors.
SELECT statement, e.* FROM (VALUES ($$koku_report('nobody', '2026-11-01', '2026-11-30')$$), ($$koku_report(NULL, '2026-11-01', '2026-11-30')$$),
    ($$koku_report('t_report', '2026-11-30', '2026-11-01')$$), ($$koku_report('t_report', NULL, '2026-11-01')$$),
    ($$koku_report('t_report', '-infinity', '2026-11-01')$$), ($$koku_report('t_report', '2025-11-01', '2026-11-02')$$),
    ($$koku_report('t_report', '2026-11-01', '2026-11-30', cluster => 'elsewhere')$$)) AS s (statement), test.error_of('SELECT ' || statement) AS e;
SELECT has_function_privilege('public', 'koku_report(name, date, date, text, text, text, boolean)', 'EXECUTE') AS everybody_may_call_it;

-- With costs (60 and 40 of projects, 20 of unallocated capacity that they share 12 to 8), on the second day again half of it.
INSERT INTO t_report.reporting_ocp_cost_summary_by_project_p
    (cluster_id, usage_start, usage_end, source_uuid, namespace, cost_model_rate_type, cost_model_cpu_cost, distributed_cost)
SELECT 'report-cluster', day, day, :'source', namespace, rate_type, cost * part, distributed * part
FROM (VALUES (date '2026-11-05', 1), ('2026-11-06', 0.5)) AS listed (day, part),
    (VALUES ('<script>alert(1)</script>', 'Supplementary', 60, NULL), ('shop', 'Supplementary', 40, NULL), ('Worker unallocated', 'Supplementary', 20, NULL),
        ('<script>alert(1)</script>', 'worker_distributed', NULL, 12), ('shop', 'worker_distributed', NULL, 8),
        ('Worker unallocated', 'worker_distributed', NULL, -20)) AS line (namespace, rate_type, cost, distributed);
INSERT INTO t_report.reporting_ocp_cost_summary_p (cluster_id, usage_start, usage_end, source_uuid, cost_model_rate_type, cost_model_cpu_cost, distributed_cost)
SELECT cluster_id, usage_start, usage_start, source_uuid, cost_model_rate_type, sum(cost_model_cpu_cost), sum(distributed_cost)
FROM t_report.reporting_ocp_cost_summary_by_project_p WHERE cost_model_rate_type IS NOT NULL GROUP BY 1, 2, 4, 5;
INSERT INTO t_report.reporting_ocp_cost_summary_by_node_p (cluster_id, usage_start, usage_end, source_uuid, cost_model_rate_type, cost_model_cpu_cost, distributed_cost, node)
SELECT cluster_id, usage_start, usage_start, source_uuid, cost_model_rate_type, cost_model_cpu_cost, distributed_cost, 'n1'
FROM t_report.reporting_ocp_cost_summary_p WHERE cost_model_rate_type IS NOT NULL;

-- Wasted: of 90 for the one project the half.
SELECT koku_report('t_report', '2026-11-05', '2026-11-30') AS html \gset
SELECT test.tile(:'html', title) AS value, title FROM (VALUES ('Cost to date'), ('Idle share of CPU'), ('Wasted cost'), ('Projects')) AS tile (title);
SELECT test.rows_of(:'html', 'Projects');
SELECT test.rows_of(:'html', 'Totals of three tables');
SELECT test.rows_of(:'html', 'Shared costs: what pools gave and projects received');
SELECT test.tile(:'html', 'Cost to date') = sum(coalesce(cost_model_cpu_cost, 0) + coalesce(distributed_cost, 0)) AS is_sum_of_the_table FROM t_report.reporting_ocp_cost_summary_by_project_p;
-- Compared with the day before, and a difference between the tables is told.
SELECT koku_internal.ensure_partition('t_report', 'reporting_ocp_cost_summary_by_project_p', '2026-10-06'), koku_internal.ensure_partition('t_report', 'reporting_ocp_cost_summary_p', '2026-10-06');
INSERT INTO t_report.reporting_ocp_cost_summary_by_project_p (cluster_id, usage_start, usage_end, source_uuid, namespace, cost_model_rate_type, cost_model_cpu_cost)
VALUES ('report-cluster', '2026-10-06', '2026-10-06', :'source', 'gone', 'Supplementary', 10), ('report-cluster', '2026-10-06', '2026-10-06', :'source', 'shop', 'Supplementary', 50);
INSERT INTO t_report.reporting_ocp_cost_summary_p (cluster_id, usage_start, usage_end, source_uuid, cost_model_rate_type, cost_model_cpu_cost) VALUES ('report-cluster', '2026-10-06', '2026-10-06', :'source', 'Supplementary', 60);
DELETE FROM t_report.reporting_ocp_cost_summary_by_node_p WHERE usage_start = '2026-11-06' AND cost_model_rate_type = 'Supplementary';
SELECT koku_report('t_report', '2026-11-06', '2026-11-06') AS html \gset
SELECT test.tile(:'html', 'Same days before') AS before, test.rows_of(:'html', 'Up') AS up;
SELECT test.rows_of(:'html', 'Down') AS down;
SELECT test.rows_of(:'html', 'Totals of three tables');
