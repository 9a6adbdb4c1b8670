-- The statements of a summary run that stand for one table each: src/sql/summary.

-- @summary-statements@
