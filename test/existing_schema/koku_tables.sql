-- The tables of Koku's API for all organizations, as its migrations make them, the function that its partitions are made by, and
-- the queue of a broker in the database. Run by the role that owns them.
CREATE TABLE public.api_customer (
    id serial PRIMARY KEY, date_created timestamptz NOT NULL DEFAULT now(), date_updated timestamptz NOT NULL DEFAULT now(),
    uuid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(), account_id varchar(150) UNIQUE, org_id varchar(36) UNIQUE,
    schema_name text NOT NULL UNIQUE);
CREATE TABLE public.api_providerauthentication (
    id serial PRIMARY KEY, uuid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(), credentials jsonb NOT NULL);
CREATE TABLE public.api_providerbillingsource (
    id serial PRIMARY KEY, uuid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(), data_source jsonb NOT NULL);
CREATE TABLE public.api_provider (
    uuid uuid PRIMARY KEY, name varchar(256) NOT NULL, type varchar(50) NOT NULL, setup_complete boolean NOT NULL,
    created_timestamp timestamptz, polling_timestamp timestamptz, data_updated_timestamp timestamptz,
    active boolean NOT NULL, paused boolean NOT NULL, additional_context jsonb,
    authentication_id integer REFERENCES public.api_providerauthentication DEFERRABLE INITIALLY DEFERRED,
    billing_source_id integer REFERENCES public.api_providerbillingsource DEFERRABLE INITIALLY DEFERRED,
    customer_id integer REFERENCES public.api_customer DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (authentication_id, billing_source_id, customer_id));
CREATE TABLE public.api_sources (
    source_id integer PRIMARY KEY, source_uuid uuid UNIQUE, name text, auth_header text, "offset" integer NOT NULL, account_id text,
    org_id text, source_type text NOT NULL, authentication jsonb NOT NULL, billing_source jsonb, koku_uuid text UNIQUE,
    provider_id uuid, paused boolean NOT NULL, pending_delete boolean NOT NULL, pending_update boolean NOT NULL,
    out_of_order_delete boolean NOT NULL, status jsonb, additional_context jsonb, updated_timestamp timestamptz NOT NULL);
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
    manifest_id integer REFERENCES public.reporting_common_costusagereportmanifest DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (manifest_id, report_name));
CREATE TABLE public.delayed_celery_tasks (
    id bigserial PRIMARY KEY, task_name varchar(255) NOT NULL, task_args jsonb NOT NULL, task_kwargs jsonb NOT NULL,
    timeout_timestamp timestamptz NOT NULL, provider_uuid uuid NOT NULL, queue_name varchar(255) NOT NULL, metadata jsonb);
CREATE TABLE public.kombu_queue (id serial PRIMARY KEY, name varchar(200) UNIQUE);
CREATE TABLE public.kombu_message (
    id serial PRIMARY KEY, visible boolean, "timestamp" timestamp, payload text NOT NULL, version smallint NOT NULL,
    queue_id integer REFERENCES public.kombu_queue);

-- It makes partitions as its own user, speaks at each, and knows nothing of rows in the default partition.
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
