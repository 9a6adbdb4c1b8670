-- Tag keys and tag mapping.
SET client_min_messages = warning;
SELECT koku_create_source('tags', 'Tags', 't_tags', '00000000-0000-0000-0000-00000000b001');

-- Keys of reports are registered disabled; the empty key is one, a key that is too long is left out.
SELECT koku_internal.add_tag_keys('t_tags', ARRAY['app', 'env', '', 'app', repeat('k', 512), repeat('k', 513)]);
SELECT koku_internal.add_tag_keys('t_tags', ARRAY['app', 'stage']);
SELECT koku_internal.add_tag_keys('t_tags', ARRAY['app', NULL]) AS with_null, koku_internal.add_tag_keys('t_tags', '{}') AS none,
    koku_internal.add_tag_keys('t_tags', NULL) AS no_array, koku_internal.add_tag_keys('t_tags', ARRAY['a "b" \c, {d}']) AS odd;
SELECT koku_enable_tags(ARRAY['app', 'new', 'app'], 't_tags') AS enabled, koku_enable_tags(ARRAY['app', 'env'], 't_tags') AS enabled_then;
SELECT koku_disable_tags(ARRAY['env', 'stage', 'unknown'], 't_tags') AS disabled;
SELECT left(key, 5) AS key, length(key), enabled, provider_type FROM t_tags.reporting_enabledtagkeys ORDER BY key COLLATE "C";
SELECT e.* FROM (VALUES (NULL::text[]), (ARRAY['a', NULL]), (ARRAY[repeat('x', 513)])) k (keys),
    test.error_of(format('SELECT koku_enable_tags(%L, ''t_tags'')', keys)) e;
SELECT * FROM test.error_of($$SELECT koku_enable_tags('{a}', 't_missing')$$);

-- Mapping: a child has one parent.
SELECT koku_map_tags('env', ARRAY['stage', 'environment'], 't_tags') AS mapped, koku_map_tags('env', ARRAY['stage'], 't_tags') AS mapped_again;
SELECT child.key AS child, child.enabled, parent.key AS parent FROM t_tags.reporting_tagmapping
JOIN t_tags.reporting_enabledtagkeys child ON child.uuid = child_id JOIN t_tags.reporting_enabledtagkeys parent ON parent.uuid = parent_id ORDER BY 1;
SELECT * FROM test.error_of($$SELECT koku_map_tags('app', '{stage,x}', 't_tags')$$);
SELECT * FROM test.error_of($$SELECT koku_map_tags('app', '{app}', 't_tags')$$);
SELECT * FROM test.error_of($$SELECT koku_unmap_tags('{stage}', 't_missing')$$);
-- No chains and no cycles, in whatever order the calls come: stage and environment are children of env.
SELECT e.* FROM (VALUES ('stage', '{env}'), ('environment', '{other}'), ('app', '{other,env}'), ('stage', '{environment}')) call (parent, children),
    test.error_of(format('SELECT koku_map_tags(%L, %L, ''t_tags'')', parent, children)) e;
SELECT child.key AS child, parent.key AS parent FROM t_tags.reporting_tagmapping
JOIN t_tags.reporting_enabledtagkeys child ON child.uuid = child_id JOIN t_tags.reporting_enabledtagkeys parent ON parent.uuid = parent_id ORDER BY 1;
SELECT koku_unmap_tags(ARRAY['stage', 'unknown'], 't_tags') AS unmapped;

-- A mapping of a key that a source has this month asks for a new summary of the month so far; another key does not.
SELECT date_trunc('month', koku_internal.today()::timestamp)::date AS month, koku_internal.today() AS today \gset
SELECT koku_enable_tags(ARRAY['stage'], 't_tags');
SELECT sum(test.pod('t_tags', '00000000-0000-0000-0000-00000000b001', :'today', 'shop', 'web', 'n1', '{"stage": "x"}', 1, 1, 1, 1));
SELECT test.add_up('t_tags');
SELECT count(*) > 0 AS summarized FROM koku_summarize('00000000-0000-0000-0000-00000000b001', date :'month');
SELECT koku_map_tags('env', ARRAY['other'], 't_tags');
SELECT count(*) AS requests FROM koku_summary_request WHERE source = '00000000-0000-0000-0000-00000000b001';
SELECT koku_map_tags('env', ARRAY['stage'], 't_tags');
SELECT month = :'month' AS this_month, first_day = :'month' AS from_its_first, last_day = :'today' AS to_today
FROM koku_summary_request WHERE source = '00000000-0000-0000-0000-00000000b001';
SELECT namespace, pod_labels FROM t_tags.reporting_ocpusagelineitem_daily_summary WHERE pod_labels IS NOT NULL;
CALL koku_run();
SELECT namespace, pod_labels FROM t_tags.reporting_ocpusagelineitem_daily_summary WHERE pod_labels IS NOT NULL;
SELECT koku_unmap_tags(ARRAY['stage'], 't_tags');
CALL koku_run();
SELECT namespace, pod_labels FROM t_tags.reporting_ocpusagelineitem_daily_summary WHERE pod_labels IS NOT NULL;
SELECT count(*) AS requests FROM koku_summary_request WHERE source = '00000000-0000-0000-0000-00000000b001';
