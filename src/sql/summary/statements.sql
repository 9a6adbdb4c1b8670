-- The statements of a summary run that stand for one table each: src/sql/summary. An upgrade
-- writes them and those of the parts that follow anew.

DELETE FROM @extschema@.koku_summary_statement;

-- @summary-statements@
