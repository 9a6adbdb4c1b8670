-- Every write of Koku's API and what stands in the tables after the next koku_run(). test/existing_schema/koku_api.sql has the
-- calls, which leave their rows as the API does, as an ordinary role that owns its tables: from :api to :ours. koku_run() is ours.
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set first '00000000-0000-4000-8000-0000000cd001'
\set second '00000000-0000-4000-8000-0000000cd002'
\set third '00000000-0000-4000-8000-0000000cd003'
\set wrong '00000000-0000-4000-8000-0000000cd004'
\set model '00000000-0000-4000-8000-0000000cd0c1'
\set regress `echo "$KOKU_SOURCE"`/test/existing_schema/regress.sql
\set ECHO none
\i :regress
\set ECHO all
SELECT test.make_reports('org1');
:api
SELECT api.make_organization('org1', '1');
:ours
SELECT count(*) > 0 AS attached FROM koku_attach('org1');

-- A payload of a cluster: on 2026-11-05 a core is in use all day in each of two projects, which makes 24 hours.
CREATE FUNCTION test.delivery(number integer, cluster text) RETURNS bytea LANGUAGE sql AS $$
SELECT test.payload(test.manifest(number, ARRAY['pods.csv'], changes => jsonb_build_object('cluster_id', cluster)), test.member('pods.csv',
    E'report_period_start,report_period_end,interval_start,interval_end,node,namespace,pod,pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,resource_id,pod_labels\n'
    || string_agg(format(E'2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,2026-11-05 %1$s:00:00 +0000 UTC,2026-11-05 %1$s:59:59 +0000 UTC,n1,%2$s,%2$s-1,3600,3600,3600,0,0,0,4,14400,0,0,i-n1,%3$s\n',
        lpad(hour::text, 2, '0'), namespace, labels), '')))
FROM (VALUES ('shop', 'label_app:web|label_team:a'), ('bank', 'label_application:teller')) AS project (namespace, labels), generate_series(0, 23) AS hour;
$$;
-- What the summary has of it, usage and costs, and the tables that the user interface reads.
CREATE FUNCTION test.summary() RETURNS TABLE (cluster text, project text, labels jsonb, cost_group text, core_hours numeric, cost numeric) LANGUAGE sql AS $$
SELECT cluster_alias, namespace, pod_labels, (SELECT name FROM org1.reporting_ocp_cost_category WHERE id = cost_category_id),
    test.short(sum(pod_usage_cpu_core_hours)), test.short(sum(cost_model_cpu_cost))
FROM org1.reporting_ocpusagelineitem_daily_summary WHERE namespace IN ('bank', 'shop') GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3;
$$;
CREATE FUNCTION test.dashboard() RETURNS TABLE (cluster text, project text, cost_group text, core_hours numeric, cost numeric) LANGUAGE sql AS $$
SELECT cluster_alias, namespace, (SELECT name FROM org1.reporting_ocp_cost_category WHERE id = cost_category_id),
    (SELECT test.short(sum(pod_usage_cpu_core_hours)) FROM org1.reporting_ocp_pod_summary_by_project_p AS pods
     WHERE (pods.cluster_alias, pods.namespace) = (costs.cluster_alias, costs.namespace)), test.short(sum(cost_model_cpu_cost))
FROM org1.reporting_ocp_cost_summary_by_project_p AS costs WHERE namespace IN ('bank', 'shop') GROUP BY 1, 2, 3 ORDER BY 1, 2;
$$;
CREATE FUNCTION test.queued() RETURNS TABLE (delayed bigint, messages bigint, requests bigint) LANGUAGE sql AS $$
SELECT (SELECT count(*) FROM delayed_celery_tasks), (SELECT count(*) FROM kombu_message),
    (SELECT count(*) FROM koku_summary_request) + (SELECT count(*) FROM koku_cost_request WHERE due <= '2026-11-18');
$$;

-- POST sources. A payload came before its source: it is held, and taken when the source is there.
SELECT koku_submit_payload(test.delivery(1, 'first-cluster'), 'first') IS NOT NULL AS submitted;
CALL koku_run();
SELECT status FROM koku_inbox;
:api
SELECT api.post_source(:'first', 'First', 'first-cluster');
:ours
CALL koku_run();
SELECT status, source FROM koku_inbox;
SELECT source, tenant, name, cluster_id, paused FROM koku_source;
SELECT uuid, name, type, provider_id FROM org1.reporting_tenant_api_provider;
SELECT * FROM test.summary();
SELECT assembly_id, cluster_id, completed_datetime IS NOT NULL AS completed, provider_id FROM reporting_common_costusagereportmanifest;

-- PUT settings/tags/enable, disable.
:api
SELECT api.put_tags(ARRAY['app', 'application', 'team'], true);
:ours
CALL koku_run();
SELECT * FROM test.summary();
:api
SELECT api.put_tags(ARRAY['team'], false);
:ours
CALL koku_run();
SELECT * FROM test.summary();

-- PUT settings/tags/mappings/child/add, child/remove, parent/remove: labels of the child are those of the parent, and their own again.
:api
SELECT api.add_children('app', ARRAY['application']);
SELECT task_name, task_args, task_kwargs->>'start_date' AS start_date FROM delayed_celery_tasks;
:ours
CALL koku_run();
SELECT project, labels FROM test.summary();
-- The lists of labels keep the keys of children.
SELECT array_agg(DISTINCT key ORDER BY key) AS keys FROM org1.reporting_ocpusagepodlabel_summary;
:api
SELECT api.remove_children(ARRAY['application']);
:ours
CALL koku_run();
SELECT project, labels FROM test.summary();
:api
SELECT api.add_children('app', ARRAY['application']);
:ours
CALL koku_run();
:api
SELECT api.remove_parents(ARRAY['app']);
:ours
CALL koku_run();
SELECT project, labels FROM test.summary();
SELECT * FROM test.queued();

-- PUT settings/cost-groups/add, remove.
:api
SELECT api.add_to_cost_group('shop', 'Platform');
SELECT name, count(*) FROM kombu_message JOIN kombu_queue AS queue ON queue.id = queue_id GROUP BY name;
:ours
CALL koku_run();
SELECT project, cost_group FROM test.summary();
SELECT project, cost_group FROM test.dashboard();
:api
SELECT api.remove_from_cost_group('shop');
:ours
CALL koku_run();
SELECT project, cost_group FROM test.summary();
SELECT * FROM test.queued();

-- POST cost-models: 2 an hour. The API's audit goes on.
\set rates '[{"metric": {"name": "cpu_core_usage_per_hour"}, "cost_type": "Supplementary", "tiered_rates": [{"value": "2", "unit": "USD", "usage": {}}]}]'
:api
SELECT api.post_cost_model(:'model', 'Prices', :'rates', ARRAY[:'first']::uuid[]);
SELECT task_name, task_args, task_kwargs->>'start_date' AS start_date, task_kwargs->>'end_date' AS end_date, metadata FROM delayed_celery_tasks;
SELECT (SELECT count(*) FROM cost_model) AS cost_model, (SELECT count(*) FROM cost_model_audit) AS audit, (SELECT count(*) FROM cost_model_map) AS map,
    (SELECT count(*) FROM cost_model_rate) AS rate, (SELECT count(*) FROM price_list) AS list, (SELECT count(*) FROM price_list_cost_model_map) AS list_map;
:ours
CALL koku_run();
SELECT project, core_hours, cost FROM test.summary();
SELECT project, core_hours, cost FROM test.dashboard();
-- PUT cost-models: other rates.
:api
SELECT api.put_cost_model(:'model', replace(:'rates', '"2"', '"3"')::jsonb, ARRAY[:'first']::uuid[]);
:ours
CALL koku_run();
SELECT project, cost FROM test.dashboard();
-- PUT price-lists.
:api
SELECT api.put_price_list(uuid, replace(:'rates', '"2"', '"5"')::jsonb) FROM price_list;
SELECT version, rates->0->'tiered_rates' AS rate FROM price_list;
-- The API of a development environment delays nothing.
SELECT api.send_delayed();
:ours
CALL koku_run();
SELECT project, cost FROM test.dashboard();
-- PUT cost-models without the source, and with it again.
:api
SELECT api.put_cost_model(:'model', :'rates', '{}');
:ours
CALL koku_run();
SELECT project, cost FROM test.dashboard();
:api
SELECT api.put_cost_model(:'model', :'rates', ARRAY[:'first']::uuid[]);
:ours
CALL koku_run();
SELECT project, cost FROM test.dashboard();
SELECT * FROM koku_check_costs(:'first', 2026, 11);
-- DELETE cost-models: the list and its rates stay.
:api
SELECT api.delete_cost_model(:'model');
SELECT (SELECT count(*) FROM cost_model) AS cost_model, (SELECT count(*) FROM cost_model_map) AS map, (SELECT count(*) FROM cost_model_rate) AS rate,
    (SELECT count(*) FROM price_list) AS list, (SELECT count(*) FROM price_list_cost_model_map) AS list_map;
:ours
CALL koku_run();
SELECT project, core_hours, cost FROM test.dashboard();
SELECT * FROM test.queued();
-- Cost models of ours and the audit of the API get along.
SELECT koku_create_cost_model(jsonb_build_object('name', 'Ours', 'currency', 'USD', 'rates', :'rates'::jsonb), ARRAY[:'first']::uuid[], 'org1') AS own_model \gset
SELECT koku_update_cost_model(:'own_model', '{"name": "Ours again"}', 'org1');
SELECT koku_delete_cost_model(:'own_model', 'org1');
SELECT operation, name, provider_uuids FROM org1.cost_model_audit WHERE uuid = :'own_model' ORDER BY id;

-- PATCH sources {name}: the alias of the current month.
:api
SELECT api.patch_source(:'first', 'Renamed');
:ours
CALL koku_run();
SELECT name FROM koku_source;
SELECT cluster, project, core_hours FROM test.summary();
SELECT cluster, project, core_hours FROM test.dashboard();
SELECT (SELECT array_agg(cluster_alias) FROM org1.reporting_ocp_clusters) AS clusters, (SELECT array_agg(cluster_alias) FROM org1.reporting_ocpusagereportperiod) AS periods,
    (SELECT array_agg(DISTINCT cluster_aliases) FROM org1.reporting_ocptags_values) AS tags;

-- PATCH sources {paused}: payloads are held, and taken when it is resumed.
:api
SELECT api.patch_source(:'first', pause => true);
:ours
CALL koku_run();
SELECT paused FROM koku_source;
SELECT koku_submit_payload(test.delivery(2, 'first-cluster'), 'paused') IS NOT NULL AS submitted;
CALL koku_run();
SELECT status FROM koku_inbox WHERE request_id = 'paused';
:api
SELECT api.patch_source(:'first', pause => false);
:ours
CALL koku_run();
SELECT status FROM koku_inbox WHERE request_id = 'paused';
SELECT name, paused FROM koku_source;

-- PATCH sources with another cluster: it is taken as long as the source has no rows; then health tells of it.
SELECT koku_submit_payload(test.delivery(3, 'second-cluster'), 'second') IS NOT NULL AS submitted;
:api
SELECT api.post_source(:'second', 'Second', 'sceond-cluster');
:ours
CALL koku_run();
SELECT status FROM koku_inbox WHERE request_id = 'second';
:api
SELECT api.patch_source(:'second', new_cluster_id => 'second-cluster');
:ours
CALL koku_run();
SELECT status FROM koku_inbox WHERE request_id = 'second';
:api
SELECT api.patch_source(:'second', new_cluster_id => 'other-cluster');
:ours
CALL koku_run();
SELECT name, cluster_id FROM koku_source ORDER BY name;
SELECT status, detail, what_to_do FROM koku_health() WHERE check_name = 'koku';
:api
SELECT api.patch_source(:'second', new_cluster_id => 'second-cluster');
:ours
SELECT status FROM koku_health() WHERE check_name = 'koku';

-- What the API reads of deliveries is written in the transactions of ingest and of the summary. None is left when they are rolled back.
CREATE FUNCTION test.bookkeeping() RETURNS TABLE (source text, set_up boolean, manifests bigint, files bigint, completed boolean, completed_now boolean, updated boolean, updated_now boolean)
LANGUAGE sql AS $$
SELECT provider.name, setup_complete, count(DISTINCT manifest.id), count(file.id), bool_or(manifest.completed_datetime IS NOT NULL),
    bool_or(manifest.completed_datetime = now()), data_updated_timestamp IS NOT NULL, data_updated_timestamp = now()
FROM api_provider AS provider
LEFT JOIN reporting_common_costusagereportmanifest AS manifest ON manifest.provider_id = provider.uuid
LEFT JOIN reporting_common_costusagereportstatus AS file ON file.manifest_id = manifest.id
WHERE provider.name = 'Third' GROUP BY provider.uuid;
$$;
:api
SELECT api.post_source(:'third', 'Third', 'third-cluster'), api.post_source(:'wrong', 'Wrong', 'no/cluster');
:ours
-- One that cannot be registered is no trouble of the others.
CALL koku_run();
SELECT name FROM koku_source ORDER BY name;
:api
SELECT api.delete_source(:'wrong');
:ours
SELECT * FROM test.bookkeeping();
SELECT test.delivery(4, 'third-cluster') AS third_delivery \gset
BEGIN;
SELECT day, action FROM koku_ingest_payload(:'third_delivery');
SELECT * FROM test.bookkeeping();
ROLLBACK;
SELECT * FROM test.bookkeeping();
SELECT day, action FROM koku_ingest_payload(:'third_delivery');
BEGIN;
SELECT count(koku_internal.summarize_request(request)) AS summaries FROM koku_summary_request AS request;
SELECT * FROM test.bookkeeping();
ROLLBACK;
SELECT * FROM test.bookkeeping();
CALL koku_run();
SELECT * FROM test.bookkeeping();

-- A message that a source is deleted, whose transaction did not come to its end: nothing is deleted. Of a summary that is asked for a
-- source which is deleted nothing is left.
:api
SELECT api.send('summary', 'masu.celery.tasks.delete_archived_data', jsonb_build_array('org1', 'OCP', api.marked(:'second'::uuid)), '{}');
:ours
CALL koku_run();
SELECT name, paused FROM koku_source ORDER BY name;
SELECT * FROM test.queued();

-- DELETE sources, with the broker's message and without: what refers to the source goes at once, line items by koku_run(). Payloads are
-- refused until then, and held after it.
CREATE FUNCTION test.rows_of(source text) RETURNS TABLE (line_items bigint, intervals bigint, summary bigint, periods bigint) LANGUAGE sql AS $$
SELECT (SELECT count(*) FROM org1.openshift_pod_usage_line_items AS line WHERE line.source = $1), (SELECT count(*) FROM org1.koku_node_interval AS line WHERE line.source::text = $1),
    (SELECT count(*) FROM org1.reporting_ocpusagelineitem_daily_summary WHERE source_uuid = $1::uuid), (SELECT count(*) FROM org1.reporting_ocpusagereportperiod WHERE provider_id = $1::uuid);
$$;
:api
SELECT api.add_to_cost_group('shop', 'Platform');
SELECT api.post_cost_model(:'model', 'Prices', :'rates', ARRAY[:'second']::uuid[]);
SELECT api.delete_source(:'second');
SELECT name, count(*) FROM kombu_message JOIN kombu_queue AS queue ON queue.id = queue_id GROUP BY name ORDER BY name;
:ours
SELECT * FROM test.rows_of(:'second');
SELECT sqlstate_, message FROM test.error_of(format('SELECT koku_ingest_payload(%L)', test.delivery(5, 'second-cluster')));
CALL koku_run();
SELECT * FROM test.rows_of(:'second');
SELECT * FROM test.queued();
SELECT name FROM koku_source ORDER BY name;
SELECT koku_submit_payload(test.delivery(5, 'second-cluster'), 'late') IS NOT NULL AS submitted;
CALL koku_run();
SELECT status, error_sqlstate, error_message FROM koku_inbox WHERE request_id = 'late';
-- Without a broker the API answers 500 and keeps its own row of the source.
:api
SELECT api.delete_source(:'third', has_broker => false);
SELECT count(*) AS messages FROM kombu_message;
SELECT name FROM api_sources ORDER BY name;
:ours
CALL koku_run();
SELECT * FROM test.rows_of(:'third');
SELECT name FROM koku_source ORDER BY name;
-- The cluster is deleted and added again at once: the new source is registered when the old one is gone.
:api
SELECT api.delete_source(:'first');
SELECT api.post_source(:'second', 'First anew', 'first-cluster');
:ours
CALL koku_run();
SELECT name FROM koku_source;
CALL koku_run();
SELECT name, cluster_id FROM koku_source;
SELECT koku_submit_payload(test.delivery(6, 'first-cluster'), 'anew') IS NOT NULL AS submitted;
CALL koku_run();
SELECT cluster, project, core_hours FROM test.summary();
SELECT check_name, status, detail FROM koku_health() WHERE check_name = 'koku';

-- PUT account-settings/data-retention: the first makes the row, others change it. Months that are over go by koku_run(), with their
-- manifests in the API's tables.
SELECT count(koku_internal.ensure_partition('org1', 'reporting_ocp_pod_summary_p', month::date)) AS made FROM generate_series(date '2026-05-01', '2026-11-01', '1 month') AS months (month);
UPDATE koku_manifest SET billing_period_start = '2026-08-01', window_end = '2026-08-06', hours_per_day = '{}' WHERE manifest_uuid = '00000000-0000-4000-8000-000000000006';
CREATE FUNCTION test.kept() RETURNS TABLE (months integer, first_month text, manifests bigint, files bigint) LANGUAGE sql AS $$
SELECT koku_internal.retention_months('org1'), min(right(partition::text, 7)), (SELECT count(*) FROM reporting_common_costusagereportmanifest),
    (SELECT count(*) FROM reporting_common_costusagereportstatus)
FROM koku_internal.partitions('org1') WHERE table_name = 'reporting_ocp_pod_summary_p' AND NOT is_default;
$$;
CALL koku_run();
SELECT * FROM test.kept();
:api
SELECT count(*) AS settings FROM tenant_settings;
SELECT api.put_data_retention(6);
SELECT singleton, data_retention_months FROM tenant_settings;
:ours
CALL koku_run();
SELECT * FROM test.kept();
:api
SELECT api.put_data_retention(3);
:ours
CALL koku_run();
SELECT * FROM test.kept();
-- A table of settings that a later migration makes is not followed until its organization is attached again, and health says so.
DROP TRIGGER koku_note_tenant_change ON org1.tenant_settings;
SELECT status, detail, what_to_do FROM koku_health() WHERE check_name = 'koku';
SELECT action, detail FROM koku_attach('org1') WHERE action = 'changes followed';
SELECT status FROM koku_health() WHERE check_name = 'koku';

-- Nothing is concluded from a schema that is gone, and what else is followed goes on.
SET client_min_messages = error;
DROP SCHEMA org1 CASCADE;
DELETE FROM reporting_common_costusagereportstatus;
DELETE FROM reporting_common_costusagereportmanifest;
DELETE FROM api_provider;
CALL koku_run();
SELECT name, paused FROM koku_source;
SELECT last_error FROM koku_run_step WHERE step = 'koku';
SELECT count(*) >= 0 AS deleted FROM koku_source AS known, koku_delete_source(known.source, false);
DROP OWNED BY regress_koku_app CASCADE;
DROP ROLE regress_koku_app;
