-- One row a check, for a person and for monitoring.

CREATE FUNCTION koku_internal.health_check(check_name text, OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET timezone = 'UTC'
AS $$
BEGIN
    EXECUTE format('SELECT * FROM koku_internal.%I()', 'health_' || replace(check_name, ' ', '_'))
    INTO status, detail, what_to_do;
EXCEPTION WHEN OTHERS THEN
    status := 'error';
    detail := format('the check itself failed: %s %s', SQLSTATE, SQLERRM);
    what_to_do := 'Repair what the error names; it does not affect the other checks.';
END;
$$;
COMMENT ON FUNCTION koku_internal.health_check(text) IS
'The result of one check; an error when the check itself fails.';

-- With the rights of its owner, so that monitoring needs no other grant; it tells names of sources and messages of
-- errors.
CREATE FUNCTION @extschema@.koku_health() RETURNS TABLE (check_name text, status text, detail text, what_to_do text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
SELECT listed.check_name, result.status, result.detail, result.what_to_do
FROM unnest(ARRAY['version', 'scheduler', 'steps', 'inbox', 'summaries', 'costs', 'sources', 'default partitions',
                  'next month', 'retention', 'months ahead', 'transactions', 'locks', 'schemas', 'tenants',
                  'unknown rows', 'koku', 'budgets', 'manifests', 'clocks', 'servers'])
        WITH ORDINALITY AS listed (check_name, place),
    LATERAL koku_internal.health_check(listed.check_name) AS result
ORDER BY listed.place;
$$;
COMMENT ON FUNCTION @extschema@.koku_health() IS
'One row a check: status ok, warning or error; detail, the facts; what_to_do, NULL when ok. version: library and SQL '
'are of one release; scheduler: koku_run() ran lately; steps: none of its steps fails; inbox: nothing failed, held '
'or parked, and room for more; summaries, costs: none fails; sources: none is a day late; default partitions: empty; '
'next month: its partitions are there; retention: nothing is past it; months ahead: no partitions of a month after '
'the next; transactions, locks: none is old; schemas: nobody else can create objects where the extension lives; '
'tenants: each has its schema, with tables of its own server; unknown rows: none belong to sources that are not '
'registered; koku: where Koku''s API works, its organizations are attached and its tasks known; budgets: none is '
'exceeded or about to be; manifests: none waits long for its files; clocks: no payload is dated after its receipt; '
'servers: numbers of manifests are of this server, and no move of a tenant has stopped half way. '
'Of more than 50 tenants the checks of default partitions, next month, retention, months ahead and unknown rows look '
'into the tables of 50, and tell of the others what koku_run() found, which looks into the tables of each once a '
'day. Changes nothing.';
