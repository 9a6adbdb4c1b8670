-- Tenants, partitions and sources.
SET timezone = 'Pacific/Kiritimati';  -- 14 hours ahead: nothing depends on it
SELECT koku_create_tenant('t_tenant');
SELECT koku_create_tenant('t_tenant');  -- changes nothing
SELECT kind, count(*) AS tables, count(*) FILTER (WHERE c.relkind = 'p') AS partitioned
FROM koku_catalogue_table JOIN pg_class c ON c.relname = table_name AND c.relnamespace = 't_tenant'::regnamespace
GROUP BY kind ORDER BY kind;
SELECT count(*) FILTER (WHERE partition_parameters = '{"default": true}') AS default_partitions, count(*) FROM t_tenant.partitioned_tables;
SELECT name, description, source_type, system_default, label FROM t_tenant.reporting_ocp_cost_category;
SELECT namespace, system_default FROM t_tenant.reporting_ocp_cost_category_namespace ORDER BY namespace;

-- Names that are refused.
SELECT schema, e.* FROM (VALUES (NULL), (''), ('pg_x'), ('information_schema')) s (schema), test.error_of(format('SELECT koku_create_tenant(%L)', schema)) e;

-- A schema that is there: missing columns, keys and tables are added, what differs is said.
ALTER TABLE t_tenant.reporting_ocp_nodes DROP COLUMN architecture;
ALTER TABLE t_tenant.reporting_ocp_pvcs ALTER csi_volume_handle TYPE varchar(7);
ALTER TABLE t_tenant.reporting_enabledtagkeys DROP CONSTRAINT reporting_enabledtagkeys_key_provider_type_key;
DROP TABLE t_tenant.openshift_gpu_usage_line_items;
SELECT koku_create_tenant('t_tenant');
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't_tenant.reporting_ocp_nodes'::regclass AND attname = 'architecture';
-- (18 lists NOT NULL as well.)
SELECT pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = 't_tenant.reporting_enabledtagkeys'::regclass AND contype <> 'n' ORDER BY 1;
SELECT to_regclass('t_tenant.openshift_gpu_usage_line_items');
CREATE SCHEMA t_other;
CREATE TABLE t_other.reporting_ocp_cost_summary_p (id uuid);
SELECT * FROM test.error_of($$SELECT koku_create_tenant('t_other')$$);
SELECT count(*) AS nothing_is_left FROM pg_class WHERE relnamespace = 't_other'::regnamespace AND relname <> 'reporting_ocp_cost_summary_p';

-- Partitions: rows of the month leave the default partition.
SELECT koku_internal.has_partition('t_tenant', 'openshift_node_labels_line_items', '2026-11-15') AS none_yet,
    koku_internal.has_partition('t_tenant', 'missing', '2026-11-15') AS no_table,
    koku_internal.has_partition('missing', 'openshift_node_labels_line_items', '2026-11-15') AS no_tenant,
    koku_internal.has_partition('t_tenant', 'openshift_node_labels_line_items', NULL) AS no_month;
INSERT INTO t_tenant.openshift_node_labels_line_items (id, usage_start, node) VALUES
    (gen_random_uuid(), '2026-10-31', 'october'), (gen_random_uuid(), '2026-11-01', 'first'), (gen_random_uuid(), '2026-11-30', 'last'),
    (gen_random_uuid(), '2026-12-01', 'december');
SELECT koku_internal.ensure_partition('t_tenant', 'openshift_node_labels_line_items', '2026-11-30');
SELECT koku_internal.ensure_partition('t_tenant', 'openshift_node_labels_line_items', '2026-11-01');
SELECT koku_internal.has_partition('t_tenant', 'openshift_node_labels_line_items', '2026-11-15') AS has_partition;
SELECT tableoid::regclass, node FROM t_tenant.openshift_node_labels_line_items ORDER BY usage_start;
SELECT schema_name, table_name, partition_of_table_name, partition_type, partition_col, partition_parameters, active
FROM t_tenant.partitioned_tables WHERE table_name LIKE '%2026%';

-- Other software writes the tracking table.
INSERT INTO t_tenant.partitioned_tables (schema_name, table_name, partition_of_table_name, partition_type, partition_col, partition_parameters, active)
VALUES ('t_tenant', 'openshift_node_labels_line_items_2026_12', 'openshift_node_labels_line_items', 'range', 'usage_start',
    '{"default": false, "from": "2026-12-01", "to": "2027-01-01"}', true);
SELECT tableoid::regclass, node FROM t_tenant.openshift_node_labels_line_items ORDER BY usage_start;
UPDATE t_tenant.partitioned_tables SET active = false WHERE table_name = 'openshift_node_labels_line_items_2026_11';
SELECT koku_internal.has_partition('t_tenant', 'openshift_node_labels_line_items', '2026-11-15') AS has_partition;
SELECT tableoid::regclass, node FROM t_tenant.openshift_node_labels_line_items ORDER BY usage_start;
SELECT koku_internal.ensure_partition('t_tenant', 'openshift_node_labels_line_items', '2026-11-30');  -- attached again
UPDATE t_tenant.partitioned_tables SET table_name = 'renamed' WHERE table_name = 'openshift_node_labels_line_items_2026_12';
DELETE FROM t_tenant.partitioned_tables WHERE table_name = 'openshift_node_labels_line_items_2026_11';
SELECT tableoid::regclass, node FROM t_tenant.openshift_node_labels_line_items ORDER BY usage_start;
SELECT * FROM test.error_of($$INSERT INTO t_tenant.partitioned_tables (schema_name, table_name, partition_of_table_name, partition_type, partition_col, partition_parameters, active)
VALUES ('t_tenant', 'x', 'openshift_node_labels_line_items', 'list', 'node', '{}', true)$$);
ALTER TABLE t_tenant.partitioned_tables DISABLE TRIGGER USER;
SELECT * FROM test.error_of($$SELECT koku_internal.ensure_partition('t_tenant', 'openshift_node_labels_line_items', '2027-03-01')$$);
ALTER TABLE t_tenant.partitioned_tables ENABLE TRIGGER USER;

-- Sources.
SELECT koku_create_source('cluster-1', 'First', 't_tenant', '00000000-0000-0000-0000-00000000a001');
SELECT koku_create_source(cluster_id => 'cluster-2', tenant => 't_made') IS NOT NULL AS made;
SELECT tenant, cluster_id, name, paused FROM koku_source WHERE tenant IN ('t_tenant', 't_made') ORDER BY cluster_id;
SELECT name, type, provider_id = uuid AS own_provider FROM t_tenant.reporting_tenant_api_provider;
SELECT left(cluster_id, 12) AS cluster_id, e.*
FROM (VALUES (NULL), (''), ('.'), ('a/b'), ('a\b'), ('a..b'), (repeat('x', 51)), ('cluster-1')) s (cluster_id),
    test.error_of(format('SELECT koku_create_source(%L, tenant => ''t_tenant'')', cluster_id)) e;
SELECT * FROM test.error_of($$SELECT koku_create_source('cluster-3', tenant => 't_tenant', source => '00000000-0000-0000-0000-00000000a001')$$);
SELECT * FROM test.error_of($$SELECT koku_create_source('cluster-3', repeat('x', 257), 't_tenant')$$);
SELECT * FROM test.error_of($$SELECT koku_create_source('cluster-3', 'x', 't_tenant', NULL)$$);
SELECT koku_alter_source('00000000-0000-0000-0000-00000000a001', paused => true);
SELECT koku_alter_source('00000000-0000-0000-0000-00000000a001', 'Renamed');
SELECT s.name, s.paused, p.name FROM koku_source s JOIN t_tenant.reporting_tenant_api_provider p ON p.uuid = s.source;
SELECT * FROM test.error_of($$SELECT koku_alter_source('00000000-0000-0000-0000-00000000a002', 'x')$$);
SELECT * FROM test.error_of($$SELECT koku_alter_source('00000000-0000-0000-0000-00000000a001', '')$$);

-- Names with quotes stay names.
SELECT koku_create_source('it''s "1"', 'O''Brien', 'T "quoted" ''tenant''', '00000000-0000-0000-0000-00000000a003');
SELECT koku_internal.ensure_partition('T "quoted" ''tenant''', 'reporting_ocp_pod_summary_p', '2026-11-01');
SELECT rows FROM koku_summarize('00000000-0000-0000-0000-00000000a003', 2026, 11);

-- Whoever has no grant can call nothing and read nothing.
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e' AND d.classid = 'pg_proc'::regclass
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'koku_onprem' WHERE has_function_privilege('public', p.oid, 'EXECUTE');
SELECT relname FROM pg_class c WHERE (relname LIKE 'koku\_%' OR relnamespace IN ('koku_internal'::regnamespace, 't_tenant'::regnamespace)) AND relkind IN ('r', 'p', 'v')
AND has_table_privilege('public', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER');
-- Each function pins its search_path, or is one that the planner inlines, one in C that looks up nothing, or commits.
SELECT p.proname FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e' AND d.classid = 'pg_proc'::regclass
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'koku_onprem'
WHERE p.prokind <> 'a' AND NOT coalesce(p.proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp'] ORDER BY 1;
-- Each function says what it does.
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e' AND d.classid = 'pg_proc'::regclass
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'koku_onprem' WHERE obj_description(p.oid, 'pg_proc') IS NULL;
