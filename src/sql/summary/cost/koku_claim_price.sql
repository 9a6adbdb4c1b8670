-- One row: a price of claims, plain or by a label of their volumes (spec cost.md 4.3, 4.7).

CREATE TEMP TABLE koku_claim_price AS
SELECT rate.*, model.days_in_month, model.markup,
    -- A rate by tag takes the place of the plain one where a volume has the key.
    (SELECT coalesce(array_agg(tag.tag_key), '{}') FROM koku_cost_rate AS tag
     WHERE tag.metric = rate.metric AND tag.cost_type = rate.cost_type AND tag.tag_key IS NOT NULL
       AND rate.tag_key IS NULL) AS replaced_keys
FROM koku_cost_rate AS rate
CROSS JOIN koku_cost_model AS model
WHERE rate.metric = 'pvc_cost_per_month' AND (rate.tag_key IS NOT NULL OR rate.price <> 0);
