-- What the library does of a summary.

CREATE FUNCTION koku_internal.row_id() RETURNS uuid
LANGUAGE c VOLATILE
AS 'MODULE_PATHNAME', 'koku_internal_row_id';
COMMENT ON FUNCTION koku_internal.row_id() IS
'A new identifier of a row: a UUID of version 7. Those of one statement ascend, so that an index on them grows at its right edge.';

CREATE FUNCTION koku_internal.run_summary(
    tenant name, source uuid, first_day date, last_day date, steps date[], report_period integer, cluster_id text,
    cluster_alias text)
RETURNS TABLE ("position" integer, target text, rows bigint, seconds double precision)
LANGUAGE c VOLATILE
AS 'MODULE_PATHNAME', 'koku_internal_run_summary';
COMMENT ON FUNCTION koku_internal.run_summary(name, uuid, date, date, date[], integer, text, text) IS
'Runs the statements of koku_summary_statement for days of one month, and returns a row for each time one was run. steps: the first day of each step, in order. Rows of a rows_query are stored in bulk in the target''s partition of the month, foreign keys checked at once; where the target has row triggers, rules or row security, by an ordinary INSERT. A target whose name begins with koku_ is a working table: later statements read its rows by its name, and it ends with the function. Errors besides those of the statements: 42P01 no such target, 42601 a rows_query is not one SELECT, 42703 the target lacks a column, 42804 a column of another type, 23503 a referenced row is missing.';
