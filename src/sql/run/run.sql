-- The one line for a scheduler: CALL koku_run().

CREATE FUNCTION koku_internal.deadline(max_seconds integer) RETURNS timestamptz
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF max_seconds < 0 THEN
        RAISE EXCEPTION 'max_seconds is %', max_seconds
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give 0 or more seconds, or NULL to work until nothing waits.';
    END IF;
    RETURN coalesce(clock_timestamp() + make_interval(secs => max_seconds), 'infinity');
END;
$$;
COMMENT ON FUNCTION koku_internal.deadline(integer) IS
'The time from which on no new work is begun: never for NULL. Raises 22023 when negative.';

CREATE FUNCTION koku_internal.note_step(step text, error text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO @extschema@.koku_run_step AS known (step, succeeded_at, failed_at, failures, last_error)
VALUES ($1, CASE WHEN $2 IS NULL THEN clock_timestamp() END, CASE WHEN $2 IS NOT NULL THEN clock_timestamp() END,
        CASE WHEN $2 IS NULL THEN 0 ELSE 1 END, $2)
ON CONFLICT (step) DO UPDATE
SET succeeded_at = coalesce(excluded.succeeded_at, known.succeeded_at),
    failed_at = coalesce(excluded.failed_at, known.failed_at),
    failures = CASE excluded.failures WHEN 0 THEN 0 ELSE known.failures + 1 END,
    last_error = excluded.last_error;
$$;
COMMENT ON FUNCTION koku_internal.note_step(text, text) IS
'Records that a step of koku_run() succeeded (error NULL) or failed.';

CREATE FUNCTION koku_internal.take_turn(work text, tenant text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO koku_internal.turn AS latest (work, tenant, taken_at) VALUES ($1, $2, clock_timestamp())
ON CONFLICT (work, tenant) DO UPDATE SET taken_at = excluded.taken_at;
$$;
COMMENT ON FUNCTION koku_internal.take_turn(text, text) IS
'Notes that a piece of work of a tenant is begun now.';

CREATE FUNCTION koku_internal.delete_finished_payloads() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
DELETE FROM @extschema@.koku_inbox
-- What another run deletes is left to it.
WHERE id IN (
    SELECT finished.id FROM @extschema@.koku_inbox AS finished
    WHERE finished.status = 'done'
      AND finished.finished_at <= now() - make_interval(days => coalesce(
          nullif(current_setting('koku_onprem.inbox_keep_days', true), '')::integer, 7))
    FOR UPDATE SKIP LOCKED);
$$;
COMMENT ON FUNCTION koku_internal.delete_finished_payloads() IS
'Deletes the payloads of the inbox that were done longer ago than '
'koku_onprem.inbox_keep_days (7 before the library is loaded).';

CREATE FUNCTION koku_internal.delete_parked_payloads() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
DELETE FROM @extschema@.koku_inbox
WHERE id IN (
    SELECT parked.id
    FROM @extschema@.koku_inbox AS parked,
        LATERAL (SELECT coalesce(nullif(current_setting('koku_onprem.inbox_parked_days', true), '')::integer, 30))
            AS bound (days)
    WHERE parked.status IN ('parked', 'held') AND bound.days > 0
      AND greatest(parked.submitted_at, parked.started_at) <= now() - make_interval(days => bound.days)
    FOR UPDATE OF parked SKIP LOCKED);
$$;
COMMENT ON FUNCTION koku_internal.delete_parked_payloads() IS
'Deletes the payloads of the inbox that have been parked or held for koku_onprem.inbox_parked_days since their last '
'attempt (30 before the library is loaded; 0: none).';

CREATE FUNCTION koku_internal.run_step(step text, deadline timestamptz) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
AS $$
BEGIN
    IF clock_timestamp() >= deadline THEN
        RETURN;
    END IF;
    CASE step
        WHEN 'koku' THEN
            PERFORM koku_internal.follow_sources();
            PERFORM koku_internal.do_koku_tasks();
        WHEN 'inbox' THEN
            PERFORM koku_internal.follow_server_number();
            PERFORM koku_internal.release_held_payloads();
        WHEN 'summaries' THEN
            PERFORM koku_internal.mark_summarized();
        WHEN 'costs' THEN
            PERFORM koku_internal.collect_cost_changes();
        WHEN 'clean-up' THEN
            PERFORM koku_internal.delete_finished_payloads();
            PERFORM koku_internal.delete_parked_payloads();
            PERFORM koku_internal.look_at_tenants(2);
    END CASE;
    PERFORM koku_internal.note_step(step, NULL);
EXCEPTION WHEN OTHERS THEN
    PERFORM koku_internal.note_step(step, SQLSTATE || ' ' || SQLERRM);
    RAISE WARNING 'koku_run: % failed: %', step, SQLERRM
        USING ERRCODE = SQLSTATE,
              HINT = 'The other steps continue, and the next call tries this one again. See koku_health().';
END;
$$;
COMMENT ON FUNCTION koku_internal.run_step(text, timestamptz) IS
'Does what a step of koku_run() has to do at once (follows Koku''s API, lets held payloads go, marks what '
'is summarized, deletes finished payloads) and records how it went, unless the deadline is over. A '
'failure is recorded and warned of, not raised.';

-- A procedure that commits cannot pin its search_path: it names everything with its schema and does nothing itself.
CREATE PROCEDURE koku_internal.run(deadline timestamptz, as_of date)
LANGUAGE plpgsql
AS $$
DECLARE
    payload pg_catalog.record;
    postponed pg_catalog.int8[] := '{}';
    some_are_done pg_catalog.bool := false;
    summary pg_catalog.record;
    cost pg_catalog.record;
BEGIN
    -- What Koku's API has changed and asked for, where it works in this database.
    PERFORM koku_internal.run_step('koku', deadline);
    COMMIT AND CHAIN;
    -- First of the work: payloads and summaries that find their partitions never wait for each other to make them.
    CALL koku_internal.run_upkeep('partitions', deadline, as_of);

    PERFORM koku_internal.run_step('inbox', deadline);
    COMMIT AND CHAIN;
    LOOP
        SELECT begun.id, begun.attempt INTO payload FROM koku_internal.begin_attempt(deadline, postponed) AS begun;
        COMMIT AND CHAIN;
        IF payload.id IS NULL THEN
            -- array_length(), since that of no elements is NULL, and an operator could be another one.
            EXIT WHEN NOT some_are_done OR pg_catalog.array_length(postponed, 1) IS NULL;
            -- Others may have let go of the sources meanwhile, and not have seen these.
            postponed := '{}';
            some_are_done := false;
            CONTINUE;
        END IF;
        IF koku_internal.run_attempt(payload.id, payload.attempt) THEN
            some_are_done := true;
        ELSE
            postponed := pg_catalog.array_append(postponed, payload.id);
        END IF;
        COMMIT AND CHAIN;
    END LOOP;

    LOOP
        SELECT begun.source, begun.month, begun.attempt INTO summary
        FROM koku_internal.begin_summary(deadline) AS begun;
        COMMIT AND CHAIN;
        EXIT WHEN summary.source IS NULL;
        PERFORM koku_internal.attempt_summary(summary.source, summary.month, summary.attempt);
        COMMIT AND CHAIN;
    END LOOP;
    PERFORM koku_internal.run_step('summaries', deadline);
    COMMIT AND CHAIN;

    LOOP
        SELECT begun.source, begun.month, begun.attempt INTO cost FROM koku_internal.begin_costs(deadline) AS begun;
        COMMIT AND CHAIN;
        EXIT WHEN cost.source IS NULL;
        PERFORM koku_internal.run_costs(cost.source, cost.month, cost.attempt);
        COMMIT AND CHAIN;
    END LOOP;
    PERFORM koku_internal.run_step('costs', deadline);
    COMMIT AND CHAIN;

    CALL koku_internal.run_upkeep('deletion', deadline, as_of);
    IF koku_internal.is_retention_hour(pg_catalog.clock_timestamp()) THEN
        CALL koku_internal.run_upkeep('retention', deadline, as_of);
    END IF;

    PERFORM koku_internal.run_step('clean-up', deadline);
    COMMIT AND CHAIN;
END;
$$;
COMMENT ON PROCEDURE koku_internal.run(timestamptz, date) IS
'Does the work of koku_run(); begins nothing after the deadline. as_of: the day that partitions '
'and retention go by, NULL for today (UTC).';

CREATE PROCEDURE koku_internal.require_transactions()
LANGUAGE c
AS 'MODULE_PATHNAME', 'koku_internal_require_transactions';
COMMENT ON PROCEDURE koku_internal.require_transactions() IS
'Raises 25001 when the procedure that calls it cannot commit, 25006 when it can only read, 55000 when triggers do not '
'act. (One with settings of its own could never commit.)';

CREATE PROCEDURE @extschema@.koku_run(max_seconds integer DEFAULT NULL)
LANGUAGE plpgsql
AS $$
BEGIN
    CALL koku_internal.require_transactions();
    -- All transactions of the run follow this one: whatever the default of the database is, they see what others have
    -- left.
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE, NOT DEFERRABLE;
    CALL koku_internal.run(koku_internal.deadline(max_seconds), NULL);
END;
$$;
COMMENT ON PROCEDURE @extschema@.koku_run(integer) IS
'Does the work that waits, each piece in its own transaction: makes the partitions of this month and the next, takes '
'the payloads of the inbox in, runs the requested summaries, computes the costs of sources whose prices changed, '
'deletes sources in batches, carries out the retention (in the hour koku_onprem.retention_hour, if that is set), and '
'deletes finished payloads past koku_onprem.inbox_keep_days and parked and held ones past '
'koku_onprem.inbox_parked_days; until nothing waits or max_seconds are over (NULL: no '
'limit; what has begun is finished). Payloads and sources that another transaction works on are passed over, so two '
'schedulers do the work once and nobody who keeps a source holds up the others; no lock is waited for longer than 5 '
'seconds. Tenants take turns. A failure blocks nobody: it is kept in koku_inbox, koku_summary_request, '
'koku_cost_request or koku_run_step. Errors: 25001 called inside a transaction block, where it cannot commit, 25006 '
'the session can only read, 22023 max_seconds is negative.';
