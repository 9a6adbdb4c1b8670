-- What nobody should write into cost models: definitions that koku_create_cost_model() refuses with the path of the member, and rows
-- that other software writes into the tables, which are passed over and stop neither their source nor another.
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set a '00000000-0000-0000-0000-00000000ed0a'
\set b '00000000-0000-0000-0000-00000000ed0b'
SELECT koku_create_source('hostile-a', 'A', 't_hostile', :'a'), koku_create_source('hostile-b', 'B', 't_hostile', :'b');
SELECT koku_enable_tags(ARRAY['app'], 't_hostile');
CREATE FUNCTION test.refused_by(rate text) RETURNS text LANGUAGE sql AS $$
SELECT sqlstate_ || ' ' || left(message, 150)
FROM test.error_of(format('SELECT koku_create_cost_model(%L::jsonb, %L, %L)', '{"name": "m", "currency": "USD", "rates": [' || rate || ']}', '{}', 't_hostile'));
$$;
CREATE FUNCTION test.plain(tier text) RETURNS text LANGUAGE sql AS $$ SELECT '{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [' || tier || ']}' $$;
CREATE FUNCTION test.tagged("values" text) RETURNS text LANGUAGE sql AS $$
SELECT '{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_key": "k", "tag_values": [' || "values" || ']}}'
$$;

-- Numbers that are none, too large, below 0, or of another type.
SELECT value, test.refused_by(test.plain(format('{"value": %s}', value))) AS tier, test.refused_by(test.tagged(format('{"tag_value": "v", "value": %s}', value))) AS tag
FROM unnest(ARRAY['"NaN"', '"Infinity"', '"-1"', '-1e-10', '1e400', '"1e9"', '"1,5"', '""', '" "', 'true', '[1]', '{"value": 1}', 'null', '"0x10"', '"１"']) AS value;
-- Members of another type than theirs.
SELECT test.refused_by(rate) FROM (VALUES ('null'), ('[]'), ('{}'), ('{"metric": 7, "tiered_rates": [{"value": 1}]}'), ('{"metric": {"name": null}, "tiered_rates": [{"value": 1}]}'),
    ('{"metric": {"name": ["pvc_cost_per_month"]}, "tiered_rates": [{"value": 1}]}'), ('{"metric": {"name": "PVC_COST_PER_MONTH"}, "tiered_rates": [{"value": 1}]}'),
    ('{"metric": {"name": "pvc_cost_per_month"}, "cost_type": 7, "tiered_rates": [{"value": 1}]}'), ('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": "1"}'),
    ('{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": [{"tag_key": "k"}]}'), ('{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": "k"}'),
    ('{"metric": {"name": "pvc_cost_per_month"}, "description": ["d"], "tiered_rates": [{"value": 1}]}'), ('{"metric": {"name": "pvc_cost_per_month"}, "custom_name": 7, "tiered_rates": [{"value": 1}]}')) AS listed (rate);
SELECT test.refused_by(test.plain(tier)) FROM (VALUES ('{"value": 1, "usage": 7}'), ('{"value": 1, "usage": [1]}'), ('{"value": 1, "unit": 7}'), ('{"value": 1, "usage": {"usage_start": "x"}}'),
    ('{"value": 1, "usage": {"usage_end": "x"}}, {"value": 1, "usage": {"usage_start": "x"}}'), ('{"value": 1, "usage": {"usage_start": []}}')) AS listed (tier);
SELECT test.refused_by(test.tagged(entry)) FROM (VALUES ('{"tag_value": 7, "value": 1}'), ('{"tag_value": "", "value": 1}'), ('{"tag_value": ["v"], "value": 1}'), ('{"tag_value": "v", "value": 1, "default": "true"}'),
    ('{"tag_value": "v", "value": 1, "unit": "EUR"}'), ('{"tag_value": "v", "value": 1, "description": 7}'), ('[]'), ('null')) AS listed (entry);
SELECT sqlstate_, left(message, 120) AS message FROM (VALUES ('{"name": ["m"], "currency": "USD"}'), ('{"name": "m", "currency": 7}'), ('{"name": "m", "currency": "USD", "rates": "[]"}'), ('"m"'), ('7'),
    ('{"name": "m", "currency": "USD", "markup": {"value": "x"}}'), ('{"name": "m", "currency": "USD", "markup": {"value": 1e300}}'), ('{"name": "m", "currency": "USD", "distribution": 7}'),
    ('{"name": "m", "currency": "USD", "distribution_info": {"distribution_type": "CPU"}}'), ('{"name": "m", "currency": "USD", "distribution_info": {"worker_cost": 1}}'),
    ('{"name": "m", "currency": "USD", "uuid": ["x"]}'), ('{"name": "m", "currency": "USD", "source_uuids": {}}'), ('{"name": "m", "currency": "USD", "source_uuids": [null]}'),
    ('{"name": "m", "currency": "USD", "source_uuids": ["00000000-0000-0000-0000-0000000000ff"]}')) AS listed (definition),
    test.error_of(format('SELECT koku_create_cost_model(%L::jsonb, %L, %L)', definition, '{}', 't_hostile'));
SELECT sqlstate_, left(message, 120) AS message FROM (VALUES ('{"effective_start_date": 7}'), ('{"effective_start_date": "yesterday"}'), ('{"effective_start_date": "2026-13-01"}'), ('{"effective_end_date": ["2026-11-30"]}'),
    ('{"effective_start_date": "-infinity"}'), ('{"enabled": 1}'), ('{"rates": 7}')) AS listed (definition),
    test.error_of(format('SELECT koku_create_price_list(%L::jsonb, %L)', '{"name": "l", "currency": "USD"}'::jsonb || definition::jsonb, 't_hostile'));
-- A thousand values of a tag are no matter; the thousand and first is one of them. Members without an effect may be as deep as they like.
SELECT test.refused_by(test.tagged(string_agg(format('{"tag_value": "v%s", "value": 1}', number % 1000), ', '))) FROM generate_series(0, 1000) AS number;
SELECT koku_create_cost_model(jsonb_build_object('name', 'many', 'currency', 'USD', 'uuid', '00000000-0000-0000-0000-00000000ed01', 'other', (repeat('[', 1000) || repeat(']', 1000))::jsonb, 'rates',
    jsonb_build_array(jsonb_build_object('metric', '{"name": "cpu_core_usage_per_hour"}'::jsonb, 'tag_rates', jsonb_build_object('tag_key', 'app', 'tag_values',
        (SELECT jsonb_agg(jsonb_build_object('tag_value', 'v' || number, 'value', number)) FROM generate_series(1, 1000) AS number))))), '{}', 't_hostile');
SELECT jsonb_array_length(tag_values) FROM t_hostile.cost_model_rate;

-- Two clusters of a pod each: v7 uses 2 core hours a day, on a node that is idle otherwise.
SELECT sum(test.pod('t_hostile', source::uuid, hour, 'shop', 'web', 'n1', '{"app": "v7"}', 1, 1, 1, 1)), sum(test.line('t_hostile', source::uuid, 'node_labels', hour, '{"node": "n1", "node_labels": "{}"}'))
FROM unnest(ARRAY[:'a', :'b']) AS source, (VALUES (timestamp '2026-11-05 00:00'), ('2026-11-05 01:00')) AS h (hour);
SELECT test.add_up('t_hostile');
CREATE VIEW test.hostile_cost AS
SELECT cluster_id, namespace, cost_model_rate_type AS rate_type, monthly_cost_type AS kind, test.short(sum(cost_model_cpu_cost)) AS cpu, test.short(sum(distributed_cost)) AS moved
FROM t_hostile.reporting_ocpusagelineitem_daily_summary WHERE cost_model_rate_type IS NOT NULL
GROUP BY 1, 2, 3, 4 HAVING sum(cost_model_cpu_cost) <> 0 OR sum(distributed_cost) IS NOT NULL ORDER BY 1, 2, 3, 4;
SELECT koku_create_cost_model('{"name": "good", "currency": "USD", "uuid": "00000000-0000-0000-0000-00000000ed0b",
    "distribution_info": {"platform_cost": false, "worker_cost": false}, "rates": [{"metric": {"name": "cpu_core_usage_per_hour"}, "tiered_rates": [{"value": 1}]}]}', ARRAY[:'b']::uuid[], 't_hostile');
-- A's model is written past the functions. Of its rates count the plain ones 1, 4 (at the cost type of its metric), 8 and 9, and by tag the two first.
INSERT INTO t_hostile.cost_model VALUES ('00000000-0000-0000-0000-00000000ed0a', 'bad', '', 'OCP', now(), now(), '{}', '"none"', 'disk', 'coins', '["platform_cost"]');
INSERT INTO t_hostile.cost_model_map (provider_uuid, cost_model_id) VALUES (:'a', '00000000-0000-0000-0000-00000000ed0a');
INSERT INTO t_hostile.price_list VALUES ('00000000-0000-0000-0000-00000000ed0c', 'bad', '', 'coins', '2026-01-01', '2027-12-31', true, 1, $json$ [
    {"metric": {"name": "cpu_core_usage_per_hour"}, "cost_type": "Supplementary", "tag_rates": {"tag_key": "app", "tag_values": [
        {"tag_value": "v7", "value": "3"}, {"tag_value": "v8", "value": "dear"}, {"tag_value": "v9", "value": {}}, {"value": 4}, {"tag_value": "v6", "value": "NaN"}, 7, null, []]}},
    {"metric": {"name": "cpu_core_request_per_hour"}, "tag_rates": {"tag_key": "app", "tag_values": {"tag_value": "v7", "value": 0.5}}},
    {"metric": {"name": "cpu_core_request_per_hour"}, "cost_type": "Bribe", "tag_rates": {"tag_key": 7, "tag_values": [{"tag_value": "v7", "value": 100}]}},
    {"metric": {"name": "rent_per_month"}, "cost_type": "Supplementary", "tag_rates": {"tag_key": "app", "tag_values": [{"tag_value": "v7", "value": 100}]}},
    {"metric": {"name": "cluster_cost_per_month"}, "cost_type": "Supplementary", "tag_rates": {"tag_key": "app", "tag_values": [{"tag_value": "v7", "value": 100}]}},
    {"metric": "cpu_core_usage_per_hour", "tag_rates": "all"}, {"tag_rates": {"tag_values": [[[[1]]]]}}, "free", 7, null, [[]]] $json$, now(), now());
INSERT INTO t_hostile.price_list_cost_model_map (priority, cost_model_id, price_list_id) VALUES (1, '00000000-0000-0000-0000-00000000ed0a', '00000000-0000-0000-0000-00000000ed0c');
INSERT INTO t_hostile.cost_model_rate SELECT gen_random_uuid(), '00000000-0000-0000-0000-00000000ed0c', name, '', metric, 'x', cost_type, price, '', '{}', now(), now()
FROM (VALUES ('1', 'cpu_core_usage_per_hour', 'SUPPLEMENTARY', 2::numeric), ('2', 'cpu_core_usage_per_hour', 'Supplementary', 'NaN'), ('3', 'cpu_core_usage_per_hour', 'Supplementary', NULL),
    ('4', 'cpu_core_request_per_hour', 'Bribe', 0.25), ('5', 'rent_per_month', 'Supplementary', 100), ('6', 'vm_rent', '', 100), ('7', 'project_per_month', 'Infrastructure', 100),
    ('8', 'node_cost_per_month', 'Infrastructure', 999999999999999999), ('9', 'cpu_core_effective_usage_per_hour', 'Infrastructure', -1)) AS rate (name, metric, cost_type, price);
CALL koku_run();
SELECT source, last_error FROM koku_cost_requests;
SELECT count(*) FROM koku_summarize(:'a', 2026, 11) WHERE rows < 0;
SELECT count(*) FROM koku_summarize(:'b', 2026, 11) WHERE rows < 0;
SELECT * FROM test.hostile_cost;
SELECT cluster_id, checked.* FROM koku_source, koku_check_costs(source, 2026, 11) AS checked WHERE tenant = 't_hostile';
SELECT length(koku_report('t_hostile', '2026-11-01', '2026-11-30')) > 0 AS reported, (SELECT count(*) > 0 FROM koku_focus('t_hostile', '2026-11-01', '2026-11-30')) AS in_focus;
SELECT name, currency, rates FROM koku_cost_models WHERE tenant = 't_hostile' ORDER BY name;
-- It can be changed: what is given is checked, what is not given and cannot be used is named.
SELECT sqlstate_, message FROM test.error_of($$SELECT koku_update_cost_model('00000000-0000-0000-0000-00000000ed0a', '{"description": "d"}', 't_hostile')$$);
SELECT koku_update_cost_model('00000000-0000-0000-0000-00000000ed0a', '{"currency": "USD", "markup": {}, "distribution_info": {"distribution_type": "cpu"}, "distribution": "cpu",
    "rates": [{"metric": {"name": "cpu_core_usage_per_hour"}, "tiered_rates": [{"value": 2}]}]}', 't_hostile');
SELECT count(*) FROM koku_update_costs(:'a', 2026, 11) WHERE rows < 0;
SELECT * FROM test.hostile_cost WHERE cluster_id = 'hostile-a';
-- A list that ends before it begins covers nothing, and who writes it is not troubled.
UPDATE t_hostile.price_list SET effective_start_date = '2026-12-01', effective_end_date = '2026-10-31' WHERE uuid = '00000000-0000-0000-0000-00000000ed0c';
SELECT count(*) FROM koku_update_costs(:'a', 2026, 11) WHERE rows < 0;
SELECT * FROM test.hostile_cost WHERE cluster_id = 'hostile-a';
-- Two models of one source, which the key keeps apart here: refused to whoever writes it.
SELECT sqlstate_ FROM test.error_of(format('INSERT INTO t_hostile.cost_model_map (provider_uuid, cost_model_id) VALUES (%L, %L)', :'b', '00000000-0000-0000-0000-00000000ed0a'));
-- A price so high that a sum of doubles would be too large is cut, and the other source is computed.
UPDATE t_hostile.price_list SET effective_start_date = '2026-11-01', effective_end_date = '2026-11-30', rates = '[{"metric": {"name": "cpu_core_usage_per_hour"}, "tag_rates": {"tag_key": "app", "tag_values": [
    {"tag_value": "v7", "value": 1e99}]}}, {"metric": {"name": "node_cost_per_month"}, "tag_rates": {"tag_key": "app", "tag_values": [{"tag_value": "v7", "value": "9e99"}]}}]' WHERE uuid = '00000000-0000-0000-0000-00000000ed0c';
-- A change is of the month in which it was made.
UPDATE koku_cost_change SET changed_at = '2026-11-18 12:00+00';
CALL koku_run();
SELECT source, last_error FROM koku_cost_requests;
SELECT * FROM test.hostile_cost;
