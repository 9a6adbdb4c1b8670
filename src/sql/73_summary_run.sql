-- The requested summaries, one at a time.

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
        CONTINUE WHEN NOT @extschema@.koku_internal_try_lock_source(candidate.source);
        -- As it is now; the lock on the source keeps other runs from it, no lock on the row keeps it from being widened.
        SELECT * INTO request FROM @extschema@.koku_summary_request AS waiting
        WHERE waiting.source = candidate.source AND waiting.month = candidate.month;
        IF FOUND THEN
            RETURN request;
        END IF;
    END LOOP;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_next_summary_request() IS
'The request that waits longest and whose source no other transaction writes; the source is locked until the end of the transaction. NULL when there is none.';

CREATE FUNCTION @extschema@.koku_internal_run_next_summary(deadline timestamptz) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
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
        -- One that was widened meanwhile stays.
        DELETE FROM @extschema@.koku_summary_request AS waiting
        WHERE waiting.source = request.source AND waiting.month = request.month
          AND waiting.first_day >= request.first_day AND waiting.last_day <= request.last_day
          AND waiting.requested_at = request.requested_at;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        UPDATE @extschema@.koku_summary_request AS waiting
        SET attempts = waiting.attempts + 1,
            last_error = concat_ws(E'\n', SQLSTATE || ' ' || message, nullif(detail, '')),
            -- A deadlock or conflict of transactions is over with the attempt.
            retry_after = clock_timestamp() + CASE WHEN SQLSTATE LIKE '40%' THEN interval '0'
                ELSE least(interval '1 minute' * 2 ^ least(waiting.attempts, 20), interval '1 day') END
        WHERE waiting.source = request.source AND waiting.month = request.month;
        RAISE WARNING 'summary of source % from % to % failed: %', request.source, request.first_day, request.last_day, message
            USING ERRCODE = SQLSTATE, DETAIL = detail, HINT = 'It is tried again after a pause. See koku_summary_request.';
    END;
    RETURN true;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_run_next_summary(timestamptz) IS
'Runs one requested summary, unless the deadline is over; false when there was none to run. A summary that fails leaves its request, with the error and a pause of 1, 2, 4 ... minutes, at most a day (none after a deadlock).';
