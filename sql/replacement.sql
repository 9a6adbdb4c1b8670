-- Which delivery of a day counts (the scenarios of spec ingest.md 5.2). Rows are told apart by the team in their label.
SET datestyle = ISO;
SET koku_onprem.retention_months = 0;

-- Delivers namespace reports of 2026-11-05 under one manifest: each text is '<file>:<hours>:<team>', one row an hour.
CREATE FUNCTION test.deliver(manifest integer, hours integer, VARIADIC files text[]) RETURNS TABLE (file text, action text, loaded bigint)
LANGUAGE sql AS $$
SELECT r.file, r.action, r.rows_loaded
FROM (SELECT array_agg(split_part(f, ':', 1) ORDER BY f) AS names,
             array_agg(test.member(split_part(f, ':', 1), test.namespaces(ARRAY['ns'], split_part(f, ':', 2)::integer, split_part(f, ':', 3))) ORDER BY f) AS members
      FROM unnest(files) f) parts,
     koku_ingest_payload(test.payload(VARIADIC members || test.manifest(manifest, names || ARRAY['a', 'b'], hours)), 't_replacement') r
WHERE r.action <> 'waiting';
$$;
-- The same for an operator that does not report daily.
CREATE FUNCTION test.deliver_additive(manifest integer, hours integer, team text) RETURNS TABLE (file text, action text, loaded bigint)
LANGUAGE sql AS $$
SELECT r.file, r.action, r.rows_loaded
FROM koku_ingest_payload(test.payload(
    test.member('a', test.namespaces(ARRAY['ns'], hours, team)),
    test.manifest(manifest, ARRAY['a'], hours, '{"daily_reports": false}')), 't_replacement') r;
$$;
SELECT koku_create_source('test-cluster', tenant => 't_replacement', source => '00000000-0000-0000-0000-00000000bbbb');
-- What is in the tables: raw rows by team and hours, and the daily rows.
CREATE VIEW test.day AS
SELECT 'raw' AS kind, namespace_labels::json->>'team' AS team, reportnumhours AS hours, count(*) AS rows
FROM t_replacement.openshift_namespace_labels_line_items GROUP BY 1, 2, 3
UNION ALL
SELECT 'daily', namespace_labels::json->>'team', reportnumhours, count(*)
FROM t_replacement.openshift_namespace_labels_line_items_daily GROUP BY 1, 2, 3
ORDER BY kind DESC, team, hours;
CREATE FUNCTION test.next_scenario() RETURNS void LANGUAGE sql AS $$
DELETE FROM koku_manifest WHERE source = '00000000-0000-0000-0000-00000000bbbb';
DELETE FROM t_replacement.openshift_namespace_labels_line_items;
DELETE FROM t_replacement.openshift_namespace_labels_line_items_daily;
$$;

-- 1: ten hours, then the whole day. Only the whole day stays.
SELECT * FROM test.deliver(1, 10, 'a:10:early');
SELECT * FROM test.deliver(2, 24, 'a:24:whole');
SELECT * FROM test.day;
-- 2, 9: a late delivery of fewer hours changes nothing.
SELECT * FROM test.deliver(3, 10, 'a:10:late', 'b:10:late');
SELECT * FROM test.day;
-- 3: the first of two whole days wins.
SELECT * FROM test.deliver(4, 24, 'a:24:again');
SELECT * FROM test.day;
-- 6: the same manifest again is known.
SELECT * FROM test.deliver(2, 24, 'a:24:whole');

-- 4, 5: two files of a day in one manifest are both taken, in one payload or two; another whole day is not.
SELECT test.next_scenario();
SELECT * FROM test.deliver(1, 24, 'a:24:first', 'b:2:second');
SELECT * FROM test.deliver(2, 24, 'a:24:other', 'b:2:other');
SELECT * FROM test.day;
SELECT test.next_scenario();
SELECT * FROM test.deliver(1, 24, 'a:24:first');
SELECT * FROM test.deliver(1, 24, 'b:2:second');
SELECT * FROM test.day;

-- 7, 8: a late file of the emptier manifest does not mix in, and a third whole day does not double.
SELECT test.next_scenario();
SELECT * FROM test.deliver(1, 10, 'a:10:early');
SELECT * FROM test.deliver(2, 24, 'a:24:whole');
SELECT * FROM test.deliver(1, 10, 'b:10:early');
SELECT * FROM test.deliver(3, 24, 'a:24:third');
SELECT * FROM test.day;

-- A part, whose manifest names files that do not come, gives way to as many hours of a manifest that brings all of its files: not
-- to another part, and the whole does not give way.
SELECT test.next_scenario();
SELECT * FROM test.deliver(1, 24, 'a:20:part');
SELECT * FROM test.deliver(2, 24, 'a:24:other');
SELECT * FROM test.deliver(3, 24, 'a:24:whole', 'b:2:whole');
SELECT * FROM test.day;
SELECT * FROM test.deliver(1, 24, 'b:24:rest');
SELECT * FROM test.deliver(4, 24, 'a:24:again', 'b:2:again');
SELECT * FROM test.day;

-- Rows that name no manifest, as other software may have written them, are no such part.
SELECT test.next_scenario();
SELECT * FROM test.deliver(1, 24, 'a:20:unnamed');
UPDATE t_replacement.openshift_namespace_labels_line_items SET manifestid = NULL;
UPDATE t_replacement.openshift_namespace_labels_line_items_daily SET manifestid = NULL;
SELECT * FROM test.deliver(2, 24, 'a:24:whole', 'b:2:whole');
SELECT * FROM test.day;

-- 10: without a window the hours are the distinct intervals, the greatest of the manifest's files; a repetition changes nothing.
SELECT test.next_scenario();
SELECT * FROM test.deliver(1, NULL, 'a:24:full', 'b:3:few');
SELECT * FROM test.deliver(2, NULL, 'a:24:full', 'b:3:few');
SELECT * FROM test.day;
-- In whichever order the files lie in the payload.
SELECT test.next_scenario();
SELECT * FROM test.deliver(1, NULL, 'a:10:early');
SELECT * FROM test.deliver(2, NULL, 'a:3:few', 'b:24:full');
SELECT * FROM test.day;

-- 11: payloads of an additive operator add up; the daily table has one row a key.
SELECT test.next_scenario();
SELECT * FROM test.deliver_additive(1, 10, 'same');
SELECT * FROM test.deliver_additive(2, 24, 'same');
SELECT * FROM test.day;
-- 17: the same uuid again is known.
SELECT * FROM test.deliver_additive(2, 24, 'same');
-- 12: a daily operator takes over.
SELECT * FROM test.deliver(3, 12, 'a:12:daily');
SELECT * FROM test.day;
-- 13: additive rows after daily ones are merged; a further twelve hours change nothing.
SELECT * FROM test.deliver_additive(4, 5, 'daily');
SELECT * FROM test.day;
SELECT * FROM test.deliver(5, 12, 'a:12:more');
SELECT * FROM test.day;

-- 16, 18: a delivery without one usable row replaces nothing, though it claims more hours.
SELECT test.next_scenario();
SELECT * FROM test.deliver(1, 10, 'a:10:early');
SELECT file, day, action, rows_in, rows_loaded, rows_dropped FROM koku_ingest_payload(test.payload(
    test.member('a', replace(test.namespaces(ARRAY['ns'], 2), ' +0000 UTC', ' no zone')),
    test.manifest(2, ARRAY['a'])), 't_replacement');
SELECT action, rows_in, rows_loaded, rows_dropped FROM koku_ingest_payload(test.payload(
    test.manifest(6, ARRAY['s']), test.member('s',
E'report_period_start,report_period_end,interval_start,interval_end,namespace,pod,persistentvolumeclaim,persistentvolume,storageclass,persistentvolumeclaim_capacity_bytes,persistentvolumeclaim_capacity_byte_seconds,volume_request_storage_byte_seconds,persistentvolumeclaim_usage_byte_seconds,persistentvolume_labels,persistentvolumeclaim_labels\n'
',,2026-11-05 00:00:00 +0000 UTC,,ns,pod,c,v,fast,1e19,0,0,0,,\n')), 't_replacement');
SELECT file, day, action FROM koku_ingest_payload(test.payload(
    test.member('a', test.namespaces(ARRAY['ns'], 0)), test.manifest(3, ARRAY['a'])), 't_replacement');
SELECT * FROM test.day;

-- 15, 19: days are decided one by one; for a day outside the window the intervals count.
SELECT file, day, action, rows_loaded FROM koku_ingest_payload(test.payload(
    test.member('a', test.namespaces(ARRAY['ns'], 10, 'kept') || split_part(test.namespaces(ARRAY['ns'], 2, 'next', '2026-11-06'), E'labels\n', 2)),
    test.manifest(4, ARRAY['a', 'b'], 10)), 't_replacement');
SELECT * FROM test.day;

-- force replaces a day at equal or fewer hours, and takes files again that were done.
SELECT test.next_scenario();
SELECT * FROM test.deliver(1, 24, 'a:24:first', 'b:1:first');
SELECT file, action, rows_loaded FROM koku_ingest_payload(test.payload(
    test.member('a', test.namespaces(ARRAY['ns'], 10, 'forced')), test.manifest(2, ARRAY['a'], 10)), 't_replacement', force => true);
SELECT * FROM test.day;
SELECT file, action, rows_loaded FROM koku_ingest_payload(test.payload(
    test.member('a', test.namespaces(ARRAY['ns'], 24, 'corrected')), test.manifest(1, ARRAY['a', 'b'])), 't_replacement', force => true);
SELECT * FROM test.day;
-- The other file of the forced manifest has lost its rows with the day: it waits to be delivered again, and is then taken.
SELECT file, status FROM koku_report_file JOIN koku_manifest USING (manifest_id)
WHERE source = '00000000-0000-0000-0000-00000000bbbb' AND manifest_uuid = '00000000-0000-4000-8000-000000000001' ORDER BY file;
SELECT * FROM test.deliver(1, 24, 'b:1:corrected');
SELECT * FROM test.day;

-- Rows of some hours of a day.
CREATE FUNCTION test.of_hours(first integer, hours integer, team text) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(line, E'\n' ORDER BY number) || E'\n'
FROM regexp_split_to_table(test.namespaces(ARRAY['ns'], first + hours, team), E'\n') WITH ORDINALITY AS lines (line, number)
WHERE line <> '' AND (number = 1 OR number > first + 1);
$$;
-- Hours that are not there yet are added, whatever the windows say. Each text is '<file>:<first hour>:<hours>:<team>'; the
-- window goes from the hour `first` to before `last`.
CREATE FUNCTION test.deliver_hours(manifest integer, first integer, last integer, VARIADIC files text[])
RETURNS TABLE (file text, report_type text, action text, loaded bigint, message text) LANGUAGE sql AS $$
SELECT r.file, r.report_type, r.action, r.rows_loaded, r.message
FROM (SELECT array_agg(part[1] ORDER BY f) AS names,
             array_agg(test.member(part[1], test.of_hours(part[2]::integer, part[3]::integer, part[4])) ORDER BY f) AS members
      FROM unnest(files) f, string_to_array(f, ':') AS part) parts,
     koku_ingest_payload(test.payload(VARIADIC members || test.manifest(manifest, names || ARRAY['a', 'b'], 24, jsonb_build_object(
         'start', '2026-11-05T00:00:00Z'::timestamptz + first * interval '1 hour',
         'end', '2026-11-05T00:00:00Z'::timestamptz + last * interval '1 hour' - interval '1 second'))), 't_replacement') r
WHERE r.action <> 'waiting';
$$;
CREATE VIEW test.hours AS
SELECT namespace_labels::json->>'team' AS team, reportnumhours AS claimed, count(*) AS rows, count(DISTINCT interval_start) AS hours,
    to_char(min(interval_start AT TIME ZONE 'UTC'), 'HH24') || '-' || to_char(max(interval_start AT TIME ZONE 'UTC'), 'HH24') AS span,
    (SELECT count(*) FROM t_replacement.openshift_namespace_labels_line_items_daily d WHERE d.namespace_labels = r.namespace_labels) AS daily
FROM t_replacement.openshift_namespace_labels_line_items r GROUP BY namespace_labels, reportnumhours ORDER BY min(interval_start), team;
CREATE VIEW test.superseded AS
SELECT right(manifest_uuid::text, 1) AS manifest, file, superseded_days FROM koku_report_files
WHERE source = '00000000-0000-0000-0000-00000000bbbb' AND superseded_days IS NOT NULL ORDER BY 1, 2;

-- The morning and the afternoon are ten hours each; the four between them come last, or the whole day does.
SELECT test.next_scenario();
SELECT * FROM test.deliver_hours(1, 0, 10, 'a:0:10:morning');
SELECT * FROM test.deliver_hours(2, 14, 24, 'a:14:10:afternoon');
SELECT * FROM test.hours;
-- Twelve hours are less than the twenty that both have together.
SELECT * FROM test.deliver_hours(3, 0, 12, 'a:0:12:again');
SELECT * FROM test.deliver_hours(4, 10, 14, 'a:10:4:noon');
SELECT * FROM test.hours;
SELECT * FROM test.superseded;
SELECT test.next_scenario();
SELECT * FROM test.deliver_hours(1, 0, 10, 'a:0:10:morning');
SELECT * FROM test.deliver_hours(2, 14, 24, 'a:14:10:afternoon');
SELECT * FROM test.deliver_hours(3, 0, 24, 'a:0:24:whole');
SELECT * FROM test.hours;
SELECT * FROM test.superseded;
-- Another file of a manifest whose day was added to: its own hours come, those of the other do not come twice.
SELECT test.next_scenario();
SELECT * FROM test.deliver_hours(1, 0, 12, 'a:0:6:early');
SELECT * FROM test.deliver_hours(2, 14, 24, 'a:14:10:afternoon');
SELECT * FROM test.deliver_hours(1, 0, 12, 'b:6:6:late');
SELECT * FROM test.hours;
-- Where they would, the manifest of more hours counts, whichever of its files came first.
SELECT test.next_scenario();
SELECT * FROM test.deliver_hours(1, 14, 24, 'a:14:10:afternoon');
SELECT * FROM test.deliver_hours(2, 0, 24, 'a:0:10:morning');
SELECT * FROM test.deliver_hours(2, 0, 24, 'b:10:14:rest');
SELECT * FROM test.hours;
SELECT * FROM test.superseded;
SELECT test.next_scenario();
SELECT * FROM test.deliver_hours(1, 10, 24, 'a:10:14:afternoon');
SELECT * FROM test.deliver_hours(2, 0, 11, 'a:0:5:morning');
SELECT * FROM test.deliver_hours(2, 0, 11, 'b:5:6:rest');
SELECT * FROM test.hours;
SELECT * FROM test.superseded;
-- The daily rows and the capacity of nodes are then those of the rows that stay, too.
CREATE FUNCTION test.deliver_pods(manifest integer, hours integer, first integer, last integer, file text) RETURNS TABLE (file text, action text, loaded bigint)
LANGUAGE sql AS $$
SELECT r.file, r.action, r.rows_loaded
FROM koku_ingest_payload(test.payload(test.manifest(manifest, ARRAY['a', 'b'], hours), test.member(file,
    'report_period_start,report_period_end,interval_start,interval_end,pod,namespace,node,resource_id,pod_usage_cpu_core_seconds,'
    'pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,'
    'pod_limit_memory_byte_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,'
    'node_capacity_memory_byte_seconds,pod_labels'
    || (SELECT string_agg(format(E'\n,,2026-11-05 %s:00:00 +0000 UTC,,pod,ns,node,i-1,10,0,0,0,0,0,4,14400,1,3600,', lpad(hour::text, 2, '0')), '' ORDER BY hour)
        FROM generate_series(first, last - 1) AS hour))), 't_replacement') r
WHERE r.action <> 'waiting';
$$;
SELECT * FROM test.deliver_pods(11, 6, 14, 20, 'a');
SELECT * FROM test.deliver_pods(12, 24, 0, 10, 'a');
SELECT * FROM test.deliver_pods(12, 24, 10, 24, 'b');
SELECT (SELECT count(*) FROM t_replacement.openshift_pod_usage_line_items) AS raw_rows, count(*) AS daily_rows,
    sum(pod_usage_cpu_core_seconds) AS usage, (SELECT count(*) FROM t_replacement.koku_node_interval) AS node_hours
FROM t_replacement.openshift_pod_usage_line_items_daily;
-- Rows of other software, whose raw rows are gone, may have a text of its own for the manifest.
DELETE FROM t_replacement.openshift_pod_usage_line_items;
DELETE FROM t_replacement.koku_node_interval WHERE interval_start >= '2026-11-05 05:00+00';
UPDATE t_replacement.openshift_pod_usage_line_items_daily SET manifestid = 'another tool', reportnumhours = 5;
SELECT * FROM test.deliver_pods(13, 24, 0, 24, 'a');
-- A window that claims hours of which there are no rows supersedes nothing that it does not have, and is not superseded by it.
SELECT test.next_scenario();
SELECT * FROM test.deliver_hours(1, 0, 24, 'a:0:10:morning');
SELECT * FROM test.deliver_hours(2, 0, 24, 'a:14:10:afternoon');
SELECT * FROM test.hours;
SELECT test.next_scenario();
SELECT * FROM test.deliver_hours(1, 0, 10, 'a:0:10:morning');
SELECT * FROM test.deliver_hours(2, 0, 24, 'a:14:10:afternoon');
SELECT * FROM test.hours;
-- Windows that do not meet, and rows that do: hours 10 and 11 would be there twice.
SELECT test.next_scenario();
SELECT * FROM test.deliver_hours(1, 0, 10, 'a:0:12:morning');
SELECT * FROM test.deliver_hours(2, 12, 24, 'a:10:14:afternoon');
SELECT * FROM test.hours;
SELECT * FROM test.superseded;
-- The first row tells nothing, the last one does; without windows the same.
SELECT test.next_scenario();
SELECT * FROM test.deliver_hours(1, 5, 6, 'a:5:1:five');
SELECT * FROM test.deliver(2, NULL, 'a:6:whole');
SELECT * FROM test.hours;

-- Rows that repeat a key and hour are counted, and so are rows that the window does not cover; files of a payload are looked at
-- together. Rows that begin within an hour are not judged.
SELECT test.next_scenario();
SELECT * FROM test.deliver_hours(1, 2, 5, 'a:0:6:same', 'b:3:2:same', 'c:4:1:other');
SELECT file, rows_in, rows_loaded, message FROM koku_report_files WHERE source = '00000000-0000-0000-0000-00000000bbbb' ORDER BY file;
SELECT test.next_scenario();
SELECT action, rows_loaded, message FROM koku_ingest_payload(test.payload(test.member('a',
    replace(test.namespaces(ARRAY['ns'], 1) || split_part(test.namespaces(ARRAY['ns'], 1), E'labels\n', 2), ' 00:00:00', ' 00:15:00')),
    test.manifest(1, ARRAY['a'])), 't_replacement');
