-- One row: a metric and cost type with the price that it has plain (tag_key NULL), or by the values of a label (spec
-- cost.md 1.2, 1.3). Plain rates of one metric add up. A value of the label that is not listed has the other price.
-- What no definition could hold, but other software may have written, is passed over.

CREATE TEMP TABLE koku_cost_rate AS
WITH plain AS (
    SELECT known.metric, koku_internal.cost_type_of(rate.cost_type, known.cost_type) AS cost_type,
        sum(round(rate.default_rate, 15)) AS price
    FROM {tenant}.cost_model_rate AS rate
    JOIN koku_cost_model AS model ON model.price_list = rate.price_list_id
    JOIN koku_internal.cost_metrics() AS known ON known.metric = rate.metric
    WHERE rate.tag_key = '' AND rate.default_rate <> 'NaN' AND known.may_be_plain
    GROUP BY known.metric, koku_internal.cost_type_of(rate.cost_type, known.cost_type)
), tagged AS (
    SELECT known.metric, koku_internal.cost_type_of(rate.object->>'cost_type', known.cost_type) AS cost_type,
        rate.object->'tag_rates'->>'tag_key' AS tag_key, entry.object->>'tag_value' AS tag_value,
        koku_internal.to_price(entry.object->>'value') AS price, (entry.object->>'default') = 'true' AS is_default
    FROM {tenant}.price_list AS list
    JOIN koku_cost_model AS model ON model.price_list = list.uuid
    CROSS JOIN LATERAL jsonb_path_query(list.rates, 'lax $[*]') AS rate (object)
    JOIN koku_internal.cost_metrics() AS known ON known.metric = rate.object->'metric'->>'name' AND known.may_be_tag
    CROSS JOIN LATERAL jsonb_path_query(rate.object, 'lax $.tag_rates.tag_values[*]') AS entry (object)
)
SELECT metric, cost_type, NULL::text AS tag_key, price, NULL::jsonb AS listed_prices, NULL::numeric AS other_price
FROM plain
UNION ALL
SELECT metric, cost_type, tag_key, NULL, jsonb_object_agg(tag_value, price), max(price) FILTER (WHERE is_default)
FROM tagged
WHERE tag_key IS NOT NULL AND tag_value IS NOT NULL AND price IS NOT NULL
GROUP BY metric, cost_type, tag_key;
