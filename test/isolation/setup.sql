-- What the isolation tests use, after sql/00_setup.sql: clusters one and two of the tenant iso, and payloads of theirs.

-- A pod report of a day: one pod that uses a core, one row an hour.
CREATE FUNCTION test.pod_report(hours integer, day date) RETURNS text LANGUAGE sql IMMUTABLE SET datestyle = 'ISO' AS $$
SELECT E'report_period_start,report_period_end,interval_start,interval_end,node,namespace,pod,pod_usage_cpu_core_seconds,'
    'pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,'
    'pod_limit_memory_byte_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,'
    'node_capacity_memory_byte_seconds,node_role,resource_id,pod_labels\n'
    || string_agg(format(E'%1$s 00:00:00 +0000 UTC,%1$s 00:00:00 +0000 UTC,%1$s %2$s:00:00 +0000 UTC,%1$s %2$s:59:59 +0000 UTC,'
        'node,ns,pod,3600,3600,3600,1,1,1,4,14400,1,3600,worker,i-1,\n', day, lpad(hour::text, 2, '0')), '' ORDER BY hour)
FROM generate_series(0, hours - 1) AS hour;
$$;

-- The payload of a cluster with that report. number makes the manifest's uuid.
CREATE FUNCTION test.pod_payload(cluster text, number integer, hours integer, day date DEFAULT '2026-11-05') RETURNS bytea
LANGUAGE sql IMMUTABLE SET datestyle = 'ISO' AS $$
SELECT test.payload(test.member('a.csv', test.pod_report(hours, day)), test.manifest(number, ARRAY['a.csv'], NULL, jsonb_build_object(
    'cluster_id', cluster, 'start', day || 'T00:00:00Z', 'end', format('%sT%s:59:59Z', day, lpad((hours - 1)::text, 2, '0')))));
$$;

CREATE FUNCTION test.take(cluster text, number integer, hours integer, day date DEFAULT '2026-11-05')
RETURNS TABLE (action text, rows_loaded bigint) LANGUAGE sql AS $$
SELECT action, rows_loaded FROM koku_ingest_payload(test.pod_payload(cluster, number, hours, day), 'iso');
$$;

CREATE FUNCTION test.source(cluster text) RETURNS uuid LANGUAGE sql AS $$
SELECT source FROM koku_source WHERE cluster_id = cluster;
$$;

-- Everything that the tables hold of the clusters. differences: what koku_check() complains of.
CREATE FUNCTION test.state() RETURNS TABLE (cluster text, day text, hours integer, raw bigint, daily bigint, summary bigint, differences bigint)
LANGUAGE plpgsql SET datestyle = 'ISO' AS $$
BEGIN
    RETURN QUERY
    WITH found AS (
        SELECT source, usage_start, 'raw' AS kind, reportnumhours FROM iso.openshift_pod_usage_line_items
        UNION ALL SELECT source, usage_start, 'daily', reportnumhours FROM iso.openshift_pod_usage_line_items_daily
        UNION ALL SELECT source_uuid::text, usage_start, 'summary', NULL FROM iso.reporting_ocpusagelineitem_daily_summary
            WHERE data_source = 'Pod' AND namespace = 'ns')
    SELECT coalesce(known.cluster_id, 'unknown'), usage_start::text, max(reportnumhours), count(*) FILTER (WHERE kind = 'raw'),
        count(*) FILTER (WHERE kind = 'daily'), count(*) FILTER (WHERE kind = 'summary'),
        (SELECT count(*) FROM koku_check(known.source, extract(year FROM usage_start)::integer, extract(month FROM usage_start)::integer) AS c
         WHERE c.day = usage_start)
    FROM found LEFT JOIN koku_source AS known ON known.source::text = found.source
    GROUP BY known.source, known.cluster_id, usage_start
    ORDER BY 1, 2;
END;
$$;

-- Nothing but the clusters, without a partition.
CREATE FUNCTION test.begin_anew() RETURNS void LANGUAGE plpgsql SET client_min_messages = error AS $$
BEGIN
    DELETE FROM koku_inbox;
    DELETE FROM koku_source;
    DELETE FROM koku_tenant;
    DROP SCHEMA IF EXISTS iso CASCADE;
    PERFORM koku_create_source('one', tenant => 'iso', source => '00000000-0000-0000-0000-000000000001');
    PERFORM koku_create_source('two', tenant => 'iso', source => '00000000-0000-0000-0000-000000000002');
END;
$$;

-- A session waits until the test goes on, not for five seconds.
ALTER FUNCTION koku_internal.run_attempt(bigint, integer) SET lock_timeout = 0;

-- Whose payload comes next: its request, with the attempt begun.
CREATE FUNCTION test.next_payload() RETURNS text LANGUAGE sql AS $$
SELECT inbox.request_id FROM koku_internal.begin_attempt('infinity') AS begun JOIN koku_inbox AS inbox ON inbox.id = begun.id;
$$;

-- Somebody who can connect, and no more.
CREATE ROLE iso_stranger;
