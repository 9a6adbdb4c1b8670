-- Cost models: what the resources of clusters cost, and which clusters they are for.

CREATE FUNCTION koku_internal.require_cost_model(tenant name, cost_model uuid) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_name text;
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    EXECUTE format('SELECT name FROM %I.cost_model WHERE uuid = $1', tenant) INTO found_name USING cost_model;
    IF found_name IS NULL THEN
        RAISE EXCEPTION 'cost model "%" does not exist', coalesce(cost_model::text, 'NULL')
            USING ERRCODE = 'undefined_object', HINT = 'See koku_cost_models for those that exist.';
    END IF;
    RETURN found_name;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_cost_model(name, uuid) IS
'The name of a cost model; raises 42704 for an unknown tenant or model.';

CREATE FUNCTION koku_internal.cost_model_of(tenant name, source uuid) RETURNS uuid
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cost_model uuid;
BEGIN
    EXECUTE format('SELECT model.uuid FROM %1$I.cost_model_map AS map'
        ' JOIN %1$I.cost_model AS model ON model.uuid = map.cost_model_id'
        ' WHERE map.provider_uuid = $1 ORDER BY model.name, model.uuid LIMIT 1', tenant)
    INTO cost_model
    USING source;
    RETURN cost_model;
END;
$$;
COMMENT ON FUNCTION koku_internal.cost_model_of(name, uuid) IS
'The cost model of a source, NULL when it has none. Where other software gave it several, the first by name, as Koku '
'takes it.';

CREATE FUNCTION koku_internal.require_sources(tenant name, sources uuid[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unknown text;
BEGIN
    IF sources IS NULL THEN
        RAISE EXCEPTION 'sources must not be NULL'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Give an array of sources; it may be empty.';
    END IF;
    SELECT coalesce(wanted.source::text, 'NULL') INTO unknown
    FROM unnest(sources) WITH ORDINALITY AS wanted (source, number)
    WHERE NOT EXISTS (SELECT FROM @extschema@.koku_source AS known
                      WHERE known.source = wanted.source AND known.tenant = require_sources.tenant)
    ORDER BY wanted.number
    LIMIT 1;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'source "%" does not exist in tenant "%"', unknown, tenant
            USING ERRCODE = 'undefined_object',
                  HINT = 'Create it with koku_create_source(), or see koku_source for those that exist.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_sources(name, uuid[]) IS
'Raises 42704 when one of the sources is not of the tenant, 22004 for NULL.';

CREATE FUNCTION koku_internal.uuid_member(definition jsonb, member text) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    value text := definition->>member;
BEGIN
    PERFORM koku_internal.require_member(
        value IS NULL OR value ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        member, value, 'Give a UUID.');
    RETURN value::uuid;
END;
$$;
COMMENT ON FUNCTION koku_internal.uuid_member(jsonb, text) IS
'A uuid of a definition, NULL when it has none; raises 22023 for anything else.';

CREATE FUNCTION koku_internal.sources_of_definition(definition jsonb) RETURNS uuid[]
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    listed jsonb := coalesce(nullif(definition->'source_uuids', 'null'), '[]');
    element record;
    sources uuid[] := '{}';
BEGIN
    PERFORM koku_internal.require_member(jsonb_typeof(listed) = 'array', 'source_uuids',
                                         listed::text, 'Give an array of sources.');
    FOR element IN SELECT * FROM jsonb_array_elements_text(listed) WITH ORDINALITY AS member (value, number) LOOP
        PERFORM koku_internal.require_member(
            element.value ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
            format('source_uuids[%s]', element.number - 1), element.value, 'Give the UUID of a source.');
        sources := sources || element.value::uuid;
    END LOOP;
    RETURN sources;
END;
$$;
COMMENT ON FUNCTION koku_internal.sources_of_definition(jsonb) IS
'The sources that a definition names in source_uuids; raises 22023 for what is no uuid.';

CREATE FUNCTION @extschema@.koku_assign_cost_model(cost_model uuid, sources uuid[], tenant name DEFAULT 'koku')
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    other record;
    added bigint;
BEGIN
    PERFORM koku_internal.require_cost_model(tenant, cost_model);
    PERFORM koku_internal.require_sources(tenant, sources);
    -- A schema that other software filled may lack the key that keeps a second model from a source.
    EXECUTE format('INSERT INTO %1$I.cost_model_map (provider_uuid, cost_model_id)'
        ' SELECT DISTINCT wanted.source, $1 FROM unnest($2) AS wanted (source)'
        ' WHERE NOT EXISTS (SELECT FROM %1$I.cost_model_map AS map WHERE map.provider_uuid = wanted.source)'
        ' ORDER BY wanted.source ON CONFLICT DO NOTHING', tenant)
    USING cost_model, sources;
    GET DIAGNOSTICS added = ROW_COUNT;
    EXECUTE format('SELECT map.provider_uuid AS source, model.name, model.uuid FROM %1$I.cost_model_map AS map'
        ' LEFT JOIN %1$I.cost_model AS model ON model.uuid = map.cost_model_id'
        ' WHERE map.provider_uuid = ANY ($2) AND map.cost_model_id <> $1 ORDER BY map.provider_uuid LIMIT 1', tenant)
    INTO other
    USING cost_model, sources;
    IF other.source IS NOT NULL THEN
        RAISE EXCEPTION 'source "%" already has cost model "%"', other.source, other.name
            USING ERRCODE = 'duplicate_object', DETAIL = format('It is cost model %s.', other.uuid),
                  HINT = 'A source has one cost model. Unassign it with koku_unassign_cost_model() first.';
    END IF;
    RETURN added;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_assign_cost_model(uuid, uuid[], name) IS
'Gives sources a cost model and returns how many did not have it yet. Their costs of the current month are computed by '
'the next koku_run(), those of past months by koku_update_costs(). Errors: 42704 unknown tenant, model or source, '
'22004 NULL, 42710 a source that has another model, which is named.';

CREATE FUNCTION @extschema@.koku_unassign_cost_model(sources uuid[], tenant name DEFAULT 'koku') RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    removed bigint;
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    PERFORM koku_internal.require_sources(tenant, sources);
    EXECUTE format('DELETE FROM %I.cost_model_map WHERE provider_uuid = ANY ($1)', tenant) USING sources;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_unassign_cost_model(uuid[], name) IS
'Takes the cost model away from sources and returns how many had one. The next koku_run() removes their costs of the '
'current month; past months keep theirs until koku_update_costs(). Errors: 42704 unknown tenant or source, 22004 NULL.';

CREATE FUNCTION @extschema@.koku_create_cost_model(definition jsonb, sources uuid[] DEFAULT '{}',
                                                   tenant name DEFAULT 'koku')
RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    columns jsonb;
    cost_model uuid;
    price_list uuid;
    taken boolean;
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    columns := koku_internal.normal_cost_model(definition);
    PERFORM koku_internal.require_sources(tenant, sources);
    cost_model := coalesce(koku_internal.uuid_member(definition, 'uuid'), gen_random_uuid());
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.cost_model WHERE uuid = $1)', tenant) INTO taken USING cost_model;
    IF taken THEN
        RAISE EXCEPTION 'cost model "%" already exists', cost_model
            USING ERRCODE = 'duplicate_object',
                  HINT = 'Change it with koku_update_cost_model(), or leave out the uuid.';
    END IF;
    PERFORM koku_internal.change_cost_models(tenant,
        'INSERT INTO %1$I.cost_model (uuid, name, description, source_type,'
        ' created_timestamp, updated_timestamp, rates, markup,'
        '     distribution, currency, distribution_info)'
        ' SELECT $1[1], new.name, new.description, ''OCP'', now(), now(), new.rates, new.markup,'
        '     new.distribution_info->>''distribution_type'', new.currency, new.distribution_info'
        ' FROM jsonb_populate_record(NULL::%1$I.cost_model, $2) AS new', ARRAY[cost_model], columns);
    IF columns->'rates' <> '[]' THEN
        price_list := koku_internal.insert_price_list(tenant,
            columns || koku_internal.normal_price_list(jsonb_build_object('name', (columns->>'name') || ' prices',
                'currency', columns->'currency')) - 'rates' || jsonb_build_object('rates', columns->'rates'));
        PERFORM @extschema@.koku_attach_price_list(cost_model, price_list, 1, tenant);
    END IF;
    PERFORM @extschema@.koku_assign_cost_model(
        cost_model, sources || koku_internal.sources_of_definition(definition), tenant);
    RETURN cost_model;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_create_cost_model(jsonb, uuid[], name) IS
'Stores a cost model with a price list of its rates, gives it to the sources, and returns its uuid. definition: an '
'object with name, currency (ISO 4217), rates, markup, distribution_info, description, source_uuids (more sources) and '
'uuid, of which all but name and currency may be left out; other members are ignored, so that what the cost models API '
'of Koku gives out can be stored unchanged. Costs of the current month are computed by the next koku_run(), those of '
'past months by koku_update_costs(). Errors: 42704 unknown tenant or source, 22004 sources NULL, 22023 with the path '
'of a member that is not allowed, 42710 uuid taken, or a source that has another model.';

CREATE FUNCTION koku_internal.require_own_lists(tenant name, cost_model uuid, price_list uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shared record;
BEGIN
    EXECUTE format(
        'SELECT list.name AS list_name, model.name AS model_name FROM %1$I.price_list_cost_model_map AS own'
        ' JOIN %1$I.price_list AS list ON list.uuid = own.price_list_id'
        ' JOIN %1$I.price_list_cost_model_map AS other'
        '     ON other.price_list_id = own.price_list_id AND other.cost_model_id <> own.cost_model_id'
        ' JOIN %1$I.cost_model AS model ON model.uuid = other.cost_model_id'
        ' WHERE own.cost_model_id = $1 AND own.price_list_id = coalesce($2, own.price_list_id)'
        ' ORDER BY list.name, model.name LIMIT 1', tenant)
    INTO shared
    USING cost_model, price_list;
    IF shared.list_name IS NOT NULL THEN
        RAISE EXCEPTION 'price list "%" is also used by cost model "%"', shared.list_name, shared.model_name
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Change its rates with koku_update_price_list(), or detach it from one of the models first.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_own_lists(name, uuid, uuid) IS
'Raises 55000 when a price list of a cost model (NULL: any of them) is used by another model, too.';

CREATE FUNCTION koku_internal.update_lists_of_model(tenant name, cost_model uuid, stored jsonb, columns jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own_list uuid := koku_internal.list_of_model(tenant, cost_model);
    other record;
BEGIN
    IF own_list IS NULL THEN
        IF columns->'rates' <> '[]' AND columns->'rates' <> stored->'rates' THEN
            own_list := koku_internal.insert_price_list(tenant,
                columns || koku_internal.normal_price_list(jsonb_build_object('name', (columns->>'name') || ' prices',
                    'currency', columns->'currency')) - 'rates' || jsonb_build_object('rates', columns->'rates'));
            PERFORM @extschema@.koku_attach_price_list(cost_model, own_list, 1, tenant);
        END IF;
        RETURN;
    END IF;
    IF columns->>'currency' <> stored->>'currency' THEN
        PERFORM koku_internal.require_own_lists(tenant, cost_model, NULL);
        FOR other IN EXECUTE format(
            'SELECT list.uuid, list.rates FROM %1$I.price_list_cost_model_map AS link'
            ' JOIN %1$I.price_list AS list ON list.uuid = link.price_list_id'
            ' WHERE link.cost_model_id = $1 AND list.uuid <> $2 ORDER BY list.uuid', tenant) USING cost_model, own_list
        LOOP
            PERFORM koku_internal.store_rates(tenant, other.uuid, columns->>'currency',
                koku_internal.normal_rates(koku_internal.without_units(other.rates), columns->>'currency'));
        END LOOP;
    ELSIF columns->'rates' <> stored->'rates' THEN
        PERFORM koku_internal.require_own_lists(tenant, cost_model, own_list);
    ELSE
        RETURN;
    END IF;
    PERFORM koku_internal.store_rates(tenant, own_list, columns->>'currency', columns->'rates');
END;
$$;
COMMENT ON FUNCTION koku_internal.update_lists_of_model(name, uuid, jsonb, jsonb) IS
'Writes changed rates of a cost model to its price list of this month, which is made when it has none, and a changed '
'currency to all of its lists. Raises 55000 when another model uses such a list.';

CREATE FUNCTION koku_internal.store_rates(tenant name, price_list uuid, currency text, rates jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('UPDATE %I.price_list'
                   ' SET currency = $2, rates = $3, version = version + 1, updated_timestamp = now()'
        ' WHERE uuid = $1', tenant)
    USING price_list, currency, rates;
    PERFORM koku_internal.write_rates(tenant, price_list, rates);
END;
$$;
COMMENT ON FUNCTION koku_internal.store_rates(name, uuid, text, jsonb) IS
'Writes the rates of a price list in a currency, as JSON and as rows, and raises its version.';

CREATE FUNCTION @extschema@.koku_update_cost_model(cost_model uuid, definition jsonb, tenant name DEFAULT 'koku')
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stored jsonb;
    columns jsonb;
    sources uuid[] := koku_internal.sources_of_definition(definition);
BEGIN
    PERFORM koku_internal.require_cost_model(tenant, cost_model);
    EXECUTE format('SELECT to_jsonb(model) FROM %I.cost_model AS model WHERE model.uuid = $1 FOR UPDATE', tenant)
    INTO stored
    USING cost_model;
    columns := koku_internal.normal_cost_model(definition, stored);
    PERFORM koku_internal.update_lists_of_model(tenant, cost_model, stored, columns);
    PERFORM koku_internal.change_cost_models(tenant,
        'UPDATE %1$I.cost_model AS model SET name = new.name, description = new.description, currency = new.currency,'
        '     rates = new.rates, markup = new.markup, distribution = new.distribution_info->>''distribution_type'','
        '     distribution_info = new.distribution_info, updated_timestamp = now()'
        ' FROM jsonb_populate_record(NULL::%1$I.cost_model, $2) AS new WHERE model.uuid = $1[1]',
        ARRAY[cost_model], columns);
    IF jsonb_typeof(definition->'source_uuids') = 'array' THEN
        PERFORM koku_internal.require_sources(tenant, sources);
        EXECUTE format('DELETE FROM %I.cost_model_map WHERE cost_model_id = $1 AND provider_uuid <> ALL ($2)', tenant)
        USING cost_model, sources;
        PERFORM @extschema@.koku_assign_cost_model(cost_model, sources, tenant);
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_update_cost_model(uuid, jsonb, name) IS
'Replaces the members of a cost model that the definition gives (source_uuids: its sources); the others stay. Rates go '
'to its price list of this month, another currency to all of its lists, the prices as they are. The costs of the '
'current month are computed anew by the next koku_run(); past months keep theirs until koku_update_costs(). Errors: '
'42704 unknown tenant, model or source, 22023 with the path of a member that is not allowed, 42710 a source that has '
'another model, 55000 a price list that another model uses, too.';

CREATE FUNCTION @extschema@.koku_delete_cost_model(cost_model uuid, tenant name DEFAULT 'koku') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lists uuid[];
BEGIN
    PERFORM koku_internal.require_cost_model(tenant, cost_model);
    EXECUTE format('DELETE FROM %I.cost_model_map WHERE cost_model_id = $1', tenant) USING cost_model;
    EXECUTE format(
        'WITH removed AS (DELETE FROM %1$I.price_list_cost_model_map WHERE cost_model_id = $1 RETURNING price_list_id)'
        ' SELECT array_agg(removed.price_list_id) FROM removed'
        ' WHERE NOT EXISTS (SELECT FROM %1$I.price_list_cost_model_map AS other'
        '     WHERE other.price_list_id = removed.price_list_id AND other.cost_model_id <> $1)', tenant)
    INTO lists
    USING cost_model;
    EXECUTE format('DELETE FROM %I.cost_model_rate WHERE price_list_id = ANY ($1)', tenant) USING lists;
    EXECUTE format('DELETE FROM %I.price_list WHERE uuid = ANY ($1)', tenant) USING lists;
    PERFORM koku_internal.change_cost_models(
        tenant, 'DELETE FROM %1$I.cost_model WHERE uuid = ANY ($1)', ARRAY[cost_model]);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_delete_cost_model(uuid, name) IS
'Deletes a cost model with the price lists that only it used. The next koku_run() removes the costs of the current '
'month of its sources; past months keep theirs until koku_update_costs(). Error: 42704 unknown tenant or model.';
