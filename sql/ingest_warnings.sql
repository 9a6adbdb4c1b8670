-- What is taken with a warning and counted, and refused in strict mode.
SET datestyle = ISO;
SET koku_onprem.retention_months = 0;
SELECT koku_create_source('test-cluster', tenant => 't_warnings', source => '00000000-0000-0000-0000-00000000cccc');

CREATE TABLE test.odd (number integer, what text, payload bytea);
INSERT INTO test.odd
SELECT number, what, test.payload(VARIADIC members || test.manifest(number, ARRAY['a.csv'], number))
FROM (VALUES
    (1, 'unknown type', ARRAY[test.member('a.csv', E'interval_start,colour\n2026-11-05 00:00:00 +0000 UTC,red\n')]),
    (2, 'unknown columns', ARRAY[test.member('a.csv', replace(test.namespaces(ARRAY['ns'], 1), 'namespace_labels', 'id,namespace_labels,manifestid'))]),
    (3, 'row with too many fields', ARRAY[test.member('a.csv', replace(test.namespaces(ARRAY['ns', 'wide'], 1), 'wide', 'wide,er'))]),
    (4, 'row without interval_start', ARRAY[test.member('a.csv', test.namespaces(ARRAY['ns'], 1) || E',,yesterday,,ns,\n')]),
    (5, 'over-long text', ARRAY[test.member('a.csv', test.namespaces(ARRAY[repeat('n', 300)], 1))]),
    (6, 'links, devices and unsafe paths', ARRAY[test.member('link', '', '2', '/etc/passwd'), test.member('device', '', '3'),
        test.member('../up.csv', 'x'), test.member('hard', '', '1', 'a.csv'), test.member('a.csv', test.namespaces(ARRAY['ns'], 1))]),
    (7, 'over-long label key', ARRAY[test.member('a.csv', replace(test.namespaces(ARRAY['ns'], 1), 'label_team', repeat('k', 600)))])
) odd (number, what, members);
-- Invalid UTF-8 cannot be written in a query: one byte of the name is changed afterwards.
INSERT INTO test.odd
SELECT 8, 'invalid UTF-8', test.gzip(overlay(tar PLACING '\xff' FROM position(convert_to('broken', 'UTF8') IN tar)))
FROM (SELECT test.member('a.csv', test.namespaces(ARRAY['broken'], 1)) || test.manifest(8, ARRAY['a.csv'], 8) || decode(repeat('00', 1024), 'hex') AS tar) t;

-- Strict: an error, and nothing is recorded.
SELECT number, what, e.* FROM test.odd, test.error_of(format('SELECT koku_ingest_payload(%L, ''t_warnings'', strict => true)', payload)) e ORDER BY number;
SELECT count(*) FROM koku_manifest WHERE source = '00000000-0000-0000-0000-00000000cccc';

-- Otherwise a warning, and the rest is loaded. (Each window is an hour longer, so that each delivery replaces the one before.)
SET client_min_messages = warning;
\set VERBOSITY default
SELECT number, r.report_type, r.action, r.rows_in, r.rows_loaded, r.rows_dropped, r.message
FROM (SELECT * FROM test.odd ORDER BY number) o, koku_ingest_payload(payload, 't_warnings') r;
SELECT left(namespace, 10) AS namespace, length(namespace) AS characters
FROM t_warnings.openshift_namespace_labels_line_items WHERE length(namespace) > 10 OR namespace LIKE '%roken' ORDER BY 1;
SELECT key FROM t_warnings.reporting_enabledtagkeys ORDER BY key;

-- A manifest that comes a second time with other facts.
SELECT file, action FROM koku_ingest_payload(test.payload(test.manifest(2, ARRAY['a.csv', 'b.csv'], 24), test.member('b.csv', test.namespaces(ARRAY['ns'], 1))), 't_warnings');

-- Numbers that are none count as 0, too large ones cost the row, names that look like an attack are only counted.
SELECT r.action, r.rows_in, r.rows_loaded, r.rows_dropped, r.message
FROM koku_ingest_payload(test.payload(test.manifest(9, ARRAY['s.csv']), test.member('s.csv',
E'report_period_start,report_period_end,interval_start,interval_end,namespace,pod,persistentvolumeclaim,persistentvolume,storageclass,persistentvolumeclaim_capacity_bytes,persistentvolumeclaim_capacity_byte_seconds,volume_request_storage_byte_seconds,persistentvolumeclaim_usage_byte_seconds,persistentvolume_labels,persistentvolumeclaim_labels\n'
',,2026-11-05 00:00:00 +0000 UTC,,ns,<script>alert(1)</script>,c,v,fast,1,NaN,,abc,,\n'
',,2026-11-05 01:00:00 +0000 UTC,,ns,pod,c,v,fast,1,1e400,2,3,,\n')), 't_warnings') r;
SELECT pod, persistentvolumeclaim_capacity_byte_seconds, volume_request_storage_byte_seconds, persistentvolumeclaim_usage_byte_seconds, node
FROM t_warnings.openshift_storage_usage_line_items;
