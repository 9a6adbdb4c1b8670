-- One attempt at a payload of the inbox. It is counted and committed before the payload is touched, so that a payload
-- that ends the session, or the server, is not tried forever.

CREATE FUNCTION koku_internal.ingest_waiting_payload(payload bytea, tenant name, received date)
RETURNS SETOF @extschema@.koku_ingest_result
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
SET jit = off
AS 'MODULE_PATHNAME', 'koku_internal_ingest_waiting_payload';
COMMENT ON FUNCTION koku_internal.ingest_waiting_payload(bytea, name, date) IS
'koku_ingest_payload() for a payload that was received on a day (UTC) and is ingested now. Does not wait for a source: '
'55P03 when another transaction writes its rows. Other errors: those of koku_ingest_payload().';

CREATE FUNCTION koku_internal.latest_manifest(OUT manifest_uuid uuid, OUT cluster_id text)
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_internal_latest_manifest';
COMMENT ON FUNCTION koku_internal.latest_manifest() IS
'The manifest uuid and the cluster id of the payload that this session read last, whether or not it '
'was taken: so an attempt that failed need not read it again. NULL since '
'koku_internal.forget_manifest(), and when they could not be read.';

CREATE FUNCTION koku_internal.forget_manifest() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_internal_forget_manifest';
COMMENT ON FUNCTION koku_internal.forget_manifest() IS
'Forgets what koku_internal.latest_manifest() tells.';

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
'The pause after this many attempts: koku_onprem.inbox_retry_seconds (60 before the library is loaded), doubled with '
'each further attempt, at most a day.';

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

CREATE FUNCTION koku_internal.begin_attempt(
    deadline timestamptz, passed_over bigint[] DEFAULT '{}', OUT id bigint, OUT attempt integer)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
AS $$
DECLARE
    due_at timestamptz := clock_timestamp();
    turn text;
    due @extschema@.koku_inbox;
    cut_off boolean;
    used_up boolean;
BEGIN
    WHILE id IS NULL AND clock_timestamp() < deadline LOOP
        due.id := NULL;
        FOR turn IN
            SELECT waiting.tenant
            FROM (SELECT coalesce(inbox.tenant::text, '') AS tenant, min(inbox.next_attempt_at) AS since
                  FROM @extschema@.koku_inbox AS inbox
                  WHERE inbox.status IN ('waiting', 'started', 'failed') AND inbox.next_attempt_at <= due_at
                    AND inbox.id <> ALL (passed_over)
                  GROUP BY 1) AS waiting
            LEFT JOIN koku_internal.turn AS latest ON latest.work = 'inbox' AND latest.tenant = waiting.tenant
            ORDER BY latest.taken_at NULLS FIRST, waiting.since, waiting.tenant
        LOOP
            SELECT inbox.id, inbox.status, inbox.attempts INTO due.id, due.status, due.attempts
            FROM @extschema@.koku_inbox AS inbox
            WHERE inbox.status IN ('waiting', 'started', 'failed') AND inbox.next_attempt_at <= due_at
              AND inbox.id <> ALL (passed_over) AND coalesce(inbox.tenant::text, '') = turn
            ORDER BY inbox.next_attempt_at, inbox.id
            LIMIT 1
            FOR UPDATE SKIP LOCKED;
            EXIT WHEN FOUND;
        END LOOP;
        EXIT WHEN due.id IS NULL;

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
            error_detail = CASE WHEN cut_off
                THEN 'The session was cancelled or lost while the payload was being ingested.'
                                ELSE inbox.error_detail END,
            error_hint = CASE WHEN cut_off THEN 'See the server''s log at the time of the attempt.'
                              ELSE inbox.error_hint END
        WHERE inbox.id = due.id;
        IF NOT used_up THEN
            id := due.id;
            attempt := due.attempts + 1;
            PERFORM koku_internal.take_turn('inbox', turn);
        END IF;
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    id := NULL;
    PERFORM koku_internal.note_step('inbox', SQLSTATE || ' ' || SQLERRM);
END;
$$;
COMMENT ON FUNCTION koku_internal.begin_attempt(timestamptz, bigint[]) IS
'Counts an attempt at a payload that is due and that nobody else works on, of the tenant whose turn it is the one that '
'is due longest; passed_over: payloads to leave alone. NULL when there is none or the deadline is over. The caller '
'commits before it ingests the payload; until then others are kept off by the pause before the next attempt. A '
'payload whose attempts are used up is parked.';

CREATE FUNCTION koku_internal.take_payload(id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM
    FROM @extschema@.koku_inbox AS inbox,
        koku_internal.ingest_waiting_payload(
            inbox.payload, inbox.tenant, (inbox.submitted_at AT TIME ZONE 'UTC')::date)
    WHERE inbox.id = take_payload.id;

    UPDATE @extschema@.koku_inbox AS inbox
    SET status = 'done', finished_at = clock_timestamp(),
        manifest_uuid = named.manifest_uuid, cluster_id = named.cluster_id, source = known.source,
        error_sqlstate = NULL, error_message = NULL, error_detail = NULL, error_hint = NULL
    FROM koku_internal.latest_manifest() AS named
    JOIN @extschema@.koku_source AS known ON known.cluster_id = named.cluster_id
    WHERE inbox.id = take_payload.id AND (inbox.tenant IS NULL OR inbox.tenant = known.tenant);
END;
$$;
COMMENT ON FUNCTION koku_internal.take_payload(bigint) IS
'Ingests a payload of the inbox and marks it done. Raises what koku_internal.ingest_waiting_payload() raises.';

CREATE FUNCTION koku_internal.note_failed_attempt(
    id bigint, error_sqlstate text, error_message text, error_detail text, error_hint text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    named record;
    -- Whoever has the source, or a table, lets go of it some time.
    postponed boolean := error_sqlstate = '55P03';
    -- Other bytes are needed (archive, manifest, report) or another setting (limits, retention), not another attempt.
    hopeless boolean := error_sqlstate IN ('22P02', '22P04', '22008', '54000');
BEGIN
    SELECT * INTO named FROM koku_internal.latest_manifest();
    UPDATE @extschema@.koku_inbox AS inbox
    SET status = judged.status,
        attempts = inbox.attempts - CASE WHEN judged.status IN ('held', 'waiting') THEN 1 ELSE 0 END,
        -- A deadlock or conflict of transactions is over with the attempt.
        next_attempt_at = clock_timestamp()
            + CASE WHEN postponed OR note_failed_attempt.error_sqlstate LIKE '40%' THEN interval '0'
              ELSE koku_internal.inbox_pause(inbox.attempts) END,
        manifest_uuid = named.manifest_uuid, cluster_id = named.cluster_id,
        error_sqlstate = note_failed_attempt.error_sqlstate,
        error_message = note_failed_attempt.error_message,
        error_detail = nullif(note_failed_attempt.error_detail, ''),
        error_hint = CASE judged.status
            WHEN 'held' THEN 'It is ingested automatically as soon as its '
                             'cluster has exactly one source that is not paused.'
            ELSE nullif(note_failed_attempt.error_hint, '') END
    FROM (SELECT waiting.id, CASE
              WHEN NOT koku_internal.has_open_source(named.cluster_id, waiting.tenant)
                   AND named.cluster_id IS NOT NULL THEN 'held'
              WHEN postponed THEN 'waiting'
              WHEN hopeless OR waiting.attempts >= koku_internal.inbox_max_attempts() THEN 'parked'
              ELSE 'failed' END AS status
          FROM @extschema@.koku_inbox AS waiting
          WHERE waiting.id = note_failed_attempt.id) AS judged
    WHERE inbox.id = judged.id;
END;
$$;
COMMENT ON FUNCTION koku_internal.note_failed_attempt(bigint, text, text, text, text) IS
'Keeps the error of an attempt and decides what follows: held when the cluster has no source to go to (the attempt is '
'then not counted), waiting when the source is in use (nor is it then), parked when no attempt is left or none can '
'help, else tried again after a pause (none after a deadlock).';

CREATE FUNCTION koku_internal.run_attempt(id bigint, attempt integer) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
AS $$
DECLARE
    message text;
    detail text;
    hint text;
BEGIN
    PERFORM koku_internal.forget_manifest();
    BEGIN
        -- An administrator, or another scheduler after the pause, may have come in between. A scheduler that looks for
        -- work with a snapshot from before the attempt began locks the row for a moment: it is waited for.
        PERFORM FROM @extschema@.koku_inbox AS inbox
        WHERE inbox.id = run_attempt.id AND inbox.status = 'started'
          AND inbox.attempts = run_attempt.attempt
        FOR UPDATE;
        IF NOT FOUND THEN
            RETURN true;
        END IF;
    EXCEPTION WHEN lock_not_available THEN
        RETURN false;
    END;

    BEGIN
        PERFORM koku_internal.take_payload(id);
        -- What fails at commit would end koku_run().
        SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        PERFORM koku_internal.note_failed_attempt(id, SQLSTATE, message, detail, hint);
        IF SQLSTATE = '55P03' THEN
            RETURN false;
        END IF;
        RAISE WARNING 'payload % of the inbox was not ingested: %', id, message
            USING ERRCODE = SQLSTATE, HINT = 'It is kept. See koku_inbox_status.';
    END;
    RETURN true;
END;
$$;
COMMENT ON FUNCTION koku_internal.run_attempt(bigint, integer) IS
'Ingests a payload whose attempt was counted and committed; a failure is kept with the payload. false: the payload is '
'to be left alone for now, since another transaction has its source or what else it needs. Does nothing when the '
'payload has changed hands since.';
