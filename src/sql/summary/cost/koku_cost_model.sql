-- One row: the cost model of the source, with the price list that is valid on the first day; no row without a model
-- (spec cost.md 1.2, 1.5). What a definition that others wrote lacks has the value that Koku takes; of several
-- models of a source, which only others can give it, the first by name counts, as in koku_internal.cost_model_of().

CREATE TEMP TABLE koku_cost_model AS
SELECT model.uuid AS cost_model, list.uuid AS price_list,
    coalesce(model.distribution_info->>'distribution_type', 'cpu') = 'memory' AS by_memory,
    lower(model.distribution_info->>'platform_cost') = 'true' AS platform_cost,
    lower(model.distribution_info->>'worker_cost') = 'true' AS worker_cost,
    -- only when the month is over
    lower(model.distribution_info->>'gpu_unallocated') = 'true'
        AND date_trunc('month', $2::timestamp) < date_trunc('month', koku_internal.today()::timestamp)
        AS gpu_unallocated,
    -- Without cost of a cloud a markup of any height is 0.
    CASE WHEN markup.percent IS NOT NULL THEN 0::numeric(33,15) END AS markup,
    CASE WHEN markup.percent <> 0 THEN 0::numeric(33,15) END AS distributed_markup,
    -- vendors of GPUs with a price
    ARRAY(SELECT rate->'tag_rates'->>'tag_key' FROM jsonb_path_query(list.rates, 'lax $[*]') AS rate
          WHERE rate->'metric'->>'name' = 'gpu_cost_per_month') AS gpu_vendors,
    extract(day FROM date_trunc('month', $2::timestamp) + interval '1 month - 1 day')::integer AS days_in_month
FROM {tenant}.cost_model_map AS map
JOIN {tenant}.cost_model AS model ON model.uuid = map.cost_model_id
CROSS JOIN LATERAL (SELECT koku_internal.to_price(model.markup->>'value') AS percent) AS markup
LEFT JOIN LATERAL (
    SELECT listed.uuid, listed.rates
    FROM {tenant}.price_list_cost_model_map AS link
    JOIN {tenant}.price_list AS listed ON listed.uuid = link.price_list_id
    WHERE link.cost_model_id = model.uuid AND $2 BETWEEN listed.effective_start_date AND listed.effective_end_date
    ORDER BY link.priority, link.id
    LIMIT 1) AS list ON true
WHERE map.provider_uuid = $1
ORDER BY model.name, model.uuid
LIMIT 1;
