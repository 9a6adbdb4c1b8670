-- The report types as the library knows them: what a file of each type becomes in the line-item tables.

CREATE FUNCTION @extschema@.koku_report_columns()
RETURNS TABLE (report_type text, "position" integer, column_name text,
               data_type text, not_null boolean, daily_role text)
LANGUAGE c IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_report_columns';
COMMENT ON FUNCTION @extschema@.koku_report_columns() IS
'One row a column of the line-item tables of a report type, in the order of the table. daily_role: what the daily '
'aggregate does with it: key, sum, max, or date for the columns that every table has.';
