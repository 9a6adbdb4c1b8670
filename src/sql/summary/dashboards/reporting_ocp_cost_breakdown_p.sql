-- One row: a branch in the tree of a day's cost. Without a cost model there is none: rows that software with a cost
-- model left for these days are removed (spec summary.md 4, 6.4).

DELETE FROM {month}.reporting_ocp_cost_breakdown_p WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3;
