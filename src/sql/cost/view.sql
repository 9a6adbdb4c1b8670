-- Cost models and requests for costs as views.

CREATE FUNCTION koku_internal.cost_models()
RETURNS TABLE (tenant name, uuid uuid, name text, currency text, sources uuid[],
               price_lists jsonb, rates bigint, computed_at jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    listed name;
BEGIN
    FOR listed IN
        SELECT known.tenant FROM @extschema@.koku_tenant AS known
        -- After an upgrade it may be missing, until koku_create_tenant() is called.
        WHERE to_regclass(format('%I.price_list_cost_model_map', known.tenant)) IS NOT NULL
        ORDER BY known.tenant
    LOOP
        RETURN QUERY EXECUTE format($query$
            SELECT $1, model.uuid, model.name, model.currency,
                ARRAY(SELECT map.provider_uuid FROM %1$I.cost_model_map AS map
                      WHERE map.cost_model_id = model.uuid ORDER BY map.provider_uuid),
                (SELECT coalesce(jsonb_agg(jsonb_build_object('uuid', list.uuid, 'name',
                                                              list.name, 'priority', link.priority,
                            'effective_start_date', list.effective_start_date, 'effective_end_date',
                            list.effective_end_date)
                        ORDER BY link.priority, link.id), '[]')
                 FROM %1$I.price_list_cost_model_map AS link
                 JOIN %1$I.price_list AS list ON list.uuid = link.price_list_id
                 WHERE link.cost_model_id = model.uuid),
                (SELECT count(*)
                 FROM %1$I.price_list_cost_model_map AS link
                 JOIN %1$I.cost_model_rate AS rate ON rate.price_list_id = link.price_list_id
                 WHERE link.cost_model_id = model.uuid),
                (SELECT coalesce(jsonb_object_agg(found.provider_id, found.computed_at), '{}')
                 FROM (SELECT period.provider_id, max(period.derived_cost_datetime) AS computed_at
                       FROM %1$I.reporting_ocpusagereportperiod AS period
                       JOIN %1$I.cost_model_map AS map ON map.provider_uuid = period.provider_id
                       WHERE map.cost_model_id = model.uuid AND period.derived_cost_datetime IS NOT NULL
                       GROUP BY period.provider_id) AS found)
            FROM %1$I.cost_model AS model
            ORDER BY model.name, model.uuid
            $query$, listed)
        USING listed;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.cost_models() IS
'The cost models of all tenants, for the view koku_cost_models. With the rights of its owner, so that a reader needs '
'no grant on the tables of each tenant.';

CREATE VIEW @extschema@.koku_cost_models WITH (security_barrier) AS
SELECT * FROM koku_internal.cost_models();
COMMENT ON VIEW @extschema@.koku_cost_models IS
'One row a cost model of a tenant: name, currency, the sources that have it, its price lists in the order of their '
'priority with their validity, the number of rates in all of them, and when the costs of each source were last '
'computed (computed_at: source to time; a source whose costs never were is not in it).';

CREATE VIEW @extschema@.koku_cost_requests WITH (security_barrier) AS
SELECT request.source, known.name, known.tenant, request.month, request.first_day, request.last_day,
    request.only_gpu_distribution, request.requested_at, request.attempts, request.last_error,
    CASE WHEN request.retry_after = 'infinity' THEN 'parked'
         WHEN request.started_at IS NOT NULL THEN 'running or cut off'
         WHEN request.due > (now() AT TIME ZONE 'UTC')::date THEN 'not due'
         WHEN request.retry_after > now() THEN 'failed, waits'
         ELSE 'waiting' END AS status,
    nullif(request.retry_after, 'infinity') AS retry_after
FROM @extschema@.koku_cost_request AS request
JOIN @extschema@.koku_source AS known USING (source);
COMMENT ON VIEW @extschema@.koku_cost_requests IS
'One row a source and month whose costs the next koku_run() computes anew. status: waiting; not due: a month whose '
'free GPU time is distributed once the month is over (only_gpu_distribution); failed, waits: the last attempt failed '
'(last_error), the next is made at retry_after; running or cut off; parked: no further attempt is made until '
'koku_update_costs() or a change of the cost model and koku_retry_costs().';
