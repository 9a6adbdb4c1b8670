-- Budgets: what a part of a tenant may cost in a month.

CREATE FUNCTION koku_internal.require_budget_scope(scope jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF scope IS NULL OR jsonb_typeof(scope) <> 'object'
       OR EXISTS (SELECT FROM jsonb_each(scope) AS member (key, value)
                  WHERE key NOT IN ('cluster', 'project', 'label')
                     OR key IN ('cluster', 'project') AND jsonb_typeof(value) <> 'string'
                     OR key = 'label' AND jsonb_typeof(value) <> 'object')
       OR jsonb_typeof(scope->'label') = 'object' AND (
           SELECT count(*) <> 1 OR bool_or(jsonb_typeof(value) <> 'string')
           FROM jsonb_each(scope->'label') AS member (key, value)) THEN
        RAISE EXCEPTION 'scope % is not allowed', coalesce(left(scope::text, 64), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give {} for the whole tenant, or {"cluster": "id"}, '
                         '{"project": "name"}, {"label": {"key": "value"}}, or several of them.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_budget_scope(jsonb) IS
'Raises 22023 for a scope that no budget can have.';

CREATE FUNCTION @extschema@.koku_set_budget(
    tenant name, name text, scope jsonb, monthly numeric, thresholds numeric[] DEFAULT '{50,75,90,100}') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    PERFORM koku_internal.require_budget_scope(scope);
    IF name IS NULL OR name = '' OR length(name) > 100 THEN
        RAISE EXCEPTION 'budget name has % characters', coalesce(length(name)::text, 'no')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use 1 to 100 characters.';
    ELSIF (monthly > 0 AND monthly < 1e18) IS NOT TRUE THEN
        RAISE EXCEPTION 'budget of % a month is not allowed', coalesce(left(monthly::text, 64), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give an amount above 0 and below 10^18.';
    ELSIF thresholds IS NULL OR cardinality(thresholds) > 20
       OR EXISTS (SELECT FROM unnest(thresholds) AS threshold
                  WHERE (threshold > 0 AND threshold <= 1000) IS NOT TRUE) THEN
        RAISE EXCEPTION 'thresholds % are not allowed', coalesce(left(thresholds::text, 64), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give at most 20 percentages, each above 0 and at most 1000, such as {50,75,90,100}.';
    END IF;
    INSERT INTO @extschema@.koku_budget AS known (tenant, name, scope, monthly, thresholds)
    VALUES (koku_set_budget.tenant, koku_set_budget.name, koku_set_budget.scope,
            koku_set_budget.monthly, koku_set_budget.thresholds)
    ON CONFLICT ON CONSTRAINT koku_budget_pkey DO UPDATE
    SET scope = excluded.scope, monthly = excluded.monthly, thresholds = excluded.thresholds;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_set_budget(name, text, jsonb, numeric, numeric[]) IS
'Sets or changes a budget: the amount that a scope of the tenant may cost in a calendar month, in the currency of its '
'cost model. scope: {} for the whole tenant; {"cluster": "id"}; {"project": "name"}, with its shares of distributed '
'cost; {"label": {"key": "value"}}, without them, since labels take no part in distribution; several members apply '
'together. thresholds: percents that koku_budgets tells when they are reached. Errors: 42704 unknown tenant, 22023 bad '
'name, scope, amount or thresholds.';

CREATE FUNCTION @extschema@.koku_remove_budget(tenant name, name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    DELETE FROM @extschema@.koku_budget AS known
    WHERE known.tenant = koku_remove_budget.tenant AND known.name = koku_remove_budget.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'tenant "%" has no budget "%"', tenant, coalesce(left(name, 64), 'NULL')
            USING ERRCODE = 'undefined_object', HINT = 'See koku_budgets for those that exist.';
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_remove_budget(name, text) IS
'Removes a budget. Errors: 42704 unknown tenant or budget.';

CREATE FUNCTION koku_internal.scope_costs(tenant name, scope jsonb, first date, last date)
RETURNS TABLE (day date, cost numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    -- The smallest table that knows what the scope is about.
    RETURN QUERY EXECUTE format($query$
        SELECT usage_start, coalesce(sum(infrastructure_raw_cost), 0) + coalesce(sum(infrastructure_markup_cost), 0)
            + coalesce(sum(cost_model_cpu_cost), 0) + coalesce(sum(cost_model_memory_cost), 0)
            + coalesce(sum(cost_model_volume_cost), 0) + coalesce(sum(cost_model_gpu_cost), 0)
            + coalesce(sum(distributed_cost), 0)
        FROM %I.%I
        WHERE usage_start BETWEEN $1 AND $2 AND ($3->>'cluster' IS NULL OR cluster_id = $3->>'cluster')
            %s %s
        GROUP BY usage_start
        HAVING bool_or(cost_model_rate_type IS NOT NULL OR infrastructure_raw_cost <> 0)
        $query$, tenant,
        CASE WHEN scope ? 'label' THEN 'reporting_ocpusagelineitem_daily_summary'
             WHEN scope ? 'project' THEN 'reporting_ocp_cost_summary_by_project_p'
                 ELSE 'reporting_ocp_cost_summary_p' END,
        CASE WHEN scope ? 'project' THEN 'AND namespace = $3->>''project''' END,
        CASE WHEN scope ? 'label' THEN 'AND all_labels @> ($3->''label'')' END)
    USING first, last, scope;
END;
$$;
COMMENT ON FUNCTION koku_internal.scope_costs(name, jsonb, date, date) IS
'The cost of a budget''s scope by day, on days that have costs.';

CREATE FUNCTION koku_internal.budget_states(only_tenant name, month date, today date)
RETURNS TABLE (tenant name, name text, scope jsonb, monthly numeric, spent numeric,
               forecast numeric, as_of date, reached numeric, state text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT known.tenant, known.name, known.scope, known.monthly, cost.spent, ahead.forecast, cost.as_of, passed.reached,
    CASE WHEN cost.as_of IS NULL THEN 'no costs'
         WHEN cost.spent > known.monthly THEN 'exceeded'
         WHEN ahead.forecast > known.monthly THEN 'forecast exceeds it'
         WHEN passed.reached IS NOT NULL THEN format('%s %% reached', trim_scale(passed.reached))
         ELSE 'ok' END
FROM @extschema@.koku_budget AS known
CROSS JOIN LATERAL (
    SELECT coalesce(sum(listed.cost), 0) AS spent, max(listed.day) AS as_of,
        -- Today is not over; of the days before, the last fourteen tell what a day costs.
        (array_agg(listed.cost ORDER BY listed.day DESC) FILTER (WHERE listed.day < today
                                                                 OR today IS NULL))[1:14] AS days
    FROM koku_internal.scope_costs(known.tenant, known.scope,
                                   month, (month + interval '1 month')::date - 1) AS listed) AS cost
CROSS JOIN LATERAL (
    SELECT CASE WHEN cardinality(cost.days) >= 3 THEN cost.spent
        + (SELECT avg(day) FROM unnest(cost.days) AS day)
            * ((month + interval '1 month')::date - 1 - cost.as_of) END AS forecast) AS ahead
CROSS JOIN LATERAL (
    SELECT max(threshold) AS reached FROM unnest(known.thresholds) AS threshold
    WHERE cost.spent >= known.monthly * threshold / 100) AS passed
WHERE known.tenant = only_tenant OR only_tenant IS NULL;
$$;
COMMENT ON FUNCTION koku_internal.budget_states(name, date, date) IS
'The budgets of a tenant (NULL: of all) in a month, seen from a day of it (NULL: all days with costs are over).';

-- With the rights of its owner, for the view below: what a view calls is called with the rights of its reader.
CREATE FUNCTION koku_internal.budgets_now()
RETURNS TABLE (tenant name, name text, scope jsonb, month date, monthly numeric,
               spent numeric, forecast numeric, as_of date, reached numeric, state text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
SELECT listed.tenant, listed.name, listed.scope, calendar.month, listed.monthly,
    listed.spent, listed.forecast, listed.as_of, listed.reached, listed.state
FROM (SELECT koku_internal.today(),
      date_trunc('month', koku_internal.today()::timestamp)::date) AS calendar (today, month)
CROSS JOIN LATERAL koku_internal.budget_states(NULL, calendar.month, calendar.today) AS listed;
$$;
COMMENT ON FUNCTION koku_internal.budgets_now() IS
'The budgets of all tenants in the current month.';

CREATE VIEW @extschema@.koku_budgets WITH (security_barrier) AS
SELECT tenant, name, scope, month, monthly, spent, round(100 * spent / monthly, 1) AS percent,
    forecast, as_of, reached, state
FROM koku_internal.budgets_now();
COMMENT ON VIEW @extschema@.koku_budgets IS
'One row a budget in the current month (UTC): spent up to as_of, the last day with costs; percent of the budget; '
'forecast, spent and the mean of the last days (at most 14 that are over, at least 3) for each day that is left; '
'reached, the highest threshold. state: no costs, ok, a threshold reached, forecast exceeds it, exceeded.';
