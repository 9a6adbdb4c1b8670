-- Deletion: every row of a source goes from every table, and no row of another.
SET client_min_messages = warning;
SET datestyle = 'ISO';
SET koku_onprem.retention_months = 0;
\set goes '00000000-0000-0000-0000-00000000f001'
\set stays '00000000-0000-0000-0000-00000000f002'

-- A cluster with a project shop on node n1, as every one has, and a project, node, label and volume of its own, in two months.
CREATE FUNCTION test.fill_for_deletion(source uuid, own text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    interface record;
BEGIN
    PERFORM test.pod('t_deletion', source, day, namespace, 'pod-' || namespace, node, labels, 1, 1, 1, 1)
    FROM (VALUES (timestamp '2026-10-05 00:00'), ('2026-11-05 00:00')) d (day),
        (VALUES ('shop', 'n1', '{"app": "web"}'), (own, 'n-' || own, format('{"app": "app-%s", "key-%1$s": "1"}', own))) p (namespace, node, labels);
    PERFORM test.volume('t_deletion', source, day, 'shop', 'pod-shop', 'claim', 'pv-' || own, '{"app": "disk"}', 1, 1, 1)
    FROM (VALUES (timestamp '2026-10-05 00:00'), ('2026-11-05 00:00')) d (day);
    PERFORM test.line('t_deletion', source, report_type, '2026-11-05 00:00', columns)
    FROM (VALUES ('node_labels', '{"node": "n1", "node_labels": "{}"}'::jsonb), ('namespace_labels', '{"namespace": "shop", "namespace_labels": "{}"}'),
                 ('vm_usage', '{"namespace": "shop", "vm_name": "vm", "node": "n1", "vm_persistentvolumeclaim_name": "claim", "vm_labels": "{}"}'),
                 ('gpu_usage', '{"node": "n1", "namespace": "shop", "pod": "pod-shop", "gpu_uuid": "g", "gpu_model_name": "m", "gpu_vendor_name": "v"}')) l (report_type, columns);
    INSERT INTO t_deletion.koku_node_interval (id, usage_start, interval_start, source, node)
    SELECT gen_random_uuid(), day, day AT TIME ZONE 'UTC', source::text, 'n1' FROM (VALUES (timestamp '2026-10-05 00:00'), ('2026-11-05 00:00')) d (day);
    PERFORM test.add_up('t_deletion');
    PERFORM koku_summarize(source, 2026, month) FROM generate_series(10, 11) month;
    PERFORM koku_internal.add_tag_keys('t_deletion', ARRAY['key-' || own]);
    -- A row in the default partition of each table for dashboards, also of those that stay empty without costs.
    FOR interface IN
        SELECT table_name, jsonb_object_agg(column_name, CASE WHEN data_type = 'uuid' THEN gen_random_uuid()::text WHEN data_type = 'smallint' THEN '1' ELSE 'x' END)
            || '{"usage_start": "2031-01-01", "usage_end": "2031-01-01"}' AS columns
        FROM koku_catalogue_table JOIN koku_catalogue_column USING (table_name) WHERE kind = 'interface' AND not_null GROUP BY table_name
    LOOP
        EXECUTE format('INSERT INTO t_deletion.%1$I SELECT * FROM jsonb_populate_record(NULL::t_deletion.%1$I, $1)', interface.table_name)
        USING interface.columns || jsonb_build_object('source_uuid', source);
    END LOOP;
    -- A summary row that no report period leads to.
    INSERT INTO t_deletion.reporting_ocpusagelineitem_daily_summary (uuid, usage_start, usage_end, source_uuid) VALUES (gen_random_uuid(), '2026-11-06', '2026-11-06', source);
    INSERT INTO koku_manifest (source, manifest_uuid, cluster_id, exported_at, billing_period_start, file_count, daily_reports, certified, operator_version)
    VALUES (source, source, own, now(), '2026-11-01', 1, true, true, 'v');
    INSERT INTO koku_report_file (manifest_id, file, status) SELECT manifest_id, 'f-' || own, 'waiting' FROM koku_manifest m WHERE m.source = fill_for_deletion.source;
    INSERT INTO koku_changed_day SELECT manifest_id, '2026-11-05' FROM koku_manifest m WHERE m.source = fill_for_deletion.source;
    PERFORM koku_internal.request_summary(source, '2026-11-05', '2026-11-05');
    INSERT INTO koku_inbox (digest, payload, status, finished_at, cluster_id, source) VALUES (own::bytea, own::bytea, 'done', now(), own, source);
    INSERT INTO koku_inbox (digest, payload, status, cluster_id, tenant) VALUES (own::bytea, own::bytea, 'parked', own, 't_deletion');
END;
$$;
-- Rows of all tables; and those that name the cluster that goes: its uuid, or a name of its own.
CREATE FUNCTION test.rows_for_deletion(pattern text) RETURNS TABLE (relation text, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
    FOR relation IN
        SELECT format('t_deletion.%I', table_name) FROM koku_catalogue_table
        UNION ALL VALUES ('koku_source'), ('koku_manifest'), ('koku_report_file'), ('koku_changed_day'), ('koku_summary_request'), ('koku_inbox'), ('koku_source_deletion')
        ORDER BY 1
    LOOP
        -- Other tests have rows in the tables of the extension, too.
        EXECUTE format('SELECT count(*) FROM %s AS r WHERE r::text ~ $1 AND ($2 OR r::text ~ ''0000f00[12]|gone|kept'')', relation)
        INTO rows USING pattern, relation ~ 't_deletion|changed_day';
        RETURN NEXT;
    END LOOP;
END;
$$;

SELECT koku_create_source('kept', 'Kept', 't_deletion', :'stays');
CREATE VIEW test.tags_for_deletion AS
SELECT key || '=' || value AS tag, cluster_ids, cluster_aliases, namespaces, nodes FROM t_deletion.reporting_ocptags_values
UNION ALL SELECT key, NULL::text[], NULL::text[], NULL::text[], NULL::text[] FROM t_deletion.reporting_enabledtagkeys;
SELECT koku_enable_tags(ARRAY['app'], 't_deletion');
SELECT test.fill_for_deletion(:'stays', 'kept');
CREATE TABLE test.alone AS SELECT * FROM test.rows_for_deletion('');
SELECT koku_create_source('gone', 'Gone', 't_deletion', :'goes');
SELECT test.fill_for_deletion(:'goes', 'gone');
-- Each table that holds rows of sources has some of this one.
SELECT relation FROM test.rows_for_deletion('') two JOIN test.alone USING (relation) WHERE two.rows = alone.rows ORDER BY 1;
SELECT count(*) FROM test.rows_for_deletion('0000f001|[Gg]one') WHERE rows > 0;
SELECT * FROM test.tags_for_deletion ORDER BY tag COLLATE "C";

-- In one transaction.
SELECT * FROM koku_delete_source(:'goes');
SELECT * FROM test.rows_for_deletion('0000f001|[Gg]one') WHERE rows > 0;
SELECT relation, alone.rows, left_over.rows FROM test.rows_for_deletion('') left_over JOIN test.alone USING (relation) WHERE left_over.rows <> alone.rows ORDER BY 1;
SELECT * FROM test.tags_for_deletion ORDER BY tag COLLATE "C";
SELECT count(*) FROM koku_check(:'stays', 2026, 10);

-- In batches: nothing is taken for it from now on; koku_run() removes it, a table and month at a time.
SELECT koku_create_source('gone', 'Gone', 't_deletion', :'goes');
SELECT test.fill_for_deletion(:'goes', 'gone');
-- A tag value that this source was the last to see; the other one has it, too.
UPDATE t_deletion.reporting_ocptags_values SET cluster_ids = '{gone}', cluster_aliases = '{Gone}' WHERE value = 'web';
SELECT * FROM koku_delete_source(:'goes', in_batches => true);
SELECT paused, (SELECT count(*) FROM koku_source_deletion d WHERE d.source = s.source) AS requested, (SELECT count(*) FROM koku_summary_request r WHERE r.source = s.source) AS summaries
FROM koku_source s WHERE source = :'goes';
SELECT * FROM test.error_of($$SELECT koku_alter_source('00000000-0000-0000-0000-00000000f001', paused => false)$$);
SELECT * FROM koku_delete_source(:'goes', in_batches => true);  -- once more changes nothing
CALL koku_internal.run_upkeep('deletion', '-infinity');  -- past the deadline nothing is begun
SELECT count(*) FROM koku_source WHERE source = :'goes';
-- A failure, also one that shows at commit only, leaves the source to the next call; the batches are done.
CREATE TABLE test.refers (period integer REFERENCES t_deletion.reporting_ocpusagereportperiod DEFERRABLE INITIALLY DEFERRED);
INSERT INTO test.refers SELECT min(id) FROM t_deletion.reporting_ocpusagereportperiod WHERE provider_id = :'goes';
SET client_min_messages = error;
CALL koku_internal.run_upkeep('deletion', 'infinity');
SET client_min_messages = warning;
SELECT relation, rows FROM test.rows_for_deletion('0000f001|[Gg]one') WHERE rows > 0;
SELECT failures, last_error FROM koku_run_step WHERE step = 'deletion';
DROP TABLE test.refers;
CALL koku_internal.run_upkeep('deletion', 'infinity');
SELECT * FROM test.rows_for_deletion('0000f001|[Gg]one') WHERE rows > 0;
SELECT relation, alone.rows, left_over.rows FROM test.rows_for_deletion('') left_over JOIN test.alone USING (relation) WHERE left_over.rows <> alone.rows ORDER BY 1;
SELECT failures, last_error FROM koku_run_step WHERE step = 'deletion';
SELECT * FROM test.tags_for_deletion ORDER BY tag COLLATE "C";

-- Only the data: source and manifests stay, so that payloads that come again are not taken again, unless that is wanted.
SELECT koku_create_source('gone', 'Gone', 't_deletion', :'goes');
SELECT test.fill_for_deletion(:'goes', 'gone');
SELECT count(*) AS tables, sum(rows) > 0 AS rows FROM koku_purge_source(:'goes');
SELECT * FROM test.rows_for_deletion('0000f001|[Gg]one') WHERE rows > 0;
SELECT count(*) FROM koku_purge_source(:'goes', forget_manifests => true);
SELECT * FROM test.rows_for_deletion('0000f001|[Gg]one') WHERE rows > 0;
SELECT relation, alone.rows, left_over.rows FROM test.rows_for_deletion('') left_over JOIN test.alone USING (relation) WHERE left_over.rows <> alone.rows ORDER BY 1;
SELECT koku_drop_payload(id) FROM koku_inbox WHERE cluster_id IN ('gone', 'kept') AND status <> 'done';

-- Unknown.
SELECT * FROM test.error_of($$SELECT koku_delete_source('00000000-0000-0000-0000-00000000f00f')$$);
SELECT * FROM test.error_of($$SELECT koku_delete_source(NULL, true)$$);
SELECT * FROM test.error_of($$SELECT koku_purge_source('00000000-0000-0000-0000-00000000f00f')$$);
