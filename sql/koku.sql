-- Beside Koku's own API: taking an organization over that Koku made and filled, doing what its API queues, following what it
-- changes, and writing what it reads. Its tables are made here as its migrations make them, owned by an ordinary role.
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set taken '00000000-0000-0000-0000-0000000cc001'
\set fresh '00000000-0000-0000-0000-0000000cc002'
\set cloud '00000000-0000-0000-0000-0000000cc003'

-- Without Koku's tables there is nothing to take over, and koku_run() has nothing to follow.
SELECT * FROM test.error_of('SELECT * FROM koku_attach(''org1'')');
SELECT check_name, status, detail FROM koku_health() WHERE check_name = 'koku';
CALL koku_run();
SELECT step, last_error FROM koku_run_step WHERE step = 'koku';

-- From here on :api begins what its API does, as an ordinary role that owns its tables, and :ours ends it.
\set regress `echo "$KOKU_SOURCE"`/test/existing_schema/regress.sql
\set ECHO none
\i :regress
\set ECHO all

-- An organization's schema, with the tables and default partitions that its migrations make; a month of it is filled. The
-- table of node intervals is the extension's own.
SELECT test.make_reports('org1');
DROP TABLE org1.koku_node_interval;
DELETE FROM org1.partitioned_tables WHERE partition_of_table_name = 'koku_node_interval';
:api
SELECT api.make_organization('org1', '1');
SELECT api.post_source(:'taken', 'Taken over', 'taken-cluster'), api.post_source(:'cloud', 'Cloud', NULL, 'AWS');
SELECT api.put_data_retention(6);
-- Rows of a month that Koku summarized: its staging rows are in the default partition.
INSERT INTO org1.reporting_ocpusagelineitem_daily_summary_staging (source, year, month, usage_start, usage_end)
VALUES (:'taken', '2026', '11', '2026-11-05', '2026-11-05'), (:'taken', '2026', '10', '2026-10-05', '2026-10-05');
-- A delivery that Koku finished, and one that it did not.
INSERT INTO reporting_common_costusagereportmanifest (assembly_id, creation_datetime, completed_datetime, export_datetime, billing_period_start_datetime, num_total_files, operator_daily_reports, provider_id)
VALUES ('00000000-0000-4000-8000-000000000001', '2026-11-06', '2026-11-06', '2026-11-06', '2026-11-01', 1, true, :'taken'),
       ('00000000-0000-4000-8000-000000000002', '2026-11-06', NULL, '2026-11-06', '2026-11-01', 1, true, :'taken');
INSERT INTO reporting_common_costusagereportstatus (manifest_id, report_name, completed_datetime, status) VALUES (1, 'a.csv', '2026-11-06', 1), (2, 'a.csv', NULL, 3);
:ours

-- A dry run tells what would be done and changes nothing.
CREATE TEMP VIEW relations AS SELECT relname, relowner::regrole, relacl, relispartition FROM pg_class WHERE relnamespace = 'org1'::regnamespace;
CREATE TEMP TABLE relations_before AS TABLE relations;
SELECT action, object, regexp_replace(detail, '\d+ relations', '... relations') AS detail FROM koku_attach('org1', dry_run => true);
(TABLE relations_before EXCEPT ALL TABLE relations) UNION ALL (TABLE relations EXCEPT ALL TABLE relations_before);
SELECT count(*) FROM koku_source;
SELECT action, object, regexp_replace(detail, '\d+ relations', '... relations') AS detail FROM koku_attach('org1');
SELECT action, object FROM koku_attach('org1') WHERE detail NOT LIKE 'cluster%';
SELECT check_name, status, detail FROM koku_health() WHERE check_name = 'koku';
SELECT tableoid::regclass, usage_start FROM org1.reporting_ocpusagelineitem_daily_summary_staging ORDER BY 2;
SELECT source, tenant, name, cluster_id, paused FROM koku_source;
SELECT retention_months FROM koku_tenant WHERE tenant = 'org1';
-- All is the application's, so that its next migration works; nothing was made through its trigger.
SELECT relation.oid::regclass FROM pg_class AS relation WHERE relnamespace = 'org1'::regnamespace AND relowner <> 'regress_koku_app'::regrole AND relkind IN ('r', 'p');
:api
ALTER TABLE org1.reporting_ocpusagelineitem_daily_summary_staging ADD COLUMN probe integer;
ALTER TABLE org1.reporting_ocpusagelineitem_daily_summary_staging DROP COLUMN probe;
:ours

-- What Koku ingested is not ingested again; what it did not finish is. The summary has a day that both know once.
SELECT koku_enable_tags(ARRAY['app'], 'org1') AS enabled;
SELECT test.manifest(1, ARRAY['a.csv'], changes => '{"cluster_id": "taken-cluster"}') AS first, test.manifest(2, ARRAY['a.csv'], changes => '{"cluster_id": "taken-cluster"}') AS second,
    test.member('a.csv', test.namespaces(ARRAY['shop'], 24)) AS report \gset
SELECT file, day, action FROM koku_ingest_payload(test.payload(:'first', :'report'));
SELECT file, day, action FROM koku_ingest_payload(test.payload(:'second', :'report'));
CALL koku_run();
SELECT source, month, last_error FROM koku_summary_request;
-- And the API knows what came: the delivery is completed, its source is set up and has new numbers.
SELECT assembly_id, completed_datetime IS NOT NULL AS completed, num_total_files, state ? 'summary' AS summarized FROM reporting_common_costusagereportmanifest ORDER BY 1;
SELECT manifest_id, report_name, status, completed_datetime IS NOT NULL AS completed FROM reporting_common_costusagereportstatus ORDER BY 1;
SELECT name, setup_complete, data_updated_timestamp IS NOT NULL AS updated FROM api_provider ORDER BY name;

-- What the API changes: a source is renamed and paused, resumed; another one is made, with credentials and without.
:api
SELECT api.patch_source(:'taken', 'Renamed', true);
SELECT api.post_source(:'fresh', 'Fresh', 'fresh-cluster'), api.post_source('00000000-0000-0000-0000-0000000cc004', 'Nowhere', NULL);
:ours
CALL koku_run();
SELECT source, tenant, name, cluster_id, paused FROM koku_source ORDER BY source;
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'koku';
:api
SELECT api.delete_source('00000000-0000-0000-0000-0000000cc004'), api.patch_source(:'taken', pause => false);
:ours
CALL koku_run();
SELECT name, paused FROM koku_source ORDER BY source;
-- What tags and cost groups change: summaries of the current month are asked for.
:api
UPDATE org1.reporting_enabledtagkeys SET enabled = NOT enabled WHERE key = 'app';
:ours
SELECT source, first_day, last_day FROM koku_summary_request;
DELETE FROM koku_summary_request;
:api
INSERT INTO org1.reporting_enabledtagkeys (uuid, key, enabled, provider_type) VALUES (gen_random_uuid(), 'child', true, 'OCP');
INSERT INTO org1.reporting_tagmapping (parent_id, child_id)
SELECT parent.uuid, child.uuid FROM org1.reporting_enabledtagkeys AS parent, org1.reporting_enabledtagkeys AS child WHERE parent.key = 'app' AND child.key = 'child';
:ours
SELECT source, first_day, last_day FROM koku_summary_request;
DELETE FROM koku_summary_request;

-- A project enters a cost group, and leaves it: the clusters that have it are summarized.
INSERT INTO org1.reporting_ocp_projects (uuid, project, cluster_id) SELECT gen_random_uuid(), 'shop', uuid FROM org1.reporting_ocp_clusters WHERE provider_id = :'taken';
:api
INSERT INTO org1.reporting_ocp_cost_category_namespace (namespace, system_default, cost_category_id) SELECT 'shop', false, max(id) FROM org1.reporting_ocp_cost_category;
:ours
SELECT source, first_day, last_day FROM koku_summary_request;
DELETE FROM koku_summary_request;
:api
DELETE FROM org1.reporting_ocp_cost_category_namespace WHERE namespace = 'shop';
:ours
SELECT source, first_day, last_day FROM koku_summary_request;
DELETE FROM koku_summary_request;

-- What the API queues. A delayed task, and messages of a broker in the database; those of other kinds stay.
:api
SELECT api.delay('masu.processor.tasks.update_summary_tables', '["org1"]', jsonb_build_object('provider_type', 'OCP', 'provider_uuid', :'taken', 'start_date', '2026-11-01 00:00:00+00:00'), :'taken', 'summary'),
    api.delay('masu.processor.tasks.update_summary_tables', '["org1"]', jsonb_build_object('provider_type', 'AWS', 'provider_uuid', :'cloud', 'start_date', '2026-11-01'), :'cloud', 'summary'),
    api.delay('masu.processor.tasks.update_cost_model_costs', jsonb_build_array('org1', :'taken'), '{"start_date": "2026-11-01", "end_date": "2026-11-30", "queue_name": "cost"}', :'taken', 'cost'),
    api.delay('masu.processor.tasks.another', '[]', '{}', :'taken', 'summary');
SELECT api.send('ocp', 'masu.processor.tasks.update_summary_tables', jsonb_build_array('org1', 'OCP', api.marked(:'taken'::uuid), api.marked(date '2026-10-01'), '2026-10-31'), '{}'),
    api.send('ocp', 'masu.processor.tasks.update_summary_tables', '["org1", "OCP", null]', '{}'),
    api.send('priority', 'masu.processor.tasks.update_cost_model_costs', jsonb_build_array('org1', :'taken'), '{"start_date": "2026-10-01", "end_date": "2026-10-31"}'),
    api.send('ocp', 'masu.celery.tasks.collect', '[]', '{}');
INSERT INTO kombu_message (visible, payload, version, queue_id) VALUES (true, 'no message', 1, 1);
:ours
SELECT koku_internal.do_koku_tasks();
SELECT source, month, first_day, last_day FROM koku_summary_request ORDER BY month;
SELECT source, month, first_day, last_day FROM koku_cost_request ORDER BY month;
SELECT task_name FROM delayed_celery_tasks;
SELECT left(payload, 10) AS payload FROM kombu_message WHERE payload NOT LIKE '%collect%';
SELECT status, detail, what_to_do FROM koku_health() WHERE check_name = 'koku';
DELETE FROM delayed_celery_tasks;
DELETE FROM kombu_message;
-- A request that cannot be written leaves its task where it is, and the others are carried out. What is no day is the current month.
ALTER TABLE koku_summary_request ADD CONSTRAINT refused CHECK (month > '2026-01-01');
:api
SELECT api.delay('masu.processor.tasks.update_summary_tables', '["org1"]', jsonb_build_object('provider_uuid', :'taken', 'start_date', '2025-11-01', 'end_date', '2025-11-30'), :'taken', 'summary'),
    api.delay('masu.processor.tasks.update_summary_tables', '["org1"]', jsonb_build_object('provider_uuid', 'nobody', 'start_date', '2025-12-01'), :'cloud', 'summary'),
    api.delay('masu.processor.tasks.update_summary_tables', '["org1"]', jsonb_build_object('provider_uuid', :'fresh', 'start_date', 'never'), :'fresh', 'summary');
:ours
SELECT koku_internal.do_koku_tasks();
SELECT task_kwargs->>'start_date' AS left_over FROM delayed_celery_tasks ORDER BY 1;
SELECT source, first_day, last_day FROM koku_summary_request WHERE source = :'fresh';
ALTER TABLE koku_summary_request DROP CONSTRAINT refused;
DELETE FROM delayed_celery_tasks;
CALL koku_run();

-- An organization that the API makes later is taken over by koku_run() with its first source.
SELECT test.make_reports('org2');
:api
SELECT api.make_organization('org2', '2');
SET search_path = org2, public;
SELECT api.post_source('00000000-0000-0000-0000-0000000cc005', 'Second', 'second-cluster');
:ours
CALL koku_run();
SELECT tenant, name, cluster_id FROM koku_source ORDER BY tenant;

-- The API keeps a source to one cost model, its tables do not. Of several the first by name counts, as in Koku; nothing fails of it.
\set third '00000000-0000-0000-0000-0000000cc006'
SELECT test.make_reports('org3');
ALTER TABLE org3.cost_model_map DROP CONSTRAINT cost_model_map_provider_uuid_key;
:api
SELECT api.make_organization('org3', '3');
SET search_path = org3, public;
SELECT api.post_source(:'third', 'Third', 'third-cluster');
INSERT INTO org3.cost_model (uuid, name, description, source_type, created_timestamp, updated_timestamp, rates, markup, distribution, currency, distribution_info)
SELECT uuid::uuid, name, '', 'OCP', now(), now(), '{}', '{}', 'cpu', currency, '{}'
FROM (VALUES ('00000000-0000-0000-0000-0000000cc0c1', 'zebra', 'USD'), ('00000000-0000-0000-0000-0000000cc0c2', 'aardvark', 'EUR')) AS model (uuid, name, currency);
INSERT INTO org3.price_list (uuid, name, description, currency, effective_start_date, effective_end_date, enabled, version, rates, created_timestamp, updated_timestamp)
SELECT uuid, name, '', currency, '2026-01-01', '2099-12-31', true, 1, '[]', now(), now() FROM org3.cost_model;
INSERT INTO org3.price_list_cost_model_map (priority, cost_model_id, price_list_id) SELECT 1, uuid, uuid FROM org3.cost_model;
INSERT INTO org3.cost_model_rate (uuid, price_list_id, custom_name, description, metric, metric_type, cost_type, default_rate, tag_key, tag_values, created_timestamp, updated_timestamp)
SELECT uuid, uuid, name, '', 'cpu_core_usage_per_hour', 'cpu', 'Supplementary', CASE name WHEN 'zebra' THEN 100 ELSE 1 END, '', '[]', now(), now() FROM org3.cost_model;
INSERT INTO org3.cost_model_map (provider_uuid, cost_model_id) SELECT :'third', uuid FROM org3.cost_model ORDER BY name DESC;
:ours
SELECT action, object, detail FROM koku_attach('org3') WHERE action IN ('cost model chosen', 'table differs');
SELECT relation, expected, found FROM koku_check_tenant('org3') WHERE expected NOT LIKE 'owner %';
SELECT sum(test.pod('org3', :'third', '2026-11-05 00:00', 'shop', 'web', 'n1', '{}', 2, 2, 1, 1)), test.add_up('org3');
CALL koku_run();
SELECT count(*) > 0 AS done FROM koku_summarize(:'third', 2026, 11);
SELECT cost_model_rate_type, test.short(cost_model_cpu_cost) AS cpu FROM org3.reporting_ocpusagelineitem_daily_summary WHERE namespace = 'shop' ORDER BY 1;
SELECT * FROM koku_check_costs(:'third', 2026, 11);
SELECT DISTINCT "BillingCurrency" FROM koku_focus('org3', '2026-11-01', '2026-11-30');
SELECT sqlstate_, message FROM test.error_of(format('SELECT koku_assign_cost_model(%L, %L, %L)', '00000000-0000-0000-0000-0000000cc0c1', ARRAY[:'third'], 'org3'));
-- One is taken away: the other counts, and the key can be added.
DELETE FROM org3.cost_model_map WHERE cost_model_id = '00000000-0000-0000-0000-0000000cc0c2';
SET client_min_messages = error;
SELECT koku_create_tenant('org3');
SET client_min_messages = warning;
SELECT count(*) AS differences FROM koku_check_tenant('org3') WHERE expected NOT LIKE 'owner %';
SELECT count(*) > 0 AS done FROM koku_update_costs(:'third', 2026, 11);
SELECT cost_model_rate_type, test.short(cost_model_cpu_cost) AS cpu FROM org3.reporting_ocpusagelineitem_daily_summary WHERE namespace = 'shop' ORDER BY 1;

-- Partitions are dropped without a word of the trigger, too.
SELECT count(*) > 0 AS dropped FROM koku_purge_expired('org1', '2030-01-01');
SELECT count(*) AS left_over FROM koku_internal.expired_partitions('org1', '2029-01-01');
SELECT * FROM test.error_of('SELECT * FROM koku_attach(''koku_internal'')');

SET client_min_messages = error;
SELECT count(*) >= 0 AS deleted FROM koku_source AS known, koku_delete_source(known.source, false);
DROP SCHEMA org1, org2, org3 CASCADE;
DROP OWNED BY regress_koku_app CASCADE;
DROP ROLE regress_koku_app;
