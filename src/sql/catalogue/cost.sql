-- Columns of the tables of cost models and price lists (spec cost.md 1.1).

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'cost_model', * FROM (VALUES
    (1,  'uuid',              'uuid',                     true,  NULL),
    (2,  'name',              'text',                     true,  NULL),
    (3,  'description',       'text',                     true,  NULL),
    (4,  'source_type',       'character varying(50)',    true,  NULL),
    (5,  'created_timestamp', 'timestamp with time zone', true,  NULL),
    (6,  'updated_timestamp', 'timestamp with time zone', true,  NULL),
    (7,  'rates',             'jsonb',                    true,  NULL),
    (8,  'markup',            'jsonb',                    true,  NULL),
    (9,  'distribution',      'text',                     true,  NULL),
    (10, 'currency',          'text',                     true,  NULL),
    (11, 'distribution_info', 'jsonb',                    true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'cost_model_audit', * FROM (VALUES
    (1,  'id',                'integer',                  true,  'identity'),
    (2,  'operation',         'character varying(16)',    true,  NULL),
    (3,  'audit_timestamp',   'timestamp with time zone', true,  NULL),
    (4,  'provider_uuids',    'uuid[]',                   false, NULL),
    (5,  'uuid',              'uuid',                     true,  NULL),
    (6,  'name',              'text',                     true,  NULL),
    (7,  'description',       'text',                     true,  NULL),
    (8,  'source_type',       'character varying(50)',    true,  NULL),
    (9,  'created_timestamp', 'timestamp with time zone', true,  NULL),
    (10, 'updated_timestamp', 'timestamp with time zone', true,  NULL),
    (11, 'rates',             'jsonb',                    true,  NULL),
    (12, 'markup',            'jsonb',                    true,  NULL),
    (13, 'distribution',      'text',                     true,  NULL),
    (14, 'currency',          'text',                     true,  NULL),
    (15, 'distribution_info', 'jsonb',                    true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'cost_model_map', * FROM (VALUES
    (1,  'id',            'integer', true,  'identity'),
    (2,  'provider_uuid', 'uuid',    true,  NULL),
    (3,  'cost_model_id', 'uuid',    false, NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'cost_model_rate', * FROM (VALUES
    (1,  'uuid',              'uuid',                     true,  NULL),
    (2,  'price_list_id',     'uuid',                     true,  NULL),
    (3,  'custom_name',       'character varying(50)',    true,  NULL),
    (4,  'description',       'text',                     true,  NULL),
    (5,  'metric',            'character varying(100)',   true,  NULL),
    (6,  'metric_type',       'character varying(20)',    true,  NULL),
    (7,  'cost_type',         'character varying(20)',    true,  NULL),
    (8,  'default_rate',      'numeric(33,15)',           false, NULL),
    (9,  'tag_key',           'character varying(253)',   true,  NULL),
    (10, 'tag_values',        'jsonb',                    false, NULL),
    (11, 'created_timestamp', 'timestamp with time zone', true,  NULL),
    (12, 'updated_timestamp', 'timestamp with time zone', true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'price_list', * FROM (VALUES
    (1,  'uuid',                 'uuid',                     true,  NULL),
    (2,  'name',                 'text',                     true,  NULL),
    (3,  'description',          'text',                     true,  NULL),
    (4,  'currency',             'text',                     true,  NULL),
    (5,  'effective_start_date', 'date',                     true,  NULL),
    (6,  'effective_end_date',   'date',                     true,  NULL),
    (7,  'enabled',              'boolean',                  true,  NULL),
    (8,  'version',              'integer',                  true,  NULL),
    (9,  'rates',                'jsonb',                    true,  NULL),
    (10, 'created_timestamp',    'timestamp with time zone', true,  NULL),
    (11, 'updated_timestamp',    'timestamp with time zone', true,  NULL)
) AS listed;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, column_default)
SELECT 'price_list_cost_model_map', * FROM (VALUES
    (1,  'id',            'integer', true,  'identity'),
    (2,  'priority',      'integer', true,  NULL),
    (3,  'cost_model_id', 'uuid',    true,  NULL),
    (4,  'price_list_id', 'uuid',    true,  NULL)
) AS listed;
