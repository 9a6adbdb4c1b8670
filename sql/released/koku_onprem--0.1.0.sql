\echo Use "CREATE EXTENSION koku_onprem" to load this file. \quit

-- Control tables of the extension. They are members, marked for dump, so that dump and restore keep them.

CREATE TABLE @extschema@.koku_tenant (
    tenant name PRIMARY KEY,
    retention_months integer CHECK (retention_months >= 0),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE @extschema@.koku_tenant IS
'One row a tenant: the schema that holds its reporting tables. retention_months: months to keep, 0 keeps all, NULL means the setting koku_onprem.retention_months.';

CREATE TABLE @extschema@.koku_source (
    source uuid PRIMARY KEY,
    tenant name NOT NULL REFERENCES @extschema@.koku_tenant,
    cluster_id text NOT NULL CHECK (cluster_id <> '' AND length(cluster_id) <= 50),
    name text NOT NULL CHECK (length(name) <= 256),
    paused boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant, cluster_id)
);
COMMENT ON TABLE @extschema@.koku_source IS
'One row a source: a cluster whose payloads are taken. A paused source refuses payloads and keeps its data.';

CREATE TABLE @extschema@.koku_manifest (
    manifest_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source uuid NOT NULL REFERENCES @extschema@.koku_source ON DELETE CASCADE,
    manifest_uuid uuid NOT NULL,
    cluster_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    exported_at timestamptz NOT NULL,
    billing_period_start date NOT NULL,
    window_start timestamptz,
    window_end timestamptz,
    hours_per_day jsonb NOT NULL DEFAULT '{}',
    file_count integer NOT NULL,
    daily_reports boolean NOT NULL,
    certified boolean NOT NULL,
    operator_version text NOT NULL,
    cluster_channel text,
    operator_airgapped boolean,
    operator_errors jsonb,
    completed_at timestamptz,
    summarized_at timestamptz,
    UNIQUE (source, manifest_uuid)
);
COMMENT ON TABLE @extschema@.koku_manifest IS
'One row a manifest (source and manifest uuid). The facts are those of its first delivery (spec ingest.md 6.1). completed_at: when the last of its files was done; summarized_at: when the days it changed were summarized.';

CREATE TABLE @extschema@.koku_report_file (
    manifest_id bigint NOT NULL REFERENCES @extschema@.koku_manifest ON DELETE CASCADE,
    file text NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'done', 'unknown type')),
    report_type text,
    rows_in bigint NOT NULL DEFAULT 0,
    rows_loaded bigint NOT NULL DEFAULT 0,
    rows_dropped bigint NOT NULL DEFAULT 0,
    message text,
    completed_at timestamptz,
    PRIMARY KEY (manifest_id, file)
);
COMMENT ON TABLE @extschema@.koku_report_file IS
'One row a file that a manifest names: waiting until a tarball brings it (spec ingest.md 1.9, 6.2).';

CREATE TABLE @extschema@.koku_changed_day (
    manifest_id bigint NOT NULL REFERENCES @extschema@.koku_manifest ON DELETE CASCADE,
    day date NOT NULL,
    PRIMARY KEY (manifest_id, day)
);
COMMENT ON TABLE @extschema@.koku_changed_day IS
'Days whose rows a manifest loaded, replaced or appended and whose summary it has not requested yet, because files are still waiting.';

CREATE TABLE @extschema@.koku_summary_request (
    source uuid NOT NULL REFERENCES @extschema@.koku_source ON DELETE CASCADE,
    month date NOT NULL CHECK (month = date_trunc('month', month)::date),
    first_day date NOT NULL,
    last_day date NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    retry_after timestamptz,
    PRIMARY KEY (source, month),
    CHECK (first_day <= last_day AND first_day >= month AND last_day < month + interval '1 month')
);
COMMENT ON TABLE @extschema@.koku_summary_request IS
'One row a source and month that waits to be summarized, from the first to the last day that changed. CALL koku_run() takes it.';

CREATE TABLE @extschema@.koku_operator_version (
    version text PRIMARY KEY,
    operator text NOT NULL,
    built_in boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE @extschema@.koku_operator_version IS
'Commit of an operator release and the name it is shown as (spec ingest.md 1.5). Add rows for newer releases; rows of your own are kept by dump and upgrade.';

CREATE TABLE @extschema@.koku_summary_statement (
    position integer PRIMARY KEY,
    phase text NOT NULL CHECK (phase IN ('before', 'step', 'after')),
    target text NOT NULL,
    statement text NOT NULL
);
COMMENT ON TABLE @extschema@.koku_summary_statement IS
'The statements of a summary run in their order. phase: once for the whole range before the steps, in each step, or once after them. {tenant} stands for the quoted tenant schema; the parameters are those of koku_internal_run_phase(). Part of the code, not of the data.';

-- The report types as the library knows them: what a file of each type becomes in the line-item tables.

CREATE FUNCTION @extschema@.koku_report_columns()
RETURNS TABLE (report_type text, "position" integer, column_name text, data_type text, not_null boolean, daily_role text)
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'koku_report_columns';
COMMENT ON FUNCTION @extschema@.koku_report_columns() IS
'One row a column of the line-item tables of a report type, in the order of the table (spec ingest.md 3.1, 3.3). daily_role: what the daily aggregate does with it: key, sum, max, or date for the columns that every table has.';

-- The catalogue: every table of a tenant, its columns and keys. It drives creation, partitions, deletion and checks, so a
-- table added here is made, purged and compared everywhere. It is part of the code: written by install and upgrade
-- scripts only and therefore not marked for dump.

CREATE TABLE @extschema@.koku_catalogue_table (
    table_name text PRIMARY KEY,
    "position" integer NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN (
        'raw', 'daily', 'staging', 'daily summary', 'interface', 'cluster', 'label', 'tag', 'category', 'period',
        'provider', 'bookkeeping')),
    partition_column text,
    source_column text,
    report_type text,
    meaning text NOT NULL,
    CHECK ((kind IN ('raw', 'daily')) = (report_type IS NOT NULL))
);
COMMENT ON TABLE @extschema@.koku_catalogue_table IS
'One row a table of a tenant, in the order of creation (a table comes after those it refers to). partition_column: partitioned by month on it, NULL: not partitioned. source_column: holds the source (as text in the kinds raw, daily and staging, else as uuid); NULL: rows belong to no one source, or are reached by a foreign key of koku_catalogue_key. meaning: what one row is.';

CREATE TABLE @extschema@.koku_catalogue_column (
    table_name text NOT NULL REFERENCES @extschema@.koku_catalogue_table,
    "position" integer NOT NULL,
    column_name text NOT NULL,
    data_type text NOT NULL,
    not_null boolean NOT NULL,
    column_default text,
    daily_role text,
    PRIMARY KEY (table_name, column_name),
    UNIQUE (table_name, "position")
);
COMMENT ON TABLE @extschema@.koku_catalogue_column IS
'One row a column. data_type: as format_type() writes it. column_default: an expression, identity, or identity cycle (numbers that start over). daily_role: role in the daily aggregate (line-item tables only).';

CREATE TABLE @extschema@.koku_catalogue_key (
    table_name text NOT NULL REFERENCES @extschema@.koku_catalogue_table,
    kind text NOT NULL CHECK (kind IN ('primary', 'unique', 'foreign', 'index')),
    columns text[] NOT NULL,
    referenced_table text REFERENCES @extschema@.koku_catalogue_table,
    referenced_column text,
    reason text,
    PRIMARY KEY (table_name, kind, columns),
    CHECK ((kind = 'foreign') = (referenced_table IS NOT NULL AND referenced_column IS NOT NULL)),
    CHECK ((kind = 'index') = (reason IS NOT NULL))
);
COMMENT ON TABLE @extschema@.koku_catalogue_key IS
'One row a key or index. Foreign keys are checked at commit (DEFERRABLE INITIALLY DEFERRED). reason: the statements that need the index.';

-- The tables of a tenant. The line-item tables of the report types follow in 27_catalogue_report_types.sql.

INSERT INTO @extschema@.koku_catalogue_table (position, table_name, kind, partition_column, source_column, meaning) VALUES
    (1, 'partitioned_tables', 'bookkeeping', NULL, NULL,
     'A partition of a table of this schema. Inserting, changing or deleting a row makes, changes or drops the partition.'),
    (2, 'reporting_tenant_api_provider', 'provider', NULL, 'uuid', 'A source: a cluster whose payloads are taken.'),
    (3, 'reporting_ocp_cost_category', 'category', NULL, NULL, 'A cost category: a named group of namespaces.'),
    (4, 'reporting_ocp_cost_category_namespace', 'category', NULL, NULL,
     'A pattern (as of LIKE) of namespaces that belong to a cost category.'),
    (5, 'reporting_enabledtagkeys', 'tag', NULL, NULL,
     'A label key that was seen in a report or named by an administrator; only enabled keys reach the summaries.'),
    (6, 'reporting_tagmapping', 'tag', NULL, NULL, 'A child tag key that is shown as its parent key.'),
    (7, 'reporting_ocptags_values', 'tag', NULL, NULL,
     'A label key and value, and the clusters, namespaces and nodes where it was seen.'),
    (8, 'reporting_ocp_clusters', 'cluster', NULL, 'provider_id', 'The cluster of a source.'),
    (9, 'reporting_ocp_nodes', 'cluster', NULL, NULL, 'A node of a cluster, once for each capacity and resource id it had.'),
    (10, 'reporting_ocp_projects', 'cluster', NULL, NULL, 'A namespace of a cluster that had pods.'),
    (11, 'reporting_ocp_pvcs', 'cluster', NULL, NULL, 'A volume of a cluster and the claim on it.'),
    (12, 'reporting_ocpusagereportperiod', 'period', NULL, 'provider_id',
     'A month of a source that has line items, and when it was summarized.'),
    (13, 'reporting_ocpusagepodlabel_summary', 'label', NULL, NULL,
     'The values that a label key had on pods of a namespace and node within a report period.'),
    (14, 'reporting_ocpstoragevolumelabel_summary', 'label', NULL, NULL,
     'The values that a label key had on volumes of a namespace and node within a report period.'),
    (15, 'reporting_ocpusagelineitem_daily_summary_staging', 'staging', 'usage_start', 'source',
     'A row of the daily summary in the making, before tag mapping.'),
    (16, 'reporting_ocpusagelineitem_daily_summary', 'daily summary', 'usage_start', 'source_uuid',
     'A day of the pods (data_source Pod) of one namespace, node and label set, of a volume (Storage), or of the capacity of a node that no pod used (Pod, namespace ... unallocated).'),
    (17, 'reporting_ocp_cost_summary_p', 'interface', 'usage_start', 'source_uuid',
     'The cost of a cluster on a day, pods and volumes together.'),
    (18, 'reporting_ocp_cost_summary_by_node_p', 'interface', 'usage_start', 'source_uuid',
     'The cost of a node on a day, pods and volumes together; node NULL: volumes that no pod mounted.'),
    (19, 'reporting_ocp_cost_summary_by_project_p', 'interface', 'usage_start', 'source_uuid',
     'The cost of a namespace on a day, pods and volumes together.'),
    (20, 'reporting_ocp_pod_summary_p', 'interface', 'usage_start', 'source_uuid',
     'The processor and memory use of all pods of a cluster on a day, without unallocated capacity.'),
    (21, 'reporting_ocp_pod_summary_by_node_p', 'interface', 'usage_start', 'source_uuid',
     'The processor and memory use of the pods of a node on a day, without unallocated capacity.'),
    (22, 'reporting_ocp_pod_summary_by_project_p', 'interface', 'usage_start', 'source_uuid',
     'The processor and memory use of the pods of a namespace on a day.'),
    (23, 'reporting_ocp_volume_summary_p', 'interface', 'usage_start', 'source_uuid',
     'The size of the volumes of a claim name and storage class on a day.'),
    (24, 'reporting_ocp_volume_summary_by_project_p', 'interface', 'usage_start', 'source_uuid',
     'The size of the volumes of a claim, namespace and storage class on a day.'),
    (25, 'reporting_ocp_network_summary_p', 'interface', 'usage_start', 'source_uuid',
     'The network traffic of a cluster on a day in one direction; empty without cloud bills.'),
    (26, 'reporting_ocp_network_summary_by_node_p', 'interface', 'usage_start', 'source_uuid',
     'The network traffic of a node on a day in one direction; empty without cloud bills.'),
    (27, 'reporting_ocp_network_summary_by_project_p', 'interface', 'usage_start', 'source_uuid',
     'The network traffic of a namespace on a day in one direction; empty without cloud bills.'),
    (28, 'reporting_ocp_gpu_summary_p', 'interface', 'usage_start', 'source_uuid',
     'A GPU, or one slice of it, that a namespace used on a day.'),
    (29, 'reporting_ocp_cost_breakdown_p', 'interface', 'usage_start', 'source_uuid',
     'A branch in the tree of a day''s cost; empty without a cost model.'),
    (30, 'reporting_ocp_vm_summary_p', 'interface', 'usage_start', 'source_uuid',
     'A virtual machine and one of its claims over the days usage_start to usage_end of one summary run.');

-- Columns of the tables around the summaries: providers, clusters, categories, periods, tags, labels, partitions.

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'partitioned_tables', * FROM (VALUES
    (1,  'id',                      'integer', true,  'identity'),
    (2,  'schema_name',             'text',    true,  NULL),
    (3,  'table_name',              'text',    true,  NULL),
    (4,  'partition_of_table_name', 'text',    true,  NULL),
    (5,  'partition_type',          'text',    true,  NULL),
    (6,  'partition_col',           'text',    true,  NULL),
    (7,  'partition_parameters',    'jsonb',   true,  NULL),
    (8,  'active',                  'boolean', true,  'true'),
    (9,  'subpartition_type',       'text',    false, NULL),
    (10, 'subpartition_col',        'text',    false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_enabledtagkeys', * FROM (VALUES
    (1,  'uuid',          'uuid',                   true,  NULL),
    (2,  'key',           'character varying(512)', true,  NULL),
    (3,  'enabled',       'boolean',                true,  NULL),
    (4,  'provider_type', 'character varying(50)',  true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_clusters', * FROM (VALUES
    (1,  'uuid',          'uuid', true,  NULL),
    (2,  'cluster_id',    'text', true,  NULL),
    (3,  'cluster_alias', 'text', false, NULL),
    (4,  'provider_id',   'uuid', true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_cost_category', * FROM (VALUES
    (1,  'id',             'integer', true,  'identity'),
    (2,  'name',           'text',    true,  NULL),
    (3,  'description',    'text',    true,  NULL),
    (4,  'source_type',    'text',    true,  NULL),
    (5,  'system_default', 'boolean', true,  NULL),
    (6,  'label',          'text[]',  true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_cost_category_namespace', * FROM (VALUES
    (1,  'id',               'integer', true,  'identity'),
    (2,  'namespace',        'text',    true,  NULL),
    (3,  'system_default',   'boolean', true,  NULL),
    (4,  'cost_category_id', 'integer', true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_nodes', * FROM (VALUES
    (1,  'uuid',                    'uuid',          true,  NULL),
    (2,  'node',                    'text',          true,  NULL),
    (3,  'resource_id',             'text',          false, NULL),
    (4,  'node_capacity_cpu_cores', 'numeric(18,2)', false, NULL),
    (5,  'node_role',               'text',          false, NULL),
    (6,  'cluster_id',              'uuid',          true,  NULL),
    (7,  'architecture',            'text',          false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_projects', * FROM (VALUES
    (1,  'uuid',       'uuid', true,  NULL),
    (2,  'project',    'text', true,  NULL),
    (3,  'cluster_id', 'uuid', true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_pvcs', * FROM (VALUES
    (1,  'uuid',                    'uuid', true,  NULL),
    (2,  'persistent_volume_claim', 'text', true,  NULL),
    (3,  'persistent_volume',       'text', true,  NULL),
    (4,  'cluster_id',              'uuid', true,  NULL),
    (5,  'csi_volume_handle',       'text', false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocpstoragevolumelabel_summary', * FROM (VALUES
    (1,  'uuid',             'uuid',    true,  NULL),
    (2,  'key',              'text',    true,  NULL),
    (3,  'values',           'text[]',  true,  NULL),
    (4,  'namespace',        'text',    true,  NULL),
    (5,  'node',             'text',    false, NULL),
    (6,  'report_period_id', 'integer', true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocptags_values', * FROM (VALUES
    (1,  'uuid',            'uuid',   true,  NULL),
    (2,  'key',             'text',   true,  NULL),
    (3,  'value',           'text',   true,  NULL),
    (4,  'cluster_ids',     'text[]', true,  NULL),
    (5,  'cluster_aliases', 'text[]', true,  NULL),
    (6,  'namespaces',      'text[]', true,  NULL),
    (7,  'nodes',           'text[]', false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocpusagepodlabel_summary', * FROM (VALUES
    (1,  'uuid',             'uuid',    true,  NULL),
    (2,  'key',              'text',    true,  NULL),
    (3,  'values',           'text[]',  true,  NULL),
    (4,  'namespace',        'text',    true,  NULL),
    (5,  'node',             'text',    false, NULL),
    (6,  'report_period_id', 'integer', true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocpusagereportperiod', * FROM (VALUES
    (1,  'id',                             'integer',                  true,  'identity'),
    (2,  'cluster_id',                     'character varying(50)',    true,  NULL),
    (3,  'cluster_alias',                  'character varying(256)',   false, NULL),
    (4,  'report_period_start',            'timestamp with time zone', true,  NULL),
    (5,  'report_period_end',              'timestamp with time zone', true,  NULL),
    (6,  'ocp_on_cloud_updated_datetime',  'timestamp with time zone', false, NULL),
    (7,  'summary_data_creation_datetime', 'timestamp with time zone', false, NULL),
    (8,  'summary_data_updated_datetime',  'timestamp with time zone', false, NULL),
    (9,  'derived_cost_datetime',          'timestamp with time zone', false, NULL),
    (10, 'provider_id',                    'uuid',                     true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_tagmapping', * FROM (VALUES
    (1,  'id',        'integer', true,  'identity'),
    (2,  'child_id',  'uuid',    true,  NULL),
    (3,  'parent_id', 'uuid',    true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_tenant_api_provider', * FROM (VALUES
    (1,  'uuid',        'uuid', true,  NULL),
    (2,  'name',        'text', true,  NULL),
    (3,  'type',        'text', true,  NULL),
    (4,  'provider_id', 'uuid', false, NULL)
) AS listed;

-- Columns of the daily summary and of its staging table. The latter numbers the rows of all runs in an integer, which
-- starts over when it is used up.

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocpusagelineitem_daily_summary', * FROM (VALUES
    (1,  'uuid',                                           'uuid',                   true,  NULL),
    (2,  'cluster_id',                                     'character varying(50)',  false, NULL),
    (3,  'cluster_alias',                                  'character varying(256)', false, NULL),
    (4,  'data_source',                                    'character varying(64)',  false, NULL),
    (5,  'namespace',                                      'character varying(253)', false, NULL),
    (6,  'node',                                           'character varying(253)', false, NULL),
    (7,  'resource_id',                                    'character varying(253)', false, NULL),
    (8,  'usage_start',                                    'date',                   true,  NULL),
    (9,  'usage_end',                                      'date',                   true,  NULL),
    (10, 'pod_labels',                                     'jsonb',                  false, NULL),
    (11, 'pod_usage_cpu_core_hours',                       'numeric(33,15)',         false, NULL),
    (12, 'pod_request_cpu_core_hours',                     'numeric(33,15)',         false, NULL),
    (13, 'pod_effective_usage_cpu_core_hours',             'numeric(33,15)',         false, NULL),
    (14, 'pod_limit_cpu_core_hours',                       'numeric(33,15)',         false, NULL),
    (15, 'pod_usage_memory_gigabyte_hours',                'numeric(33,15)',         false, NULL),
    (16, 'pod_request_memory_gigabyte_hours',              'numeric(33,15)',         false, NULL),
    (17, 'pod_effective_usage_memory_gigabyte_hours',      'numeric(33,15)',         false, NULL),
    (18, 'pod_limit_memory_gigabyte_hours',                'numeric(33,15)',         false, NULL),
    (19, 'node_capacity_cpu_cores',                        'numeric(33,15)',         false, NULL),
    (20, 'node_capacity_cpu_core_hours',                   'numeric(33,15)',         false, NULL),
    (21, 'node_capacity_memory_gigabytes',                 'numeric(33,15)',         false, NULL),
    (22, 'node_capacity_memory_gigabyte_hours',            'numeric(33,15)',         false, NULL),
    (23, 'cluster_capacity_cpu_core_hours',                'numeric(33,15)',         false, NULL),
    (24, 'cluster_capacity_memory_gigabyte_hours',         'numeric(33,15)',         false, NULL),
    (25, 'persistentvolumeclaim',                          'character varying(253)', false, NULL),
    (26, 'persistentvolume',                               'character varying(253)', false, NULL),
    (27, 'storageclass',                                   'character varying(253)', false, NULL),
    (28, 'volume_labels',                                  'jsonb',                  false, NULL),
    (29, 'persistentvolumeclaim_capacity_gigabyte',        'numeric(33,15)',         false, NULL),
    (30, 'persistentvolumeclaim_capacity_gigabyte_months', 'numeric(33,15)',         false, NULL),
    (31, 'volume_request_storage_gigabyte_months',         'numeric(33,15)',         false, NULL),
    (32, 'persistentvolumeclaim_usage_gigabyte_months',    'numeric(33,15)',         false, NULL),
    (33, 'infrastructure_raw_cost',                        'numeric(33,15)',         false, NULL),
    (34, 'infrastructure_project_raw_cost',                'numeric(33,15)',         false, NULL),
    (35, 'infrastructure_usage_cost',                      'jsonb',                  false, NULL),
    (36, 'infrastructure_markup_cost',                     'numeric(33,15)',         false, NULL),
    (37, 'infrastructure_project_markup_cost',             'numeric(33,15)',         false, NULL),
    (38, 'infrastructure_monthly_cost',                    'numeric(33,15)',         false, NULL),
    (39, 'infrastructure_monthly_cost_json',               'jsonb',                  false, NULL),
    (40, 'supplementary_usage_cost',                       'jsonb',                  false, NULL),
    (41, 'supplementary_monthly_cost',                     'numeric(33,15)',         false, NULL),
    (42, 'supplementary_monthly_cost_json',                'jsonb',                  false, NULL),
    (43, 'infrastructure_project_monthly_cost',            'jsonb',                  false, NULL),
    (44, 'supplementary_project_monthly_cost',             'jsonb',                  false, NULL),
    (45, 'cost_model_cpu_cost',                            'numeric(33,15)',         false, NULL),
    (46, 'cost_model_memory_cost',                         'numeric(33,15)',         false, NULL),
    (47, 'cost_model_rate_type',                           'text',                   false, NULL),
    (48, 'cost_model_volume_cost',                         'numeric(33,15)',         false, NULL),
    (49, 'monthly_cost_type',                              'text',                   false, NULL),
    (50, 'distributed_cost',                               'numeric(33,15)',         false, NULL),
    (51, 'raw_currency',                                   'text',                   false, NULL),
    (52, 'source_uuid',                                    'uuid',                   false, NULL),
    (53, 'report_period_id',                               'integer',                false, NULL),
    (54, 'cost_category_id',                               'integer',                false, NULL),
    (55, 'all_labels',                                     'jsonb',                  false, NULL),
    (56, 'infrastructure_data_in_gigabytes',               'numeric(33,15)',         false, NULL),
    (57, 'infrastructure_data_out_gigabytes',              'numeric(33,15)',         false, NULL),
    (58, 'cost_model_gpu_cost',                            'numeric(33,15)',         false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocpusagelineitem_daily_summary_staging', * FROM (VALUES
    (1,  'id',                                             'integer',                true,  'identity cycle'),
    (2,  'uuid',                                           'character varying(64)',  false, NULL),
    (3,  'usage_start',                                    'date',                   true,  NULL),
    (4,  'report_period_id',                               'integer',                false, NULL),
    (5,  'cluster_id',                                     'character varying(256)', false, NULL),
    (6,  'cluster_alias',                                  'character varying(256)', false, NULL),
    (7,  'data_source',                                    'character varying(64)',  false, NULL),
    (8,  'usage_end',                                      'date',                   false, NULL),
    (9,  'namespace',                                      'character varying(253)', false, NULL),
    (10, 'node',                                           'character varying(253)', false, NULL),
    (11, 'resource_id',                                    'character varying(256)', false, NULL),
    (12, 'pod_labels',                                     'text',                   false, NULL),
    (13, 'pod_usage_cpu_core_hours',                       'double precision',       false, NULL),
    (14, 'pod_request_cpu_core_hours',                     'double precision',       false, NULL),
    (15, 'pod_effective_usage_cpu_core_hours',             'double precision',       false, NULL),
    (16, 'pod_limit_cpu_core_hours',                       'double precision',       false, NULL),
    (17, 'pod_usage_memory_gigabyte_hours',                'double precision',       false, NULL),
    (18, 'pod_request_memory_gigabyte_hours',              'double precision',       false, NULL),
    (19, 'pod_effective_usage_memory_gigabyte_hours',      'double precision',       false, NULL),
    (20, 'pod_limit_memory_gigabyte_hours',                'double precision',       false, NULL),
    (21, 'node_capacity_cpu_cores',                        'double precision',       false, NULL),
    (22, 'node_capacity_cpu_core_hours',                   'double precision',       false, NULL),
    (23, 'node_capacity_memory_gigabytes',                 'double precision',       false, NULL),
    (24, 'node_capacity_memory_gigabyte_hours',            'double precision',       false, NULL),
    (25, 'cluster_capacity_cpu_core_hours',                'double precision',       false, NULL),
    (26, 'cluster_capacity_memory_gigabyte_hours',         'double precision',       false, NULL),
    (27, 'persistentvolumeclaim',                          'character varying(253)', false, NULL),
    (28, 'persistentvolume',                               'character varying(253)', false, NULL),
    (29, 'storageclass',                                   'character varying(256)', false, NULL),
    (30, 'volume_labels',                                  'text',                   false, NULL),
    (31, 'persistentvolumeclaim_capacity_gigabyte',        'double precision',       false, NULL),
    (32, 'persistentvolumeclaim_capacity_gigabyte_months', 'double precision',       false, NULL),
    (33, 'volume_request_storage_gigabyte_months',         'double precision',       false, NULL),
    (34, 'persistentvolumeclaim_usage_gigabyte_months',    'double precision',       false, NULL),
    (35, 'source_uuid',                                    'character varying(64)',  false, NULL),
    (36, 'source',                                         'character varying(64)',  false, NULL),
    (37, 'infrastructure_usage_cost',                      'text',                   false, NULL),
    (38, 'csi_volume_handle',                              'character varying(256)', false, NULL),
    (39, 'cost_category_id',                               'integer',                false, NULL),
    (40, 'year',                                           'character varying(4)',   false, NULL),
    (41, 'month',                                          'character varying(2)',   false, NULL),
    (42, 'day',                                            'character varying(2)',   false, NULL)
) AS listed;

-- Columns of the tables that dashboards read (cost, pod, volume, network, GPU and virtual machine summaries).

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_cost_breakdown_p', * FROM (VALUES
    (1,  'id',                   'uuid',                   true,  NULL),
    (2,  'usage_start',          'date',                   true,  NULL),
    (3,  'usage_end',            'date',                   true,  NULL),
    (4,  'cluster_id',           'text',                   true,  NULL),
    (5,  'cluster_alias',        'text',                   false, NULL),
    (6,  'namespace',            'character varying(253)', false, NULL),
    (7,  'node',                 'character varying(253)', false, NULL),
    (8,  'custom_name',          'character varying(50)',  true,  NULL),
    (9,  'metric_type',          'character varying(30)',  true,  NULL),
    (10, 'cost_model_rate_type', 'text',                   false, NULL),
    (11, 'cost_value',           'numeric(33,15)',         false, NULL),
    (12, 'distributed_cost',     'numeric(33,15)',         false, NULL),
    (13, 'raw_currency',         'text',                   false, NULL),
    (14, 'path',                 'character varying(512)', true,  NULL),
    (15, 'depth',                'smallint',               true,  NULL),
    (16, 'parent_path',          'character varying(512)', true,  NULL),
    (17, 'top_category',         'character varying(512)', true,  NULL),
    (18, 'breakdown_category',   'character varying(50)',  true,  NULL),
    (19, 'cost_category_id',     'integer',                false, NULL),
    (20, 'source_uuid',          'uuid',                   false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_cost_summary_by_node_p', * FROM (VALUES
    (1,  'id',                               'uuid',                   true,  'gen_random_uuid()'),
    (2,  'cluster_id',                       'text',                   true,  NULL),
    (3,  'cluster_alias',                    'text',                   false, NULL),
    (4,  'node',                             'character varying(253)', false, NULL),
    (5,  'usage_start',                      'date',                   true,  NULL),
    (6,  'usage_end',                        'date',                   true,  NULL),
    (7,  'infrastructure_raw_cost',          'numeric(33,15)',         false, NULL),
    (8,  'infrastructure_usage_cost',        'jsonb',                  false, NULL),
    (9,  'infrastructure_markup_cost',       'numeric(33,15)',         false, NULL),
    (10, 'infrastructure_monthly_cost_json', 'jsonb',                  false, NULL),
    (11, 'supplementary_usage_cost',         'jsonb',                  false, NULL),
    (12, 'supplementary_monthly_cost_json',  'jsonb',                  false, NULL),
    (13, 'cost_model_cpu_cost',              'numeric(33,15)',         false, NULL),
    (14, 'cost_model_memory_cost',           'numeric(33,15)',         false, NULL),
    (15, 'cost_model_rate_type',             'text',                   false, NULL),
    (16, 'cost_model_volume_cost',           'numeric(33,15)',         false, NULL),
    (17, 'distributed_cost',                 'numeric(33,15)',         false, NULL),
    (18, 'raw_currency',                     'text',                   false, NULL),
    (19, 'source_uuid',                      'uuid',                   false, NULL),
    (20, 'cost_category_id',                 'integer',                false, NULL),
    (21, 'cost_model_gpu_cost',              'numeric(33,15)',         false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_cost_summary_by_project_p', * FROM (VALUES
    (1,  'id',                                  'uuid',                   true,  'gen_random_uuid()'),
    (2,  'cluster_id',                          'text',                   true,  NULL),
    (3,  'cluster_alias',                       'text',                   false, NULL),
    (4,  'namespace',                           'character varying(253)', false, NULL),
    (5,  'usage_start',                         'date',                   true,  NULL),
    (6,  'usage_end',                           'date',                   true,  NULL),
    (7,  'infrastructure_usage_cost',           'jsonb',                  false, NULL),
    (8,  'infrastructure_project_monthly_cost', 'jsonb',                  false, NULL),
    (9,  'supplementary_usage_cost',            'jsonb',                  false, NULL),
    (10, 'supplementary_project_monthly_cost',  'jsonb',                  false, NULL),
    (11, 'cost_model_cpu_cost',                 'numeric(33,15)',         false, NULL),
    (12, 'cost_model_memory_cost',              'numeric(33,15)',         false, NULL),
    (13, 'cost_model_rate_type',                'text',                   false, NULL),
    (14, 'cost_model_volume_cost',              'numeric(33,15)',         false, NULL),
    (15, 'distributed_cost',                    'numeric(33,15)',         false, NULL),
    (16, 'raw_currency',                        'text',                   false, NULL),
    (17, 'source_uuid',                         'uuid',                   false, NULL),
    (18, 'cost_category_id',                    'integer',                false, NULL),
    (19, 'infrastructure_markup_cost',          'numeric(33,15)',         false, NULL),
    (20, 'infrastructure_raw_cost',             'numeric(33,15)',         false, NULL),
    (21, 'cost_model_gpu_cost',                 'numeric(33,15)',         false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_cost_summary_p', * FROM (VALUES
    (1,  'id',                               'uuid',           true,  'gen_random_uuid()'),
    (2,  'cluster_id',                       'text',           true,  NULL),
    (3,  'cluster_alias',                    'text',           false, NULL),
    (4,  'usage_start',                      'date',           true,  NULL),
    (5,  'usage_end',                        'date',           true,  NULL),
    (6,  'infrastructure_raw_cost',          'numeric(33,15)', false, NULL),
    (7,  'infrastructure_usage_cost',        'jsonb',          false, NULL),
    (8,  'infrastructure_markup_cost',       'numeric(33,15)', false, NULL),
    (9,  'infrastructure_monthly_cost_json', 'jsonb',          false, NULL),
    (10, 'supplementary_usage_cost',         'jsonb',          false, NULL),
    (11, 'supplementary_monthly_cost_json',  'jsonb',          false, NULL),
    (12, 'cost_model_cpu_cost',              'numeric(33,15)', false, NULL),
    (13, 'cost_model_memory_cost',           'numeric(33,15)', false, NULL),
    (14, 'cost_model_rate_type',             'text',           false, NULL),
    (15, 'cost_model_volume_cost',           'numeric(33,15)', false, NULL),
    (16, 'distributed_cost',                 'numeric(33,15)', false, NULL),
    (17, 'raw_currency',                     'text',           false, NULL),
    (18, 'source_uuid',                      'uuid',           false, NULL),
    (19, 'cost_category_id',                 'integer',        false, NULL),
    (20, 'cost_model_gpu_cost',              'numeric(33,15)', false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_gpu_summary_p', * FROM (VALUES
    (1,  'id',                     'uuid',                   true,  NULL),
    (2,  'cluster_id',             'text',                   true,  NULL),
    (3,  'cluster_alias',          'text',                   false, NULL),
    (4,  'namespace',              'character varying(253)', false, NULL),
    (5,  'node',                   'character varying(253)', false, NULL),
    (6,  'usage_start',            'date',                   true,  NULL),
    (7,  'usage_end',              'date',                   true,  NULL),
    (8,  'vendor_name',            'character varying(128)', false, NULL),
    (9,  'model_name',             'character varying(128)', false, NULL),
    (10, 'memory_capacity_gb',     'numeric(33,15)',         false, NULL),
    (11, 'gpu_count',              'integer',                false, NULL),
    (12, 'cost_model_gpu_cost',    'numeric(33,15)',         false, NULL),
    (13, 'raw_currency',           'text',                   false, NULL),
    (14, 'cost_model_cpu_cost',    'numeric(33,15)',         false, NULL),
    (15, 'cost_model_memory_cost', 'numeric(33,15)',         false, NULL),
    (16, 'cost_model_volume_cost', 'numeric(33,15)',         false, NULL),
    (17, 'cost_model_rate_type',   'text',                   false, NULL),
    (18, 'cost_category_id',       'integer',                false, NULL),
    (19, 'source_uuid',            'uuid',                   false, NULL),
    (20, 'gpu_max_slices',         'integer',                false, NULL),
    (21, 'gpu_mode',               'character varying(32)',  false, NULL),
    (22, 'mig_memory_capacity_gb', 'numeric(33,15)',         false, NULL),
    (23, 'mig_profile',            'character varying(64)',  false, NULL),
    (24, 'mig_slice_count',        'integer',                false, NULL),
    (25, 'mig_strategy',           'character varying(10)',  false, NULL),
    (26, 'gpu_uuid',               'character varying(128)', false, NULL),
    (27, 'mig_instance_id',        'character varying(128)', false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_network_summary_by_node_p', * FROM (VALUES
    (1,  'id',                                'uuid',                     true,  'gen_random_uuid()'),
    (2,  'cluster_alias',                     'text',                     false, NULL),
    (3,  'cluster_id',                        'text',                     true,  NULL),
    (4,  'cost_model_cpu_cost',               'numeric(33,15)',           false, NULL),
    (5,  'cost_model_memory_cost',            'numeric(33,15)',           false, NULL),
    (6,  'cost_model_rate_type',              'text',                     false, NULL),
    (7,  'cost_model_volume_cost',            'numeric(33,15)',           false, NULL),
    (8,  'data_source',                       'character varying(64)',    false, NULL),
    (9,  'distributed_cost',                  'numeric(33,15)',           false, NULL),
    (10, 'infrastructure_data_in_gigabytes',  'numeric(33,15)',           false, NULL),
    (11, 'infrastructure_data_out_gigabytes', 'numeric(33,15)',           false, NULL),
    (12, 'infrastructure_markup_cost',        'numeric(33,15)',           false, NULL),
    (13, 'infrastructure_raw_cost',           'numeric(33,15)',           false, NULL),
    (14, 'node',                              'character varying(253)',   false, NULL),
    (15, 'raw_currency',                      'text',                     false, NULL),
    (16, 'resource_count',                    'integer',                  false, NULL),
    (17, 'resource_ids',                      'character varying(256)[]', false, NULL),
    (18, 'usage_end',                         'date',                     true,  NULL),
    (19, 'usage_start',                       'date',                     true,  NULL),
    (20, 'cost_category_id',                  'integer',                  false, NULL),
    (21, 'source_uuid',                       'uuid',                     false, NULL),
    (22, 'cost_model_gpu_cost',               'numeric(33,15)',           false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_network_summary_by_project_p', * FROM (VALUES
    (1,  'id',                                'uuid',                     true,  'gen_random_uuid()'),
    (2,  'cluster_alias',                     'text',                     false, NULL),
    (3,  'cluster_id',                        'text',                     true,  NULL),
    (4,  'cost_model_cpu_cost',               'numeric(33,15)',           false, NULL),
    (5,  'cost_model_memory_cost',            'numeric(33,15)',           false, NULL),
    (6,  'cost_model_rate_type',              'text',                     false, NULL),
    (7,  'cost_model_volume_cost',            'numeric(33,15)',           false, NULL),
    (8,  'data_source',                       'character varying(64)',    false, NULL),
    (9,  'distributed_cost',                  'numeric(33,15)',           false, NULL),
    (10, 'infrastructure_data_in_gigabytes',  'numeric(33,15)',           false, NULL),
    (11, 'infrastructure_data_out_gigabytes', 'numeric(33,15)',           false, NULL),
    (12, 'infrastructure_markup_cost',        'numeric(33,15)',           false, NULL),
    (13, 'infrastructure_raw_cost',           'numeric(33,15)',           false, NULL),
    (14, 'namespace',                         'character varying(253)',   false, NULL),
    (15, 'raw_currency',                      'text',                     false, NULL),
    (16, 'resource_count',                    'integer',                  false, NULL),
    (17, 'resource_ids',                      'character varying(256)[]', false, NULL),
    (18, 'usage_end',                         'date',                     true,  NULL),
    (19, 'usage_start',                       'date',                     true,  NULL),
    (20, 'cost_category_id',                  'integer',                  false, NULL),
    (21, 'source_uuid',                       'uuid',                     false, NULL),
    (22, 'cost_model_gpu_cost',               'numeric(33,15)',           false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_network_summary_p', * FROM (VALUES
    (1,  'id',                                'uuid',                     true,  'gen_random_uuid()'),
    (2,  'cluster_alias',                     'text',                     false, NULL),
    (3,  'cluster_id',                        'text',                     true,  NULL),
    (4,  'cost_model_cpu_cost',               'numeric(33,15)',           false, NULL),
    (5,  'cost_model_memory_cost',            'numeric(33,15)',           false, NULL),
    (6,  'cost_model_rate_type',              'text',                     false, NULL),
    (7,  'cost_model_volume_cost',            'numeric(33,15)',           false, NULL),
    (8,  'data_source',                       'character varying(64)',    false, NULL),
    (9,  'distributed_cost',                  'numeric(33,15)',           false, NULL),
    (10, 'infrastructure_data_in_gigabytes',  'numeric(33,15)',           false, NULL),
    (11, 'infrastructure_data_out_gigabytes', 'numeric(33,15)',           false, NULL),
    (12, 'infrastructure_markup_cost',        'numeric(33,15)',           false, NULL),
    (13, 'infrastructure_raw_cost',           'numeric(33,15)',           false, NULL),
    (14, 'raw_currency',                      'text',                     false, NULL),
    (15, 'resource_count',                    'integer',                  false, NULL),
    (16, 'resource_ids',                      'character varying(256)[]', false, NULL),
    (17, 'usage_end',                         'date',                     true,  NULL),
    (18, 'usage_start',                       'date',                     true,  NULL),
    (19, 'cost_category_id',                  'integer',                  false, NULL),
    (20, 'source_uuid',                       'uuid',                     false, NULL),
    (21, 'cost_model_gpu_cost',               'numeric(33,15)',           false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_pod_summary_by_node_p', * FROM (VALUES
    (1,  'id',                                        'uuid',                     true,  'gen_random_uuid()'),
    (2,  'cluster_id',                                'text',                     true,  NULL),
    (3,  'cluster_alias',                             'text',                     false, NULL),
    (4,  'node',                                      'character varying(253)',   false, NULL),
    (5,  'resource_ids',                              'character varying(256)[]', false, NULL),
    (6,  'resource_count',                            'integer',                  false, NULL),
    (7,  'data_source',                               'character varying(64)',    false, NULL),
    (8,  'usage_start',                               'date',                     true,  NULL),
    (9,  'usage_end',                                 'date',                     true,  NULL),
    (10, 'infrastructure_raw_cost',                   'numeric(33,15)',           false, NULL),
    (11, 'infrastructure_usage_cost',                 'jsonb',                    false, NULL),
    (12, 'infrastructure_markup_cost',                'numeric(33,15)',           false, NULL),
    (13, 'infrastructure_monthly_cost_json',          'jsonb',                    false, NULL),
    (14, 'supplementary_usage_cost',                  'jsonb',                    false, NULL),
    (15, 'supplementary_monthly_cost_json',           'jsonb',                    false, NULL),
    (16, 'pod_usage_cpu_core_hours',                  'numeric(33,15)',           false, NULL),
    (17, 'pod_request_cpu_core_hours',                'numeric(33,15)',           false, NULL),
    (18, 'pod_effective_usage_cpu_core_hours',        'numeric(33,15)',           false, NULL),
    (19, 'pod_limit_cpu_core_hours',                  'numeric(33,15)',           false, NULL),
    (20, 'pod_usage_memory_gigabyte_hours',           'numeric(33,15)',           false, NULL),
    (21, 'pod_request_memory_gigabyte_hours',         'numeric(33,15)',           false, NULL),
    (22, 'pod_effective_usage_memory_gigabyte_hours', 'numeric(33,15)',           false, NULL),
    (23, 'pod_limit_memory_gigabyte_hours',           'numeric(33,15)',           false, NULL),
    (24, 'cluster_capacity_cpu_core_hours',           'numeric(33,15)',           false, NULL),
    (25, 'cluster_capacity_memory_gigabyte_hours',    'numeric(33,15)',           false, NULL),
    (26, 'node_capacity_cpu_cores',                   'numeric(33,15)',           false, NULL),
    (27, 'node_capacity_cpu_core_hours',              'numeric(33,15)',           false, NULL),
    (28, 'node_capacity_memory_gigabytes',            'numeric(33,15)',           false, NULL),
    (29, 'node_capacity_memory_gigabyte_hours',       'numeric(33,15)',           false, NULL),
    (30, 'raw_currency',                              'text',                     false, NULL),
    (31, 'distributed_cost',                          'numeric(33,15)',           false, NULL),
    (32, 'cost_model_cpu_cost',                       'numeric(33,15)',           false, NULL),
    (33, 'cost_model_memory_cost',                    'numeric(33,15)',           false, NULL),
    (34, 'cost_model_volume_cost',                    'numeric(33,15)',           false, NULL),
    (35, 'cost_model_rate_type',                      'text',                     false, NULL),
    (36, 'cost_category_id',                          'integer',                  false, NULL),
    (37, 'source_uuid',                               'uuid',                     false, NULL),
    (38, 'cost_model_gpu_cost',                       'numeric(33,15)',           false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_pod_summary_by_project_p', * FROM (VALUES
    (1,  'id',                                        'uuid',                     true,  'gen_random_uuid()'),
    (2,  'cluster_id',                                'text',                     true,  NULL),
    (3,  'cluster_alias',                             'text',                     false, NULL),
    (4,  'namespace',                                 'character varying(253)',   false, NULL),
    (5,  'resource_ids',                              'character varying(256)[]', false, NULL),
    (6,  'resource_count',                            'integer',                  false, NULL),
    (7,  'data_source',                               'character varying(64)',    false, NULL),
    (8,  'usage_start',                               'date',                     true,  NULL),
    (9,  'usage_end',                                 'date',                     true,  NULL),
    (10, 'infrastructure_raw_cost',                   'numeric(33,15)',           false, NULL),
    (11, 'infrastructure_usage_cost',                 'jsonb',                    false, NULL),
    (12, 'infrastructure_markup_cost',                'numeric(33,15)',           false, NULL),
    (13, 'infrastructure_monthly_cost_json',          'jsonb',                    false, NULL),
    (14, 'supplementary_usage_cost',                  'jsonb',                    false, NULL),
    (15, 'supplementary_monthly_cost_json',           'jsonb',                    false, NULL),
    (16, 'cost_model_cpu_cost',                       'numeric(33,15)',           false, NULL),
    (17, 'cost_model_memory_cost',                    'numeric(33,15)',           false, NULL),
    (18, 'cost_model_rate_type',                      'text',                     false, NULL),
    (19, 'cost_model_volume_cost',                    'numeric(33,15)',           false, NULL),
    (20, 'pod_usage_cpu_core_hours',                  'numeric(33,15)',           false, NULL),
    (21, 'pod_request_cpu_core_hours',                'numeric(33,15)',           false, NULL),
    (22, 'pod_effective_usage_cpu_core_hours',        'numeric(33,15)',           false, NULL),
    (23, 'pod_limit_cpu_core_hours',                  'numeric(33,15)',           false, NULL),
    (24, 'pod_usage_memory_gigabyte_hours',           'numeric(33,15)',           false, NULL),
    (25, 'pod_request_memory_gigabyte_hours',         'numeric(33,15)',           false, NULL),
    (26, 'pod_effective_usage_memory_gigabyte_hours', 'numeric(33,15)',           false, NULL),
    (27, 'pod_limit_memory_gigabyte_hours',           'numeric(33,15)',           false, NULL),
    (28, 'cluster_capacity_cpu_core_hours',           'numeric(33,15)',           false, NULL),
    (29, 'cluster_capacity_memory_gigabyte_hours',    'numeric(33,15)',           false, NULL),
    (30, 'distributed_cost',                          'numeric(33,15)',           false, NULL),
    (31, 'raw_currency',                              'text',                     false, NULL),
    (32, 'source_uuid',                               'uuid',                     false, NULL),
    (33, 'cost_category_id',                          'integer',                  false, NULL),
    (34, 'cost_model_gpu_cost',                       'numeric(33,15)',           false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_pod_summary_p', * FROM (VALUES
    (1,  'id',                                        'uuid',                     true,  'gen_random_uuid()'),
    (2,  'cluster_id',                                'text',                     true,  NULL),
    (3,  'cluster_alias',                             'text',                     false, NULL),
    (4,  'resource_ids',                              'character varying(256)[]', false, NULL),
    (5,  'resource_count',                            'integer',                  false, NULL),
    (6,  'data_source',                               'character varying(64)',    false, NULL),
    (7,  'usage_start',                               'date',                     true,  NULL),
    (8,  'usage_end',                                 'date',                     true,  NULL),
    (9,  'infrastructure_raw_cost',                   'numeric(33,15)',           false, NULL),
    (10, 'infrastructure_usage_cost',                 'jsonb',                    false, NULL),
    (11, 'infrastructure_markup_cost',                'numeric(33,15)',           false, NULL),
    (12, 'infrastructure_monthly_cost_json',          'jsonb',                    false, NULL),
    (13, 'supplementary_usage_cost',                  'jsonb',                    false, NULL),
    (14, 'supplementary_monthly_cost_json',           'jsonb',                    false, NULL),
    (15, 'cost_model_cpu_cost',                       'numeric(33,15)',           false, NULL),
    (16, 'cost_model_memory_cost',                    'numeric(33,15)',           false, NULL),
    (17, 'cost_model_rate_type',                      'text',                     false, NULL),
    (18, 'cost_model_volume_cost',                    'numeric(33,15)',           false, NULL),
    (19, 'pod_usage_cpu_core_hours',                  'numeric(33,15)',           false, NULL),
    (20, 'pod_request_cpu_core_hours',                'numeric(33,15)',           false, NULL),
    (21, 'pod_effective_usage_cpu_core_hours',        'numeric(33,15)',           false, NULL),
    (22, 'pod_limit_cpu_core_hours',                  'numeric(33,15)',           false, NULL),
    (23, 'pod_usage_memory_gigabyte_hours',           'numeric(33,15)',           false, NULL),
    (24, 'pod_request_memory_gigabyte_hours',         'numeric(33,15)',           false, NULL),
    (25, 'pod_effective_usage_memory_gigabyte_hours', 'numeric(33,15)',           false, NULL),
    (26, 'pod_limit_memory_gigabyte_hours',           'numeric(33,15)',           false, NULL),
    (27, 'cluster_capacity_cpu_core_hours',           'numeric(33,15)',           false, NULL),
    (28, 'cluster_capacity_memory_gigabyte_hours',    'numeric(33,15)',           false, NULL),
    (29, 'distributed_cost',                          'numeric(33,15)',           false, NULL),
    (30, 'raw_currency',                              'text',                     false, NULL),
    (31, 'source_uuid',                               'uuid',                     false, NULL),
    (32, 'cost_category_id',                          'integer',                  false, NULL),
    (33, 'cost_model_gpu_cost',                       'numeric(33,15)',           false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_vm_summary_p', * FROM (VALUES
    (1,  'id',                                             'uuid',                     true,  NULL),
    (2,  'cluster_alias',                                  'text',                     false, NULL),
    (3,  'cluster_id',                                     'text',                     false, NULL),
    (4,  'namespace',                                      'character varying(253)',   false, NULL),
    (5,  'node',                                           'character varying(253)',   false, NULL),
    (6,  'vm_name',                                        'text',                     false, NULL),
    (7,  'cost_model_cpu_cost',                            'numeric(33,15)',           false, NULL),
    (8,  'cost_model_memory_cost',                         'numeric(33,15)',           false, NULL),
    (9,  'cost_model_rate_type',                           'text',                     false, NULL),
    (10, 'cost_model_volume_cost',                         'numeric(33,15)',           false, NULL),
    (11, 'distributed_cost',                               'numeric(33,15)',           false, NULL),
    (12, 'pod_labels',                                     'jsonb',                    false, NULL),
    (13, 'pod_request_cpu_core_hours',                     'numeric(33,15)',           false, NULL),
    (14, 'pod_request_memory_gigabyte_hours',              'numeric(33,15)',           false, NULL),
    (15, 'infrastructure_markup_cost',                     'numeric(33,15)',           false, NULL),
    (16, 'infrastructure_raw_cost',                        'numeric(33,15)',           false, NULL),
    (17, 'raw_currency',                                   'text',                     false, NULL),
    (18, 'resource_ids',                                   'character varying(256)[]', false, NULL),
    (19, 'usage_end',                                      'date',                     true,  NULL),
    (20, 'usage_start',                                    'date',                     true,  NULL),
    (21, 'cost_category_id',                               'integer',                  false, NULL),
    (22, 'source_uuid',                                    'uuid',                     false, NULL),
    (23, 'persistentvolumeclaim',                          'character varying(253)',   false, NULL),
    (24, 'persistentvolumeclaim_capacity_gigabyte_months', 'numeric(33,15)',           false, NULL),
    (25, 'persistentvolumeclaim_usage_gigabyte_months',    'numeric(33,15)',           false, NULL),
    (26, 'storageclass',                                   'character varying(253)',   false, NULL),
    (27, 'cost_model_gpu_cost',                            'numeric(33,15)',           false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_volume_summary_by_project_p', * FROM (VALUES
    (1,  'id',                                             'uuid',                     true,  'gen_random_uuid()'),
    (2,  'cluster_id',                                     'text',                     true,  NULL),
    (3,  'cluster_alias',                                  'text',                     false, NULL),
    (4,  'namespace',                                      'character varying(253)',   false, NULL),
    (5,  'resource_ids',                                   'character varying(256)[]', false, NULL),
    (6,  'resource_count',                                 'integer',                  false, NULL),
    (7,  'data_source',                                    'character varying(64)',    false, NULL),
    (8,  'usage_start',                                    'date',                     true,  NULL),
    (9,  'usage_end',                                      'date',                     true,  NULL),
    (10, 'infrastructure_raw_cost',                        'numeric(33,15)',           false, NULL),
    (11, 'infrastructure_usage_cost',                      'jsonb',                    false, NULL),
    (12, 'infrastructure_markup_cost',                     'numeric(33,15)',           false, NULL),
    (13, 'infrastructure_monthly_cost_json',               'jsonb',                    false, NULL),
    (14, 'supplementary_usage_cost',                       'jsonb',                    false, NULL),
    (15, 'supplementary_monthly_cost_json',                'jsonb',                    false, NULL),
    (16, 'cost_model_cpu_cost',                            'numeric(33,15)',           false, NULL),
    (17, 'cost_model_memory_cost',                         'numeric(33,15)',           false, NULL),
    (18, 'cost_model_rate_type',                           'text',                     false, NULL),
    (19, 'cost_model_volume_cost',                         'numeric(33,15)',           false, NULL),
    (20, 'volume_request_storage_gigabyte_months',         'numeric(33,15)',           false, NULL),
    (21, 'persistentvolumeclaim_usage_gigabyte_months',    'numeric(33,15)',           false, NULL),
    (22, 'persistentvolumeclaim_capacity_gigabyte_months', 'numeric(33,15)',           false, NULL),
    (23, 'distributed_cost',                               'numeric(33,15)',           false, NULL),
    (24, 'raw_currency',                                   'text',                     false, NULL),
    (25, 'source_uuid',                                    'uuid',                     false, NULL),
    (26, 'cost_category_id',                               'integer',                  false, NULL),
    (27, 'persistentvolumeclaim',                          'character varying(253)',   false, NULL),
    (28, 'storageclass',                                   'character varying(253)',   false, NULL),
    (29, 'cost_model_gpu_cost',                            'numeric(33,15)',           false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'reporting_ocp_volume_summary_p', * FROM (VALUES
    (1,  'id',                                             'uuid',                     true,  'gen_random_uuid()'),
    (2,  'cluster_id',                                     'text',                     true,  NULL),
    (3,  'cluster_alias',                                  'text',                     false, NULL),
    (4,  'resource_ids',                                   'character varying(256)[]', false, NULL),
    (5,  'resource_count',                                 'integer',                  false, NULL),
    (6,  'data_source',                                    'character varying(64)',    false, NULL),
    (7,  'usage_start',                                    'date',                     true,  NULL),
    (8,  'usage_end',                                      'date',                     true,  NULL),
    (9,  'infrastructure_raw_cost',                        'numeric(33,15)',           false, NULL),
    (10, 'infrastructure_usage_cost',                      'jsonb',                    false, NULL),
    (11, 'infrastructure_markup_cost',                     'numeric(33,15)',           false, NULL),
    (12, 'infrastructure_monthly_cost_json',               'jsonb',                    false, NULL),
    (13, 'supplementary_usage_cost',                       'jsonb',                    false, NULL),
    (14, 'supplementary_monthly_cost_json',                'jsonb',                    false, NULL),
    (15, 'cost_model_cpu_cost',                            'numeric(33,15)',           false, NULL),
    (16, 'cost_model_memory_cost',                         'numeric(33,15)',           false, NULL),
    (17, 'cost_model_rate_type',                           'text',                     false, NULL),
    (18, 'cost_model_volume_cost',                         'numeric(33,15)',           false, NULL),
    (19, 'volume_request_storage_gigabyte_months',         'numeric(33,15)',           false, NULL),
    (20, 'persistentvolumeclaim_usage_gigabyte_months',    'numeric(33,15)',           false, NULL),
    (21, 'persistentvolumeclaim_capacity_gigabyte_months', 'numeric(33,15)',           false, NULL),
    (22, 'distributed_cost',                               'numeric(33,15)',           false, NULL),
    (23, 'raw_currency',                                   'text',                     false, NULL),
    (24, 'source_uuid',                                    'uuid',                     false, NULL),
    (25, 'cost_category_id',                               'integer',                  false, NULL),
    (26, 'persistentvolumeclaim',                          'character varying(253)',   false, NULL),
    (27, 'storageclass',                                   'character varying(253)',   false, NULL),
    (28, 'cost_model_gpu_cost',                            'numeric(33,15)',           false, NULL)
) AS listed;

-- Keys of the tables, and the few indexes beyond them.

INSERT INTO @extschema@.koku_catalogue_key (table_name, kind, columns) VALUES
    ('partitioned_tables', 'primary', '{id}'),
    ('partitioned_tables', 'unique', '{schema_name,table_name}'),
    ('reporting_tenant_api_provider', 'primary', '{uuid}'),
    ('reporting_ocp_cost_category', 'primary', '{id}'),
    ('reporting_ocp_cost_category', 'unique', '{name}'),
    ('reporting_ocp_cost_category_namespace', 'primary', '{id}'),
    ('reporting_ocp_cost_category_namespace', 'unique', '{namespace}'),
    ('reporting_enabledtagkeys', 'primary', '{uuid}'),
    ('reporting_enabledtagkeys', 'unique', '{key,provider_type}'),
    ('reporting_tagmapping', 'primary', '{id}'),
    ('reporting_tagmapping', 'unique', '{child_id}'),
    ('reporting_tagmapping', 'unique', '{parent_id,child_id}'),
    ('reporting_ocptags_values', 'primary', '{uuid}'),
    ('reporting_ocptags_values', 'unique', '{key,value}'),
    ('reporting_ocp_clusters', 'primary', '{uuid}'),
    ('reporting_ocp_clusters', 'unique', '{cluster_id,cluster_alias,provider_id}'),
    ('reporting_ocp_nodes', 'primary', '{uuid}'),
    ('reporting_ocp_projects', 'primary', '{uuid}'),
    ('reporting_ocp_projects', 'unique', '{project,cluster_id}'),
    ('reporting_ocp_pvcs', 'primary', '{uuid}'),
    ('reporting_ocp_pvcs', 'unique', '{persistent_volume,persistent_volume_claim,cluster_id}'),
    ('reporting_ocpusagereportperiod', 'primary', '{id}'),
    ('reporting_ocpusagereportperiod', 'unique', '{cluster_id,report_period_start,provider_id}'),
    ('reporting_ocpusagepodlabel_summary', 'primary', '{uuid}'),
    ('reporting_ocpusagepodlabel_summary', 'unique', '{key,report_period_id,namespace,node}'),
    ('reporting_ocpstoragevolumelabel_summary', 'primary', '{uuid}'),
    ('reporting_ocpstoragevolumelabel_summary', 'unique', '{key,report_period_id,namespace,node}'),
    ('reporting_ocpusagelineitem_daily_summary_staging', 'primary', '{usage_start,id}'),
    ('reporting_ocpusagelineitem_daily_summary', 'primary', '{usage_start,uuid}'),
    ('reporting_ocp_vm_summary_p', 'unique',
     '{usage_start,cluster_id,namespace,node,vm_name,cost_model_rate_type,persistentvolumeclaim}');

INSERT INTO @extschema@.koku_catalogue_key (table_name, kind, columns)
SELECT table_name, 'primary', '{usage_start,id}' FROM @extschema@.koku_catalogue_table WHERE kind = 'interface';

INSERT INTO @extschema@.koku_catalogue_key (table_name, kind, columns, referenced_table, referenced_column) VALUES
    ('reporting_ocp_cost_category_namespace', 'foreign', '{cost_category_id}', 'reporting_ocp_cost_category', 'id'),
    ('reporting_tagmapping', 'foreign', '{child_id}', 'reporting_enabledtagkeys', 'uuid'),
    ('reporting_tagmapping', 'foreign', '{parent_id}', 'reporting_enabledtagkeys', 'uuid'),
    ('reporting_ocp_clusters', 'foreign', '{provider_id}', 'reporting_tenant_api_provider', 'uuid'),
    ('reporting_ocp_nodes', 'foreign', '{cluster_id}', 'reporting_ocp_clusters', 'uuid'),
    ('reporting_ocp_projects', 'foreign', '{cluster_id}', 'reporting_ocp_clusters', 'uuid'),
    ('reporting_ocp_pvcs', 'foreign', '{cluster_id}', 'reporting_ocp_clusters', 'uuid'),
    ('reporting_ocpusagereportperiod', 'foreign', '{provider_id}', 'reporting_tenant_api_provider', 'uuid'),
    ('reporting_ocpusagepodlabel_summary', 'foreign', '{report_period_id}', 'reporting_ocpusagereportperiod', 'id'),
    ('reporting_ocpstoragevolumelabel_summary', 'foreign', '{report_period_id}', 'reporting_ocpusagereportperiod', 'id'),
    ('reporting_ocpusagelineitem_daily_summary', 'foreign', '{cost_category_id}', 'reporting_ocp_cost_category', 'id'),
    ('reporting_ocpusagelineitem_daily_summary', 'foreign', '{report_period_id}', 'reporting_ocpusagereportperiod', 'id');

INSERT INTO @extschema@.koku_catalogue_key (table_name, kind, columns, referenced_table, referenced_column)
SELECT catalogue.table_name, 'foreign', reference.columns::text[], reference.referenced_table, reference.referenced_column
FROM @extschema@.koku_catalogue_table AS catalogue,
    (VALUES ('{cost_category_id}', 'reporting_ocp_cost_category', 'id'),
            ('{source_uuid}', 'reporting_tenant_api_provider', 'uuid')) AS reference (columns, referenced_table, referenced_column)
WHERE catalogue.kind = 'interface';

INSERT INTO @extschema@.koku_catalogue_key (table_name, kind, columns, reason) VALUES
    ('reporting_ocpusagelineitem_daily_summary', 'index', '{source_uuid,usage_start}',
     'every statement of a summary reads or deletes the rows of one source and a few days among those of all sources of the tenant'),
    ('reporting_ocpusagepodlabel_summary', 'index', '{report_period_id}',
     'the label summary reads and merges the rows of one report period; deletion follows this foreign key'),
    ('reporting_ocpstoragevolumelabel_summary', 'index', '{report_period_id}',
     'the label summary reads and merges the rows of one report period; deletion follows this foreign key');

-- The line-item tables, raw and daily, of each report type of the library.

CREATE FUNCTION @extschema@.koku_internal_add_report_types() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO @extschema@.koku_catalogue_table (position, table_name, kind, partition_column, source_column, report_type, meaning)
SELECT (SELECT max(position) FROM @extschema@.koku_catalogue_table) + row_number() OVER (ORDER BY form.kind DESC, report.type),
    'openshift_' || report.type || '_line_items' || form.suffix, form.kind, 'usage_start', 'source', report.type,
    format(form.meaning, report.type)
FROM (SELECT DISTINCT report_type FROM @extschema@.koku_report_columns()) AS report (type),
    (VALUES ('raw', '', 'A line of a %s report, as delivered.'),
            ('daily', '_daily', 'The lines of a %s report with the same names and labels, added up over a day.'))
        AS form (kind, suffix, meaning)
ON CONFLICT (table_name) DO NOTHING;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, daily_role)
SELECT catalogue.table_name, report.position, report.column_name, report.data_type, report.not_null, report.daily_role
FROM @extschema@.koku_catalogue_table AS catalogue
JOIN @extschema@.koku_report_columns() AS report USING (report_type)
ON CONFLICT (table_name, column_name) DO NOTHING;

INSERT INTO @extschema@.koku_catalogue_key (table_name, kind, columns, reason)
SELECT catalogue.table_name, key.kind, key.columns::text[], key.reason
FROM @extschema@.koku_catalogue_table AS catalogue
JOIN (VALUES ('raw', 'primary', '{usage_start,id}', NULL),
             ('daily', 'primary', '{usage_start,id}', NULL),
             ('raw', 'index', '{source,usage_start,manifestid,reportnumhours}',
              'ingest reads owners and hours of a day by a loose scan and deletes a replaced day; the summary reads a source and its days'),
             ('daily', 'index', '{source,usage_start}',
              'ingest merges into and deletes the rows of a day; the summary reads a source and its days'))
    AS key (table_kind, kind, columns, reason) ON key.table_kind = catalogue.kind
ON CONFLICT (table_name, kind, columns) DO NOTHING;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_add_report_types() IS
'Adds the tables, columns and keys of the library''s report types that the catalogue lacks. For install and upgrade scripts; koku_create_tenant() then adds them to a tenant.';

SELECT @extschema@.koku_internal_add_report_types();

-- Locks. Order within a transaction, so that two sources never deadlock: the source; then the tenant's tables (all
-- partitions the transaction needs, before it touches rows that sources share); then shared rows of the tenant, in sorted
-- order. All are advisory locks that end with the transaction: two integers, the class (what is locked) and a hash of
-- the name. Two names with the same hash only wait for each other.

CREATE FUNCTION @extschema@.koku_internal_lock_class(subject text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
-- 1263487829 is 'KOKU' in ASCII: advisory lock numbers are shared with everything else in the database.
SELECT 1263487829 + CASE subject WHEN 'source' THEN 0 WHEN 'tables' THEN 1 WHEN 'shared rows' THEN 2 END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_lock_class(text) IS
'First integer of the advisory locks on a source, the tables of a tenant, or the rows that its sources share; NULL for anything else.';

CREATE FUNCTION @extschema@.koku_internal_lock_source(source uuid) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT pg_advisory_xact_lock(@extschema@.koku_internal_lock_class('source'), hashtext(source::text));
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_lock_source(uuid) IS
'Waits until no other transaction writes rows of the source and keeps others out until the end of this one. Everything that writes them takes it first (spec design, serialization).';

CREATE FUNCTION @extschema@.koku_internal_try_lock_source(source uuid) RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT pg_try_advisory_xact_lock(@extschema@.koku_internal_lock_class('source'), hashtext(source::text));
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_try_lock_source(uuid) IS
'koku_internal_lock_source() without waiting: false when another transaction has the source.';

CREATE FUNCTION @extschema@.koku_internal_lock_tables(tenant name) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT pg_advisory_xact_lock(@extschema@.koku_internal_lock_class('tables'), hashtext(tenant::text));
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_lock_tables(name) IS
'Lets one transaction at a time make or drop tables and partitions of a tenant.';

CREATE FUNCTION @extschema@.koku_internal_lock_shared_rows(tenant name) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT pg_advisory_xact_lock(@extschema@.koku_internal_lock_class('shared rows'), hashtext(tenant::text));
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_lock_shared_rows(name) IS
'Lets one transaction at a time write tag values, which the sources of a tenant share. A run over several months writes them more than once, so sorted order alone would not rule out a deadlock.';

-- Partitions are made through the tracking table partitioned_tables of the tenant: a row trigger carries out the DDL, so
-- that software which inserts or deletes tracking rows gets what it asks for (spec ingest.md 7).

CREATE FUNCTION @extschema@.koku_internal_partition_name(table_name name, month date) RETURNS name
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT (table_name || to_char(month, '_YYYY_MM'))::name;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_partition_name(name, date) IS
'Name of the partition of a table for the month of a day, for example reporting_ocp_pod_summary_p_2026_11.';

CREATE FUNCTION @extschema@.koku_internal_is_partition(partition regclass, parent regclass) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = partition AND inhparent = parent);
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_is_partition(regclass, regclass) IS
'Whether the table is attached to the parent; false when either is NULL.';

CREATE FUNCTION @extschema@.koku_internal_default_partition(parent regclass) RETURNS regclass
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT nullif(partdefid, 0)::regclass FROM pg_partitioned_table WHERE partrelid = parent;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_default_partition(regclass) IS
'The default partition of a table; NULL when it has none or is not partitioned.';

CREATE FUNCTION @extschema@.koku_internal_attach_partition(
    parent regclass, partition regclass, partition_column name, parameters jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    default_partition regclass;
    columns text;
BEGIN
    IF (parameters->>'default')::boolean THEN
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s DEFAULT', parent, partition);
        RETURN;
    END IF;

    -- In the order of ATTACH itself: nothing may arrive in the default partition between moving rows and attaching.
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', parent);
    default_partition := @extschema@.koku_internal_default_partition(parent);
    IF default_partition IS NOT NULL THEN
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', default_partition);
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
        FROM pg_attribute
        WHERE attrelid = parent AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
        EXECUTE format(
            'WITH moved AS (DELETE FROM %1$s WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING %5$s)'
            ' INSERT INTO %6$s (%5$s) SELECT %5$s FROM moved',
            default_partition, partition_column, parameters->>'from', parameters->>'to', columns, partition);
    END IF;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
        parent, partition, parameters->>'from', parameters->>'to');
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_attach_partition(regclass, regclass, name, jsonb) IS
'Attaches a table as partition with the bounds of a tracking row, after moving the rows in these bounds out of the default partition.';

CREATE FUNCTION @extschema@.koku_internal_apply_partition() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent regclass;
    partition regclass;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        partition := to_regclass(format('%I.%I', OLD.schema_name, OLD.table_name));
        parent := to_regclass(format('%I.%I', OLD.schema_name, OLD.partition_of_table_name));
        IF partition IS NULL THEN
            RETURN NULL;
        END IF;
        IF @extschema@.koku_internal_is_partition(partition, parent)
           AND (TG_OP = 'DELETE'
                OR (OLD.active, OLD.partition_of_table_name, OLD.partition_parameters)
                   IS DISTINCT FROM (NEW.active, NEW.partition_of_table_name, NEW.partition_parameters)) THEN
            EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', parent, partition);
        END IF;
    END IF;

    IF TG_OP = 'DELETE' THEN
        EXECUTE format('DROP TABLE %s', partition);
        RETURN NULL;
    END IF;

    IF NEW.partition_type <> 'range' THEN
        RAISE EXCEPTION 'partition type "%" is not supported', NEW.partition_type
            USING ERRCODE = 'feature_not_supported',
                  DETAIL = format('The tracking row is that of %I.%I.', NEW.schema_name, NEW.table_name),
                  HINT = 'Partitions are made by range only.';
    END IF;
    parent := format('%I.%I', NEW.schema_name, NEW.partition_of_table_name)::regclass;

    IF TG_OP = 'UPDATE' THEN
        IF OLD.table_name <> NEW.table_name THEN
            EXECUTE format('ALTER TABLE %s RENAME TO %I', partition, NEW.table_name);
        END IF;
        IF OLD.schema_name <> NEW.schema_name THEN
            EXECUTE format('ALTER TABLE %s SET SCHEMA %I', partition, NEW.schema_name);
        END IF;
    ELSE
        partition := to_regclass(format('%I.%I', NEW.schema_name, NEW.table_name));
        IF partition IS NULL THEN
            EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)',
                NEW.schema_name, NEW.table_name, parent);
            partition := format('%I.%I', NEW.schema_name, NEW.table_name)::regclass;
        END IF;
    END IF;

    IF NEW.active AND NOT @extschema@.koku_internal_is_partition(partition, parent) THEN
        PERFORM @extschema@.koku_internal_attach_partition(
            parent, partition, NEW.partition_col, NEW.partition_parameters);
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_apply_partition() IS
'Row trigger of partitioned_tables. Insert: makes the table and attaches it when active; a table that is there is taken as it is. Delete: detaches and drops. Update: renames, and detaches or attaches where active, the parent or the bounds changed.';

-- Monthly partitions.

CREATE FUNCTION @extschema@.koku_internal_track_partition(
    tenant name, table_name name, partition_name name, parameters jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO %I.partitioned_tables (schema_name, table_name, partition_of_table_name, partition_type,'
        ' partition_col, partition_parameters, active) VALUES ($1, $2, $3, ''range'', ''usage_start'', $4, true)'
        ' ON CONFLICT (schema_name, table_name) DO UPDATE SET active = true', tenant)
    USING tenant, partition_name, table_name, parameters;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_track_partition(name, name, name, jsonb) IS
'Makes a partition by writing its tracking row; one that was tracked but detached is attached again.';

CREATE FUNCTION @extschema@.koku_internal_ensure_partition(tenant name, table_name name, month date) RETURNS regclass
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent regclass := format('%I.%I', tenant, table_name)::regclass;
    partition_name name := @extschema@.koku_internal_partition_name(table_name, month);
    qualified_name text := format('%I.%I', tenant, partition_name);
    partition regclass := to_regclass(qualified_name);
    first_day date := date_trunc('month', month::timestamp)::date;
BEGIN
    IF @extschema@.koku_internal_is_partition(partition, parent) THEN
        RETURN partition;
    END IF;

    PERFORM @extschema@.koku_internal_lock_tables(tenant);
    -- Another transaction may have made it while this one waited.
    IF NOT @extschema@.koku_internal_is_partition(to_regclass(qualified_name), parent) THEN
        PERFORM @extschema@.koku_internal_track_partition(tenant, table_name, partition_name, jsonb_build_object(
            'default', false, 'from', first_day, 'to', (first_day + interval '1 month')::date));
    END IF;
    partition := to_regclass(qualified_name);
    IF NOT @extschema@.koku_internal_is_partition(partition, parent) THEN
        RAISE EXCEPTION 'table % is no partition of %', qualified_name, parent
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('The row of %I.partitioned_tables did not attach it.', tenant),
                  HINT = 'Delete the tracking row, or attach the table as partition of its month.';
    END IF;
    RETURN partition;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_ensure_partition(name, name, date) IS
'The partition of a tenant''s table for the month of a day, made when it is missing; rows of the month leave the default partition. One catalogue look-up when it exists, the tenant''s table lock when it must be made. Call it for everything a transaction will touch before rows that sources share are written (30_locks.sql).';

-- Tenants: a schema with all tables of the catalogue.

CREATE FUNCTION @extschema@.koku_internal_column_definition(col @extschema@.koku_catalogue_column) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT format('%I %s', col.column_name, col.data_type)
    || CASE WHEN col.not_null THEN ' NOT NULL' ELSE '' END
    || CASE
           WHEN col.column_default IS NULL THEN ''
           WHEN col.column_default = 'identity' THEN ' GENERATED BY DEFAULT AS IDENTITY'
           WHEN col.column_default = 'identity cycle' THEN ' GENERATED BY DEFAULT AS IDENTITY (CYCLE)'
           ELSE ' DEFAULT ' || col.column_default
       END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_column_definition(@extschema@.koku_catalogue_column) IS
'A column as CREATE TABLE and ALTER TABLE ADD COLUMN take it.';

CREATE FUNCTION @extschema@.koku_internal_create_table(tenant name, table_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    catalogue @extschema@.koku_catalogue_table;
    columns text;
BEGIN
    SELECT * INTO STRICT catalogue FROM @extschema@.koku_catalogue_table AS listed
    WHERE listed.table_name = koku_internal_create_table.table_name;
    SELECT string_agg(@extschema@.koku_internal_column_definition(col), ', ' ORDER BY col.position) INTO columns
    FROM @extschema@.koku_catalogue_column AS col WHERE col.table_name = catalogue.table_name;

    EXECUTE format('CREATE TABLE %I.%I (%s)%s', tenant, table_name, columns,
        ' PARTITION BY RANGE (' || quote_ident(catalogue.partition_column) || ')');
    EXECUTE format('COMMENT ON TABLE %I.%I IS %L', tenant, table_name, catalogue.meaning);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_create_table(name, text) IS
'Creates one table of the catalogue in a tenant, without keys and partitions.';

CREATE FUNCTION @extschema@.koku_internal_complete_table(tenant name, table_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    relation regclass := format('%I.%I', tenant, table_name)::regclass;
    partitioned boolean;
    difference record;
BEGIN
    SELECT (listed.partition_column IS NOT NULL) INTO partitioned FROM @extschema@.koku_catalogue_table AS listed
    WHERE listed.table_name = koku_internal_complete_table.table_name;
    IF partitioned <> ((SELECT relkind FROM pg_class WHERE oid = relation) = 'p') THEN
        RAISE EXCEPTION 'table % is %partitioned', relation, CASE WHEN partitioned THEN 'not ' ELSE '' END
            USING ERRCODE = 'wrong_object_type',
                  HINT = 'Move the table out of the schema and create the tenant again.';
    END IF;

    FOR difference IN
        SELECT col.column_name, col.data_type, format_type(found.atttypid, found.atttypmod) AS found_type,
            col.not_null, found.attnotnull, @extschema@.koku_internal_column_definition(col) AS definition
        FROM @extschema@.koku_catalogue_column AS col
        LEFT JOIN pg_attribute AS found
            ON found.attrelid = relation AND found.attname = col.column_name AND NOT found.attisdropped
        WHERE col.table_name = koku_internal_complete_table.table_name
          AND (found.attname IS NULL OR found.attnotnull <> col.not_null
               OR format_type(found.atttypid, found.atttypmod) <> col.data_type)
        ORDER BY col.position
    LOOP
        IF difference.found_type IS NULL THEN
            EXECUTE format('ALTER TABLE %s ADD COLUMN %s', relation, difference.definition);
        ELSE
            RAISE WARNING 'column % of % is not as expected', quote_ident(difference.column_name), relation
                USING DETAIL = format('It is %s%s; expected is %s%s.', difference.found_type,
                    CASE WHEN difference.attnotnull THEN ' not null' ELSE '' END, difference.data_type,
                    CASE WHEN difference.not_null THEN ' not null' ELSE '' END);
        END IF;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_complete_table(name, text) IS
'Compares a table that exists with the catalogue: adds missing columns, warns of those with another type or nullability.';

CREATE FUNCTION @extschema@.koku_internal_has_key(relation regclass, key @extschema@.koku_catalogue_key) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN key.kind = 'foreign' THEN EXISTS (
    SELECT FROM pg_constraint AS found
    WHERE found.conrelid = relation AND found.contype = 'f'
      AND key.columns = (SELECT array_agg(col.attname::text ORDER BY member.place)
                         FROM unnest(found.conkey) WITH ORDINALITY AS member (number, place)
                         JOIN pg_attribute AS col ON col.attrelid = relation AND col.attnum = member.number))
ELSE EXISTS (
    SELECT FROM pg_index AS found
    WHERE found.indrelid = relation AND found.indpred IS NULL AND found.indexprs IS NULL
      AND CASE key.kind WHEN 'primary' THEN found.indisprimary WHEN 'unique' THEN found.indisunique ELSE true END
      AND key.columns = (SELECT array_agg(col.attname::text ORDER BY member.place)
                         FROM unnest(found.indkey) WITH ORDINALITY AS member (number, place)
                         JOIN pg_attribute AS col ON col.attrelid = relation AND col.attnum = member.number
                         WHERE member.place <= found.indnkeyatts))
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_has_key(regclass, @extschema@.koku_catalogue_key) IS
'Whether a table has a key or index on exactly these columns, whatever its name.';

CREATE FUNCTION @extschema@.koku_internal_add_keys(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    missing record;
BEGIN
    FOR missing IN
        SELECT format('%I.%I', tenant, key.table_name) AS relation, key.kind, list.columns,
            CASE WHEN key.kind = 'foreign'
                THEN format('%I.%I (%I)', tenant, key.referenced_table, key.referenced_column) END AS target
        FROM @extschema@.koku_catalogue_key AS key
        JOIN @extschema@.koku_catalogue_table AS catalogue USING (table_name),
            LATERAL (SELECT string_agg(quote_ident(name), ', ' ORDER BY place) AS columns
                     FROM unnest(key.columns) WITH ORDINALITY AS member (name, place)) AS list
        WHERE NOT @extschema@.koku_internal_has_key(format('%I.%I', tenant, key.table_name)::regclass, key)
        -- A foreign key needs the unique key it refers to.
        ORDER BY key.kind = 'foreign', catalogue.position, key.kind, key.columns
    LOOP
        EXECUTE CASE missing.kind
            WHEN 'primary' THEN format('ALTER TABLE %s ADD PRIMARY KEY (%s)', missing.relation, missing.columns)
            WHEN 'unique' THEN format('ALTER TABLE %s ADD UNIQUE (%s)', missing.relation, missing.columns)
            WHEN 'index' THEN format('CREATE INDEX ON %s (%s)', missing.relation, missing.columns)
            ELSE format('ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s DEFERRABLE INITIALLY DEFERRED',
                missing.relation, missing.columns, missing.target)
        END;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_add_keys(name) IS
'Adds the keys and indexes of the catalogue that the tenant''s tables lack.';

CREATE FUNCTION @extschema@.koku_internal_prepare_partitions(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tracking regclass := format('%I.partitioned_tables', tenant)::regclass;
BEGIN
    -- Software that made the schema may have a trigger of its own, which does the same.
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = tracking AND NOT tgisinternal) THEN
        EXECUTE format('CREATE TRIGGER koku_apply_partition AFTER INSERT OR UPDATE OR DELETE ON %s'
            ' FOR EACH ROW EXECUTE FUNCTION @extschema@.koku_internal_apply_partition()', tracking);
    END IF;

    PERFORM @extschema@.koku_internal_track_partition(
        tenant, table_name::name, (table_name || '_default')::name, '{"default": true}')
    FROM @extschema@.koku_catalogue_table
    WHERE partition_column IS NOT NULL
      AND @extschema@.koku_internal_default_partition(format('%I.%I', tenant, table_name)::regclass) IS NULL
    ORDER BY position;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_prepare_partitions(name) IS
'Gives the tracking table its trigger and each partitioned table its default partition, where missing.';

CREATE FUNCTION @extschema@.koku_internal_seed_cost_category(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO %1$I.reporting_ocp_cost_category (name, description, source_type, system_default, label)'
        ' VALUES (''Platform'', ''Default OpenShift projects bucketed into a Platform group'', ''OCP'', true, ''{}'')'
        ' ON CONFLICT (name) DO NOTHING', tenant);
    EXECUTE format(
        'INSERT INTO %1$I.reporting_ocp_cost_category_namespace (namespace, system_default, cost_category_id)'
        ' SELECT pattern, true, category.id'
        ' FROM %1$I.reporting_ocp_cost_category AS category,'
        '     unnest(ARRAY[''kube-%%'', ''openshift'', ''openshift-%%'', ''Platform unallocated'']) AS pattern'
        ' WHERE category.name = ''Platform'''
        ' ON CONFLICT (namespace) DO NOTHING', tenant);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_seed_cost_category(name) IS
'Writes the cost category Platform and its namespaces (spec summary.md 3.2) where missing.';

CREATE FUNCTION @extschema@.koku_create_tenant(schema name DEFAULT 'koku') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    listed record;
BEGIN
    IF schema IS NULL OR schema = '' OR schema LIKE 'pg\_%' OR schema = 'information_schema' THEN
        RAISE EXCEPTION 'tenant schema % is not allowed', coalesce(quote_literal(schema), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Choose a name that is not empty, does not begin with "pg_" and is not "information_schema".';
    END IF;
    PERFORM @extschema@.koku_internal_lock_tables(schema);
    IF to_regnamespace(quote_ident(schema)) IS NULL THEN
        EXECUTE format('CREATE SCHEMA %I', schema);
    END IF;

    FOR listed IN SELECT table_name FROM @extschema@.koku_catalogue_table ORDER BY position LOOP
        IF to_regclass(format('%I.%I', schema, listed.table_name)) IS NULL THEN
            PERFORM @extschema@.koku_internal_create_table(schema, listed.table_name);
        ELSE
            PERFORM @extschema@.koku_internal_complete_table(schema, listed.table_name);
        END IF;
    END LOOP;
    PERFORM @extschema@.koku_internal_add_keys(schema);
    PERFORM @extschema@.koku_internal_prepare_partitions(schema);
    PERFORM @extschema@.koku_internal_seed_cost_category(schema);

    INSERT INTO @extschema@.koku_tenant (tenant) VALUES (schema) ON CONFLICT (tenant) DO NOTHING;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_create_tenant(name) IS
'Creates a tenant: a schema and all reporting tables in it. On a schema that exists, adds the tables, columns, keys and partitions that are missing, and warns of columns that differ from the catalogue; running it again changes nothing.';

CREATE FUNCTION @extschema@.koku_internal_check_tenant(tenant name) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM @extschema@.koku_tenant AS known WHERE known.tenant = koku_internal_check_tenant.tenant) THEN
        RAISE EXCEPTION 'tenant % does not exist', coalesce(quote_literal(tenant), 'NULL')
            USING ERRCODE = 'undefined_object',
                  HINT = 'Create it with koku_create_tenant(), or see koku_tenant for those that exist.';
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_check_tenant(name) IS
'Raises 42704 when there is no such tenant.';

-- Sources: the clusters whose payloads are taken.

CREATE FUNCTION @extschema@.koku_internal_check_source(source uuid) RETURNS @extschema@.koku_source
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_source @extschema@.koku_source;
BEGIN
    SELECT * INTO found_source FROM @extschema@.koku_source AS known
    WHERE known.source = koku_internal_check_source.source;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'source % does not exist', coalesce(quote_literal(source), 'NULL')
            USING ERRCODE = 'undefined_object',
                  HINT = 'Create it with koku_create_source(), or see koku_source for those that exist.';
    END IF;
    RETURN found_source;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_check_source(uuid) IS
'The source; raises 42704 when there is none.';

CREATE FUNCTION @extschema@.koku_internal_check_source_name(name text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF name = '' OR length(name) > 256 THEN
        RAISE EXCEPTION 'name of a source has % characters', length(name)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use 1 to 256 characters.';
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_check_source_name(text) IS
'Raises 22023 for a name that is empty or does not fit the columns cluster_alias; NULL passes.';

CREATE FUNCTION @extschema@.koku_internal_check_cluster_id(cluster_id text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF cluster_id IS NULL OR cluster_id IN ('', '.') OR cluster_id ~ '[/\\]|\.\.' THEN
        RAISE EXCEPTION 'cluster id % is not allowed', coalesce(quote_literal(left(cluster_id, 64)), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'A cluster id is not empty, not ".", and holds no "/", "\" and "..".',
                  HINT = 'Take the id from the spec.clusterID of the cluster''s version resource.';
    ELSIF length(cluster_id) > 50 THEN
        RAISE EXCEPTION 'cluster id % is too long', quote_literal(left(cluster_id, 64))
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It has %s characters, 50 are allowed.', length(cluster_id));
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_check_cluster_id(text) IS
'Raises 22023 for a cluster id that no manifest can have or that does not fit the tables (spec ingest.md 1.3, 8).';

CREATE FUNCTION @extschema@.koku_create_source(
    cluster_id text, name text DEFAULT NULL, tenant name DEFAULT 'koku', source uuid DEFAULT gen_random_uuid())
RETURNS uuid
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shown_name text := coalesce(name, cluster_id);
    other uuid;
BEGIN
    PERFORM @extschema@.koku_internal_check_cluster_id(cluster_id);
    PERFORM @extschema@.koku_internal_check_source_name(name);
    IF source IS NULL THEN
        RAISE EXCEPTION 'source must not be null'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Leave it out to have one made.';
    END IF;
    IF NOT EXISTS (SELECT FROM @extschema@.koku_tenant AS known WHERE known.tenant = koku_create_source.tenant) THEN
        PERFORM @extschema@.koku_create_tenant(tenant);
    END IF;

    -- A second registration of the same cluster or uuid waits here for the first.
    INSERT INTO @extschema@.koku_source (source, tenant, cluster_id, name)
    VALUES (source, tenant, cluster_id, shown_name)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        SELECT known.source INTO other FROM @extschema@.koku_source AS known
        WHERE known.tenant = koku_create_source.tenant AND known.cluster_id = koku_create_source.cluster_id;
        IF FOUND THEN
            RAISE EXCEPTION 'cluster % is already registered in tenant %', quote_literal(cluster_id), quote_literal(tenant)
                USING ERRCODE = 'duplicate_object',
                      DETAIL = format('It is source %s.', other),
                      HINT = 'Change it with koku_alter_source(), or choose another tenant.';
        END IF;
        RAISE EXCEPTION 'source % already exists', quote_literal(source)
            USING ERRCODE = 'duplicate_object', HINT = 'Leave the source out to have one made.';
    END IF;

    EXECUTE format('INSERT INTO %I.reporting_tenant_api_provider (uuid, name, type, provider_id)'
        ' VALUES ($1, $2, ''OCP'', $1)', tenant)
    USING source, shown_name;
    RETURN source;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_create_source(text, text, name, uuid) IS
'Registers a cluster, so that its payloads are taken, and returns its source; creates the tenant when absent. name: shown as cluster alias, the cluster id when NULL. Errors: 22023 for a cluster id that is empty, longer than 50 characters, "." or has "/", "\", ".." in it, or for a name over 256 characters; 42710 when the cluster or the source is already there.';

CREATE FUNCTION @extschema@.koku_alter_source(source uuid, name text DEFAULT NULL, paused boolean DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    altered @extschema@.koku_source := @extschema@.koku_internal_check_source(source);
BEGIN
    PERFORM @extschema@.koku_internal_check_source_name(name);
    UPDATE @extschema@.koku_source AS known
    SET name = coalesce(koku_alter_source.name, known.name),
        paused = coalesce(koku_alter_source.paused, known.paused)
    WHERE known.source = altered.source;
    IF name IS NOT NULL THEN
        EXECUTE format('UPDATE %I.reporting_tenant_api_provider SET name = $2 WHERE uuid = $1', altered.tenant)
        USING altered.source, name;
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_alter_source(uuid, text, boolean) IS
'Renames a source, pauses it (its payloads are refused, its data stays) or resumes it; NULL leaves as it is. A new name is the cluster alias of the days summarized from then on. Errors: 42704 unknown source, 22023 name empty or over 256 characters.';

-- Tag keys: which label keys reach the summaries.

CREATE FUNCTION @extschema@.koku_internal_check_tag_keys(keys text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    longest text;
BEGIN
    IF keys IS NULL OR array_position(keys, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'tag keys must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    SELECT key INTO longest FROM unnest(keys) AS key ORDER BY length(key) DESC LIMIT 1;
    IF length(longest) > 512 THEN
        RAISE EXCEPTION 'tag key "%..." is too long', left(longest, 64)
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It has %s characters, 512 are allowed.', length(longest));
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_check_tag_keys(text[]) IS
'Raises 22004 when the array or a key is NULL, 22023 when a key is over 512 characters.';

CREATE FUNCTION @extschema@.koku_internal_add_tag_keys(tenant name, keys text[]) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    added integer;
BEGIN
    -- Sorted, so that two transactions with the same new keys wait for each other and never deadlock.
    EXECUTE format(
        'INSERT INTO %1$I.reporting_enabledtagkeys (uuid, key, enabled, provider_type)'
        ' SELECT gen_random_uuid(), key, false, ''OCP'' FROM ('
        '     SELECT DISTINCT key COLLATE "C" AS key FROM unnest($1) AS key'
        '     EXCEPT SELECT key FROM %1$I.reporting_enabledtagkeys WHERE provider_type = ''OCP'') AS missing'
        ' WHERE length(key) <= 512'
        ' ORDER BY key'
        ' ON CONFLICT (key, provider_type) DO NOTHING', tenant)
    USING keys;
    GET DIAGNOSTICS added = ROW_COUNT;
    RETURN added;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_add_tag_keys(name, text[]) IS
'Registers the label keys that are not yet known as disabled tag keys and returns their number (spec ingest.md 8). Keys over 512 characters are left out. Waits for transactions that register the same keys: call it after the last koku_internal_ensure_partition() of the transaction.';

CREATE FUNCTION @extschema@.koku_enable_tags(keys text[], tenant name DEFAULT 'koku') RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed integer;
BEGIN
    PERFORM @extschema@.koku_internal_check_tenant(tenant);
    PERFORM @extschema@.koku_internal_check_tag_keys(keys);
    EXECUTE format(
        'INSERT INTO %I.reporting_enabledtagkeys AS known (uuid, key, enabled, provider_type)'
        ' SELECT gen_random_uuid(), key, true, ''OCP'' FROM (SELECT DISTINCT key COLLATE "C" AS key FROM unnest($1) AS key) AS wanted'
        ' ORDER BY key'
        ' ON CONFLICT (key, provider_type) DO UPDATE SET enabled = true WHERE NOT known.enabled', tenant)
    USING keys;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_enable_tags(text[], name) IS
'Lets label keys reach the summaries and returns how many were not enabled before; keys that no report had so far are registered. Takes effect when a day is summarized next. Errors: 42704 unknown tenant, 22004 NULL, 22023 key over 512 characters.';

CREATE FUNCTION @extschema@.koku_disable_tags(keys text[], tenant name DEFAULT 'koku') RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed integer;
BEGIN
    PERFORM @extschema@.koku_internal_check_tenant(tenant);
    PERFORM @extschema@.koku_internal_check_tag_keys(keys);
    EXECUTE format(
        'UPDATE %1$I.reporting_enabledtagkeys AS known SET enabled = false'
        ' FROM (SELECT uuid FROM %1$I.reporting_enabledtagkeys'
        '       WHERE provider_type = ''OCP'' AND key = ANY ($1) AND enabled ORDER BY key COLLATE "C" FOR NO KEY UPDATE) AS chosen'
        ' WHERE known.uuid = chosen.uuid', tenant)
    USING keys;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_disable_tags(text[], name) IS
'Keeps label keys out of the summaries and returns how many were enabled before; unknown keys are passed over. Takes effect when a day is summarized next. Errors as koku_enable_tags().';

-- Report periods and requests for a summary.

CREATE FUNCTION @extschema@.koku_internal_ensure_report_period(source uuid, day date) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner @extschema@.koku_source := @extschema@.koku_internal_check_source(source);
    -- UTC whatever the session's time zone is
    period_start timestamptz := date_trunc('month', day::timestamp) AT TIME ZONE 'UTC';
    period_end timestamptz := (date_trunc('month', day::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    period integer;
    alias text;
BEGIN
    EXECUTE format('SELECT id, cluster_alias FROM %I.reporting_ocpusagereportperiod'
        ' WHERE cluster_id = $1 AND report_period_start = $2 AND provider_id = $3', owner.tenant)
    INTO period, alias
    USING owner.cluster_id, period_start, source;
    IF period IS NULL THEN
        EXECUTE format('INSERT INTO %I.reporting_ocpusagereportperiod'
            ' (cluster_id, cluster_alias, report_period_start, report_period_end, provider_id)'
            ' VALUES ($1, $2, $3, $4, $5) RETURNING id', owner.tenant)
        INTO period
        USING owner.cluster_id, owner.name, period_start, period_end, source;
    ELSIF alias IS DISTINCT FROM owner.name THEN
        EXECUTE format('UPDATE %I.reporting_ocpusagereportperiod SET cluster_alias = $2 WHERE id = $1', owner.tenant)
        USING period, owner.name;
    END IF;
    RETURN period;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_ensure_report_period(uuid, date) IS
'The report period of a source for the month of a day, made when missing, its alias refreshed (spec ingest.md 8). The caller holds the lock on the source and has made its partitions.';

CREATE FUNCTION @extschema@.koku_internal_months(first_day date, last_day date)
RETURNS TABLE (month date, first_day_in_month date, last_day_in_month date)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT start::date, greatest(start::date, first_day), least((start + interval '1 month')::date - 1, last_day)
FROM generate_series(date_trunc('month', first_day::timestamp), last_day::timestamp, interval '1 month') AS start;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_months(date, date) IS
'The range of days cut by calendar month, in order; no row when it is empty.';

CREATE FUNCTION @extschema@.koku_internal_request_summary(source uuid, first_day date, last_day date) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO @extschema@.koku_summary_request AS waiting (source, month, first_day, last_day)
SELECT $1, piece.month, piece.first_day_in_month, piece.last_day_in_month
FROM @extschema@.koku_internal_months($2, $3) AS piece
ORDER BY piece.month
ON CONFLICT (source, month) DO UPDATE
SET first_day = least(waiting.first_day, excluded.first_day),
    last_day = greatest(waiting.last_day, excluded.last_day),
    requested_at = excluded.requested_at,
    retry_after = NULL;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_request_summary(uuid, date, date) IS
'Asks for a summary of these days: one request a month, widened when one waits already. A request that failed is tried again at once, since its data has changed.';

CREATE FUNCTION @extschema@.koku_internal_today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT (now() AT TIME ZONE 'UTC')::date;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_today() IS 'Today''s date in UTC.';

CREATE FUNCTION @extschema@.koku_internal_request_current_month(tenant name, condition text, argument text[]) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today date := @extschema@.koku_internal_today();
    sources uuid[];
BEGIN
    EXECUTE format(
        'SELECT array_agg(provider_id ORDER BY provider_id) FROM %1$I.reporting_ocpusagereportperiod AS period'
        ' WHERE report_period_start = $2 AND (%2$s)', tenant, replace(condition, '{tenant}', quote_ident(tenant)))
    INTO sources
    USING argument, date_trunc('month', today::timestamp) AT TIME ZONE 'UTC';
    PERFORM @extschema@.koku_internal_request_summary(source, date_trunc('month', today::timestamp)::date, today)
    FROM unnest(sources) AS source;
    RETURN coalesce(cardinality(sources), 0);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_request_current_month(name, text, text[]) IS
'Asks for a summary of the current month, up to today, of the tenant''s sources that have a report period in it for which the condition holds, and returns their number (spec summary.md 1.1). The condition is code, never user input: it may refer to period, $1 (the argument) and {tenant}.';

-- Tag mapping: child keys are shown as their parent key in the summaries.

CREATE FUNCTION @extschema@.koku_internal_request_tag_summary(tenant name, keys text[]) RETURNS integer
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
-- The label summaries are written before tag mapping, so they list child keys whether or not they are mapped.
SELECT @extschema@.koku_internal_request_current_month(tenant,
    'EXISTS (SELECT FROM {tenant}.reporting_ocpusagepodlabel_summary AS label
             WHERE label.report_period_id = period.id AND label.key = ANY ($1))
     OR EXISTS (SELECT FROM {tenant}.reporting_ocpstoragevolumelabel_summary AS label
                WHERE label.report_period_id = period.id AND label.key = ANY ($1))', keys);
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_request_tag_summary(name, text[]) IS
'Asks for a summary of the current month of the sources that have any of these label keys in it; returns their number.';

CREATE FUNCTION @extschema@.koku_map_tags(parent text, children text[], tenant name DEFAULT 'koku') RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mapped_child text;
    mapped_parent text;
    added text[];
BEGIN
    PERFORM @extschema@.koku_internal_check_tenant(tenant);
    PERFORM @extschema@.koku_internal_check_tag_keys(children || parent);
    IF parent = ANY (children) THEN
        RAISE EXCEPTION 'tag key % cannot be its own parent', quote_literal(parent)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM @extschema@.koku_internal_add_tag_keys(tenant, children || parent);

    EXECUTE format(
        'WITH added AS ('
        '     INSERT INTO %1$I.reporting_tagmapping (child_id, parent_id)'
        '     SELECT child.uuid, parent.uuid'
        '     FROM %1$I.reporting_enabledtagkeys AS child, %1$I.reporting_enabledtagkeys AS parent'
        '     WHERE child.provider_type = ''OCP'' AND child.key = ANY ($2)'
        '       AND parent.provider_type = ''OCP'' AND parent.key = $1'
        '     ORDER BY child.key COLLATE "C"'
        '     ON CONFLICT (child_id) DO NOTHING RETURNING child_id)'
        ' SELECT array_agg(child.key::text) FROM %1$I.reporting_enabledtagkeys AS child JOIN added ON added.child_id = child.uuid',
        tenant)
    INTO added
    USING parent, children;

    EXECUTE format(
        'SELECT child.key, parent.key FROM %1$I.reporting_tagmapping AS mapping'
        ' JOIN %1$I.reporting_enabledtagkeys AS child ON child.uuid = mapping.child_id'
        ' JOIN %1$I.reporting_enabledtagkeys AS parent ON parent.uuid = mapping.parent_id'
        ' WHERE child.provider_type = ''OCP'' AND child.key = ANY ($2) AND parent.key <> $1'
        ' ORDER BY child.key COLLATE "C" LIMIT 1', tenant)
    INTO mapped_child, mapped_parent
    USING parent, children;
    IF mapped_child IS NOT NULL THEN
        RAISE EXCEPTION 'tag key % already has the parent %', quote_literal(mapped_child), quote_literal(mapped_parent)
            USING ERRCODE = 'duplicate_object',
                  HINT = 'A child has one parent. Take the mapping away with koku_unmap_tags() first.';
    END IF;

    PERFORM @extschema@.koku_internal_request_tag_summary(tenant, added);
    RETURN coalesce(cardinality(added), 0);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_map_tags(text, text[], name) IS
'Shows the values of child tag keys under the parent key in the daily summary (spec summary.md 5.4) and returns the number of new mappings. Only enabled children are renamed; keys that no report had so far are registered as disabled. Asks for a new summary of the current month where a child occurs. Errors: 42704 unknown tenant, 22004 NULL, 22023 key over 512 characters or its own parent, 42710 child of another parent.';

CREATE FUNCTION @extschema@.koku_unmap_tags(children text[], tenant name DEFAULT 'koku') RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    removed text[];
BEGIN
    PERFORM @extschema@.koku_internal_check_tenant(tenant);
    PERFORM @extschema@.koku_internal_check_tag_keys(children);
    EXECUTE format(
        'WITH removed AS ('
        '     DELETE FROM %1$I.reporting_tagmapping AS mapping USING %1$I.reporting_enabledtagkeys AS child'
        '     WHERE mapping.child_id = child.uuid AND child.provider_type = ''OCP'' AND child.key = ANY ($1)'
        '     RETURNING child.key::text AS key)'
        ' SELECT array_agg(key) FROM removed', tenant)
    INTO removed
    USING children;

    PERFORM @extschema@.koku_internal_request_tag_summary(tenant, removed);
    RETURN coalesce(cardinality(removed), 0);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_unmap_tags(text[], name) IS
'Shows child tag keys under their own name again and returns how many had a parent. Asks for a new summary of the current month where a child occurs. Errors: 42704 unknown tenant, 22004 NULL, 22023 key over 512 characters.';

-- Cost categories: named groups of namespaces.

CREATE FUNCTION @extschema@.koku_internal_request_category_summary(tenant name, namespace_pattern text) RETURNS integer
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT @extschema@.koku_internal_request_current_month(tenant,
    'EXISTS (SELECT FROM {tenant}.reporting_ocp_clusters AS cluster
             JOIN {tenant}.reporting_ocp_projects AS project ON project.cluster_id = cluster.uuid
             WHERE cluster.provider_id = period.provider_id AND project.project LIKE $1[1])', ARRAY[namespace_pattern]);
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_request_category_summary(name, text) IS
'Asks for a summary of the current month of the sources that have a namespace of the pattern; returns their number.';

CREATE FUNCTION @extschema@.koku_internal_check_not_default(tenant name, namespace_pattern text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    is_default boolean;
BEGIN
    EXECUTE format('SELECT system_default FROM %I.reporting_ocp_cost_category_namespace WHERE namespace = $1', tenant)
    INTO is_default
    USING namespace_pattern;
    IF is_default THEN
        RAISE EXCEPTION 'namespace pattern % is a default and cannot be changed', quote_literal(namespace_pattern)
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Add a pattern of your own: a namespace that matches several has the category created last.';
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_check_not_default(name, text) IS
'Raises 55000 for a namespace pattern that every tenant has from its creation.';

CREATE FUNCTION @extschema@.koku_internal_check_category_text(value text, what text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF value IS NULL OR value = '' OR length(value) > 253 THEN
        RAISE EXCEPTION '% % is not allowed', what, coalesce(quote_literal(left(value, 64)), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use 1 to 253 characters.';
    -- The server refuses such a pattern only when it meets a namespace, which is in the middle of a summary.
    ELSIF what = 'namespace pattern' AND value ~ '^([^\\]|\\.)*\\$' THEN
        RAISE EXCEPTION '% % is not allowed', what, quote_literal(value)
            USING ERRCODE = 'invalid_escape_sequence', HINT = 'Write a backslash at the end twice.';
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_check_category_text(text, text) IS
'Raises 22023 for a category name or namespace pattern that is NULL, empty or over 253 characters, 22025 for a pattern that ends in an escape character.';

CREATE FUNCTION @extschema@.koku_set_cost_category(namespace_pattern text, category text, tenant name DEFAULT 'koku')
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed bigint;
BEGIN
    PERFORM @extschema@.koku_internal_check_tenant(tenant);
    PERFORM @extschema@.koku_internal_check_category_text(namespace_pattern, 'namespace pattern');
    PERFORM @extschema@.koku_internal_check_category_text(category, 'cost category');
    PERFORM @extschema@.koku_internal_check_not_default(tenant, namespace_pattern);
    EXECUTE format(
        'INSERT INTO %I.reporting_ocp_cost_category (name, description, source_type, system_default, label)'
        ' VALUES ($1, '''', ''OCP'', false, ''{}'') ON CONFLICT (name) DO NOTHING', tenant)
    USING category;
    EXECUTE format(
        'INSERT INTO %1$I.reporting_ocp_cost_category_namespace AS known (namespace, system_default, cost_category_id)'
        ' SELECT $1, false, category.id FROM %1$I.reporting_ocp_cost_category AS category WHERE category.name = $2'
        ' ON CONFLICT (namespace) DO UPDATE SET cost_category_id = excluded.cost_category_id'
        ' WHERE known.cost_category_id <> excluded.cost_category_id', tenant)
    USING namespace_pattern, category;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed = 0 THEN
        RETURN 0;
    END IF;
    RETURN @extschema@.koku_internal_request_category_summary(tenant, namespace_pattern);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_set_cost_category(text, text, name) IS
'Puts the namespaces of a pattern (as of LIKE: % any text, _ one character) into a cost category, which is created when absent; a pattern of another category moves. Asks for a new summary of the current month of the sources that have such a namespace and returns their number. Errors: 42704 unknown tenant, 22023 empty or over 253 characters, 22025 pattern that ends in an escape character, 55000 pattern that is a default.';

CREATE FUNCTION @extschema@.koku_unset_cost_category(namespace_pattern text, tenant name DEFAULT 'koku') RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    removed bigint;
BEGIN
    PERFORM @extschema@.koku_internal_check_tenant(tenant);
    PERFORM @extschema@.koku_internal_check_not_default(tenant, namespace_pattern);
    EXECUTE format('DELETE FROM %I.reporting_ocp_cost_category_namespace WHERE namespace = $1', tenant)
    USING namespace_pattern;
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF removed = 0 THEN
        RAISE EXCEPTION 'namespace pattern % does not exist', coalesce(quote_literal(namespace_pattern), 'NULL')
            USING ERRCODE = 'undefined_object',
                  HINT = format('See %I.reporting_ocp_cost_category_namespace for those that exist.', tenant);
    END IF;
    RETURN @extschema@.koku_internal_request_category_summary(tenant, namespace_pattern);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_unset_cost_category(text, name) IS
'Takes the namespaces of a pattern out of their cost category; the category stays. Asks for a new summary of the current month of the sources that have such a namespace and returns their number. Errors: 42704 unknown tenant or pattern, 55000 pattern that is a default.';

CREATE FUNCTION @extschema@.koku_rename_cost_category(category text, new_name text, tenant name DEFAULT 'koku') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed bigint;
    taken boolean;
BEGIN
    PERFORM @extschema@.koku_internal_check_tenant(tenant);
    PERFORM @extschema@.koku_internal_check_category_text(new_name, 'cost category');
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.reporting_ocp_cost_category WHERE name = $1)', tenant)
    INTO taken
    USING new_name;
    IF taken AND new_name <> category THEN
        RAISE EXCEPTION 'cost category % already exists', quote_literal(new_name)
            USING ERRCODE = 'duplicate_object',
                  HINT = 'Move its namespaces with koku_set_cost_category() instead.';
    END IF;
    EXECUTE format('UPDATE %I.reporting_ocp_cost_category SET name = $2 WHERE name = $1 AND NOT system_default', tenant)
    USING category, new_name;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed = 0 THEN
        RAISE EXCEPTION 'cost category % does not exist or is a default', coalesce(quote_literal(category), 'NULL')
            USING ERRCODE = 'undefined_object',
                  HINT = format('See %I.reporting_ocp_cost_category for those that exist.', tenant);
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_rename_cost_category(text, text, name) IS
'Renames a cost category; its namespaces and all summaries keep it, so nothing is summarized again. Errors: 42704 unknown tenant or category, or the default Platform, 22023 name empty or over 253 characters, 42710 name taken.';

-- Limits of the summary tables. No value that a report can hold makes a summary fail: numbers out of range are cut,
-- texts too long for an index are left out, and both are counted in a warning. Functions of numbers have no
-- search_path of their own, so that the planner can inline them; every name in them is qualified.

CREATE FUNCTION @extschema@.koku_internal_finite(value double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE WHEN $1 OPERATOR(pg_catalog.=) 'NaN'::pg_catalog.float8 THEN NULL
            WHEN $1 OPERATOR(pg_catalog.>) '1e30'::pg_catalog.float8 THEN '1e30'::pg_catalog.float8
            WHEN $1 OPERATOR(pg_catalog.<) '-1e30'::pg_catalog.float8 THEN '-1e30'::pg_catalog.float8
            ELSE $1 END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_finite(double precision) IS
'The value, cut at ±1e30 so that a sum cannot overflow; NULL for NaN.';

CREATE FUNCTION @extschema@.koku_internal_to_numeric(value double precision) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CAST(
    CASE WHEN $1 OPERATOR(pg_catalog.>) '999999999999999000'::pg_catalog.float8 THEN '999999999999999000'::pg_catalog.float8
         WHEN $1 OPERATOR(pg_catalog.<) '-999999999999999000'::pg_catalog.float8 THEN '-999999999999999000'::pg_catalog.float8
         ELSE $1 END AS pg_catalog.numeric(33,15));
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_to_numeric(double precision) IS
'The value in the type of the summary tables, with 15 significant digits (spec summary.md 3.7), cut at ±999999999999999000, the largest number of 15 digits that fits.';

CREATE FUNCTION @extschema@.koku_internal_in_range(value numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE WHEN $1 OPERATOR(pg_catalog.>) '999999999999999000'::pg_catalog.numeric THEN '999999999999999000'::pg_catalog.numeric
            WHEN $1 OPERATOR(pg_catalog.<) '-999999999999999000'::pg_catalog.numeric THEN '-999999999999999000'::pg_catalog.numeric
            ELSE $1 END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_in_range(numeric) IS
'The value, cut at ±999999999999999000, the largest number of 15 digits that fits.';

CREATE FUNCTION @extschema@.koku_internal_warn(number bigint, message text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF number > 0 THEN
        RAISE WARNING '% %', number, message;
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_warn(bigint, text) IS
'Raises a warning that begins with the count, unless it is 0.';

-- The statements of a summary run that stand for one table each: src/sql/summary.

INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (10, 'before', 'reporting_ocp_clusters', $statement$
-- One row: the cluster of a source (spec summary.md 2).
-- phase: before

-- Rows beyond the first come from other software; only the one with today's name stays.
WITH surplus AS (
    SELECT uuid FROM {tenant}.reporting_ocp_clusters
    WHERE provider_id = $1 AND cluster_alias IS DISTINCT FROM $6
      AND (SELECT count(*) FROM {tenant}.reporting_ocp_clusters WHERE provider_id = $1) > 1
), nodes AS (
    DELETE FROM {tenant}.reporting_ocp_nodes WHERE cluster_id IN (SELECT uuid FROM surplus)
), projects AS (
    DELETE FROM {tenant}.reporting_ocp_projects WHERE cluster_id IN (SELECT uuid FROM surplus)
), volumes AS (
    DELETE FROM {tenant}.reporting_ocp_pvcs WHERE cluster_id IN (SELECT uuid FROM surplus)
)
DELETE FROM {tenant}.reporting_ocp_clusters WHERE uuid IN (SELECT uuid FROM surplus);

UPDATE {tenant}.reporting_ocp_clusters SET cluster_alias = $6
WHERE provider_id = $1 AND cluster_alias IS DISTINCT FROM $6;

INSERT INTO {tenant}.reporting_ocp_clusters (uuid, cluster_id, cluster_alias, provider_id)
SELECT gen_random_uuid(), $5, $6, $1
WHERE NOT EXISTS (SELECT FROM {tenant}.reporting_ocp_clusters WHERE provider_id = $1);
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (11, 'before', 'reporting_ocp_nodes', $statement$
-- One row: a node of the cluster, with a capacity and a resource id it had (spec summary.md 2). Nodes without a label row
-- are not listed. Role and architecture stay once both are known.
-- phase: before

WITH pod AS (
    SELECT node, resource_id,
        CASE WHEN abs(max(node_capacity_cpu_cores)) < 1e15 THEN max(node_capacity_cpu_cores) END::numeric(18,2) AS capacity,
        coalesce(max(node_role COLLATE "C"),
            CASE WHEN bool_or(namespace = 'openshift-kube-apiserver') THEN 'master' END) AS role
    FROM {tenant}.openshift_pod_usage_line_items_daily
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
    GROUP BY node, resource_id
), label AS (
    SELECT node, bool_or(strpos(node_labels, '"node_role_kubernetes_io": "infra"') > 0) AS infra,
        nullif(btrim(max(lower(node_labels) COLLATE "C")), '')::jsonb->>'kubernetes_io_arch' AS architecture
    FROM {tenant}.openshift_node_labels_line_items_daily
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
    GROUP BY node
), found AS (
    SELECT cluster.uuid AS cluster_id, pod.node, pod.resource_id, pod.capacity, label.architecture,
        coalesce(pod.role, CASE WHEN label.infra THEN 'infra' ELSE 'worker' END) AS role
    FROM pod
    JOIN label USING (node)
    JOIN {tenant}.reporting_ocp_clusters AS cluster ON cluster.provider_id = $1
), updated AS (
    UPDATE {tenant}.reporting_ocp_nodes AS stored
    SET node_role = found.role, architecture = found.architecture
    FROM found
    WHERE stored.cluster_id = found.cluster_id AND stored.node = found.node
      AND stored.resource_id IS NOT DISTINCT FROM found.resource_id
      AND stored.node_capacity_cpu_cores IS NOT DISTINCT FROM found.capacity
      AND (coalesce(stored.node_role, '') = '' OR coalesce(stored.architecture, '') = '')
)
INSERT INTO {tenant}.reporting_ocp_nodes
    (uuid, node, resource_id, node_capacity_cpu_cores, node_role, architecture, cluster_id)
SELECT gen_random_uuid(), found.node, found.resource_id, found.capacity, found.role, found.architecture, found.cluster_id
FROM found
WHERE NOT EXISTS (
    SELECT FROM {tenant}.reporting_ocp_nodes AS stored
    WHERE stored.cluster_id = found.cluster_id AND stored.node = found.node
      AND stored.resource_id IS NOT DISTINCT FROM found.resource_id
      AND stored.node_capacity_cpu_cores IS NOT DISTINCT FROM found.capacity);
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (12, 'before', 'reporting_ocp_projects', $statement$
-- One row: a namespace of the cluster that had pods, with or without a node (spec summary.md 2).
-- phase: before

INSERT INTO {tenant}.reporting_ocp_projects (uuid, project, cluster_id)
SELECT gen_random_uuid(), found.namespace, cluster.uuid
FROM (SELECT DISTINCT namespace FROM {tenant}.openshift_pod_usage_line_items_daily
      WHERE source = $1::text AND usage_start BETWEEN $2 AND $3 AND namespace IS NOT NULL) AS found
JOIN {tenant}.reporting_ocp_clusters AS cluster ON cluster.provider_id = $1
WHERE NOT EXISTS (
    SELECT FROM {tenant}.reporting_ocp_projects AS stored
    WHERE stored.cluster_id = cluster.uuid AND stored.project = found.namespace);
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (13, 'before', 'reporting_ocp_pvcs', $statement$
-- One row: a volume of the cluster and the claim on it ('' when nobody claims it) (spec summary.md 2).
-- phase: before

WITH found AS (
    SELECT cluster.uuid AS cluster_id, volume.persistentvolume, volume.persistentvolumeclaim,
        max(volume.csi_volume_handle COLLATE "C") AS handle
    FROM {tenant}.openshift_storage_usage_line_items_daily AS volume
    JOIN {tenant}.reporting_ocp_clusters AS cluster ON cluster.provider_id = $1
    WHERE volume.source = $1::text AND volume.usage_start BETWEEN $2 AND $3
      AND volume.persistentvolume IS NOT NULL AND volume.persistentvolumeclaim IS NOT NULL
    GROUP BY cluster.uuid, volume.persistentvolume, volume.persistentvolumeclaim
), updated AS (
    UPDATE {tenant}.reporting_ocp_pvcs AS stored
    SET csi_volume_handle = found.handle
    FROM found
    WHERE stored.cluster_id = found.cluster_id AND stored.persistent_volume = found.persistentvolume
      AND stored.persistent_volume_claim = found.persistentvolumeclaim
      AND coalesce(stored.csi_volume_handle, '') = '' AND stored.csi_volume_handle IS DISTINCT FROM found.handle
)
INSERT INTO {tenant}.reporting_ocp_pvcs (uuid, persistent_volume, persistent_volume_claim, csi_volume_handle, cluster_id)
SELECT gen_random_uuid(), found.persistentvolume, found.persistentvolumeclaim, found.handle, found.cluster_id
FROM found
WHERE NOT EXISTS (
    SELECT FROM {tenant}.reporting_ocp_pvcs AS stored
    WHERE stored.cluster_id = found.cluster_id AND stored.persistent_volume = found.persistentvolume
      AND stored.persistent_volume_claim = found.persistentvolumeclaim);
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (15, 'before', 'koku_tag_key', $statement$
-- One row: a label key that stays in the summaries: the enabled ones, and the one that names a virtual machine (spec
-- summary.md 3.1).
-- phase: before

INSERT INTO pg_temp.koku_tag_key (key, enabled)
SELECT key, bool_or(enabled)
FROM (SELECT key, enabled FROM {tenant}.reporting_enabledtagkeys WHERE provider_type = 'OCP' AND enabled
      UNION ALL SELECT 'vm_kubevirt_io_name', false) AS kept
GROUP BY key;
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (16, 'before', 'koku_namespace_category', $statement$
-- One row: a namespace that has a cost category. Of several patterns that match, the category created last counts, and
-- its usage is counted once (spec summary.md 3.2).
-- phase: before

INSERT INTO pg_temp.koku_namespace_category (namespace, cost_category_id)
SELECT found.namespace, max(pattern.cost_category_id)
FROM (SELECT namespace FROM {tenant}.openshift_pod_usage_line_items_daily
      WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
      UNION
      SELECT namespace FROM {tenant}.openshift_storage_usage_line_items_daily
      WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
      UNION
      SELECT namespace FROM {tenant}.openshift_gpu_usage_line_items_daily
      WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
      UNION ALL VALUES ('Platform unallocated'), ('Worker unallocated')) AS found
JOIN {tenant}.reporting_ocp_cost_category_namespace AS pattern ON found.namespace LIKE pattern.namespace
GROUP BY found.namespace;
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (20, 'step', 'koku_label_text', $statement$
-- One row: a label text of the line items of these days, as JSON with the kept keys only (spec summary.md 3.1). A text
-- occurs on many lines and is parsed once.
-- phase: step

INSERT INTO pg_temp.koku_label_text (label_text, labels)
WITH found AS MATERIALIZED (
    SELECT row_number() OVER () AS number, label_text
    FROM (SELECT pod_labels FROM {tenant}.openshift_pod_usage_line_items_daily
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
          UNION
          SELECT label.text FROM {tenant}.openshift_storage_usage_line_items_daily,
              LATERAL (VALUES (persistentvolume_labels), (persistentvolumeclaim_labels)) AS label (text)
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
          UNION
          SELECT node_labels FROM {tenant}.openshift_node_labels_line_items_daily
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
          UNION
          SELECT namespace_labels FROM {tenant}.openshift_namespace_labels_line_items_daily
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3) AS line (label_text)
    WHERE label_text IS NOT NULL
), kept AS (
    SELECT found.number, jsonb_object_agg(entry.key, entry.value) AS labels
    FROM found, LATERAL jsonb_each_text(nullif(btrim(found.label_text), '')::jsonb) AS entry
    JOIN pg_temp.koku_tag_key AS tag ON tag.key = entry.key
    GROUP BY found.number
)
SELECT found.label_text, coalesce(kept.labels, '{}')
FROM found LEFT JOIN kept USING (number);
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (21, 'step', 'koku_label_set', $statement$
-- One row: the labels of a node or namespace on a day. They can change in the course of it: each key has the value of the
-- latest interval that has the key, at the same interval the greatest value (spec summary.md 3.1, improve).
-- phase: step

INSERT INTO pg_temp.koku_label_set (kind, usage_start, name, labels)
WITH delivered AS (
    SELECT 'node' AS kind, usage_start, node AS name, node_labels AS label_text, max(interval_start) AS latest
    FROM {tenant}.openshift_node_labels_line_items
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
    GROUP BY usage_start, node, node_labels
    UNION ALL
    SELECT 'namespace', usage_start, namespace, namespace_labels, max(interval_start)
    FROM {tenant}.openshift_namespace_labels_line_items
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
    GROUP BY usage_start, namespace, namespace_labels
), winner AS (
    SELECT DISTINCT ON (delivered.kind, delivered.usage_start, delivered.name, entry.key)
        delivered.kind, delivered.usage_start, delivered.name, entry.key, entry.value
    FROM delivered
    JOIN pg_temp.koku_label_text AS text USING (label_text),
        LATERAL jsonb_each_text(text.labels) AS entry
    ORDER BY delivered.kind, delivered.usage_start, delivered.name, entry.key,
        delivered.latest DESC NULLS LAST, entry.value COLLATE "C" DESC NULLS LAST
)
SELECT kind, usage_start, name, jsonb_object_agg(key, value)
FROM winner
GROUP BY kind, usage_start, name;
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (22, 'step', 'koku_node_capacity', $statement$
-- One row: the capacity of a node on a day, in core seconds and byte seconds: the capacity of each interval in which the
-- node had pods, added up. Repeated intervals count once (spec summary.md 3.3).
-- phase: step

INSERT INTO pg_temp.koku_node_capacity (usage_start, node, cpu_core_seconds, memory_byte_seconds)
SELECT usage_start, node,
    sum(@extschema@.koku_internal_finite(cpu_core_seconds)), sum(@extschema@.koku_internal_finite(memory_byte_seconds))
FROM (SELECT usage_start, node, interval_start, max(node_capacity_cpu_core_seconds) AS cpu_core_seconds,
          max(node_capacity_memory_byte_seconds) AS memory_byte_seconds
      FROM {tenant}.openshift_pod_usage_line_items
      WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
      GROUP BY usage_start, node, interval_start) AS interval
GROUP BY usage_start, node;
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (30, 'step', 'reporting_ocpusagelineitem_daily_summary_staging', $statement$
-- One row: a day of the pods of one namespace and node whose labels are equal (spec summary.md 3.4). Pods without a node
-- are left out.
-- phase: step

DELETE FROM {tenant}.reporting_ocpusagelineitem_daily_summary_staging
WHERE source = $1::text AND usage_start BETWEEN $2 AND $3;

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary_staging (
    source, source_uuid, report_period_id, cluster_id, cluster_alias, data_source, year, month, day,
    usage_start, usage_end, namespace, node, resource_id, pod_labels,
    pod_usage_cpu_core_hours, pod_request_cpu_core_hours, pod_effective_usage_cpu_core_hours, pod_limit_cpu_core_hours,
    pod_usage_memory_gigabyte_hours, pod_request_memory_gigabyte_hours,
    pod_effective_usage_memory_gigabyte_hours, pod_limit_memory_gigabyte_hours,
    node_capacity_cpu_cores, node_capacity_memory_gigabytes,
    node_capacity_cpu_core_hours, node_capacity_memory_gigabyte_hours,
    cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours,
    cost_category_id, infrastructure_usage_cost)
WITH line AS (
    SELECT usage_start, namespace, node, pod_labels, max(resource_id COLLATE "C") AS resource_id,
        sum(@extschema@.koku_internal_finite(pod_usage_cpu_core_seconds)) AS usage_cpu,
        sum(@extschema@.koku_internal_finite(pod_request_cpu_core_seconds)) AS request_cpu,
        sum(@extschema@.koku_internal_finite(coalesce(pod_effective_usage_cpu_core_seconds,
            greatest(pod_usage_cpu_core_seconds, pod_request_cpu_core_seconds)))) AS effective_cpu,
        sum(@extschema@.koku_internal_finite(pod_limit_cpu_core_seconds)) AS limit_cpu,
        sum(@extschema@.koku_internal_finite(pod_usage_memory_byte_seconds)) AS usage_memory,
        sum(@extschema@.koku_internal_finite(pod_request_memory_byte_seconds)) AS request_memory,
        sum(@extschema@.koku_internal_finite(coalesce(pod_effective_usage_memory_byte_seconds,
            greatest(pod_usage_memory_byte_seconds, pod_request_memory_byte_seconds)))) AS effective_memory,
        sum(@extschema@.koku_internal_finite(pod_limit_memory_byte_seconds)) AS limit_memory,
        max(node_capacity_cpu_cores) AS capacity_cores, max(node_capacity_memory_bytes) AS capacity_bytes
    FROM {tenant}.openshift_pod_usage_line_items_daily
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3 AND node <> ''
    GROUP BY usage_start, namespace, node, pod_labels
), pod AS (
    SELECT line.usage_start, line.namespace, line.node, max(line.resource_id) AS resource_id,
        coalesce(node_set.labels, '{}') || coalesce(namespace_set.labels, '{}') || coalesce(text.labels, '{}')
            AS merged_labels,
        sum(line.usage_cpu) AS usage_cpu, sum(line.request_cpu) AS request_cpu,
        sum(line.effective_cpu) AS effective_cpu, sum(line.limit_cpu) AS limit_cpu,
        sum(line.usage_memory) AS usage_memory, sum(line.request_memory) AS request_memory,
        sum(line.effective_memory) AS effective_memory, sum(line.limit_memory) AS limit_memory,
        max(line.capacity_cores) AS capacity_cores, max(line.capacity_bytes) AS capacity_bytes
    FROM line
    LEFT JOIN pg_temp.koku_label_text AS text ON text.label_text = line.pod_labels
    LEFT JOIN pg_temp.koku_label_set AS node_set
        ON node_set.kind = 'node' AND node_set.usage_start = line.usage_start AND node_set.name = line.node
    LEFT JOIN pg_temp.koku_label_set AS namespace_set
        ON namespace_set.kind = 'namespace' AND namespace_set.usage_start = line.usage_start
        AND namespace_set.name = line.namespace
    GROUP BY line.usage_start, line.namespace, line.node, merged_labels
), cluster_capacity AS (
    SELECT usage_start, sum(cpu_core_seconds) AS cpu_core_seconds, sum(memory_byte_seconds) AS memory_byte_seconds
    FROM pg_temp.koku_node_capacity
    GROUP BY usage_start
)
SELECT $1, $1, $4, $5, $6, 'Pod', to_char(pod.usage_start, 'FMYYYY'), to_char(pod.usage_start, 'FMMM'),
    to_char(pod.usage_start, 'FMDD'),
    pod.usage_start, pod.usage_start, pod.namespace, pod.node, pod.resource_id, pod.merged_labels,
    pod.usage_cpu / 3600, pod.request_cpu / 3600, pod.effective_cpu / 3600, pod.limit_cpu / 3600,
    pod.usage_memory / 3600 * 2 ^ -30, pod.request_memory / 3600 * 2 ^ -30,
    pod.effective_memory / 3600 * 2 ^ -30, pod.limit_memory / 3600 * 2 ^ -30,
    pod.capacity_cores, pod.capacity_bytes * 2 ^ -30,
    coalesce(node_capacity.cpu_core_seconds, 0) / 3600, coalesce(node_capacity.memory_byte_seconds, 0) / 3600 * 2 ^ -30,
    coalesce(cluster_capacity.cpu_core_seconds, 0) / 3600,
    coalesce(cluster_capacity.memory_byte_seconds, 0) / 3600 * 2 ^ -30,
    category.cost_category_id, '{usage cost}'
FROM pod
LEFT JOIN pg_temp.koku_node_capacity AS node_capacity USING (usage_start, node)
LEFT JOIN cluster_capacity USING (usage_start)
LEFT JOIN pg_temp.koku_namespace_category AS category USING (namespace);
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (31, 'step', 'reporting_ocpusagelineitem_daily_summary_staging', $statement$
-- One row: a day of a volume on the node whose pods mount it; node NULL when none does (spec summary.md 3.5). Request and
-- usage of a volume on several nodes are divided among them, its capacity is not.
-- phase: step

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary_staging (
    source, source_uuid, report_period_id, cluster_id, cluster_alias, data_source, year, month, day,
    usage_start, usage_end, namespace, node, resource_id,
    persistentvolumeclaim, persistentvolume, storageclass, csi_volume_handle, volume_labels,
    persistentvolumeclaim_capacity_gigabyte, persistentvolumeclaim_capacity_gigabyte_months,
    volume_request_storage_gigabyte_months, persistentvolumeclaim_usage_gigabyte_months,
    cost_category_id, infrastructure_usage_cost)
-- The node is that of the mounting pod; the node column of the storage report plays no part.
WITH mount AS MATERIALIZED (
    SELECT DISTINCT volume.usage_start, volume.persistentvolumeclaim, volume.persistentvolume, volume.pod, volume.namespace,
        pod.node, pod.resource_id
    FROM {tenant}.openshift_storage_usage_line_items_daily AS volume
    JOIN {tenant}.openshift_pod_usage_line_items_daily AS pod USING (source, namespace, pod, usage_start)
    WHERE volume.source = $1::text AND volume.usage_start BETWEEN $2 AND $3
      AND pod.source = $1::text AND pod.usage_start BETWEEN $2 AND $3
), spread AS (
    SELECT usage_start, persistentvolume, greatest(count(DISTINCT node), 1) AS nodes
    FROM mount
    GROUP BY usage_start, persistentvolume
), volume AS (
    SELECT line.usage_start, line.namespace, mount.node, mount.resource_id,
        line.persistentvolumeclaim, line.persistentvolume, line.storageclass, line.csi_volume_handle,
        coalesce(node_set.labels, '{}') || coalesce(namespace_set.labels, '{}')
            || coalesce(volume_text.labels, '{}') || coalesce(claim_text.labels, '{}') AS merged_labels,
        max(line.persistentvolumeclaim_capacity_bytes) AS capacity_bytes,
        sum(@extschema@.koku_internal_finite(line.persistentvolumeclaim_capacity_byte_seconds)) AS capacity,
        sum(@extschema@.koku_internal_finite(line.volume_request_storage_byte_seconds)) AS request,
        sum(@extschema@.koku_internal_finite(line.persistentvolumeclaim_usage_byte_seconds)) AS usage,
        coalesce(max(spread.nodes), 1) AS nodes
    FROM {tenant}.openshift_storage_usage_line_items_daily AS line
    -- by claim and pod, not by volume
    LEFT JOIN mount USING (usage_start, persistentvolumeclaim, pod, namespace)
    LEFT JOIN spread ON spread.usage_start = line.usage_start AND spread.persistentvolume = line.persistentvolume
    LEFT JOIN pg_temp.koku_label_set AS node_set
        ON node_set.kind = 'node' AND node_set.usage_start = line.usage_start AND node_set.name = mount.node
    LEFT JOIN pg_temp.koku_label_set AS namespace_set
        ON namespace_set.kind = 'namespace' AND namespace_set.usage_start = line.usage_start
        AND namespace_set.name = line.namespace
    LEFT JOIN pg_temp.koku_label_text AS volume_text ON volume_text.label_text = line.persistentvolume_labels
    LEFT JOIN pg_temp.koku_label_text AS claim_text ON claim_text.label_text = line.persistentvolumeclaim_labels
    WHERE line.source = $1::text AND line.usage_start BETWEEN $2 AND $3
    GROUP BY line.usage_start, line.namespace, mount.node, mount.resource_id,
        line.persistentvolumeclaim, line.persistentvolume, line.storageclass, line.csi_volume_handle, merged_labels
), month AS (
    SELECT (86400 * extract(day FROM date_trunc('month', $2::timestamp) + interval '1 month - 1 day'))::double precision
        AS seconds
)
SELECT $1, $1, $4, $5, $6, 'Storage', to_char(volume.usage_start, 'FMYYYY'), to_char(volume.usage_start, 'FMMM'),
    to_char(volume.usage_start, 'FMDD'),
    volume.usage_start, volume.usage_start, volume.namespace, volume.node, volume.resource_id,
    volume.persistentvolumeclaim, volume.persistentvolume, volume.storageclass, volume.csi_volume_handle, volume.merged_labels,
    volume.capacity_bytes * 2 ^ -30,
    volume.capacity / month.seconds * 2 ^ -30,
    volume.request / volume.nodes / month.seconds * 2 ^ -30,
    volume.usage / volume.nodes / month.seconds * 2 ^ -30,
    category.cost_category_id, '{usage cost}'
FROM volume
CROSS JOIN month
LEFT JOIN pg_temp.koku_namespace_category AS category USING (namespace);
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (32, 'step', 'reporting_ocpusagelineitem_daily_summary_staging', $statement$
-- One row: the capacity of a node on a day that its pods did not use or request; negative when they used more (spec
-- summary.md 3.6). The namespace says what kind of node it is, NULL when the role is unknown.
-- phase: step

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary_staging (
    source, source_uuid, report_period_id, cluster_id, cluster_alias, data_source, year, month, day,
    usage_start, usage_end, namespace, node, resource_id,
    pod_usage_cpu_core_hours, pod_request_cpu_core_hours, pod_effective_usage_cpu_core_hours,
    pod_usage_memory_gigabyte_hours, pod_request_memory_gigabyte_hours, pod_effective_usage_memory_gigabyte_hours,
    node_capacity_cpu_cores, node_capacity_cpu_core_hours,
    node_capacity_memory_gigabytes, node_capacity_memory_gigabyte_hours,
    cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours, cost_category_id)
-- Roles of this cluster only: another one may have a node of the same name (spec 3.6, improve).
WITH role AS (
    SELECT node.node, node.resource_id, max(node.node_role COLLATE "C") AS role
    FROM {tenant}.reporting_ocp_nodes AS node
    JOIN {tenant}.reporting_ocp_clusters AS cluster ON cluster.uuid = node.cluster_id
    WHERE cluster.provider_id = $1
    GROUP BY node.node, node.resource_id
), node AS (
    SELECT pod.usage_start, pod.node, max(pod.resource_id COLLATE "C") AS resource_id, max(role.role) AS role,
        sum(pod.pod_usage_cpu_core_hours) AS usage_cpu, sum(pod.pod_request_cpu_core_hours) AS request_cpu,
        sum(pod.pod_effective_usage_cpu_core_hours) AS effective_cpu,
        sum(pod.pod_usage_memory_gigabyte_hours) AS usage_memory, sum(pod.pod_request_memory_gigabyte_hours) AS request_memory,
        sum(pod.pod_effective_usage_memory_gigabyte_hours) AS effective_memory,
        max(pod.node_capacity_cpu_cores) AS cores, max(pod.node_capacity_cpu_core_hours) AS cpu,
        max(pod.node_capacity_memory_gigabytes) AS gigabytes, max(pod.node_capacity_memory_gigabyte_hours) AS memory,
        max(pod.cluster_capacity_cpu_core_hours) AS cluster_cpu,
        max(pod.cluster_capacity_memory_gigabyte_hours) AS cluster_memory
    FROM {tenant}.reporting_ocpusagelineitem_daily_summary_staging AS pod
    LEFT JOIN role USING (node, resource_id)
    WHERE pod.source = $1::text AND pod.usage_start BETWEEN $2 AND $3 AND pod.data_source = 'Pod'
      AND pod.namespace NOT IN ({special namespaces})
    GROUP BY pod.usage_start, pod.node
), unallocated AS (
    SELECT node.*, CASE WHEN node.role IN ('master', 'infra') THEN 'Platform unallocated'
                        WHEN node.role = 'worker' THEN 'Worker unallocated' END AS namespace
    FROM node
)
SELECT $1, $1, $4, $5, $6, 'Pod', to_char(usage_start, 'FMYYYY'), to_char(usage_start, 'FMMM'), to_char(usage_start, 'FMDD'),
    usage_start, usage_start, namespace, node, resource_id,
    cpu - usage_cpu, cpu - request_cpu, cpu - effective_cpu,
    memory - usage_memory, memory - request_memory, memory - effective_memory,
    cores, cpu, gigabytes, memory, cluster_cpu, cluster_memory, category.cost_category_id
FROM unallocated
LEFT JOIN pg_temp.koku_namespace_category AS category USING (namespace);
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (35, 'step', 'reporting_ocpusagelineitem_daily_summary', $statement$
-- One row: a day of pods, of a volume, or of the unallocated capacity of a node (spec summary.md 3.4 to 3.7): the staging
-- rows with exact numbers and JSON labels. Rows with cost from a cloud bill are not ours and stay.
-- phase: step

SELECT @extschema@.koku_internal_warn(count(*), 'rows of the daily summary have numbers out of range, which are cut')
FROM {tenant}.reporting_ocpusagelineitem_daily_summary_staging AS staged
WHERE staged.source = $1::text AND staged.usage_start BETWEEN $2 AND $3
  AND GREATEST(
    abs(pod_usage_cpu_core_hours), abs(pod_request_cpu_core_hours), abs(pod_effective_usage_cpu_core_hours),
    abs(pod_limit_cpu_core_hours), abs(pod_usage_memory_gigabyte_hours), abs(pod_request_memory_gigabyte_hours),
    abs(pod_effective_usage_memory_gigabyte_hours), abs(pod_limit_memory_gigabyte_hours), abs(node_capacity_cpu_cores),
    abs(node_capacity_cpu_core_hours), abs(node_capacity_memory_gigabytes), abs(node_capacity_memory_gigabyte_hours),
    abs(cluster_capacity_cpu_core_hours), abs(cluster_capacity_memory_gigabyte_hours),
    abs(persistentvolumeclaim_capacity_gigabyte), abs(persistentvolumeclaim_capacity_gigabyte_months),
    abs(volume_request_storage_gigabyte_months), abs(persistentvolumeclaim_usage_gigabyte_months))
    > {largest number}::double precision;

DELETE FROM {tenant}.reporting_ocpusagelineitem_daily_summary
WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3
  AND (infrastructure_raw_cost IS NULL OR infrastructure_raw_cost = 0);

INSERT INTO {tenant}.reporting_ocpusagelineitem_daily_summary (
    uuid, source_uuid, report_period_id, cluster_id, cluster_alias, data_source, usage_start, usage_end,
    namespace, node, resource_id, cost_category_id, infrastructure_usage_cost,
    pod_labels, volume_labels, all_labels,
    persistentvolumeclaim, persistentvolume, storageclass,
    pod_usage_cpu_core_hours, pod_request_cpu_core_hours,
    pod_effective_usage_cpu_core_hours, pod_limit_cpu_core_hours,
    pod_usage_memory_gigabyte_hours, pod_request_memory_gigabyte_hours,
    pod_effective_usage_memory_gigabyte_hours, pod_limit_memory_gigabyte_hours,
    node_capacity_cpu_cores, node_capacity_cpu_core_hours,
    node_capacity_memory_gigabytes, node_capacity_memory_gigabyte_hours,
    cluster_capacity_cpu_core_hours, cluster_capacity_memory_gigabyte_hours,
    persistentvolumeclaim_capacity_gigabyte, persistentvolumeclaim_capacity_gigabyte_months,
    volume_request_storage_gigabyte_months, persistentvolumeclaim_usage_gigabyte_months)
SELECT gen_random_uuid(), $1, $4, $5, $6, data_source, usage_start, usage_end,
    namespace, node, left(resource_id, 253), cost_category_id, CASE WHEN infrastructure_usage_cost IS NOT NULL THEN '{usage cost}'::jsonb END,
    labels.of_pod, labels.of_volume, coalesce(labels.of_pod, '{}') || coalesce(labels.of_volume, '{}'),
    persistentvolumeclaim, persistentvolume, left(storageclass, 253),
    @extschema@.koku_internal_to_numeric(pod_usage_cpu_core_hours),
    @extschema@.koku_internal_to_numeric(pod_request_cpu_core_hours),
    @extschema@.koku_internal_to_numeric(pod_effective_usage_cpu_core_hours),
    @extschema@.koku_internal_to_numeric(pod_limit_cpu_core_hours),
    @extschema@.koku_internal_to_numeric(pod_usage_memory_gigabyte_hours),
    @extschema@.koku_internal_to_numeric(pod_request_memory_gigabyte_hours),
    @extschema@.koku_internal_to_numeric(pod_effective_usage_memory_gigabyte_hours),
    @extschema@.koku_internal_to_numeric(pod_limit_memory_gigabyte_hours),
    @extschema@.koku_internal_to_numeric(node_capacity_cpu_cores),
    @extschema@.koku_internal_to_numeric(node_capacity_cpu_core_hours),
    @extschema@.koku_internal_to_numeric(node_capacity_memory_gigabytes),
    @extschema@.koku_internal_to_numeric(node_capacity_memory_gigabyte_hours),
    @extschema@.koku_internal_to_numeric(cluster_capacity_cpu_core_hours),
    @extschema@.koku_internal_to_numeric(cluster_capacity_memory_gigabyte_hours),
    @extschema@.koku_internal_to_numeric(persistentvolumeclaim_capacity_gigabyte),
    @extschema@.koku_internal_to_numeric(persistentvolumeclaim_capacity_gigabyte_months),
    @extschema@.koku_internal_to_numeric(volume_request_storage_gigabyte_months),
    @extschema@.koku_internal_to_numeric(persistentvolumeclaim_usage_gigabyte_months)
FROM {tenant}.reporting_ocpusagelineitem_daily_summary_staging,
    -- OFFSET 0: each text is parsed once, although it is used twice.
    LATERAL (SELECT pod_labels::jsonb AS of_pod, volume_labels::jsonb AS of_volume OFFSET 0) AS labels
WHERE source = $1::text AND usage_start BETWEEN $2 AND $3;
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (55, 'step', 'reporting_ocp_gpu_summary_p', $statement$
-- One row: a GPU, or a slice of one, that a namespace used on a day on a node (spec summary.md 5.6). Pods that share it
-- give one row. GPU memory is in decimal gigabytes.
-- phase: step

DELETE FROM {tenant}.reporting_ocp_gpu_summary_p WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3;

INSERT INTO {tenant}.reporting_ocp_gpu_summary_p (
    id, source_uuid, cluster_id, cluster_alias, usage_start, usage_end, namespace, node, vendor_name, model_name,
    gpu_uuid, mig_instance_id, gpu_count, memory_capacity_gb, mig_memory_capacity_gb, mig_slice_count, gpu_max_slices,
    mig_strategy, mig_profile, gpu_mode, cost_category_id)
SELECT gen_random_uuid(), $1, $5, $6, gpu.usage_start, gpu.usage_start, gpu.namespace, gpu.node,
    left(gpu.gpu_vendor_name, 128), left(gpu.gpu_model_name, 128), left(gpu.gpu_uuid, 128), left(gpu.mig_instance_id, 128),
    count(DISTINCT coalesce(gpu.mig_instance_id, gpu.gpu_uuid)),
    @extschema@.koku_internal_to_numeric(max(@extschema@.koku_internal_finite(gpu.gpu_memory_capacity_mib)) * 0.001048576),
    @extschema@.koku_internal_to_numeric(max(@extschema@.koku_internal_finite(gpu.mig_memory_capacity_mib)) * 0.001048576),
    max(gpu.mig_slice_count), max(gpu.gpu_max_slices), max(gpu.mig_strategy COLLATE "C"),
    nullif(gpu.mig_profile, ''), CASE WHEN gpu.mig_profile <> '' THEN 'MIG' ELSE 'dedicated' END,
    max(category.cost_category_id)
FROM {tenant}.openshift_gpu_usage_line_items AS gpu
LEFT JOIN pg_temp.koku_namespace_category AS category USING (namespace)
WHERE gpu.source = $1::text AND gpu.usage_start BETWEEN $2 AND $3
GROUP BY gpu.usage_start, gpu.namespace, gpu.node, gpu.gpu_vendor_name, gpu.gpu_model_name, gpu.mig_profile,
    gpu.mig_instance_id, gpu.gpu_uuid;
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (56, 'step', 'reporting_ocp_cost_breakdown_p', $statement$
-- One row: a branch in the tree of a day's cost. Without a cost model there is none: rows that software with a cost model
-- left for these days are removed (spec summary.md 4, 6.4).
-- phase: step

DELETE FROM {tenant}.reporting_ocp_cost_breakdown_p WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3;
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (60, 'after', 'koku_seen_label', $statement$
-- One row: a label that pods or volumes of a namespace and node had in the range, before tag mapping (spec summary.md 5.1,
-- 5.2: T). Rows without an enabled key do not count.
-- phase: after

INSERT INTO pg_temp.koku_seen_label (kind, key, value, namespace, node, enabled)
WITH line AS (
    SELECT data_source AS kind, namespace, node, coalesce(pod_labels, volume_labels) AS labels
    FROM {tenant}.reporting_ocpusagelineitem_daily_summary
    WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3
      AND data_source IN ('Pod', 'Storage') AND namespace IS NOT NULL
      AND (infrastructure_raw_cost IS NULL OR infrastructure_raw_cost = 0)
      AND (infrastructure_project_raw_cost IS NULL OR infrastructure_project_raw_cost = 0)
), label AS MATERIALIZED (
    -- Many lines have the same labels, which are taken apart once.
    SELECT row_number() OVER () AS number, labels
    FROM (SELECT DISTINCT labels FROM line) AS found
    WHERE labels ?| (SELECT array_agg(key) FROM pg_temp.koku_tag_key WHERE enabled)
), place AS (
    SELECT DISTINCT line.kind, line.namespace, line.node, label.number
    FROM line
    JOIN label USING (labels)
), entry AS (
    SELECT label.number, listed.key, listed.value, tag.enabled
    FROM label
    CROSS JOIN LATERAL jsonb_each_text(label.labels) AS listed
    LEFT JOIN pg_temp.koku_tag_key AS tag ON tag.key = listed.key
    WHERE listed.value IS NOT NULL
)
SELECT DISTINCT place.kind, entry.key, entry.value, place.namespace, place.node, entry.enabled
FROM place
JOIN entry USING (number);
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (70, 'after', 'reporting_ocpusagelineitem_daily_summary', $statement$
-- One row: as above; mapped child keys are renamed to their parent key (spec summary.md 5.4). A child whose own parent is
-- there too is dropped. The label tables, written before, show child keys.
-- phase: after

WITH mapping AS (
    SELECT child.key AS child, parent.key AS parent
    FROM {tenant}.reporting_tagmapping AS link
    JOIN {tenant}.reporting_enabledtagkeys AS child ON child.uuid = link.child_id
    JOIN {tenant}.reporting_enabledtagkeys AS parent ON parent.uuid = link.parent_id
    WHERE child.provider_type = 'OCP' AND child.enabled
), label AS MATERIALIZED (
    SELECT DISTINCT coalesce(line.pod_labels, line.volume_labels) AS labels
    FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3
      AND coalesce(line.pod_labels, line.volume_labels) ?| (SELECT array_agg(child::text) FROM mapping)
), mapped AS (
    -- Of two children of one parent the one later in the order of jsonb keys wins: the last in the aggregate.
    SELECT label.labels, jsonb_object_agg(coalesce(mapping.parent, entry.key), entry.value
            ORDER BY octet_length(entry.key), entry.key COLLATE "C")
        FILTER (WHERE mapping.parent IS NULL OR NOT label.labels ? mapping.parent) AS new_labels
    FROM label
    CROSS JOIN LATERAL jsonb_each(label.labels) AS entry
    LEFT JOIN mapping ON mapping.child = entry.key
    GROUP BY label.labels
)
UPDATE {tenant}.reporting_ocpusagelineitem_daily_summary AS line
SET pod_labels = CASE WHEN line.pod_labels IS NOT NULL THEN mapped.new_labels END,
    volume_labels = CASE WHEN line.pod_labels IS NULL THEN mapped.new_labels ELSE line.volume_labels END,
    all_labels = mapped.new_labels
FROM mapped
WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3
  AND coalesce(line.pod_labels, line.volume_labels) = mapped.labels;
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (71, 'after', 'koku_vm_request', $statement$
-- One row: a virtual machine on a node, one of its claims (NULL when it has none), and what it requests a day (spec
-- summary.md 5.5: W); here from the virtual machine report of the month's last interval.
-- phase: after

WITH reported AS MATERIALIZED (
    SELECT interval_start, vm_name, node, vm_persistentvolumeclaim_name AS claim,
        @extschema@.koku_internal_finite(vm_cpu_request_cores) AS cores,
        @extschema@.koku_internal_finite(vm_memory_request_bytes) AS bytes
    FROM {tenant}.openshift_vm_usage_line_items
    WHERE source = $1::text AND usage_start >= date_trunc('month', $2::timestamp)
      AND usage_start < date_trunc('month', $2::timestamp) + interval '1 month'
), present AS (
    SELECT vm_name, node, max(cores) * 24 AS cpu_core_hours, max(bytes) * 2 ^ -30 * 24 AS memory_gigabyte_hours
    FROM reported
    WHERE interval_start = (SELECT max(interval_start) FROM reported)
    GROUP BY vm_name, node
)
INSERT INTO pg_temp.koku_vm_request (vm_name, node, claim, cpu_core_hours, memory_gigabyte_hours)
SELECT present.vm_name, present.node, claim.claim,
    @extschema@.koku_internal_to_numeric(present.cpu_core_hours),
    @extschema@.koku_internal_to_numeric(present.memory_gigabyte_hours)
FROM present
JOIN (SELECT DISTINCT vm_name, claim FROM reported) AS claim USING (vm_name);
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (72, 'after', 'koku_vm_request', $statement$
-- One row: as above; for a source that never sent a virtual machine report, from the pods labelled with the name of a
-- machine.
-- phase: after

WITH day AS (
    SELECT min(usage_start) AS usage_start
    FROM (SELECT DISTINCT usage_start FROM {tenant}.reporting_ocpusagelineitem_daily_summary
          WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND pod_request_cpu_core_hours IS NOT NULL
          ORDER BY usage_start DESC LIMIT 2) AS latest
), machine AS (
    SELECT DISTINCT ON (line.pod_labels->>'vm_kubevirt_io_name') line.pod_labels->>'vm_kubevirt_io_name' AS vm_name,
        line.node, line.pod_request_cpu_core_hours AS cpu, line.pod_request_memory_gigabyte_hours AS memory
    FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line
    JOIN day USING (usage_start)
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3
      AND line.pod_labels->>'vm_kubevirt_io_name' IS NOT NULL
    ORDER BY line.pod_labels->>'vm_kubevirt_io_name', line.pod_labels::text COLLATE "C" DESC, line.node COLLATE "C" DESC
), pod AS MATERIALIZED (
    SELECT DISTINCT pod, pod_labels::jsonb->>'vm_kubevirt_io_name' AS vm_name
    FROM {tenant}.openshift_pod_usage_line_items_daily
    WHERE source = $1::text AND usage_start >= date_trunc('month', $2::timestamp)
      AND usage_start < date_trunc('month', $2::timestamp) + interval '1 month'
      AND strpos(pod_labels, '"vm_kubevirt_io_name"') > 0
), claim AS (
    -- by pod name, whatever the namespace
    SELECT DISTINCT pod.vm_name, volume.persistentvolumeclaim AS claim
    FROM pod
    JOIN {tenant}.openshift_storage_usage_line_items_daily AS volume USING (pod)
    WHERE volume.source = $1::text AND volume.usage_start >= date_trunc('month', $2::timestamp)
      AND volume.usage_start < date_trunc('month', $2::timestamp) + interval '1 month'
)
INSERT INTO pg_temp.koku_vm_request (vm_name, node, claim, cpu_core_hours, memory_gigabyte_hours)
SELECT machine.vm_name, machine.node, claim.claim, machine.cpu, machine.memory
FROM machine
LEFT JOIN claim USING (vm_name)
WHERE NOT EXISTS (SELECT FROM {tenant}.openshift_vm_usage_line_items_daily WHERE source = $1::text);
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (73, 'after', 'koku_vm_row', $statement$
-- One row: the cost of a virtual machine's pods over the range, with its labels and what it requests a day (spec
-- summary.md 5.5: P). Machines without cost have none.
-- phase: after

WITH day AS (
    SELECT min(usage_start) AS usage_start
    FROM (SELECT DISTINCT usage_start FROM {tenant}.reporting_ocpusagelineitem_daily_summary
          WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND pod_request_cpu_core_hours IS NOT NULL
          ORDER BY usage_start DESC LIMIT 2) AS latest
), label AS (
    SELECT DISTINCT ON (line.all_labels->>'vm_kubevirt_io_name') line.all_labels->>'vm_kubevirt_io_name' AS vm_name,
        line.pod_labels
    FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line
    JOIN day USING (usage_start)
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3
      AND line.all_labels->>'vm_kubevirt_io_name' IS NOT NULL
    ORDER BY line.all_labels->>'vm_kubevirt_io_name', line.pod_labels::text COLLATE "C" DESC NULLS LAST
), machine AS (
    SELECT request.vm_name, label.pod_labels, max(request.node COLLATE "C") AS node,
        max(request.cpu_core_hours) AS cpu_core_hours, max(request.memory_gigabyte_hours) AS memory_gigabyte_hours
    FROM pg_temp.koku_vm_request AS request
    JOIN label USING (vm_name)
    GROUP BY request.vm_name, label.pod_labels
)
INSERT INTO pg_temp.koku_vm_row (
    id, source_uuid, usage_start, usage_end, cluster_id, cluster_alias, namespace, node, vm_name, cost_model_rate_type,
    pod_labels, pod_request_cpu_core_hours, pod_request_memory_gigabyte_hours, resource_ids, {cost columns})
SELECT gen_random_uuid(), $1, min(line.usage_start), max(line.usage_start), line.cluster_id, line.cluster_alias,
    line.namespace, machine.node, machine.vm_name, line.cost_model_rate_type,
    machine.pod_labels, max(machine.cpu_core_hours), max(machine.memory_gigabyte_hours),
    array_agg(DISTINCT line.resource_id), {cost sums}
FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line
JOIN machine ON machine.vm_name = line.pod_labels->>'vm_kubevirt_io_name'
WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.data_source = 'Pod'
  AND (line.namespace IN ({special namespaces})) IS NOT TRUE
  AND coalesce(line.cost_model_cpu_cost, 0) + coalesce(line.cost_model_memory_cost, 0)
    + coalesce(line.cost_model_volume_cost, 0) + coalesce(line.distributed_cost, 0)
    + coalesce(line.infrastructure_raw_cost, 0) + coalesce(line.infrastructure_markup_cost, 0) <> 0
GROUP BY line.cluster_id, line.cluster_alias, line.namespace, machine.node, machine.vm_name, line.cost_model_rate_type,
    machine.pod_labels;
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (74, 'after', 'koku_vm_row', $statement$
-- One row: the share of a virtual machine in the distributed cost of its namespace and node over the range, by its part of
-- the effective use of the processor (spec summary.md 5.5: Q).
-- phase: after

WITH used AS (
    SELECT usage_start, namespace, node, sum(pod_effective_usage_cpu_core_hours) AS cpu
    FROM {tenant}.reporting_ocpusagelineitem_daily_summary
    WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND data_source = 'Pod'
    GROUP BY usage_start, namespace, node
), machine AS (
    -- The use of the namespace counts once for each row of the machine, as in the reference.
    SELECT line.usage_start, line.namespace, line.node, line.pod_labels->>'vm_kubevirt_io_name' AS vm_name,
        sum(line.pod_effective_usage_cpu_core_hours) / nullif(sum(used.cpu), 0) AS ratio
    FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line
    JOIN used USING (usage_start, namespace, node)
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3
      AND line.pod_labels->>'vm_kubevirt_io_name' IS NOT NULL
      AND line.pod_effective_usage_cpu_core_hours <> 0 AND line.pod_effective_usage_memory_gigabyte_hours <> 0
    GROUP BY line.usage_start, line.namespace, line.node, line.pod_labels->>'vm_kubevirt_io_name'
)
INSERT INTO pg_temp.koku_vm_row (
    id, source_uuid, usage_start, usage_end, cluster_id, cluster_alias, namespace, node, vm_name, cost_model_rate_type,
    pod_labels, distributed_cost)
SELECT gen_random_uuid(), $1, min(line.usage_start), max(line.usage_start), line.cluster_id, line.cluster_alias,
    line.namespace, line.node, machine.vm_name, line.cost_model_rate_type,
    line.pod_labels, @extschema@.koku_internal_in_range(sum(line.distributed_cost * machine.ratio))
FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line
JOIN machine USING (usage_start, namespace, node)
WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.distributed_cost <> 0
GROUP BY line.cluster_id, line.cluster_alias, line.namespace, line.node, machine.vm_name, line.cost_model_rate_type,
    line.pod_labels;
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (75, 'after', 'koku_vm_row', $statement$
-- One row: a claim of a virtual machine over the range, with the size and cost of its volume (spec summary.md 5.5: V).
-- Written with and without cost. Machine and claim meet by the name of the claim, whatever its namespace.
-- phase: after

WITH day AS (
    SELECT min(usage_start) AS usage_start
    FROM (SELECT DISTINCT usage_start FROM {tenant}.reporting_ocpusagelineitem_daily_summary
          WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND persistentvolumeclaim IS NOT NULL
          ORDER BY usage_start DESC LIMIT 2) AS latest
), labelled AS (
    SELECT DISTINCT ON (line.persistentvolumeclaim) line.persistentvolumeclaim AS claim, line.volume_labels
    FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line
    JOIN day USING (usage_start)
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.persistentvolumeclaim IS NOT NULL
    ORDER BY line.persistentvolumeclaim, line.volume_labels::text COLLATE "C" DESC NULLS LAST
), owned AS (
    SELECT claim, min(vm_name COLLATE "C") AS vm_name
    FROM pg_temp.koku_vm_request
    GROUP BY claim
), machine AS (
    SELECT DISTINCT ON (vm_name) vm_name, pod_labels
    FROM pg_temp.koku_vm_row
    ORDER BY vm_name, pod_labels::text COLLATE "C" DESC NULLS LAST
), claim AS (
    SELECT owned.claim, owned.vm_name, CASE
            WHEN labelled.volume_labels IS NULL THEN machine.pod_labels
            ELSE labelled.volume_labels || coalesce(machine.pod_labels, '{}')
        END AS labels
    FROM labelled
    JOIN owned USING (claim)
    LEFT JOIN machine USING (vm_name)
)
INSERT INTO pg_temp.koku_vm_row (
    id, source_uuid, usage_start, usage_end, cluster_id, cluster_alias, namespace, node, vm_name, cost_model_rate_type,
    pod_labels, persistentvolumeclaim, persistentvolumeclaim_capacity_gigabyte_months,
    persistentvolumeclaim_usage_gigabyte_months, storageclass, resource_ids, {cost columns})
SELECT gen_random_uuid(), $1, min(line.usage_start), max(line.usage_start), line.cluster_id, line.cluster_alias,
    line.namespace, max(line.node COLLATE "C"), claim.vm_name, line.cost_model_rate_type,
    claim.labels, line.persistentvolumeclaim, max(line.persistentvolumeclaim_capacity_gigabyte_months),
    max(line.persistentvolumeclaim_usage_gigabyte_months), max(line.storageclass COLLATE "C"),
    array_agg(DISTINCT line.resource_id), {cost sums}
FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line
JOIN claim ON claim.claim = line.persistentvolumeclaim
WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.data_source = 'Storage'
  AND line.node IS NOT NULL AND line.resource_id IS NOT NULL AND (line.namespace IN ({special namespaces})) IS NOT TRUE
GROUP BY line.cluster_id, line.cluster_alias, line.namespace, claim.vm_name, line.cost_model_rate_type,
    claim.labels, line.persistentvolumeclaim;
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (76, 'after', 'reporting_ocp_vm_summary_p', $statement$
-- One row: what a virtual machine (no claim) or one of its claims cost and held over the days usage_start to usage_end of
-- this run (spec summary.md 5.5).
-- phase: after

SELECT @extschema@.koku_internal_warn(count(*),
    'virtual machines are left out of the summary, because their names are too long together')
FROM pg_temp.koku_vm_row
WHERE octet_length(concat(cluster_id, namespace, node, vm_name, cost_model_rate_type, persistentvolumeclaim))
    > {longest index entry};

DELETE FROM {tenant}.reporting_ocp_vm_summary_p WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3;

INSERT INTO {tenant}.reporting_ocp_vm_summary_p
SELECT * FROM pg_temp.koku_vm_row
WHERE octet_length(concat(cluster_id, namespace, node, vm_name, cost_model_rate_type, persistentvolumeclaim))
    <= {longest index entry};
$statement$);
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement) VALUES (80, 'after', 'reporting_ocpusagereportperiod', $statement$
-- One row: a month of a source; here the times when it was summarized (spec summary.md 6.1). Without a cost model the cost
-- is derived when the summary is.
-- phase: after

UPDATE {tenant}.reporting_ocpusagereportperiod
SET summary_data_creation_datetime = coalesce(summary_data_creation_datetime, now()),
    summary_data_updated_datetime = now(),
    derived_cost_datetime = now()
WHERE id = $4;
$statement$);

-- The statements of eleven tables that dashboards read are one template: rows of the daily summary, grouped by day and
-- columns of the table's own, with some of the sets of measures (spec summary.md 4). What one row of a table means is said
-- in 22_catalogue_tables.sql.

CREATE FUNCTION @extschema@.koku_internal_measures(wanted text[], OUT columns text, OUT expressions text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT string_agg(measure.column_name, ', ' ORDER BY chosen.place, measure.position),
    string_agg(
        CASE measure.expression
            WHEN 'sum' THEN format('@extschema@.koku_internal_in_range(sum(line.%I))', measure.column_name)
            WHEN 'max' THEN format('max(line.%I)', measure.column_name)
            ELSE measure.expression
        END, E',\n    ' ORDER BY chosen.place, measure.position)
FROM unnest(wanted) WITH ORDINALITY AS chosen (name, place)
JOIN (VALUES
    ('cost', 1, 'infrastructure_raw_cost', 'sum'),
    ('cost', 2, 'infrastructure_markup_cost', 'sum'),
    ('cost', 3, 'cost_model_cpu_cost', 'sum'),
    ('cost', 4, 'cost_model_memory_cost', 'sum'),
    ('cost', 5, 'cost_model_volume_cost', 'sum'),
    ('cost', 6, 'cost_model_gpu_cost', 'sum'),
    ('cost', 7, 'distributed_cost', 'sum'),
    ('cost', 8, 'cost_category_id', 'max'),
    ('cost', 9, 'raw_currency', 'max'),
    ('resource', 1, 'resource_ids', 'array_agg(DISTINCT line.resource_id)'),
    ('resource', 2, 'resource_count', 'count(DISTINCT line.resource_id)'),
    ('resource', 3, 'data_source', 'max'),
    ('pod', 1, 'pod_usage_cpu_core_hours', 'sum'),
    ('pod', 2, 'pod_request_cpu_core_hours', 'sum'),
    ('pod', 3, 'pod_effective_usage_cpu_core_hours', 'sum'),
    ('pod', 4, 'pod_limit_cpu_core_hours', 'sum'),
    ('pod', 5, 'pod_usage_memory_gigabyte_hours', 'sum'),
    ('pod', 6, 'pod_request_memory_gigabyte_hours', 'sum'),
    ('pod', 7, 'pod_effective_usage_memory_gigabyte_hours', 'sum'),
    ('pod', 8, 'pod_limit_memory_gigabyte_hours', 'sum'),
    ('cluster capacity', 1, 'cluster_capacity_cpu_core_hours', 'max'),
    ('cluster capacity', 2, 'cluster_capacity_memory_gigabyte_hours', 'max'),
    ('node capacity', 1, 'node_capacity_cpu_cores', 'max'),
    ('node capacity', 2, 'node_capacity_cpu_core_hours', 'max'),
    ('node capacity', 3, 'node_capacity_memory_gigabytes', 'max'),
    ('node capacity', 4, 'node_capacity_memory_gigabyte_hours', 'max'),
    ('volume', 1, 'volume_request_storage_gigabyte_months', 'sum'),
    ('volume', 2, 'persistentvolumeclaim_usage_gigabyte_months', 'sum'),
    ('volume', 3, 'persistentvolumeclaim_capacity_gigabyte_months', 'sum'),
    ('network', 1, 'infrastructure_data_in_gigabytes', '@extschema@.koku_internal_in_range(sum(traffic.data_in))'),
    ('network', 2, 'infrastructure_data_out_gigabytes', '@extschema@.koku_internal_in_range(sum(traffic.data_out))')
) AS measure (name, position, column_name, expression) USING (name);
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_measures(text[]) IS
'The columns of sets of measures and the aggregates that fill them from rows of the daily summary called line.';

CREATE FUNCTION @extschema@.koku_internal_interface_statement(
    target text, group_columns text[], measures text[], source_rows text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
WITH grouping AS (
    SELECT string_agg(name, ', ' ORDER BY place) AS columns, string_agg('line.' || name, ', ' ORDER BY place) AS expressions
    FROM unnest(ARRAY['cluster_id', 'cluster_alias', 'usage_start', 'cost_model_rate_type'] || group_columns)
        WITH ORDINALITY AS member (name, place)
), source_row (name, joined, condition, extra_group) AS (
    VALUES
        ('all', '', '', ''),
        ('pod', '',
         ' AND line.data_source = ''Pod'' AND (line.namespace IN ({special namespaces})) IS NOT TRUE', ''),
        ('volume', '',
         ' AND line.data_source = ''Storage'' AND line.persistentvolumeclaim IS NOT NULL', ''),
        -- Each direction is a row of its own.
        ('network',
         ' CROSS JOIN LATERAL (VALUES (''in'', line.infrastructure_data_in_gigabytes, 0),'
         ' (''out'', 0, line.infrastructure_data_out_gigabytes)) AS traffic (direction, data_in, data_out)',
         ' AND line.data_source = ''Pod'' AND line.namespace = ''Network unattributed'''
         ' AND traffic.data_in IS NOT NULL AND traffic.data_out IS NOT NULL', ', traffic.direction')
)
SELECT format($template$
DELETE FROM {tenant}.%1$s WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3;

INSERT INTO {tenant}.%1$s (id, source_uuid, usage_end, %2$s, %3$s)
SELECT gen_random_uuid(), $1, line.usage_start, %4$s,
    %5$s
FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line%6$s
WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3%7$s
GROUP BY %4$s%8$s;
$template$, target, grouping.columns, measure.columns, grouping.expressions, measure.expressions,
    source_row.joined, source_row.condition, source_row.extra_group)
FROM grouping, source_row, @extschema@.koku_internal_measures(measures) AS measure
WHERE source_row.name = source_rows;
$function$;
COMMENT ON FUNCTION @extschema@.koku_internal_interface_statement(text, text[], text[], text) IS
'The statement that rebuilds one table for dashboards. group_columns: beside day, cluster and rate type. measures: sets of columns. source_rows: which rows of the daily summary take part: all, pod (no unallocated capacity), volume or network.';

INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement)
SELECT listed.position, 'step', listed.target,
    @extschema@.koku_internal_interface_statement(
        listed.target, listed.group_columns::text[], listed.measures::text[], listed.source_rows)
FROM (VALUES
    (40, 'reporting_ocp_cost_summary_p', '{}', '{cost}', 'all'),
    (41, 'reporting_ocp_cost_summary_by_node_p', '{node}', '{cost}', 'all'),
    (42, 'reporting_ocp_cost_summary_by_project_p', '{namespace}', '{cost}', 'all'),
    (43, 'reporting_ocp_pod_summary_p', '{}', '{cost,resource,pod,cluster capacity}', 'pod'),
    (44, 'reporting_ocp_pod_summary_by_node_p', '{node}', '{cost,resource,pod,cluster capacity,node capacity}', 'pod'),
    (45, 'reporting_ocp_pod_summary_by_project_p', '{namespace}', '{cost,resource,pod,cluster capacity}', 'pod'),
    (46, 'reporting_ocp_volume_summary_p', '{persistentvolumeclaim,storageclass}', '{cost,resource,volume}', 'volume'),
    (47, 'reporting_ocp_volume_summary_by_project_p', '{persistentvolumeclaim,storageclass,namespace}',
     '{cost,resource,volume}', 'volume'),
    (48, 'reporting_ocp_network_summary_p', '{}', '{cost,resource,network}', 'network'),
    (49, 'reporting_ocp_network_summary_by_node_p', '{node}', '{cost,resource,network}', 'network'),
    (50, 'reporting_ocp_network_summary_by_project_p', '{namespace}', '{cost,resource,network}', 'network')
) AS listed (position, target, group_columns, measures, source_rows);

-- The label summaries of pods and volumes are one template, the tag values of both another (spec summary.md 5.1 to 5.3).

INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement)
SELECT listed.position, 'after', listed.target, replace(replace($template$
-- Values of a key never shrink within a report period, unless the key is disabled.
DELETE FROM {tenant}.{target}
WHERE report_period_id = $4
  AND key IN (SELECT key FROM {tenant}.reporting_enabledtagkeys WHERE provider_type = 'OCP' AND NOT enabled);

SELECT @extschema@.koku_internal_warn(count(*),
    'labels are left out of {target}, because key, namespace and node are too long together')
FROM pg_temp.koku_seen_label
WHERE kind = '{kind}' AND enabled
  AND octet_length(concat(key, namespace, node)) > {longest index entry};

-- A node that is NULL equals NULL here, although not in the unique key of the table.
WITH found AS (
    -- Sorted once below the aggregate, not in every one of many small groups.
    SELECT key, namespace, node, array_agg(value) AS values
    FROM (SELECT key, namespace, node, value FROM pg_temp.koku_seen_label
          WHERE kind = '{kind}' AND enabled
            AND octet_length(concat(key, namespace, node)) <= {longest index entry}
          ORDER BY key, namespace, node, value) AS seen
    GROUP BY key, namespace, node
), stored AS (
    SELECT uuid, key, namespace, node, values FROM {tenant}.{target} WHERE report_period_id = $4
), updated AS (
    UPDATE {tenant}.{target} AS label
    SET values = ARRAY(SELECT DISTINCT value FROM unnest(stored.values || found.values) AS value ORDER BY value)
    FROM stored
    JOIN found ON found.key = stored.key AND found.namespace = stored.namespace
        AND coalesce(found.node, '') = coalesce(stored.node, '') AND (found.node IS NULL) = (stored.node IS NULL)
    WHERE label.uuid = stored.uuid AND NOT stored.values @> found.values
)
INSERT INTO {tenant}.{target} (uuid, key, values, namespace, node, report_period_id)
SELECT gen_random_uuid(), found.key, found.values, found.namespace, found.node, $4
FROM found
LEFT JOIN stored ON found.key = stored.key AND found.namespace = stored.namespace
    AND coalesce(found.node, '') = coalesce(stored.node, '') AND (found.node IS NULL) = (stored.node IS NULL)
WHERE stored.uuid IS NULL;
$template$, '{target}', listed.target), '{kind}', listed.kind)
FROM (VALUES
    (61, 'reporting_ocpusagepodlabel_summary', 'Pod'),
    (62, 'reporting_ocpstoragevolumelabel_summary', 'Storage')
) AS listed (position, target, kind);

INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement)
SELECT listed.position, 'after', 'reporting_ocptags_values', replace(replace($template$
SELECT @extschema@.koku_internal_lock_shared_rows($7);

DELETE FROM {tenant}.reporting_ocptags_values
WHERE key IN (SELECT key FROM {tenant}.reporting_enabledtagkeys WHERE provider_type = 'OCP' AND NOT enabled);

SELECT @extschema@.koku_internal_warn(count(DISTINCT (key, value)),
    'tag values are left out of reporting_ocptags_values, because key and value are too long together')
FROM pg_temp.koku_seen_label
WHERE kind = '{kind}' AND octet_length(concat(key, value)) > {longest index entry};

-- The values that this run saw, with everything that other sources of the tenant have under the same key and value.
WITH pair AS MATERIALIZED (
    SELECT DISTINCT key, value
    FROM pg_temp.koku_seen_label AS seen
    WHERE kind = '{kind}' AND octet_length(concat(key, value)) <= {longest index entry}
      AND NOT EXISTS (SELECT FROM {tenant}.reporting_enabledtagkeys AS known
                      WHERE known.provider_type = 'OCP' AND NOT known.enabled AND known.key = seen.key)
), place AS MATERIALIZED (
    SELECT key, value, $5 AS cluster_id, $6 AS cluster_alias, namespace, node
    FROM pg_temp.koku_seen_label
    JOIN pair USING (key, value)
    WHERE kind = '{kind}'
    UNION ALL
    SELECT label.key, listed.value, period.cluster_id, period.cluster_alias, label.namespace, label.node
    FROM {tenant}.reporting_ocpusagereportperiod AS period
    JOIN {tenant}.{label table} AS label ON label.report_period_id = period.id
    CROSS JOIN LATERAL unnest(label.values) AS listed (value)
    JOIN pair ON pair.key = label.key AND pair.value = listed.value
    WHERE period.provider_id <> $1
), cluster AS (
    SELECT key, value, array_agg(DISTINCT cluster_id ORDER BY cluster_id) AS ids,
        coalesce(array_agg(DISTINCT cluster_alias ORDER BY cluster_alias) FILTER (WHERE cluster_alias IS NOT NULL), '{}')
            AS aliases
    FROM (SELECT DISTINCT key, value, cluster_id, cluster_alias FROM place) AS seen
    GROUP BY key, value
), namespace AS (
    SELECT key, value, array_agg(namespace ORDER BY namespace) AS names
    FROM (SELECT DISTINCT key, value, namespace FROM place) AS seen
    GROUP BY key, value
), node AS (
    SELECT key, value, array_agg(node ORDER BY node) AS names
    FROM (SELECT DISTINCT key, value, node FROM place) AS seen
    GROUP BY key, value
)
INSERT INTO {tenant}.reporting_ocptags_values AS stored
    (uuid, key, value, cluster_ids, cluster_aliases, namespaces, nodes)
SELECT gen_random_uuid(), key, value, cluster.ids, cluster.aliases, namespace.names, node.names
FROM cluster
JOIN namespace USING (key, value)
JOIN node USING (key, value)
ON CONFLICT (key, value) DO UPDATE
SET cluster_ids = excluded.cluster_ids, cluster_aliases = excluded.cluster_aliases,
    namespaces = excluded.namespaces, nodes = excluded.nodes
WHERE (stored.cluster_ids, stored.cluster_aliases, stored.namespaces, stored.nodes)
    IS DISTINCT FROM (excluded.cluster_ids, excluded.cluster_aliases, excluded.namespaces, excluded.nodes);
$template$, '{label table}', listed.label_table), '{kind}', listed.kind)
FROM (VALUES
    (63, 'reporting_ocpusagepodlabel_summary', 'Pod'),
    (64, 'reporting_ocpstoragevolumelabel_summary', 'Storage')
) AS listed (position, label_table, kind);

-- Fragments that several statements share.

UPDATE @extschema@.koku_summary_statement
SET statement = replace(replace(replace(replace(replace(replace(statement,
        '{cost columns}', measure.columns),
        '{cost sums}', measure.expressions),
        '{special namespaces}',
        '''Worker unallocated'', ''Platform unallocated'', ''Network unattributed'', ''Storage unattributed'''),
        '{usage cost}', '{"cpu": 0.000000000, "memory": 0.000000000, "storage": 0.000000000}'),
        -- the largest number of 15 significant digits that the type of all measures, numeric(33,15), holds
        '{largest number}', '999999999999999000'),
        -- Bytes that the texts of an index entry may have together: a B-tree takes a third of a page, less headers.
        '{longest index entry}', (pg_catalog.current_setting('block_size')::integer / 3 - 130)::text)
FROM @extschema@.koku_internal_measures('{cost}') AS measure;

-- Temporary tables that the statements of a run share; src/sql/summary says what one row of each means.

CREATE FUNCTION @extschema@.koku_internal_create_working_tables(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
BEGIN
    -- Those of an earlier run of the same transaction, and whatever else has the names in this session.
    DROP TABLE IF EXISTS pg_temp.koku_tag_key, pg_temp.koku_namespace_category, pg_temp.koku_label_text,
        pg_temp.koku_label_set, pg_temp.koku_node_capacity, pg_temp.koku_seen_label, pg_temp.koku_vm_request,
        pg_temp.koku_vm_row;

    CREATE TEMPORARY TABLE koku_tag_key (key text NOT NULL, enabled boolean NOT NULL) ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_namespace_category (namespace text NOT NULL, cost_category_id integer NOT NULL)
        ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_label_text (label_text text NOT NULL, labels jsonb NOT NULL) ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_label_set (
        kind text NOT NULL, usage_start date NOT NULL, name text, labels jsonb NOT NULL) ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_node_capacity (
        usage_start date NOT NULL, node text, cpu_core_seconds double precision, memory_byte_seconds double precision)
        ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_seen_label (
        kind text NOT NULL, key text NOT NULL, value text NOT NULL, namespace text NOT NULL, node text, enabled boolean)
        ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_vm_request (
        vm_name text, node text, claim text, cpu_core_hours numeric, memory_gigabyte_hours numeric) ON COMMIT DROP;
    EXECUTE format('CREATE TEMPORARY TABLE koku_vm_row (LIKE %I.reporting_ocp_vm_summary_p) ON COMMIT DROP', tenant);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_create_working_tables(name) IS
'Makes the temporary tables of a summary run, empty.';

-- Statistics of the partitions that a summary reads, so that the planner need not guess about rows that were just loaded.

CREATE FUNCTION @extschema@.koku_internal_has_stale_statistics(partition regclass) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
-- The size alone says too little: pg_class keeps it when the transaction that gathered the statistics fails.
SELECT pg_relation_size(relation.oid) / current_setting('block_size')::bigint > relation.relpages * 1.1
    OR (relation.relpages > 0 AND NOT EXISTS (
        SELECT FROM pg_stats
        WHERE schemaname = relation.relnamespace::regnamespace::name AND tablename = relation.relname))
FROM pg_class AS relation
WHERE relation.oid = partition;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_has_stale_statistics(regclass) IS
'Whether a table has no statistics or has grown by a tenth since they were gathered.';

CREATE FUNCTION @extschema@.koku_internal_analyze(tenant name, month date, kinds text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
-- A partition that another session analyzes at the moment is passed over with a warning, which helps nobody.
SET client_min_messages = error
AS $$
DECLARE
    stale record;
BEGIN
    FOR stale IN
        SELECT partition.relation, input.columns
        -- The columns that the statements filter, join and group by.
        FROM (VALUES
            ('openshift_pod_usage_line_items', 'source, usage_start, interval_start, node'),
            ('openshift_pod_usage_line_items_daily', 'source, usage_start, namespace, node, pod, pod_labels'),
            ('openshift_storage_usage_line_items_daily',
             'source, usage_start, namespace, pod, persistentvolumeclaim, persistentvolume'),
            ('openshift_node_labels_line_items', 'source, usage_start, node, node_labels'),
            ('openshift_namespace_labels_line_items', 'source, usage_start, namespace, namespace_labels'),
            ('openshift_vm_usage_line_items', 'source, usage_start, interval_start, vm_name'),
            ('openshift_gpu_usage_line_items', 'source, usage_start'),
            ('reporting_ocpusagelineitem_daily_summary',
             'source_uuid, usage_start, data_source, namespace, node, persistentvolumeclaim, storageclass,'
             ' infrastructure_raw_cost, infrastructure_project_raw_cost')
        ) AS input (table_name, columns)
        JOIN @extschema@.koku_catalogue_table AS catalogue USING (table_name),
            LATERAL to_regclass(format('%I.%I', tenant,
                @extschema@.koku_internal_partition_name(input.table_name, month))) AS partition (relation)
        WHERE catalogue.kind = ANY (kinds) AND @extschema@.koku_internal_has_stale_statistics(partition.relation)
          -- Others may not analyze it.
          AND pg_has_role((SELECT relowner FROM pg_class WHERE oid = partition.relation), 'USAGE')
    LOOP
        EXECUTE format('ANALYZE (SKIP_LOCKED) %s (%s)', stale.relation, stale.columns);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_analyze(name, date, text[]) IS
'Gathers statistics of the month''s partitions of tables of these kinds (of koku_catalogue_table) that a summary reads, where they are stale.';

-- The summary of a source: cut by month, a month in steps of days, a step by the statements of koku_summary_statement.

CREATE FUNCTION @extschema@.koku_internal_run_phase(
    phase text, source uuid, first_day date, last_day date, report_period integer, cluster_id text, cluster_alias text,
    tenant name)
RETURNS TABLE ("position" integer, target text, rows bigint, seconds numeric)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    listed record;
    started timestamptz;
BEGIN
    FOR listed IN
        SELECT statement.position, statement.target, statement.target LIKE 'koku\_%' AS working,
            replace(statement.statement, '{tenant}', quote_ident(tenant)) AS text
        FROM @extschema@.koku_summary_statement AS statement
        WHERE statement.phase = koku_internal_run_phase.phase
        ORDER BY statement.position
    LOOP
        started := clock_timestamp();
        EXECUTE listed.text USING source, first_day, last_day, report_period, cluster_id, cluster_alias, tenant;
        GET DIAGNOSTICS rows = ROW_COUNT;
        IF listed.working THEN
            EXECUTE format('ANALYZE pg_temp.%I', listed.target);
        ELSIF listed.target = 'reporting_ocpusagelineitem_daily_summary' THEN
            PERFORM @extschema@.koku_internal_analyze(tenant, first_day, ARRAY['daily summary']);
        END IF;
        position := listed.position;
        target := listed.target;
        seconds := extract(epoch FROM clock_timestamp() - started);
        RETURN NEXT;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_run_phase(text, uuid, date, date, integer, text, text, name) IS
'Runs the statements of a phase in their order. Their parameters: $1 source (uuid), $2 first and $3 last day (date) of the step or range, $4 id of the report period (integer), $5 cluster id, $6 cluster alias (text), $7 tenant (name).';

CREATE FUNCTION @extschema@.koku_internal_steps(first_day date, last_day date, days_per_step integer)
RETURNS TABLE (number bigint, first_day_in_step date, last_day_in_step date)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
-- The first step has a day more than the others.
SELECT row_number() OVER (ORDER BY start), first_day + start + CASE start WHEN 0 THEN 0 ELSE 1 END,
    least(first_day + start + days_per_step, last_day)
FROM generate_series(0, greatest(last_day - first_day - 1, 0), days_per_step) AS start;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_steps(date, date, integer) IS
'The steps in which a range of days is summarized (spec summary.md 1.4): with 5 days a step, 3..31 gives 3-8, 9-13, 14-18, 19-23, 24-28, 29-31.';

CREATE FUNCTION @extschema@.koku_internal_summary_days_per_step() RETURNS integer
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT greatest(coalesce(nullif(current_setting('koku_onprem.summary_days_per_step', true), '')::integer, 5), 1);
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_summary_days_per_step() IS
'The setting koku_onprem.summary_days_per_step; 5 before the library is loaded.';

CREATE FUNCTION @extschema@.koku_internal_has_daily_rows(tenant name, source uuid, first_day date, last_day date)
RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    listed record;
    found_row boolean;
BEGIN
    FOR listed IN SELECT table_name FROM @extschema@.koku_catalogue_table WHERE kind = 'daily' ORDER BY position LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I WHERE source = $1::text AND usage_start BETWEEN $2 AND $3)',
            tenant, listed.table_name)
        INTO found_row
        USING source, first_day, last_day;
        IF found_row THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_has_daily_rows(name, uuid, date, date) IS
'Whether a source has daily line items of any type in the range.';

CREATE FUNCTION @extschema@.koku_internal_has_report_period(tenant name, source uuid, month date) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_row boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.reporting_ocpusagereportperiod'
        ' WHERE provider_id = $1 AND report_period_start = $2)', tenant)
    INTO found_row
    USING source, month::timestamp AT TIME ZONE 'UTC';
    RETURN found_row;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_has_report_period(name, uuid, date) IS
'Whether a source has a report period that begins on the first day of a month.';

CREATE FUNCTION @extschema@.koku_internal_summarize_month(source uuid, first_day date, last_day date)
RETURNS TABLE (first_day_done date, last_day_done date, "position" integer, target text, rows bigint, seconds numeric)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
-- The joins are equalities of sets that are large together. A hash join of them is never far from the best, while a
-- planner that takes one side for a single row would compare all pairs. Hash tables hold the labels and pods of a step.
SET enable_nestloop = off
SET enable_mergejoin = off
SET work_mem = '64MB'
-- Compiling these statements takes longer than running them.
SET jit = off
AS $$
DECLARE
    owner @extschema@.koku_source := @extschema@.koku_internal_check_source(source);
    report_period integer := @extschema@.koku_internal_ensure_report_period(source, first_day);
    start_day date;
    step record;
    steps bigint;
    started timestamptz;
    summarized bigint;
BEGIN
    -- Days before the first day with pods are not summarized (spec summary.md 1.2, step 6).
    EXECUTE format('SELECT coalesce(min(usage_start), $2) FROM %I.openshift_pod_usage_line_items_daily'
        ' WHERE source = $1::text AND usage_start BETWEEN $2 AND $3', owner.tenant)
    INTO start_day
    USING source, first_day, last_day;

    PERFORM @extschema@.koku_internal_create_working_tables(owner.tenant);
    PERFORM @extschema@.koku_internal_analyze(owner.tenant, first_day, ARRAY['raw', 'daily']);
    first_day_done := start_day;
    last_day_done := last_day;

    FOR position, target, rows, seconds IN
        SELECT * FROM @extschema@.koku_internal_run_phase(
            'before', source, start_day, last_day, report_period, owner.cluster_id, owner.name, owner.tenant)
    LOOP
        RETURN NEXT;
    END LOOP;

    SELECT count(*) INTO steps
    FROM @extschema@.koku_internal_steps(start_day, last_day, @extschema@.koku_internal_summary_days_per_step());
    FOR step IN
        SELECT * FROM @extschema@.koku_internal_steps(
            start_day, last_day, @extschema@.koku_internal_summary_days_per_step())
    LOOP
        started := clock_timestamp();
        TRUNCATE pg_temp.koku_label_text, pg_temp.koku_label_set, pg_temp.koku_node_capacity;
        FOR position, target, rows, seconds IN
            SELECT * FROM @extschema@.koku_internal_run_phase(
                'step', source, step.first_day_in_step, step.last_day_in_step, report_period, owner.cluster_id, owner.name,
                owner.tenant)
        LOOP
            IF target = 'reporting_ocpusagelineitem_daily_summary' THEN
                summarized := rows;
            END IF;
            RETURN NEXT;
        END LOOP;
        RAISE NOTICE 'cluster %: summarized % to %, step % of %, % rows in % s', quote_literal(owner.cluster_id),
            step.first_day_in_step, step.last_day_in_step, step.number, steps, summarized,
            round(extract(epoch FROM clock_timestamp() - started)::numeric, 2);
    END LOOP;

    FOR position, target, rows, seconds IN
        SELECT * FROM @extschema@.koku_internal_run_phase(
            'after', source, start_day, last_day, report_period, owner.cluster_id, owner.name, owner.tenant)
    LOOP
        RETURN NEXT;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_summarize_month(uuid, date, date) IS
'Rebuilds the summary of days of one month; one row a statement and step. The caller holds the lock on the source and has made the partitions.';

CREATE FUNCTION @extschema@.koku_summarize(source uuid, first date, last date DEFAULT NULL)
RETURNS TABLE (first_day date, last_day date, target text, rows bigint, seconds numeric)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner @extschema@.koku_source := @extschema@.koku_internal_check_source(source);
    until date := coalesce(last, @extschema@.koku_internal_today());
    months date[];
    piece record;
BEGIN
    IF first IS NULL OR NOT isfinite(first) OR NOT isfinite(until) OR first > until THEN
        RAISE EXCEPTION 'no days from % to %', coalesce(first::text, 'NULL'), until
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give the first day and, after it, the last day.';
    END IF;
    PERFORM @extschema@.koku_internal_lock_source(source);

    SELECT array_agg(cut.month ORDER BY cut.month) INTO months
    FROM @extschema@.koku_internal_months(first, until) AS cut
    WHERE @extschema@.koku_internal_has_report_period(owner.tenant, source, cut.month)
       OR @extschema@.koku_internal_has_daily_rows(owner.tenant, source, cut.first_day_in_month, cut.last_day_in_month);
    -- All of them before any row that sources share is written (30_locks.sql).
    PERFORM @extschema@.koku_internal_ensure_partition(owner.tenant, catalogue.table_name::name, month)
    FROM @extschema@.koku_catalogue_table AS catalogue, unnest(months) AS month
    WHERE catalogue.kind IN ('staging', 'daily summary', 'interface');

    FOR piece IN
        SELECT cut.* FROM @extschema@.koku_internal_months(first, until) AS cut WHERE cut.month = ANY (months)
    LOOP
        RETURN QUERY
        SELECT done.first_day_done, done.last_day_done, done.target, sum(done.rows)::bigint, round(sum(done.seconds), 3)
        FROM @extschema@.koku_internal_summarize_month(source, piece.first_day_in_month, piece.last_day_in_month) AS done
        GROUP BY done.first_day_done, done.last_day_done, done.target
        ORDER BY min(done.position);
    END LOOP;
    IF months IS NULL THEN
        RAISE NOTICE 'cluster % has no data from % to %', quote_literal(owner.cluster_id), first, until;
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_summarize(uuid, date, date) IS
'Rebuilds the summary of a source from the first to the last day (NULL: today) in one transaction, month by month, and returns for each month and table the days, the rows written and the seconds it took (tables named koku_ are temporary). Days before the first day with pods and months without data are passed over. Waits while another transaction writes rows of the source. Errors: 42704 unknown source, 22023 no days in the range.';

CREATE FUNCTION @extschema@.koku_internal_first_day(year integer, month integer) RETURNS date
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF year IS NULL OR month IS NULL OR year NOT BETWEEN 1 AND 9999 OR month NOT BETWEEN 1 AND 12 THEN
        RAISE EXCEPTION 'there is no month % of year %', coalesce(month::text, 'NULL'), coalesce(year::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN make_date(year, month, 1);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_first_day(integer, integer) IS
'The first day of a month; raises 22023 when there is no such month.';

CREATE FUNCTION @extschema@.koku_summarize(source uuid, year integer, month integer)
RETURNS TABLE (first_day date, last_day date, target text, rows bigint, seconds numeric)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    start_day date := @extschema@.koku_internal_first_day(year, month);
BEGIN
    RETURN QUERY
    SELECT * FROM @extschema@.koku_summarize(source, start_day, (start_day + interval '1 month')::date - 1);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_summarize(uuid, integer, integer) IS
'Rebuilds the summary of a source for a whole month, as koku_summarize() of its first and last day. Errors: 42704 unknown source, 22023 no such month.';

-- Checks what a summary must conserve.

CREATE FUNCTION @extschema@.koku_internal_check_conservation(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (day date, measure text, raw double precision, daily double precision, summary double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    -- Sums of raw and of daily line items in the units of the daily summary.
    line_items text := $sums$
        SELECT total.usage_start AS day, measure.name, measure.value
        FROM (
            SELECT usage_start,
                sum(@extschema@.koku_internal_finite(pod_usage_cpu_core_seconds)) / 3600 AS usage_cpu,
                sum(@extschema@.koku_internal_finite(pod_request_cpu_core_seconds)) / 3600 AS request_cpu,
                sum(@extschema@.koku_internal_finite(pod_effective_usage_cpu_core_seconds)) / 3600 AS effective_cpu,
                sum(@extschema@.koku_internal_finite(pod_limit_cpu_core_seconds)) / 3600 AS limit_cpu,
                sum(@extschema@.koku_internal_finite(pod_usage_memory_byte_seconds)) / 3600 * 2 ^ -30 AS usage_memory,
                sum(@extschema@.koku_internal_finite(pod_request_memory_byte_seconds)) / 3600 * 2 ^ -30 AS request_memory,
                sum(@extschema@.koku_internal_finite(pod_effective_usage_memory_byte_seconds)) / 3600 * 2 ^ -30
                    AS effective_memory,
                sum(@extschema@.koku_internal_finite(pod_limit_memory_byte_seconds)) / 3600 * 2 ^ -30 AS limit_memory
            FROM {tenant}.{table}
            WHERE source = $1::text AND usage_start BETWEEN $2 AND $3 AND node <> ''
            GROUP BY usage_start) AS total,
            LATERAL (VALUES
                ('pod_usage_cpu_core_hours', usage_cpu), ('pod_request_cpu_core_hours', request_cpu),
                ('pod_effective_usage_cpu_core_hours', effective_cpu), ('pod_limit_cpu_core_hours', limit_cpu),
                ('pod_usage_memory_gigabyte_hours', usage_memory), ('pod_request_memory_gigabyte_hours', request_memory),
                ('pod_effective_usage_memory_gigabyte_hours', effective_memory),
                ('pod_limit_memory_gigabyte_hours', limit_memory)) AS measure (name, value)
        $sums$;
    daily_summary text := $sums$
        SELECT total.usage_start AS day, measure.name, measure.value::double precision
        FROM (
            SELECT usage_start,
                sum(pod_usage_cpu_core_hours) AS usage_cpu, sum(pod_request_cpu_core_hours) AS request_cpu,
                sum(pod_effective_usage_cpu_core_hours) AS effective_cpu, sum(pod_limit_cpu_core_hours) AS limit_cpu,
                sum(pod_usage_memory_gigabyte_hours) AS usage_memory,
                sum(pod_request_memory_gigabyte_hours) AS request_memory,
                sum(pod_effective_usage_memory_gigabyte_hours) AS effective_memory,
                sum(pod_limit_memory_gigabyte_hours) AS limit_memory
            FROM {tenant}.reporting_ocpusagelineitem_daily_summary
            -- Rows of unallocated capacity and of cost have no usage cost.
            WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3
              AND data_source = 'Pod' AND infrastructure_usage_cost IS NOT NULL
            GROUP BY usage_start) AS total,
            LATERAL (VALUES
                ('pod_usage_cpu_core_hours', usage_cpu), ('pod_request_cpu_core_hours', request_cpu),
                ('pod_effective_usage_cpu_core_hours', effective_cpu), ('pod_limit_cpu_core_hours', limit_cpu),
                ('pod_usage_memory_gigabyte_hours', usage_memory), ('pod_request_memory_gigabyte_hours', request_memory),
                ('pod_effective_usage_memory_gigabyte_hours', effective_memory),
                ('pod_limit_memory_gigabyte_hours', limit_memory)) AS measure (name, value)
        $sums$;
BEGIN
    RETURN QUERY EXECUTE replace(format($query$
        SELECT day, name, raw.value, daily.value, summary.value
        FROM (%1$s) AS raw (day, name, value)
        FULL JOIN (%2$s) AS daily (day, name, value) USING (day, name)
        FULL JOIN (%3$s) AS summary (day, name, value) USING (day, name)
        -- Sums of doubles depend on the order of the rows.
        WHERE greatest(coalesce(raw.value, 0), coalesce(daily.value, 0), coalesce(summary.value, 0))
            - least(coalesce(raw.value, 0), coalesce(daily.value, 0), coalesce(summary.value, 0))
            > 1e-9 * greatest(abs(raw.value), abs(daily.value), abs(summary.value), 1)
        $query$,
        replace(line_items, '{table}', 'openshift_pod_usage_line_items'),
        replace(line_items, '{table}', 'openshift_pod_usage_line_items_daily'),
        daily_summary), '{tenant}', quote_ident(tenant))
    USING source, first_day, last_day;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_check_conservation(name, uuid, date, date) IS
'Days and measures of pods with a node whose sums differ between raw line items, daily line items and daily summary by more than one part in 10^9; NULL: no rows.';

CREATE FUNCTION @extschema@.koku_internal_check_daily_keys(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (day date, measure text, raw double precision, daily double precision, summary double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    listed record;
BEGIN
    FOR listed IN
        SELECT catalogue.table_name, catalogue.report_type,
            string_agg(quote_ident(col.column_name), ', ' ORDER BY col.position) AS key_columns
        FROM @extschema@.koku_catalogue_table AS catalogue
        JOIN @extschema@.koku_catalogue_column AS col USING (table_name)
        WHERE catalogue.kind = 'daily' AND col.daily_role = 'key'
        GROUP BY catalogue.table_name, catalogue.report_type, catalogue.position
        ORDER BY catalogue.position
    LOOP
        RETURN QUERY EXECUTE format($query$
            SELECT usage_start, $4 || ' daily rows, against keys', NULL::double precision, sum(number)::double precision,
                count(*)::double precision
            FROM (SELECT usage_start, count(*) AS number FROM %I.%I
                  WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
                  GROUP BY usage_start, %s) AS key
            GROUP BY usage_start
            HAVING sum(number) > count(*)
            $query$, tenant, listed.table_name, listed.key_columns)
        USING source, first_day, last_day, listed.report_type;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_check_daily_keys(name, uuid, date, date) IS
'Days with more than one daily row for a key: daily is the number of rows, summary the number of keys.';

CREATE FUNCTION @extschema@.koku_check(source uuid, year integer, month integer)
RETURNS TABLE (day date, measure text, raw double precision, daily double precision, summary double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner @extschema@.koku_source := @extschema@.koku_internal_check_source(source);
    first_day date := @extschema@.koku_internal_first_day(year, month);
    last_day date := (first_day + interval '1 month')::date - 1;
BEGIN
    RETURN QUERY
    SELECT * FROM @extschema@.koku_internal_check_conservation(owner.tenant, source, first_day, last_day)
    UNION ALL
    SELECT * FROM @extschema@.koku_internal_check_daily_keys(owner.tenant, source, first_day, last_day)
    ORDER BY 1, 2;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_check(uuid, integer, integer) IS
'Differences in a month of a source; no row means that all is well. A row is a day and measure of the pods with a node whose sum is not the same in the raw line items, the daily line items and the daily summary (hours and gigabyte hours, NULL without rows, one part in 10^9 is tolerated), or a day and report type with more daily rows (daily) than keys (summary). A day that waits to be summarized is a difference. Errors: 42704 unknown source, 22023 no such month.';

-- Taking payloads in.

CREATE TYPE @extschema@.koku_ingest_result AS (
    manifest uuid,
    file text,
    report_type text,
    day date,
    action text,
    rows_in bigint,
    rows_loaded bigint,
    rows_dropped bigint,
    message text
);
COMMENT ON TYPE @extschema@.koku_ingest_result IS
'What became of a report file''s rows of one day. action: loaded, replaced (an emptier day was there), appended, superseded (a day with as many hours or more is there; nothing changed), dropped (past the retention, or rows without a usable day: day NULL); for a whole file, day NULL: waiting (named, not in this payload), already processed, empty, unknown type. message: what was repaired or left out, on the first row of a file (spec ingest.md 5.3).';

CREATE FUNCTION @extschema@.koku_ingest_payload(payload bytea, tenant name DEFAULT NULL, force boolean DEFAULT false, strict boolean DEFAULT false)
RETURNS SETOF @extschema@.koku_ingest_result
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_ingest_payload';
COMMENT ON FUNCTION @extschema@.koku_ingest_payload(bytea, name, boolean, boolean) IS
'Takes a payload (tar.gz of manifest.json and reports): all of it or, on an error, nothing. tenant: NULL for the one tenant that has the cluster. force: a daily operator''s days are replaced even at equal or fewer hours, and files that were done before are taken again. strict: what is otherwise a warning (unknown type or column, dropped row, repaired text, odd member) is an error. Errors: 22P02 archive or manifest, 22P04 report or strict, 22008 past the retention, 22023 NULL payload or database not UTF8, 42704 unknown cluster, 42P08 cluster in several tenants, 54000 over a limit, 55000 source paused (spec ingest.md 1, 5).';

CREATE FUNCTION @extschema@.koku_ingest_file(path text, tenant name DEFAULT NULL, force boolean DEFAULT false, strict boolean DEFAULT false)
RETURNS SETOF @extschema@.koku_ingest_result
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_ingest_file';
COMMENT ON FUNCTION @extschema@.koku_ingest_file(text, name, boolean, boolean) IS
'koku_ingest_payload for a file of the server''s machine, read in blocks. Needs pg_read_server_files (42501 without). Other errors: those of koku_ingest_payload and of reading files.';

CREATE FUNCTION @extschema@.koku_ingest_large_object(object oid, tenant name DEFAULT NULL, force boolean DEFAULT false, strict boolean DEFAULT false)
RETURNS SETOF @extschema@.koku_ingest_result
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_ingest_large_object';
COMMENT ON FUNCTION @extschema@.koku_ingest_large_object(oid, name, boolean, boolean) IS
'koku_ingest_payload for a large object, read in blocks; for payloads over the 1 GB that a bytea holds. Errors: those of koku_ingest_payload and of reading large objects.';

-- The one line for a scheduler: CALL koku_run().

CREATE FUNCTION @extschema@.koku_internal_deadline(max_seconds integer) RETURNS timestamptz
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF max_seconds < 0 THEN
        RAISE EXCEPTION 'max_seconds is %', max_seconds
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give 0 or more seconds, or NULL to work until nothing waits.';
    END IF;
    RETURN coalesce(clock_timestamp() + make_interval(secs => max_seconds), 'infinity');
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_deadline(integer) IS
'The time from which on no new work is begun: never for NULL. Raises 22023 when negative.';

CREATE FUNCTION @extschema@.koku_internal_mark_summarized() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
UPDATE @extschema@.koku_manifest AS manifest
SET summarized_at = now()
WHERE manifest.completed_at IS NOT NULL AND manifest.summarized_at IS NULL
  AND NOT EXISTS (SELECT FROM @extschema@.koku_summary_request AS waiting WHERE waiting.source = manifest.source);
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_mark_summarized() IS
'Notes that manifests are summarized: those that are complete and of a source for which no summary waits.';

CREATE FUNCTION @extschema@.koku_internal_next_summary_request() RETURNS @extschema@.koku_summary_request
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    candidate record;
    request @extschema@.koku_summary_request;
BEGIN
    FOR candidate IN
        SELECT waiting.source, waiting.month FROM @extschema@.koku_summary_request AS waiting
        WHERE waiting.retry_after IS NULL OR waiting.retry_after <= clock_timestamp()
        ORDER BY waiting.attempts, waiting.requested_at, waiting.source, waiting.month
    LOOP
        -- The source first, as ingest does, which holds it when it widens a request.
        CONTINUE WHEN NOT @extschema@.koku_internal_try_lock_source(candidate.source);
        SELECT * INTO request FROM @extschema@.koku_summary_request AS waiting
        WHERE waiting.source = candidate.source AND waiting.month = candidate.month
        FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            RETURN request;
        END IF;
    END LOOP;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_next_summary_request() IS
'The request that waits longest and whose source no other transaction writes, locked until the end of the transaction together with its source; NULL when there is none.';

CREATE FUNCTION @extschema@.koku_internal_run_next_summary(deadline timestamptz) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    request @extschema@.koku_summary_request;
    message text;
    detail text;
BEGIN
    IF clock_timestamp() >= deadline THEN
        RETURN false;
    END IF;
    request := @extschema@.koku_internal_next_summary_request();
    IF request.source IS NULL THEN
        RETURN false;
    END IF;

    BEGIN
        PERFORM @extschema@.koku_summarize(request.source, request.first_day, request.last_day);
        DELETE FROM @extschema@.koku_summary_request AS waiting
        WHERE waiting.source = request.source AND waiting.month = request.month;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        UPDATE @extschema@.koku_summary_request AS waiting
        SET attempts = waiting.attempts + 1,
            last_error = concat_ws(E'\n', SQLSTATE || ' ' || message, nullif(detail, '')),
            retry_after = clock_timestamp() + least(interval '1 minute' * 2 ^ least(waiting.attempts, 20), interval '1 day')
        WHERE waiting.source = request.source AND waiting.month = request.month;
        RAISE WARNING 'summary of source % from % to % failed: %', request.source, request.first_day, request.last_day, message
            USING ERRCODE = SQLSTATE, DETAIL = detail, HINT = 'It is tried again after a pause. See koku_summary_request.';
    END;
    RETURN true;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_run_next_summary(timestamptz) IS
'Runs one requested summary, unless the deadline is over; false when there was none to run. A summary that fails leaves its request, with the error and a pause of 1, 2, 4 ... minutes, at most a day.';

-- A procedure that commits cannot pin its search_path: it names everything with its schema and does nothing itself.
CREATE PROCEDURE @extschema@.koku_run(max_seconds integer DEFAULT NULL)
LANGUAGE plpgsql
AS $$
DECLARE
    deadline timestamptz := @extschema@.koku_internal_deadline(max_seconds);
BEGIN
    WHILE @extschema@.koku_internal_run_next_summary(deadline) LOOP
        COMMIT;
    END LOOP;
    COMMIT;
    PERFORM @extschema@.koku_internal_mark_summarized();
    COMMIT;
END;
$$;
COMMENT ON PROCEDURE @extschema@.koku_run(integer) IS
'Does the work that waits: the requested summaries, each in its own transaction, until nothing waits or max_seconds are over (NULL: no limit). Sources that another transaction writes are passed over, so two schedulers do the work once. Failures are kept in koku_summary_request and block nobody. Error: 22023 max_seconds is negative.';

-- Commits of released operators, downstream and upstream, newest first (spec ingest.md 1.5).

INSERT INTO @extschema@.koku_operator_version (version, operator, built_in) VALUES
    ('cdd836a19466190844727ff8f71730cd39dc28b7', 'costmanagement-metrics-operator:4.4.2', true),
    ('53d63c3aa6dc255ec8bc0cecf5d62c3a30066df3', 'costmanagement-metrics-operator:4.4.1', true),
    ('78eabeb962648926f98b4cc239a6f59541f001cd', 'koku-metrics-operator:v4.4.1', true),
    ('74ab8043a31a07d831035d5233cce0e44f3fb082', 'costmanagement-metrics-operator:4.4.0', true),
    ('765fc5be236ca2ca2494b2e5ca57fbb93a94e943', 'koku-metrics-operator:v4.4.0', true),
    ('ec11d7bddaa8ea3a980236b364780fed0cd2cb0f', 'costmanagement-metrics-operator:4.3.1', true),
    ('ec6bc48a434b78e21681233585fcb0f3b2dba223', 'koku-metrics-operator:v4.3.1', true),
    ('078c8d706ff3bc4198d2364c6fad1e3f7074cbe8', 'costmanagement-metrics-operator:4.3.0', true),
    ('c78ce96835e6dd4430e9f75cc23e914af2b3706b', 'koku-metrics-operator:v4.3.0', true),
    ('d0bc2c257b15ad2f6d73b4e77badbd9706d1a694', 'costmanagement-metrics-operator:4.2.0', true),
    ('d973ee0dcaa457040a619340c1e781a6e7be547f', 'koku-metrics-operator:v4.2.0', true),
    ('c7361974c47522d07a4810fdada6be4f39ecd75d', 'costmanagement-metrics-operator:4.1.0', true),
    ('0f4d67606199148fd2ea04392d00a32d1387be84', 'koku-metrics-operator:v4.1.0', true),
    ('e53f9db7c6e7f995b6aa6100a580dae74162ac3c', 'costmanagement-metrics-operator:4.0.0', true),
    ('0dbe2ce263a19e05935023c46d20692213fdef90', 'koku-metrics-operator:v4.0.0', true),
    ('8e957a5b174639642809df0317b39593532d6fb7', 'costmanagement-metrics-operator:3.3.2', true),
    ('1dd2f05c51daa7487ea53b1f3f4894316b1759e1', 'koku-metrics-operator:v3.3.2', true),
    ('6b4d72a4a629527c1de086b416faf6d226fe587a', 'costmanagement-metrics-operator:3.3.1', true),
    ('b0731873d0c54aa1d016b8b3463b29c23c9e852c', 'koku-metrics-operator:v3.3.1', true),
    ('8c10aa090b2be3d2aea7553ce2cb62e78844ce6f', 'costmanagement-metrics-operator:3.3.0', true),
    ('1650a9fa9f353efee534dde6030ece40e6a9a1ee', 'koku-metrics-operator:v3.3.0', true),
    ('212f944b3b1d7cfbf6e48a63c4ed74bfe942bbe1', 'costmanagement-metrics-operator:3.2.1', true),
    ('631434d278be57cfedaa5ad0000cb3a3dfb69a76', 'koku-metrics-operator:v3.2.1', true),
    ('9d463e92ba69d82513d8ec53edc5242658623840', 'costmanagement-metrics-operator:3.2.0', true),
    ('06f3ed1c48b889f64ecec09e55f0bd7c2f09fe54', 'koku-metrics-operator:v3.2.0', true),
    ('e3ab976307639acff6cc86e25f90f242c45d7210', 'costmanagement-metrics-operator:3.1.0', true),
    ('b3525a536a402d5bed9b5bbd739fb6a89c8e92e0', 'koku-metrics-operator:v3.1.0', true),
    ('b5a2c05255069215eb564dcc5c4ec6ca4b33325d', 'costmanagement-metrics-operator:3.0.1', true),
    ('8737fb075bdbd63c02e82e6f89056380e9c1e6b6', 'koku-metrics-operator:v3.0.1', true),
    ('47ddcdbbdf3e445536ea3fa8346df0dac3adc3ed', 'costmanagement-metrics-operator:3.0.0', true),
    ('3a6df53f18e574286a1666e1d26586dc729f0568', 'koku-metrics-operator:v3.0.0', true),
    ('5806b175a7b31e6ee112c798fa4222cc652b40a6', 'costmanagement-metrics-operator:2.0.0', true),
    ('26502d500672019af5c11319b558dec873409e38', 'koku-metrics-operator:v2.0.0', true),
    ('e3450f6e3422b6c39c582028ec4ce19b8d09d57d', 'costmanagement-metrics-operator:1.2.0', true),
    ('2acd43ccec2d6fe6ec292aece951b3cf0b869071', 'koku-metrics-operator:v1.2.0', true),
    ('61099eb07331b140cf66104bc1056c3f3211c94e', 'costmanagement-metrics-operator:1.1.9', true),
    ('ebe8dab6aebfeacf9a3428d66cc8be7da682c2ad', 'koku-metrics-operator:v1.1.9', true),
    ('6d38c76be52e5981eaf19377a559dc681f1be405', 'costmanagement-metrics-operator:1.1.8', true),
    ('ccc78b4fd4b63a6cb1516574d5e38a9b1078ea16', 'koku-metrics-operator:v1.1.8', true),
    ('0159d5e55ce6a5a18f989e6f04146f47983ebdf3', 'costmanagement-metrics-operator:1.1.7', true),
    ('2003f0ea23efc49b7ba1337a16b1c90c6899824b', 'koku-metrics-operator:v1.1.7', true),
    ('2a702a3aac89f724a08b08650b77a0bd33f5b5e5', 'costmanagement-metrics-operator:1.1.6', true),
    ('45cc7a72ced124a267acf0976d90504f134e1076', 'koku-metrics-operator:v1.1.6', true),
    ('f8d1f7c5d8685f758ecc36a14aca3b6b86614613', 'costmanagement-metrics-operator:1.1.5', true),
    ('2c52da1481d0c90099e130f6989416cdd3cd7b5a', 'koku-metrics-operator:v1.1.5', true),
    ('77ec351f8d332796dc522e5623f1200c2fab4042', 'costmanagement-metrics-operator:1.1.4', true),
    ('12b9463a9501f8e9acecbfa4f7e7ae7509d559fa', 'koku-metrics-operator:v1.1.4', true),
    ('084bca2e1c48caab18c237453c17ceef61747fe2', 'costmanagement-metrics-operator:1.1.3', true),
    ('3430d17b8ad52ee912fc816da6ed31378fd28367', 'koku-metrics-operator:v1.1.3', true),
    ('6f10d07e3af3ea4f073d4ffda9019d8855f52e7f', 'costmanagement-metrics-operator:1.1.0', true),
    ('fd764dcd7e9b993025f3e05f7cd674bb32fad3be', 'costmanagement-metrics-operator:1.0.0', true),
    ('02f315aa5a7f0bf5adecd3668b0a769799b54be8', 'koku-metrics-operator:v1.1.2', true),
    ('7c413e966e2ec0a709f5a25cbf5a487c646306d1', 'koku-metrics-operator:v1.1.1', true),
    ('f73a992e7b2fc19028b31c7fb87963ae19bba251', 'koku-metrics-operator:v0.9.8', true),
    ('d37e6d6fd90d65b0d6794347f5fe00a472ce9d33', 'koku-metrics-operator:v0.9.7', true),
    ('1019682a6aa1eeb7533724b07d98cfb54dbe0e94', 'koku-metrics-operator:v0.9.6', true),
    ('513e7dffddb6ecc090b9e8f20a2fba2fe8ec6053', 'koku-metrics-operator:v0.9.5', true),
    ('eaef8ea323b3531fa9513970078a55758afea665', 'koku-metrics-operator:v0.9.4', true),
    ('4f1cc5580da20a11e6dfba50d04d8ae50f2e5fa5', 'koku-metrics-operator:v0.9.2', true),
    ('0419bb957f5cdfade31e26c0f03b755528ec0d7f', 'koku-metrics-operator:v0.9.1', true),
    ('bfdc1e54e104c2a6c8bf830ab135cf56a97f41d2', 'koku-metrics-operator:v0.9.0', true);

-- What pg_dump keeps: the rows of the control tables. The catalogue and the summary statements are code and come back
-- with the extension; the operators it knows likewise, so that only rows of an administrator are kept.

SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_tenant', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_source', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_manifest', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_report_file', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_changed_day', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_summary_request', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_operator_version', 'WHERE NOT built_in');
-- Numbers of manifests go on where they were.
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_manifest_manifest_id_seq', '');

-- Nothing is callable or readable without a grant: functions are the only kind of object that PUBLIC may use from the start.

DO $$
DECLARE
    member record;
BEGIN
    FOR member IN
        SELECT routine.oid::pg_catalog.regprocedure AS signature
        FROM pg_catalog.pg_depend AS dependency
        JOIN pg_catalog.pg_extension AS extension ON extension.oid = dependency.refobjid AND extension.extname = 'koku_onprem'
        JOIN pg_catalog.pg_proc AS routine ON routine.oid = dependency.objid
        WHERE dependency.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
          AND dependency.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
          AND dependency.deptype = 'e'
    LOOP
        EXECUTE 'REVOKE ALL ON ROUTINE ' || member.signature || ' FROM PUBLIC';
    END LOOP;
END;
$$;
