-- What CALL koku_run() does for the upkeep of the tables, in small transactions: partitions for the next month, deletion
-- of sources in batches, retention. A piece of work has a place in the order of all pieces; one that fails is left for
-- the next call, and the others go on. No piece waits long for a lock, since whoever comes for the table after it waits
-- behind it.

CREATE FUNCTION @extschema@.koku_internal_note_upkeep(step text, piece text[], error text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    work text := array_to_string(piece, ', ');
BEGIN
    PERFORM @extschema@.koku_internal_note_step(step, work || ': ' || error);
    IF error IS NOT NULL THEN
        RAISE WARNING 'koku_run: % failed at %: %', step, work, error
            USING HINT = 'The other steps go on; it is tried again by the next call.';
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_note_upkeep(text, text[], text) IS
'Records that a step of the upkeep went well (piece and error NULL) or failed at a piece, and warns of it.';

CREATE FUNCTION @extschema@.koku_internal_tables_without_partition(tenant name, month date) RETURNS SETOF name
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT catalogue.table_name::name FROM @extschema@.koku_catalogue_table AS catalogue WHERE catalogue.partition_column IS NOT NULL
EXCEPT
SELECT attached.table_name FROM @extschema@.koku_internal_partitions($1) AS attached
WHERE attached.first_day <= $2 AND attached.end_day > $2;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_tables_without_partition(name, date) IS
'Partitioned tables of a tenant whose rows of a day would go to the default partition.';

CREATE FUNCTION @extschema@.koku_internal_make_next_partition(
    deadline timestamptz, as_of date, INOUT place text[], INOUT failed boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
AS $$
DECLARE
    month date := (date_trunc('month', coalesce(as_of, @extschema@.koku_internal_today())::timestamp) + interval '1 month')::date;
    next_place text[];
BEGIN
    IF clock_timestamp() < deadline THEN
        SELECT min(ARRAY[known.tenant::text, lacking::text] COLLATE "C") INTO next_place
        FROM @extschema@.koku_tenant AS known,
            LATERAL @extschema@.koku_internal_tables_without_partition(known.tenant, month) AS lacking
        WHERE place IS NULL OR ARRAY[known.tenant::text, lacking::text] COLLATE "C" > place;
        IF next_place IS NULL AND NOT failed THEN
            PERFORM @extschema@.koku_internal_note_upkeep('partitions', NULL, NULL);
        END IF;
    END IF;
    place := next_place;
    IF place IS NOT NULL THEN
        PERFORM @extschema@.koku_internal_ensure_partition(place[1]::name, place[2]::name, month);
    END IF;
EXCEPTION WHEN OTHERS THEN
    place := next_place;
    failed := true;
    PERFORM @extschema@.koku_internal_note_upkeep('partitions', place, SQLSTATE || ' ' || SQLERRM);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_make_next_partition(timestamptz, date, text[], boolean) IS
'Makes the first partition that a table lacks for the month after as_of (NULL: today), behind place (tenant, table); returns its place, NULL when there is none or the deadline is over. failed: whether a piece of this call of koku_run() has failed.';

CREATE PROCEDURE @extschema@.koku_internal_run_partitions(deadline timestamptz, as_of date DEFAULT NULL)
LANGUAGE plpgsql
AS $$
DECLARE
    place text[];
    failed boolean := false;
BEGIN
    LOOP
        SELECT step.place, step.failed INTO place, failed
        FROM @extschema@.koku_internal_make_next_partition(deadline, as_of, place, failed) AS step;
        COMMIT;
        EXIT WHEN place IS NULL;
    END LOOP;
END;
$$;
COMMENT ON PROCEDURE @extschema@.koku_internal_run_partitions(timestamptz, date) IS
'Makes the partitions of all tenants for the month after as_of (NULL: today, UTC), each in its own transaction; nothing is begun after the deadline.';

CREATE FUNCTION @extschema@.koku_internal_delete_next_batch(
    deadline timestamptz, INOUT place text[], INOUT source_failed boolean, INOUT failed boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
AS $$
DECLARE
    next_place text[];
    owner @extschema@.koku_source;
    batch record;
BEGIN
    IF clock_timestamp() < deadline THEN
        SELECT min(ARRAY[deletion.source::text, piece.name] COLLATE "C") INTO next_place
        FROM @extschema@.koku_source_deletion AS deletion
        JOIN @extschema@.koku_source AS known USING (source),
            LATERAL (SELECT listed.place FROM @extschema@.koku_internal_deletion_batches(known.tenant) AS listed
                     UNION ALL SELECT 'the rest') AS piece (name)
        WHERE place IS NULL OR ARRAY[deletion.source::text, piece.name] COLLATE "C" > place;
        IF next_place IS NULL AND NOT failed THEN
            PERFORM @extschema@.koku_internal_note_upkeep('deletion', NULL, NULL);
        END IF;
    END IF;
    IF next_place[1] IS DISTINCT FROM place[1] THEN
        source_failed := false;
    END IF;
    place := next_place;
    IF place IS NULL THEN
        RETURN;
    END IF;

    owner := @extschema@.koku_internal_lock_known_source(place[1]::uuid);
    IF place[2] <> 'the rest' THEN
        SELECT * INTO batch FROM @extschema@.koku_internal_deletion_batches(owner.tenant) AS listed
        WHERE listed.place = koku_internal_delete_next_batch.place[2];
        PERFORM @extschema@.koku_internal_remove_rows(batch.relation, batch.condition, 'NULL::date', owner.source, NULL, false)
        WHERE batch.relation IS NOT NULL;
    ELSIF NOT source_failed THEN
        PERFORM @extschema@.koku_delete_source(owner.source);
    END IF;
    -- What fails at commit would end the procedure.
    SET CONSTRAINTS ALL IMMEDIATE;
EXCEPTION WHEN OTHERS THEN
    place := next_place;
    source_failed := true;
    failed := true;
    PERFORM @extschema@.koku_internal_note_upkeep('deletion', place, SQLSTATE || ' ' || SQLERRM);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_delete_next_batch(timestamptz, text[], boolean, boolean) IS
'Does the next piece, behind place (source, piece), of deleting the sources that koku_delete_source(in_batches => true) left: the rows in one partition, at last the rest and the source; returns its place, NULL when there is none or the deadline is over. source_failed, failed: whether a piece of the source, or any, has failed in this call of koku_run().';

CREATE PROCEDURE @extschema@.koku_internal_run_deletions(deadline timestamptz)
LANGUAGE plpgsql
AS $$
DECLARE
    place text[];
    source_failed boolean := false;
    failed boolean := false;
BEGIN
    LOOP
        SELECT step.place, step.source_failed, step.failed INTO place, source_failed, failed
        FROM @extschema@.koku_internal_delete_next_batch(deadline, place, source_failed, failed) AS step;
        COMMIT;
        EXIT WHEN place IS NULL;
    END LOOP;
END;
$$;
COMMENT ON PROCEDURE @extschema@.koku_internal_run_deletions(timestamptz) IS
'Deletes the sources that koku_delete_source(in_batches => true) left, each piece in its own transaction; nothing is begun after the deadline.';

CREATE FUNCTION @extschema@.koku_internal_purge_pieces(tenant name, first_kept_day date) RETURNS SETOF text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT ARRAY['1 partition', expired.schema_name::text, expired.partition_name::text]
FROM @extschema@.koku_internal_expired_partitions($1, $2) AS expired
UNION ALL
SELECT ARRAY['2 rows', leftover.relation, leftover.partition_column]
FROM @extschema@.koku_internal_leftover_partitions($1, $2) AS leftover
UNION ALL
SELECT ARRAY['3 source', source::text] FROM unnest(@extschema@.koku_internal_sources_with_rows($1)) AS source
UNION ALL VALUES (ARRAY['4 tags']), (ARRAY['5 done']);
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_purge_pieces(name, date) IS
'The pieces of work that remove what a tenant has from before first_kept_day; their text order is the order to do them in.';

CREATE FUNCTION @extschema@.koku_internal_next_purge_piece(as_of date, place text[]) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT min(ARRAY[due.tenant::text, to_char(due.first_kept_day, 'YYYY-MM-DD')] || piece COLLATE "C")
FROM (SELECT known.tenant, @extschema@.koku_internal_first_kept_day(
          @extschema@.koku_internal_retention_months(known.tenant), $1) AS first_kept_day
      FROM @extschema@.koku_tenant AS known) AS due
LEFT JOIN @extschema@.koku_purge AS done USING (tenant),
    LATERAL @extschema@.koku_internal_purge_pieces(due.tenant, due.first_kept_day) AS piece
WHERE due.first_kept_day IS NOT NULL AND due.first_kept_day IS DISTINCT FROM done.purged_before
  AND ($2 IS NULL OR ARRAY[due.tenant::text, to_char(due.first_kept_day, 'YYYY-MM-DD')] || piece COLLATE "C" > $2);
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_next_purge_piece(date, text[]) IS
'The first piece of the retention that is due on a day, behind place: tenant, first day that is kept, and the piece; NULL when there is none.';

CREATE FUNCTION @extschema@.koku_internal_purge_piece(place text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenant name := place[1];
    first_kept_day date := place[2];
BEGIN
    CASE place[3]
        WHEN '1 partition' THEN
            PERFORM @extschema@.koku_internal_drop_partition(tenant, place[4]::name, place[5]::name);
        WHEN '2 rows' THEN
            PERFORM @extschema@.koku_internal_purge_leftovers(place[4], place[5], first_kept_day, false);
        WHEN '3 source' THEN
            PERFORM @extschema@.koku_internal_lock_source(place[4]::uuid);
            PERFORM @extschema@.koku_internal_remove_expired_rows(tenant, place[4]::uuid, first_kept_day, false);
        WHEN '4 tags' THEN
            PERFORM @extschema@.koku_internal_clean_tag_values(tenant, first_kept_day, false);
            PERFORM @extschema@.koku_internal_clean_tag_keys(tenant, first_kept_day, false);
        WHEN '5 done' THEN
            INSERT INTO @extschema@.koku_purge AS done (tenant, purged_before, finished_at)
            VALUES (tenant, first_kept_day, now())
            ON CONFLICT ON CONSTRAINT koku_purge_pkey
            DO UPDATE SET purged_before = excluded.purged_before, finished_at = excluded.finished_at;
    END CASE;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_purge_piece(text[]) IS
'Does a piece of koku_internal_next_purge_piece().';

CREATE FUNCTION @extschema@.koku_internal_purge_next(
    deadline timestamptz, as_of date, INOUT place text[], INOUT tenant_failed boolean, INOUT failed boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
SET datestyle = 'ISO'
AS $$
DECLARE
    next_place text[];
BEGIN
    IF clock_timestamp() < deadline THEN
        next_place := @extschema@.koku_internal_next_purge_piece(as_of, place);
        IF next_place IS NULL AND NOT failed THEN
            PERFORM @extschema@.koku_internal_note_upkeep('retention', NULL, NULL);
        END IF;
    END IF;
    IF next_place[1] IS DISTINCT FROM place[1] THEN
        tenant_failed := false;
    END IF;
    place := next_place;
    IF place IS NOT NULL AND NOT (tenant_failed AND place[3] = '5 done') THEN
        PERFORM @extschema@.koku_internal_purge_piece(place);
        -- What fails at commit would end the procedure.
        SET CONSTRAINTS ALL IMMEDIATE;
    END IF;
EXCEPTION WHEN OTHERS THEN
    place := next_place;
    tenant_failed := true;
    failed := true;
    PERFORM @extschema@.koku_internal_note_upkeep('retention', place, SQLSTATE || ' ' || SQLERRM);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_purge_next(timestamptz, date, text[], boolean, boolean) IS
'Does the next piece of the retention as of a day, behind place; returns its place, NULL when there is none or the deadline is over. tenant_failed, failed: whether a piece of the tenant, or any, has failed in this call of koku_run(); a tenant is done when none has.';

CREATE PROCEDURE @extschema@.koku_internal_run_retention(deadline timestamptz, as_of date DEFAULT NULL)
LANGUAGE plpgsql
AS $$
DECLARE
    day date := coalesce(as_of, @extschema@.koku_internal_today());
    place text[];
    tenant_failed boolean := false;
    failed boolean := false;
BEGIN
    LOOP
        SELECT step.place, step.tenant_failed, step.failed INTO place, tenant_failed, failed
        FROM @extschema@.koku_internal_purge_next(deadline, day, place, tenant_failed, failed) AS step;
        COMMIT;
        EXIT WHEN place IS NULL;
    END LOOP;
END;
$$;
COMMENT ON PROCEDURE @extschema@.koku_internal_run_retention(timestamptz, date) IS
'Removes what is past the retention of the tenants as of a day (NULL: today, UTC), as koku_purge_expired() does, a partition, table or source at a time, each in its own transaction; nothing is begun after the deadline. A tenant that is done is left alone until its first kept day changes.';
