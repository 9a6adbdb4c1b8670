-- One attempt at a payload of the inbox. It is counted and committed before the payload is touched, so that a payload
-- that ends the session, or the server, is not tried forever.

CREATE FUNCTION koku_internal.read_manifest(payload bytea, OUT manifest_uuid uuid, OUT cluster_id text)
LANGUAGE c STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_internal_read_manifest';
COMMENT ON FUNCTION koku_internal.read_manifest(bytea) IS
'The manifest uuid and the cluster id in a payload, read front to back; NULL for NULL. Errors: 22P02 archive or manifest, 54000 over a limit.';

CREATE FUNCTION koku_internal.inbox_max_attempts() RETURNS integer
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce(nullif(current_setting('koku_onprem.inbox_max_attempts', true), '')::integer, 5);
$$;
COMMENT ON FUNCTION koku_internal.inbox_max_attempts() IS
'The setting koku_onprem.inbox_max_attempts; 5 before the library is loaded.';

CREATE FUNCTION koku_internal.inbox_pause(attempts integer) RETURNS interval
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT least(
    make_interval(secs => coalesce(nullif(current_setting('koku_onprem.inbox_retry_seconds', true), '')::integer, 60)
        * 2 ^ least(attempts - 1, 20)),
    interval '1 day');
$$;
COMMENT ON FUNCTION koku_internal.inbox_pause(integer) IS
'The pause after this many attempts: koku_onprem.inbox_retry_seconds (60 before the library is loaded), doubled with each further attempt, at most a day.';

CREATE FUNCTION koku_internal.has_open_source(cluster_id text, tenant name) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT count(*) = 1 AND NOT coalesce(bool_or(known.paused), false)
FROM @extschema@.koku_source AS known
WHERE known.cluster_id = $1 AND ($2 IS NULL OR known.tenant = $2);
$$;
COMMENT ON FUNCTION koku_internal.has_open_source(text, name) IS
'Whether a payload of the cluster has a source to go to: one, in this tenant (NULL: in all of them), and not paused.';

CREATE FUNCTION koku_internal.release_held_payloads() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
UPDATE @extschema@.koku_inbox AS inbox
SET status = 'waiting', next_attempt_at = now()
FROM (SELECT held.id FROM @extschema@.koku_inbox AS held
      WHERE held.status = 'held' AND koku_internal.has_open_source(held.cluster_id, held.tenant)
      FOR UPDATE SKIP LOCKED) AS released
WHERE inbox.id = released.id;
$$;
COMMENT ON FUNCTION koku_internal.release_held_payloads() IS
'Lets payloads be tried whose cluster was registered or resumed since they were held.';

CREATE FUNCTION koku_internal.begin_attempt(deadline timestamptz, OUT id bigint, OUT attempt integer)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    due_at timestamptz := clock_timestamp();
    due record;
    cut_off boolean;
    used_up boolean;
BEGIN
    WHILE id IS NULL AND clock_timestamp() < deadline LOOP
        SELECT inbox.id, inbox.status, inbox.attempts INTO due FROM @extschema@.koku_inbox AS inbox
        WHERE inbox.status IN ('waiting', 'started', 'failed') AND inbox.next_attempt_at <= due_at
        ORDER BY inbox.next_attempt_at, inbox.id
        LIMIT 1
        FOR UPDATE SKIP LOCKED;
        EXIT WHEN NOT FOUND;

        -- Nobody holds its row, so that attempt runs no more.
        cut_off := due.status = 'started';
        used_up := due.attempts >= koku_internal.inbox_max_attempts();
        UPDATE @extschema@.koku_inbox AS inbox
        SET status = CASE WHEN used_up THEN 'parked' ELSE 'started' END,
            attempts = CASE WHEN used_up THEN inbox.attempts ELSE inbox.attempts + 1 END,
            started_at = CASE WHEN used_up THEN inbox.started_at ELSE clock_timestamp() END,
            next_attempt_at = clock_timestamp() + koku_internal.inbox_pause(due.attempts + 1),
            error_sqlstate = CASE WHEN NOT cut_off THEN inbox.error_sqlstate END,
            error_message = CASE WHEN cut_off THEN 'attempt did not end' ELSE inbox.error_message END,
            error_detail = CASE WHEN cut_off THEN 'The session was cancelled or lost while the payload was taken in.'
                                ELSE inbox.error_detail END,
            error_hint = CASE WHEN cut_off THEN 'Look into the server''s log at the time of the attempt.'
                              ELSE inbox.error_hint END
        WHERE inbox.id = due.id;
        IF NOT used_up THEN
            id := due.id;
            attempt := due.attempts + 1;
        END IF;
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    id := NULL;
    PERFORM koku_internal.note_step('inbox', SQLSTATE || ' ' || SQLERRM);
END;
$$;
COMMENT ON FUNCTION koku_internal.begin_attempt(timestamptz) IS
'Counts an attempt at the payload that is due longest and that nobody else works on; NULL when there is none or the deadline is over. The caller commits before it takes the payload in; until then others are kept off by the pause before the next attempt. A payload whose attempts are used up is parked.';

CREATE FUNCTION koku_internal.source_of_payload(id bigint, INOUT manifest_uuid uuid, OUT cluster_id text, OUT source uuid)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_sources uuid[];
BEGIN
    SELECT array_agg(manifest.source), min(manifest.cluster_id) INTO found_sources, cluster_id
    FROM @extschema@.koku_inbox AS inbox, @extschema@.koku_manifest AS manifest
    JOIN @extschema@.koku_source AS known USING (source)
    WHERE inbox.id = source_of_payload.id AND manifest.manifest_uuid = source_of_payload.manifest_uuid
      AND (inbox.tenant IS NULL OR inbox.tenant = known.tenant);
    IF cardinality(found_sources) = 1 THEN
        source := found_sources[1];
        RETURN;
    END IF;
    -- A manifest without files gives no result, and nothing keeps two clusters from using one uuid.
    SELECT named.manifest_uuid, named.cluster_id, known.source INTO STRICT manifest_uuid, cluster_id, source
    FROM @extschema@.koku_inbox AS inbox, koku_internal.read_manifest(inbox.payload) AS named
    JOIN @extschema@.koku_source AS known ON known.cluster_id = named.cluster_id
    WHERE inbox.id = source_of_payload.id AND (inbox.tenant IS NULL OR inbox.tenant = known.tenant);
END;
$$;
COMMENT ON FUNCTION koku_internal.source_of_payload(bigint, uuid) IS
'The manifest, cluster and source of a payload that was just taken in. manifest_uuid: as its results say, NULL when there were none.';

CREATE FUNCTION koku_internal.take_payload(id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    manifest uuid;
BEGIN
    SELECT min(result.manifest::text)::uuid INTO manifest
    FROM @extschema@.koku_inbox AS inbox, @extschema@.koku_ingest_payload(inbox.payload, inbox.tenant, false, false) AS result
    WHERE inbox.id = take_payload.id;

    UPDATE @extschema@.koku_inbox AS inbox
    SET status = 'done', finished_at = clock_timestamp(),
        manifest_uuid = owner.manifest_uuid, cluster_id = owner.cluster_id, source = owner.source,
        error_sqlstate = NULL, error_message = NULL, error_detail = NULL, error_hint = NULL
    FROM koku_internal.source_of_payload(take_payload.id, manifest) AS owner
    WHERE inbox.id = take_payload.id;
END;
$$;
COMMENT ON FUNCTION koku_internal.take_payload(bigint) IS
'Takes a payload of the inbox in and marks it done. Raises what koku_ingest_payload() raises.';

CREATE FUNCTION koku_internal.try_read_manifest(id bigint, OUT manifest_uuid uuid, OUT cluster_id text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT named.* INTO manifest_uuid, cluster_id
    FROM @extschema@.koku_inbox AS inbox, koku_internal.read_manifest(inbox.payload) AS named
    WHERE inbox.id = try_read_manifest.id;
EXCEPTION WHEN OTHERS THEN
    manifest_uuid := NULL;
    cluster_id := NULL;
END;
$$;
COMMENT ON FUNCTION koku_internal.try_read_manifest(bigint) IS
'What the manifest of a payload in the inbox says; NULL when it cannot be read.';

CREATE FUNCTION koku_internal.note_failed_attempt(
    id bigint, error_sqlstate text, error_message text, error_detail text, error_hint text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    named record;
    -- Other bytes are needed (archive, manifest, report) or another setting (limits, retention), not another attempt.
    hopeless boolean := error_sqlstate IN ('22P02', '22P04', '22008', '54000');
    held boolean;
BEGIN
    SELECT * INTO named FROM koku_internal.try_read_manifest(id);
    UPDATE @extschema@.koku_inbox AS inbox
    SET status = judged.status,
        attempts = inbox.attempts - CASE judged.status WHEN 'held' THEN 1 ELSE 0 END,
        -- A deadlock or conflict of transactions is over with the attempt.
        next_attempt_at = clock_timestamp()
            + CASE WHEN note_failed_attempt.error_sqlstate LIKE '40%' THEN interval '0'
              ELSE koku_internal.inbox_pause(inbox.attempts) END,
        manifest_uuid = named.manifest_uuid, cluster_id = named.cluster_id,
        error_sqlstate = note_failed_attempt.error_sqlstate,
        error_message = note_failed_attempt.error_message,
        error_detail = nullif(note_failed_attempt.error_detail, ''),
        error_hint = CASE judged.status
            WHEN 'held' THEN 'It is taken by itself as soon as its cluster has one source that is not paused.'
            ELSE nullif(note_failed_attempt.error_hint, '') END
    FROM (SELECT waiting.id, CASE
              WHEN NOT koku_internal.has_open_source(named.cluster_id, waiting.tenant) AND named.cluster_id IS NOT NULL THEN 'held'
              WHEN hopeless OR waiting.attempts >= koku_internal.inbox_max_attempts() THEN 'parked'
              ELSE 'failed' END AS status
          FROM @extschema@.koku_inbox AS waiting
          WHERE waiting.id = note_failed_attempt.id) AS judged
    WHERE inbox.id = judged.id;
END;
$$;
COMMENT ON FUNCTION koku_internal.note_failed_attempt(bigint, text, text, text, text) IS
'Keeps the error of an attempt and decides what follows: held when the cluster has no source to go to (the attempt is then not counted), parked when no attempt is left or none can help, else tried again after a pause (none after a deadlock).';

CREATE FUNCTION koku_internal.run_attempt(id bigint, attempt integer) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    message text;
    detail text;
    hint text;
BEGIN
    -- An administrator, or another scheduler after the pause, may have come in between. A scheduler that looks for work with
    -- a snapshot from before the attempt began locks the row for a moment: it is waited for.
    PERFORM FROM @extschema@.koku_inbox AS inbox
    WHERE inbox.id = run_attempt.id AND inbox.status = 'started'
      AND inbox.attempts = run_attempt.attempt
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    BEGIN
        PERFORM koku_internal.take_payload(id);
        -- What fails at commit would end koku_run().
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        PERFORM koku_internal.note_failed_attempt(id, SQLSTATE, message, detail, hint);
        RAISE WARNING 'payload % of the inbox was not taken: %', id, message
            USING ERRCODE = SQLSTATE, HINT = 'It is kept. See koku_inbox_status.';
    END;
END;
$$;
COMMENT ON FUNCTION koku_internal.run_attempt(bigint, integer) IS
'Takes a payload in whose attempt was counted and committed; a failure is kept with the payload. Does nothing when the payload has changed hands since.';
