-- One row: a price of namespaces by a label of theirs (spec cost.md 4.9).

CREATE TEMP TABLE koku_project_price AS
SELECT rate.*, row_number() OVER () AS number, model.days_in_month, model.markup
FROM koku_cost_rate AS rate
CROSS JOIN koku_cost_model AS model
WHERE rate.metric = 'project_per_month' AND rate.tag_key IS NOT NULL;
