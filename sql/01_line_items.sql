-- What the tests of the summary use: line items written by hand.

-- A raw line of a report: the hour is in UTC, columns that are not named are NULL. Returns 1.
CREATE FUNCTION test.line(tenant name, source uuid, report_type text, hour timestamp, columns jsonb) RETURNS integer
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
BEGIN
    PERFORM koku_internal.ensure_partition(tenant, format('openshift_%s_line_items', report_type)::name, hour::date);
    EXECUTE format('INSERT INTO %1$I.%2$I SELECT * FROM jsonb_populate_record(NULL::%1$I.%2$I, $1)',
        tenant, format('openshift_%s_line_items', report_type))
    USING jsonb_build_object('id', gen_random_uuid(), 'source', source, 'usage_start', hour::date, 'interval_start', hour) || columns;
    RETURN 1;
END;
$$;

-- Pods: usage and request in cores and gigabytes, the limit is twice the request; a node of 4 cores and 16 gigabytes.
CREATE FUNCTION test.pod(tenant name, source uuid, hour timestamp, namespace text, pod text, node text, labels text,
    cores double precision, requested_cores double precision, gigabytes double precision, requested_gigabytes double precision,
    changes jsonb DEFAULT '{}') RETURNS integer
LANGUAGE sql AS $$
SELECT test.line(tenant, source, 'pod_usage', hour, jsonb_build_object(
    'namespace', namespace, 'pod', pod, 'node', node, 'resource_id', 'i-' || node, 'pod_labels', labels,
    'pod_usage_cpu_core_seconds', cores * 3600, 'pod_request_cpu_core_seconds', requested_cores * 3600,
    'pod_effective_usage_cpu_core_seconds', greatest(cores, requested_cores) * 3600,
    'pod_limit_cpu_core_seconds', requested_cores * 7200,
    'pod_usage_memory_byte_seconds', gigabytes * 2 ^ 30 * 3600, 'pod_request_memory_byte_seconds', requested_gigabytes * 2 ^ 30 * 3600,
    'pod_effective_usage_memory_byte_seconds', greatest(gigabytes, requested_gigabytes) * 2 ^ 30 * 3600,
    'pod_limit_memory_byte_seconds', requested_gigabytes * 2 ^ 30 * 7200,
    'node_capacity_cpu_cores', 4, 'node_capacity_cpu_core_seconds', 4 * 3600,
    'node_capacity_memory_bytes', 16 * 2 ^ 30, 'node_capacity_memory_byte_seconds', 16 * 2 ^ 30 * 3600) || changes);
$$;

-- Volumes: capacity, request and usage in gigabytes, for an hour.
CREATE FUNCTION test.volume(tenant name, source uuid, hour timestamp, namespace text, pod text, claim text, volume text, labels text,
    capacity double precision, request double precision, usage double precision) RETURNS integer
LANGUAGE sql AS $$
SELECT test.line(tenant, source, 'storage_usage', hour, jsonb_build_object(
    'namespace', namespace, 'pod', pod, 'persistentvolumeclaim', claim, 'persistentvolume', volume, 'storageclass', 'fast',
    'csi_volume_handle', left('vol-' || volume, 256), 'persistentvolume_labels', '{}', 'persistentvolumeclaim_labels', labels,
    'persistentvolumeclaim_capacity_bytes', capacity * 2 ^ 30,
    'persistentvolumeclaim_capacity_byte_seconds', capacity * 2 ^ 30 * 3600,
    'volume_request_storage_byte_seconds', request * 2 ^ 30 * 3600,
    'persistentvolumeclaim_usage_byte_seconds', usage * 2 ^ 30 * 3600));
$$;

-- Adds the raw lines of all report types up to daily lines and makes the report periods, as ingest does.
CREATE FUNCTION test.add_up(tenant name) RETURNS void
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    report record;
BEGIN
    FOR report IN
        SELECT report_type, format('%I.openshift_%s_line_items', tenant, report_type) AS raw,
            string_agg(column_name, ', ') AS columns, string_agg(column_name, ', ') FILTER (WHERE daily_role = 'key') AS keys,
            string_agg(CASE daily_role WHEN 'key' THEN column_name ELSE format('%s(%I)', daily_role, column_name) END, ', ') AS "values"
        FROM koku_report_columns() WHERE daily_role IN ('key', 'sum', 'max') GROUP BY report_type
    LOOP
        EXECUTE format('DELETE FROM %s_daily', report.raw);
        EXECUTE format('INSERT INTO %1$s_daily (id, source, usage_start, interval_start, %2$s)'
            ' SELECT gen_random_uuid(), source, usage_start, usage_start, %3$s FROM %1$s GROUP BY source, usage_start, %4$s',
            report.raw, report.columns, report."values", report.keys);
        EXECUTE format('SELECT count(koku_internal.ensure_report_period(known.tenant, known.source, known.cluster_id, known.name, usage_start))'
            ' FROM (SELECT DISTINCT source, usage_start FROM %s_daily) day JOIN koku_source known ON known.source::text = day.source', report.raw);
    END LOOP;
END;
$$;

-- Numbers without the zeros behind their last digit.
CREATE FUNCTION test.short(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT trim_scale(round($1, 9))';
