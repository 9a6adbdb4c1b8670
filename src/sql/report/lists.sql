-- What a report lists beside its numbers: labels and prices.

CREATE FUNCTION koku_internal.report_enabled_labels(tenant name) RETURNS TABLE (key text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT key::text FROM %I.reporting_enabledtagkeys WHERE enabled GROUP BY key ORDER BY key COLLATE "C"',
        tenant);
END;
$$;
COMMENT ON FUNCTION koku_internal.report_enabled_labels(name) IS 'The keys of the labels that the summaries have.';

CREATE FUNCTION koku_internal.report_project_labels(
    tenant name, first date, last date, sources uuid[], namespaces text[])
RETURNS TABLE (source uuid, namespace text, key text, label_values text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT period.provider_id, label.namespace, label.key,
            array_to_string((array_agg(DISTINCT value.text COLLATE "C"))[1:6], ', ')
            || CASE WHEN count(DISTINCT value.text) > 6 THEN ', ...' ELSE '' END
        FROM %1$I.reporting_ocpusagepodlabel_summary AS label
        JOIN %1$I.reporting_ocpusagereportperiod AS period ON period.id = label.report_period_id
        JOIN unnest($3, $4) AS wanted (source, namespace) ON wanted.source = period.provider_id
            AND wanted.namespace = label.namespace
        CROSS JOIN unnest(label."values") AS value (text)
        WHERE period.report_period_start < ($2 + 1)::timestamp AT TIME ZONE 'UTC'
          AND period.report_period_start >= date_trunc('month', $1::timestamp) AT TIME ZONE 'UTC'
        GROUP BY period.provider_id, label.namespace, label.key
        ORDER BY period.provider_id, label.namespace COLLATE "C", label.key COLLATE "C"
        $query$, tenant)
    USING first, last, sources, namespaces;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_project_labels(name, date, date, uuid[], text[]) IS
'The labels of pods of the listed pairs of source and namespace in the months of a period, at most six values of each.';

CREATE FUNCTION koku_internal.report_prices(tenant name, sources uuid[], as_of date)
RETURNS TABLE (model text, metric text, cost_type text, label text, price text, currency text, validity text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regclass(format('%I.cost_model_map', tenant)) IS NULL
       OR to_regclass(format('%I.cost_model_rate', tenant)) IS NULL
       OR to_regclass(format('%I.price_list_cost_model_map', tenant)) IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format($query$
        WITH model AS (
            SELECT DISTINCT model.uuid, model.name::text AS name
            FROM %1$I.cost_model AS model
            WHERE model.uuid IN (SELECT koku_internal.cost_model_of($3, source) FROM unnest($1) AS source)
        ), list AS (
            SELECT DISTINCT ON (model.uuid) model.uuid, model.name, list.uuid AS list_uuid,
                list.currency::text AS currency,
                list.effective_start_date, list.effective_end_date
            FROM model
            JOIN %1$I.price_list_cost_model_map AS attached ON attached.cost_model_id = model.uuid
            JOIN %1$I.price_list AS list ON list.uuid = attached.price_list_id
            WHERE $2 BETWEEN list.effective_start_date AND list.effective_end_date
            ORDER BY model.uuid, attached.priority, list.uuid
        )
        SELECT list.name, rate.metric::text, rate.cost_type::text,
            CASE WHEN rate.tag_key <> '' THEN rate.tag_key || ' = ' || (tag.value->>'tag_value')
                || CASE WHEN tag.value->>'default' = 'true' THEN ' (and all others)' ELSE '' END ELSE '' END,
            trim_scale(coalesce(koku_internal.to_price(tag.value->>'value'), rate.default_rate))::text,
            list.currency,
            CASE WHEN isfinite(list.effective_start_date) THEN to_char(list.effective_start_date, 'YYYY-MM-DD')
                ELSE 'ever' END || ' to '
                || CASE WHEN isfinite(list.effective_end_date) THEN to_char(list.effective_end_date, 'YYYY-MM-DD')
                    ELSE 'ever' END
        FROM list
        JOIN %1$I.cost_model_rate AS rate ON rate.price_list_id = list.list_uuid
        LEFT JOIN LATERAL jsonb_array_elements(
            CASE WHEN rate.tag_key <> '' AND jsonb_typeof(rate.tag_values) = 'array' THEN rate.tag_values
                ELSE '[]' END) AS tag (value) ON true
        ORDER BY list.name COLLATE "C", list.uuid, rate.metric COLLATE "C", rate.cost_type COLLATE "C",
            rate.tag_key COLLATE "C",
            tag.value->>'tag_value' COLLATE "C", rate.custom_name COLLATE "C"
        $query$, tenant)
    USING sources, as_of, tenant;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_prices(name, uuid[], date) IS
'The rates of the price list that is in force on a day for each cost model of these sources; no '
'row where the tenant has no tables for them.';
