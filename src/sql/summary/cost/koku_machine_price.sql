-- One row: a price of virtual machines, plain or by a label (spec cost.md 4.4, 4.8).

CREATE TEMP TABLE koku_machine_price AS
SELECT rate.*, row_number() OVER () AS number, form.monthly_cost_type,
    rate.metric LIKE 'vm_core%' AS by_core, rate.metric = 'vm_cost_per_month' AS by_request, model.markup,
    CASE WHEN rate.metric LIKE '%_per_month' THEN model.days_in_month ELSE 1 END AS days
FROM koku_cost_rate AS rate
JOIN (VALUES ('vm_cost_per_month', 'OCP_VM'), ('vm_cost_per_hour', NULL), ('vm_core_cost_per_month', 'OCP_VM_CORE'),
             ('vm_core_cost_per_hour', NULL)) AS form (metric, monthly_cost_type) USING (metric)
CROSS JOIN koku_cost_model AS model
WHERE rate.tag_key IS NOT NULL OR rate.price <> 0;
