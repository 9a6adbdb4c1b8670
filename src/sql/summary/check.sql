-- Checks what a summary must conserve.

CREATE FUNCTION koku_internal.check_conservation(
    tenant name, source uuid, first_day date, last_day date, days_without_raw_rows date[] DEFAULT '{}')
RETURNS TABLE (day date, measure text, raw double precision, daily double precision, summary double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
-- The planner takes what it knows nothing of for a few rows.
SET enable_nestloop = off
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
            LATERAL (VALUES (
                coalesce(CASE WHEN day = ANY ($4) THEN daily.value ELSE raw.value END, 0), coalesce(daily.value, 0),
                coalesce(CASE WHEN summary.cut THEN daily.value ELSE summary.value END, 0))) AS one (a, b, c)
        -- Sums of doubles depend on the order of the rows, the more the greater the numbers are, whatever their sign.
        WHERE greatest(a, b, c) - least(a, b, c) > 1e-9 * greatest(abs(a), abs(b), abs(c), raw.size, daily.size, 1)
        $query$,
        replace(line_items, '{table}', 'openshift_pod_usage_line_items'),
        replace(line_items, '{table}', 'openshift_pod_usage_line_items_daily'),
        daily_summary), '{tenant}', quote_ident(tenant))
    USING source, first_day, last_day, days_without_raw_rows;
END;
$$;
COMMENT ON FUNCTION koku_internal.check_conservation(name, uuid, date, date, date[]) IS
'Days and measures of pods with a node whose sums differ between raw line items, daily line items and daily summary by '
'more than one part in 10^9; NULL: no rows. The summary of a measure and day counts only when none of its numbers had '
'to be cut at the largest that the table holds, the raw line items only of days that are not listed.';

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
            SELECT usage_start, $4 || ' daily rows, against keys', NULL::double precision,
                sum(number)::double precision,
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

CREATE FUNCTION koku_internal.check_volumes(
    tenant name, source uuid, first_day date, last_day date, days_without_raw_rows date[] DEFAULT '{}')
RETURNS TABLE (day date, measure text, raw double precision, daily double precision, summary double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
-- The planner takes what it knows nothing of for a few rows.
SET enable_nestloop = off
AS $$
BEGIN
    RETURN QUERY EXECUTE replace($query$
        WITH pod AS MATERIALIZED (
            SELECT DISTINCT usage_start, interval_start, namespace, pod, node
            FROM {tenant}.openshift_pod_usage_line_items
            WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
        ), pod_day AS MATERIALIZED (
            SELECT DISTINCT usage_start, namespace, pod, node FROM pod
        ), line AS MATERIALIZED (
            SELECT *, CASE WHEN persistentvolume = '' THEN concat(namespace, '/', persistentvolumeclaim)
                ELSE '' END AS unbound
            FROM {tenant}.openshift_storage_usage_line_items WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
              -- Days without pods are not summarized.
              AND usage_start IN (SELECT usage_start FROM pod_day)
        ), placed AS (
            SELECT line.id, line.usage_start, line.interval_start, line.persistentvolume, line.unbound,
                CASE WHEN hour.pod IS NULL THEN day.node ELSE hour.node END AS node
            FROM line
            LEFT JOIN pod AS hour ON hour.interval_start = line.interval_start AND hour.namespace = line.namespace
                AND hour.pod = line.pod
            LEFT JOIN pod_day AS day ON day.usage_start = line.usage_start AND day.namespace = line.namespace
                AND day.pod = line.pod
                AND hour.pod IS NULL
        ), line_nodes AS (
            SELECT id, greatest(count(DISTINCT node), 1)::double precision AS number FROM placed GROUP BY id
        ), volume_nodes AS (
            SELECT interval_start, persistentvolume, unbound, greatest(count(DISTINCT node), 1) AS number
            FROM placed GROUP BY interval_start, persistentvolume, unbound
        ), raw AS (
            SELECT line.usage_start, line.persistentvolume, one.name, sum(one.value) AS value,
                sum(abs(one.value)) AS size
            FROM line JOIN line_nodes USING (id)
            JOIN volume_nodes USING (interval_start, persistentvolume, unbound),
                -- Each line once; request and usage by the nodes of its volume in its hour, of which it has line_nodes.
                LATERAL (VALUES
                    ('capacity', koku_internal.finite(line.persistentvolumeclaim_capacity_byte_seconds)),
                    ('request', koku_internal.finite(line.volume_request_storage_byte_seconds)
                     * line_nodes.number / volume_nodes.number),
                    ('usage', koku_internal.finite(line.persistentvolumeclaim_usage_byte_seconds)
                     * line_nodes.number / volume_nodes.number)
                ) AS one (name, value)
            GROUP BY 1, 2, 3
        ), summary AS (
            SELECT line.usage_start, line.persistentvolume::text, one.name,
                sum(one.value)::double precision * 86400
                    * extract(day FROM date_trunc('month', $2::timestamp) + interval '1 month - 1 day')::integer
                    * 2 ^ 30 AS value,
                bool_or(abs(one.value) >= 999999999999999000) AS cut
            FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line,
                LATERAL (VALUES ('capacity', persistentvolumeclaim_capacity_gigabyte_months),
                    ('request', volume_request_storage_gigabyte_months),
                    ('usage', persistentvolumeclaim_usage_gigabyte_months)) AS one (name, value)
            -- Rows of cost have no usage cost.
            WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.data_source = 'Storage'
              AND line.infrastructure_usage_cost IS NOT NULL AND line.usage_start IN (SELECT usage_start FROM pod_day)
            GROUP BY 1, 2, 3
        )
        SELECT usage_start, format('%s of volume %s (gigabyte hours)', name, persistentvolume),
            raw.value / 3600 * 2 ^ -30, NULL::double precision, summary.value / 3600 * 2 ^ -30
        FROM raw FULL JOIN summary USING (usage_start, persistentvolume, name),
            LATERAL (VALUES (coalesce(raw.value, 0), coalesce(summary.value, 0))) AS one (a, b)
        -- A summary rounds to fifteen decimals of a gigabyte month.
        WHERE usage_start <> ALL ($4) AND NOT coalesce(summary.cut, false)
          AND abs(a - b) > greatest(1e-9 * greatest(abs(a), abs(b), raw.size), 1e7)
        $query$, '{tenant}', quote_ident(tenant))
    USING source, first_day, last_day, days_without_raw_rows;
END;
$$;
COMMENT ON FUNCTION koku_internal.check_volumes(name, uuid, date, date, date[]) IS
'Days and volumes whose capacity, request or usage in the daily summary is not that of their hours in the raw line '
'items: each line once, request and usage divided where pods of one volume are on several nodes in one and the same '
'hour. Not of the days that are listed.';

CREATE FUNCTION koku_internal.check_gpus(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (day date, measure text, raw double precision, daily double precision, summary double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE replace($query$
        SELECT usage_start, 'hours of GPUs', raw.hours, daily.hours, NULL::double precision
        FROM (SELECT usage_start, sum(koku_internal.finite(gpu_pod_uptime)) / 3600 AS hours
              FROM {tenant}.openshift_gpu_usage_line_items
              WHERE source = $1::text AND usage_start BETWEEN $2 AND $3 GROUP BY usage_start) AS raw
        FULL JOIN (SELECT usage_start, sum(koku_internal.finite(gpu_pod_uptime)) / 3600 AS hours
                   FROM {tenant}.openshift_gpu_usage_line_items_daily
              WHERE source = $1::text AND usage_start BETWEEN $2 AND $3 GROUP BY usage_start) AS daily
              USING (usage_start),
            LATERAL (VALUES (coalesce(raw.hours, 0), coalesce(daily.hours, 0))) AS one (a, b)
        WHERE abs(a - b) > 1e-9 * greatest(abs(a), abs(b), 1)
        $query$, '{tenant}', quote_ident(tenant))
    USING source, first_day, last_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.check_gpus(name, uuid, date, date) IS
'Days whose hours of GPUs differ between raw and daily line items.';

CREATE FUNCTION koku_internal.check_disks(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (day date, measure text, raw double precision, daily double precision, summary double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE replace($query$
        SELECT disk.usage_start, format('disk %s of machine %s in %s (gigabyte months)',
                                        disk.persistentvolumeclaim, disk.vm_name, disk.namespace),
            NULL::double precision, held.capacity::double precision, disk.capacity::double precision
        FROM (SELECT namespace, vm_name, persistentvolumeclaim, usage_start, usage_end, cost_model_rate_type,
                  max(persistentvolumeclaim_capacity_gigabyte_months) AS capacity
              FROM {tenant}.reporting_ocp_vm_summary_p
              WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND persistentvolumeclaim IS NOT NULL
                    AND cost_model_rate_type IS NULL
              GROUP BY 1, 2, 3, 4, 5, 6) AS disk
        LEFT JOIN LATERAL (
            SELECT max(capacity) AS capacity
            FROM (SELECT sum(line.persistentvolumeclaim_capacity_gigabyte_months) AS capacity
                  FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line
                  WHERE line.source_uuid = $1 AND line.usage_start BETWEEN disk.usage_start AND disk.usage_end
                    AND line.usage_start BETWEEN $2 AND $3 AND line.data_source = 'Storage'
                    AND line.namespace = disk.namespace
                    AND line.persistentvolumeclaim = disk.persistentvolumeclaim AND line.node IS NOT NULL
                    AND line.resource_id IS NOT NULL
                    AND line.cost_model_rate_type IS NULL
                  GROUP BY line.usage_start, line.volume_labels) AS day) AS held ON true
        WHERE disk.capacity IS DISTINCT FROM held.capacity
        $query$, '{tenant}', quote_ident(tenant))
    USING source, first_day, last_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.check_disks(name, uuid, date, date) IS
'Disks of machines whose capacity is not that of their claim on its greatest day (daily: of the claim).';

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
    days date[] := koku_internal.days_without_raw_rows(owner.tenant, source, first_day, last_day);
BEGIN
    PERFORM koku_internal.tell_of_days_without_raw_rows(owner.tenant, owner.cluster_id, days,
        'Of these days daily rows and summary are compared with each other, and volumes are not looked at.');
    RETURN QUERY
    SELECT * FROM koku_internal.check_conservation(owner.tenant, source, first_day, last_day, days)
    UNION ALL
    SELECT * FROM koku_internal.check_daily_keys(owner.tenant, source, first_day, last_day)
    UNION ALL
    SELECT * FROM koku_internal.check_volumes(owner.tenant, source, first_day, last_day, days)
    UNION ALL
    SELECT * FROM koku_internal.check_gpus(owner.tenant, source, first_day, last_day)
    UNION ALL
    SELECT * FROM koku_internal.check_disks(owner.tenant, source, first_day, last_day)
    ORDER BY 1, 2;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_check(uuid, integer, integer) IS
'Differences in a month of a source; no row means that all is well. A row is a day and measure of the pods with a node '
'whose sum is not the same in the raw line items, the daily line items and the daily summary (hours and gigabyte '
'hours, NULL without rows, one part in 10^9 is tolerated), or a day and report type with more daily rows (daily) than '
'keys (summary); a day and volume whose capacity, request or usage in the summary is not that of its hours; a day '
'whose hours of GPUs differ between raw and daily line items; or a disk of a virtual machine that is not as large as '
'its claim. Days whose raw rows were removed are compared without them, and a notice names them. A day that waits to '
'be summarized is a difference. Errors: 42704 unknown source, 22023 no such month.';
