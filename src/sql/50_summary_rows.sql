-- How rows get into the tables of a summary.

CREATE FUNCTION @extschema@.koku_internal_row_id() RETURNS uuid
LANGUAGE c VOLATILE
AS 'MODULE_PATHNAME', 'koku_internal_row_id';
COMMENT ON FUNCTION @extschema@.koku_internal_row_id() IS
'A new identifier of a row: a UUID of version 7. Those of one statement ascend, so that an index on them grows at its right edge.';

CREATE FUNCTION @extschema@.koku_internal_load_rows(
    tenant name, target text, query text, source uuid, first_day date, last_day date, report_period integer, cluster_id text,
    cluster_alias text)
RETURNS bigint
LANGUAGE c VOLATILE
AS 'MODULE_PATHNAME', 'koku_internal_load_rows';
COMMENT ON FUNCTION @extschema@.koku_internal_load_rows(name, text, text, uuid, date, date, integer, text, text) IS
'Stores the rows of a SELECT in a table of the tenant, or its partition of the month of first_day, in bulk, and returns their number. The columns of the query find those of the table by their names; what it leaves out gets its default. Foreign keys are checked at once. The parameters of the query are those of koku_internal_run_phase(). Where the table has row triggers, rules or row security, it is an ordinary INSERT. Errors: 42P01 no such table, 42601 not one SELECT, 42703 the table lacks a column, 42804 a column of another type, 23503 a referenced row is missing.';
