-- Columns of the tables around the summaries: providers, clusters, categories, periods, tags, labels, partitions,
-- intervals of nodes.

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'koku_node_interval', * FROM (VALUES
    (1,  'id',                                'uuid',                     true,  NULL),
    (2,  'usage_start',                       'date',                     true,  NULL),
    (3,  'interval_start',                    'timestamp with time zone', true,  NULL),
    (4,  'source',                            'character varying(64)',    false, NULL),
    (5,  'node',                              'character varying(253)',   false, NULL),
    (6,  'node_capacity_cpu_core_seconds',    'double precision',         false, NULL),
    (7,  'node_capacity_memory_byte_seconds', 'double precision',         false, NULL)
) AS listed;

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
