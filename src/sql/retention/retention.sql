-- Retention: how many months a tenant keeps.

CREATE FUNCTION koku_internal.retention_months(tenant name) RETURNS integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN coalesce(
        (SELECT known.retention_months FROM @extschema@.koku_tenant AS known
         WHERE known.tenant = retention_months.tenant),
        nullif(current_setting('koku_onprem.retention_months', true), '')::integer,
        4);
END;
$$;
COMMENT ON FUNCTION koku_internal.retention_months(name) IS
'Calendar months that a tenant keeps, the current one included; 0 keeps all. Its own number, else the setting '
'koku_onprem.retention_months (4 before the library is loaded).';

CREATE FUNCTION koku_internal.first_kept_day(months integer, as_of date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN $1 > 0 THEN (date_trunc('month', $2::timestamp) - make_interval(months => $1 - 1))::date END;
$$;
COMMENT ON FUNCTION koku_internal.first_kept_day(integer, date) IS
'The first day of the oldest month that is kept on a day: with 4 months on 2026-11-22 '
'it is 2026-08-01. NULL: everything is kept.';

CREATE FUNCTION @extschema@.koku_set_retention(months integer, tenant name DEFAULT 'koku') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    IF months NOT BETWEEN 0 AND 1200 THEN
        RAISE EXCEPTION 'retention of % months is not allowed', months
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give 1 to 1200 months, 0 to keep everything, or NULL to follow koku_onprem.retention_months.';
    END IF;
    UPDATE @extschema@.koku_tenant AS known SET retention_months = months
    WHERE known.tenant = koku_set_retention.tenant;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_set_retention(integer, name) IS
'Sets how many calendar months a tenant keeps, the current one included. 0: everything. NULL: as many as the setting '
'koku_onprem.retention_months says. Nothing is removed now: the next CALL koku_run() does it, '
'koku_purge_expired(dry_run => true) lists it. Errors: 42704 unknown tenant, 22023 less than 0 or more than 1200.';

CREATE FUNCTION koku_internal.is_retention_hour(at timestamptz) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce(nullif(nullif(current_setting('koku_onprem.retention_hour', true), ''), '-1')::integer
                = extract(hour FROM $1 AT TIME ZONE 'UTC'), true);
$$;
COMMENT ON FUNCTION koku_internal.is_retention_hour(timestamptz) IS
'Whether CALL koku_run() may carry out the retention at this time: in the hour koku_onprem.retention_hour, or at any '
'(-1, and before the library is loaded).';
