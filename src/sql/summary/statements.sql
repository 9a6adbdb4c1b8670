-- The stages of a summary and their statements, as src/sql/summary/stages lists them. An upgrade writes them anew.

DELETE FROM koku_internal.summary_statement;
DELETE FROM koku_internal.summary_stage;

-- @summary-statements@
