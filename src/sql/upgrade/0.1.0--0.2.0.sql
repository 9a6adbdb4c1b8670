-- What 0.2.0 changes in tables, types and signatures of 0.1.0. New tables and all functions follow from their parts.

ALTER TABLE @extschema@.koku_operator_version
    DROP CONSTRAINT koku_operator_version_pkey,
    ADD PRIMARY KEY (version, built_in);
COMMENT ON TABLE @extschema@.koku_operator_version IS
'Commit of an operator release and the name it is shown as (spec ingest.md 1.5). Add rows for newer releases; rows of your own (not built_in) are kept by dump and upgrade and go before a built-in one.';

ALTER TABLE @extschema@.koku_catalogue_table
    DROP CONSTRAINT koku_catalogue_table_kind_check,
    ADD CHECK (kind IN (
        'raw', 'daily', 'staging', 'daily summary', 'interface', 'cluster', 'label', 'tag', 'category', 'period',
        'provider', 'bookkeeping', 'node interval'));

ALTER TABLE @extschema@.koku_summary_request ADD COLUMN started_at timestamptz;
COMMENT ON TABLE @extschema@.koku_summary_request IS
'One row a source and month that waits to be summarized, from the first to the last day that changed. CALL koku_run() takes it. started_at: when the attempt began that runs or was cut off, NULL otherwise; retry_after: infinity when it is parked, because its last allowed attempt was cut off.';

ALTER TABLE @extschema@.koku_summary_statement ADD COLUMN rows_query text, ADD COLUMN needs text;
COMMENT ON TABLE @extschema@.koku_summary_statement IS
'The statements of a summary run in their order. phase: once for the whole range before the steps, in each step, or once after them. rows_query: a SELECT whose rows are stored in the target, in bulk, after the statement; its columns have the names of the target''s. A target whose name begins with koku_ is a working table of the run. needs: such a table; while it has no rows, there is nothing to do, and neither statement nor rows_query is run. {tenant}.name stands for a table of the tenant, {month}.name for its partition of the month, which is cheaper to plan. Parameters: $1 source (uuid), $2 first and $3 last day (date) of the step or range, $4 id of the report period (integer), $5 cluster id, $6 cluster alias (text), $7 tenant (name). Part of the code, not of the data.';

-- Two columns of the index of raw line items went, for each row of a day has the same in them: filling it took a sixth of
-- the time of ingest. Tables that have the old one may keep it.
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
DROP FUNCTION @extschema@.koku_internal_analyze(name, date, text[]);
DROP FUNCTION @extschema@.koku_internal_ensure_report_period(uuid, date);
