-- The requested costs, one source and month at a time, as the requested summaries (run/summary_run.sql).

CREATE FUNCTION koku_internal.begin_costs(deadline timestamptz, OUT source uuid, OUT month date, OUT attempt integer)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
DECLARE
    candidate record;
    request @extschema@.koku_cost_request;
    cut_off boolean;
BEGIN
    PERFORM koku_internal.collect_cost_changes();
    FOR candidate IN
        SELECT waiting.source, waiting.month FROM @extschema@.koku_cost_request AS waiting
        WHERE clock_timestamp() < deadline AND waiting.due <= koku_internal.today()
          AND (waiting.retry_after IS NULL OR waiting.retry_after <= clock_timestamp())
        ORDER BY waiting.attempts, waiting.requested_at, waiting.source, waiting.month
    LOOP
        CONTINUE WHEN NOT koku_internal.try_lock_source(candidate.source);
        -- As it is now: another run may have come in between.
        SELECT * INTO request FROM @extschema@.koku_cost_request AS waiting
        WHERE waiting.source = candidate.source AND waiting.month = candidate.month
          AND (waiting.retry_after IS NULL OR waiting.retry_after <= clock_timestamp())
        FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        -- Nobody holds the source, so that an attempt which began runs no more.
        cut_off := request.started_at IS NOT NULL;
        IF cut_off AND request.attempts >= koku_internal.inbox_max_attempts() THEN
            UPDATE @extschema@.koku_cost_request AS waiting
            SET started_at = NULL, retry_after = 'infinity', last_error = format(
                'attempt did not end: the session was cancelled or lost; it began at %s', request.started_at)
            WHERE waiting.source = request.source AND waiting.month = request.month;
            CONTINUE;
        END IF;
        attempt := request.attempts + 1;
        UPDATE @extschema@.koku_cost_request AS waiting
        SET attempts = attempt, started_at = clock_timestamp(),
            retry_after = clock_timestamp() + koku_internal.inbox_pause(attempt),
            last_error = CASE WHEN cut_off THEN format(
                    'attempt did not end: the session was cancelled or lost; it began at %s', request.started_at)
                ELSE waiting.last_error END
        WHERE waiting.source = request.source AND waiting.month = request.month;
        source := request.source;
        month := request.month;
        RETURN;
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    source := NULL;
    PERFORM koku_internal.note_step('costs', SQLSTATE || ' ' || SQLERRM);
END;
$$;
COMMENT ON FUNCTION koku_internal.begin_costs(timestamptz) IS
'Counts an attempt at the request for costs that waits longest and whose source no other transaction writes; NULL when '
'there is none or the deadline is over. The caller commits before it computes them.';

CREATE FUNCTION koku_internal.compute_requested_costs(request @extschema@.koku_cost_request) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF request.only_gpu_distribution THEN
        PERFORM koku_internal.update_gpu_distribution(request.source, request.month);
    ELSE
        PERFORM @extschema@.koku_update_costs(request.source, request.first_day, request.last_day);
    END IF;
    DELETE FROM @extschema@.koku_cost_request AS waiting
    WHERE waiting.source = request.source AND waiting.month = request.month
      AND waiting.first_day >= request.first_day AND waiting.last_day <= request.last_day
      AND waiting.requested_at = request.requested_at AND waiting.due = request.due;
    IF NOT FOUND THEN
        -- One that was made again meanwhile stays, as new.
        UPDATE @extschema@.koku_cost_request AS waiting
        SET attempts = 0, started_at = NULL, retry_after = NULL, last_error = NULL
        WHERE waiting.source = request.source AND waiting.month = request.month;
    END IF;
    -- What fails at commit would end koku_run().
    SET CONSTRAINTS ALL IMMEDIATE;
END;
$$;
COMMENT ON FUNCTION koku_internal.compute_requested_costs(@extschema@.koku_cost_request) IS
'Computes requested costs and removes the request. The caller holds the lock on the source.';

CREATE FUNCTION koku_internal.run_costs(source uuid, month date, attempt integer) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET lock_timeout = '5s'
AS $$
DECLARE
    request @extschema@.koku_cost_request;
    message text;
    detail text;
BEGIN
    PERFORM koku_internal.require_free_source(source);
    -- As it is now: it may have been widened, or another scheduler may have taken it after the pause.
    SELECT * INTO request FROM @extschema@.koku_cost_request AS waiting
    WHERE waiting.source = run_costs.source AND waiting.month = run_costs.month
      AND waiting.attempts = attempt AND waiting.started_at IS NOT NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM koku_internal.compute_requested_costs(request);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    IF SQLSTATE = '55P03' THEN
        -- Another transaction has the source or what else it needs: postponed, and the attempt not counted.
        UPDATE @extschema@.koku_cost_request AS waiting
        SET started_at = NULL, attempts = waiting.attempts - 1,
            retry_after = clock_timestamp() + koku_internal.inbox_pause(1)
        WHERE waiting.source = run_costs.source AND waiting.month = run_costs.month AND waiting.attempts = attempt;
        RETURN;
    END IF;
    UPDATE @extschema@.koku_cost_request AS waiting
    SET started_at = NULL,
        last_error = concat_ws(E'\n', SQLSTATE || ' ' || message, nullif(detail, '')),
        retry_after = clock_timestamp()
            + CASE WHEN SQLSTATE LIKE '40%' AND attempt < koku_internal.inbox_max_attempts() THEN interval '0'
              ELSE koku_internal.inbox_pause(attempt) END
    WHERE waiting.source = run_costs.source AND waiting.month = run_costs.month;
    RAISE WARNING 'costs of source % for the month of % failed: %', source, month, message
        USING ERRCODE = SQLSTATE, DETAIL = detail, HINT = 'They are tried again after a pause. See koku_cost_requests.';
END;
$$;
COMMENT ON FUNCTION koku_internal.run_costs(uuid, date, integer) IS
'Computes requested costs whose attempt was counted and committed. A failure leaves the request, with the error and a '
'pause, as of a summary. Does nothing when the request has changed hands since.';

CREATE FUNCTION @extschema@.koku_retry_costs(source uuid, month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE @extschema@.koku_cost_request AS waiting
    SET attempts = 0, started_at = NULL, retry_after = NULL
    WHERE waiting.source = koku_retry_costs.source
      AND waiting.month = date_trunc('month', koku_retry_costs.month::timestamp)::date;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no costs of source % wait for the month of %', coalesce(source::text, 'NULL'),
            coalesce(month::text, 'NULL')
            USING ERRCODE = 'undefined_object',
                  HINT = 'See koku_cost_requests; koku_update_costs() computes them at any time.';
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_retry_costs(uuid, date) IS
'Lets the next CALL koku_run() try the requested costs of a source and month (any day of it) again, with all attempts; '
'the last error stays until then. Error: 42704 none are requested.';
