-- What is written into the tables of cost models, by these functions or by other software, asks for new costs. A row
-- trigger notes the source in a table that is only added to, so that neither the writer nor koku_run() ever waits.

CREATE FUNCTION koku_internal.note_cost_change() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- rows of cost_model_map that tell the sources: a row, models, or lists
    condition text := CASE TG_TABLE_NAME
        WHEN 'cost_model' THEN 'map.cost_model_id = $1'
        WHEN 'cost_model_map' THEN 'false'
        WHEN 'price_list_cost_model_map' THEN 'map.cost_model_id = $1'
        ELSE 'map.cost_model_id IN (SELECT link.cost_model_id FROM {tenant}.price_list_cost_model_map AS link'
             ' JOIN {tenant}.price_list AS list ON list.uuid = link.price_list_id'
             ' WHERE list.uuid = $1 AND $2'
             || CASE TG_TABLE_NAME WHEN 'cost_model_rate'
                    THEN ' AND list.effective_start_date <= $3'
                         ' AND list.effective_end_date >= date_trunc(''month'', $3::timestamp)'
                    ELSE '' END || ')'
    END;
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    key text := CASE TG_TABLE_NAME WHEN 'price_list_cost_model_map' THEN 'cost_model_id'
        WHEN 'cost_model_rate' THEN 'price_list_id'
        WHEN 'cost_model_map' THEN 'provider_uuid' ELSE 'uuid' END;
    today date := koku_internal.today();
    covers_today boolean;
    subject text;
BEGIN
    -- What nobody computes with may change.
    IF old_row - ARRAY['name', 'description', 'custom_name', 'created_timestamp',
                       'updated_timestamp', 'version', 'enabled']
       = new_row - ARRAY['name', 'description', 'custom_name', 'created_timestamp',
                         'updated_timestamp', 'version', 'enabled'] THEN
        RETURN NULL;
    END IF;
    -- Other software may write a list that ends before it begins.
    covers_today := TG_TABLE_NAME <> 'price_list' OR EXISTS (
        SELECT FROM unnest(ARRAY[old_row, new_row]) AS listed
        WHERE (listed->>'effective_start_date')::date <= today
          AND (listed->>'effective_end_date')::date >= date_trunc('month', today::timestamp)
          AND (listed->>'effective_start_date')::date <= (listed->>'effective_end_date')::date);
    FOREACH subject IN ARRAY ARRAY(SELECT DISTINCT member FROM unnest(ARRAY[old_row->>key, new_row->>key]) AS member
                                   WHERE member IS NOT NULL)
    LOOP
        IF TG_TABLE_NAME = 'cost_model_map' THEN
            INSERT INTO @extschema@.koku_cost_change (source)
            SELECT known.source FROM @extschema@.koku_source AS known WHERE known.source = subject::uuid;
        ELSE
            EXECUTE format('INSERT INTO @extschema@.koku_cost_change (source)'
                ' SELECT known.source FROM %I.cost_model_map AS map JOIN @extschema@.koku_source AS known'
                '     ON known.source = map.provider_uuid WHERE %s', TG_TABLE_SCHEMA,
                replace(condition, '{tenant}', quote_ident(TG_TABLE_SCHEMA)))
            USING subject::uuid, covers_today, today;
        END IF;
    END LOOP;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    -- The writer has done nothing wrong, and may not know of costs at all.
    RAISE WARNING 'costs will not be recomputed automatically: %', SQLERRM
        USING ERRCODE = SQLSTATE, HINT = 'Call koku_update_costs() for the sources of the cost model.';
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION koku_internal.note_cost_change() IS
'Row trigger of the tables of cost models: notes the sources whose costs change. Never fails the writer; a failure is '
'a warning. Runs with the rights of the extension''s owner, since other software has none here.';

CREATE FUNCTION koku_internal.audit_cost_model() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO %1$I.cost_model_audit (operation, audit_timestamp,'
        ' provider_uuids, uuid, name, description, source_type,'
        '     created_timestamp, updated_timestamp, rates, markup, distribution, currency, distribution_info)'
        ' SELECT $1, clock_timestamp(),'
        '     (SELECT array_agg(map.provider_uuid ORDER BY map.provider_uuid) FROM %1$I.cost_model_map AS map'
        '      WHERE map.cost_model_id = $2.uuid),'
        '     $2.uuid, $2.name, $2.description, $2.source_type,'
        ' $2.created_timestamp, $2.updated_timestamp, $2.rates, $2.markup,'
        '     $2.distribution, $2.currency, $2.distribution_info', TG_TABLE_SCHEMA)
    USING TG_OP, CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION koku_internal.audit_cost_model() IS
'Row trigger of cost_model: keeps each state of a model in cost_model_audit, with the sources that it had.';

CREATE FUNCTION koku_internal.prepare_cost_models(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT format('%I.%I', tenant, listed.table_name)::regclass FROM @extschema@.koku_catalogue_table AS listed
        WHERE listed.kind = 'cost model' AND listed.table_name <> 'cost_model_audit' ORDER BY listed.position
    LOOP
        -- Software that made the schema may keep the audit itself.
        IF relation = format('%I.cost_model', tenant)::regclass
           AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal
                           AND tgname <> 'koku_note_change')
        THEN
            EXECUTE format('CREATE TRIGGER koku_audit AFTER INSERT OR UPDATE OR DELETE ON %s'
                ' FOR EACH ROW EXECUTE FUNCTION koku_internal.audit_cost_model()', relation);
        END IF;
        IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = relation AND tgname = 'koku_note_change') THEN
            EXECUTE format('CREATE TRIGGER koku_note_change AFTER INSERT OR UPDATE OR DELETE ON %s'
                ' FOR EACH ROW EXECUTE FUNCTION koku_internal.note_cost_change()', relation);
        END IF;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.prepare_cost_models(name) IS
'Gives the tables of cost models of a tenant their triggers, where missing.';
