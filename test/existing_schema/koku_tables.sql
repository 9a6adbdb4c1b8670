-- The tables of Koku's API for all organizations, as its migrations make them, and one organization with one source. For psql:
-- variables schema, source, cluster_id. Run by the role that owns them.
\set ON_ERROR_STOP on
CREATE TABLE public.api_customer (
    id serial PRIMARY KEY, date_created timestamptz NOT NULL DEFAULT now(), date_updated timestamptz NOT NULL DEFAULT now(),
    uuid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(), account_id varchar(150) UNIQUE, org_id varchar(36) UNIQUE,
    schema_name text NOT NULL UNIQUE);
CREATE TABLE public.api_providerauthentication (
    id serial PRIMARY KEY, uuid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(), credentials jsonb NOT NULL);
CREATE TABLE public.api_provider (
    uuid uuid PRIMARY KEY, name varchar(256) NOT NULL, type varchar(50) NOT NULL, setup_complete boolean NOT NULL DEFAULT false,
    created_timestamp timestamptz, polling_timestamp timestamptz, data_updated_timestamp timestamptz,
    active boolean NOT NULL DEFAULT true, paused boolean NOT NULL DEFAULT false, additional_context jsonb,
    authentication_id integer REFERENCES public.api_providerauthentication DEFERRABLE INITIALLY DEFERRED,
    customer_id integer REFERENCES public.api_customer DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE public.reporting_common_costusagereportmanifest (
    id serial PRIMARY KEY, assembly_id text NOT NULL, creation_datetime timestamptz, completed_datetime timestamptz,
    export_datetime timestamptz, state jsonb, billing_period_start_datetime timestamptz NOT NULL, num_total_files integer NOT NULL,
    s3_csv_cleared boolean, s3_parquet_cleared boolean, daily_archive_start_date timestamptz, operator_version text,
    cluster_channel text, operator_certified boolean, operator_airgapped boolean, operator_errors jsonb,
    operator_daily_reports boolean, cluster_id text, report_tracker jsonb, s3_parquet_cleared_tracker jsonb,
    provider_id uuid NOT NULL REFERENCES public.api_provider DEFERRABLE INITIALLY DEFERRED, UNIQUE (provider_id, assembly_id));
CREATE TABLE public.reporting_common_costusagereportstatus (
    id serial PRIMARY KEY, report_name varchar(128) NOT NULL, completed_datetime timestamptz, started_datetime timestamptz,
    etag varchar(64), celery_task_id uuid, status integer NOT NULL, failed_status integer,
    manifest_id integer REFERENCES public.reporting_common_costusagereportmanifest ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (manifest_id, report_name));
CREATE TABLE public.delayed_celery_tasks (
    id bigserial PRIMARY KEY, task_name varchar(255) NOT NULL, task_args jsonb NOT NULL, task_kwargs jsonb NOT NULL,
    timeout_timestamp timestamptz NOT NULL, provider_uuid uuid NOT NULL, queue_name varchar(255) NOT NULL, metadata jsonb);
INSERT INTO public.api_customer (org_id, schema_name) VALUES ('1', :'schema');
INSERT INTO public.api_providerauthentication (credentials) VALUES (jsonb_build_object('cluster_id', :'cluster_id'));
INSERT INTO public.api_provider (uuid, name, type, authentication_id, customer_id) VALUES (:'source', :'name', 'OCP', 1, 1);
