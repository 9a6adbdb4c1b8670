-- The bookkeeping in the shape that readers of Koku's tables know (spec ingest.md 6.1, 6.2). Where such a relation is
-- there already, that of the other software stays.

DO $do$
BEGIN
    IF to_regclass('@extschema@.reporting_common_costusagereportmanifest') IS NULL THEN
        CREATE VIEW @extschema@.reporting_common_costusagereportmanifest WITH (security_barrier) AS
        SELECT manifest.manifest_id::integer AS id, manifest.manifest_uuid::text AS assembly_id,
            manifest.source AS provider_id,
            manifest.created_at AS creation_datetime, manifest.exported_at AS export_datetime,
            manifest.billing_period_start::timestamp AT TIME ZONE 'UTC' AS billing_period_start_datetime,
            manifest.file_count AS num_total_files, manifest.operator_version, manifest.cluster_channel,
            manifest.certified AS operator_certified, manifest.operator_airgapped,
            manifest.daily_reports AS operator_daily_reports, manifest.operator_errors, manifest.cluster_id,
            manifest.summarized_at AS completed_datetime,
            jsonb_strip_nulls(jsonb_build_object(
                'processing', CASE WHEN manifest.completed_at IS NOT NULL
                    THEN jsonb_build_object('start', manifest.created_at, 'end', manifest.completed_at) END,
                'summary', CASE WHEN manifest.summarized_at IS NOT NULL
                    THEN jsonb_build_object('end', manifest.summarized_at) END)) AS state,
            '{}'::jsonb AS report_tracker, '{}'::jsonb AS s3_parquet_cleared_tracker,
            false AS s3_csv_cleared, false AS s3_parquet_cleared, NULL::timestamptz AS daily_archive_start_date
        FROM @extschema@.koku_manifest AS manifest;
        COMMENT ON VIEW @extschema@.reporting_common_costusagereportmanifest IS
        'koku_manifest in the shape of Koku''s table of that name, '
        'for software that reads it. The trackers are empty: nothing here needs them.';
    END IF;

    IF to_regclass('@extschema@.reporting_common_costusagereportstatus') IS NULL THEN
        CREATE VIEW @extschema@.reporting_common_costusagereportstatus WITH (security_barrier) AS
        SELECT file.manifest_id::integer AS manifest_id, left(file.file, 128)::varchar(128) AS report_name,
            file.completed_at AS started_datetime, file.completed_at AS completed_datetime,
            CASE file.status WHEN 'done' THEN 1 WHEN 'waiting' THEN 3 ELSE 2 END AS status,
            CASE file.status WHEN 'unknown type' THEN 4 END AS failed_status,
            NULL::varchar(64) AS etag, NULL::text AS celery_task_id
        FROM @extschema@.koku_report_file AS file;
        COMMENT ON VIEW @extschema@.reporting_common_costusagereportstatus IS
        'koku_report_file in the shape of Koku''s table of that name: status 1 done, '
        '2 failed (no known report type; failed_status 4), 3 named and waiting. '
        'started_datetime is the end: a file is ingested in one transaction.';
    END IF;
END;
$do$;
