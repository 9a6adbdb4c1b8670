-- Cost models and price lists: what a definition may hold, how it is stored, and what asks for new costs.
\set SHOW_CONTEXT never
SELECT koku_create_tenant('t');
SELECT koku_create_source('cluster-a', 'A', 't', '00000000-0000-0000-0000-00000000000a');
SELECT koku_create_source('cluster-b', 'B', 't', '00000000-0000-0000-0000-00000000000b');

-- The message and hint of an error, without the line of the server's source.
CREATE FUNCTION test.refusal_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN SQLSTATE || ' ' || concat_ws(E'\n  ', message, nullif(detail, ''), nullif(hint, ''));
END;
$$;
CREATE FUNCTION test.definition(rates text, members text DEFAULT '') RETURNS jsonb LANGUAGE sql AS $$
SELECT ('{"name": "m", "currency": "USD", "rates": [' || rates || ']' || members || '}')::jsonb;
$$;
CREATE FUNCTION test.refused(rates text, members text DEFAULT '') RETURNS text LANGUAGE sql AS $$
SELECT test.refusal_of(format('SELECT koku_create_cost_model(%L::jsonb, %L, %L)', test.definition(rates, members), '{}', 't'));
$$;

-- A whole model, as the API of other software gives it out: members without an effect, numbers as texts, two forms of a rate.
SELECT koku_create_cost_model($json$ {
  "uuid": "00000000-0000-0000-0000-0000000000c1", "name": "Prices", "description": "all kinds", "currency": "EUR",
  "source_type": "OpenShift Container Platform", "created_timestamp": "2026-01-01T00:00:00Z", "sources": [{"name": "x"}],
  "markup": {"value": "10.0000000000", "unit": "percent"}, "distribution": "memory",
  "rates": [
    {"metric": {"name": "cpu_core_usage_per_hour", "label_metric": "CPU"}, "cost_type": "supplementary", "tag_rates": {},
     "tiered_rates": [{"value": "0.0070000000", "unit": "EUR", "usage": {"usage_start": null, "usage_end": "10", "unit": "EUR"}},
                      {"value": 0.5, "unit": "EUR", "usage": {"usage_start": 10, "usage_end": null}}]},
    {"metric": {"name": "cpu_core_usage_per_hour"}, "cost_type": "Supplementary", "tiered_rates": [{"value": 1}]},
    {"metric": {"name": "node_cost_per_month"}, "custom_name": "by type", "description": "nodes", "tiered_rates": [],
     "tag_rates": {"tag_key": "type", "tag_values": [{"tag_value": "large", "value": "930", "default": true},
                                                     {"tag_value": "small", "value": 310, "description": "s"}]}}
  ]} $json$, '{00000000-0000-0000-0000-00000000000a}', 't');
SELECT name, description, source_type, markup, distribution, currency, distribution_info FROM t.cost_model;
SELECT jsonb_pretty(rates) FROM t.cost_model;
SELECT list.name, list.currency, effective_start_date, effective_end_date, enabled, version, priority, list.rates = model.rates AS same_rates
FROM t.price_list AS list JOIN t.price_list_cost_model_map AS link ON link.price_list_id = list.uuid
JOIN t.cost_model AS model ON model.uuid = link.cost_model_id;
SELECT custom_name, description, metric, metric_type, cost_type, default_rate, tag_key, tag_values FROM t.cost_model_rate ORDER BY custom_name COLLATE "C";
SELECT tenant, uuid, name, currency, sources, jsonb_array_length(price_lists) AS lists, rates, computed_at FROM koku_cost_models;

-- A name that is given or made is different from all others.
SELECT koku_create_cost_model(test.definition(
    '{"metric": {"name": "memory_gb_effective_usage_per_hour"}, "tag_rates": {"tag_key": "a_long_key_of_a_tag", "tag_values": [{"tag_value": "1", "value": 1}]}},
     {"metric": {"name": "memory_gb_effective_usage_per_hour"}, "tag_rates": {"tag_key": "a_long_key_of_another", "tag_values": [{"tag_value": "1", "value": 1}]}},
     {"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1}]},
     {"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1}]},
     {"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1}], "custom_name": "pvc_cost_per_month-Infrastructure"}', ', "uuid": "00000000-0000-0000-0000-0000000000c2"'), '{}', 't');
SELECT custom_name, length(custom_name) FROM t.cost_model_rate WHERE metric <> 'node_cost_per_month' AND metric NOT LIKE 'cpu%' ORDER BY 1;
-- Without rates there is no list; what is not given has the defaults.
SELECT koku_create_cost_model('{"name": "bare", "currency": "JPY", "uuid": "00000000-0000-0000-0000-0000000000c3"}', tenant => 't');
SELECT rates, markup, distribution, distribution_info, description FROM t.cost_model WHERE name = 'bare';
SELECT count(*) FROM t.price_list WHERE name LIKE 'bare%';

-- What is not allowed, with the path of the member.
SELECT test.refusal_of($$SELECT koku_create_cost_model('[]', '{}', 't')$$) AS "no object";
SELECT test.refusal_of($$SELECT koku_create_cost_model(NULL, '{}', 't')$$) AS "NULL";
SELECT test.refusal_of($$SELECT koku_create_cost_model('{"currency": "USD"}', '{}', 't')$$) AS "no name";
SELECT test.refusal_of($$SELECT koku_create_cost_model(jsonb_build_object('name', repeat('x', 101), 'currency', 'USD'), '{}', 't')$$) AS "long name";
SELECT test.refusal_of($$SELECT koku_create_cost_model('{"name": "m"}', '{}', 't')$$) AS "no currency";
SELECT test.refusal_of($$SELECT koku_create_cost_model('{"name": "m", "currency": "usd"}', '{}', 't')$$) AS "currency";
SELECT test.refusal_of($$SELECT koku_create_cost_model('{"name": "m", "currency": "USD", "uuid": "7"}', '{}', 't')$$) AS "uuid";
SELECT test.refusal_of($$SELECT koku_create_cost_model('{"name": "m", "currency": "USD", "source_uuids": [7]}', '{}', 't')$$) AS "source_uuids";
SELECT test.refused('', ', "source_type": "AWS"') AS "source_type";
SELECT test.refused('', ', "description": 7') AS "description";
SELECT test.refusal_of($$SELECT koku_create_cost_model('{"name": "m", "currency": "USD", "rates": {}}', '{}', 't')$$) AS "rates";
SELECT test.refused('7') AS "rate";
SELECT test.refused('{"metric": {"name": "rent_per_month"}, "tiered_rates": [{"value": 1}]}') AS "metric";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "cost_type": "Other", "tiered_rates": [{"value": 1}]}') AS "cost type";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}}') AS "no prices";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1}], "tag_rates": {"tag_key": "k", "tag_values": [{"tag_value": "v", "value": 1}]}}') AS "both forms";
SELECT test.refused('{"metric": {"name": "cluster_cost_per_month"}, "tag_rates": {"tag_key": "k", "tag_values": [{"tag_value": "v", "value": 1}]}}') AS "cluster by tag";
SELECT test.refused('{"metric": {"name": "project_per_month"}, "tiered_rates": [{"value": 1}]}') AS "plain project";
SELECT test.refused('{"metric": {"name": "gpu_cost_per_month"}, "tiered_rates": [{"value": 1}]}') AS "plain GPU";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": {"value": 1}}') AS "tiers";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [7]}') AS "tier";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"unit": "USD"}]}') AS "no value";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": "-0.1"}]}') AS "below 0";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": "a lot"}]}') AS "no number";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 0.00000000001}]}') AS "many decimals";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1e9}]}') AS "many digits";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1, "unit": "EUR"}]}') AS "unit";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1, "usage": {"unit": "EUR"}}]}') AS "unit of use";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1, "usage": {"usage_start": 1}}]}') AS "first start";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1, "usage": {"usage_end": 10}}]}') AS "last end";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1, "usage": {"usage_end": 10}}, {"value": 1, "usage": {"usage_start": 11}}]}') AS "gap";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_values": [{"tag_value": "v", "value": 1}]}}') AS "no key";
SELECT test.refused(format('{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_key": "%s", "tag_values": [{"tag_value": "v", "value": 1}]}}', repeat('k', 101))) AS "long key";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_key": "k", "tag_values": []}}') AS "no values";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_key": "k", "tag_values": ["v"]}}') AS "no object";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_key": "k", "tag_values": [{"value": 1}]}}') AS "no tag value";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_key": "k", "tag_values": [{"tag_value": "v"}]}}') AS "tag without price";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_key": "k", "tag_values": [{"tag_value": "v", "value": 1}, {"tag_value": "v", "value": 2}]}}') AS "value twice";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_key": "k", "tag_values": [{"tag_value": "v", "value": 1, "default": true}, {"tag_value": "w", "value": 2, "default": true}]}}') AS "two defaults";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_key": "k", "tag_values": [{"tag_value": "v", "value": 1, "default": "yes"}]}}') AS "default";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_key": "k", "tag_values": [{"tag_value": "v", "value": 1}]}}, {"metric": {"name": "pvc_cost_per_month"}, "tag_rates": {"tag_key": "k", "tag_values": [{"tag_value": "w", "value": 1}]}}') AS "key twice";
SELECT test.refused('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1}], "custom_name": "n"}, {"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1}], "custom_name": "n"}') AS "name twice";
SELECT test.refused(format('{"metric": {"name": "pvc_cost_per_month"}, "tiered_rates": [{"value": 1}], "custom_name": "%s"}', repeat('n', 51))) AS "long name of a rate";
SELECT test.refused('', ', "markup": {"unit": "percent"}') AS "markup without value";
SELECT test.refused('', ', "markup": {"value": 1, "unit": "EUR"}') AS "unit of markup";
SELECT test.refused('', ', "markup": 7') AS "markup";
SELECT test.refused('', ', "distribution_info": {"distribution_type": "disk"}') AS "distribution type";
SELECT test.refused('', ', "distribution": "disk"') AS "distribution";
SELECT test.refused('', ', "distribution_info": {"platform_cost": "yes"}') AS "platform cost";
SELECT test.refused('', ', "distribution_info": []') AS "distribution_info";
SELECT count(*) FROM t.cost_model WHERE name = 'm' AND uuid <> '00000000-0000-0000-0000-0000000000c2';

-- Sources and models that are not there, or taken.
SELECT test.refusal_of($$SELECT koku_create_cost_model('{"name": "m", "currency": "USD"}', '{}', 'nobody')$$) AS "tenant";
SELECT test.refusal_of($$SELECT koku_create_cost_model('{"name": "m", "currency": "USD"}', '{00000000-0000-0000-0000-0000000000ff}', 't')$$) AS "source";
SELECT test.refusal_of($$SELECT koku_create_cost_model('{"name": "m", "currency": "USD"}', NULL, 't')$$) AS "sources NULL";
SELECT test.refusal_of($$SELECT koku_create_cost_model('{"name": "m", "currency": "USD", "uuid": "00000000-0000-0000-0000-0000000000c1"}', '{}', 't')$$) AS "uuid taken";
SELECT test.refusal_of($$SELECT koku_assign_cost_model('00000000-0000-0000-0000-0000000000c2', '{00000000-0000-0000-0000-00000000000b,00000000-0000-0000-0000-00000000000a}', 't')$$) AS "has another model";
SELECT test.refusal_of($$SELECT koku_assign_cost_model('00000000-0000-0000-0000-0000000000ff', '{}', 't')$$) AS "model";
SELECT test.refusal_of($$SELECT koku_unassign_cost_model('{00000000-0000-0000-0000-0000000000ff}', 't')$$) AS "unassigned source";
SELECT test.refusal_of($$SELECT koku_update_cost_model('00000000-0000-0000-0000-0000000000ff', '{}', 't')$$) AS "updated model";
SELECT test.refusal_of($$SELECT koku_update_cost_model('00000000-0000-0000-0000-0000000000c1', '{"currency": "EURO"}', 't')$$) AS "updated currency";
SELECT test.refusal_of($$SELECT koku_delete_cost_model('00000000-0000-0000-0000-0000000000ff', 't')$$) AS "deleted model";
SELECT koku_assign_cost_model('00000000-0000-0000-0000-0000000000c1', '{00000000-0000-0000-0000-00000000000a,00000000-0000-0000-0000-00000000000b}', 't');
SELECT koku_unassign_cost_model('{00000000-0000-0000-0000-00000000000b}', 't');
SELECT provider_uuid, cost_model_id FROM t.cost_model_map;

-- A change replaces what is given. Rates go to the list and raise its version; a currency goes to both.
SELECT koku_update_cost_model('00000000-0000-0000-0000-0000000000c1',
    '{"name": "New prices", "markup": {}, "distribution_info": {"worker_cost": false}, "rates": [{"metric": {"name": "node_cost_per_month"}, "tiered_rates": [{"value": 310}]}]}', 't');
SELECT name, description, markup, distribution, distribution_info, rates FROM t.cost_model WHERE uuid = '00000000-0000-0000-0000-0000000000c1';
SELECT version, rates FROM t.price_list WHERE name = 'Prices prices';
SELECT custom_name, default_rate FROM t.cost_model_rate JOIN t.price_list AS list ON list.uuid = price_list_id WHERE list.name = 'Prices prices';
SELECT koku_update_cost_model('00000000-0000-0000-0000-0000000000c1', '{"currency": "CHF", "distribution": "cpu"}', 't');
SELECT model.currency, model.distribution, model.distribution_info->>'distribution_type' AS type, list.currency, list.version, list.rates->0->'tiered_rates' AS tiers
FROM t.cost_model AS model, t.price_list AS list WHERE model.uuid = '00000000-0000-0000-0000-0000000000c1' AND list.name = 'Prices prices';
SELECT operation, provider_uuids, name, currency FROM t.cost_model_audit WHERE uuid = '00000000-0000-0000-0000-0000000000c1' ORDER BY id;

-- Price lists.
SELECT test.refusal_of($$SELECT koku_create_price_list('{"name": "l", "currency": "CHF", "effective_start_date": "2026-10-02"}', 't')$$) AS "start";
SELECT test.refusal_of($$SELECT koku_create_price_list('{"name": "l", "currency": "CHF", "effective_end_date": "2026-10-30"}', 't')$$) AS "end";
SELECT test.refusal_of($$SELECT koku_create_price_list('{"name": "l", "currency": "CHF", "effective_end_date": "2026-02-30"}', 't')$$) AS "no day";
SELECT test.refusal_of($$SELECT koku_create_price_list('{"name": "l", "currency": "CHF", "effective_start_date": "2026-11-01", "effective_end_date": "2026-10-31"}', 't')$$) AS "order";
SELECT test.refusal_of($$SELECT koku_create_price_list('{"currency": "CHF"}', 't')$$) AS "no name";
SELECT test.refusal_of($$SELECT koku_create_price_list('7', 't')$$) AS "no object";
SELECT test.refusal_of($$SELECT koku_create_price_list('{"name": "l", "currency": "CHF"}', 'nobody')$$) AS "tenant";
SELECT koku_create_price_list('{"name": "October", "currency": "CHF", "effective_start_date": "2026-10-01", "effective_end_date": "2026-10-31",
    "rates": [{"metric": {"name": "node_cost_per_month"}, "tiered_rates": [{"value": 620}]}]}', 't') AS october \gset
SELECT koku_create_price_list('{"name": "dollars", "currency": "USD", "enabled": false}', 't') AS dollars \gset
SELECT test.refusal_of(format('SELECT koku_attach_price_list(%L, %L, 0, %L)', '00000000-0000-0000-0000-0000000000c1', :'dollars', 't')) AS "not enabled";
SELECT koku_update_price_list(:'dollars', '{"enabled": true}', 't');
SELECT test.refusal_of(format('SELECT koku_attach_price_list(%L, %L, 0, %L)', '00000000-0000-0000-0000-0000000000c1', :'dollars', 't')) AS "currency";
SELECT test.refusal_of(format('SELECT koku_attach_price_list(%L, %L, -1, %L)', '00000000-0000-0000-0000-0000000000c1', :'october', 't')) AS "priority";
SELECT test.refusal_of(format('SELECT koku_attach_price_list(%L, %L, 0, %L)', '00000000-0000-0000-0000-0000000000ff', :'october', 't')) AS "model";
SELECT test.refusal_of(format('SELECT koku_attach_price_list(%L, %L, 0, %L)', '00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-0000000000ff', 't')) AS "list";
SELECT test.refusal_of($$SELECT koku_update_price_list('00000000-0000-0000-0000-0000000000ff', '{}', 't')$$) AS "updated list";
SELECT test.refusal_of($$SELECT koku_delete_price_list('00000000-0000-0000-0000-0000000000ff', 't')$$) AS "deleted list";
SELECT koku_attach_price_list('00000000-0000-0000-0000-0000000000c1', :'october', 0, 't');
SELECT list->>'name' AS name, list->>'priority' AS priority, list->>'effective_start_date' AS start, list->>'effective_end_date' AS "end"
FROM koku_cost_models, jsonb_array_elements(price_lists) AS list WHERE koku_cost_models.name = 'New prices';
SELECT rates->0->'tiered_rates'->0->>'value' AS shown FROM t.cost_model WHERE name = 'New prices';
SELECT test.refusal_of(format('SELECT koku_delete_price_list(%L, %L)', :'october', 't')) AS "in use";
SELECT test.refusal_of(format('SELECT koku_update_price_list(%L, %L, %L)', :'october', '{"currency": "EUR"}', 't')) AS "currency in use";
SELECT koku_update_price_list(:'october', '{"description": "in autumn"}', 't');
SELECT koku_update_price_list(:'october', '{"effective_end_date": "2026-11-30"}', 't');
SELECT description, version, effective_end_date FROM t.price_list WHERE name = 'October';
-- A list of two models cannot be changed through one of them.
SELECT koku_update_cost_model('00000000-0000-0000-0000-0000000000c3', '{"currency": "CHF"}', 't');
SELECT koku_attach_price_list('00000000-0000-0000-0000-0000000000c3', :'october', 1, 't');
SELECT test.refusal_of($$SELECT koku_update_cost_model('00000000-0000-0000-0000-0000000000c1', '{"rates": []}', 't')$$) AS "shared list";
SELECT koku_detach_price_list('00000000-0000-0000-0000-0000000000c1', :'october', 't');
SELECT test.refusal_of(format('SELECT koku_detach_price_list(%L, %L, %L)', '00000000-0000-0000-0000-0000000000c1', :'october', 't')) AS "not attached";

-- What asks for new costs: a row a source and write; names, descriptions and what concerns no source do not.
CREATE FUNCTION test.asked() RETURNS TABLE (source uuid, writes boolean) LANGUAGE sql AS $$
WITH noted AS (DELETE FROM koku_cost_change RETURNING source) SELECT source, count(*) > 0 FROM noted GROUP BY source ORDER BY source;
$$;
DELETE FROM koku_cost_change;
UPDATE t.cost_model SET name = 'again', updated_timestamp = now() WHERE uuid = '00000000-0000-0000-0000-0000000000c1';
UPDATE t.cost_model SET markup = '{"value": 1}' WHERE uuid = '00000000-0000-0000-0000-0000000000c3';
SELECT * FROM test.asked();
UPDATE t.cost_model SET distribution_info = distribution_info || '{"platform_cost": false}' WHERE uuid = '00000000-0000-0000-0000-0000000000c1';
SELECT * FROM test.asked();
UPDATE t.cost_model_rate SET default_rate = 311 WHERE price_list_id = (SELECT uuid FROM t.price_list WHERE name = 'Prices prices');
SELECT * FROM test.asked();
UPDATE t.price_list SET effective_end_date = '2026-09-30' WHERE name = 'Prices prices';
SELECT * FROM test.asked();
-- It was over before this month, and is still.
UPDATE t.price_list SET effective_end_date = '2026-08-31' WHERE name = 'Prices prices';
UPDATE t.cost_model_rate SET default_rate = 312 WHERE price_list_id = (SELECT uuid FROM t.price_list WHERE name = 'Prices prices');
SELECT * FROM test.asked();
INSERT INTO t.cost_model_map (provider_uuid, cost_model_id) VALUES
    ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-0000000000c3'),
    ('00000000-0000-0000-0000-0000000000ff', '00000000-0000-0000-0000-0000000000c3');
SELECT * FROM test.asked();
INSERT INTO t.cost_model_map (provider_uuid, cost_model_id) VALUES ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-0000000000c1');
DELETE FROM t.price_list_cost_model_map WHERE cost_model_id = '00000000-0000-0000-0000-0000000000c3';
SELECT * FROM test.asked();
SELECT koku_delete_cost_model('00000000-0000-0000-0000-0000000000c3', 't');
SELECT * FROM test.asked();
-- They become requests for the month of the change, up to its day.
INSERT INTO koku_cost_change (source, changed_at) VALUES
    ('00000000-0000-0000-0000-00000000000a', '2026-11-07 12:00+00'), ('00000000-0000-0000-0000-00000000000a', '2026-11-09 12:00+00'),
    ('00000000-0000-0000-0000-00000000000a', '2026-10-31 23:00+00'), ('00000000-0000-0000-0000-0000000000ff', '2026-10-31 23:00+00');
SELECT koku_internal.collect_cost_changes();
SELECT source, month, first_day, last_day, only_gpu_distribution, status FROM koku_cost_requests ORDER BY source, month;
SELECT count(*) FROM koku_cost_change;

-- A deleted model takes the lists along that only it used.
SELECT koku_delete_cost_model('00000000-0000-0000-0000-0000000000c1', 't');
SELECT name FROM t.price_list ORDER BY name COLLATE "C";
SELECT count(*) FROM t.cost_model_rate WHERE price_list_id NOT IN (SELECT uuid FROM t.price_list);
SELECT operation, name FROM t.cost_model_audit WHERE uuid = '00000000-0000-0000-0000-0000000000c1' ORDER BY id DESC LIMIT 1;
SELECT koku_delete_price_list(:'october', 't');

-- A source takes its assignment along, a purge of its data does not; other software's tables need no right of the writer's.
SELECT koku_assign_cost_model('00000000-0000-0000-0000-0000000000c2', '{00000000-0000-0000-0000-00000000000a,00000000-0000-0000-0000-00000000000b}', 't');
SELECT count(*) FROM koku_purge_source('00000000-0000-0000-0000-00000000000a');
SELECT provider_uuid FROM t.cost_model_map ORDER BY 1;
SELECT * FROM koku_delete_source('00000000-0000-0000-0000-00000000000a');
SELECT provider_uuid FROM t.cost_model_map ORDER BY 1;
SELECT source FROM koku_cost_change WHERE source = '00000000-0000-0000-0000-00000000000a';
