-- The one line for a scheduler: CALL koku_run().

CREATE FUNCTION @extschema@.koku_internal_deadline(max_seconds integer) RETURNS timestamptz
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF max_seconds < 0 THEN
        RAISE EXCEPTION 'max_seconds is %', max_seconds
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give 0 or more seconds, or NULL to work until nothing waits.';
    END IF;
    RETURN coalesce(clock_timestamp() + make_interval(secs => max_seconds), 'infinity');
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_deadline(integer) IS
'The time from which on no new work is begun: never for NULL. Raises 22023 when negative.';

CREATE FUNCTION @extschema@.koku_internal_mark_summarized() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
UPDATE @extschema@.koku_manifest AS manifest
SET summarized_at = now()
WHERE manifest.completed_at IS NOT NULL AND manifest.summarized_at IS NULL
  AND NOT EXISTS (SELECT FROM @extschema@.koku_summary_request AS waiting WHERE waiting.source = manifest.source);
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_mark_summarized() IS
'Notes that manifests are summarized: those that are complete and of a source for which no summary waits.';

CREATE FUNCTION @extschema@.koku_internal_next_summary_request() RETURNS @extschema@.koku_summary_request
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    candidate record;
    request @extschema@.koku_summary_request;
BEGIN
    FOR candidate IN
        SELECT waiting.source, waiting.month FROM @extschema@.koku_summary_request AS waiting
        WHERE waiting.retry_after IS NULL OR waiting.retry_after <= clock_timestamp()
        ORDER BY waiting.attempts, waiting.requested_at, waiting.source, waiting.month
    LOOP
        -- The source first, as ingest does, which holds it when it widens a request.
        CONTINUE WHEN NOT @extschema@.koku_internal_try_lock_source(candidate.source);
        SELECT * INTO request FROM @extschema@.koku_summary_request AS waiting
        WHERE waiting.source = candidate.source AND waiting.month = candidate.month
        FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            RETURN request;
        END IF;
    END LOOP;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_next_summary_request() IS
'The request that waits longest and whose source no other transaction writes, locked until the end of the transaction together with its source; NULL when there is none.';

CREATE FUNCTION @extschema@.koku_internal_run_next_summary(deadline timestamptz) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    request @extschema@.koku_summary_request;
    message text;
    detail text;
BEGIN
    IF clock_timestamp() >= deadline THEN
        RETURN false;
    END IF;
    request := @extschema@.koku_internal_next_summary_request();
    IF request.source IS NULL THEN
        RETURN false;
    END IF;

    BEGIN
        PERFORM @extschema@.koku_summarize(request.source, request.first_day, request.last_day);
        DELETE FROM @extschema@.koku_summary_request AS waiting
        WHERE waiting.source = request.source AND waiting.month = request.month;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        UPDATE @extschema@.koku_summary_request AS waiting
        SET attempts = waiting.attempts + 1,
            last_error = concat_ws(E'\n', SQLSTATE || ' ' || message, nullif(detail, '')),
            retry_after = clock_timestamp() + least(interval '1 minute' * 2 ^ least(waiting.attempts, 20), interval '1 day')
        WHERE waiting.source = request.source AND waiting.month = request.month;
        RAISE WARNING 'summary of source % from % to % failed: %', request.source, request.first_day, request.last_day, message
            USING ERRCODE = SQLSTATE, DETAIL = detail, HINT = 'It is tried again after a pause. See koku_summary_request.';
    END;
    RETURN true;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_run_next_summary(timestamptz) IS
'Runs one requested summary, unless the deadline is over; false when there was none to run. A summary that fails leaves its request, with the error and a pause of 1, 2, 4 ... minutes, at most a day.';

-- A procedure that commits cannot pin its search_path: it names everything with its schema and does nothing itself.
CREATE PROCEDURE @extschema@.koku_run(max_seconds integer DEFAULT NULL)
LANGUAGE plpgsql
AS $$
DECLARE
    deadline timestamptz := @extschema@.koku_internal_deadline(max_seconds);
BEGIN
    WHILE @extschema@.koku_internal_run_next_summary(deadline) LOOP
        COMMIT;
    END LOOP;
    COMMIT;
    PERFORM @extschema@.koku_internal_mark_summarized();
    COMMIT;
END;
$$;
COMMENT ON PROCEDURE @extschema@.koku_run(integer) IS
'Does the work that waits: the requested summaries, each in its own transaction, until nothing waits or max_seconds are over (NULL: no limit). Sources that another transaction writes are passed over, so two schedulers do the work once. Failures are kept in koku_summary_request and block nobody. Error: 22023 max_seconds is negative.';
