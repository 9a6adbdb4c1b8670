-- One row, when the cost of free GPUs is distributed and the source used GPUs (spec cost.md 6.4).

CREATE TEMP TABLE koku_gpu_distribution AS
SELECT true AS found FROM koku_cost_model
WHERE gpu_unallocated AND EXISTS (
    SELECT FROM {month}.openshift_gpu_usage_line_items_daily
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3);
