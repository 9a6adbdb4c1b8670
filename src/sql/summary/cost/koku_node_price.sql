-- One row: a plain monthly price of nodes, their cores or the cluster, for a day (spec cost.md 4.2).

CREATE TEMP TABLE koku_node_price AS
SELECT form.monthly_cost_type, rate.cost_type, rate.price / model.days_in_month AS price, model.by_memory,
    model.markup,
    -- A rate by tag takes the place of the plain one where a pod has the key (spec cost.md 4.6).
    (SELECT coalesce(array_agg(tag.tag_key), '{}') FROM koku_cost_rate AS tag
     WHERE tag.metric = rate.metric AND tag.cost_type = rate.cost_type AND tag.tag_key IS NOT NULL) AS replaced_keys
FROM koku_cost_rate AS rate
JOIN (VALUES ('node_cost_per_month', 'Node'), ('node_core_cost_per_month', 'Node_Core_Month'),
             ('cluster_cost_per_month', 'Cluster')) AS form (metric, monthly_cost_type) USING (metric)
CROSS JOIN koku_cost_model AS model
WHERE rate.tag_key IS NULL AND rate.price <> 0;
