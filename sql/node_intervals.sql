-- The capacity of nodes by interval, which ingest leaves for the summary: for all raw rows of a day, or for none.
SET datestyle = ISO;
SET timezone = 'America/New_York';  -- nothing depends on it
SET client_min_messages = warning;
SET koku_onprem.retention_months = 0;
\set source '00000000-0000-0000-0000-00000000ab01'

-- A report of pods of 2026-11-05: each text is '<hour>:<node>:<pod>:<cores of the node>'; a core has 4 gigabytes.
CREATE FUNCTION test.pods(VARIADIC lines text[]) RETURNS text LANGUAGE sql AS $$
SELECT E'report_period_start,report_period_end,interval_start,interval_end,node,namespace,pod,pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,resource_id,pod_labels\n'
    || string_agg(format(E'2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,2026-11-05 %1$s:00:00 +0000 UTC,2026-11-05 %1$s:59:59 +0000 UTC,%2$s,shop,%3$s,3600,3600,3600,%5$s,%5$s,%5$s,%4$s,%6$s,%7$s,%8$s,i-%2$s,\n',
        lpad(part[1], 2, '0'), part[2], part[3], part[4], 2 ^ 30 * 3600, part[4]::numeric * 3600, part[4]::numeric * 4 * 2 ^ 30,
        part[4]::numeric * 4 * 2 ^ 30 * 3600), '' ORDER BY place)
FROM unnest(lines) WITH ORDINALITY AS l (line, place), LATERAL string_to_array(line, ':') AS part;
$$;
-- Delivers one of the two files, a and b, of a manifest.
CREATE FUNCTION test.deliver(manifest integer, daily boolean, file text, hours integer, VARIADIC lines text[]) RETURNS TABLE (action text, rows bigint)
LANGUAGE sql AS $$
SELECT r.action, r.rows_loaded
FROM koku_ingest_payload(test.payload(
    test.member(file, test.pods(VARIADIC lines)),
    test.manifest(manifest, ARRAY['a', 'b'], hours, jsonb_build_object('daily_reports', daily))), 't_node_intervals') AS r
WHERE r.action <> 'waiting';
$$;
SELECT koku_create_source('test-cluster', tenant => 't_node_intervals', source => :'source');
CREATE FUNCTION test.intervals() RETURNS TABLE (day date, hour timestamp, node text, cores double precision, gigabytes double precision, rows bigint)
LANGUAGE sql AS $$
SELECT usage_start, interval_start AT TIME ZONE 'UTC', node, max(node_capacity_cpu_core_seconds) / 3600,
    max(node_capacity_memory_byte_seconds) / 3600 / 2 ^ 30, count(*)
FROM t_node_intervals.koku_node_interval WHERE source = '00000000-0000-0000-0000-00000000ab01'
GROUP BY 1, 2, 3 ORDER BY 2, 3;
$$;
-- What a summary takes: node by node, in core hours and gigabyte hours.
CREATE FUNCTION test.capacity() RETURNS TABLE (node text, cores double precision, gigabytes double precision) LANGUAGE sql AS $$
SELECT node, cpu_core_seconds / 3600, memory_byte_seconds / 3600 / 2 ^ 30
FROM koku_internal.node_capacity('t_node_intervals', '00000000-0000-0000-0000-00000000ab01', '2026-11-01', '2026-11-30') ORDER BY 1;
$$;
-- And the same from the raw rows, in other words.
CREATE FUNCTION test.capacity_of_raw_rows() RETURNS TABLE (node text, cores double precision, gigabytes double precision) LANGUAGE sql AS $$
WITH best AS (
    SELECT DISTINCT ON (node, interval_start) node, node_capacity_cpu_core_seconds / 3600 AS cores, node_capacity_memory_byte_seconds / 3600 / 2 ^ 30 AS gigabytes
    FROM t_node_intervals.openshift_pod_usage_line_items WHERE source = '00000000-0000-0000-0000-00000000ab01'
    ORDER BY node, interval_start, node_capacity_cpu_core_seconds DESC)
SELECT node, sum(cores), sum(gigabytes) FROM best GROUP BY node ORDER BY 1;
$$;
CREATE FUNCTION test.next_scenario() RETURNS void LANGUAGE sql AS $$
SELECT koku_purge_source('00000000-0000-0000-0000-00000000ab01', forget_manifests => true);
$$;

-- Loaded: one row a node and hour, the greatest capacity that its pods name. Pods without a node have one, too.
SELECT * FROM test.deliver(1, true, 'a', 2, '0:n1:p1:4', '0:n1:p2:5', '0:n2:p3:8', '1:n2:p3:8', '1:n1:p1:4', '1::p4:0');
SELECT * FROM test.intervals();
SELECT bool_and(substring(id::text FROM 15 FOR 1) = '7') AS version_7, count(DISTINCT tableoid::regclass) AS partitions FROM t_node_intervals.koku_node_interval;
SELECT * FROM test.capacity();
SELECT count(*) AS different FROM (SELECT * FROM test.capacity() EXCEPT SELECT * FROM test.capacity_of_raw_rows()) d;
-- Replaced: those of the new rows. Superseded: as they were.
SELECT * FROM test.deliver(2, true, 'a', 3, '0:n1:p1:4', '1:n1:p1:4', '2:n3:p1:16');
SELECT * FROM test.intervals();
SELECT * FROM test.deliver(3, true, 'a', 2, '0:n1:p1:32', '1:n1:p1:32');
SELECT * FROM test.capacity();
-- Appended: another file of the manifest adds hours and raises one.
SELECT * FROM test.deliver(2, true, 'b', 3, '1:n1:p2:2', '2:n1:p2:4', '2:n3:p3:20');
SELECT * FROM test.intervals();
SELECT count(*) AS different FROM (SELECT * FROM test.capacity() EXCEPT SELECT * FROM test.capacity_of_raw_rows()) d;

-- Payloads of an additive operator repeat an hour, which counts once.
SELECT test.next_scenario();
SELECT count(*) FROM t_node_intervals.koku_node_interval;
SELECT * FROM test.deliver(1, false, 'a', 24, '0:n1:p1:4', '1:n1:p1:4', '1::p2:0');
SELECT * FROM test.deliver(2, false, 'a', 24, '1:n1:p1:4', '2:n1:p1:4', '2::p2:1');
SELECT * FROM test.intervals();
SELECT * FROM test.capacity();

-- A summary gives the same from intervals and, where there are none, from the raw rows.
CREATE FUNCTION test.summarized() RETURNS TABLE (namespace text, node text, cpu numeric, memory numeric, cluster_cpu numeric, cluster_memory numeric)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM koku_summarize('00000000-0000-0000-0000-00000000ab01', 2026, 11);
    RETURN QUERY SELECT line.namespace::text, line.node::text,
        test.short(node_capacity_cpu_core_hours), test.short(node_capacity_memory_gigabyte_hours),
        test.short(cluster_capacity_cpu_core_hours), test.short(cluster_capacity_memory_gigabyte_hours)
    FROM t_node_intervals.reporting_ocpusagelineitem_daily_summary AS line
    WHERE source_uuid = '00000000-0000-0000-0000-00000000ab01' ORDER BY 1, 2;
END;
$$;
SELECT * FROM test.summarized();
SELECT koku_internal.days_without_intervals('t_node_intervals', :'source', '2026-11-01', '2026-11-30');
DELETE FROM t_node_intervals.koku_node_interval;
SELECT koku_internal.days_without_intervals('t_node_intervals', :'source', '2026-11-01', '2026-11-30');
SELECT * FROM test.summarized();
-- What is added to such a day has no intervals: they would be those of some rows only. What replaces it has.
SELECT * FROM test.deliver(3, false, 'a', 24, '3:n1:p1:4');
SELECT * FROM test.intervals();
SELECT * FROM test.capacity();
SELECT * FROM test.deliver(4, true, 'a', 25, '0:n1:p1:4');
SELECT * FROM test.intervals();

-- Intervals whose raw rows somebody deleted go when the day is loaded again.
DELETE FROM t_node_intervals.openshift_pod_usage_line_items;
DELETE FROM t_node_intervals.openshift_pod_usage_line_items_daily;
SELECT * FROM test.deliver(5, true, 'a', 1, '7:n7:p1:4');
SELECT * FROM test.intervals();

-- What other software left without numbers or without a node merges, too; and memory for it is limited.
INSERT INTO t_node_intervals.koku_node_interval (id, usage_start, interval_start, source, node, node_capacity_memory_byte_seconds)
VALUES (gen_random_uuid(), '2026-11-05', '2026-11-05 08:00+00', :'source', NULL, 2 ^ 30 * 3600),
       (gen_random_uuid(), '2026-11-05', '2026-11-05 07:00+00', :'source', 'n7', NULL);
SELECT * FROM test.deliver(5, true, 'b', 1, '9:n7:p1:4');
SELECT * FROM test.intervals();
SELECT * FROM test.capacity();
INSERT INTO t_node_intervals.koku_node_interval (id, usage_start, interval_start, source, node)
SELECT gen_random_uuid(), '2026-11-05', timestamptz '2026-11-05 00:00+00' + second * interval '1 second', :'source', 'n7' FROM generate_series(1, 20000) AS second;
SET koku_onprem.max_aggregate_memory = '1MB';
SELECT * FROM test.error_of($$SELECT * FROM test.deliver(6, false, 'a', 24, '10:n7:p1:4')$$);
RESET koku_onprem.max_aggregate_memory;

-- A tenant of an older release has no such table. Nothing fails for it.
SELECT test.next_scenario();
DROP TABLE t_node_intervals.koku_node_interval;
DELETE FROM t_node_intervals.partitioned_tables WHERE partition_of_table_name = 'koku_node_interval';
SELECT * FROM test.deliver(1, false, 'a', 24, '0:n1:p1:4', '0:n1:p2:5');
SELECT * FROM test.deliver(2, false, 'a', 24, '1:n1:p1:4');
SELECT * FROM test.summarized();
SELECT relation, expected, found FROM koku_check_tenant('t_node_intervals');
SELECT count(*) FROM koku_internal.partition_pieces('t_node_intervals', '2026-11-05') AS piece WHERE piece[2] = 'koku_node_interval';
SELECT count(*) FROM koku_purge_expired('t_node_intervals', '2026-11-22', dry_run => true);
SELECT count(*) > 0 AS purged FROM koku_purge_source(:'source', forget_manifests => true);
-- koku_create_tenant() makes it; days that are there already stay without.
SELECT * FROM test.deliver(1, false, 'a', 24, '0:n1:p1:4');
SELECT koku_create_tenant('t_node_intervals');
SELECT relation, expected, found FROM koku_check_tenant('t_node_intervals');
SELECT * FROM test.deliver(2, false, 'a', 24, '1:n1:p1:4');
SELECT * FROM test.intervals();
SELECT * FROM test.capacity();
SELECT * FROM test.deliver(3, true, 'a', 25, '1:n1:p1:4');
SELECT * FROM test.intervals();

-- Row triggers on it are refused as on line items.
CREATE FUNCTION test.do_nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER look BEFORE INSERT ON t_node_intervals.koku_node_interval FOR EACH ROW EXECUTE FUNCTION test.do_nothing();
SELECT relation, expected, found FROM koku_check_tenant('t_node_intervals');
