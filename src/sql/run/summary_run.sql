-- The requested summaries, one at a time. An attempt is counted and committed before it begins, so that a summary that
-- ends the session, or the server, is not tried forever.

CREATE FUNCTION koku_internal.mark_source_summarized(source uuid) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
UPDATE @extschema@.koku_manifest AS manifest
SET summarized_at = now()
WHERE manifest.manifest_id IN (
    SELECT open.manifest_id FROM @extschema@.koku_manifest AS open
    WHERE open.source = $1 AND open.completed_at IS NOT NULL AND open.summarized_at IS NULL
      AND NOT EXISTS (SELECT FROM @extschema@.koku_summary_request AS waiting WHERE waiting.source = $1)
    -- What another run marks is left to it.
    FOR UPDATE SKIP LOCKED);
$$;
COMMENT ON FUNCTION koku_internal.mark_source_summarized(uuid) IS
'Notes that manifests of a source are summarized: those that are complete, when no summary of the source waits.';

CREATE FUNCTION koku_internal.mark_summarized() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT koku_internal.mark_source_summarized(listed.source)
FROM (SELECT DISTINCT open.source FROM @extschema@.koku_manifest AS open
      WHERE open.completed_at IS NOT NULL AND open.summarized_at IS NULL ORDER BY open.source) AS listed;
$$;
COMMENT ON FUNCTION koku_internal.mark_summarized() IS
'Notes that manifests are summarized, where their summary did not: those that changed no day.';

CREATE FUNCTION koku_internal.count_summary_attempt(request @extschema@.koku_summary_request) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
DECLARE
    -- Nobody holds the source, so that attempt runs no more.
    cut_off boolean := request.started_at IS NOT NULL;
    used_up boolean := cut_off AND request.attempts >= koku_internal.inbox_max_attempts();
    attempt integer := request.attempts + CASE WHEN used_up THEN 0 ELSE 1 END;
BEGIN
    UPDATE @extschema@.koku_summary_request AS waiting
    SET attempts = attempt,
        started_at = CASE WHEN NOT used_up THEN clock_timestamp() END,
        retry_after = CASE WHEN used_up THEN 'infinity' ELSE clock_timestamp() + koku_internal.inbox_pause(attempt) END,
        last_error = CASE WHEN cut_off THEN format(
                'attempt did not end: the session was cancelled or lost; it began at %s', request.started_at)
            ELSE waiting.last_error END
    WHERE waiting.source = request.source AND waiting.month = request.month;
    RETURN CASE WHEN NOT used_up THEN attempt END;
END;
$$;
COMMENT ON FUNCTION koku_internal.count_summary_attempt(@extschema@.koku_summary_request) IS
'Counts an attempt at a request and returns its number; NULL: the last one that is allowed was cut off '
'like this would be, and the request is parked. Others are kept off by the pause before the next '
'attempt. The caller holds the lock on the source.';

CREATE FUNCTION koku_internal.begin_summary(deadline timestamptz, OUT source uuid, OUT month date, OUT attempt integer)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
AS $$
DECLARE
    candidate record;
    request @extschema@.koku_summary_request;
BEGIN
    FOR candidate IN
        SELECT waiting.source, waiting.month, known.tenant::text AS tenant
        FROM @extschema@.koku_summary_request AS waiting
        JOIN @extschema@.koku_source AS known USING (source)
        LEFT JOIN koku_internal.turn AS latest ON latest.work = 'summaries' AND latest.tenant = known.tenant::text
        WHERE clock_timestamp() < deadline AND (waiting.retry_after IS NULL OR waiting.retry_after <= clock_timestamp())
        ORDER BY latest.taken_at NULLS FIRST, waiting.attempts, waiting.requested_at, waiting.source, waiting.month
    LOOP
        CONTINUE WHEN NOT koku_internal.try_lock_source(candidate.source);
        -- As it is now: another run may have come in between.
        SELECT * INTO request FROM @extschema@.koku_summary_request AS waiting
        WHERE waiting.source = candidate.source AND waiting.month = candidate.month
          AND (waiting.retry_after IS NULL OR waiting.retry_after <= clock_timestamp());
        CONTINUE WHEN NOT FOUND;
        attempt := koku_internal.count_summary_attempt(request);
        IF attempt IS NOT NULL THEN
            PERFORM koku_internal.take_turn('summaries', candidate.tenant);
            source := request.source;
            month := request.month;
            RETURN;
        END IF;
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    source := NULL;
    PERFORM koku_internal.note_step('summaries', SQLSTATE || ' ' || SQLERRM);
END;
$$;
COMMENT ON FUNCTION koku_internal.begin_summary(timestamptz) IS
'Counts an attempt at a request whose source no other transaction writes, of the tenant whose turn it is the one that '
'waits longest; NULL when there is none or the deadline is over. The caller commits before it runs the summary.';

CREATE FUNCTION koku_internal.summarize_request(request @extschema@.koku_summary_request) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM @extschema@.koku_summarize(request.source, request.first_day, request.last_day);
    DELETE FROM @extschema@.koku_summary_request AS waiting
    WHERE waiting.source = request.source AND waiting.month = request.month
      AND waiting.first_day >= request.first_day AND waiting.last_day <= request.last_day
      AND waiting.requested_at = request.requested_at;
    IF NOT FOUND THEN
        -- One that was made again meanwhile stays, as new.
        UPDATE @extschema@.koku_summary_request AS waiting
        SET attempts = 0, started_at = NULL, retry_after = NULL, last_error = NULL
        WHERE waiting.source = request.source AND waiting.month = request.month;
    END IF;
    PERFORM koku_internal.mark_source_summarized(request.source);
    -- Costs that were asked for are computed with the days that were summarized.
    DELETE FROM @extschema@.koku_cost_request AS waiting
    WHERE waiting.source = request.source AND waiting.month = request.month AND NOT waiting.only_gpu_distribution
      AND waiting.first_day >= request.first_day AND waiting.last_day <= request.last_day
      AND waiting.requested_at < now();
    -- What fails at commit would end koku_run().
    SET CONSTRAINTS ALL IMMEDIATE;
END;
$$;
COMMENT ON FUNCTION koku_internal.summarize_request(@extschema@.koku_summary_request) IS
'Makes a requested summary and removes the request. The caller holds the lock on the source.';

CREATE FUNCTION koku_internal.postpone_summary(source uuid, month date, attempt integer) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
UPDATE @extschema@.koku_summary_request AS waiting
SET attempts = waiting.attempts - 1, started_at = NULL, retry_after = clock_timestamp() + koku_internal.inbox_pause(1)
FROM (SELECT request.source, request.month FROM @extschema@.koku_summary_request AS request
      WHERE request.source = $1 AND request.month = $2 AND request.attempts = $3
      FOR UPDATE SKIP LOCKED) AS mine
WHERE waiting.source = mine.source AND waiting.month = mine.month;
$$;
COMMENT ON FUNCTION koku_internal.postpone_summary(uuid, date, integer) IS
'Takes back that an attempt at a requested summary was counted: another transaction has the source or what else it '
'needs. It is tried again after koku_onprem.inbox_retry_seconds.';

CREATE FUNCTION koku_internal.attempt_summary(source uuid, month date, attempt integer) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET lock_timeout = '5s'
AS $$
DECLARE
    request @extschema@.koku_summary_request;
    message text;
    detail text;
BEGIN
    PERFORM koku_internal.require_free_source(source);
    -- As it is now: it may have been widened, or another scheduler may have taken it after the pause.
    SELECT * INTO request FROM @extschema@.koku_summary_request AS waiting
    WHERE waiting.source = attempt_summary.source AND waiting.month = attempt_summary.month
      AND waiting.attempts = attempt AND waiting.started_at IS NOT NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM koku_internal.summarize_request(request);
EXCEPTION
    WHEN lock_not_available THEN
        PERFORM koku_internal.postpone_summary(source, month, attempt);
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        UPDATE @extschema@.koku_summary_request AS waiting
        SET started_at = NULL,
            last_error = concat_ws(E'\n', SQLSTATE || ' ' || message, nullif(detail, '')),
            -- A deadlock or conflict of transactions is over with the attempt.
            retry_after = clock_timestamp()
                + CASE WHEN SQLSTATE LIKE '40%' AND attempt < koku_internal.inbox_max_attempts() THEN interval '0'
                  ELSE koku_internal.inbox_pause(attempt) END
        WHERE waiting.source = attempt_summary.source AND waiting.month = attempt_summary.month;
        RAISE WARNING 'summary of source % for the month of % failed: %', source, month, message
            USING ERRCODE = SQLSTATE, DETAIL = detail,
                  HINT = 'It is tried again after a pause. See koku_summary_requests.';
END;
$$;
COMMENT ON FUNCTION koku_internal.attempt_summary(uuid, date, integer) IS
'Makes a requested summary whose attempt was counted and committed. One that fails leaves its request, with the error '
'and a pause: koku_onprem.inbox_retry_seconds, doubled with each further attempt, at most a day (none after a '
'deadlock, while attempts are left). One whose source another transaction has is postponed, and the attempt not '
'counted. Does nothing when the request has changed hands since.';

CREATE FUNCTION @extschema@.koku_retry_summary(source uuid, month date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE @extschema@.koku_summary_request AS waiting
    SET attempts = 0, started_at = NULL, retry_after = NULL
    WHERE waiting.source = koku_retry_summary.source
      AND waiting.month = date_trunc('month', koku_retry_summary.month::timestamp)::date;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no summary of source % waits for the month of %', coalesce(source::text, 'NULL'),
            coalesce(month::text, 'NULL')
            USING ERRCODE = 'undefined_object',
                  HINT = 'See koku_summary_requests; koku_summarize() makes one at any time.';
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_retry_summary(uuid, date) IS
'Lets the next CALL koku_run() try the requested summary of a source and month (any day of it) again, with all its '
'attempts; its last error stays until then. Error: 42704 none is requested.';
