-- What a definition of a cost model or price list may hold (spec cost.md 1.2, 1.4). The error names the member by its
-- path.

CREATE FUNCTION koku_internal.refuse_member(path text, value text, allowed text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '%: % is not allowed', path, coalesce('"' || left(value, 64) || '"', 'NULL')
        USING ERRCODE = 'invalid_parameter_value', HINT = allowed;
END;
$$;
COMMENT ON FUNCTION koku_internal.refuse_member(text, text, text) IS
'Raises 22023 for a member of a definition: its path, its value cut short, and what is allowed.';

CREATE FUNCTION koku_internal.require_member(passes boolean, path text, value text, allowed text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF passes IS NOT TRUE THEN
        PERFORM koku_internal.refuse_member(path, value, allowed);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_member(boolean, text, text, text) IS
'koku_internal.refuse_member() unless the condition is true.';

CREATE FUNCTION koku_internal.text_member(object jsonb, member text, path text, longest integer, fallback text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    value text := object->>member;
    shown_path text := concat_ws('.', nullif(path, ''), member);
BEGIN
    IF value IS NULL THEN
        PERFORM koku_internal.require_member(fallback IS NOT NULL, shown_path, NULL, 'It must be given.');
        RETURN fallback;
    END IF;
    PERFORM koku_internal.require_member(
        jsonb_typeof(object->member) = 'string' AND length(value) <= longest AND (value <> '' OR fallback IS NOT NULL),
        shown_path, value,
        format('Give a text of %s to %s characters.', CASE WHEN fallback IS NULL THEN 1 ELSE 0 END, longest));
    RETURN value;
END;
$$;
COMMENT ON FUNCTION koku_internal.text_member(jsonb, text, text, integer, text) IS
'A text of an object, the fallback when it is missing or null; raises 22023 when it is too long, no text, or missing '
'or empty without a fallback.';

CREATE FUNCTION koku_internal.number_member(object jsonb, member text, path text, lowest numeric) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    value numeric := koku_internal.to_price(object->>member);
BEGIN
    PERFORM koku_internal.require_member(
        jsonb_typeof(object->member) IN ('number', 'string') AND abs(value) < 1e9 AND scale(trim_scale(value)) <= 10
            AND (lowest IS NULL OR value >= lowest),
        path || '.' || member, object->>member,
        format('Give a number%s with at most 9 digits before and 10 after the point, as a number or a text.',
            CASE WHEN lowest >= 0 THEN ' of 0 or more' ELSE '' END));
    RETURN value;
END;
$$;
COMMENT ON FUNCTION koku_internal.number_member(jsonb, text, text, numeric) IS
'A number of an object, given as number or text; raises 22023 when it is missing, none, below the lowest, or has more '
'digits than a price may have.';

CREATE FUNCTION koku_internal.boolean_member(object jsonb, member text, path text, fallback boolean) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF object->>member IS NULL THEN
        RETURN fallback;
    END IF;
    PERFORM koku_internal.require_member(jsonb_typeof(object->member) = 'boolean',
                                         concat_ws('.', nullif(path, ''), member),
        object->>member, 'Give true or false.');
    RETURN (object->>member)::boolean;
END;
$$;
COMMENT ON FUNCTION koku_internal.boolean_member(jsonb, text, text, boolean) IS
'A boolean of an object, the fallback when it is missing or null; raises 22023 for anything else.';

CREATE FUNCTION koku_internal.currency_member(object jsonb, fallback text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    value text := coalesce(object->>'currency', fallback);
BEGIN
    PERFORM koku_internal.require_member(koku_internal.is_currency(value), 'currency', value,
        'Give a currency code of ISO 4217, as USD or EUR.');
    RETURN value;
END;
$$;
COMMENT ON FUNCTION koku_internal.currency_member(jsonb, text) IS
'The currency of a definition, the fallback when it is missing; raises 22023 for what is no code of ISO 4217.';

CREATE FUNCTION koku_internal.require_unit(object jsonb, path text, currency text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.require_member(coalesce(object->>'unit', currency) = currency,
                                         path || '.unit', object->>'unit',
        format('The unit of every price is the currency, %s.', currency));
END;
$$;
COMMENT ON FUNCTION koku_internal.require_unit(jsonb, text, text) IS
'Raises 22023 when the unit of a price is not the currency; one that is missing passes.';

CREATE FUNCTION koku_internal.normal_tiers(tiers jsonb, path text, currency text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tier record;
    tier_path text;
    bound text;
    last_number bigint := jsonb_array_length(tiers);
    expected_start numeric;
    normal jsonb := '[]';
BEGIN
    FOR tier IN SELECT * FROM jsonb_array_elements(tiers) WITH ORDINALITY AS listed (object, number) LOOP
        tier_path := format('%s[%s]', path, tier.number - 1);
        PERFORM koku_internal.require_member(jsonb_typeof(tier.object) = 'object', tier_path, tier.object::text,
            'Give an object with value and unit.');
        PERFORM koku_internal.number_member(tier.object, 'value', tier_path, 0);
        PERFORM koku_internal.require_unit(tier.object, tier_path, currency);
        PERFORM koku_internal.require_member(jsonb_typeof(coalesce(tier.object->'usage', '{}')) IN ('object', 'null'),
            tier_path || '.usage', tier.object->>'usage', 'Give an object with usage_start and usage_end.');
        FOREACH bound IN ARRAY '{usage_start,usage_end}'::text[] LOOP
            PERFORM koku_internal.require_member(
                tier.object->'usage'->>bound IS NULL
                    OR koku_internal.to_price(tier.object->'usage'->>bound) IS NOT NULL,
                tier_path || '.usage.' || bound, tier.object->'usage'->>bound, 'Give a number, or null for no bound.');
        END LOOP;
        PERFORM koku_internal.require_unit(coalesce(tier.object->'usage', '{}'), tier_path || '.usage', currency);
        PERFORM koku_internal.require_member(
            koku_internal.to_price(tier.object->'usage'->>'usage_start') IS NOT DISTINCT FROM expected_start,
            tier_path || '.usage.usage_start', tier.object->'usage'->>'usage_start',
            'The first tier has no start, every other one starts where the one before ends.');
        expected_start := koku_internal.to_price(tier.object->'usage'->>'usage_end');
        PERFORM koku_internal.require_member((expected_start IS NULL) = (tier.number = last_number),
            tier_path || '.usage.usage_end', tier.object->'usage'->>'usage_end',
            'The last tier has no end, every other one has.');
        normal := normal || (tier.object || jsonb_build_object('unit', currency,
            'usage', coalesce(nullif(tier.object->'usage', 'null'), '{}') || jsonb_build_object('unit', currency)));
    END LOOP;
    RETURN normal;
END;
$$;
COMMENT ON FUNCTION koku_internal.normal_tiers(jsonb, text, text) IS
'The tiers of a plain rate with their units. Only the price of the first one charges. '
'Raises 22023 for a member that is not allowed.';

CREATE FUNCTION koku_internal.normal_tag_values(tag_values jsonb, path text, currency text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entry record;
    entry_path text;
    tag_value text;
    is_default boolean;
    seen text[] := '{}';
    has_default boolean := false;
    normal jsonb := '[]';
BEGIN
    FOR entry IN SELECT * FROM jsonb_array_elements(tag_values) WITH ORDINALITY AS listed (object, number) LOOP
        entry_path := format('%s[%s]', path, entry.number - 1);
        PERFORM koku_internal.require_member(jsonb_typeof(entry.object) = 'object', entry_path, entry.object::text,
            'Give an object with tag_value, value and unit.');
        tag_value := koku_internal.text_member(entry.object, 'tag_value', entry_path, 100, NULL);
        PERFORM koku_internal.require_member(tag_value <> ALL (seen), entry_path || '.tag_value', tag_value,
            'A value of a tag has one price.');
        seen := seen || tag_value;
        PERFORM koku_internal.number_member(entry.object, 'value', entry_path, 0);
        PERFORM koku_internal.require_unit(entry.object, entry_path, currency);
        is_default := koku_internal.boolean_member(entry.object, 'default', entry_path, false);
        PERFORM koku_internal.require_member(NOT (is_default AND has_default), entry_path || '.default', 'true',
            'At most one value is the default.');
        has_default := has_default OR is_default;
        normal := normal || (entry.object || jsonb_build_object('unit', currency, 'default', is_default,
            'description', koku_internal.text_member(entry.object, 'description', entry_path, 500, '')));
    END LOOP;
    RETURN normal;
END;
$$;
COMMENT ON FUNCTION koku_internal.normal_tag_values(jsonb, text, text) IS
'The values of a tag rate with their units. Raises 22023 for a member that is not allowed.';

CREATE FUNCTION koku_internal.rate_name(metric text, cost_type text, tag_key text, taken text[]) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT candidate.name
FROM (SELECT 1 AS number, left(concat_ws('-', metric, cost_type, tag_key), 50) AS name
      UNION ALL
      SELECT number, left(concat_ws('-', metric, cost_type, tag_key), 49 - length(number::text)) || '-' || number
      FROM generate_series(2, coalesce(cardinality(taken), 0) + 2) AS number) AS candidate
WHERE candidate.name <> ALL (coalesce(taken, '{}'))
ORDER BY candidate.number
LIMIT 1;
$$;
COMMENT ON FUNCTION koku_internal.rate_name(text, text, text, text[]) IS
'A name of at most 50 characters for a rate that has none, different from those that are taken: '
'metric-cost_type-tag_key, with -2, -3 ... behind it.';

CREATE FUNCTION koku_internal.normal_rate(rate jsonb, path text, currency text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known record;
    cost_type text;
    is_plain boolean;
    normal jsonb;
    tag_key text;
    tag_values jsonb;
BEGIN
    PERFORM koku_internal.require_member(jsonb_typeof(rate) = 'object', path,
                                         rate::text, 'Give an object with metric and prices.');
    SELECT * INTO known FROM koku_internal.cost_metrics() AS listed WHERE listed.metric = rate->'metric'->>'name';
    PERFORM koku_internal.require_member(FOUND, path || '.metric.name', rate->'metric'->>'name', (
        SELECT 'Give one of ' || string_agg(listed.metric, ', ') || '.' FROM koku_internal.cost_metrics() AS listed));
    cost_type := initcap(coalesce(nullif(rate->>'cost_type', ''), known.cost_type));
    PERFORM koku_internal.require_member(cost_type IN ('Infrastructure', 'Supplementary'),
                                         path || '.cost_type', rate->>'cost_type',
        'Give Infrastructure or Supplementary.');

    is_plain := coalesce(rate->'tiered_rates', 'null') NOT IN ('null', '[]', '{}');
    PERFORM koku_internal.require_member(is_plain <> (coalesce(rate->'tag_rates', 'null') NOT IN ('null', '[]', '{}')),
                                         path,
        CASE WHEN is_plain THEN 'tiered_rates and tag_rates' END, 'Give either tiered_rates or tag_rates, not empty.');
    PERFORM koku_internal.require_member(CASE WHEN is_plain THEN known.may_be_plain ELSE known.may_be_tag END,
        path || CASE WHEN is_plain THEN '.tiered_rates' ELSE '.tag_rates' END, known.metric,
        format('A rate of this metric would never charge in this form: give %s.',
            CASE WHEN is_plain THEN 'tag_rates' ELSE 'tiered_rates' END));
    normal := jsonb_strip_nulls(jsonb_build_object('rate_id', rate->'rate_id',
            'custom_name', nullif(koku_internal.text_member(rate, 'custom_name', path, 50, ''), '')))
        || jsonb_build_object('metric', rate->'metric', 'cost_type', cost_type,
            'description', koku_internal.text_member(rate, 'description', path, 500, ''));
    IF is_plain THEN
        PERFORM koku_internal.require_member(jsonb_typeof(rate->'tiered_rates') = 'array', path || '.tiered_rates',
            rate->>'tiered_rates', 'Give an array of tiers.');
        RETURN normal || jsonb_build_object('tiered_rates',
            koku_internal.normal_tiers(rate->'tiered_rates', path || '.tiered_rates', currency));
    END IF;

    path := path || '.tag_rates';
    tag_key := koku_internal.text_member(rate->'tag_rates', 'tag_key', path, 100, NULL);
    tag_values := rate->'tag_rates'->'tag_values';
    PERFORM koku_internal.require_member(jsonb_typeof(tag_values) = 'array' AND tag_values <> '[]',
                                         path || '.tag_values',
        tag_values::text, 'Give an array of at least one value with its price.');
    RETURN normal || jsonb_build_object('tag_rates', jsonb_build_object('tag_key', tag_key,
        'tag_values', koku_internal.normal_tag_values(tag_values, path || '.tag_values', currency)));
END;
$$;
COMMENT ON FUNCTION koku_internal.normal_rate(jsonb, text, text) IS
'A rate with its defaults. Raises 22023 for a member that is not allowed.';

CREATE FUNCTION koku_internal.normal_rates(rates jsonb, currency text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    listed record;
    rate jsonb;
    name text;
    tag text;
    names text[];
    tags text[] := '{}';
    normal jsonb := '[]';
BEGIN
    PERFORM koku_internal.require_member(jsonb_typeof(rates) = 'array', 'rates',
                                         rates::text, 'Give an array of rates.');
    SELECT array_agg(element->>'custom_name') FILTER (WHERE element->>'custom_name' <> '') INTO names
    FROM jsonb_array_elements(rates) AS element;
    FOR listed IN
        SELECT format('rates[%s]', element.number - 1) AS path, element.object
        FROM jsonb_array_elements(rates) WITH ORDINALITY AS element (object, number)
    LOOP
        rate := koku_internal.normal_rate(listed.object, listed.path, currency);
        name := rate->>'custom_name';
        IF name IS NULL THEN
            name := koku_internal.rate_name(
                rate->'metric'->>'name', rate->>'cost_type', rate->'tag_rates'->>'tag_key', names);
            names := names || name;
            rate := rate || jsonb_build_object('custom_name', name);
        ELSE
            PERFORM koku_internal.require_member(cardinality(array_positions(names, name)) = 1,
                                                 listed.path || '.custom_name', name,
                'Each rate has a name of its own; leave it out to have one made.');
        END IF;
        IF rate ? 'tag_rates' THEN
            tag := concat_ws('-', rate->'metric'->>'name', rate->>'cost_type', rate->'tag_rates'->>'tag_key');
            PERFORM koku_internal.require_member(tag <> ALL (tags), listed.path || '.tag_rates.tag_key',
                rate->'tag_rates'->>'tag_key', 'A tag key has one rate for each metric and cost type.');
            tags := tags || tag;
        END IF;
        normal := normal || rate;
    END LOOP;
    RETURN normal;
END;
$$;
COMMENT ON FUNCTION koku_internal.normal_rates(jsonb, text) IS
'The rates of a definition with their defaults and names. Raises 22023 for a member that is not allowed.';

CREATE FUNCTION koku_internal.normal_markup(markup jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF coalesce(markup, 'null') IN ('null', '{}') THEN
        RETURN '{}';
    END IF;
    PERFORM koku_internal.require_member(jsonb_typeof(markup) = 'object', 'markup', markup::text,
        'Give an object with value and unit, or an empty one.');
    PERFORM koku_internal.number_member(markup, 'value', 'markup', NULL);
    PERFORM koku_internal.require_member(coalesce(markup->>'unit', 'percent') = 'percent',
                                         'markup.unit', markup->>'unit',
        'The unit of a markup is percent.');
    RETURN markup || '{"unit": "percent"}';
END;
$$;
COMMENT ON FUNCTION koku_internal.normal_markup(jsonb) IS
'The markup of a definition; raises 22023 for a member that is not allowed.';

CREATE FUNCTION koku_internal.normal_distribution(definition jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    info jsonb := definition->'distribution_info';
    kind text;
BEGIN
    IF coalesce(info, 'null') = 'null' THEN
        info := '{}';
    END IF;
    PERFORM koku_internal.require_member(jsonb_typeof(info) = 'object', 'distribution_info',
                                         info::text, 'Give an object.');
    kind := coalesce(info->>'distribution_type', definition->>'distribution', 'cpu');
    PERFORM koku_internal.require_member(kind IN ('cpu', 'memory'),
        CASE WHEN info->>'distribution_type' IS NULL THEN 'distribution'
            ELSE 'distribution_info.distribution_type' END, kind,
        'Give cpu or memory.');
    RETURN jsonb_build_object('distribution_type', kind,
        'platform_cost', koku_internal.boolean_member(info, 'platform_cost', 'distribution_info', true),
        'worker_cost', koku_internal.boolean_member(info, 'worker_cost', 'distribution_info', true),
        'network_unattributed', koku_internal.boolean_member(info, 'network_unattributed', 'distribution_info', false),
        'storage_unattributed', koku_internal.boolean_member(info, 'storage_unattributed', 'distribution_info', false),
        'gpu_unallocated', koku_internal.boolean_member(info, 'gpu_unallocated', 'distribution_info', false));
END;
$$;
COMMENT ON FUNCTION koku_internal.normal_distribution(jsonb) IS
'The distribution of a definition with its defaults: by cpu, platform and worker cost distributed, network, storage '
'and GPUs not. Raises 22023 for a member that is not allowed.';

CREATE FUNCTION koku_internal.normal_cost_model(definition jsonb, stored jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    currency text;
    -- Other software may have written anything else.
    stored_distribution jsonb := CASE WHEN jsonb_typeof(stored->'distribution_info') = 'object'
        THEN stored->'distribution_info' ELSE '{}' END;
BEGIN
    PERFORM koku_internal.require_member(jsonb_typeof(definition) = 'object', 'definition', definition::text,
        'Give an object with name, currency and rates.');
    PERFORM koku_internal.require_member(
        coalesce(definition->>'source_type', 'OCP') IN ('OCP', 'OpenShift Container Platform'), 'source_type',
        definition->>'source_type', 'Cost models are those of OpenShift clusters: OCP.');
    currency := koku_internal.currency_member(definition, stored->>'currency');
    RETURN jsonb_build_object(
        'name', koku_internal.text_member(definition, 'name', '', 100, stored->>'name'),
        'description', koku_internal.text_member(definition, 'description', '',
                                                 500, coalesce(stored->>'description', '')),
        'currency', currency,
        'rates', koku_internal.normal_rates(CASE
            WHEN coalesce(definition->'rates', 'null') <> 'null' THEN definition->'rates'
            -- In another currency the prices stay and have its unit.
            WHEN stored IS NOT NULL THEN koku_internal.without_units(stored->'rates')
            ELSE '[]' END, currency),
        'markup', koku_internal.normal_markup(CASE WHEN definition ? 'markup' THEN definition->'markup'
                                              ELSE stored->'markup' END),
        'distribution_info', koku_internal.normal_distribution(CASE
            WHEN stored IS NULL THEN definition
            ELSE jsonb_build_object('distribution', coalesce(definition->'distribution', 'null'), 'distribution_info',
                CASE WHEN definition->>'distribution' IS NULL THEN stored_distribution
                     ELSE stored_distribution - 'distribution_type' END
                || CASE WHEN jsonb_typeof(definition->'distribution_info') = 'object'
                        THEN jsonb_strip_nulls(definition->'distribution_info') ELSE '{}' END) END));
END;
$$;
COMMENT ON FUNCTION koku_internal.normal_cost_model(jsonb, jsonb) IS
'The columns of a cost model from its definition; what it lacks is as in the stored one, else the default. Raises '
'22023 for a member that is not allowed.';

CREATE FUNCTION koku_internal.without_unit(object jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN jsonb_typeof(object) = 'object' THEN object - 'unit' ELSE object END;
$$;
COMMENT ON FUNCTION koku_internal.without_unit(jsonb) IS 'An object without its member unit; anything else as it is.';

CREATE FUNCTION koku_internal.without_units(rates jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce(jsonb_agg(CASE
        WHEN jsonb_typeof(rate.object->'tiered_rates') = 'array' AND rate.object->'tiered_rates' <> '[]' THEN
            jsonb_set(rate.object, '{tiered_rates}', (
                SELECT jsonb_agg(koku_internal.without_unit(CASE WHEN jsonb_typeof(tier.object->'usage') = 'object'
                        THEN jsonb_set(tier.object, '{usage}', (tier.object->'usage') - 'unit') ELSE tier.object END)
                    ORDER BY tier.number)
                FROM jsonb_array_elements(rate.object->'tiered_rates') WITH ORDINALITY AS tier (object, number)))
        WHEN jsonb_typeof(rate.object->'tag_rates'->'tag_values') = 'array'
            AND rate.object->'tag_rates'->'tag_values' <> '[]' THEN
            jsonb_set(rate.object, '{tag_rates,tag_values}', (
                SELECT jsonb_agg(koku_internal.without_unit(entry.object) ORDER BY entry.number)
                FROM jsonb_array_elements(rate.object->'tag_rates'->'tag_values')
                    WITH ORDINALITY AS entry (object, number)))
        ELSE rate.object
    END ORDER BY rate.number), '[]')
-- Koku has an empty object where there are no rates.
FROM jsonb_array_elements(CASE jsonb_typeof(rates) WHEN 'array' THEN rates ELSE '[]' END)
    WITH ORDINALITY AS rate (object, number);
$$;
COMMENT ON FUNCTION koku_internal.without_units(jsonb) IS
'Stored rates without their units, as a definition that leaves them to the currency; none for what is no array.';
