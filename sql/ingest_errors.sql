-- What is refused: one clear error each, and nothing changes.
SET datestyle = ISO;
SET koku_onprem.retention_months = 0;
SELECT koku_create_source('test-cluster', 'Test cluster', 't_errors', '00000000-0000-0000-0000-00000000dddd');
CREATE FUNCTION test.refused(payload bytea, arguments text DEFAULT '') RETURNS TABLE (sqlstate_ text, message text, detail text, hint text)
LANGUAGE sql AS $$ SELECT * FROM test.error_of(format('SELECT koku_ingest_payload(%L, ''t_errors''%s)', payload, arguments)); $$;
\x on

-- The archive.
SELECT * FROM test.refused('');
SELECT * FROM test.refused('hello');
SELECT * FROM test.refused(test.manifest(1, '{}'));                                      -- a tar that is not compressed
SELECT * FROM test.refused(test.gzip('no tar'));
SELECT * FROM test.refused(substring(test.payload(test.manifest(1, '{}')) FOR 300));      -- gzip cut off
SELECT * FROM test.refused(test.gzip(substring(test.manifest(1, '{}') FOR 700)));          -- tar cut off
SELECT * FROM test.refused(overlay(test.payload(test.manifest(1, '{}')) PLACING '\xff' FROM 400));  -- a byte changed
SELECT * FROM test.refused(test.payload(test.member('a.csv', 'x')));
SELECT * FROM test.refused(test.payload(test.member('manifest.json', '', '2', 'a.csv')));

-- The manifest.
SELECT m.changes, e.* FROM (VALUES
    ('{"uuid": null}'::jsonb), ('{"uuid": "12"}'), ('{"cluster_id": ""}'), ('{"cluster_id": "a/b"}'), ('{"date": "yesterday"}'),
    ('{"files": ["a/b"]}'), ('{"files": "a"}'), ('{"start": ""}'), ('{"version": 4}'), ('{"daily_reports": "maybe"}'), ('{"cr_status": []}')) m (changes),
    test.refused(test.payload(test.manifest(1, '{}', changes => m.changes))) e;
SELECT * FROM test.refused(test.payload(test.member('manifest.json', '{"uuid": ')));
SELECT * FROM test.refused(test.payload(test.member('manifest.json', '[]')));

-- The source.
SELECT * FROM test.refused(test.payload(test.manifest(1, '{}', changes => '{"cluster_id": "nobody"}')));
SELECT * FROM test.error_of(format('SELECT koku_ingest_payload(%L)', test.payload(test.manifest(1, '{}', changes => '{"cluster_id": "nobody"}'))));
SELECT koku_create_source('twice', tenant => 't_errors', source => '00000000-0000-0000-0000-00000000ddd1');
SELECT koku_create_source('twice', tenant => 't_errors_2', source => '00000000-0000-0000-0000-00000000ddd2');
SELECT * FROM test.error_of(format('SELECT koku_ingest_payload(%L)', test.payload(test.manifest(1, '{}', changes => '{"cluster_id": "twice"}'))));
SELECT koku_alter_source('00000000-0000-0000-0000-00000000dddd', paused => true);
SELECT * FROM test.refused(test.payload(test.manifest(1, '{}')));
SELECT koku_alter_source('00000000-0000-0000-0000-00000000dddd', paused => false);

-- The retention: the window decides over the payload, the day over a row. (Far back, so that the day of the test does not matter.)
SET koku_onprem.retention_months = 4;
SELECT sqlstate_, message FROM test.refused(test.payload(test.manifest(1, '{}', changes => '{"start": "2020-01-01", "end": "2020-01-02"}')));
SELECT action, day, rows_in, rows_loaded, rows_dropped, message FROM koku_ingest_payload(test.payload(
    test.manifest(2, ARRAY['a.csv'], changes => jsonb_build_object('start', '2020-01-01', 'end', now())), test.member('a.csv', test.namespaces(ARRAY['ns'], 1, day => '2020-01-01'))), 't_errors');
SET koku_onprem.retention_months = 0;

-- The report.
SELECT * FROM test.refused(test.payload(test.manifest(1, ARRAY['a.csv']),
    test.member('a.csv', test.namespaces(ARRAY['ns'], 2) || E'2026-11-01,2026-12-01,2026-11-05,2026-11-05,"open,\n\n')));

-- Limits.
SET koku_onprem.max_member_size = '1kB';
SELECT * FROM test.refused(test.payload(test.manifest(1, ARRAY['a.csv']), test.member('a.csv', repeat('x', 2000))));
RESET koku_onprem.max_member_size;
SET koku_onprem.max_manifest_size = '1kB';
SELECT * FROM test.refused(test.payload(test.manifest(1, '{}', changes => jsonb_build_object('note', repeat('x', 2000)))));
RESET koku_onprem.max_manifest_size;
SET koku_onprem.max_payload_size = '2kB';
SELECT * FROM test.refused(test.payload(test.manifest(1, ARRAY['a.csv']), test.member('a.csv', repeat('x', 2000))));
RESET koku_onprem.max_payload_size;
SET koku_onprem.max_members = 1;
SELECT * FROM test.refused(test.payload(test.manifest(1, ARRAY['a.csv']), test.member('a.csv', repeat('x', 2000))));
SELECT * FROM test.refused(test.payload(test.manifest(1, ARRAY['a.csv', 'b.csv'])));
RESET koku_onprem.max_members;
-- A bomb: a member of 20 MB of zeros in compressed blocks: one zero, then "the 258 bytes before again" (13 bits each).
SET koku_onprem.max_compression_ratio = 100;
SELECT * FROM test.refused((
    SELECT '\x1f8b08000000000000ff00'::bytea || test.little_endian(512, 2) || test.little_endian(~512, 2)
        || substring(test.member('a.csv', repeat('0', 20000000)) FOR 512)
        || string_agg(set_byte('\x00', 0, reverse(substring(bits FROM place FOR 8)::text)::bit(8)::integer), '' ORDER BY place)
    FROM (SELECT (B'010' || B'00110000') || repeat('1100010100000', 60000)::varbit AS bits) b, generate_series(1, length(bits) - 7, 8) place));
RESET koku_onprem.max_compression_ratio;

-- The call.
SELECT * FROM test.error_of('SELECT koku_ingest_payload(NULL)');
SELECT * FROM test.error_of('SELECT koku_ingest_file(NULL)');
SELECT * FROM test.error_of($$SELECT koku_ingest_file('/nowhere/payload.tar.gz')$$);
SELECT * FROM test.error_of('SELECT koku_ingest_large_object(1)');
\x off

-- Nothing was recorded but the one payload whose rows were too old.
SELECT manifest_uuid FROM koku_manifest WHERE source = '00000000-0000-0000-0000-00000000dddd';
SELECT count(*) FROM t_errors.openshift_namespace_labels_line_items;
SELECT table_name FROM t_errors.partitioned_tables WHERE NOT (partition_parameters->>'default')::boolean;

-- The same payload, with what was wrong put right, is taken.
SELECT file, action, rows_loaded FROM koku_ingest_payload(test.payload(test.manifest(1, ARRAY['a.csv']), test.member('a.csv', test.namespaces(ARRAY['ns'], 2))), 't_errors');
