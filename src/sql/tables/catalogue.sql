-- The catalogue: every table of a tenant, its columns and keys. It drives creation, partitions, deletion and checks, so
-- a table added here is made, purged and compared everywhere. It is part of the code: written by install and upgrade
-- scripts only and therefore not marked for dump.

CREATE TABLE @extschema@.koku_catalogue_table (
    table_name text PRIMARY KEY,
    "position" integer NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN (
        'raw', 'daily', 'staging', 'daily summary', 'interface', 'cluster', 'label', 'tag', 'category', 'period',
        'provider', 'bookkeeping', 'node interval', 'cost model')),
    partition_column text,
    source_column text,
    report_type text,
    meaning text NOT NULL,
    CHECK ((kind IN ('raw', 'daily')) = (report_type IS NOT NULL))
);
COMMENT ON TABLE @extschema@.koku_catalogue_table IS
'One row a table of a tenant, in the order of creation (a table comes after those it refers to). partition_column: '
'partitioned by month on it, NULL: not partitioned. source_column: holds the source (as text in the kinds raw, daily '
'and staging, else as uuid); NULL: rows belong to no one source, or are reached by a foreign key of '
'koku_catalogue_key. meaning: what one row is.';

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
'One row a column. data_type: as format_type() writes it. column_default: an expression, identity, or identity cycle '
'(numbers that start over). daily_role: role in the daily aggregate (line-item tables only).';

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
'One row a key or index. Foreign keys are checked at commit (DEFERRABLE INITIALLY DEFERRED). '
'reason: the statements that need the index.';
