-- The checks of koku_health(). Each returns its state (ok, warning, error), the facts, and what to do; the last is NULL
-- when all is well.

CREATE FUNCTION koku_internal.first_five(names text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT array_to_string(names[1:5], ', ') || CASE WHEN cardinality(names) > 5 THEN ', ...' ELSE '' END;
$$;
COMMENT ON FUNCTION koku_internal.first_five(text[]) IS
'At most five names as a list, with dots for the others; NULL for NULL.';

CREATE FUNCTION koku_internal.library_version() RETURNS text
LANGUAGE c STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_internal_library_version';
COMMENT ON FUNCTION koku_internal.library_version() IS
'The release of the library that this session has loaded.';

CREATE FUNCTION koku_internal.health_version(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    library text := koku_internal.library_version();
    objects text := (SELECT extversion FROM pg_extension WHERE extname = 'koku_onprem');
BEGIN
    status := CASE WHEN library = objects THEN 'ok' ELSE 'warning' END;
    detail := format('library %s, extension %s', library, objects);
    IF status <> 'ok' THEN
        what_to_do := 'Run ALTER EXTENSION koku_onprem UPDATE; then begin a new session.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.health_version() IS 'Whether library and SQL objects are of one release.';

CREATE FUNCTION koku_internal.health_scheduler(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last_run timestamptz := (SELECT max(succeeded_at) FROM @extschema@.koku_run_step);
    oldest_work timestamptz := least(
        (SELECT min(next_attempt_at) FROM @extschema@.koku_inbox
         WHERE koku_inbox.status IN ('waiting', 'started', 'failed')),
        (SELECT min(coalesce(retry_after, requested_at)) FROM @extschema@.koku_summary_request));
BEGIN
    status := CASE
        WHEN last_run >= now() - interval '2 hours' THEN 'ok'
        WHEN oldest_work < now() - interval '2 hours' THEN 'error'
        ELSE 'warning'
    END;
    detail := CASE WHEN last_run IS NULL THEN 'CALL koku_run() has never run'
                   ELSE format('CALL koku_run() ran last at %s', last_run) END
        || CASE WHEN status = 'error' THEN format('; work waits since %s', oldest_work) ELSE '' END;
    IF status <> 'ok' THEN
        what_to_do := 'Schedule CALL koku_run(), with koku_schedule(), a systemd timer or crontab.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.health_scheduler() IS
'Whether koku_run() ran in the last two hours; an error when work is due that long.';

CREATE FUNCTION koku_internal.health_steps(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN count(*) = 0 THEN 'ok' WHEN max(failures) < 3 THEN 'warning' ELSE 'error' END,
    CASE WHEN count(*) = 0 THEN 'no step of koku_run() failed when it last ran'
         ELSE string_agg(format('%s failed (%s in a row), last at %s: %s', step, failures, failed_at, last_error), '; '
                         ORDER BY step) END,
    CASE WHEN count(*) > 0 THEN 'See the error, and the server''s log at that time. '
                                'A step is tried again by each koku_run().' END
FROM @extschema@.koku_run_step
WHERE failures > 0;
$$;
COMMENT ON FUNCTION koku_internal.health_steps() IS
'Whether a step of koku_run() fails; an error from the third time on.';

CREATE FUNCTION koku_internal.inbox_fill() RETURNS TABLE (tenant text, setting text, percent numeric)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT loaded.tenant, measured.setting, round(100.0 * measured.used / measured.bound)
FROM koku_internal.inbox_limits() AS bound,
    LATERAL (SELECT listed.tenant, listed.payloads, listed.bytes, true AS is_tenant
             FROM koku_internal.inbox_load() AS listed
             UNION ALL
             SELECT NULL, sum(listed.payloads)::bigint, sum(listed.bytes)::bigint, false
             FROM koku_internal.inbox_load() AS listed) AS loaded,
    LATERAL (VALUES ('inbox_max_tenant_payloads', loaded.payloads, bound.max_tenant_payloads, true),
                    ('inbox_max_tenant_size', loaded.bytes, bound.max_tenant_bytes, true),
                    ('inbox_max_payloads', loaded.payloads, bound.max_payloads, false),
                    ('inbox_max_size', loaded.bytes, bound.max_bytes,
                     false)) AS measured (setting, used, bound, of_tenant)
WHERE measured.of_tenant = loaded.is_tenant AND measured.used IS NOT NULL AND measured.bound IS NOT NULL;
$$;
COMMENT ON FUNCTION koku_internal.inbox_fill() IS
'How much of each bound of the inbox is used, in percent. tenant: NULL for the bounds of the whole inbox.';

CREATE FUNCTION koku_internal.health_inbox(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN parked > 0 OR fill.percent >= 100 THEN 'error'
            WHEN held > 0 OR failed > 0 OR fill.percent >= 80 THEN 'warning'
            ELSE 'ok' END,
    format('waiting %s, failed %s, held %s, parked %s', waiting, failed, held, parked)
        || CASE WHEN fill.percent >= 80 THEN format(', %s %% of koku_onprem.%s%s used', fill.percent, fill.setting,
               CASE WHEN fill.tenant <> '' THEN format(' by tenant %I', fill.tenant) ELSE '' END) ELSE '' END,
    nullif(concat_ws(' ',
        CASE WHEN parked > 0 THEN 'Parked: see koku_inbox_status; '
                                  'then koku_retry_payload() or koku_drop_payload().' END,
        CASE WHEN held > 0 THEN 'Held: register the cluster with koku_create_source(), or resume its source.' END,
        CASE WHEN failed > 0 THEN 'Failed: retried automatically; see the errors in koku_inbox_status.' END,
        CASE WHEN fill.percent >= 80 THEN
            'Nearly full: payloads are refused beyond the bound; see whether '
            'koku_run() runs often enough and what koku_inbox_status shows.' END), '')
FROM (SELECT count(*) FILTER (WHERE inbox.status IN ('waiting', 'started')) AS waiting,
             count(*) FILTER (WHERE inbox.status = 'failed') AS failed,
             count(*) FILTER (WHERE inbox.status = 'held') AS held,
             count(*) FILTER (WHERE inbox.status = 'parked') AS parked
      FROM @extschema@.koku_inbox AS inbox WHERE inbox.status <> 'done') AS number
LEFT JOIN (SELECT * FROM koku_internal.inbox_fill() ORDER BY percent DESC, setting, tenant LIMIT 1) AS fill ON true;
$$;
COMMENT ON FUNCTION koku_internal.health_inbox() IS
'Payloads that need a look: a warning for failed and held ones and from 80 percent of a bound on, an error for parked '
'ones and when a bound is reached.';

CREATE FUNCTION koku_internal.health_summaries(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN parked > 0 OR most_attempts >= 5 THEN 'error' WHEN failed > 0 THEN 'warning' ELSE 'ok' END,
    format('waiting %s, failed %s, parked %s', waiting, failed, parked),
    nullif(concat_ws(' ',
        CASE WHEN parked > 0 THEN 'Parked: see last_error in koku_summary_requests '
                                  'and the server''s log; then koku_retry_summary().' END,
        CASE WHEN failed > 0
            THEN 'Failed: retried automatically; see last_error in koku_summary_requests.' END), '')
FROM (SELECT count(*) FILTER (WHERE NOT is_parked AND NOT has_failed) AS waiting,
             count(*) FILTER (WHERE NOT is_parked AND has_failed) AS failed,
             count(*) FILTER (WHERE is_parked) AS parked,
             max(attempts) FILTER (WHERE has_failed) AS most_attempts
      FROM @extschema@.koku_summary_request AS request,
          LATERAL (SELECT coalesce(request.retry_after = 'infinity', false),
                   request.last_error IS NOT NULL) AS judged (is_parked, has_failed)
     ) AS number;
$$;
COMMENT ON FUNCTION koku_internal.health_summaries() IS
'Whether requested summaries fail; an error from the fifth attempt on and for parked ones.';

CREATE FUNCTION koku_internal.health_costs(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN parked > 0 OR most_attempts >= 5 THEN 'error' WHEN failed > 0 THEN 'warning' ELSE 'ok' END,
    format('waiting %s, failed %s, parked %s', waiting, failed, parked),
    nullif(concat_ws(' ',
        CASE WHEN parked > 0 THEN 'Parked: see last_error in koku_cost_requests '
                                  'and the server''s log; then koku_retry_costs().' END,
        CASE WHEN failed > 0 THEN 'Failed: retried automatically; see last_error in koku_cost_requests.' END), '')
FROM (SELECT count(*) FILTER (WHERE NOT is_parked AND NOT has_failed) AS waiting,
             count(*) FILTER (WHERE NOT is_parked AND has_failed) AS failed,
             count(*) FILTER (WHERE is_parked) AS parked,
             max(attempts) FILTER (WHERE has_failed) AS most_attempts
      FROM @extschema@.koku_cost_request AS request,
          LATERAL (SELECT coalesce(request.retry_after = 'infinity', false),
                   request.last_error IS NOT NULL) AS judged (is_parked, has_failed)
      WHERE request.due <= koku_internal.today()
     ) AS number;
$$;
COMMENT ON FUNCTION koku_internal.health_costs() IS
'Whether requested costs fail; an error from the fifth attempt on and for parked ones.';

CREATE FUNCTION koku_internal.health_sources(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN silent > 0 THEN 'warning' ELSE 'ok' END,
    format('%s of %s sources silent%s', silent, number, CASE WHEN silent > 0 THEN ': ' || names ELSE '' END),
    CASE WHEN silent > 0 THEN
        'See koku_sources, and whether the operator of the cluster uploads; pause a source that is to send nothing.' END
FROM (SELECT count(*) AS number, count(*) FILTER (WHERE is_silent) AS silent,
             string_agg(quote_ident(name), ', ' ORDER BY name) FILTER (WHERE is_silent AND place <= 5)
                 || CASE WHEN count(*) FILTER (WHERE is_silent) > 5 THEN ', ...' ELSE '' END AS names
      FROM (SELECT source.name, judged.is_silent,
            row_number() OVER (PARTITION BY judged.is_silent ORDER BY source.name) AS place
            FROM @extschema@.koku_sources AS source,
                LATERAL (SELECT source.state = 'silent'
                     OR (source.state = 'no payload yet'
                         AND source.created_at < now() - interval '1 day')) AS judged (is_silent)
           ) AS listed) AS counted;
$$;
COMMENT ON FUNCTION koku_internal.health_sources() IS
'Sources that are not paused and whose payload is a day late, or that sent none a day after they were registered.';

-- The checks that look into the tables of tenants do so for some at once and believe what CALL koku_run() found last in
-- the others: to look at a thousand would take half a minute.

CREATE FUNCTION koku_internal.leaves_of_tenant(tenant name) RETURNS TABLE (relation oid, month date)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
-- Each relation is looked up: with many tenants the catalogue has hundreds of thousands.
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
SELECT leaf.oid,
    CASE WHEN leaf.relname ~ '_[0-9]{4}_(0[1-9]|1[0-2])$' THEN to_date(right(leaf.relname, 7), 'YYYY_MM') END
FROM koku_internal.partitioned_tables($1) AS root
JOIN pg_inherits AS attached ON attached.inhparent = root.relation
JOIN pg_class AS leaf ON leaf.oid = attached.inhrelid
WHERE leaf.relkind IN ('r', 'f');
$$;
COMMENT ON FUNCTION koku_internal.leaves_of_tenant(name) IS
'The partitions of a tenant, with the month that their names say; NULL: of none.';

CREATE FUNCTION koku_internal.partitioned_tables(tenant name) RETURNS TABLE (table_name text, relation oid)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT catalogue.table_name, found.relation::oid
FROM @extschema@.koku_catalogue_table AS catalogue,
    LATERAL to_regclass(format('%I.%I', $1, catalogue.table_name)) AS found (relation)
WHERE catalogue.partition_column IS NOT NULL AND found.relation IS NOT NULL;
$$;
COMMENT ON FUNCTION koku_internal.partitioned_tables(name) IS 'The partitioned tables of a tenant.';

CREATE FUNCTION koku_internal.filled_default_partitions(tenant name) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    filled text[] := '{}';
    candidate regclass;
BEGIN
    FOR candidate IN
        SELECT partition.partdefid
        FROM koku_internal.partitioned_tables(tenant) AS root
        JOIN pg_partitioned_table AS partition ON partition.partrelid = root.relation
        -- Only a file with blocks can hold rows.
        WHERE partition.partdefid <> 0 AND pg_relation_size(partition.partdefid) > 0
        ORDER BY root.table_name
    LOOP
        IF koku_internal.has_rows(candidate) THEN
            filled := filled || candidate::text;
        END IF;
    END LOOP;
    RETURN filled;
END;
$$;
COMMENT ON FUNCTION koku_internal.filled_default_partitions(name) IS
'The default partitions of a tenant that have rows.';

CREATE FUNCTION koku_internal.orphaned_sources(tenant name) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    orphaned text[];
BEGIN
    EXECUTE format('SELECT ARRAY(SELECT format(''%%s in %%I'', known.source, known.tenant)'
        ' FROM @extschema@.koku_source AS known WHERE known.tenant = $1'
        '   AND NOT EXISTS (SELECT FROM %I.reporting_tenant_api_provider AS provider'
        '                   WHERE provider.uuid = known.source)'
        ' ORDER BY known.source)', tenant)
    INTO orphaned
    USING tenant;
    RETURN orphaned;
END;
$$;
COMMENT ON FUNCTION koku_internal.orphaned_sources(name) IS
'Registered sources of a tenant that its table of sources lacks.';

CREATE FUNCTION koku_internal.finding(check_name text, tenant name) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
DECLARE
    next_month date := (date_trunc('month', koku_internal.today()::timestamp) + interval '1 month')::date;
    first_kept_day date;
    unknown text[];
    orphaned text[];
BEGIN
    -- One whose schema is gone is a finding of its own.
    IF to_regclass(format('%I.partitioned_tables', tenant)) IS NULL THEN
        RETURN NULL;
    END IF;
    CASE check_name
        WHEN 'default partitions' THEN
            RETURN nullif(to_jsonb(koku_internal.filled_default_partitions(tenant)), '[]');
        WHEN 'next month' THEN
            RETURN (SELECT jsonb_build_object('tables', count(*), 'table', min(root.table_name))
                    FROM koku_internal.partitioned_tables(tenant) AS root
                    WHERE to_regclass(format('%I.%I', tenant,
                                             koku_internal.partition_name(root.table_name::name, next_month))) IS NULL
                    HAVING count(*) > 0);
        WHEN 'retention' THEN
            first_kept_day := koku_internal.first_kept_day(koku_internal.retention_months(tenant),
                                                           koku_internal.today());
            RETURN (SELECT jsonb_build_object('partitions', count(*), 'oldest', min(leaf.month))
                    FROM koku_internal.leaves_of_tenant(tenant) AS leaf WHERE leaf.month < first_kept_day
                    HAVING count(*) > 0);
        WHEN 'months ahead' THEN
            RETURN (SELECT jsonb_build_object('partitions', count(*))
                    FROM koku_internal.leaves_of_tenant(tenant) AS leaf
                    WHERE leaf.month >= koku_internal.first_needless_month(koku_internal.today())
                    HAVING count(*) > 0);
        WHEN 'unknown rows' THEN
            unknown := ARRAY(
                SELECT format('%s%s in %I', found.source, ' of cluster ' || quote_ident(found.cluster_id), tenant)
                FROM koku_internal.unknown_sources(tenant) AS found);
            orphaned := koku_internal.orphaned_sources(tenant);
            RETURN CASE WHEN unknown <> '{}' OR orphaned <> '{}'
                THEN jsonb_build_object('unknown', unknown, 'orphaned', orphaned) END;
    END CASE;
END;
$$;
COMMENT ON FUNCTION koku_internal.finding(text, name) IS
'What a check of koku_health() finds in the tables of a tenant; NULL: nothing.';

CREATE FUNCTION koku_internal.tenants_at_once() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT 50;
$$;
COMMENT ON FUNCTION koku_internal.tenants_at_once() IS
'The number of tenants into whose tables koku_health() looks itself.';

CREATE FUNCTION koku_internal.tenants_to_look_at() RETURNS SETOF name
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT known.tenant
FROM @extschema@.koku_tenant AS known
LEFT JOIN koku_internal.tenant_upkeep AS upkeep USING (tenant)
ORDER BY upkeep.findings IS DISTINCT FROM '{}' DESC, upkeep.looked_at NULLS FIRST, known.created_at DESC, known.tenant
LIMIT koku_internal.tenants_at_once();
$$;
COMMENT ON FUNCTION koku_internal.tenants_to_look_at() IS
'The tenants into whose tables koku_health() looks: those where something was found or that were never looked at, and '
'those that were looked at longest ago.';

CREATE FUNCTION koku_internal.findings(check_name text) RETURNS TABLE (tenant name, finding jsonb)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
WITH chosen AS MATERIALIZED (
    SELECT listed.tenant FROM koku_internal.tenants_to_look_at() AS listed (tenant)
), listed (tenant, finding) AS MATERIALIZED (
    SELECT chosen.tenant, koku_internal.finding($1, chosen.tenant) FROM chosen
    UNION ALL
    SELECT known.tenant, upkeep.findings->$1
    FROM @extschema@.koku_tenant AS known JOIN koku_internal.tenant_upkeep AS upkeep USING (tenant)
    WHERE known.tenant NOT IN (SELECT chosen.tenant FROM chosen)
)
SELECT listed.tenant, listed.finding
FROM listed
WHERE listed.finding IS NOT NULL
ORDER BY listed.tenant;
$$;
COMMENT ON FUNCTION koku_internal.findings(text) IS
'What a check of koku_health() finds in tenants: in those of koku_internal.tenants_to_look_at() now, in the others '
'what CALL koku_run() found last, at most about a day ago.';

CREATE FUNCTION koku_internal.findings_of(tenant name) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
WITH listed (check_name, finding) AS MATERIALIZED (
    SELECT check_name, koku_internal.finding(check_name, $1)
    FROM unnest(ARRAY['default partitions', 'next month', 'retention', 'months ahead', 'unknown rows']) AS check_name
)
SELECT coalesce(jsonb_object_agg(listed.check_name, listed.finding) FILTER (WHERE listed.finding IS NOT NULL), '{}')
FROM listed;
$$;
COMMENT ON FUNCTION koku_internal.findings_of(name) IS
'What the checks of koku_health() find in the tables of a tenant, by the names of the checks; {}: nothing.';

CREATE FUNCTION koku_internal.look_at_tenants(number integer) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    chosen record;
    found jsonb;
BEGIN
    FOR chosen IN
        SELECT known.tenant, coalesce(upkeep.marks, 0) AS marks
        FROM @extschema@.koku_tenant AS known
        LEFT JOIN koku_internal.tenant_upkeep AS upkeep USING (tenant)
        WHERE upkeep.looked_at IS NULL OR upkeep.looked_at <= now() - interval '1 day'
        ORDER BY upkeep.looked_at NULLS FIRST, known.tenant
        LIMIT number
    LOOP
        CONTINUE WHEN NOT koku_internal.lock_name('upkeep', chosen.tenant::text, false, false);
        BEGIN
            found := koku_internal.findings_of(chosen.tenant);
            -- What changed without a word: partitions that another administrator or other software made or dropped.
            IF found ? 'next month' OR koku_internal.needs_retention(chosen.tenant, koku_internal.today()) THEN
                PERFORM koku_internal.mark_tenant(chosen.tenant);
            END IF;
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'koku_run: cannot look at tenant "%": %', chosen.tenant, SQLERRM
                USING ERRCODE = SQLSTATE, HINT = 'The others are looked at. See koku_health().';
            found := jsonb_build_object('failed', SQLERRM);
        END;
        INSERT INTO koku_internal.tenant_upkeep AS known (tenant, marks, looked_at, findings)
        VALUES (chosen.tenant, chosen.marks, now(), found)
        ON CONFLICT (tenant) DO UPDATE SET looked_at = excluded.looked_at, findings = excluded.findings;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.look_at_tenants(integer) IS
'Looks into the tables of some tenants that were not looked at for a day, keeps what koku_health() is to tell of it, '
'and marks those whose partitions need work that no mark told of.';

CREATE FUNCTION koku_internal.health_default_partitions(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
    CASE WHEN count(*) = 0 THEN 'no default partition has rows'
         ELSE koku_internal.first_five(array_agg(listed.relation ORDER BY listed.tenant, listed.relation)) END,
    CASE WHEN count(*) > 0 THEN 'Other software wrote rows of a month without a partition; they move when the '
        'partition of their month is made.' END
FROM (SELECT found.tenant, relation FROM koku_internal.findings('default partitions') AS found,
          LATERAL jsonb_array_elements_text(found.finding) AS relation) AS listed;
$$;
COMMENT ON FUNCTION koku_internal.health_default_partitions() IS
'Whether rows landed in a default partition, where retention is slow.';

CREATE FUNCTION koku_internal.health_next_month(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
-- koku_run() makes them, so there is time until the month is about to end.
WITH calendar (next_month) AS (
    SELECT (date_trunc('month', koku_internal.today()::timestamp) + interval '1 month')::date
), chosen AS MATERIALIZED (
    SELECT listed.tenant FROM koku_internal.tenants_to_look_at() AS listed (tenant)
), lacking AS (
    SELECT found.tenant, (found.finding->>'tables')::bigint AS tables, found.finding->>'table' AS table_name
    FROM koku_internal.findings('next month') AS found
    UNION ALL
    -- A month that has begun asks for the next of all tenants.
    SELECT known.tenant, of_all.tables, of_all.table_name
    FROM @extschema@.koku_tenant AS known
    JOIN koku_internal.tenant_upkeep AS upkeep USING (tenant),
        calendar, LATERAL (SELECT count(*) AS tables, min(catalogue.table_name) AS table_name
                           FROM @extschema@.koku_catalogue_table AS catalogue
                           WHERE catalogue.partition_column IS NOT NULL) AS of_all
    WHERE upkeep.partitions_until <= calendar.next_month AND NOT upkeep.findings ? 'next month'
      AND known.tenant NOT IN (SELECT chosen.tenant FROM chosen)
)
SELECT CASE WHEN count(lacking.tenant) = 0 THEN 'ok' WHEN next_month - koku_internal.today() > 3 THEN 'warning'
    ELSE 'error' END,
    CASE WHEN count(lacking.tenant) = 0
         THEN format('every table has its partition of %s', to_char(next_month, 'YYYY-MM'))
         ELSE format('%s tables lack the partition of %s, one is %I.%I', sum(lacking.tables),
                     to_char(next_month, 'YYYY-MM'), min(lacking.tenant::text), min(lacking.table_name)) END,
    CASE WHEN count(lacking.tenant) > 0 THEN 'Run CALL koku_run(), and see whether its step for partitions fails.' END
FROM calendar LEFT JOIN lacking ON true
GROUP BY next_month;
$$;
COMMENT ON FUNCTION koku_internal.health_next_month() IS
'Whether the partitions of the next month are there; an error in the last three days of a month.';

CREATE FUNCTION koku_internal.health_retention(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
    CASE WHEN count(*) = 0 THEN 'no partition is past its retention'
         ELSE format('%s partitions past the retention, the oldest of %s', sum((found.finding->>'partitions')::bigint),
                     left(min(found.finding->>'oldest'), 7)) END,
    CASE WHEN count(*) > 0 THEN 'Run CALL koku_run(), and see whether its step for retention fails.' END
FROM koku_internal.findings('retention') AS found;
$$;
COMMENT ON FUNCTION koku_internal.health_retention() IS
'Whether partitions are left whose month is past the retention of their tenant.';

CREATE FUNCTION koku_internal.health_months_ahead(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
    CASE WHEN count(*) = 0 THEN 'no tenant has partitions of a month after the next'
         ELSE format('%s partitions of months after the next in %s tenants, most in %I',
                     sum((found.finding->>'partitions')::bigint), count(*),
                     (array_agg(found.tenant ORDER BY (found.finding->>'partitions')::bigint DESC, found.tenant))[1])
    END,
    CASE WHEN count(*) > 0 THEN
        'CALL koku_run() drops empty ones. Rows of such months came from elsewhere or before a clock was set right: '
        'see koku_relation_sizes.' END
FROM koku_internal.findings('months ahead') AS found;
$$;
COMMENT ON FUNCTION koku_internal.health_months_ahead() IS
'Whether tenants have more partitions than their months need: some of a month after the next.';

CREATE FUNCTION koku_internal.health_transactions(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
    CASE WHEN count(*) = 0 THEN 'no transaction is older than an hour'
         ELSE format('%s transactions older than an hour, the oldest of process %s since %s', count(*),
                     (array_agg(pid ORDER BY xact_start))[1], min(xact_start)) END,
    CASE WHEN count(*) > 0 THEN
        'See pg_stat_activity. Old transactions keep dead rows and locks; '
        'end one with pg_terminate_backend() when nobody needs it.' END
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
      AND xact_start < clock_timestamp() - interval '1 hour';
$$;
COMMENT ON FUNCTION koku_internal.health_transactions() IS
'Transactions in this database that began more than an hour ago.';

CREATE FUNCTION koku_internal.health_locks(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
    CASE WHEN count(*) = 0 THEN 'no statement waits for a lock for more than five minutes'
         ELSE format('%s statements wait for a lock for more than five minutes, process %s for processes %s',
                     count(*), min(pid),
                     array_to_string(pg_blocking_pids(min(pid)), ', ')) END,
    CASE WHEN count(*) > 0 THEN 'See pg_stat_activity for what the blocking processes do.' END
FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND query_start < clock_timestamp() - interval '5 minutes';
$$;
COMMENT ON FUNCTION koku_internal.health_locks() IS
'Statements in this database that wait for a lock for more than five minutes.';

CREATE FUNCTION koku_internal.health_schemas(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN count(stranger) = 0 THEN 'ok' ELSE 'warning' END,
    CASE WHEN count(stranger) = 0 THEN 'nobody else can create objects where the extension lives'
         ELSE 'objects can be created by ' || string_agg(format('%s in %s', stranger, schema), ', '
                                                         ORDER BY schema, stranger) END,
    CASE WHEN count(stranger) > 0 THEN
        'Revoke CREATE on the schema, or give the schema to a superuser: '
        'functions put there could be called instead of the extension''s.' END
FROM koku_internal.strangers_in_schemas();
$$;
COMMENT ON FUNCTION koku_internal.health_schemas() IS
'Whether only superusers and the owner of the extension can create objects in its schemas.';

CREATE FUNCTION koku_internal.distributed_tenants() RETURNS SETOF name
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
        RETURN QUERY EXECUTE 'SELECT DISTINCT known.tenant FROM pg_catalog.pg_dist_partition AS distributed'
            ' JOIN pg_class AS relation ON relation.oid = distributed.logicalrelid'
            ' JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace'
            ' JOIN @extschema@.koku_tenant AS known ON known.tenant = namespace.nspname ORDER BY known.tenant';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.distributed_tenants() IS
'The tenants that have tables which Citus distributes, whose rows are on other servers.';

CREATE FUNCTION koku_internal.health_tenants(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN counted.gone = 0 AND counted.distributed = 0 THEN 'ok' ELSE 'error' END,
    CASE WHEN counted.gone = 0 AND counted.distributed = 0
         THEN format('each of %s tenants has its schema', counted.number)
         ELSE concat_ws('; ',
             CASE WHEN counted.gone > 0 THEN format('%s of %s tenants have no schema with their tables: %s',
                 counted.gone, counted.number, counted.names_gone) END,
             CASE WHEN counted.distributed > 0 THEN format('Citus distributes tables of %s tenants: %s',
                 counted.distributed, counted.names_distributed) END) END,
    nullif(concat_ws(' ',
        CASE WHEN counted.gone > 0 THEN
            'Adopt a schema that was renamed with koku_rename_tenant(), forget one that is gone '
            'with koku_drop_tenant(), or create it again, empty, with koku_create_tenant().' END,
        CASE WHEN counted.distributed > 0 THEN
            'Undistribute the tables: payloads and summaries of these tenants are refused. See docs/scale.md.' END), '')
FROM (SELECT count(*) AS number, count(*) FILTER (WHERE listed.is_gone) AS gone,
          count(*) FILTER (WHERE listed.is_distributed) AS distributed,
          koku_internal.first_five(array_agg(quote_ident(listed.tenant) ORDER BY listed.tenant)
                                   FILTER (WHERE listed.is_gone)) AS names_gone,
          koku_internal.first_five(array_agg(quote_ident(listed.tenant) ORDER BY listed.tenant)
                                   FILTER (WHERE listed.is_distributed)) AS names_distributed
      FROM (SELECT known.tenant, to_regclass(format('%I.partitioned_tables', known.tenant)) IS NULL AS is_gone,
                known.tenant IN (SELECT koku_internal.distributed_tenants()) AS is_distributed
            FROM @extschema@.koku_tenant AS known) AS listed) AS counted;
$$;
COMMENT ON FUNCTION koku_internal.health_tenants() IS
'Whether a tenant''s schema was dropped or renamed by other means than the functions for it, or has tables that Citus '
'distributes.';

CREATE FUNCTION koku_internal.health_unknown_rows(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unknown text[];
    orphaned text[];
BEGIN
    SELECT coalesce(array_agg(listed.text ORDER BY listed.tenant, listed.place) FILTER (WHERE listed.is_unknown), '{}'),
        coalesce(array_agg(listed.text ORDER BY listed.tenant, listed.place) FILTER (WHERE NOT listed.is_unknown), '{}')
    INTO unknown, orphaned
    FROM (SELECT found.tenant, kind.is_unknown, source.text, source.place
          FROM koku_internal.findings('unknown rows') AS found,
              LATERAL (VALUES ('unknown', true), ('orphaned', false)) AS kind (name, is_unknown),
              LATERAL jsonb_array_elements_text(found.finding->kind.name) WITH ORDINALITY AS source (text, place)
         ) AS listed;
    status := CASE WHEN unknown = '{}' AND orphaned = '{}' THEN 'ok' ELSE 'warning' END;
    detail := CASE WHEN status = 'ok' THEN 'all rows belong to sources that are registered' ELSE concat_ws('; ',
        CASE WHEN unknown <> '{}' THEN 'not registered: ' || koku_internal.first_five(unknown) END,
        CASE WHEN orphaned <> '{}'
            THEN 'missing in reporting_tenant_api_provider: ' || koku_internal.first_five(orphaned) END) END;
    what_to_do := nullif(concat_ws(' ',
        CASE WHEN unknown <> '{}' THEN
            'Keep such rows with koku_create_source(..., source => the uuid), '
            'or remove them with koku_remove_unknown_rows().' END,
        CASE WHEN orphaned <> '{}' THEN
            'Other software deleted sources: koku_delete_source() removes what is left of them.' END), '');
END;
$$;
COMMENT ON FUNCTION koku_internal.health_unknown_rows() IS
'Whether tenants have rows of sources that are not registered, or registered sources '
'that other software deleted from the tenant.';

CREATE FUNCTION koku_internal.health_budgets(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN exceeded + ahead > 0 THEN 'warning' ELSE 'ok' END,
    format('%s budgets, exceeded %s, about to be exceeded %s%s', number, exceeded, ahead,
           CASE WHEN exceeded + ahead > 0 THEN ': ' || names ELSE '' END),
    CASE WHEN exceeded + ahead > 0
        THEN 'See koku_budgets; raise the budget with koku_set_budget(), or see in koku_report() what costs more.' END
FROM (SELECT count(*) AS number, count(*) FILTER (WHERE state = 'exceeded') AS exceeded,
             count(*) FILTER (WHERE state = 'forecast exceeds it') AS ahead,
             array_to_string((array_agg(quote_ident(name) ORDER BY name COLLATE "C")
                              FILTER (WHERE state IN ('exceeded', 'forecast exceeds it')))[1:5], ', ') AS names
      FROM koku_internal.budgets_now()) AS counted;
$$;
COMMENT ON FUNCTION koku_internal.health_budgets() IS
'Whether a budget of the current month is exceeded, or will be if its days go on like the last ones.';

CREATE FUNCTION koku_internal.health_manifests(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
    CASE WHEN count(*) = 0 THEN 'no manifest waits for files longer than the pause between payloads'
         ELSE format('%s manifests wait for files longer than the pause between payloads,'
                     ' the oldest, of source %s, since %s', count(*),
                     (array_agg(quote_ident(late.name) ORDER BY late.last_file_at))[1], min(late.last_file_at)) END,
    CASE WHEN count(*) > 0 THEN
        'See koku_report_files for the files that wait, and have the operator send '
        'them again. Days that the files which came replaced lack what is missing.' END
FROM (SELECT known.name, known.next_expected_at - known.last_exported_at AS pause, files.last_file_at
      FROM @extschema@.koku_manifest AS manifest
      JOIN @extschema@.koku_sources AS known USING (source)
      CROSS JOIN LATERAL (SELECT coalesce(max(file.completed_at), manifest.created_at) AS last_file_at
                          FROM @extschema@.koku_report_file AS file
                          WHERE file.manifest_id = manifest.manifest_id) AS files
      WHERE manifest.completed_at IS NULL AND NOT known.paused
        -- One that came later, covers its days and has rows of all of them has made up for it.
        AND NOT EXISTS (SELECT FROM @extschema@.koku_manifest AS later
                        WHERE later.source = manifest.source AND later.manifest_id > manifest.manifest_id
                          AND later.completed_at IS NOT NULL
                          AND later.window_start <= manifest.window_start
                          AND later.window_end >= manifest.window_end
                          AND NOT EXISTS (SELECT FROM @extschema@.koku_report_file AS passed_over
                                          WHERE passed_over.manifest_id = later.manifest_id
                                            AND passed_over.superseded_days IS NOT NULL))) AS late
WHERE late.last_file_at + late.pause < now();
$$;
COMMENT ON FUNCTION koku_internal.health_manifests() IS
'Manifests of sources that are not paused whose other files do not come, and whose days no later manifest covers.';

CREATE FUNCTION koku_internal.health_clocks(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
    CASE WHEN count(*) = 0 THEN 'no payload of the last seven days is dated after its receipt'
         ELSE format('%s payloads of the last seven days are dated after their receipt, the latest of source %s to %s',
                     count(*),
                     (array_agg(quote_ident(known.name) ORDER BY manifest.exported_at DESC))[1],
                     max(manifest.exported_at)) END,
    CASE WHEN count(*) > 0 THEN 'Set the clock of the cluster, or of this server: '
                                'days and hours of what it sends are wrong, too.' END
FROM @extschema@.koku_manifest AS manifest
JOIN @extschema@.koku_source AS known USING (source)
-- A few minutes are no concern of hourly reports.
WHERE manifest.created_at > now() - interval '7 days'
      AND manifest.exported_at > manifest.created_at + interval '10 minutes';
$$;
COMMENT ON FUNCTION koku_internal.health_clocks() IS
'Payloads whose sender''s clock was ahead of ours by more than ten minutes when they were ingested.';
