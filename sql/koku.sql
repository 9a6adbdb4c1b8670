-- Beside Koku's own API: taking an organization over that Koku made and filled, doing what its API queues, following what it
-- changes, and writing what it reads. Its tables are made here as its migrations make them, owned by an ordinary role.
SET client_min_messages = warning;
SET datestyle = 'ISO';
CREATE ROLE regress_koku_app;
\set taken '00000000-0000-0000-0000-0000000cc001'
\set fresh '00000000-0000-0000-0000-0000000cc002'
\set cloud '00000000-0000-0000-0000-0000000cc003'

-- Without Koku's tables there is nothing to take over, and koku_run() has nothing to follow.
SELECT * FROM test.error_of('SELECT * FROM koku_attach(''org1'')');
SELECT check_name, status, detail FROM koku_health() WHERE check_name = 'koku';
CALL koku_run();
SELECT step, last_error FROM koku_run_step WHERE step = 'koku';

-- The extension's own views of these names are there only because Koku's migrations came later here.
ALTER EXTENSION koku_onprem DROP VIEW reporting_common_costusagereportmanifest;
ALTER EXTENSION koku_onprem DROP VIEW reporting_common_costusagereportstatus;
DROP VIEW reporting_common_costusagereportmanifest, reporting_common_costusagereportstatus;
GRANT CREATE ON SCHEMA public TO regress_koku_app;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_koku_app', current_database()); END $$;
SET SESSION AUTHORIZATION regress_koku_app;
CREATE TABLE api_customer (id serial PRIMARY KEY, uuid uuid NOT NULL DEFAULT gen_random_uuid(), org_id varchar(36) UNIQUE, schema_name text NOT NULL UNIQUE);
CREATE TABLE api_providerauthentication (id serial PRIMARY KEY, uuid uuid NOT NULL DEFAULT gen_random_uuid(), credentials jsonb NOT NULL);
CREATE TABLE api_provider (uuid uuid PRIMARY KEY, name varchar(256) NOT NULL, type varchar(50) NOT NULL, setup_complete boolean NOT NULL DEFAULT false,
    active boolean NOT NULL DEFAULT true, paused boolean NOT NULL DEFAULT false, data_updated_timestamp timestamptz,
    customer_id integer REFERENCES api_customer, authentication_id integer REFERENCES api_providerauthentication);
CREATE TABLE delayed_celery_tasks (id bigserial PRIMARY KEY, task_name varchar(255) NOT NULL, task_args jsonb NOT NULL, task_kwargs jsonb NOT NULL,
    timeout_timestamp timestamptz NOT NULL DEFAULT now(), provider_uuid uuid NOT NULL, queue_name varchar(255) NOT NULL DEFAULT 'summary', metadata jsonb);
CREATE TABLE kombu_queue (id serial PRIMARY KEY, name varchar(200) UNIQUE);
CREATE TABLE kombu_message (id serial PRIMARY KEY, visible boolean, "timestamp" timestamp, payload text NOT NULL, version smallint NOT NULL DEFAULT 1,
    queue_id integer REFERENCES kombu_queue);
CREATE TABLE reporting_common_costusagereportmanifest (id serial PRIMARY KEY, assembly_id text NOT NULL, creation_datetime timestamptz,
    completed_datetime timestamptz, export_datetime timestamptz, state jsonb, billing_period_start_datetime timestamptz NOT NULL,
    num_total_files integer NOT NULL, s3_csv_cleared boolean, s3_parquet_cleared boolean, daily_archive_start_date timestamptz,
    operator_version text, cluster_channel text, operator_certified boolean, operator_airgapped boolean, operator_errors jsonb,
    operator_daily_reports boolean, cluster_id text, provider_id uuid NOT NULL REFERENCES api_provider, report_tracker jsonb,
    s3_parquet_cleared_tracker jsonb, UNIQUE (provider_id, assembly_id));
CREATE TABLE reporting_common_costusagereportstatus (id serial PRIMARY KEY, manifest_id integer REFERENCES reporting_common_costusagereportmanifest ON DELETE CASCADE,
    report_name varchar(128) NOT NULL, completed_datetime timestamptz, started_datetime timestamptz, etag varchar(64), celery_task_id uuid,
    status integer NOT NULL, failed_status integer, UNIQUE (manifest_id, report_name));
-- Its trigger makes partitions as its own user, speaks at each, and knows nothing of rows in the default partition.
CREATE FUNCTION public.trfn_partition_manager() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        RAISE INFO 'partition % as %', NEW.table_name, current_user;
        EXECUTE format('CREATE TABLE IF NOT EXISTS %1$I.%2$I PARTITION OF %1$I.%3$I ', NEW.schema_name, NEW.table_name, NEW.partition_of_table_name)
            || CASE WHEN (NEW.partition_parameters->>'default')::boolean THEN 'DEFAULT'
                    ELSE format('FOR VALUES FROM (%L) TO (%L)', NEW.partition_parameters->>'from', NEW.partition_parameters->>'to') END;
    ELSIF TG_OP = 'DELETE' THEN
        RAISE INFO 'drop % as %', OLD.table_name, current_user;
        EXECUTE format('DROP TABLE %I.%I', OLD.schema_name, OLD.table_name);
    END IF;
    RETURN NULL;
END;
$$;
RESET SESSION AUTHORIZATION;
REVOKE CREATE ON SCHEMA public FROM regress_koku_app;

-- An organization's schema, with the tables and default partitions that its migrations make; a month of it is filled. The
-- table of node intervals is the extension's own.
SELECT koku_create_tenant('org1');
DELETE FROM koku_tenant WHERE tenant = 'org1';
DROP TABLE org1.koku_node_interval;
DELETE FROM org1.partitioned_tables WHERE partition_of_table_name = 'koku_node_interval';
DROP TRIGGER koku_apply_partition ON org1.partitioned_tables;
CREATE TABLE org1.tenant_settings (id serial PRIMARY KEY, singleton boolean NOT NULL DEFAULT true UNIQUE, data_retention_months integer NOT NULL DEFAULT 3);
CREATE FUNCTION test.give_to_app(schema name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
BEGIN
    EXECUTE format('ALTER SCHEMA %I OWNER TO regress_koku_app', schema);
    FOR relation IN SELECT oid FROM pg_class WHERE relnamespace = schema::text::regnamespace AND relkind IN ('r', 'p') LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO regress_koku_app', relation);
    END LOOP;
END;
$$;
SELECT test.give_to_app('org1');
SET SESSION AUTHORIZATION regress_koku_app;
CREATE TRIGGER tr_partition_manager AFTER INSERT OR DELETE OR UPDATE ON org1.partitioned_tables FOR EACH ROW EXECUTE FUNCTION public.trfn_partition_manager();
INSERT INTO api_customer (org_id, schema_name) VALUES ('1', 'org1');
CREATE FUNCTION pg_temp.add_source(source uuid, name text, kind text, cluster_id text, organization text) RETURNS void LANGUAGE sql AS $$
WITH authentication AS (INSERT INTO api_providerauthentication (credentials) VALUES (jsonb_strip_nulls(jsonb_build_object('cluster_id', cluster_id))) RETURNING id)
INSERT INTO api_provider (uuid, name, type, customer_id, authentication_id)
SELECT source, name, kind, customer.id, authentication.id FROM api_customer AS customer, authentication WHERE schema_name = organization;
$$;
SELECT pg_temp.add_source(:'taken', 'Taken over', 'OCP', 'taken-cluster', 'org1'), pg_temp.add_source(:'cloud', 'Cloud', 'AWS', NULL, 'org1');
INSERT INTO org1.reporting_tenant_api_provider (uuid, name, type, provider_id) VALUES (:'taken', 'Taken over', 'OCP', :'taken');
INSERT INTO org1.tenant_settings (data_retention_months) VALUES (6);
-- Rows of a month that Koku summarized: its staging rows are in the default partition.
INSERT INTO org1.reporting_ocpusagelineitem_daily_summary_staging (source, year, month, usage_start, usage_end)
VALUES (:'taken', '2026', '11', '2026-11-05', '2026-11-05'), (:'taken', '2026', '10', '2026-10-05', '2026-10-05');
-- A delivery that Koku finished, and one that it did not.
INSERT INTO reporting_common_costusagereportmanifest (assembly_id, creation_datetime, completed_datetime, export_datetime, billing_period_start_datetime, num_total_files, operator_daily_reports, provider_id)
VALUES ('00000000-0000-4000-8000-000000000001', '2026-11-06', '2026-11-06', '2026-11-06', '2026-11-01', 1, true, :'taken'),
       ('00000000-0000-4000-8000-000000000002', '2026-11-06', NULL, '2026-11-06', '2026-11-01', 1, true, :'taken');
INSERT INTO reporting_common_costusagereportstatus (manifest_id, report_name, completed_datetime, status) VALUES (1, 'a.csv', '2026-11-06', 1), (2, 'a.csv', NULL, 3);
RESET SESSION AUTHORIZATION;

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
SET SESSION AUTHORIZATION regress_koku_app;
ALTER TABLE org1.reporting_ocpusagelineitem_daily_summary_staging ADD COLUMN probe integer;
ALTER TABLE org1.reporting_ocpusagelineitem_daily_summary_staging DROP COLUMN probe;
RESET SESSION AUTHORIZATION;

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
SET SESSION AUTHORIZATION regress_koku_app;
UPDATE api_provider SET name = 'Renamed', paused = true WHERE uuid = :'taken';
SELECT pg_temp.add_source(:'fresh', 'Fresh', 'OCP', 'fresh-cluster', 'org1'), pg_temp.add_source('00000000-0000-0000-0000-0000000cc004', 'Nowhere', 'OCP', NULL, 'org1');
INSERT INTO org1.reporting_tenant_api_provider (uuid, name, type, provider_id) VALUES (:'fresh', 'Fresh', 'OCP', :'fresh');
RESET SESSION AUTHORIZATION;
CALL koku_run();
SELECT source, tenant, name, cluster_id, paused FROM koku_source ORDER BY source;
SELECT check_name, status, detail, what_to_do FROM koku_health() WHERE check_name = 'koku';
SET SESSION AUTHORIZATION regress_koku_app;
DELETE FROM api_provider WHERE name = 'Nowhere';
UPDATE api_provider SET paused = false WHERE uuid = :'taken';
RESET SESSION AUTHORIZATION;
CALL koku_run();
SELECT name, paused FROM koku_source ORDER BY source;
-- The retention, and what tags and cost groups change: summaries of the current month are asked for.
SET SESSION AUTHORIZATION regress_koku_app;
UPDATE org1.tenant_settings SET data_retention_months = 9;
RESET SESSION AUTHORIZATION;
SELECT retention_months FROM koku_tenant WHERE tenant = 'org1';
SET SESSION AUTHORIZATION regress_koku_app;
UPDATE org1.reporting_enabledtagkeys SET enabled = NOT enabled WHERE key = 'app';
RESET SESSION AUTHORIZATION;
SELECT source, first_day, last_day FROM koku_summary_request;
DELETE FROM koku_summary_request;
SET SESSION AUTHORIZATION regress_koku_app;
INSERT INTO org1.reporting_enabledtagkeys (uuid, key, enabled, provider_type) VALUES (gen_random_uuid(), 'child', true, 'OCP');
INSERT INTO org1.reporting_tagmapping (parent_id, child_id)
SELECT parent.uuid, child.uuid FROM org1.reporting_enabledtagkeys AS parent, org1.reporting_enabledtagkeys AS child WHERE parent.key = 'app' AND child.key = 'child';
RESET SESSION AUTHORIZATION;
SELECT source, first_day, last_day FROM koku_summary_request;
DELETE FROM koku_summary_request;

-- A project enters a cost group, and leaves it: the clusters that have it are summarized.
INSERT INTO org1.reporting_ocp_projects (uuid, project, cluster_id) SELECT gen_random_uuid(), 'shop', uuid FROM org1.reporting_ocp_clusters WHERE provider_id = :'taken';
SET SESSION AUTHORIZATION regress_koku_app;
INSERT INTO org1.reporting_ocp_cost_category_namespace (namespace, system_default, cost_category_id) SELECT 'shop', false, max(id) FROM org1.reporting_ocp_cost_category;
RESET SESSION AUTHORIZATION;
SELECT source, first_day, last_day FROM koku_summary_request;
DELETE FROM koku_summary_request;
SET SESSION AUTHORIZATION regress_koku_app;
DELETE FROM org1.reporting_ocp_cost_category_namespace WHERE namespace = 'shop';
RESET SESSION AUTHORIZATION;
SELECT source, first_day, last_day FROM koku_summary_request;
DELETE FROM koku_summary_request;

-- What the API queues. A delayed task, and messages of a broker in the database; those of other kinds stay.
CREATE FUNCTION test.message(task text, arguments jsonb) RETURNS text LANGUAGE sql AS $$
SELECT jsonb_build_object('body', encode(convert_to(arguments::text, 'UTF8'), 'base64'), 'content-type', 'application/json',
    'properties', '{"body_encoding": "base64"}'::jsonb, 'headers', jsonb_build_object('lang', 'py', 'task', task))::text;
$$;
GRANT USAGE ON SCHEMA test TO regress_koku_app;
SET SESSION AUTHORIZATION regress_koku_app;
INSERT INTO delayed_celery_tasks (task_name, task_args, task_kwargs, provider_uuid) VALUES
    ('masu.processor.tasks.update_summary_tables', '["org1"]', jsonb_build_object('provider_type', 'OCP', 'provider_uuid', :'taken', 'start_date', '2026-11-01 00:00:00+00:00'), :'taken'),
    ('masu.processor.tasks.update_summary_tables', '["org1"]', jsonb_build_object('provider_type', 'AWS', 'provider_uuid', :'cloud', 'start_date', '2026-11-01'), :'cloud'),
    ('masu.processor.tasks.update_cost_model_costs', jsonb_build_array('org1', :'taken'), '{"start_date": "2026-11-01", "end_date": "2026-11-30", "queue_name": "cost"}', :'taken'),
    ('masu.processor.tasks.another', '[]', '{}', :'taken');
INSERT INTO kombu_queue (name) VALUES ('ocp');
INSERT INTO kombu_message (visible, payload, queue_id) VALUES
    (true, test.message('masu.processor.tasks.update_summary_tables', jsonb_build_array(jsonb_build_array('org1', 'OCP', :'taken', '2026-10-01', '2026-10-31'), '{}'::jsonb, '{}'::jsonb)), 1),
    (true, test.message('masu.celery.tasks.collect', '[[], {}, {}]'), 1),
    (true, 'no message', 1);
RESET SESSION AUTHORIZATION;
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
SET SESSION AUTHORIZATION regress_koku_app;
INSERT INTO delayed_celery_tasks (task_name, task_args, task_kwargs, provider_uuid) VALUES
    ('masu.processor.tasks.update_summary_tables', '["org1"]', jsonb_build_object('provider_uuid', :'taken', 'start_date', '2025-11-01', 'end_date', '2025-11-30'), :'taken'),
    ('masu.processor.tasks.update_summary_tables', '["org1"]', jsonb_build_object('provider_uuid', :'fresh', 'start_date', 'never'), :'fresh');
RESET SESSION AUTHORIZATION;
SELECT koku_internal.do_koku_tasks();
SELECT task_kwargs->>'start_date' AS left_over FROM delayed_celery_tasks;
SELECT source, first_day, last_day FROM koku_summary_request WHERE source = :'fresh';
ALTER TABLE koku_summary_request DROP CONSTRAINT refused;
DELETE FROM delayed_celery_tasks;
CALL koku_run();

-- The API deletes a source: its rows in the API's tables and the summaries go at once, the rest by koku_run(). Until then its
-- payloads are refused with a clear message, and after it they are held.
SET SESSION AUTHORIZATION regress_koku_app;
DELETE FROM reporting_common_costusagereportmanifest WHERE provider_id = :'taken';
DELETE FROM org1.reporting_ocp_clusters WHERE provider_id = :'taken';
DELETE FROM org1.reporting_ocpusagelineitem_daily_summary WHERE source_uuid = :'taken';
DELETE FROM org1.reporting_ocpusagereportperiod WHERE provider_id = :'taken';
DELETE FROM org1.reporting_tenant_api_provider WHERE uuid = :'taken';
DELETE FROM api_provider WHERE uuid = :'taken';
INSERT INTO kombu_message (visible, payload, queue_id) VALUES
    (true, test.message('masu.celery.tasks.delete_archived_data', jsonb_build_array(jsonb_build_array('org1', 'OCP', :'taken'), '{}'::jsonb, '{}'::jsonb)), 1);
RESET SESSION AUTHORIZATION;
SELECT test.payload(test.manifest(3, ARRAY['a.csv'], changes => '{"cluster_id": "taken-cluster"}'), :'report') AS late \gset
SELECT sqlstate_, message, hint FROM test.error_of(format('SELECT koku_ingest_payload(%L)', :'late'));
CALL koku_run();
SELECT koku_submit_payload(:'late'::bytea, 'late') IS NOT NULL AS submitted;
CALL koku_run();
SELECT status, error_sqlstate, error_message, error_hint FROM koku_inbox WHERE request_id = 'late';
SELECT name FROM koku_source;
SELECT count(*) AS rows_left FROM org1.openshift_namespace_labels_line_items WHERE source = :'taken';
SELECT count(*) AS messages FROM kombu_message;

-- An organization that the API makes later is taken over by koku_run() with its first source.
SELECT koku_create_tenant('org2');
DELETE FROM koku_tenant WHERE tenant = 'org2';
SELECT test.give_to_app('org2');
SET SESSION AUTHORIZATION regress_koku_app;
INSERT INTO api_customer (org_id, schema_name) VALUES ('2', 'org2');
SELECT pg_temp.add_source('00000000-0000-0000-0000-0000000cc005', 'Second', 'OCP', 'second-cluster', 'org2');
INSERT INTO org2.reporting_tenant_api_provider (uuid, name, type, provider_id) VALUES ('00000000-0000-0000-0000-0000000cc005', 'Second', 'OCP', '00000000-0000-0000-0000-0000000cc005');
RESET SESSION AUTHORIZATION;
CALL koku_run();
SELECT tenant, name, cluster_id FROM koku_source ORDER BY tenant;

-- The API keeps a source to one cost model, its tables do not. Of several the first by name counts, as in Koku; nothing fails of it.
\set third '00000000-0000-0000-0000-0000000cc006'
SELECT koku_create_tenant('org3');
DELETE FROM koku_tenant WHERE tenant = 'org3';
ALTER TABLE org3.cost_model_map DROP CONSTRAINT cost_model_map_provider_uuid_key;
SELECT test.give_to_app('org3');
SET SESSION AUTHORIZATION regress_koku_app;
INSERT INTO api_customer (org_id, schema_name) VALUES ('3', 'org3');
SELECT pg_temp.add_source(:'third', 'Third', 'OCP', 'third-cluster', 'org3');
INSERT INTO org3.reporting_tenant_api_provider (uuid, name, type, provider_id) VALUES (:'third', 'Third', 'OCP', :'third');
INSERT INTO org3.cost_model (uuid, name, description, source_type, created_timestamp, updated_timestamp, rates, markup, distribution, currency, distribution_info)
SELECT uuid::uuid, name, '', 'OCP', now(), now(), '{}', '{}', 'cpu', currency, '{}'
FROM (VALUES ('00000000-0000-0000-0000-0000000cc0c1', 'zebra', 'USD'), ('00000000-0000-0000-0000-0000000cc0c2', 'aardvark', 'EUR')) AS model (uuid, name, currency);
INSERT INTO org3.price_list (uuid, name, description, currency, effective_start_date, effective_end_date, enabled, version, rates, created_timestamp, updated_timestamp)
SELECT uuid, name, '', currency, '2026-01-01', '2099-12-31', true, 1, '[]', now(), now() FROM org3.cost_model;
INSERT INTO org3.price_list_cost_model_map (priority, cost_model_id, price_list_id) SELECT 1, uuid, uuid FROM org3.cost_model;
INSERT INTO org3.cost_model_rate (uuid, price_list_id, custom_name, description, metric, metric_type, cost_type, default_rate, tag_key, created_timestamp, updated_timestamp)
SELECT uuid, uuid, name, '', 'cpu_core_usage_per_hour', 'cpu', 'Supplementary', CASE name WHEN 'zebra' THEN 100 ELSE 1 END, '', now(), now() FROM org3.cost_model;
INSERT INTO org3.cost_model_map (provider_uuid, cost_model_id) SELECT :'third', uuid FROM org3.cost_model ORDER BY name DESC;
RESET SESSION AUTHORIZATION;
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
