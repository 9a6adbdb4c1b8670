-- One row: a price of use by a label (spec cost.md 4.5).

CREATE TEMP TABLE koku_usage_tag_price AS
SELECT rate.*, row_number() OVER () AS number, form.measured, model.markup
FROM koku_cost_rate AS rate
JOIN (VALUES ('cpu_core_usage_per_hour', 'cpu'), ('cpu_core_request_per_hour', 'cpu'),
             ('cpu_core_effective_usage_per_hour', 'cpu'), ('memory_gb_usage_per_hour', 'memory'),
             ('memory_gb_request_per_hour', 'memory'), ('memory_gb_effective_usage_per_hour', 'memory'),
             ('storage_gb_usage_per_month', 'volume'), ('storage_gb_request_per_month', 'volume'))
    AS form (metric, measured) USING (metric)
CROSS JOIN koku_cost_model AS model
WHERE rate.tag_key IS NOT NULL;
