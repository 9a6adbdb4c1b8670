-- Retention on demand, for the tenant as a whole in one transaction. CALL koku_run() does the same in small ones
-- (src/sql/run/upkeep.sql).

CREATE FUNCTION koku_internal.purge_partitions(tenant name, first_kept_day date, dry_run boolean)
RETURNS TABLE (relation text, month date, rows bigint, bytes bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    expired record;
    partition regclass;
BEGIN
    FOR expired IN SELECT * FROM koku_internal.expired_partitions(tenant, first_kept_day) LOOP
        relation := format('%I.%I', expired.schema_name, expired.partition_name);
        month := expired.month;
        partition := to_regclass(relation);
        SELECT CASE WHEN min(part.reltuples) >= 0 THEN sum(part.reltuples)::bigint END,
            sum(pg_total_relation_size(part.oid))::bigint
        INTO rows, bytes
        FROM pg_class AS part
        WHERE part.oid = partition
              OR part.oid IN (SELECT leaf.relid FROM pg_partition_tree(partition) AS leaf WHERE leaf.isleaf);
        IF NOT dry_run THEN
            PERFORM koku_internal.drop_partition(tenant, expired.schema_name, expired.partition_name);
        END IF;
        RETURN NEXT;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.purge_partitions(name, date, boolean) IS
'Drops (dry_run: lists) the expired partitions of a tenant. rows: as the planner '
'believes, NULL when it was never analyzed.';

CREATE FUNCTION koku_internal.leftover_partitions(tenant name, first_kept_day date)
RETURNS TABLE (relation text, partition_column text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT format('%I.%I', namespace.nspname, relation.relname), catalogue.partition_column
FROM koku_internal.partitions($1) AS attached
JOIN @extschema@.koku_catalogue_table AS catalogue USING (table_name)
JOIN pg_class AS relation ON relation.oid = attached.partition
JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
WHERE NOT coalesce(attached.first_day >= $2, false) AND NOT coalesce(attached.end_day <= $2, false)
ORDER BY 1;
$$;
COMMENT ON FUNCTION koku_internal.leftover_partitions(name, date) IS
'Partitions of a tenant that can hold days before first_kept_day and are not dropped for it: the default partitions, '
'and those of other software that span kept days, too.';

CREATE FUNCTION koku_internal.purge_leftovers(
    relation text, partition_column text, first_kept_day date, dry_run boolean)
RETURNS TABLE (month date, rows bigint)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT * FROM koku_internal.remove_rows(relation, format('target.%I < $2', partition_column),
    format('date_trunc(''month'', target.%I::timestamp)::date', partition_column), NULL, first_kept_day, dry_run);
$$;
COMMENT ON FUNCTION koku_internal.purge_leftovers(text, text, date, boolean) IS
'Deletes (dry_run: counts) the rows of a partition whose day is before first_kept_day.';

CREATE FUNCTION koku_internal.purge_needless_partitions(tenant name, as_of date, dry_run boolean)
RETURNS TABLE (relation text, month date, bytes bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    needless record;
BEGIN
    FOR needless IN SELECT * FROM koku_internal.needless_partitions(tenant, as_of) LOOP
        relation := format('%I.%I', needless.schema_name, needless.partition_name);
        month := needless.month;
        bytes := pg_total_relation_size(relation::regclass);
        IF dry_run OR koku_internal.drop_empty_partition(tenant, needless.schema_name, needless.partition_name) THEN
            RETURN NEXT;
        END IF;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.purge_needless_partitions(name, date, boolean) IS
'Drops (dry_run: lists) the empty partitions of a tenant for months after the next.';

CREATE FUNCTION koku_internal.purge_tenant(tenant name, as_of date, dry_run boolean)
RETURNS TABLE (relation text, month date, action text, rows bigint, bytes bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    first_kept_day date := koku_internal.first_kept_day(koku_internal.retention_months(tenant), as_of);
    sources uuid[] := koku_internal.sources_with_rows(tenant);
BEGIN
    IF NOT dry_run THEN
        -- In the order of tenant/locks.sql: the sources, then the tables.
        PERFORM koku_internal.lock_source(source) FROM unnest(sources) AS source;
        PERFORM koku_internal.lock_tables(tenant);
    END IF;

    RETURN QUERY
    SELECT dropped.relation, dropped.month, 'drop partition', dropped.rows, dropped.bytes
    FROM koku_internal.purge_partitions(tenant, first_kept_day, dry_run) AS dropped
    UNION ALL
    SELECT dropped.relation, dropped.month, 'drop partition', 0, dropped.bytes
    FROM koku_internal.purge_needless_partitions(tenant, as_of, dry_run) AS dropped;

    IF first_kept_day IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT leftover.relation, removed.month, 'delete rows', removed.rows, NULL::bigint
    FROM koku_internal.leftover_partitions(tenant, first_kept_day) AS leftover,
        LATERAL koku_internal.purge_leftovers(
            leftover.relation, leftover.partition_column, first_kept_day, dry_run) AS removed;

    RETURN QUERY
    SELECT removed.relation, removed.month, 'delete rows', sum(removed.rows)::bigint, NULL::bigint
    FROM unnest(sources) AS source,
        LATERAL koku_internal.remove_expired_rows(tenant, source, first_kept_day, dry_run) AS removed
    GROUP BY removed.position, removed.relation, removed.month
    ORDER BY removed.position, removed.month;

    RETURN QUERY
    SELECT format('%I.reporting_ocptags_values', tenant), NULL::date, done.action, done.rows, NULL::bigint
    FROM koku_internal.clean_tag_values(tenant, first_kept_day, dry_run) AS cleaned,
        LATERAL (VALUES ('delete rows', cleaned.deleted), ('change rows', cleaned.changed)) AS done (action, rows)
    WHERE done.rows > 0
    UNION ALL
    SELECT format('%I.reporting_enabledtagkeys', tenant), NULL, 'delete rows', unused, NULL
    FROM koku_internal.clean_tag_keys(tenant, first_kept_day, dry_run) AS unused
    WHERE unused > 0;
END;
$$;
COMMENT ON FUNCTION koku_internal.purge_tenant(name, date, boolean) IS
'Removes (dry_run: lists) what is past the retention of a tenant as of a day, and its '
'empty partitions of months that are far ahead.';

CREATE FUNCTION @extschema@.koku_purge_expired(tenant name DEFAULT NULL,
                                               as_of date DEFAULT NULL, dry_run boolean DEFAULT false)
RETURNS TABLE (tenant_name name, relation text, month date, action text, rows bigint, bytes bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    day date := coalesce(as_of, koku_internal.today());
BEGIN
    IF tenant IS NOT NULL THEN
        PERFORM koku_internal.require_tenant(tenant);
        PERFORM koku_internal.require_schema(tenant);
    END IF;
    IF NOT isfinite(day) THEN
        RAISE EXCEPTION 'as_of is not a day' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY
    SELECT expiring.tenant, purged.*
    FROM (SELECT known.tenant
          FROM @extschema@.koku_tenant AS known
          WHERE known.tenant = koku_purge_expired.tenant
             -- One whose schema is gone has nothing to remove; koku_health() names it.
             OR koku_purge_expired.tenant IS NULL
             AND to_regclass(format('%I.partitioned_tables', known.tenant)) IS NOT NULL
          ORDER BY known.tenant) AS expiring,
        LATERAL koku_internal.purge_tenant(expiring.tenant, day, coalesce(dry_run, false)) AS purged;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_purge_expired(name, date, boolean) IS
'Removes what is past the retention of a tenant (NULL: of all), and empty partitions of months after the next, and '
'returns what went, or with dry_run what would go: drop partition (rows: the planner''s estimate, NULL when it has '
'none; bytes: on disk), delete rows, change rows (tag values that lose clusters, namespaces and nodes). as_of: the UTC '
'day from which months are counted back, NULL: today; a later day removes more. All in one transaction: it waits for '
'the tenant''s sources and locks its tables against everybody until its end; CALL koku_run() does the same in small '
'transactions. Errors: 42704 unknown tenant, 22023 as_of infinite, 55P03 lock_timeout.';
