-- Reports that are kept, so that one can be sent to who has no access.

CREATE FUNCTION @extschema@.koku_save_report(tenant name, month date DEFAULT NULL, label text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- The first day of a month keeps the whole of the month before.
    first date := date_trunc('month', coalesce(month, koku_internal.today() - 1)::timestamp)::date;
BEGIN
    INSERT INTO @extschema@.koku_saved_report AS kept (tenant, month, label, html)
    SELECT koku_save_report.tenant, first, coalesce(koku_save_report.label, ''),
        @extschema@.koku_report(koku_save_report.tenant, first, (first + interval '1 month')::date - 1,
                                koku_save_report.label, NULL::text, NULL::text, false)
    ON CONFLICT ON CONSTRAINT koku_saved_report_pkey DO UPDATE SET html = excluded.html, saved_at = now();
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_save_report(name, date, text) IS
'Keeps the report of a month (any day of it; NULL: the month that yesterday, UTC, is in) by a label in '
'koku_saved_report, in place of an earlier one. Errors: those of koku_report().';

CREATE FUNCTION koku_internal.report_job_name(tenant name, label text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT format('koku_onprem report %s', jsonb_build_array(tenant::text, label));
$$;
COMMENT ON FUNCTION koku_internal.report_job_name(name, text) IS
'The name of the job of koku_schedule_report().';

CREATE FUNCTION @extschema@.koku_schedule_report(tenant name, cron text DEFAULT '30 5 * * *', label text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job bigint;
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    PERFORM koku_internal.require_scheduler();
    EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job
    USING koku_internal.report_job_name(tenant, label), cron,
        format('SELECT @extschema@.koku_save_report(%L::pg_catalog.name, NULL::pg_catalog.date, %L::pg_catalog.text)',
               tenant, label);
    RETURN job;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_schedule_report(name, text, text) IS
'Lets pg_cron keep the report of a tenant by a label (koku_save_report), as the current user, and returns the number '
'of the job. cron: minute, hour, day of month, month, day of week; with the default, every day at 05:30, the month '
'stays up to date and is final on the first of the next. A second call for tenant and label changes the schedule. '
'Errors: 42704 unknown tenant, 55000 with what to do when pg_cron is not there.';

CREATE FUNCTION @extschema@.koku_unschedule_report(tenant name, label text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    removed boolean;
BEGIN
    PERFORM koku_internal.require_scheduler();
    EXECUTE 'SELECT coalesce(bool_or(cron.unschedule(jobid)), false) FROM cron.job'
        ' WHERE jobname = $1 AND database = current_database()' INTO removed
            USING koku_internal.report_job_name(tenant, label);
    RETURN removed;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_unschedule_report(name, text) IS
'Removes the job of koku_schedule_report(); false when there was none of the current user. What was kept stays. Error: '
'55000 when pg_cron is not there.';
