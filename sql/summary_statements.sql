-- The statements of a summary are plain SQL: run one after the other by hand, with the names and the values of a tenant, month
-- and source, they leave what koku_summarize() leaves.
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set source '00000000-0000-0000-0000-00000000d901'
SELECT koku_create_source('by-hand', 'By hand', 't_hand', :'source');
SELECT koku_enable_tags(ARRAY['app', 'team'], 't_hand');
-- 20 pods of 4 namespaces on 2 nodes over three days, each tenth a virtual machine; volumes, one of a machine.
SELECT sum(test.pod('t_hand', :'source', '2026-11-05 00:00'::timestamp + number % 3 * interval '1 day',
    (ARRAY['shop', 'openshift-dns', 'kube-system', 'web'])[number % 4 + 1], 'pod-' || number, 'n' || number % 2,
    format(CASE WHEN number % 10 = 0 THEN '{"app": "a%s", "vm_kubevirt_io_name": "machine-%1$s"}' ELSE '{"app": "a%s"}' END, number), 1, 2, 3, 4))
FROM generate_series(1, 20) number;
SELECT sum(test.volume('t_hand', :'source', '2026-11-06 00:00', (ARRAY['shop', 'web'])[number % 2 + 1], 'pod-' || number, 'claim-' || number,
    'volume-' || number, '{"team": "red"}', 100, 50, 20))
FROM generate_series(8, 12) number;
SELECT test.add_up('t_hand');

-- The rows of all tables that a summary fills, without what is made anew by each: identifiers and times.
CREATE FUNCTION test.summary_rows(tenant name) RETURNS TABLE (table_name text, rows bigint, digest text) LANGUAGE plpgsql AS $$
BEGIN
    FOR table_name IN
        SELECT catalogue.table_name FROM koku_catalogue_table AS catalogue
        WHERE catalogue.kind IN ('staging', 'daily summary', 'interface', 'cluster', 'label', 'tag', 'period') ORDER BY 1
    LOOP
        EXECUTE format($query$
            SELECT count(*), md5(string_agg(row, E'\n' ORDER BY row COLLATE "C"))
            FROM (SELECT (to_jsonb(listed) - '{id,uuid,cluster_id}'::text[]
                     - '{summary_data_updated_datetime,derived_cost_datetime,summary_data_creation_datetime}'::text[])::text
                  FROM %I.%I AS listed) AS listed (row)
            $query$, tenant, table_name) INTO rows, digest;
        RETURN NEXT;
    END LOOP;
END;
$$;
CREATE FUNCTION test.has_rows(working_table text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    found boolean := working_table IS NULL;
BEGIN
    IF to_regclass('pg_temp.' || working_table) IS NOT NULL THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM pg_temp.%I)', working_table) INTO found;
    END IF;
    RETURN found;
END;
$$;
CREATE FUNCTION test.run_by_hand(tenant name, source uuid, first_day date, last_day date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    listed record;
    period integer;
    number integer := 0;
BEGIN
    EXECUTE format('SELECT id FROM %I.reporting_ocpusagereportperiod WHERE provider_id = $1', tenant) INTO period USING source;
    FOR listed IN
        SELECT statement.statement, statement.condition, stage.condition AS stage_condition
        FROM koku_internal.summary_statement AS statement JOIN koku_internal.summary_stage AS stage ON stage.name = statement.stage
        ORDER BY statement.position
    LOOP
        CONTINUE WHEN NOT test.has_rows(listed.stage_condition) OR NOT test.has_rows(listed.condition);
        EXECUTE replace(replace(listed.statement, '{month}', tenant), '{tenant}', tenant)
        USING source, first_day, last_day, period, 'by-hand'::text, 'By hand'::text, tenant;
        number := number + 1;
    END LOOP;
    RETURN number;
END;
$$;
DO $$ BEGIN PERFORM koku_summarize('00000000-0000-0000-0000-00000000d901', date '2026-11-05', date '2026-11-07'); END $$;
CREATE TABLE test.summarized AS SELECT * FROM test.summary_rows('t_hand');
SELECT table_name, rows FROM test.summarized WHERE rows > 0;
-- Without the rows that it made.
DO $$
DECLARE
    listed text;
BEGIN
    FOR listed IN SELECT table_name FROM koku_catalogue_table WHERE kind IN ('staging', 'daily summary', 'interface', 'label')
        OR table_name = 'reporting_ocptags_values' LOOP
        EXECUTE format('DELETE FROM t_hand.%I', listed);
    END LOOP;
END;
$$;
SELECT test.run_by_hand('t_hand', :'source', '2026-11-05', '2026-11-07') > 40 AS many_statements;
SELECT table_name, one.rows, other.rows FROM test.summarized AS one FULL JOIN test.summary_rows('t_hand') AS other USING (table_name)
WHERE one IS DISTINCT FROM other ORDER BY 1;

-- Two summaries in one session: plans that were kept serve other days and see what changed in between.
SELECT sum(rows) AS rows FROM koku_summarize(:'source', date '2026-11-05', date '2026-11-05') WHERE target = 'reporting_ocp_pod_summary_p';
SELECT sum(rows) AS rows FROM koku_summarize(:'source', date '2026-11-05', date '2026-11-07') WHERE target = 'reporting_ocp_pod_summary_p';
ALTER TABLE t_hand.openshift_pod_usage_line_items_daily ALTER COLUMN namespace TYPE varchar(300);
ALTER TABLE t_hand.reporting_ocpusagelineitem_daily_summary ALTER COLUMN node TYPE varchar(300);
DO $$ BEGIN PERFORM koku_summarize('00000000-0000-0000-0000-00000000d901', date '2026-11-05', date '2026-11-07'); END $$;
SELECT table_name, one.rows, other.rows FROM test.summarized AS one FULL JOIN test.summary_rows('t_hand') AS other USING (table_name)
WHERE one IS DISTINCT FROM other ORDER BY 1;

-- Stages by name, in their own order; none of a name that is not there.
SELECT stage, target, rows FROM koku_internal.run_stages(ARRAY['machines', 'inventory'], 't_hand', :'source', '2026-11-05', '2026-11-07',
    ARRAY[date '2026-11-05'], (SELECT id FROM t_hand.reporting_ocpusagereportperiod), 'by-hand', 'By hand');
SELECT sqlstate_, message, hint FROM test.error_of(format($$SELECT * FROM koku_internal.run_stages(ARRAY['machine'], 't_hand', %L, '2026-11-05',
    '2026-11-07', ARRAY[date '2026-11-05'], 1, 'by-hand', 'By hand')$$, :'source'));

-- What the statements of a run took of SPI's memory, as seen at its end: nothing that grows with the steps.
CREATE TABLE test.memory (bytes bigint);
INSERT INTO koku_internal.summary_statement (position, stage, name, statement)
SELECT max(position) + 1, 'dashboards', 'dashboards/memory', $$INSERT INTO test.memory SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name = 'SPI Proc'$$
FROM koku_internal.summary_statement;
BEGIN;
SET LOCAL koku_onprem.summary_days_per_step = 1;
SELECT sum(rows) > 0 AS summarized FROM koku_summarize(:'source', date '2026-11-05', date '2026-11-18');
COMMIT;
DELETE FROM koku_internal.summary_statement WHERE name = 'dashboards/memory';
SELECT count(*) AS times, max(bytes) < 200000 AS stays_small FROM test.memory;
