-- Tables that Citus distributes are refused: the table of their name on this server holds nothing that anybody sees. Citus is not
-- here; an empty catalogue of its name stands in, so that what is tested is the look into it.
SET client_min_messages = warning;
SET datestyle = 'ISO';
SELECT koku_create_source('test-cluster', 'Distributed', 't_distributed', '00000000-0000-0000-0000-00000000cc01') AS source \gset
CREATE FUNCTION test.deliver(number integer, hours integer) RETURNS TABLE (action text, loaded bigint) LANGUAGE sql AS $$
SELECT result.action, result.rows_loaded
FROM koku_ingest_payload(test.payload(test.member('a', test.namespaces(ARRAY['ns'], hours)), test.manifest(number, ARRAY['a'], hours)), 't_distributed') AS result;
$$;
SELECT * FROM test.deliver(1, 10);
CALL koku_run();

SET allow_system_table_mods = on;
CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass);
RESET allow_system_table_mods;
-- A catalogue that does not name the tables changes nothing.
INSERT INTO pg_catalog.pg_dist_partition VALUES ('koku_tenant');
SELECT * FROM test.deliver(2, 12);
SELECT status, detail FROM koku_health() WHERE check_name = 'tenants';

-- A partition, or the table that it belongs to.
INSERT INTO pg_catalog.pg_dist_partition VALUES ('t_distributed.openshift_namespace_labels_line_items_2026_11');
SELECT * FROM test.error_of('SELECT * FROM test.deliver(3, 24)');
UPDATE pg_catalog.pg_dist_partition SET logicalrelid = 't_distributed.openshift_namespace_labels_line_items_daily' WHERE logicalrelid::text LIKE 't_dist%';
SELECT sqlstate_, message FROM test.error_of('SELECT * FROM test.deliver(3, 24)');
SELECT count(*), max(reportnumhours) FROM t_distributed.openshift_namespace_labels_line_items;
-- A summary. And through koku_run(), which keeps what it was given.
UPDATE pg_catalog.pg_dist_partition SET logicalrelid = 't_distributed.reporting_ocpusagelineitem_daily_summary' WHERE logicalrelid::text LIKE 't_dist%';
SELECT * FROM test.error_of(format('SELECT * FROM koku_summarize(%L, 2026, 11)', :'source'));
SELECT koku_internal.request_summary(:'source', '2026-11-05', '2026-11-05');
SET client_min_messages = error;
CALL koku_run();
SELECT status, split_part(last_error, E'\n', 1) AS error FROM koku_summary_requests;
SELECT status, detail, what_to_do FROM koku_health() WHERE check_name = 'tenants';

-- Once they are tables of this server again, all goes on.
DELETE FROM pg_catalog.pg_dist_partition;
SELECT * FROM test.deliver(3, 24);
UPDATE koku_summary_request SET retry_after = NULL;
CALL koku_run();
SELECT count(*) FROM koku_summary_request;
SELECT status, detail FROM koku_health() WHERE check_name = 'tenants';
