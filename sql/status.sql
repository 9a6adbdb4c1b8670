-- The status views. Gaps are judged up to yesterday, so the days are those before today; d(n) is n days ago.
SET client_min_messages = error;
SET koku_onprem.retention_months = 0;
-- The views go by the true clock, and so does what is delivered here.
CREATE OR REPLACE FUNCTION koku_internal.today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT (now() AT TIME ZONE 'UTC')::date $$;
SELECT koku_create_source('status-cluster', 'Status', 't_status', '00000000-0000-0000-0000-00000000ab01');
SELECT koku_create_source('status-silent', 'Never sent', 't_status', '00000000-0000-0000-0000-00000000ab02');
CREATE FUNCTION test.d(days integer) RETURNS date LANGUAGE sql AS $$ SELECT (now() AT TIME ZONE 'UTC')::date - days $$;
-- An hour as manifests write it, whatever DateStyle is.
CREATE FUNCTION test.utc(hour timestamp) RETURNS text LANGUAGE sql AS $$ SELECT to_char(hour, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') $$;
-- Delivers a file of namespaces with the hours of a window.
CREATE FUNCTION test.deliver_window(number integer, first_hour timestamp, last_hour timestamp, files text[]) RETURNS SETOF text LANGUAGE sql AS $$
SELECT action FROM koku_ingest_payload(test.payload(
    test.member('a', (SELECT test.namespaces(ARRAY['ns'], 0) || string_agg(format(E'%s,%s,%s,%s,ns,\n', first, first, hour, hour), '' ORDER BY hour)
        FROM generate_series(first_hour, last_hour, interval '1 hour') AS series (time),
            to_char(time, 'YYYY-MM-DD HH24:MI:SS "+0000 UTC"') AS hour, to_char(time, 'YYYY-MM-01 00:00:00 "+0000 UTC"') AS first)),
    test.manifest(number, files, changes => jsonb_build_object('cluster_id', 'status-cluster',
        'start', test.utc(first_hour), 'end', test.utc(last_hour + interval '59 minutes 59 seconds'),
        'date', test.utc(last_hour + interval '1 hour')))), 't_status');
$$;
-- 5 days ago from 6 o'clock on; 4 days ago all of it; nothing 3 days ago; 2 days ago in two pieces with an hour between; yesterday until 12.
SELECT test.deliver_window(1, test.d(5) + time '06:00', test.d(5) + time '23:00', ARRAY['a']);
SELECT test.deliver_window(2, test.d(4) + time '00:00', test.d(4) + time '23:00', ARRAY['a', 'b']);
SELECT test.deliver_window(3, test.d(2) + time '00:00', test.d(2) + time '10:00', ARRAY['a']);
SELECT test.deliver_window(4, test.d(2) + time '12:00', test.d(1) + time '11:00', ARRAY['a']);

SELECT report_type, test.d(0) - day AS days_ago, hours_missing, missing_hours FROM koku_data_gaps WHERE tenant = 't_status' ORDER BY day;
-- The pauses between the payloads were 24, 35 and 25 hours: the next one is due 25 hours after yesterday 12:00.
SELECT name, state, paused, last_payload_at IS NOT NULL AS has_payload, test.d(0) - last_day_complete AS complete_days_ago,
    last_exported_at AT TIME ZONE 'UTC' - test.d(1) AS exported_after_yesterday, next_expected_at AT TIME ZONE 'UTC' - test.d(1) AS expected_after_yesterday
FROM koku_sources WHERE tenant = 't_status' ORDER BY name;
SELECT koku_alter_source('00000000-0000-0000-0000-00000000ab02', paused => true);
UPDATE koku_manifest SET exported_at = exported_at - interval '3 days' WHERE source = '00000000-0000-0000-0000-00000000ab01';
SELECT name, state FROM koku_sources WHERE tenant = 't_status' ORDER BY name;

SELECT right(manifest_uuid::text, 1) AS manifest, name, state, file_count, files_done, files_waiting, rows_loaded FROM koku_manifests WHERE tenant = 't_status' ORDER BY 1;
SELECT right(manifest_uuid::text, 1) AS manifest, name, file, report_type, status, rows_in, rows_loaded, completed_at IS NOT NULL AS completed
FROM koku_report_files WHERE tenant = 't_status' ORDER BY 1, 3;
-- Days of one month wait as one request, from the first to the last that changed.
SELECT name, month = date_trunc('month', first_day)::date AS month_is_right, status, attempts, last_error FROM koku_summary_requests
WHERE tenant = 't_status' AND last_day = (SELECT max(last_day) FROM koku_summary_requests WHERE tenant = 't_status');
CALL koku_run();
SELECT right(manifest_uuid::text, 1) AS manifest, state FROM koku_manifests WHERE tenant = 't_status' ORDER BY 1;
SELECT count(*) FROM koku_summary_requests WHERE tenant = 't_status';

-- Sizes: each table that holds rows once, each partition with its month.
SELECT count(*) = count(DISTINCT relation) AS each_once, bool_and(bytes IS NOT NULL) AS sized, bool_or(month IS NULL) AS some_without_month
FROM koku_relation_sizes WHERE tenant = 't_status';
SELECT table_name, kind, bytes > 0 AS has_bytes FROM koku_relation_sizes
WHERE tenant = 't_status' AND table_name = 'openshift_namespace_labels_line_items' AND month = date_trunc('month', test.d(4));

-- The bookkeeping as readers of the reference know it.
SELECT right(assembly_id, 1) AS manifest, provider_id, num_total_files, operator_daily_reports, cluster_id, completed_datetime IS NOT NULL AS completed,
    ARRAY(SELECT jsonb_object_keys(state)) AS states
FROM reporting_common_costusagereportmanifest WHERE provider_id = '00000000-0000-0000-0000-00000000ab01' ORDER BY 1;
SELECT right(assembly_id, 1) AS manifest, report_name, status, failed_status, file.completed_datetime IS NOT NULL AS completed
FROM reporting_common_costusagereportstatus file JOIN reporting_common_costusagereportmanifest manifest ON manifest.id = manifest_id
WHERE provider_id = '00000000-0000-0000-0000-00000000ab01' ORDER BY 1, 2;
-- No view shows a payload's bytes.
SELECT viewed.relname FROM pg_class viewed JOIN pg_attribute col ON col.attrelid = viewed.oid
WHERE viewed.relkind = 'v' AND viewed.relnamespace = 'public'::regnamespace AND col.atttypid = 'bytea'::regtype;

-- What was superseded, or is of a manifest that still waits for files, is not delivered. Manifest 2 waits for file b: all hours of 4 days
-- ago are missing. 3 days ago: 20 hours, then 20 hours of which the first are new, which is not more: superseded, so the gap stays.
SELECT test.deliver_window(5, test.d(3) + time '04:00', test.d(3) + time '23:00', ARRAY['a']);
SELECT test.deliver_window(8, test.d(3) + time '00:00', test.d(3) + time '19:00', ARRAY['a']);
SELECT test.d(0) - day AS days_ago, hours_missing, missing_hours FROM koku_data_gaps WHERE tenant = 't_status' AND day IN (test.d(3), test.d(4)) ORDER BY day;
-- Nor is what was replaced: 21 hours come instead of the 20.
SELECT test.deliver_window(7, test.d(3) + time '00:00', test.d(3) + time '20:00', ARRAY['a']);
SELECT test.d(0) - day AS days_ago, hours_missing, missing_hours FROM koku_data_gaps WHERE tenant = 't_status' AND day = test.d(3);
-- The last three are of hours that are not there, and are added.
SELECT test.deliver_window(6, test.d(3) + time '21:00', test.d(3) + time '23:00', ARRAY['a']);
SELECT count(*) AS gaps FROM koku_data_gaps WHERE tenant = 't_status' AND day = test.d(3);
SELECT right(manifest_uuid::text, 1) AS manifest, superseded_days = ARRAY[test.d(3)] AS superseded FROM koku_report_files
WHERE tenant = 't_status' AND superseded_days IS NOT NULL ORDER BY 1;
-- Health: manifest 2 has waited for longer than the pause between payloads, until its file comes.
SELECT check_name, status FROM koku_health() WHERE check_name IN ('manifests', 'clocks') ORDER BY 1;
UPDATE koku_report_file SET completed_at = koku_report_file.completed_at - interval '9 days' FROM koku_manifest manifest
WHERE manifest.manifest_id = koku_report_file.manifest_id AND manifest_uuid = '00000000-0000-4000-8000-000000000002' AND source = '00000000-0000-0000-0000-00000000ab01';
SELECT check_name, status, regexp_replace(detail, 'since .*', 'since ...') AS detail, what_to_do FROM koku_health() WHERE check_name = 'manifests';
-- The whole day under another manifest takes the place of the part; where its rows are passed over, the part is still the trouble.
BEGIN;
SELECT test.deliver_window(9, test.d(4) + time '00:00', test.d(4) + time '23:00', ARRAY['a']);
SELECT check_name, status FROM koku_health() WHERE check_name = 'manifests';
UPDATE koku_report_file SET superseded_days = ARRAY[test.d(4)] FROM koku_manifest manifest
WHERE manifest.manifest_id = koku_report_file.manifest_id AND manifest_uuid = '00000000-0000-4000-8000-000000000009' AND source = '00000000-0000-0000-0000-00000000ab01';
SELECT check_name, status FROM koku_health() WHERE check_name = 'manifests';
ROLLBACK;
-- A clock that is ahead does not make a silent source heard; health warns of it.
UPDATE koku_manifest SET exported_at = exported_at - interval '6 days', created_at = created_at - interval '6 days'
WHERE source = '00000000-0000-0000-0000-00000000ab01';
SELECT name, state, next_expected_at - last_exported_at AS pause FROM koku_sources WHERE name = 'Status';
UPDATE koku_manifest SET exported_at = '2096-01-01'
WHERE manifest_uuid = '00000000-0000-4000-8000-000000000008' AND source = '00000000-0000-0000-0000-00000000ab01';
SELECT name, state, last_exported_at < now() AS is_past, next_expected_at - last_exported_at AS pause FROM koku_sources WHERE name = 'Status';
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'clocks';

CREATE OR REPLACE FUNCTION koku_internal.today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT date '2026-11-18' $$;
