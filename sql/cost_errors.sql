-- Every error that the functions of costs document is raised by a call here: the last query lists those that none raises.
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set a '00000000-0000-0000-0000-00000000ee0a'
\set b '00000000-0000-0000-0000-00000000ee0b'
SELECT koku_create_source('errors-a', 'A', 't_errors', :'a'), koku_create_source('errors-b', 'B', 't_errors', :'b');
SELECT koku_create_cost_model('{"name": "one", "currency": "USD", "uuid": "00000000-0000-0000-0000-00000000ee01",
    "rates": [{"metric": {"name": "node_cost_per_month"}, "tiered_rates": [{"value": 1}]}]}', ARRAY[:'a']::uuid[], 't_errors');
SELECT koku_create_cost_model('{"name": "two", "currency": "USD", "uuid": "00000000-0000-0000-0000-00000000ee02"}', tenant => 't_errors');
-- A list of both models, one that is not enabled, one in another currency.
SELECT koku_create_price_list('{"name": "shared", "currency": "USD"}', 't_errors') AS shared \gset
SELECT koku_attach_price_list('00000000-0000-0000-0000-00000000ee01', :'shared', 0, 't_errors');
SELECT koku_attach_price_list('00000000-0000-0000-0000-00000000ee02', :'shared', 0, 't_errors');
SELECT koku_create_price_list('{"name": "off", "currency": "USD", "enabled": false}', 't_errors') AS off \gset
SELECT koku_create_price_list('{"name": "euros", "currency": "EUR"}', 't_errors') AS euros \gset

CREATE TABLE test.refused (number serial, function text, arguments text);
INSERT INTO test.refused (function, arguments)
SELECT function, replace(replace(replace(replace(replace(replace(replace(replace(arguments, 'MODEL1', quote_literal('00000000-0000-0000-0000-00000000ee01')),
    'MODEL2', quote_literal('00000000-0000-0000-0000-00000000ee02')), 'NONE', quote_literal('00000000-0000-0000-0000-0000000000ff')),
    'SHARED', quote_literal(:'shared')), 'OFF', quote_literal(:'off')), 'EUROS', quote_literal(:'euros')), 'A1', quote_literal(:'a')), 'B1', quote_literal(:'b'))
FROM (VALUES
    ('koku_create_cost_model', $$'{"name": "x", "currency": "USD"}', '{}', 'nobody'$$),
    ('koku_create_cost_model', $$'{"name": "x", "currency": "USD"}', ARRAY[NONE]::uuid[], 't_errors'$$),
    ('koku_create_cost_model', $$'{"name": "x", "currency": "USD"}', NULL, 't_errors'$$),
    ('koku_create_cost_model', $$'{"name": "x", "currency": "USD", "rates": [7]}', '{}', 't_errors'$$),
    ('koku_create_cost_model', $$'{"name": "x", "currency": "USD", "uuid": "00000000-0000-0000-0000-00000000ee01"}', '{}', 't_errors'$$),
    ('koku_create_cost_model', $$'{"name": "x", "currency": "USD"}', ARRAY[A1]::uuid[], 't_errors'$$),
    ('koku_update_cost_model', $$MODEL1, '{}', 'nobody'$$),
    ('koku_update_cost_model', $$NONE, '{}', 't_errors'$$),
    ('koku_update_cost_model', $$NULL, '{}', 't_errors'$$),
    ('koku_update_cost_model', $$MODEL1, '{"source_uuids": ["00000000-0000-0000-0000-0000000000ff"]}', 't_errors'$$),
    ('koku_update_cost_model', $$MODEL1, '{"markup": {"value": "NaN"}}', 't_errors'$$),
    ('koku_update_cost_model', $$MODEL2, format('{"source_uuids": ["%s"]}', A1)::jsonb, 't_errors'$$),
    ('koku_update_cost_model', $$MODEL1, '{"currency": "EUR"}', 't_errors'$$),
    ('koku_assign_cost_model', $$MODEL1, '{}', 'nobody'$$),
    ('koku_assign_cost_model', $$NONE, '{}', 't_errors'$$),
    ('koku_assign_cost_model', $$MODEL1, ARRAY[NONE]::uuid[], 't_errors'$$),
    ('koku_assign_cost_model', $$MODEL1, ARRAY[NULL]::uuid[], 't_errors'$$),
    ('koku_assign_cost_model', $$MODEL1, NULL, 't_errors'$$),
    ('koku_assign_cost_model', $$MODEL2, ARRAY[B1, A1]::uuid[], 't_errors'$$),
    ('koku_unassign_cost_model', $$'{}', 'nobody'$$),
    ('koku_unassign_cost_model', $$ARRAY[NONE]::uuid[], 't_errors'$$),
    ('koku_unassign_cost_model', $$NULL, 't_errors'$$),
    ('koku_delete_cost_model', $$MODEL1, 'nobody'$$),
    ('koku_delete_cost_model', $$NONE, 't_errors'$$),
    ('koku_create_price_list', $$'{"name": "x", "currency": "USD"}', 'nobody'$$),
    ('koku_create_price_list', $$'{"name": "x", "currency": "USD", "effective_start_date": "2026-11-02"}', 't_errors'$$),
    ('koku_update_price_list', $$SHARED, '{}', 'nobody'$$),
    ('koku_update_price_list', $$NONE, '{}', 't_errors'$$),
    ('koku_update_price_list', $$SHARED, '{"enabled": "yes"}', 't_errors'$$),
    ('koku_update_price_list', $$SHARED, '{"currency": "EUR"}', 't_errors'$$),
    ('koku_delete_price_list', $$SHARED, 'nobody'$$),
    ('koku_delete_price_list', $$NONE, 't_errors'$$),
    ('koku_delete_price_list', $$SHARED, 't_errors'$$),
    ('koku_attach_price_list', $$MODEL1, SHARED, 0, 'nobody'$$),
    ('koku_attach_price_list', $$NONE, SHARED, 0, 't_errors'$$),
    ('koku_attach_price_list', $$MODEL1, NONE, 0, 't_errors'$$),
    ('koku_attach_price_list', $$MODEL1, SHARED, -1, 't_errors'$$),
    ('koku_attach_price_list', $$MODEL1, SHARED, NULL, 't_errors'$$),
    ('koku_attach_price_list', $$MODEL1, EUROS, 0, 't_errors'$$),
    ('koku_attach_price_list', $$MODEL1, OFF, 0, 't_errors'$$),
    ('koku_detach_price_list', $$MODEL1, SHARED, 'nobody'$$),
    ('koku_detach_price_list', $$NONE, SHARED, 't_errors'$$),
    ('koku_detach_price_list', $$MODEL1, NONE, 't_errors'$$),
    ('koku_detach_price_list', $$MODEL1, EUROS, 't_errors'$$),
    ('koku_update_costs', $$NONE, date '2026-11-01'$$),
    ('koku_update_costs', $$NULL, date '2026-11-01'$$),
    ('koku_update_costs', $$A1, date '2026-11-02', date '2026-11-01'$$),
    ('koku_update_costs', $$A1, NULL::date$$),
    ('koku_update_costs', $$A1, date '-infinity'$$),
    ('koku_update_costs', $$NONE, 2026, 11$$),
    ('koku_update_costs', $$A1, 2026, 13$$),
    ('koku_check_costs', $$NONE, 2026, 11$$),
    ('koku_check_costs', $$A1, 2026, 0$$),
    ('koku_check_costs', $$A1, NULL, 11$$),
    ('koku_preview_costs', $$NONE, '{"name": "x", "currency": "USD"}', date '2026-11-01'$$),
    ('koku_preview_costs', $$A1, '{"name": "x"}', date '2026-11-01'$$),
    ('koku_preview_costs', $$A1, '{"name": "x", "currency": "USD"}', date '2026-11-02', date '2026-11-01'$$),
    ('koku_retry_costs', $$A1, date '2026-11-01'$$)
    ) AS listed (function, arguments);
CREATE TABLE test.raised AS
SELECT refused.number, refused.function, raised.* FROM test.refused, test.error_of(format('SELECT %s(%s)', refused.function, refused.arguments)) AS raised;
SELECT function, sqlstate_, message FROM test.raised ORDER BY number;
SELECT function, message FROM test.raised WHERE hint IS NULL AND sqlstate_ <> 'none';
-- What the functions document. That an update meets partitions that are dropped meanwhile (40001) is a test of sessions that meet.
SELECT documented.function, documented.code
FROM (SELECT proname::text AS function, (regexp_matches(split_part(obj_description(oid), 'Error', 2), '\m[0-9][0-9A-Z]{4}\M', 'g'))[1] AS code
      FROM pg_proc WHERE proname ~ '^koku_.*(cost_model|price_list|costs)$' AND pronamespace = 'public'::regnamespace) AS documented
WHERE documented.code <> '40001'
EXCEPT SELECT function, sqlstate_ FROM test.raised;
-- Nothing that was refused has left anything.
SELECT name, currency, (SELECT count(*) FROM t_errors.cost_model_map AS map WHERE map.cost_model_id = model.uuid) AS sources FROM t_errors.cost_model AS model ORDER BY name;
SELECT name, enabled, currency FROM t_errors.price_list ORDER BY name COLLATE "C";
