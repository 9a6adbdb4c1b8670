-- The retention of raw rows. Those of pods and volumes are nearly all that a tenant stores, and nothing reads them once
-- no more deliveries of their days are awaited and their summaries are made: daily rows, summaries and costs stay. Raw
-- rows of machines, GPUs and labels are few, and costs are computed from them: they stay, too.
--
-- A day that has daily rows and no raw rows, whoever removed them, is left as it is by deliveries that are not larger
-- and by summaries: nothing good is replaced by nothing. So nothing else needs to be known of it; koku_raw_removal
-- tells people since when.

CREATE FUNCTION koku_internal.short_lived_tables() RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT catalogue.table_name FROM @extschema@.koku_catalogue_table AS catalogue
WHERE catalogue.kind = 'raw' AND catalogue.report_type IN ('pod_usage', 'storage_usage');
$$;
COMMENT ON FUNCTION koku_internal.short_lived_tables() IS
'The tables whose rows have a retention of their own: raw rows of pods and of volumes.';

CREATE FUNCTION koku_internal.raw_retention_days(tenant name) RETURNS integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    days integer := coalesce(
        (SELECT known.raw_retention_days FROM @extschema@.koku_tenant AS known
         WHERE known.tenant = raw_retention_days.tenant),
        nullif(current_setting('koku_onprem.raw_retention_days', true), '')::integer,
        -1);
BEGIN
    -- Who keeps everything keeps raw rows as well, unless he says otherwise.
    RETURN CASE WHEN days = -1 AND koku_internal.retention_months(tenant) = 0 THEN 0 ELSE days END;
END;
$$;
COMMENT ON FUNCTION koku_internal.raw_retention_days(name) IS
'Days that a tenant keeps raw rows of pods and volumes, today included; 0: as long as the rest; -1: those of a month '
'until seven days after its end. Its own number, else the setting koku_onprem.raw_retention_days (-1 before the '
'library is loaded); -1 is 0 for a tenant that keeps all months.';

CREATE FUNCTION koku_internal.first_kept_raw_day(days integer, as_of date) RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE
    WHEN $1 > 0 THEN $2 - $1 + 1
    WHEN $1 < 0 THEN date_trunc('month', ($2 - 7)::timestamp)::date
END;
$$;
COMMENT ON FUNCTION koku_internal.first_kept_raw_day(integer, date) IS
'The first day whose raw rows are kept on a day: with 7 days on 2026-11-22 it is 2026-11-16, with -1 it is 2026-11-01, '
'on 2026-11-07 still 2026-10-01. NULL for 0: they are kept as long as the rest.';

CREATE FUNCTION @extschema@.koku_set_raw_retention(days integer, tenant name DEFAULT 'koku') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    IF days NOT BETWEEN -1 AND 36500 THEN
        RAISE EXCEPTION 'raw retention of % days is not allowed', days
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give 1 to 36500 days, 0 to keep raw rows as long as the rest, -1 to keep those of a month '
                      'until seven days after its end, or NULL to follow koku_onprem.raw_retention_days.';
    END IF;
    UPDATE @extschema@.koku_tenant AS known SET raw_retention_days = days
        WHERE known.tenant = koku_set_raw_retention.tenant;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_set_raw_retention(integer, name) IS
'Sets how many days a tenant keeps raw rows of pods and volumes, today included. 0: as long as the rest. -1: those of '
'a month until seven days after its end, or as long as the rest where all months are kept. NULL: as the setting '
'koku_onprem.raw_retention_days says. Nothing is removed now: the next CALL koku_run() does it. Errors: 42704 unknown '
'tenant, 22023 less than -1 or more than 36500.';

CREATE FUNCTION koku_internal.awaits_raw_rows(tenant name, source uuid, first_day date, end_day date) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT EXISTS (
        SELECT FROM @extschema@.koku_summary_request AS waiting JOIN @extschema@.koku_source AS known USING (source)
        WHERE known.tenant = $1 AND ($2 IS NULL OR known.source = $2)
          AND waiting.first_day < $4 AND waiting.last_day >= $3)
    OR EXISTS (
        SELECT FROM @extschema@.koku_changed_day AS changed
        JOIN @extschema@.koku_manifest AS manifest USING (manifest_id)
        JOIN @extschema@.koku_source AS known USING (source)
        WHERE known.tenant = $1 AND ($2 IS NULL OR known.source = $2) AND changed.day >= $3 AND changed.day < $4);
$$;
COMMENT ON FUNCTION koku_internal.awaits_raw_rows(name, uuid, date, date) IS
'Whether raw rows of days from first_day to the day before end_day are still to be summarized: a summary waits, or a '
'manifest that brought rows waits for its other files. source NULL: of any source of the tenant.';

CREATE FUNCTION koku_internal.note_raw_removal(tenant name, end_day date) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO @extschema@.koku_raw_removal AS known (tenant, removed_before, removed_at)
VALUES ($1, $2, now())
ON CONFLICT (tenant) DO UPDATE
SET removed_before = greatest(known.removed_before, excluded.removed_before), removed_at = excluded.removed_at;
$$;
COMMENT ON FUNCTION koku_internal.note_raw_removal(name, date) IS
'Notes that raw rows of days before end_day are removed. Belongs into the transaction that does it.';

CREATE FUNCTION koku_internal.drop_raw_partition(
    tenant name, schema_name name, partition_name name, first_day date, end_day date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    partition regclass := koku_internal.lock_partition(tenant, schema_name, partition_name);
BEGIN
    -- Whoever loaded rows into it has asked for their summary, now that the lock is there.
    IF partition IS NULL OR koku_internal.awaits_raw_rows(tenant, NULL, first_day, end_day) THEN
        RETURN;
    END IF;
    IF koku_internal.has_rows(partition) THEN
        PERFORM koku_internal.note_raw_removal(tenant, end_day);
    END IF;
    PERFORM koku_internal.drop_partition(tenant, schema_name, partition_name);
END;
$$;
COMMENT ON FUNCTION koku_internal.drop_raw_partition(name, name, name, date, date) IS
'Drops a partition of raw rows, unless it is gone or some of them are still to be summarized.';

CREATE FUNCTION koku_internal.delete_raw_rows(relation text, tenant name, source uuid, day date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.require_free_source(source);
    IF koku_internal.awaits_raw_rows(tenant, source, day, day + 1) THEN
        RETURN;
    END IF;
    PERFORM koku_internal.note_raw_removal(tenant, day + 1);
    PERFORM koku_internal.remove_rows(relation, 'target.source = $1::text AND target.usage_start = $2', 'NULL::date',
                                      source, day, false);
END;
$$;
COMMENT ON FUNCTION koku_internal.delete_raw_rows(text, name, uuid, date) IS
'Deletes the raw rows of a source and day from a partition, unless they are still to be summarized. Raises 55P03 when '
'another transaction has the source.';

CREATE FUNCTION koku_internal.days_in(relation text, source uuid, end_day date) RETURNS SETOF date
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- One step along the index of source and day for each day.
    RETURN QUERY EXECUTE format($query$
        WITH RECURSIVE found (day) AS (
            (SELECT line.usage_start FROM %1$s AS line WHERE line.source = $1::text AND line.usage_start < $2
             ORDER BY line.usage_start LIMIT 1)
            UNION ALL
            SELECT (SELECT line.usage_start FROM %1$s AS line
                    WHERE line.source = $1::text AND line.usage_start > found.day AND line.usage_start < $2
                    ORDER BY line.usage_start LIMIT 1)
            FROM found WHERE found.day IS NOT NULL
        )
        SELECT found.day FROM found WHERE found.day IS NOT NULL
        $query$, relation)
    USING source, end_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.days_in(text, uuid, date) IS
'The days before end_day of which a partition of line items has rows of a source.';

CREATE FUNCTION koku_internal.raw_pieces(tenant name, as_of date) RETURNS SETOF text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
WITH kept AS (
    SELECT koku_internal.first_kept_raw_day(koku_internal.raw_retention_days($1), $2) AS first_day
), leaf AS (
    SELECT namespace.nspname, relation.relname, attached.first_day, attached.end_day,
        coalesce(attached.end_day <= kept.first_day AND isfinite(attached.first_day), false) AS whole,
        kept.first_day AS end_of_removal
    FROM kept, koku_internal.partitions($1) AS attached
    JOIN pg_class AS relation ON relation.oid = attached.partition
    JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE attached.table_name::text IN (SELECT koku_internal.short_lived_tables())
      AND kept.first_day IS NOT NULL AND NOT coalesce(attached.first_day >= kept.first_day, false)
      AND relation.relkind = 'r'
)
SELECT ARRAY['drop raw partition', leaf.relname::text, leaf.nspname::text, leaf.first_day::text, leaf.end_day::text]
FROM leaf WHERE leaf.whole
UNION ALL
SELECT ARRAY['delete raw rows', format('%I.%I', leaf.nspname, leaf.relname), source::text, day::text]
FROM leaf, unnest(koku_internal.sources_with_rows($1)) AS source,
    LATERAL koku_internal.days_in(format('%I.%I', leaf.nspname, leaf.relname), source, leaf.end_of_removal) AS day
WHERE NOT leaf.whole;
$$;
COMMENT ON FUNCTION koku_internal.raw_pieces(name, date) IS
'Pieces that remove the raw rows of a tenant that are past their retention as of a day: whole partitions, and the rows '
'of a source and day in partitions that have later days, too.';

CREATE FUNCTION koku_internal.days_without_raw_rows(tenant name, source uuid, first_day date, last_day date)
RETURNS date[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    days date[];
BEGIN
    -- A look at one row for each day and table; joins would read them all.
    EXECUTE (
        SELECT format('SELECT coalesce(array_agg(listed.day ORDER BY listed.day), ''{}'')'
            ' FROM (SELECT $2 + number FROM generate_series(0, $3 - $2) AS number) AS listed (day) WHERE ')
            || string_agg(format(
            '(SELECT true FROM %1$I.%2$I AS line WHERE line.source = $1::text AND line.usage_start = listed.day'
            ' AND line.usage_start BETWEEN $2 AND $3 LIMIT 1)'
            ' AND (SELECT true FROM %1$I.%3$I AS line WHERE line.source = $1::text AND line.usage_start = listed.day'
            ' AND line.usage_start BETWEEN $2 AND $3 LIMIT 1) IS NULL',
            tenant, raw.table_name || '_daily', raw.table_name), ' OR ')
        FROM koku_internal.short_lived_tables() AS raw (table_name))
    INTO days
    USING source, first_day, last_day;
    RETURN days;
END;
$$;
COMMENT ON FUNCTION koku_internal.days_without_raw_rows(name, uuid, date, date) IS
'The days of a source whose raw rows of pods or volumes were removed, while their daily rows are there; {}: none.';

CREATE FUNCTION koku_internal.tell_of_days_without_raw_rows(tenant name, cluster_id text, days date[], consequence text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
BEGIN
    IF cardinality(days) > 0 THEN
        RAISE NOTICE 'cluster "%": raw rows removed%, of % days from % to %', cluster_id,
            coalesce((SELECT ' on ' || (removal.removed_at AT TIME ZONE 'UTC')::date
                      FROM @extschema@.koku_raw_removal AS removal
                      WHERE removal.tenant = tell_of_days_without_raw_rows.tenant AND removal.removed_before > days[1]),
                     ''),
            cardinality(days), days[1], days[cardinality(days)]
            USING DETAIL = consequence;
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.tell_of_days_without_raw_rows(name, text, date[], text) IS
'Tells by a notice which days have no raw rows any more, and what follows; nothing for no day.';

CREATE FUNCTION koku_internal.runs_of_days(first_day date, last_day date, set_apart date[])
RETURNS TABLE (first_day_of_run date, last_day_of_run date, is_set_apart boolean)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT min(listed.day), max(listed.day), listed.apart
FROM (SELECT each.day, each.apart,
          each.day - (row_number() OVER (PARTITION BY each.apart ORDER BY each.day))::integer AS run
      FROM (SELECT $1 + number AS day, $1 + number = ANY ($3) AS apart
            FROM generate_series(0, $2 - $1) AS number) AS each) AS listed
GROUP BY listed.apart, listed.run
ORDER BY 1;
$$;
COMMENT ON FUNCTION koku_internal.runs_of_days(date, date, date[]) IS
'A range of days cut where days that are set apart begin and end, in order.';
