-- Price lists: rates that are valid for some months, and the cost models that use them (spec cost.md 1.5).

CREATE FUNCTION koku_internal.require_price_list(tenant name, price_list uuid) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_name text;
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    EXECUTE format('SELECT name FROM %I.price_list WHERE uuid = $1', tenant) INTO found_name USING price_list;
    IF found_name IS NULL THEN
        RAISE EXCEPTION 'price list "%" does not exist', coalesce(price_list::text, 'NULL')
            USING ERRCODE = 'undefined_object', HINT = format('See %I.price_list for those that exist.', tenant);
    END IF;
    RETURN found_name;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_price_list(name, uuid) IS
'The name of a price list; raises 42704 for an unknown tenant or list.';

CREATE FUNCTION koku_internal.month_member(definition jsonb, member text, fallback date) RETURNS date
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
DECLARE
    text_value text := definition->>member;
    day date;
    is_start boolean := member = 'effective_start_date';
BEGIN
    IF text_value IS NULL THEN
        RETURN fallback;
    END IF;
    IF text_value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
        BEGIN
            day := text_value::date;
        EXCEPTION WHEN datetime_field_overflow THEN
            day := NULL;
        END;
    END IF;
    PERFORM koku_internal.require_member(extract(day FROM CASE WHEN is_start THEN day ELSE day + 1 END) = 1,
                                         member, text_value,
        format('Give the %s day of a month as YYYY-MM-DD: a price list is valid for whole months.',
            CASE WHEN is_start THEN 'first' ELSE 'last' END));
    RETURN day;
END;
$$;
COMMENT ON FUNCTION koku_internal.month_member(jsonb, text, date) IS
'The first day (effective_start_date) or last day (effective_end_date) of a month of a '
'definition; raises 22023 for any other day.';

CREATE FUNCTION koku_internal.normal_price_list(definition jsonb, stored jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
DECLARE
    currency text;
    first_day date;
    last_day date;
BEGIN
    PERFORM koku_internal.require_member(jsonb_typeof(definition) = 'object', 'definition', definition::text,
        'Give an object with name, currency and rates.');
    currency := koku_internal.currency_member(definition, stored->>'currency');
    first_day := koku_internal.month_member(definition,
                                            'effective_start_date', (stored->>'effective_start_date')::date);
    last_day := koku_internal.month_member(definition, 'effective_end_date',
        coalesce((stored->>'effective_end_date')::date, date '2099-12-31'));
    -- The beginning of time, in a form that every client can read.
    first_day := coalesce(first_day, date '0001-01-01');
    PERFORM koku_internal.require_member(first_day <= last_day, 'effective_end_date', last_day::text,
        'The last day comes after the first.');
    RETURN jsonb_build_object(
        'name', koku_internal.text_member(definition, 'name', '', 120, stored->>'name'),
        'description', koku_internal.text_member(definition, 'description', '',
                                                 500, coalesce(stored->>'description', '')),
        'currency', currency,
        'effective_start_date', first_day,
        'effective_end_date', last_day,
        'enabled', koku_internal.boolean_member(definition, 'enabled', '',
                                                coalesce((stored->>'enabled')::boolean, true)),
        'rates', koku_internal.normal_rates(CASE
            WHEN coalesce(definition->'rates', 'null') <> 'null' THEN definition->'rates'
            WHEN stored IS NOT NULL THEN koku_internal.without_units(stored->'rates')
            ELSE '[]' END, currency));
END;
$$;
COMMENT ON FUNCTION koku_internal.normal_price_list(jsonb, jsonb) IS
'The columns of a price list from its definition; what it lacks is as in the stored one, else the default: valid '
'always, enabled, without rates. Raises 22023 for a member that is not allowed.';

CREATE FUNCTION koku_internal.write_rates(tenant name, price_list uuid, rates jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('DELETE FROM %I.cost_model_rate WHERE price_list_id = $1', tenant) USING price_list;
    EXECUTE format(
        'INSERT INTO %I.cost_model_rate (uuid, price_list_id, custom_name, description, metric, metric_type, cost_type,'
        '     default_rate, tag_key, tag_values, created_timestamp, updated_timestamp)'
        ' SELECT gen_random_uuid(), $1, rate->>''custom_name'','
        ' rate->>''description'', known.metric, known.metric_type,'
        '     rate->>''cost_type'', (rate->''tiered_rates''->0->>''value'')::numeric,'
        '     coalesce(rate->''tag_rates''->>''tag_key'', ''''),'
        ' coalesce(rate->''tag_rates''->''tag_values'', ''[]''), now(), now()'
        ' FROM jsonb_array_elements($2) AS rate'
        ' JOIN koku_internal.cost_metrics() AS known ON known.metric = rate->''metric''->>''name''', tenant)
    USING price_list, rates;
END;
$$;
COMMENT ON FUNCTION koku_internal.write_rates(name, uuid, jsonb) IS
'Writes the rates of a price list as rows of cost_model_rate in place of those that are there.';

CREATE FUNCTION koku_internal.insert_price_list(tenant name, columns jsonb) RETURNS uuid
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    price_list uuid := gen_random_uuid();
BEGIN
    EXECUTE format(
        'INSERT INTO %I.price_list (uuid, name, description,'
        ' currency, effective_start_date, effective_end_date, enabled,'
        '     version, rates, created_timestamp, updated_timestamp)'
        ' SELECT $1, name, description, currency, effective_start_date,'
        ' effective_end_date, enabled, 1, rates, now(), now()'
        ' FROM jsonb_populate_record(NULL::%1$I.price_list, $2)', tenant)
    USING price_list, columns;
    PERFORM koku_internal.write_rates(tenant, price_list, columns->'rates');
    RETURN price_list;
END;
$$;
COMMENT ON FUNCTION koku_internal.insert_price_list(name, jsonb) IS
'Stores a new price list with its rates and returns its uuid.';

CREATE FUNCTION koku_internal.list_of_model(tenant name, cost_model uuid) RETURNS uuid
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    price_list uuid;
BEGIN
    EXECUTE format('SELECT list.uuid FROM %1$I.price_list_cost_model_map AS link'
        ' JOIN %1$I.price_list AS list ON list.uuid = link.price_list_id WHERE link.cost_model_id = $1'
        ' ORDER BY $2 BETWEEN list.effective_start_date AND list.effective_end_date DESC, link.priority, link.id'
        ' LIMIT 1', tenant)
    INTO price_list
    USING cost_model, date_trunc('month', koku_internal.today()::timestamp)::date;
    RETURN price_list;
END;
$$;
COMMENT ON FUNCTION koku_internal.list_of_model(name, uuid) IS
'The price list of a cost model that is valid this month, else its first one; NULL when it has none.';

CREATE FUNCTION koku_internal.change_cost_models(
    tenant name, statement text, models uuid[], columns jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_tenant text := format(statement, tenant);
BEGIN
    -- The audit that Koku's migrations make names no schema: its tables are found as Koku's API finds them.
    IF koku_internal.is_koku_tenant(tenant) THEN
        PERFORM set_config('search_path', format('pg_catalog, %I, pg_temp', tenant), true);
    END IF;
    EXECUTE of_tenant USING models, columns;
END;
$$;
COMMENT ON FUNCTION koku_internal.change_cost_models(name, text, uuid[], jsonb) IS
'Writes into the table of cost models of a tenant. The statement is code, never user input: it has the tenant as %1$I '
'or %1$L, $1 is the models, $2 the columns.';

CREATE FUNCTION koku_internal.mirror_rates(tenant name, models uuid[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT koku_internal.change_cost_models(tenant,
    'UPDATE %1$I.cost_model AS model SET rates = shown.rates, updated_timestamp = now()'
    ' FROM (SELECT wanted.uuid, coalesce((SELECT list.rates FROM %1$I.price_list AS list'
    '           WHERE list.uuid = koku_internal.list_of_model(%1$L, wanted.uuid)), ''[]'') AS rates'
    '       FROM unnest($1) AS wanted (uuid)) AS shown'
    ' WHERE model.uuid = shown.uuid AND model.rates <> shown.rates', models);
$$;
COMMENT ON FUNCTION koku_internal.mirror_rates(name, uuid[]) IS
'Shows in cost models the rates of the price list that is valid this month, where readers look for them.';

CREATE FUNCTION @extschema@.koku_create_price_list(definition jsonb, tenant name DEFAULT 'koku') RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    RETURN koku_internal.insert_price_list(tenant, koku_internal.normal_price_list(definition));
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_create_price_list(jsonb, name) IS
'Stores a price list and returns its uuid. definition: name, currency, rates as of a cost model, description, enabled, '
'effective_start_date (first day of a month; none: the beginning of time) and effective_end_date (last day of a month; '
'none: 2099-12-31). It charges nothing until koku_attach_price_list(). Errors: 42704 unknown tenant, 22023 with the '
'path of a member that is not allowed.';

CREATE FUNCTION @extschema@.koku_update_price_list(price_list uuid, definition jsonb, tenant name DEFAULT 'koku')
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stored jsonb;
    columns jsonb;
    models uuid[];
    other text;
BEGIN
    PERFORM koku_internal.require_price_list(tenant, price_list);
    EXECUTE format('SELECT to_jsonb(list) FROM %I.price_list AS list WHERE list.uuid = $1 FOR UPDATE', tenant)
        INTO stored USING price_list;
    columns := koku_internal.normal_price_list(definition, stored);
    IF columns->>'currency' <> stored->>'currency' THEN
        EXECUTE format('SELECT model.name FROM %1$I.price_list_cost_model_map AS link'
            ' JOIN %1$I.cost_model AS model ON model.uuid = link.cost_model_id'
            ' WHERE link.price_list_id = $1 ORDER BY model.name LIMIT 1', tenant)
        INTO other
        USING price_list;
        IF other IS NOT NULL THEN
            RAISE EXCEPTION 'price list "%" is used by cost model "%"', stored->>'name', other
                USING ERRCODE = 'object_not_in_prerequisite_state',
                      HINT = 'Change the currency of the cost model with '
                             'koku_update_cost_model(), or detach the list first.';
        END IF;
    END IF;
    EXECUTE format(
        'UPDATE %1$I.price_list AS list SET name = new.name, description = new.description, currency = new.currency,'
        '     effective_start_date = new.effective_start_date, '
        'effective_end_date = new.effective_end_date, enabled = new.enabled,'
        '     version = list.version + CASE WHEN (list.rates, list.effective_start_date, list.effective_end_date)'
        '         IS DISTINCT FROM (new.rates, new.effective_start_date, new.effective_end_date) THEN 1 ELSE 0 END,'
        '     rates = new.rates, updated_timestamp = now()'
        ' FROM jsonb_populate_record(NULL::%1$I.price_list, $2) AS new WHERE list.uuid = $1', tenant)
    USING price_list, columns;
    IF columns->'rates' <> stored->'rates' THEN
        PERFORM koku_internal.write_rates(tenant, price_list, columns->'rates');
    END IF;
    EXECUTE format('SELECT array_agg(cost_model_id ORDER BY cost_model_id) FROM %I.price_list_cost_model_map'
        ' WHERE price_list_id = $1', tenant)
    INTO models
    USING price_list;
    PERFORM koku_internal.mirror_rates(tenant, models);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_update_price_list(uuid, jsonb, name) IS
'Replaces the members of a price list that the definition gives. A change of rates or dates raises its version and '
'asks for new costs of the current month where the list covers it, for all sources of the models that use it; past '
'months keep their prices until koku_update_costs(). Errors: 42704 unknown tenant or list, 22023 with the path of a '
'member that is not allowed, 55000 another currency while a model uses it.';

CREATE FUNCTION @extschema@.koku_delete_price_list(price_list uuid, tenant name DEFAULT 'koku') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    list_name text := koku_internal.require_price_list(tenant, price_list);
    model_name text;
BEGIN
    EXECUTE format('SELECT model.name FROM %1$I.price_list_cost_model_map AS link'
        ' JOIN %1$I.cost_model AS model ON model.uuid = link.cost_model_id'
        ' WHERE link.price_list_id = $1 ORDER BY model.name LIMIT 1', tenant)
    INTO model_name
    USING price_list;
    IF model_name IS NOT NULL THEN
        RAISE EXCEPTION 'price list "%" is used by cost model "%"', list_name, model_name
            USING ERRCODE = 'object_in_use', HINT = 'Detach it with koku_detach_price_list() first.';
    END IF;
    EXECUTE format('DELETE FROM %I.cost_model_rate WHERE price_list_id = $1', tenant) USING price_list;
    EXECUTE format('DELETE FROM %I.price_list WHERE uuid = $1', tenant) USING price_list;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_delete_price_list(uuid, name) IS
'Deletes a price list that no cost model uses, with its rates. Errors: 42704 unknown tenant or list, 55006 in use.';

CREATE FUNCTION @extschema@.koku_attach_price_list(
    cost_model uuid, price_list uuid, priority integer DEFAULT 1, tenant name DEFAULT 'koku') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    model_name text := koku_internal.require_cost_model(tenant, cost_model);
    list_name text := koku_internal.require_price_list(tenant, price_list);
    list_enabled boolean;
    list_currency text;
    model_currency text;
BEGIN
    IF priority IS NULL OR priority < 0 THEN
        RAISE EXCEPTION 'priority is %', coalesce(priority::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give 0 or more; the valid list with the lowest number applies.';
    END IF;
    EXECUTE format('SELECT list.enabled, list.currency, model.currency'
                   ' FROM %1$I.price_list AS list, %1$I.cost_model AS model'
        ' WHERE list.uuid = $1 AND model.uuid = $2', tenant)
    INTO list_enabled, list_currency, model_currency
    USING price_list, cost_model;
    IF NOT list_enabled THEN
        RAISE EXCEPTION 'price list "%" is not enabled', list_name
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Enable it with koku_update_price_list(), definition {"enabled": true}.';
    ELSIF list_currency <> model_currency THEN
        RAISE EXCEPTION 'price list "%" is in %, cost model "%" in %', list_name,
            list_currency, model_name, model_currency
            USING ERRCODE = 'invalid_parameter_value', HINT = 'A cost model and its lists have one currency.';
    END IF;
    EXECUTE format('INSERT INTO %I.price_list_cost_model_map (priority, cost_model_id, price_list_id)'
                   ' VALUES ($3, $2, $1)'
        ' ON CONFLICT (price_list_id, cost_model_id) DO UPDATE SET priority = excluded.priority', tenant)
    USING price_list, cost_model, priority;
    PERFORM koku_internal.mirror_rates(tenant, ARRAY[cost_model]);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_attach_price_list(uuid, uuid, integer, name) IS
'Makes a price list one of a cost model, or changes its priority: of the lists that are valid on the first '
'day computed the one with the lowest number counts. The costs of the current month are computed anew by '
'the next koku_run(). Errors: 42704 unknown tenant, model or list, 22023 priority below 0 or NULL, or '
'another currency, 55000 list that is not enabled.';

CREATE FUNCTION @extschema@.koku_detach_price_list(cost_model uuid, price_list uuid, tenant name DEFAULT 'koku')
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    model_name text := koku_internal.require_cost_model(tenant, cost_model);
    list_name text := koku_internal.require_price_list(tenant, price_list);
    removed bigint;
BEGIN
    EXECUTE format('DELETE FROM %I.price_list_cost_model_map WHERE price_list_id = $1 AND cost_model_id = $2', tenant)
    USING price_list, cost_model;
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF removed = 0 THEN
        RAISE EXCEPTION 'cost model "%" does not use price list "%"', model_name, list_name
            USING ERRCODE = 'undefined_object', HINT = 'See koku_cost_models for the lists of a model.';
    END IF;
    PERFORM koku_internal.mirror_rates(tenant, ARRAY[cost_model]);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_detach_price_list(uuid, uuid, name) IS
'Takes a price list away from a cost model; the list stays. A model without a valid list has no rates. The costs of '
'the current month are computed anew by the next koku_run(). Errors: 42704 unknown tenant, model or list, or a list '
'that the model does not use.';
