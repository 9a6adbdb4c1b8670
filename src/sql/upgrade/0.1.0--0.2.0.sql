-- What 0.2.0 changes in tables, types and signatures of 0.1.0. New tables, all functions and all comments follow from
-- their parts.

ALTER TABLE @extschema@.koku_operator_version
    DROP CONSTRAINT koku_operator_version_pkey,
    ADD PRIMARY KEY (version, built_in);

-- A parallel restore loads tables in any order, while the foreign keys of an extension's tables are there from the
-- start.
ALTER TABLE @extschema@.koku_source DROP CONSTRAINT koku_source_tenant_fkey;
ALTER TABLE @extschema@.koku_manifest DROP CONSTRAINT koku_manifest_source_fkey;
ALTER TABLE @extschema@.koku_report_file DROP CONSTRAINT koku_report_file_manifest_id_fkey;
ALTER TABLE @extschema@.koku_changed_day DROP CONSTRAINT koku_changed_day_manifest_id_fkey;
ALTER TABLE @extschema@.koku_summary_request DROP CONSTRAINT koku_summary_request_source_fkey;

ALTER TABLE @extschema@.koku_catalogue_table
    DROP CONSTRAINT koku_catalogue_table_kind_check,
    ADD CHECK (kind IN (
        'raw', 'daily', 'staging', 'daily summary', 'interface', 'cluster', 'label', 'tag', 'category', 'period',
        'provider', 'bookkeeping', 'node interval', 'cost model'));

ALTER TABLE @extschema@.koku_summary_request ADD COLUMN started_at timestamptz;
ALTER TABLE @extschema@.koku_report_file ADD COLUMN superseded_days date[];
ALTER TABLE @extschema@.koku_tenant ADD COLUMN raw_retention_days integer CHECK (raw_retention_days >= -1);
-- An upgrade has nothing go that was kept before.
UPDATE @extschema@.koku_tenant SET raw_retention_days = 0;

-- The few that something is still to be done with.
CREATE INDEX koku_manifest_open ON @extschema@.koku_manifest (source) WHERE summarized_at IS NULL;
CREATE INDEX koku_manifest_received ON @extschema@.koku_manifest (created_at);

-- koku_internal.summary_statement takes its place.
DROP TABLE @extschema@.koku_summary_statement;

-- Two columns of the index of raw line items went, for each row of a day has the same in them: filling it took a sixth
-- of the time of ingest. Tables that have the old one may keep it.
DELETE FROM @extschema@.koku_catalogue_key
WHERE kind = 'index' AND columns = '{source,usage_start,manifestid,reportnumhours}';

-- What took their place has another signature or name.
DROP FUNCTION @extschema@.koku_internal_has_daily_rows(name, uuid, date, date);
DROP FUNCTION @extschema@.koku_internal_has_report_period(name, uuid, date);
DROP FUNCTION @extschema@.koku_internal_run_next_summary(timestamptz);
DROP FUNCTION @extschema@.koku_internal_next_summary_request();
DROP FUNCTION @extschema@.koku_internal_run_phase(text, uuid, date, date, integer, text, text, name);
DROP FUNCTION @extschema@.koku_internal_create_working_tables(name);
DROP FUNCTION @extschema@.koku_internal_summarize_month(uuid, date, date);
DROP FUNCTION @extschema@.koku_internal_interface_statement(text, text[], text[], text);
DROP FUNCTION @extschema@.koku_internal_measures(text[]);
DROP FUNCTION @extschema@.koku_internal_analyze(name, date, text[]);
DROP FUNCTION @extschema@.koku_internal_ensure_report_period(uuid, date);
DROP FUNCTION @extschema@.koku_internal_check_conservation(name, uuid, date, date);

-- Functions and views of the extension's own move to their schema. They stay the same objects, so that triggers of
-- tenants go on calling them; the parts replace their bodies.
CREATE SCHEMA koku_internal;
DO $$
DECLARE
    routine regprocedure;
    new_name name;
BEGIN
    FOR routine, new_name IN
        SELECT member.oid::regprocedure,
            coalesce(renamed.new_name, pg_catalog.replace(member.proname, 'koku_internal_', ''))
        FROM pg_catalog.pg_depend AS dependency
        JOIN pg_catalog.pg_extension AS extension ON extension.oid = dependency.refobjid
            AND extension.extname = 'koku_onprem'
        JOIN pg_catalog.pg_proc AS member ON member.oid = dependency.objid
        LEFT JOIN (VALUES
            ('koku_internal_check_category_text', 'require_category_text'),
            ('koku_internal_check_cluster_id', 'require_cluster_id'),
            ('koku_internal_check_not_default', 'require_no_default'),
            ('koku_internal_check_source', 'require_source'),
            ('koku_internal_check_source_name', 'require_source_name'),
            ('koku_internal_check_tag_keys', 'require_tag_keys'),
            ('koku_internal_check_tenant', 'require_tenant')) AS renamed (old_name, new_name)
            ON renamed.old_name = member.proname
        WHERE dependency.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
          AND dependency.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND dependency.deptype = 'e'
          AND member.proname LIKE 'koku\_internal\_%'
    LOOP
        -- The number stands for the routine whatever its name is.
        EXECUTE pg_catalog.format('ALTER ROUTINE %s SET SCHEMA koku_internal', routine);
        EXECUTE pg_catalog.format('ALTER ROUTINE %s RENAME TO %I', routine, new_name);
    END LOOP;
END;
$$;

-- What it served is a lock of another kind now.
DROP FUNCTION koku_internal.lock_class(text);
