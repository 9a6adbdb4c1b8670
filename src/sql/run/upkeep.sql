-- What CALL koku_run() does for the upkeep of the tables, in small transactions: partitions of this month and the next,
-- deletion of sources in batches, retention. Each of these steps has subjects (tenants, sources), each subject pieces
-- of work. A piece that fails is left for the next call; the others go on, save those of the deletion of the same
-- source, and the one that notes that all is done. No piece waits long for a lock, since whoever comes for the table
-- after it waits behind it.

CREATE FUNCTION koku_internal.needs_retention(tenant name, as_of date) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    first_kept_day date := koku_internal.first_kept_day(koku_internal.retention_months(tenant), as_of);
BEGIN
    RETURN EXISTS (SELECT FROM koku_internal.expired_partitions(tenant, first_kept_day))
        OR EXISTS (SELECT FROM koku_internal.needless_partitions(tenant, as_of))
        OR EXISTS (SELECT FROM koku_internal.raw_pieces(tenant, as_of));
EXCEPTION WHEN OTHERS THEN
    -- Its pieces of work will say what is the matter.
    RETURN true;
END;
$$;
COMMENT ON FUNCTION koku_internal.needs_retention(name, date) IS
'Whether a tenant has partitions or raw rows that the retention removes as of a day, or cannot tell.';

CREATE FUNCTION koku_internal.collect_marks() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
WITH collected AS (
    DELETE FROM koku_internal.tenant_mark AS mark
    WHERE mark.id IN (SELECT marked.id FROM koku_internal.tenant_mark AS marked FOR UPDATE SKIP LOCKED)
    RETURNING mark.tenant
)
INSERT INTO koku_internal.tenant_upkeep AS upkeep (tenant, marks)
SELECT DISTINCT collected.tenant, 1 FROM collected JOIN @extschema@.koku_tenant AS known USING (tenant)
ON CONFLICT (tenant) DO UPDATE
SET marks = upkeep.marks + 1, partitions_until = NULL, retention_checked_at = NULL, looked_at = NULL;
$$;
COMMENT ON FUNCTION koku_internal.collect_marks() IS
'Forgets what was known of tenants whose partitions were changed.';

CREATE FUNCTION koku_internal.marks_of(tenant name) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce((SELECT upkeep.marks FROM koku_internal.tenant_upkeep AS upkeep WHERE upkeep.tenant = $1), 0);
$$;
COMMENT ON FUNCTION koku_internal.marks_of(name) IS
'How often the partitions of a tenant were found changed: what was learned before another number is no longer known.';

CREATE FUNCTION koku_internal.upkeep_subjects(step text, as_of date) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    RETURN CASE step
        WHEN 'partitions' THEN ARRAY(
            SELECT known.tenant::text FROM @extschema@.koku_tenant AS known
            LEFT JOIN koku_internal.tenant_upkeep AS upkeep USING (tenant)
            WHERE upkeep.partitions_until IS NULL
               OR upkeep.partitions_until < koku_internal.first_needless_month(as_of)
            ORDER BY upkeep.partitions_until NULLS FIRST, known.tenant)
        WHEN 'deletion' THEN ARRAY(
            SELECT deletion.source::text FROM @extschema@.koku_source_deletion AS deletion
            ORDER BY deletion.requested_at, deletion.source)
        WHEN 'retention' THEN ARRAY(
            SELECT known.tenant::text FROM @extschema@.koku_tenant AS known
            LEFT JOIN @extschema@.koku_purge AS done USING (tenant)
            LEFT JOIN koku_internal.tenant_upkeep AS upkeep USING (tenant),
                LATERAL (SELECT koku_internal.first_kept_day(koku_internal.retention_months(known.tenant), as_of),
                             koku_internal.first_kept_raw_day(koku_internal.raw_retention_days(known.tenant), as_of))
                    AS kept (first_day, first_raw_day)
            WHERE upkeep.retention_checked_at IS NULL
               -- The latest payload that is taken can have rows of the day before the first that is kept.
               OR kept.first_day IS NOT NULL AND kept.first_day IS DISTINCT FROM done.purged_before
               OR kept.first_raw_day IS NOT NULL AND kept.first_raw_day IS DISTINCT FROM upkeep.raw_removed_before
            ORDER BY done.finished_at NULLS FIRST, known.tenant)
    END;
END;
$$;
COMMENT ON FUNCTION koku_internal.upkeep_subjects(text, date) IS
'The tenants (partitions, retention) or sources (deletion) that a step of the upkeep has work on as of a day, those '
'that wait longest first; {} for none. Looks at none of their tables.';

CREATE FUNCTION koku_internal.partition_pieces(tenant name, as_of date) RETURNS SETOF text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
(SELECT ARRAY['make partition', lacking.table_name::text, to_char(month, 'YYYY-MM-DD')]
 FROM generate_series(0, 1) AS ahead,
     LATERAL (SELECT (date_trunc('month', $2::timestamp) + make_interval(months => ahead))::date) AS chosen (month),
     LATERAL koku_internal.tables_without_partition($1, chosen.month) AS lacking (table_name)
 JOIN @extschema@.koku_catalogue_table AS catalogue ON catalogue.table_name = lacking.table_name::text
 ORDER BY chosen.month, catalogue.position)
UNION ALL
SELECT ARRAY['note partitions', to_char(koku_internal.first_needless_month($2), 'YYYY-MM-DD'),
             koku_internal.marks_of($1)::text];
$$;
COMMENT ON FUNCTION koku_internal.partition_pieces(name, date) IS
'Pieces that make the partitions which a tenant lacks for the month of a day and the next; at last it is noted that '
'they are there.';

CREATE FUNCTION koku_internal.deletion_pieces(source uuid) RETURNS SETOF text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
-- Rows before those that they refer to.
(SELECT ARRAY['delete rows', format('%I.%I', namespace.nspname, part.relname), found.condition]
 FROM @extschema@.koku_source AS known,
     LATERAL koku_internal.rows_of_source(known.tenant, false) AS found
 JOIN LATERAL koku_internal.partitions(known.tenant) AS attached ON attached.table_name = found.table_name
 JOIN pg_class AS part ON part.oid = attached.partition
 JOIN pg_namespace AS namespace ON namespace.oid = part.relnamespace
 WHERE known.source = $1
 ORDER BY found.position DESC, part.relname, found.condition)
UNION ALL
SELECT ARRAY['delete the source'];
$$;
COMMENT ON FUNCTION koku_internal.deletion_pieces(uuid) IS
'Pieces that delete a source: its rows in each partition; at last what is not partitioned, and the source.';

CREATE FUNCTION koku_internal.purge_pieces(tenant name, as_of date) RETURNS SETOF text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
WITH retention AS (
    SELECT koku_internal.first_kept_day(koku_internal.retention_months($1), $2) AS first_kept_day
)
SELECT ARRAY['drop partition', expired.partition_name::text, expired.schema_name::text]
FROM retention, LATERAL koku_internal.expired_partitions($1, retention.first_kept_day) AS expired
UNION ALL
SELECT ARRAY['drop empty partition', needless.partition_name::text, needless.schema_name::text]
FROM koku_internal.needless_partitions($1, $2) AS needless
UNION ALL
SELECT piece.work
FROM retention, LATERAL (
    SELECT ARRAY['delete days', leftover.relation, leftover.partition_column,
                 to_char(retention.first_kept_day, 'YYYY-MM-DD')] AS work
    FROM koku_internal.leftover_partitions($1, retention.first_kept_day) AS leftover
    UNION ALL
    SELECT ARRAY['purge source', source::text, to_char(retention.first_kept_day, 'YYYY-MM-DD')]
    FROM unnest(koku_internal.sources_with_rows($1)) AS source
    UNION ALL
    SELECT ARRAY[work, to_char(retention.first_kept_day, 'YYYY-MM-DD')]
    FROM unnest(ARRAY['clean tags', 'note purge']) AS work
) AS piece
WHERE retention.first_kept_day IS NOT NULL
UNION ALL
SELECT * FROM koku_internal.raw_pieces($1, $2)
UNION ALL
SELECT ARRAY['note retention', koku_internal.marks_of($1)::text, to_char($2, 'YYYY-MM-DD')];
$$;
COMMENT ON FUNCTION koku_internal.purge_pieces(name, date) IS
'Pieces that remove what is past the retention of a tenant as of a day, and its empty partitions of months that are '
'far ahead; at last it is noted that this is done.';

CREATE FUNCTION koku_internal.upkeep_pieces(step text, subject text, as_of date) RETURNS jsonb[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
-- Queries of catalogues, whose rows the planner takes for many, are not worth compiling.
SET jit = off
AS $$
BEGIN
    IF step IN ('partitions', 'retention') THEN
        PERFORM koku_internal.require_schema(subject::name);
    END IF;
    RETURN CASE step
        WHEN 'partitions' THEN ARRAY(
            SELECT to_jsonb(piece) FROM koku_internal.partition_pieces(subject::name, as_of) AS piece)
        WHEN 'deletion' THEN ARRAY(
            SELECT to_jsonb(piece) FROM koku_internal.deletion_pieces(subject::uuid) AS piece)
        WHEN 'retention' THEN ARRAY(
            SELECT to_jsonb(piece) FROM koku_internal.purge_pieces(subject::name, as_of) AS piece)
    END;
END;
$$;
COMMENT ON FUNCTION koku_internal.upkeep_pieces(text, text, date) IS
'The pieces of work of a subject in their order, each an array: what to do, and with what.';

CREATE FUNCTION koku_internal.note_upkeep(
    tenant name, marks bigint, partitions_until date, retention_checked_at timestamptz, raw_removed_before date)
    RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO koku_internal.tenant_upkeep AS known (tenant, marks, partitions_until, retention_checked_at,
                                                    raw_removed_before)
SELECT $1, $2, $3, $4, $5 WHERE EXISTS (SELECT FROM @extschema@.koku_tenant AS listed WHERE listed.tenant = $1)
ON CONFLICT (tenant) DO UPDATE
SET partitions_until = coalesce(excluded.partitions_until, known.partitions_until),
    retention_checked_at = coalesce(excluded.retention_checked_at, known.retention_checked_at),
    raw_removed_before = coalesce(excluded.raw_removed_before, known.raw_removed_before)
WHERE known.marks = excluded.marks;
$$;
COMMENT ON FUNCTION koku_internal.note_upkeep(name, bigint, date, timestamptz, date) IS
'Notes what was learned of a tenant while it had this number of marks; NULL: nothing of it. Nothing when there was '
'another mark meanwhile.';

CREATE FUNCTION koku_internal.do_upkeep(subject text, piece jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    CASE piece->>0
        WHEN 'make partition' THEN
            PERFORM koku_internal.ensure_partition(subject::name, (piece->>1)::name, (piece->>2)::date);
        WHEN 'note partitions' THEN
            PERFORM koku_internal.note_upkeep(subject::name, (piece->>2)::bigint, (piece->>1)::date, NULL, NULL);
        WHEN 'note retention' THEN
            -- Raw rows that wait for their summary are looked at again.
            PERFORM koku_internal.note_upkeep(subject::name, (piece->>1)::bigint, NULL, clock_timestamp(),
                CASE WHEN NOT EXISTS (SELECT FROM koku_internal.raw_pieces(subject::name, (piece->>2)::date))
                THEN koku_internal.first_kept_raw_day(koku_internal.raw_retention_days(subject::name),
                                                      (piece->>2)::date) END);
        WHEN 'drop raw partition' THEN
            PERFORM koku_internal.drop_raw_partition(
                subject::name, (piece->>2)::name, (piece->>1)::name, (piece->>3)::date, (piece->>4)::date);
        WHEN 'delete raw rows' THEN
            PERFORM koku_internal.delete_raw_rows(piece->>1, subject::name, (piece->>2)::uuid, (piece->>3)::date);
        WHEN 'delete rows' THEN
            PERFORM koku_internal.require_free_source(subject::uuid);
            -- Another run may have done it.
            IF EXISTS (SELECT FROM @extschema@.koku_source_deletion AS deletion WHERE deletion.source = subject::uuid)
                THEN
                PERFORM koku_internal.lock_known_source(subject::uuid);
                PERFORM koku_internal.remove_rows(piece->>1, piece->>2, 'NULL::date', subject::uuid, NULL, false);
            END IF;
        WHEN 'delete the source' THEN
            PERFORM koku_internal.require_free_source(subject::uuid);
            IF EXISTS (SELECT FROM @extschema@.koku_source_deletion AS deletion WHERE deletion.source = subject::uuid)
                THEN
                PERFORM @extschema@.koku_delete_source(subject::uuid, false);
            END IF;
        WHEN 'drop partition' THEN
            PERFORM koku_internal.drop_partition(subject::name, (piece->>2)::name, (piece->>1)::name);
        WHEN 'drop empty partition' THEN
            PERFORM koku_internal.drop_empty_partition(subject::name, (piece->>2)::name, (piece->>1)::name);
        WHEN 'delete days' THEN
            PERFORM koku_internal.purge_leftovers(piece->>1, piece->>2, (piece->>3)::date, false);
        WHEN 'purge source' THEN
            PERFORM koku_internal.require_free_source((piece->>1)::uuid);
            PERFORM koku_internal.remove_expired_rows(
                subject::name, (piece->>1)::uuid, (piece->>2)::date, false);
        WHEN 'clean tags' THEN
            PERFORM koku_internal.clean_tag_values(subject::name, (piece->>1)::date, false);
            PERFORM koku_internal.clean_tag_keys(subject::name, (piece->>1)::date, false);
        WHEN 'note purge' THEN
            INSERT INTO @extschema@.koku_purge AS done (tenant, purged_before, finished_at)
            VALUES (subject::name, (piece->>1)::date, now())
            ON CONFLICT (tenant) DO UPDATE SET purged_before = excluded.purged_before,
                finished_at = excluded.finished_at;
    END CASE;
END;
$$;
COMMENT ON FUNCTION koku_internal.do_upkeep(text, jsonb) IS
'Does a piece of koku_internal.upkeep_pieces().';

CREATE FUNCTION koku_internal.try_upkeep(
    step text, subject text, piece jsonb, deadline timestamptz, subject_went_well boolean) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
AS $$
DECLARE
    work text := concat_ws(', ', subject, piece->>0, piece->>1);
BEGIN
    -- A source that is in use is so for each of its tables.
    IF clock_timestamp() >= deadline
       OR NOT subject_went_well AND (step = 'deletion' OR starts_with(piece->>0, 'note '))
       -- Another run has come in between and goes on with it.
       OR NOT koku_internal.lock_name('upkeep', subject, false, false)
    THEN
        RETURN false;
    END IF;
    PERFORM koku_internal.do_upkeep(subject, piece);
    -- What fails at commit would end the procedure.
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN subject_went_well;
EXCEPTION WHEN OTHERS THEN
    -- Somebody stores rows in the table: the next run makes the partition. koku_health() tells of months without one.
    IF SQLSTATE = '55P03' AND piece->>0 = 'make partition' THEN
        RETURN false;
    END IF;
    PERFORM koku_internal.note_step(step, concat_ws(' ', work || ':', SQLSTATE, SQLERRM));
    RAISE WARNING 'koku_run: % failed at %: %', step, work, SQLERRM
        USING HINT = 'The other steps continue, and the next call tries this one again. See koku_health().';
    RETURN false;
END;
$$;
COMMENT ON FUNCTION koku_internal.try_upkeep(text, text, jsonb, timestamptz, boolean) IS
'Does a piece of the upkeep, unless the deadline is over; a failure is recorded and warned of, not raised; '
'a partition whose table is in use is left to the next run. subject_went_well: whether all pieces of the subject '
'before it did; returns whether they do so far.';

CREATE FUNCTION koku_internal.try_upkeep_pieces(step text, subject text,
                                                as_of date, OUT pieces jsonb[], OUT went_well boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
AS $$
DECLARE
    hint text;
BEGIN
    pieces := '{}';
    went_well := true;
    -- What another run works on is left to it.
    IF koku_internal.lock_name('upkeep', subject, false, false) THEN
        pieces := koku_internal.upkeep_pieces(step, subject, as_of);
    END IF;
EXCEPTION
    WHEN lock_not_available THEN
        -- Tables that are in use are looked at by the next run. koku_health() tells of what is past the retention.
        pieces := '{}';
        went_well := false;
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
        PERFORM koku_internal.note_step(step, concat_ws(' ', subject || ':', SQLSTATE, SQLERRM));
        RAISE WARNING 'koku_run: % failed at %: %', step, subject, SQLERRM
            USING HINT = coalesce(nullif(hint, ''),
                                  'The others continue, and the next call tries this one again. See koku_health().');
        pieces := '{}';
        went_well := false;
END;
$$;
COMMENT ON FUNCTION koku_internal.try_upkeep_pieces(text, text, date) IS
'koku_internal.upkeep_pieces(), none while another run works on the subject or its tables are in use; another failure '
'to list them is recorded and warned of, not raised.';

CREATE FUNCTION koku_internal.upkeep_time() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT interval '10 seconds';
$$;
COMMENT ON FUNCTION koku_internal.upkeep_time() IS
'How long a run goes on to begin with tenants in a step of the upkeep: payloads wait no longer than that for the '
'partitions of a new month of many tenants, which are made over several runs.';

CREATE FUNCTION koku_internal.upkeep_goes_on(step text, began timestamptz) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT step = 'deletion' OR clock_timestamp() < began + koku_internal.upkeep_time();
$$;
COMMENT ON FUNCTION koku_internal.upkeep_goes_on(text, timestamptz) IS
'Whether a step of the upkeep begins with another subject; the deletion of sources goes on until it is done.';

CREATE FUNCTION koku_internal.begin_upkeep(step text, as_of date) RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.collect_marks();
    RETURN koku_internal.upkeep_subjects(step, as_of);
END;
$$;
COMMENT ON FUNCTION koku_internal.begin_upkeep(text, date) IS
'koku_internal.upkeep_subjects() with what has changed until now.';

CREATE FUNCTION koku_internal.end_upkeep(step text, deadline timestamptz, went_well boolean) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT koku_internal.note_step(step, NULL) WHERE went_well AND clock_timestamp() < deadline;
$$;
COMMENT ON FUNCTION koku_internal.end_upkeep(text, timestamptz, boolean) IS
'Records that a step of the upkeep succeeded, when it did and the deadline did not cut it off.';

-- A procedure that commits cannot pin its search_path: it names everything with its schema and does nothing itself.
CREATE PROCEDURE koku_internal.run_upkeep(step text, deadline timestamptz, as_of date DEFAULT NULL)
LANGUAGE plpgsql
AS $$
DECLARE
    day pg_catalog.date := coalesce(as_of, koku_internal.today());
    subject pg_catalog.text;
    pieces pg_catalog.jsonb[];
    piece pg_catalog.jsonb;
    subject_went_well pg_catalog.bool;
    went_well pg_catalog.bool := true;
    began pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    subjects pg_catalog.text[] := koku_internal.begin_upkeep(step, day);
BEGIN
    COMMIT AND CHAIN;
    FOREACH subject IN ARRAY subjects LOOP
        SELECT listed.pieces, listed.went_well INTO pieces, subject_went_well
        FROM koku_internal.try_upkeep_pieces(step, subject, day) AS listed;
        FOREACH piece IN ARRAY pieces LOOP
            subject_went_well := koku_internal.try_upkeep(step, subject, piece, deadline, subject_went_well);
            COMMIT AND CHAIN;
        END LOOP;
        COMMIT AND CHAIN;
        went_well := went_well AND subject_went_well;
        EXIT WHEN NOT koku_internal.upkeep_goes_on(step, began);
    END LOOP;
    PERFORM koku_internal.end_upkeep(step, deadline, went_well);
    COMMIT AND CHAIN;
END;
$$;
COMMENT ON PROCEDURE koku_internal.run_upkeep(text, timestamptz, date) IS
'Does a step of the upkeep (partitions, deletion or retention) as of a day (NULL: today, UTC), each piece in its own '
'transaction; nothing is begun after the deadline. Tenants that are left after koku_internal.upkeep_time() are for the '
'next run.';
