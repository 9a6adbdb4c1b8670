-- A schema whose tables other software has made: what differs is listed, what is missing is added, and it works.
SET datestyle = 'ISO';
SELECT * FROM test.error_of($$SELECT koku_check_tenant('t_existing')$$);
CREATE SCHEMA t_existing;
-- Nothing is there yet: all of it is missing.
SELECT expected, found, count(*) FROM koku_check_tenant('t_existing') GROUP BY 1, 2 ORDER BY 1;
-- A tenant as the extension makes it is as expected.
SELECT koku_create_source('existing', 'Existing', 't_existing', '00000000-0000-0000-0000-00000000ee01');
SELECT koku_internal.ensure_partition('t_existing', 'reporting_ocp_pod_summary_p', '2026-11-01');
SELECT * FROM koku_check_tenant('t_existing');

-- As other software may have made it. Names, further columns, indexes and checks are no differences.
ALTER TABLE t_existing.reporting_ocp_nodes ADD COLUMN note text;
CREATE UNIQUE INDEX another ON t_existing.reporting_ocp_projects (cluster_id, project);
ALTER TABLE t_existing.reporting_ocp_projects RENAME CONSTRAINT reporting_ocp_projects_pkey TO renamed;
ALTER TABLE t_existing.reporting_ocp_nodes ADD CHECK (node <> 'none');
SELECT * FROM koku_check_tenant('t_existing');
-- Columns.
ALTER TABLE t_existing.reporting_ocp_nodes DROP COLUMN architecture, ADD COLUMN rack integer NOT NULL, ALTER node_role TYPE varchar(9), ALTER resource_id SET NOT NULL;
ALTER TABLE t_existing.reporting_tagmapping ALTER id DROP IDENTITY;
ALTER TABLE t_existing.openshift_gpu_usage_line_items DROP COLUMN year, ADD COLUMN year varchar(4) GENERATED ALWAYS AS ('2026') STORED;
-- Keys: those that are checked at commit only do not count.
ALTER TABLE t_existing.reporting_enabledtagkeys DROP CONSTRAINT reporting_enabledtagkeys_key_provider_type_key, ADD UNIQUE (key, provider_type) DEFERRABLE;
ALTER TABLE t_existing.reporting_ocp_nodes DROP CONSTRAINT reporting_ocp_nodes_cluster_id_fkey;
-- Partitions: of half a month, of a quarter, by another bound, partitioned themselves; no default partition.
CREATE TABLE t_existing.half PARTITION OF t_existing.openshift_vm_usage_line_items FOR VALUES FROM ('2026-10-01') TO ('2026-10-15');
CREATE TABLE t_existing.quarter PARTITION OF t_existing.openshift_vm_usage_line_items FOR VALUES FROM ('2026-07-01') TO ('2026-10-01');
CREATE TABLE t_existing.before PARTITION OF t_existing.openshift_vm_usage_line_items FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE t_existing.tree PARTITION OF t_existing.openshift_vm_usage_line_items FOR VALUES FROM ('2026-11-01') TO ('2026-12-01') PARTITION BY RANGE (id);
ALTER TABLE t_existing.reporting_ocp_cost_summary_p DETACH PARTITION t_existing.reporting_ocp_cost_summary_p_default;
-- Triggers and owners.
CREATE FUNCTION test.do_nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER look BEFORE INSERT OR UPDATE ON t_existing.openshift_pod_usage_line_items FOR EACH ROW EXECUTE FUNCTION test.do_nothing();
CREATE TRIGGER note AFTER INSERT ON t_existing.openshift_pod_usage_line_items FOR EACH STATEMENT EXECUTE FUNCTION test.do_nothing();
CREATE ROLE regress_koku_other;
ALTER TABLE t_existing.reporting_ocp_pvcs OWNER TO regress_koku_other;
ALTER TABLE t_existing.half OWNER TO regress_koku_other;
-- A table of another kind.
DROP TABLE t_existing.reporting_ocptags_values;
CREATE VIEW t_existing.reporting_ocptags_values AS SELECT 1 AS one;
SELECT relation, column_name, regexp_replace(expected, '^owner .*', 'owner ...') AS expected, found FROM koku_check_tenant('t_existing') WHERE relation <> 't_existing.reporting_ocptags_values';
SELECT expected, found, count(*) FROM koku_check_tenant('t_existing') WHERE relation = 't_existing.reporting_ocptags_values' AND column_name IS NULL GROUP BY 1, 2 ORDER BY 1;

-- A table of another kind stops it; all else is added, or warned of.
SELECT * FROM test.error_of($$SELECT koku_create_tenant('t_existing')$$);
DROP VIEW t_existing.reporting_ocptags_values;
ALTER TABLE t_existing.reporting_ocp_pvcs OWNER TO CURRENT_USER;
ALTER TABLE t_existing.half OWNER TO CURRENT_USER;
DROP ROLE regress_koku_other;
SELECT koku_create_tenant('t_existing');
SET client_min_messages = warning;

-- Partitions that other software made are used, whatever their name; those that do not hold the whole month are refused.
SELECT koku_internal.ensure_partition('t_existing', 'openshift_vm_usage_line_items', '2026-08-31');
SELECT koku_internal.ensure_partition('t_existing', 'openshift_vm_usage_line_items', '2019-01-01');
SELECT month, e.* FROM (VALUES ('2026-10-20'), ('2026-11-01')) m (month), test.error_of(format('SELECT koku_internal.ensure_partition(''t_existing'', ''openshift_vm_usage_line_items'', %L)', month)) e;
-- So are triggers that loading would pass over: for each row, for each statement; not those that are disabled.
CREATE FUNCTION test.load_pods(number integer) RETURNS SETOF koku_ingest_result LANGUAGE sql AS $$ SELECT koku_ingest_payload(test.payload(
    test.manifest(number, ARRAY['a.csv'], changes => '{"cluster_id": "existing"}'),
    test.member('a.csv', E'report_period_start,report_period_end,interval_start,interval_end,pod,namespace,node,resource_id,pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,pod_labels\n'
        ',,2026-11-05 00:00:00 +0000 UTC,,pod,ns,n1,i-1,1,1,1,1,1,1,1,1,1,1,\n')), 't_existing') $$;
SELECT sqlstate_, message, hint FROM test.error_of('SELECT test.load_pods(1)');
DROP TRIGGER look ON t_existing.openshift_pod_usage_line_items;
SELECT sqlstate_, message, hint FROM test.error_of('SELECT test.load_pods(1)');
ALTER TABLE t_existing.openshift_pod_usage_line_items DISABLE TRIGGER note;
SELECT file, action, rows_loaded FROM test.load_pods(1);

-- A partition with the name of the month but the bounds of another one takes no rows of the month: queries would not look there.
DELETE FROM t_existing.openshift_pod_usage_line_items;
DELETE FROM t_existing.openshift_pod_usage_line_items_daily;
UPDATE t_existing.partitioned_tables SET partition_parameters = partition_parameters || '{"from": "2027-01-01", "to": "2027-02-01"}'
WHERE table_name = 'openshift_pod_usage_line_items_2026_11';
SELECT koku_internal.partition_holds_month(format('t_existing.openshift_pod_usage_line_items_%s', suffix)::regclass, month::date), suffix, month
FROM (VALUES ('2026_11', '2026-11-30'), ('2026_11', '2027-01-01'), ('2026_11', '2027-01-31'), ('2026_11', '2027-02-01'), ('default', '2026-11-01')) c (suffix, month);
SELECT koku_internal.partition_holds_month('t_existing.openshift_pod_usage_line_items', '2026-11-01') AS is_no_partition;
SELECT * FROM test.error_of('SELECT test.load_pods(2)');
SELECT count(*) FROM t_existing.openshift_pod_usage_line_items_2026_11;
-- Another partition that holds the month is taken.
CREATE TABLE t_existing.november PARTITION OF t_existing.openshift_pod_usage_line_items FOR VALUES FROM ('2026-11-01') TO ('2026-12-01');
SELECT file, action, rows_loaded FROM test.load_pods(2);
SELECT tableoid::regclass, usage_start, count(*) FROM t_existing.openshift_pod_usage_line_items WHERE usage_start = '2026-11-05' GROUP BY 1, 2;

-- A provider that the schema knows: a foreign key of other software leads from its row elsewhere.
CREATE TABLE test.api_provider (uuid uuid PRIMARY KEY, name text);
INSERT INTO test.api_provider VALUES ('00000000-0000-0000-0000-00000000ee02', 'Known');
ALTER TABLE t_existing.reporting_tenant_api_provider ADD FOREIGN KEY (provider_id) REFERENCES test.api_provider NOT VALID;
INSERT INTO t_existing.reporting_tenant_api_provider VALUES ('00000000-0000-0000-0000-00000000ee02', 'Known', 'OCP', '00000000-0000-0000-0000-00000000ee02');
SELECT koku_create_source('known', 'Attached', 't_existing', '00000000-0000-0000-0000-00000000ee02');
SELECT koku_create_source('new', 'New', 't_existing', '00000000-0000-0000-0000-00000000ee03');
SELECT name, type, provider_id FROM t_existing.reporting_tenant_api_provider ORDER BY uuid;

-- A partition that was dropped by other means than its tracking row is made again.
DROP TABLE t_existing.reporting_ocp_pod_summary_p_2026_11;
SELECT koku_internal.ensure_partition('t_existing', 'reporting_ocp_pod_summary_p', '2026-11-01');
DROP TABLE t_existing.half, t_existing.tree;
