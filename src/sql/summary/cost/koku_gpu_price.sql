-- One row: a price of the GPUs of a vendor by their model, where the source has any (spec cost.md 4.10).

CREATE TEMP TABLE koku_gpu_price AS
SELECT rate.*, model.days_in_month, model.markup
FROM koku_cost_rate AS rate
CROSS JOIN koku_cost_model AS model
WHERE rate.metric = 'gpu_cost_per_month' AND rate.tag_key IS NOT NULL AND EXISTS (
    SELECT FROM {month}.openshift_gpu_usage_line_items_daily
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3);
