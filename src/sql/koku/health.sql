-- The check of koku_health() that looks at Koku's API.

CREATE FUNCTION koku_internal.health_koku(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unknown text := (SELECT string_agg(format('%s of %s in %s', tasks, task, queue), ', ' ORDER BY queue, task)
                     FROM koku_internal.unknown_koku_tasks());
    unattached text := (
        SELECT string_agg(DISTINCT format('%I', known.tenant), ', ')
        FROM koku_internal.koku_tenants() AS known (tenant)
        -- As after a migration that made one of the tables.
        WHERE EXISTS (SELECT FROM koku_internal.unwatched_tables(known.tenant)));
    homeless text;
    moved text;
BEGIN
    SELECT string_agg(format('%s (%s)', listed.name, listed.source), ', ' ORDER BY listed.source)
            FILTER (WHERE coalesce(listed.cluster_id, '') = ''),
        string_agg(format('%s (%s)', listed.name, listed.source), ', ' ORDER BY listed.source)
            FILTER (WHERE listed.cluster_id <> known.cluster_id AND listed.cluster_id <> '')
    INTO homeless, moved
    FROM koku_internal.koku_sources(NULL) AS listed
    LEFT JOIN @extschema@.koku_source AS known ON known.source = listed.source;
    IF koku_internal.has_koku_bookkeeping() AND NOT EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = '@extschema@.koku_manifest'::regclass
            AND tgname = 'koku_mirror_manifest')
    THEN
        -- As after a restore, which leaves triggers of the extension's tables out.
        unattached := coalesce(unattached, (SELECT string_agg(format('%I', known.tenant), ', ')
                                            FROM koku_internal.koku_tenants() AS known (tenant)));
    END IF;
    status := CASE WHEN concat(unknown, unattached, homeless, moved) = '' THEN 'ok' ELSE 'warning' END;
    detail := CASE
        WHEN NOT koku_internal.has_koku_tables() THEN 'Koku''s API does not use this database'
        WHEN status = 'ok' THEN 'what Koku''s API changes is followed'
        ELSE concat_ws('; ', 'organizations that are not attached: ' || unattached,
                       'tasks that are not known: ' || unknown,
                       'sources without cluster_id: ' || homeless,
                       'sources with rows that have another cluster_id now: ' || moved) END;
    what_to_do := CASE WHEN unattached IS NOT NULL THEN 'Call koku_attach() for the organizations.'
                       WHEN unknown IS NOT NULL
                           THEN 'Delete the tasks, or run a worker of Koku for them: koku_run() leaves them.'
                       WHEN homeless IS NOT NULL THEN 'Give the sources their cluster in Koku''s settings.'
                       WHEN moved IS NOT NULL THEN 'Give them back the cluster_id that they had, and add a source '
                                                   'for the other cluster.' END;
END;
$$;
COMMENT ON FUNCTION koku_internal.health_koku() IS
'Whether the organizations of Koku''s API that are tenants are attached, and all that it queues is known.';
