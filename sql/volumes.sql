-- Volumes and the disks of machines follow their hours: each hour of a volume once, on the node of its pod in that hour.
SET client_min_messages = warning;
SET datestyle = 'ISO';
SELECT koku_create_source('volumes', 'Volumes', 't_volumes', '00000000-0000-0000-0000-0000000b0101') AS source \gset
-- A pod an hour of the day, from its first hour to its last.
CREATE FUNCTION test.pods(pod text, node text, first integer, last integer, namespace text DEFAULT 'shop', labels text DEFAULT '{}', resource text DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
SELECT sum(test.pod('t_volumes', '00000000-0000-0000-0000-0000000b0101', timestamp '2026-11-10' + hour * interval '1 hour', namespace, pod, node, labels, 1, 1, 1, 1,
    jsonb_build_object('resource_id', coalesce(resource, 'i-' || node)))) FROM generate_series(first, last) hour;
$$;
-- A volume of 12 gigabytes, requested whole, half used: a row an hour that names a pod.
CREATE FUNCTION test.volumes(pod text, claim text, volume text, first integer, last integer, namespace text DEFAULT 'shop', size integer DEFAULT 12) RETURNS bigint LANGUAGE sql AS $$
SELECT sum(test.volume('t_volumes', '00000000-0000-0000-0000-0000000b0101', timestamp '2026-11-10' + hour * interval '1 hour', namespace, pod, claim, volume, '{}', size, size, size / 2.0))
FROM generate_series(first, last) hour;
$$;
-- Gigabytes on average over the day.
CREATE VIEW test.held AS
SELECT namespace, persistentvolumeclaim AS claim, persistentvolume AS volume, node, resource_id, test.short(persistentvolumeclaim_capacity_gigabyte_months * 30) AS capacity,
    test.short(volume_request_storage_gigabyte_months * 30) AS request, test.short(persistentvolumeclaim_usage_gigabyte_months * 30) AS usage
FROM t_volumes.reporting_ocpusagelineitem_daily_summary WHERE data_source = 'Storage' ORDER BY claim, volume, node, resource_id;

-- Stays: on one node all day, 12, 12, 6. Moves: redeployed to another node at noon. Last: in the last hour, 23 and 1 of 24 hours.
SELECT test.pods('web', 'n1', 0, 23), test.volumes('web', 'stays', 'pv-stays', 0, 23);
SELECT test.pods('old', 'n1', 0, 11), test.pods('new', 'n2', 12, 23), test.volumes('old', 'moves', 'pv-moves', 0, 11), test.volumes('new', 'moves', 'pv-moves', 12, 23);
SELECT test.pods('late-1', 'n1', 0, 22), test.pods('late-2', 'n2', 23, 23), test.volumes('late-1', 'last', 'pv-last', 0, 22), test.volumes('late-2', 'last', 'pv-last', 23, 23);
-- In turn: mounted by two pods on two nodes all day, and each hour names one of them.
SELECT test.pods('even', 'n1', 0, 23), test.pods('odd', 'n2', 0, 23),
    sum(test.volumes(CASE hour % 2 WHEN 0 THEN 'even' ELSE 'odd' END, 'in-turn', 'pv-in-turn', hour, hour)) FROM generate_series(0, 23) hour;
-- Shared: each hour names both. Request and usage are divided between the nodes, the capacity is not.
SELECT test.volumes('even', 'shared', 'pv-shared', 0, 23), test.volumes('odd', 'shared', 'pv-shared', 0, 23);
-- Partly shared: both in the first 12 hours, then one: 12 hours of 12 on n1 and of 6 on both.
SELECT test.volumes('even', 'partly', 'pv-partly', 0, 23), test.volumes('odd', 'partly', 'pv-partly', 0, 11);
-- Made again on another volume at noon.
SELECT test.pods('db', 'n1', 0, 23), test.volumes('db', 'again', 'pv-again-1', 0, 11), test.volumes('db', 'again', 'pv-again-2', 12, 23);
-- A pod of a stateful set keeps its name on another node, of which the hour from 12 to 13 has no row of the pod: its nodes of the day.
SELECT test.pods('db-0', 'n1', 0, 11), test.pods('db-0', 'n2', 13, 23), test.volumes('db-0', 'set', 'pv-set', 0, 23);
-- A machine that was replaced under the same name: daily rows know the later one. And a pod that is seen on two nodes in one hour.
SELECT test.pods('db-1', 'n1', 0, 11), test.pods('db-1', 'n1', 12, 23, resource => 'i-new'), test.volumes('db-1', 'replaced', 'pv-replaced', 0, 23);
SELECT test.pods('db-2', 'n1', 0, 12), test.pods('db-2', 'n2', 12, 23), test.volumes('db-2', 'twice', 'pv-twice', 0, 23);
-- On no node, and claims without volume on several nodes.
SELECT test.volumes('', 'unmounted', 'pv-unmounted', 0, 23), test.volumes('even', 'pending-1', '', 0, 23), test.volumes('odd', 'pending-2', '', 0, 23);
SELECT test.add_up('t_volumes');
SELECT count(*) > 0 AS summarized FROM koku_summarize(:'source', 2026, 11);
SELECT * FROM test.held;
-- All together: 12, 12 and 6 for each volume, but the shared one, whose capacity counts on both nodes, as do the partly shared one's 12 hours.
SELECT claim, volume, sum(capacity) AS capacity, sum(request) AS request, sum(usage) AS usage FROM test.held GROUP BY 1, 2
HAVING (sum(capacity), sum(request), sum(usage)) IS DISTINCT FROM (12, 12, 6) ORDER BY 1;
SELECT * FROM koku_check(:'source', 2026, 11);

-- Machines are known by namespace and name, their disks by namespace and claim. dev/alpha and prod/beta have a claim named disk each;
-- shop has a claim of that name and no machine; prod/alpha is another machine. beta moved at noon: its disk is there once.
SELECT koku_create_source('machines', 'Machines', 't_volumes', '00000000-0000-0000-0000-0000000b0102') AS machines \gset
CREATE FUNCTION test.machines(namespace text, name text, node text, first integer, last integer, pod text, size integer, claim text DEFAULT 'disk', reported boolean DEFAULT true) RETURNS bigint LANGUAGE sql AS $$
SELECT sum(test.pod('t_volumes', '00000000-0000-0000-0000-0000000b0102', hour, namespace, pod, node, jsonb_build_object('vm_kubevirt_io_name', name)::text, 1, 1, 1, 1)
    + test.volume('t_volumes', '00000000-0000-0000-0000-0000000b0102', hour, namespace, pod, claim, 'pv-' || namespace || '-' || name || claim, '{}', size, size, size / 2.0)
    + CASE WHEN reported THEN test.line('t_volumes', '00000000-0000-0000-0000-0000000b0102', 'vm_usage', hour, jsonb_build_object('namespace', namespace, 'vm_name', name, 'node', node,
        'vm_cpu_request_cores', 2, 'vm_memory_request_bytes', 2 ^ 30, 'vm_persistentvolumeclaim_name', claim, 'vm_labels', '{}')) ELSE 0 END)
FROM generate_series(first, last) number, LATERAL (SELECT timestamp '2026-11-10' + number * interval '1 hour') h (hour);
$$;
SELECT test.machines('dev', 'alpha', 'n1', 0, 23, 'launcher-a', 12), test.machines('prod', 'beta', 'n1', 0, 11, 'launcher-b1', 120), test.machines('prod', 'beta', 'n2', 12, 23, 'launcher-b2', 120),
    test.machines('prod', 'alpha', 'n2', 0, 23, 'launcher-c', 24, 'other');
SELECT sum(test.pod('t_volumes', :'machines', hour, 'shop', 'db', 'n1', '{}', 1, 1, 1, 1) + test.volume('t_volumes', :'machines', hour, 'shop', 'db', 'disk', 'pv-db', '{}', 500, 500, 250))
FROM generate_series(timestamp '2026-11-10', '2026-11-10 23:00', '1 hour') hour;
SELECT test.add_up('t_volumes');
SELECT count(*) > 0 AS summarized FROM koku_summarize(:'machines', 2026, 11);
SELECT namespace, vm_name, node, persistentvolumeclaim AS claim, test.short(persistentvolumeclaim_capacity_gigabyte_months * 30) AS capacity,
    test.short(persistentvolumeclaim_usage_gigabyte_months * 30) AS usage, resource_ids
FROM t_volumes.reporting_ocp_vm_summary_p ORDER BY 1, 2, 4;
SELECT * FROM koku_check(:'machines', 2026, 11);
-- The same of a cluster without machine reports: by the labels of the pods.
DELETE FROM t_volumes.openshift_vm_usage_line_items;
SELECT test.add_up('t_volumes');
SELECT count(*) > 0 AS summarized FROM koku_summarize(:'machines', 2026, 11);
SELECT namespace, vm_name, persistentvolumeclaim AS claim, test.short(persistentvolumeclaim_capacity_gigabyte_months * 30) AS capacity
FROM t_volumes.reporting_ocp_vm_summary_p ORDER BY 1, 2, 3;
