-- What Koku's API changes in a tenant's tables without a message. Row triggers note it, since comparing the rows of all
-- tenants at each run would cost as much whether something changed or not; the sources of all organizations stand in
-- three tables, which one query compares.

CREATE FUNCTION koku_internal.note_tenant_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    CASE TG_TABLE_NAME
        WHEN 'tenant_settings' THEN
            UPDATE @extschema@.koku_tenant SET retention_months = (to_jsonb(NEW)->>'data_retention_months')::integer
            WHERE tenant = TG_TABLE_SCHEMA;
        WHEN 'reporting_enabledtagkeys' THEN
            PERFORM koku_internal.request_current_month(TG_TABLE_SCHEMA, 'true', NULL);
        WHEN 'reporting_tagmapping' THEN
            PERFORM koku_internal.request_current_month(TG_TABLE_SCHEMA, 'true', NULL);
        WHEN 'reporting_ocp_cost_category_namespace' THEN
            PERFORM koku_internal.request_category_summary(TG_TABLE_SCHEMA,
                CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END->>'namespace');
        WHEN 'reporting_tenant_api_provider' THEN
            -- At once, so that no payload is ingested meanwhile for a source that is no longer there.
            PERFORM koku_internal.request_deletion(known) FROM @extschema@.koku_source AS known
            WHERE known.source = (to_jsonb(OLD)->>'uuid')::uuid AND known.tenant = TG_TABLE_SCHEMA;
        WHEN 'reporting_ocpusagereportperiod' THEN
            PERFORM koku_internal.mark_koku_source_updated((to_jsonb(NEW)->>'provider_id')::uuid);
            -- For whoever keeps copies of answers.
            PERFORM pg_notify('koku_summarized', jsonb_build_object('tenant', TG_TABLE_SCHEMA,
                                                                    'source', to_jsonb(NEW)->'provider_id')::text);
    END CASE;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION koku_internal.note_tenant_change() IS
'Row trigger of tables of a tenant that Koku''s API writes: takes a retention over, and asks for summaries of '
'the current month when tags, their mappings or cost groups change, and has a source deleted that is gone, and '
'tells the API and the channel koku_summarized when the numbers of a source have changed. With the rights of '
'its owner: the API has none on the extension.';

CREATE FUNCTION koku_internal.unwatched_tables(tenant name)
RETURNS TABLE (relation regclass, events text, condition text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT listed.oid::regclass, wanted.events, wanted.condition
FROM (VALUES
    ('tenant_settings', 'INSERT OR UPDATE', ''),
    -- A key that ingest registers is disabled and changes nothing.
    ('reporting_enabledtagkeys', 'UPDATE OF enabled', 'WHEN (OLD.enabled IS DISTINCT FROM NEW.enabled)'),
    ('reporting_tagmapping', 'INSERT OR UPDATE OR DELETE', ''),
    ('reporting_tenant_api_provider', 'DELETE', ''),
    ('reporting_ocpusagereportperiod', 'UPDATE OF summary_data_updated_datetime, derived_cost_datetime', ''),
    ('reporting_ocp_cost_category_namespace', 'INSERT OR UPDATE OR DELETE', '')
) AS wanted (table_name, events, condition)
JOIN pg_class AS listed ON listed.oid = to_regclass(format('%I.%I', $1, wanted.table_name))
WHERE NOT EXISTS (SELECT FROM pg_trigger AS present
                  WHERE present.tgrelid = listed.oid AND present.tgname = 'koku_note_tenant_change');
$$;
COMMENT ON FUNCTION koku_internal.unwatched_tables(name) IS
'Tables of a tenant whose changes by Koku''s API are to be noted and are not, and the trigger that does it: its events '
'and condition.';

CREATE FUNCTION koku_internal.follow_tenant(tenant name) RETURNS SETOF text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    watched record;
    months integer;
BEGIN
    FOR watched IN SELECT * FROM koku_internal.unwatched_tables(tenant) LOOP
        EXECUTE format('CREATE TRIGGER koku_note_tenant_change AFTER %s ON %s FOR EACH ROW %s'
            ' EXECUTE FUNCTION koku_internal.note_tenant_change()',
            watched.events, watched.relation, watched.condition);
        RETURN NEXT format('what is written into %s', watched.relation);
    END LOOP;
    IF to_regclass(format('%I.tenant_settings', tenant)) IS NOT NULL THEN
        EXECUTE format('SELECT data_retention_months FROM %I.tenant_settings LIMIT 1', tenant) INTO months;
        UPDATE @extschema@.koku_tenant AS known SET retention_months = months
        WHERE known.tenant = follow_tenant.tenant AND months IS NOT NULL
              AND known.retention_months IS DISTINCT FROM months;
        IF FOUND THEN
            RETURN NEXT format('retention of %s months', months);
        END IF;
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.follow_tenant(name) IS
'Makes the triggers that note what Koku''s API changes in a tenant''s settings, where they are missing, and takes its '
'retention over; returns what is new.';

CREATE FUNCTION koku_internal.is_deleted_in_koku(tenant name, source uuid) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found boolean;
BEGIN
    IF to_regclass(format('%I.reporting_tenant_api_provider', tenant)) IS NULL THEN
        RETURN false;
    END IF;
    -- A source that was registered here alone still has its row in the tenant.
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.reporting_tenant_api_provider WHERE uuid = $1)', tenant)
    INTO found USING source;
    RETURN NOT found;
END;
$$;
COMMENT ON FUNCTION koku_internal.is_deleted_in_koku(name, uuid) IS
'Whether the tenant no longer lists a source, as after its deletion by Koku''s API; false when its schema is gone.';

CREATE FUNCTION koku_internal.follow_new_source(
    tenant name, source uuid, name text, cluster_id text, paused boolean) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM @extschema@.koku_source AS known
               JOIN @extschema@.koku_source_deletion AS deletion ON deletion.source = known.source
               WHERE known.tenant = follow_new_source.tenant AND known.cluster_id = follow_new_source.cluster_id) THEN
        -- The cluster was deleted and added again: its old rows go first.
        RETURN false;
    END IF;
    IF NOT EXISTS (SELECT FROM @extschema@.koku_tenant AS known WHERE known.tenant = follow_new_source.tenant) THEN
        PERFORM koku_internal.attach_schema(tenant);
    ELSE
        PERFORM koku_internal.adopt_koku_source(tenant, source, name, cluster_id, paused);
    END IF;
    RETURN true;
END;
$$;
COMMENT ON FUNCTION koku_internal.follow_new_source(name, uuid, text, text, boolean) IS
'Registers a source that Koku''s API has made, and attaches its organization when that is new. False while an earlier '
'source of the cluster is being deleted.';

CREATE FUNCTION koku_internal.may_change_cluster(known @extschema@.koku_source, cluster_id text) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT cluster_id <> known.cluster_id AND cluster_id <> ''
    AND array_position(koku_internal.rows_of_cluster(known.tenant, known.cluster_id), known.source) IS NULL;
$$;
COMMENT ON FUNCTION koku_internal.may_change_cluster(@extschema@.koku_source, text) IS
'Whether a source can be of another cluster: as long as it has no rows.';

CREATE FUNCTION koku_internal.follow_source(
    known @extschema@.koku_source, name text, cluster_id text, paused boolean) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF koku_internal.may_change_cluster(known, cluster_id) THEN
        PERFORM koku_internal.require_cluster_id(cluster_id);
        known.cluster_id := cluster_id;
    END IF;
    UPDATE @extschema@.koku_source AS own
    SET name = follow_source.name, paused = follow_source.paused, cluster_id = known.cluster_id
    WHERE own.source = known.source;
    IF name <> known.name THEN
        PERFORM koku_internal.request_current_month(
            known.tenant, 'period.provider_id = $1[1]::uuid', ARRAY[known.source::text]);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.follow_source(@extschema@.koku_source, text, text, boolean) IS
'Copies what Koku''s API has changed in a source. A new name asks for a summary of the current month, whose rows have '
'it as their alias; another cluster is taken as long as the source has no rows.';

CREATE FUNCTION koku_internal.follow_sources() RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    theirs record;
    own @extschema@.koku_source;
    changes bigint := 0;
BEGIN
    IF NOT koku_internal.has_koku_tables() THEN
        RETURN 0;
    END IF;
    FOR theirs IN
        SELECT listed.*, known
        FROM koku_internal.koku_sources(NULL) AS listed
        FULL JOIN @extschema@.koku_source AS known ON known.source = listed.source
        WHERE CASE
            WHEN known.source IS NULL
                THEN coalesce(listed.cluster_id, '') <> '' AND to_regnamespace(quote_ident(listed.tenant)) IS NOT NULL
            WHEN EXISTS (SELECT FROM @extschema@.koku_source_deletion AS deletion WHERE deletion.source = known.source)
                THEN false
            WHEN listed.source IS NULL
                THEN known.tenant IN (SELECT koku_internal.koku_tenants())
                    AND koku_internal.is_deleted_in_koku(known.tenant, known.source)
            ELSE (known.name, known.paused) IS DISTINCT FROM (listed.name, listed.paused)
                OR known.cluster_id <> listed.cluster_id
                    AND koku_internal.may_change_cluster(known, listed.cluster_id) END
        -- What is gone may be in the way of what is new.
        ORDER BY listed.source IS NOT NULL, listed.tenant, listed.source
    LOOP
        own := theirs.known;
        BEGIN
            IF theirs.source IS NULL THEN
                PERFORM koku_internal.request_deletion(own);
            ELSIF own.source IS NOT NULL THEN
                PERFORM koku_internal.follow_source(own, theirs.name, theirs.cluster_id, theirs.paused);
            ELSE
                CONTINUE WHEN NOT koku_internal.follow_new_source(
                    theirs.tenant, theirs.source, theirs.name, theirs.cluster_id, theirs.paused);
            END IF;
            changes := changes + 1;
        EXCEPTION WHEN OTHERS THEN
            -- One that cannot be followed is no trouble of the others.
            RAISE WARNING 'koku_run: source "%" of Koku''s organization "%" cannot be followed: %',
                coalesce(theirs.name, own.name), coalesce(theirs.tenant, own.tenant), SQLERRM
                USING HINT = 'The others are followed; the next call tries this one again.';
        END;
    END LOOP;
    RETURN changes;
END;
$$;
COMMENT ON FUNCTION koku_internal.follow_sources() IS
'Takes over what Koku''s API, where it works in this database, has changed in its sources: new ones '
'are registered (a new organization is attached), names and pauses are copied, deleted ones are '
'deleted in batches. Returns the number of changes.';
