-- What the tables hold of a source, so that two states can be compared.
CREATE SCHEMA faults;

-- lines: what an ingest writes. summary: what a summary writes. Ids and times are left out.
CREATE FUNCTION faults.state(source uuid, OUT lines text, OUT summary text) LANGUAGE plpgsql AS $$
DECLARE
    listed record;
    figure text;
BEGIN
    FOR listed IN
        SELECT table_name, kind, source_column FROM koku_catalogue_table
        WHERE source_column IS NOT NULL AND kind NOT IN ('staging', 'provider') ORDER BY position
    LOOP
        EXECUTE format('SELECT %2$L || count(*) || %3$s FROM faults.%1$I AS line WHERE %4$I::text = $1::text', listed.table_name,
            listed.table_name || '=',
            CASE WHEN listed.kind IN ('raw', 'daily', 'node interval')
                 THEN $h$':' || coalesce(sum(hashtextextended((to_jsonb(line) - ARRAY['id', 'source', 'manifestid'])::text, 0)), 0)$h$
                 WHEN listed.kind = 'daily summary'
                 THEN $h$':' || coalesce(round(sum(pod_usage_cpu_core_hours) + sum(pod_request_memory_gigabyte_hours), 3), 0)$h$
                 ELSE $h$''$h$ END, listed.source_column)
        INTO figure USING source;
        IF listed.kind IN ('raw', 'daily', 'node interval', 'period') THEN
            lines := concat_ws(' ', lines, figure);
        ELSE
            summary := concat_ws(' ', summary, figure);
        END IF;
    END LOOP;
    SELECT lines || ' manifests=' || count(DISTINCT manifest_id) || ' files=' || count(file) FILTER (WHERE status = 'done')
    INTO lines
    FROM koku_manifest LEFT JOIN koku_report_file USING (manifest_id) WHERE koku_manifest.source = state.source;
END;
$$;
