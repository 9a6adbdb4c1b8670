-- One row: a row of the daily summary of these days, whoever wrote it, with the columns only that the tables for dashboards
-- are made from (spec summary.md 4). They are a third of its width, and eleven statements read them.
-- phase: step

-- rows:
SELECT {daily line columns}
FROM {month}.reporting_ocpusagelineitem_daily_summary
WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3
