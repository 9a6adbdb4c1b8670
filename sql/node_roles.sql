-- Whose the unused capacity of a node is: the role of the day says it (spec summary.md 3.6).
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set source '00000000-0000-0000-0000-00000000d101'
SELECT koku_create_source('roles', 'Roles', 't_node_roles', :'source');

-- Each node has one pod. n-changed is an ordinary node on the 5th and one of the control plane on the 6th; n-silent tells its
-- role on the 5th only; n-unlisted has no labels. A role that is not known belongs to its users, like that of a worker.
SELECT sum(test.pod('t_node_roles', :'source', day, 'shop', 'pod-' || node, node, '{}', 1, 1, 1, 1, jsonb_build_object('node_role', role)))
FROM (VALUES (timestamp '2026-11-05', 'n-worker', 'worker'), ('2026-11-05', 'n-master', 'master'), ('2026-11-05', 'n-infra', 'infra'),
             ('2026-11-05', 'n-control', 'control-plane'), ('2026-11-05', 'n-gpu', 'gpu'), ('2026-11-05', 'n-empty', ''),
             ('2026-11-05', 'n-unlisted', 'worker'), ('2026-11-05', 'n-silent', 'infra'), ('2026-11-06', 'n-silent', ''),
             ('2026-11-05', 'n-changed', 'worker'), ('2026-11-06', 'n-changed', 'control-plane')) p (day, node, role);
-- The greatest label set of n-worker does not name the architecture.
SELECT sum(test.line('t_node_roles', :'source', 'node_labels', usage_start::timestamp, jsonb_build_object('node', node, 'node_labels', labels)))
FROM (SELECT DISTINCT usage_start, node, '{"kubernetes_io_arch": "arm64"}' AS labels FROM t_node_roles.openshift_pod_usage_line_items WHERE node <> 'n-unlisted'
      UNION ALL SELECT '2026-11-05', 'n-worker', '{"zone": "a"}') l;
SELECT test.add_up('t_node_roles');

CREATE FUNCTION test.unallocated() RETURNS TABLE (usage_start date, node text, namespace text) LANGUAGE sql AS $$
SELECT usage_start, node, namespace FROM t_node_roles.reporting_ocpusagelineitem_daily_summary
WHERE data_source = 'Pod' AND pod_labels IS NULL ORDER BY usage_start, node COLLATE "C";
$$;
SELECT count(*) > 0 AS summarized FROM koku_summarize(:'source', '2026-11-05'::date, '2026-11-06'::date);
SELECT * FROM test.unallocated();
SELECT node, node_role, architecture FROM t_node_roles.reporting_ocp_nodes ORDER BY node COLLATE "C";

-- The same, whatever was summarized before: the later day first, each by itself. (n-silent has no role on the 6th but that of the list.)
CREATE TEMP TABLE before AS SELECT * FROM test.unallocated() WHERE node <> 'n-silent';
TRUNCATE t_node_roles.reporting_ocp_nodes;
SELECT count(*) > 0 AS summarized FROM koku_summarize(:'source', '2026-11-06'::date, '2026-11-06'::date);
SELECT count(*) > 0 AS summarized FROM koku_summarize(:'source', '2026-11-05'::date, '2026-11-05'::date);
CREATE TEMP TABLE after AS SELECT * FROM test.unallocated() WHERE node <> 'n-silent';
SELECT count(*) AS rows FROM after;
(TABLE before EXCEPT ALL TABLE after) UNION ALL (TABLE after EXCEPT ALL TABLE before);
