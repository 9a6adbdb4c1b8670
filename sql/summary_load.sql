-- How the rows of a summary get into their tables: in bulk, foreign keys checked, or by an ordinary INSERT where a table asks for one.
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set source '00000000-0000-0000-0000-00000000d101'
SELECT koku_create_source('load', 'Load', 't_load', :'source');
-- 700 pods, more than two batches, of 3 namespaces on 2 nodes.
SELECT sum(test.pod('t_load', :'source', '2026-11-05 00:00', (ARRAY['shop', 'openshift-dns', 'kube-system'])[number % 3 + 1], 'pod-' || number,
    'n' || number % 2, format('{"app": "%s"}', number), 1, 1, 1, 1))
FROM generate_series(1, 700) number;
SELECT test.add_up('t_load');
SELECT koku_enable_tags(ARRAY['app'], 't_load');

-- What a summary left, in one line: all of it is the same however it was stored.
CREATE FUNCTION test.left() RETURNS TABLE (lines bigint, ids bigint, staged bigint, staged_ids bigint, labels bigint, cores numeric, categorized bigint,
    nodes bigint, cores_of_nodes numeric) LANGUAGE sql AS $$
SELECT count(*), count(DISTINCT uuid), (SELECT count(*) FROM t_load.reporting_ocpusagelineitem_daily_summary_staging),
    (SELECT count(DISTINCT id) FROM t_load.reporting_ocpusagelineitem_daily_summary_staging), count(DISTINCT all_labels),
    round(sum(pod_usage_cpu_core_hours) FILTER (WHERE pod_labels IS NOT NULL)), count(cost_category_id),
    (SELECT count(*) FROM t_load.reporting_ocp_pod_summary_by_node_p),
    (SELECT round(sum(pod_usage_cpu_core_hours)) FROM t_load.reporting_ocp_pod_summary_by_node_p)
FROM t_load.reporting_ocpusagelineitem_daily_summary;
$$;
CREATE FUNCTION test.summarize() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM koku_summarize('00000000-0000-0000-0000-00000000d101', date '2026-11-05', date '2026-11-05');
    RETURN 'summarized';
END;
$$;
SELECT test.summarize();
SELECT * FROM test.left();
-- Identifiers ascend in the order of the rows.
SELECT bool_and(uuid > before) AS ascending FROM (SELECT uuid, lag(uuid) OVER (ORDER BY ctid) AS before
    FROM t_load.reporting_ocpusagelineitem_daily_summary_2026_11) listed;

-- Foreign keys hold, and are checked at once: a category that is gone.
SET session_replication_role = replica;
UPDATE t_load.reporting_ocp_cost_category_namespace SET cost_category_id = 4711;
RESET session_replication_role;
SELECT sqlstate_, message, detail FROM test.error_of('SELECT test.summarize()');
SELECT * FROM test.left();
UPDATE t_load.reporting_ocp_cost_category_namespace SET cost_category_id = (SELECT min(id) FROM t_load.reporting_ocp_cost_category);

-- Row triggers run: on the table, which its partitions then have, and for the statement.
CREATE TABLE test.seen (what text);
CREATE FUNCTION test.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO test.seen VALUES (TG_ARGV[0]); RETURN NEW; END; $$;
CREATE TRIGGER note AFTER INSERT ON t_load.reporting_ocp_pod_summary_by_node_p FOR EACH ROW EXECUTE FUNCTION test.note('row');
CREATE TRIGGER note AFTER INSERT ON t_load.reporting_ocpusagelineitem_daily_summary FOR EACH STATEMENT EXECUTE FUNCTION test.note('statement');
SELECT test.summarize();
SELECT what, count(*) FROM test.seen GROUP BY what ORDER BY what;
SELECT * FROM test.left();
-- A disabled one does not.
ALTER TABLE t_load.reporting_ocp_pod_summary_by_node_p DISABLE TRIGGER note;
ALTER TABLE t_load.reporting_ocp_pod_summary_by_node_p_2026_11 DISABLE TRIGGER note;
TRUNCATE test.seen;
SELECT test.summarize();
SELECT what, count(*) FROM test.seen GROUP BY what ORDER BY what;
DROP TRIGGER note ON t_load.reporting_ocp_pod_summary_by_node_p;
DROP TRIGGER note ON t_load.reporting_ocpusagelineitem_daily_summary;

-- The settings of a stage hold while it runs, and never take memory from a session that has more.
CREATE FUNCTION test.note_settings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO test.seen SELECT format('%s, nested loops %s', current_setting('work_mem'), current_setting('enable_nestloop'));
    RETURN NEW;
END;
$$;
CREATE TRIGGER note AFTER INSERT ON t_load.reporting_ocp_pod_summary_p FOR EACH STATEMENT EXECUTE FUNCTION test.note_settings();
TRUNCATE test.seen;
SET work_mem = '5MB';
SELECT test.summarize();
SET work_mem = '250MB';
SELECT test.summarize();
SELECT what FROM test.seen;
SELECT current_setting('work_mem') AS work_mem, current_setting('enable_nestloop') AS enable_nestloop;
RESET work_mem;
DROP TRIGGER note ON t_load.reporting_ocp_pod_summary_p;

-- A column more with a default, one in another place, an expression index, a check.
ALTER TABLE t_load.reporting_ocp_pod_summary_by_node_p ADD COLUMN region text DEFAULT 'north', ADD CHECK (pod_usage_cpu_core_hours < 1000);
ALTER TABLE t_load.reporting_ocp_pod_summary_by_node_p DROP COLUMN data_source, ADD COLUMN data_source text;
CREATE INDEX ON t_load.reporting_ocp_pod_summary_by_node_p (lower(node));
SELECT test.summarize();
SELECT node, data_source, region, round(pod_usage_cpu_core_hours) AS cores FROM t_load.reporting_ocp_pod_summary_by_node_p ORDER BY node;
ALTER TABLE t_load.reporting_ocp_pod_summary_by_node_p ADD CHECK (node <> 'n2');
UPDATE t_load.openshift_pod_usage_line_items_daily SET node = 'n2' WHERE node = 'n1';
SELECT sqlstate_, message FROM test.error_of('SELECT test.summarize()');
UPDATE t_load.openshift_pod_usage_line_items_daily SET node = 'n1' WHERE node = 'n2';

-- Without a column nothing is written, and the error says what to do.
ALTER TABLE t_load.reporting_ocp_pod_summary_by_node_p DROP COLUMN resource_count;
SELECT sqlstate_, message, hint FROM test.error_of('SELECT test.summarize()');
ALTER TABLE t_load.reporting_ocp_pod_summary_by_node_p ADD COLUMN resource_count boolean;
SELECT sqlstate_, message, hint FROM test.error_of('SELECT test.summarize()');
ALTER TABLE t_load.reporting_ocp_pod_summary_by_node_p DROP COLUMN resource_count, ADD COLUMN resource_count integer;
SELECT test.summarize();

-- Working tables are gone: nothing of them is in the catalogues, and a table of such a name is not read.
CREATE TEMPORARY TABLE koku_daily_line (usage_start date);
SELECT test.summarize();
SELECT * FROM test.left();
DROP TABLE koku_daily_line;
SELECT relname FROM pg_class WHERE relname LIKE 'koku\_daily\_line%';

-- Distinct texts of groups, few and many: sorted by bytes, NULL last.
SELECT size, cardinality(texts) AS texts, texts[1] AS first, texts[size] AS last_text, texts[size + 1] IS NULL AND cardinality(texts) > size AS has_null
FROM (SELECT size, koku_internal.distinct_texts(text) AS texts
      FROM unnest(ARRAY[1, 3, 4, 5, 8, 9, 40, 1000]) AS size,
          LATERAL (SELECT 'text ' || lpad((number % size)::text, 4, '0') FROM generate_series(0, 3 * size) AS number
                   UNION ALL SELECT NULL WHERE size % 2 = 0) AS listed (text)
      GROUP BY size) AS grouped
ORDER BY size;
SELECT koku_internal.distinct_texts(text) IS NULL AS nothing FROM (VALUES ('a')) AS listed (text) WHERE false;
SELECT koku_internal.distinct_texts(text) AS only_null FROM (VALUES (NULL::text), (NULL)) AS listed (text);
SELECT koku_internal.distinct_texts(DISTINCT text) AS texts FROM (VALUES ('é'), ('z'), (''), ('a'), ('z')) AS listed (text);
-- small_sum() is sum(): of numbers with NULL among them, of nothing, of NULL alone, of what is no number.
SELECT name, koku_internal.small_sum(number) AS small_sum, sum(number) FROM (VALUES ('some', 1.50), ('some', NULL), ('some', -0.25),
    ('one', 12345678901234567.123456789012345), ('only NULL', NULL), ('NaN', 1), ('NaN', 'NaN')) AS listed (name, number) GROUP BY name ORDER BY name;
SELECT koku_internal.small_sum(number) IS NULL AS nothing FROM (VALUES (1.0)) AS listed (number) WHERE false;
SELECT sqlstate_, message FROM test.error_of('SELECT koku_internal.run_stages(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)');
