-- One row: a month of a source; here the times when it was summarized (spec summary.md 6.1). Without a cost model the
-- cost is derived when the summary is.

UPDATE {tenant}.reporting_ocpusagereportperiod
SET summary_data_creation_datetime = coalesce(summary_data_creation_datetime, now()),
    summary_data_updated_datetime = now(),
    derived_cost_datetime = now()
WHERE id = $4;
