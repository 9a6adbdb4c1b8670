-- Checks what a summary must conserve.

CREATE FUNCTION koku_internal.check_conservation(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (day date, measure text, raw double precision, daily double precision, summary double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    -- Sums of raw and of daily line items in the units of the daily summary, and the sums of their magnitudes.
    line_items text := $sums$
        SELECT total.usage_start AS day, measure.name, measure.value, measure.size
        FROM (
            SELECT usage_start,
                sum(number.usage_cpu) / 3600 AS usage_cpu,
                sum(abs(number.usage_cpu)) / 3600 AS usage_cpu_size,
                sum(number.request_cpu) / 3600 AS request_cpu,
                sum(abs(number.request_cpu)) / 3600 AS request_cpu_size,
                sum(number.effective_cpu) / 3600 AS effective_cpu,
                sum(abs(number.effective_cpu)) / 3600 AS effective_cpu_size,
                sum(number.limit_cpu) / 3600 AS limit_cpu,
                sum(abs(number.limit_cpu)) / 3600 AS limit_cpu_size,
                sum(number.usage_memory) / 3600 * 2 ^ -30 AS usage_memory,
                sum(abs(number.usage_memory)) / 3600 * 2 ^ -30 AS usage_memory_size,
                sum(number.request_memory) / 3600 * 2 ^ -30 AS request_memory,
                sum(abs(number.request_memory)) / 3600 * 2 ^ -30 AS request_memory_size,
                sum(number.effective_memory) / 3600 * 2 ^ -30 AS effective_memory,
                sum(abs(number.effective_memory)) / 3600 * 2 ^ -30 AS effective_memory_size,
                sum(number.limit_memory) / 3600 * 2 ^ -30 AS limit_memory,
                sum(abs(number.limit_memory)) / 3600 * 2 ^ -30 AS limit_memory_size
            FROM {tenant}.{table}, LATERAL (SELECT
                koku_internal.finite(pod_usage_cpu_core_seconds) AS usage_cpu,
                koku_internal.finite(pod_request_cpu_core_seconds) AS request_cpu,
                koku_internal.finite(pod_effective_usage_cpu_core_seconds) AS effective_cpu,
                koku_internal.finite(pod_limit_cpu_core_seconds) AS limit_cpu,
                koku_internal.finite(pod_usage_memory_byte_seconds) AS usage_memory,
                koku_internal.finite(pod_request_memory_byte_seconds) AS request_memory,
                koku_internal.finite(pod_effective_usage_memory_byte_seconds) AS effective_memory,
                koku_internal.finite(pod_limit_memory_byte_seconds) AS limit_memory) AS number
            WHERE source = $1::text AND usage_start BETWEEN $2 AND $3 AND node <> ''
            GROUP BY usage_start) AS total,
            LATERAL (VALUES
                ('pod_usage_cpu_core_hours', usage_cpu, usage_cpu_size),
                ('pod_request_cpu_core_hours', request_cpu, request_cpu_size),
                ('pod_effective_usage_cpu_core_hours', effective_cpu, effective_cpu_size),
                ('pod_limit_cpu_core_hours', limit_cpu, limit_cpu_size),
                ('pod_usage_memory_gigabyte_hours', usage_memory, usage_memory_size),
                ('pod_request_memory_gigabyte_hours', request_memory, request_memory_size),
                ('pod_effective_usage_memory_gigabyte_hours', effective_memory, effective_memory_size),
                ('pod_limit_memory_gigabyte_hours', limit_memory, limit_memory_size)) AS measure (name, value, size)
        $sums$;
    daily_summary text := $sums$
        SELECT line.usage_start AS day, measure.name, sum(measure.value)::double precision AS value,
            bool_or(abs(measure.value) >= 999999999999999000) AS cut
        FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line,
            LATERAL (VALUES
                ('pod_usage_cpu_core_hours', pod_usage_cpu_core_hours),
                ('pod_request_cpu_core_hours', pod_request_cpu_core_hours),
                ('pod_effective_usage_cpu_core_hours', pod_effective_usage_cpu_core_hours),
                ('pod_limit_cpu_core_hours', pod_limit_cpu_core_hours),
                ('pod_usage_memory_gigabyte_hours', pod_usage_memory_gigabyte_hours),
                ('pod_request_memory_gigabyte_hours', pod_request_memory_gigabyte_hours),
                ('pod_effective_usage_memory_gigabyte_hours', pod_effective_usage_memory_gigabyte_hours),
                ('pod_limit_memory_gigabyte_hours', pod_limit_memory_gigabyte_hours)) AS measure (name, value)
        -- Rows of unallocated capacity and of cost have no usage cost.
        WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3
          AND line.data_source = 'Pod' AND line.infrastructure_usage_cost IS NOT NULL
        GROUP BY line.usage_start, measure.name
        $sums$;
BEGIN
    RETURN QUERY EXECUTE replace(format($query$
        SELECT day, name, raw.value, daily.value, summary.value
        FROM (%1$s) AS raw (day, name, value, size)
        FULL JOIN (%2$s) AS daily (day, name, value, size) USING (day, name)
        FULL JOIN (%3$s) AS summary (day, name, value, cut) USING (day, name),
            -- A day with a number that the summary had to cut is compared without it.
            LATERAL (VALUES (coalesce(raw.value, 0), coalesce(daily.value, 0),
                coalesce(CASE WHEN summary.cut THEN daily.value ELSE summary.value END, 0))) AS one (a, b, c)
        -- Sums of doubles depend on the order of the rows, the more the greater the numbers are, whatever their sign.
        WHERE greatest(a, b, c) - least(a, b, c) > 1e-9 * greatest(abs(a), abs(b), abs(c), raw.size, daily.size, 1)
        $query$,
        replace(line_items, '{table}', 'openshift_pod_usage_line_items'),
        replace(line_items, '{table}', 'openshift_pod_usage_line_items_daily'),
        daily_summary), '{tenant}', quote_ident(tenant))
    USING source, first_day, last_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.check_conservation(name, uuid, date, date) IS
'Days and measures of pods with a node whose sums differ between raw line items, daily line items and daily summary by more than one part in 10^9; NULL: no rows. The summary of a measure and day counts only when none of its numbers had to be cut at the largest that the table holds.';

CREATE FUNCTION koku_internal.check_daily_keys(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (day date, measure text, raw double precision, daily double precision, summary double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    listed record;
BEGIN
    FOR listed IN
        SELECT catalogue.table_name, catalogue.report_type,
            string_agg(quote_ident(col.column_name), ', ' ORDER BY col.position) AS key_columns
        FROM @extschema@.koku_catalogue_table AS catalogue
        JOIN @extschema@.koku_catalogue_column AS col USING (table_name)
        WHERE catalogue.kind = 'daily' AND col.daily_role = 'key'
        GROUP BY catalogue.table_name, catalogue.report_type, catalogue.position
        ORDER BY catalogue.position
    LOOP
        RETURN QUERY EXECUTE format($query$
            SELECT usage_start, $4 || ' daily rows, against keys', NULL::double precision, sum(number)::double precision,
                count(*)::double precision
            FROM (SELECT usage_start, count(*) AS number FROM %I.%I
                  WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
                  GROUP BY usage_start, %s) AS key
            GROUP BY usage_start
            HAVING sum(number) > count(*)
            $query$, tenant, listed.table_name, listed.key_columns)
        USING source, first_day, last_day, listed.report_type;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.check_daily_keys(name, uuid, date, date) IS
'Days with more than one daily row for a key: daily is the number of rows, summary the number of keys.';

-- With the rights of its owner, so that whoever may call it needs no other grant; it tells days and sums.
CREATE FUNCTION @extschema@.koku_check(source uuid, year integer, month integer)
RETURNS TABLE (day date, measure text, raw double precision, daily double precision, summary double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner @extschema@.koku_source := koku_internal.require_source(source);
    first_day date := koku_internal.first_day(year, month);
    last_day date := (first_day + interval '1 month')::date - 1;
BEGIN
    RETURN QUERY
    SELECT * FROM koku_internal.check_conservation(owner.tenant, source, first_day, last_day)
    UNION ALL
    SELECT * FROM koku_internal.check_daily_keys(owner.tenant, source, first_day, last_day)
    ORDER BY 1, 2;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_check(uuid, integer, integer) IS
'Differences in a month of a source; no row means that all is well. A row is a day and measure of the pods with a node whose sum is not the same in the raw line items, the daily line items and the daily summary (hours and gigabyte hours, NULL without rows, one part in 10^9 is tolerated), or a day and report type with more daily rows (daily) than keys (summary). A day that waits to be summarized is a difference. Errors: 42704 unknown source, 22023 no such month.';
