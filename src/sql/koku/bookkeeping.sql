-- What Koku's API reads of deliveries: where its bookkeeping tables are, each manifest and its files are written there,
-- too, by triggers on ours and so in the same transactions. Its user interface shows no data before that.

CREATE FUNCTION koku_internal.write_koku_manifest(written @extschema@.koku_manifest) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A source that the API does not know has no place there; one that Koku ingested itself keeps its row and number.
    EXECUTE
        'INSERT INTO public.reporting_common_costusagereportmanifest AS known (assembly_id,'
        ' creation_datetime, completed_datetime,'
        '    export_datetime, state, billing_period_start_datetime, '
        'num_total_files, s3_csv_cleared, s3_parquet_cleared,'
        '    operator_version, cluster_channel, operator_certified, '
        'operator_airgapped, operator_errors, operator_daily_reports,'
        '    cluster_id, provider_id, report_tracker, s3_parquet_cleared_tracker)'
        ' SELECT $1.manifest_uuid::text, $1.created_at, $1.summarized_at, $1.exported_at,'
        '    jsonb_strip_nulls(jsonb_build_object('
        '        ''processing'', CASE WHEN $1.completed_at IS NOT NULL'
        '            THEN jsonb_build_object(''start'', $1.created_at, ''end'', $1.completed_at) END,'
        '        ''summary'', CASE WHEN $1.summarized_at IS NOT NULL'
        '            THEN jsonb_build_object(''start'', $1.completed_at, ''end'', $1.summarized_at) END)),'
        '    $1.billing_period_start::timestamp AT TIME ZONE ''UTC'', $1.file_count, false, false,'
        '    $1.operator_version, $1.cluster_channel, $1.certified,'
        ' $1.operator_airgapped, coalesce($1.operator_errors, ''{}''),'
        '    $1.daily_reports, $1.cluster_id, $1.source, ''{}'', ''{}'''
        ' WHERE EXISTS (SELECT FROM public.api_provider AS provider WHERE provider.uuid = $1.source)'
        ' ON CONFLICT (provider_id, assembly_id) DO UPDATE'
        ' SET completed_datetime = coalesce(excluded.completed_datetime, known.completed_datetime),'
        '    state = coalesce(known.state, ''{}'') || excluded.state,'
        '    num_total_files = excluded.num_total_files'
    USING written;
    IF written.completed_at IS NOT NULL THEN
        EXECUTE 'UPDATE public.api_provider SET setup_complete = true WHERE uuid = $1 AND NOT setup_complete'
            USING written.source;
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.write_koku_manifest(@extschema@.koku_manifest) IS
'Writes a manifest into the bookkeeping of Koku''s API: completed when its days are summarized. Nothing for a source '
'that the API does not know.';

CREATE FUNCTION koku_internal.mirror_manifest() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.write_koku_manifest(NEW);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION koku_internal.mirror_manifest() IS
'Row trigger of koku_manifest where Koku''s API works: keeps its table of manifests.';

CREATE FUNCTION koku_internal.forget_koku_manifest() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE
        'DELETE FROM public.reporting_common_costusagereportstatus AS file'
        ' USING public.reporting_common_costusagereportmanifest AS manifest'
        ' WHERE file.manifest_id = manifest.id AND manifest.provider_id = $1 AND manifest.assembly_id = $2'
    USING OLD.source, OLD.manifest_uuid::text;
    EXECUTE
        'DELETE FROM public.reporting_common_costusagereportmanifest'
        ' WHERE provider_id = $1 AND assembly_id = $2'
    USING OLD.source, OLD.manifest_uuid::text;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION koku_internal.forget_koku_manifest() IS
'Row trigger of koku_manifest where Koku''s API works: a manifest that the retention removes goes from its table, too.';

CREATE FUNCTION koku_internal.mirror_report_file() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The status of a file there: 1 done, 2 failed, 3 waiting; 4 is the step of processing.
    EXECUTE
        'INSERT INTO public.reporting_common_costusagereportstatus AS known'
        '    (manifest_id, report_name, completed_datetime, started_datetime, status, failed_status)'
        ' SELECT manifest.id, left($1.file, 128), $1.completed_at, $1.completed_at,'
        '    CASE $1.status WHEN ''done'' THEN 1 WHEN ''waiting'' THEN 3 ELSE 2 END,'
        '    CASE $1.status WHEN ''unknown type'' THEN 4 END'
        ' FROM @extschema@.koku_manifest AS own'
        ' JOIN public.reporting_common_costusagereportmanifest AS manifest'
        '    ON manifest.provider_id = own.source AND manifest.assembly_id = own.manifest_uuid::text'
        ' WHERE own.manifest_id = $1.manifest_id'
        ' ON CONFLICT (manifest_id, report_name) DO UPDATE SET completed_datetime = excluded.completed_datetime,'
        '    started_datetime = excluded.started_datetime, '
        'status = excluded.status, failed_status = excluded.failed_status'
    USING NEW;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION koku_internal.mirror_report_file() IS
'Row trigger of koku_report_file where Koku''s API works: keeps its table of file states.';

CREATE FUNCTION koku_internal.has_koku_bookkeeping() RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
-- Where they are not, views of these names show ours.
SELECT count(relation) = 2
FROM unnest(ARRAY['reporting_common_costusagereportmanifest',
                  'reporting_common_costusagereportstatus']) AS wanted (name)
JOIN pg_class AS relation ON relation.oid = to_regclass('public.' || wanted.name) AND relation.relkind IN ('r', 'p');
$$;
COMMENT ON FUNCTION koku_internal.has_koku_bookkeeping() IS
'Whether the tables in which Koku''s API looks for deliveries are in this database.';

CREATE FUNCTION koku_internal.mirror_bookkeeping() RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT koku_internal.has_koku_bookkeeping() OR NOT koku_internal.has_koku_tables()
       OR EXISTS (SELECT FROM pg_trigger
                  WHERE tgrelid = '@extschema@.koku_manifest'::regclass AND tgname = 'koku_mirror_manifest') THEN
        RETURN false;
    END IF;
    CREATE TRIGGER koku_mirror_manifest AFTER INSERT OR UPDATE OF completed_at, summarized_at, file_count
        ON @extschema@.koku_manifest FOR EACH ROW EXECUTE FUNCTION koku_internal.mirror_manifest();
    CREATE TRIGGER koku_forget_manifest AFTER DELETE
        ON @extschema@.koku_manifest FOR EACH ROW EXECUTE FUNCTION koku_internal.forget_koku_manifest();
    CREATE TRIGGER koku_mirror_report_file AFTER INSERT OR UPDATE OF status, completed_at
        ON @extschema@.koku_report_file FOR EACH ROW EXECUTE FUNCTION koku_internal.mirror_report_file();
    RETURN true;
END;
$$;
COMMENT ON FUNCTION koku_internal.mirror_bookkeeping() IS
'Has what is ingested written into the bookkeeping tables of Koku''s API from now on, where they '
'are in this database; true when that is new.';

CREATE FUNCTION koku_internal.mark_koku_source_updated(source uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF koku_internal.has_koku_tables() THEN
        EXECUTE 'UPDATE public.api_provider SET data_updated_timestamp = now() WHERE uuid = $1' USING source;
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.mark_koku_source_updated(uuid) IS
'Tells Koku''s API, where it works in this database, that the numbers of a source have changed.';
