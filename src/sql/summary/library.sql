-- What the library does of a summary.

CREATE FUNCTION koku_internal.row_id() RETURNS uuid
LANGUAGE c VOLATILE
AS 'MODULE_PATHNAME', 'koku_internal_row_id';
COMMENT ON FUNCTION koku_internal.row_id() IS
'A new identifier of a row: a UUID of version 7. Those of one statement ascend, so '
'that an index on them grows at its right edge.';

CREATE FUNCTION koku_internal.run_stages(
    stages text[], tenant name, source uuid, first_day date, last_day date, steps date[], report_period integer,
    cluster_id text, cluster_alias text)
RETURNS TABLE ("position" integer, stage text, target text, rows bigint, seconds double precision)
LANGUAGE c VOLATILE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_internal_run_stages';
COMMENT ON FUNCTION koku_internal.run_stages(text[], name, uuid, date, date, date[], integer, text, text) IS
'Runs stages of koku_internal.summary_stage for days of one month, in their order: those of these names, NULL: '
'all. Returns a row for each time a statement file was run, with the table it makes rows of and the rows that '
'its last statement wrote. steps: the first day of each step, in order. Errors besides those of the statements: '
'22023 an argument beside stages and cluster_alias is NULL, or there is no such stage, 23503 a referenced row '
'is missing, 42601 a statement makes a table that is no working table; 42P01, 42703 and 42804 come with a hint '
'when the tenant''s tables are not as expected.';
