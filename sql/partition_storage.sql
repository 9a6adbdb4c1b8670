-- Where and how a new partition is stored: as its table is.
SET client_min_messages = warning;
SET datestyle = 'ISO';
SELECT koku_create_tenant('t_storage');
CREATE VIEW test.stored AS
SELECT leaf.relname, coalesce(space.spcname, 'default') AS tablespace, method.amname AS access_method,
    (SELECT string_agg(DISTINCT coalesce(index_space.spcname, 'default'), ',') FROM pg_index
     JOIN pg_class AS index ON index.oid = indexrelid LEFT JOIN pg_tablespace AS index_space ON index_space.oid = index.reltablespace WHERE indrelid = leaf.oid) AS of_indexes
FROM pg_class AS leaf LEFT JOIN pg_tablespace AS space ON space.oid = leaf.reltablespace JOIN pg_am AS method ON method.oid = leaf.relam
WHERE leaf.relnamespace = 't_storage'::regnamespace AND leaf.relname ~ '^openshift_pod_usage_line_items_(20|def)' AND leaf.relkind = 'r' ORDER BY 1;
SELECT koku_internal.ensure_partition('t_storage', 'openshift_pod_usage_line_items', '2026-10-01');

-- The tablespace of the table, from now on.
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE koku_test LOCATION '';
ALTER TABLE t_storage.openshift_pod_usage_line_items SET TABLESPACE koku_test;
SELECT koku_internal.ensure_partition('t_storage', 'openshift_pod_usage_line_items', '2026-11-01');
SELECT * FROM test.stored;
ALTER TABLE t_storage.openshift_pod_usage_line_items SET TABLESPACE pg_default;

-- The access method of the default partition, where the table has none (before release 17 of the server it cannot).
CREATE ACCESS METHOD test_heap TYPE TABLE HANDLER heap_tableam_handler;
DELETE FROM t_storage.partitioned_tables WHERE table_name = 'openshift_pod_usage_line_items_default';
CREATE TABLE t_storage.openshift_pod_usage_line_items_default PARTITION OF t_storage.openshift_pod_usage_line_items DEFAULT USING test_heap;
SELECT koku_internal.ensure_partition('t_storage', 'openshift_pod_usage_line_items', '2026-12-01');
SELECT relname, access_method FROM test.stored;

-- Payloads are stored in it, and tablespaces are for the server to have back.
SELECT koku_create_source('test-cluster', 'Storage', 't_storage', '00000000-0000-0000-0000-00000000cd01');
SELECT test.pod('t_storage', '00000000-0000-0000-0000-00000000cd01', '2026-12-05 00:00', 'shop', 'web', 'n1', '{}', 1, 1, 1, 1);
SELECT tableoid::regclass, count(*) FROM t_storage.openshift_pod_usage_line_items GROUP BY 1;
DROP TABLE t_storage.openshift_pod_usage_line_items;
DROP TABLESPACE koku_test;
