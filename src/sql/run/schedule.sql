-- The schedule: one job of pg_cron in this database.

CREATE FUNCTION koku_internal.scheduled_statement() RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT 'CALL @extschema@.koku_run(NULL::pg_catalog.int4)' $$;
COMMENT ON FUNCTION koku_internal.scheduled_statement() IS
'What a scheduler calls: its argument has a type, so that no function of that name that somebody made fits better.';

CREATE FUNCTION koku_internal.require_scheduler() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job_database text := current_setting('cron.database_name', true);
    statement text := koku_internal.scheduled_statement();
BEGIN
    IF to_regclass('cron.job') IS NOT NULL THEN
        RETURN;
    ELSIF job_database IS NULL THEN
        RAISE EXCEPTION 'pg_cron is not running on this server'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Install it (Debian: postgresql-15-cron), add pg_cron '
                         'to shared_preload_libraries, set cron.database_name = '
                      || quote_literal(current_database())
                      || ', restart the server, and run CREATE EXTENSION pg_cron; or call '
                      || quote_literal(statement) || ' from crontab or a systemd timer.';
    ELSIF job_database = current_database() THEN
        RAISE EXCEPTION 'extension pg_cron does not exist in this database'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Run CREATE EXTENSION pg_cron.';
    END IF;
    RAISE EXCEPTION 'pg_cron keeps its jobs in database "%", not in this one', job_database
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = format('Run there: SELECT cron.schedule_in_database(''koku_onprem'', ''* * * * *'', %L, %L)',
                            statement, current_database());
END;
$$;
COMMENT ON FUNCTION koku_internal.require_scheduler() IS
'Raises 55000, with what to do, when pg_cron is not to be had in this database.';

CREATE FUNCTION @extschema@.koku_schedule(cron text DEFAULT '* * * * *') RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job bigint;
BEGIN
    PERFORM koku_internal.require_scheduler();
    -- A job of that name is changed, not doubled.
    EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job
    USING 'koku_onprem', cron, koku_internal.scheduled_statement();
    RETURN job;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_schedule(text) IS
'Lets pg_cron call koku_run() in this database, as the current user, and returns the number of the job, which is named '
'koku_onprem. cron: minute, hour, day of month, month, day of week (default: every minute); a second call changes it. '
'Errors: 55000 with what to do when pg_cron is not there, and those of pg_cron for a schedule it does not understand.';

CREATE FUNCTION @extschema@.koku_unschedule() RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    removed boolean;
BEGIN
    PERFORM koku_internal.require_scheduler();
    EXECUTE 'SELECT coalesce(bool_or(cron.unschedule(jobid)), false) FROM cron.job'
        ' WHERE jobname = ''koku_onprem'' AND database = current_database()' INTO removed;
    RETURN removed;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_unschedule() IS
'Removes the job of koku_schedule(); false when there was none of the current user. A run that has begun is finished. '
'Error: 55000 when pg_cron is not there.';
