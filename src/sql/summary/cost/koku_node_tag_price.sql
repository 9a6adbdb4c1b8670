-- One row: a price of nodes by a label of their pods (spec cost.md 4.6).

CREATE TEMP TABLE koku_node_tag_price AS
SELECT rate.*, form.monthly_cost_type, CASE WHEN form.per_month THEN model.days_in_month ELSE 1 END AS days,
    model.by_memory, model.by_memory AND form.per_month AS memory_share, model.markup
FROM koku_cost_rate AS rate
JOIN (VALUES ('node_cost_per_month', 'Node', true), ('node_core_cost_per_month', 'Node_Core_Month', true),
             ('node_core_cost_per_hour', 'Node_Core_Hour', false)) AS form (metric, monthly_cost_type, per_month)
    USING (metric)
CROSS JOIN koku_cost_model AS model
WHERE rate.tag_key IS NOT NULL;
