-- The state of things as views: what came in, what is missing, what failed and why. They read the control tables with
-- the rights of their owner, call none of the extension's functions (a reader needs no grant but that on the view), and
-- show no payload's bytes.

-- A day's hours are bits of an integer, hour 0 the lowest; 16777215 is all 24. At most a year back, so that a manifest
-- with an endless window costs no more than others.
CREATE VIEW koku_internal.covered_hours WITH (security_barrier) AS
SELECT manifest.source, file.report_type, entry.day::date AS day, bit_or(window_on_day.hours) AS claimed_hours,
    bit_or(CASE WHEN manifest.completed_at IS NOT NULL AND file.is_loaded AND superseded.day IS NULL
        THEN window_on_day.hours ELSE 0 END) AS hours
FROM @extschema@.koku_manifest AS manifest
JOIN (
    -- A file without a row says that there was nothing.
    SELECT named.manifest_id, named.report_type, bool_or(named.rows_loaded > 0 OR named.rows_in = 0) AS is_loaded
    FROM @extschema@.koku_report_file AS named
    WHERE named.status = 'done' AND named.report_type IS NOT NULL
    GROUP BY named.manifest_id, named.report_type) AS file USING (manifest_id)
CROSS JOIN LATERAL jsonb_each_text(manifest.hours_per_day) AS entry (day, number)
LEFT JOIN (
    SELECT DISTINCT lost.manifest_id, lost.report_type, day
    FROM @extschema@.koku_report_file AS lost CROSS JOIN unnest(lost.superseded_days) AS day) AS superseded
    ON superseded.manifest_id = manifest.manifest_id AND superseded.report_type = file.report_type
        AND superseded.day = entry.day::date
CROSS JOIN LATERAL (
    SELECT ((1 << entry.number::integer) - 1)
        << CASE WHEN entry.day::date = (manifest.window_start AT TIME ZONE 'UTC')::date
                THEN extract(hour FROM manifest.window_start AT TIME ZONE 'UTC')::integer ELSE 0 END & 16777215 AS hours
    ) AS window_on_day
WHERE manifest.window_start IS NOT NULL AND entry.number::integer > 0
  AND entry.day::date BETWEEN (now() AT TIME ZONE 'UTC')::date - 366 AND (now() AT TIME ZONE 'UTC')::date
GROUP BY 1, 2, 3;
COMMENT ON VIEW koku_internal.covered_hours IS
'Hours of a UTC day for which files of a report type came, as the windows of their manifests say: bit 0 for hour 0, '
'16777215 for all. claimed_hours: of all manifests; hours: of those that are complete and of whose files of the type '
'rows were loaded that no other delivery replaced. The last 366 days; manifests without a window say nothing.';

CREATE VIEW @extschema@.koku_data_gaps WITH (security_barrier) AS
WITH covered AS MATERIALIZED (
    SELECT * FROM koku_internal.covered_hours
), first_delivery AS (
    SELECT DISTINCT ON (source, report_type) source, report_type, day AS first_day, claimed_hours AS first_hours
    FROM covered
    ORDER BY source, report_type, day
), missing AS (
    SELECT first_delivery.source, first_delivery.report_type, expected.day::date AS day,
        -- On its first day a source is expected from its first hour on: the lowest bit that is set and all above it.
        CASE WHEN expected.day::date = first_day THEN 16777216 - (first_hours & -first_hours) ELSE 16777215 END
            & ~coalesce(covered.hours, 0) AS hours
    FROM first_delivery
    CROSS JOIN LATERAL generate_series(
        first_day::timestamp, (now() AT TIME ZONE 'UTC')::date - interval '1 day', interval '1 day') AS expected (day)
    LEFT JOIN covered ON covered.source = first_delivery.source AND covered.report_type = first_delivery.report_type
        AND covered.day = expected.day::date
)
SELECT missing.source, known.name, known.tenant, known.cluster_id, missing.report_type, missing.day,
    cardinality(list.hours) AS hours_missing, list.hours AS missing_hours
FROM missing
JOIN @extschema@.koku_source AS known USING (source)
CROSS JOIN LATERAL (
    SELECT array_agg(hour ORDER BY hour) AS hours FROM generate_series(0, 23) AS hour
    WHERE missing.hours & (1 << hour) <> 0
    ) AS list
WHERE missing.hours <> 0;
COMMENT ON VIEW @extschema@.koku_data_gaps IS
'One row a source, report type and day with hours whose rows are not in the tables: no file came, other files of its '
'manifest are still missing, or another delivery of the day counts; from the first hour that came (at most 366 '
'days back) to yesterday (UTC). missing_hours: 5 is the hour from 05:00 to 06:00. What counts are the windows of the '
'manifests, so that an hour without rows (no volume, no virtual machine) is no gap; manifests without a window say '
'nothing.';

CREATE VIEW @extschema@.koku_sources WITH (security_barrier) AS
WITH sent AS (
    -- No payload was made after it was received, whatever the clock of its cluster says.
    SELECT source, created_at, least(exported_at, created_at) AS sent_at, exported_at > created_at AS is_ahead
    FROM @extschema@.koku_manifest
), gap AS (
    -- The pauses between payloads as the operator made them; one outage does not move their median. From one that was
    -- made to one that was received says nothing: payloads whose clock was ahead are compared with each other only.
    SELECT source, is_ahead, sent_at - lag(sent_at) OVER (PARTITION BY source, is_ahead ORDER BY sent_at) AS pause,
        row_number() OVER (PARTITION BY source, is_ahead ORDER BY sent_at DESC) AS place
    FROM sent
), cadence AS (
    SELECT DISTINCT ON (source) source, pause
    FROM (SELECT source, is_ahead, percentile_disc(0.5) WITHIN GROUP (ORDER BY pause) AS pause
          FROM gap WHERE place <= 10 AND pause > interval '0'
          GROUP BY source, is_ahead) AS usual
    ORDER BY source, is_ahead
), delivery AS (
    SELECT source, max(created_at) AS first_received_at, max(sent_at) AS last_exported_at
    FROM sent
    GROUP BY source
), received AS (
    SELECT manifest.source, max(file.completed_at) AS last_file_at
    FROM @extschema@.koku_manifest AS manifest
    JOIN @extschema@.koku_report_file AS file USING (manifest_id)
    GROUP BY manifest.source
), complete AS (
    SELECT source, max(day) AS day
    FROM (SELECT source, day FROM koku_internal.covered_hours
          GROUP BY source, day HAVING bool_and(hours = 16777215)) AS complete_day
    GROUP BY source
), expectation AS (
    SELECT delivery.source,
        -- Operators upload every six hours unless told otherwise.
        delivery.last_exported_at + coalesce(cadence.pause, interval '6 hours') AS next_expected_at
    FROM delivery LEFT JOIN cadence USING (source)
)
SELECT known.source, known.name, known.tenant, known.cluster_id, known.paused,
    CASE
        WHEN known.paused THEN 'paused'
        WHEN expectation.next_expected_at IS NULL THEN 'no payload yet'
        WHEN expectation.next_expected_at + interval '1 day' < now() THEN 'silent'
        ELSE 'ok'
    END AS state,
    greatest(delivery.first_received_at, received.last_file_at) AS last_payload_at,
    delivery.last_exported_at, complete.day AS last_day_complete, expectation.next_expected_at, known.created_at
FROM @extschema@.koku_source AS known
LEFT JOIN delivery USING (source)
LEFT JOIN received USING (source)
LEFT JOIN complete USING (source)
LEFT JOIN expectation USING (source);
COMMENT ON VIEW @extschema@.koku_sources IS
'One row a source. state: ok, silent (a day past next_expected_at), no payload yet, paused. last_payload_at: when it '
'was taken in; last_exported_at: when the operator made it, at the latest when it was received; last_day_complete: the '
'last UTC day with all 24 hours of every report type that came for it; next_expected_at: last_exported_at and the '
'usual pause between its payloads (the median of the last ten; six hours until it is known).';

CREATE VIEW @extschema@.koku_manifests WITH (security_barrier) AS
SELECT manifest.manifest_id, manifest.manifest_uuid, manifest.source, known.name, known.tenant, manifest.cluster_id,
    CASE
        WHEN manifest.completed_at IS NULL THEN 'waits for files'
        WHEN manifest.summarized_at IS NULL THEN 'waits for its summary'
        ELSE 'summarized'
    END AS state,
    manifest.created_at AS received_at, manifest.exported_at, manifest.window_start, manifest.window_end,
    manifest.billing_period_start, manifest.file_count, files.done AS files_done, files.waiting AS files_waiting,
    files.rows_loaded, files.rows_dropped, manifest.completed_at, manifest.summarized_at,
    manifest.daily_reports, manifest.certified, manifest.operator_version, manifest.cluster_channel,
    manifest.operator_airgapped, manifest.operator_errors
FROM @extschema@.koku_manifest AS manifest
JOIN @extschema@.koku_source AS known USING (source)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE file.status <> 'waiting') AS done,
        count(*) FILTER (WHERE file.status = 'waiting') AS waiting,
        coalesce(sum(file.rows_loaded), 0)::bigint AS rows_loaded,
        coalesce(sum(file.rows_dropped), 0)::bigint AS rows_dropped
    FROM @extschema@.koku_report_file AS file WHERE file.manifest_id = manifest.manifest_id) AS files;
COMMENT ON VIEW @extschema@.koku_manifests IS
'One row a manifest: what it said in its first delivery, how many of its files '
'came, and whether its days are summarized.';

CREATE VIEW @extschema@.koku_report_files WITH (security_barrier) AS
SELECT manifest.manifest_id, manifest.manifest_uuid, manifest.source, known.name,
    known.tenant, file.file, file.report_type,
    file.status, file.rows_in, file.rows_loaded, file.rows_dropped, file.message, manifest.created_at AS named_at,
    file.completed_at, file.superseded_days
FROM @extschema@.koku_report_file AS file
JOIN @extschema@.koku_manifest AS manifest USING (manifest_id)
JOIN @extschema@.koku_source AS known USING (source);
COMMENT ON VIEW @extschema@.koku_report_files IS
'One row a file that a manifest names. status: waiting (no payload brought it yet), done, unknown type. message: what '
'was repaired or left out, and how many rows repeat a key and hour or are outside of the window of the manifest. '
'superseded_days: days whose rows are not in the tables, because another delivery of the day counts.';

CREATE VIEW @extschema@.koku_inbox_status WITH (security_barrier) AS
SELECT inbox.id, inbox.request_id, inbox.tenant, inbox.status,
    CASE inbox.status
        WHEN 'waiting' THEN 'waits for koku_run()'
        WHEN 'started' THEN 'is being ingested, or was interrupted and will be retried at next_attempt_at'
        WHEN 'failed' THEN 'will be retried at next_attempt_at'
        WHEN 'held' THEN 'register its cluster with koku_create_source(), resume its source with koku_alter_source(),'
            ' or, where several tenants have the cluster, submit it with the tenant'
        WHEN 'parked' THEN 'see the error; then koku_retry_payload() or koku_drop_payload()'
        WHEN 'done' THEN 'its rows are in the tables'
    END AS what_next,
    inbox.submitted_at, inbox.attempts,
    CASE WHEN inbox.status IN ('waiting', 'started', 'failed') THEN inbox.next_attempt_at END AS next_attempt_at,
    inbox.started_at, inbox.finished_at,
    inbox.error_sqlstate, inbox.error_message, inbox.error_detail, inbox.error_hint,
    octet_length(inbox.payload) AS bytes, encode(inbox.digest, 'hex') AS sha256,
    inbox.cluster_id, inbox.manifest_uuid, inbox.source, known.name
FROM @extschema@.koku_inbox AS inbox
LEFT JOIN @extschema@.koku_source AS known USING (source);
COMMENT ON VIEW @extschema@.koku_inbox_status IS
'One row a payload of the inbox, without its bytes. status: as in koku_inbox; what_next: what happens or what to do; '
'error_...: of the last attempt that failed.';

CREATE VIEW @extschema@.koku_summary_requests WITH (security_barrier) AS
SELECT request.source, known.name, known.tenant, request.month, request.first_day, request.last_day,
    CASE
        WHEN request.retry_after = 'infinity' THEN 'parked'
        WHEN request.started_at IS NOT NULL THEN 'started'
        WHEN request.attempts = 0 THEN 'waiting'
        ELSE 'failed'
    END AS status,
    request.requested_at, request.attempts, request.retry_after, request.last_error
FROM @extschema@.koku_summary_request AS request
JOIN @extschema@.koku_source AS known USING (source);
COMMENT ON VIEW @extschema@.koku_summary_requests IS
'One row a source and month that waits to be summarized by koku_run(); status: waiting; started (an attempt runs, or '
'was cut off); failed (the last attempt raised last_error, the next one comes at retry_after); parked (attempts were '
'cut off until none was left: an administrator has to call koku_retry_summary()).';

CREATE VIEW @extschema@.koku_relation_sizes WITH (security_barrier) AS
SELECT owner.tenant, catalogue.table_name, catalogue.kind, leaf.relname AS relation,
    CASE WHEN leaf.relispartition
        AND leaf.relname ~ '_[0-9]{4}_[0-9]{2}$' THEN to_date(right(leaf.relname, 7), 'YYYY_MM') END AS month,
    pg_total_relation_size(leaf.oid) AS bytes, pg_size_pretty(pg_total_relation_size(leaf.oid)) AS size,
    CASE WHEN leaf.reltuples >= 0 THEN leaf.reltuples::bigint END AS estimated_rows
FROM @extschema@.koku_tenant AS owner
CROSS JOIN @extschema@.koku_catalogue_table AS catalogue
JOIN pg_namespace AS namespace ON namespace.nspname = owner.tenant
JOIN pg_class AS root ON root.relnamespace = namespace.oid AND root.relname = catalogue.table_name
LEFT JOIN pg_inherits AS inheritance ON inheritance.inhparent = root.oid
JOIN pg_class AS leaf ON leaf.oid = coalesce(inheritance.inhrelid, root.oid)
WHERE leaf.relkind IN ('r', 'f');
COMMENT ON VIEW @extschema@.koku_relation_sizes IS
'One row a table of a tenant that holds rows, which is each month of a partitioned table: its size on disk with '
'indexes and long values, and the rows that the planner believes in (NULL: not analyzed yet). month: NULL for tables '
'and partitions that are not of one month.';
