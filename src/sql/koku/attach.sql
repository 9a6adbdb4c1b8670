-- Taking over the schema of an organization that Koku made and filled.

CREATE FUNCTION koku_internal.require_koku_schema(schema name) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF schema IS NULL OR to_regnamespace(quote_ident(schema)) IS NULL THEN
        RAISE EXCEPTION 'schema "%" does not exist', coalesce(schema, 'NULL')
            USING ERRCODE = 'invalid_schema_name', HINT = 'Koku''s organizations are the rows of public.api_customer.';
    ELSIF NOT koku_internal.is_koku_tenant(schema) THEN
        RAISE EXCEPTION 'schema "%" is not that of an organization of Koku', schema
            USING ERRCODE = 'undefined_object',
                  DETAIL = 'public.api_customer, where Koku lists its organizations, is missing or does not name it.',
                  HINT = 'For a schema without Koku''s API use koku_create_tenant() and koku_create_source().';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_koku_schema(name) IS
'Raises 3F000 when there is no such schema, 42704 when Koku''s API does not know it.';

CREATE FUNCTION koku_internal.empty_default_partitions(tenant name)
RETURNS TABLE (relation text, month date, rows bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    filled record;
BEGIN
    FOR filled IN
        SELECT attached.table_name, attached.partition FROM koku_internal.partitions(tenant) AS attached
        WHERE attached.is_default
    LOOP
        relation := format('%I.%I', tenant, filled.table_name);
        FOR month, rows IN EXECUTE format(
            'SELECT date_trunc(''month'', usage_start::timestamp)::date, count(*) FROM %s WHERE isfinite(usage_start)'
            ' GROUP BY 1 ORDER BY 1', filled.partition)
        LOOP
            PERFORM koku_internal.ensure_partition(tenant, filled.table_name, month);
            RETURN NEXT;
        END LOOP;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.empty_default_partitions(name) IS
'Moves the rows of a tenant''s default partitions into partitions of their months, and returns what it moved.';

CREATE FUNCTION koku_internal.take_over_manifests(source uuid) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    taken bigint;
BEGIN
    IF NOT koku_internal.has_koku_bookkeeping() THEN
        RETURN 0;
    END IF;
    -- Only what Koku finished: the rest is ingested when it is delivered again.
    EXECUTE
        'INSERT INTO @extschema@.koku_manifest (source, manifest_uuid, cluster_id, created_at, exported_at,'
        '    billing_period_start, file_count, daily_reports, certified, '
        'operator_version, cluster_channel, operator_airgapped,'
        '    operator_errors, completed_at, summarized_at)'
        ' SELECT known.source, theirs.assembly_id::uuid, known.cluster_id,'
        ' coalesce(theirs.creation_datetime, theirs.completed_datetime),'
        '    coalesce(theirs.export_datetime, theirs.creation_datetime, theirs.completed_datetime),'
        '    (theirs.billing_period_start_datetime AT TIME ZONE ''UTC'')::date, theirs.num_total_files,'
        '    coalesce(theirs.operator_daily_reports, false), coalesce(theirs.operator_certified, false),'
        '    coalesce(theirs.operator_version, ''''), theirs.cluster_channel,'
        ' theirs.operator_airgapped, theirs.operator_errors,'
        '    theirs.completed_datetime, theirs.completed_datetime'
        ' FROM public.reporting_common_costusagereportmanifest AS theirs'
        ' JOIN @extschema@.koku_source AS known ON known.source = theirs.provider_id'
        ' WHERE theirs.provider_id = $1 AND theirs.completed_datetime IS NOT NULL'
        '    AND theirs.assembly_id ~ ''^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$'''
        ' ON CONFLICT (source, manifest_uuid) DO NOTHING'
    USING source;
    GET DIAGNOSTICS taken = ROW_COUNT;
    EXECUTE
        'INSERT INTO @extschema@.koku_report_file (manifest_id, file, status, completed_at)'
        ' SELECT own.manifest_id, file.report_name, ''done'', coalesce(file.completed_datetime, own.completed_at)'
        ' FROM @extschema@.koku_manifest AS own'
        ' JOIN public.reporting_common_costusagereportmanifest AS theirs'
        '    ON theirs.provider_id = own.source AND theirs.assembly_id = own.manifest_uuid::text'
        ' JOIN public.reporting_common_costusagereportstatus AS file ON file.manifest_id = theirs.id'
        ' WHERE own.source = $1 AND (file.completed_datetime IS NOT NULL OR file.status = 1)'
        ' ON CONFLICT (manifest_id, file) DO NOTHING'
    USING source;
    RETURN taken;
END;
$$;
COMMENT ON FUNCTION koku_internal.take_over_manifests(uuid) IS
'Records the deliveries of a source that Koku has finished, so that they are not ingested again; returns their number.';

CREATE FUNCTION koku_internal.adopt_koku_source(
    schema name, source uuid, name text, cluster_id text, paused boolean, OUT action text, OUT detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    taken bigint;
BEGIN
    IF EXISTS (SELECT FROM @extschema@.koku_source AS known WHERE known.source = adopt_koku_source.source) THEN
        action := 'source is registered';
    ELSIF coalesce(cluster_id, '') = '' THEN
        action := 'source passed over';
        detail := 'its credentials have no cluster_id';
        RETURN;
    ELSE
        PERFORM @extschema@.koku_create_source(cluster_id, name, schema, source);
        UPDATE @extschema@.koku_source AS known SET paused = adopt_koku_source.paused
        WHERE known.source = adopt_koku_source.source AND adopt_koku_source.paused;
        action := 'source registered';
    END IF;
    taken := koku_internal.take_over_manifests(source);
    detail := format('cluster "%s", name "%s"%s, %s deliveries taken over', cluster_id, name,
        CASE WHEN paused THEN ', paused' ELSE '' END, taken);
END;
$$;
COMMENT ON FUNCTION koku_internal.adopt_koku_source(name, uuid, text, text, boolean) IS
'Registers a source of Koku under the uuid that Koku knows, with the deliveries '
'that Koku has finished, and says what it did.';

CREATE FUNCTION koku_internal.surplus_cost_models(tenant name) RETURNS TABLE (source uuid, detail text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT map.provider_uuid, format(''cost model "%%s" counts, not %%s: a source has one'','
        '    (array_agg(model.name ORDER BY model.name, model.uuid))[1],'
        '    array_to_string((array_agg(''"'' || model.name || ''"'' ORDER BY model.name, model.uuid))[2:], '', ''))'
        ' FROM %1$I.cost_model_map AS map JOIN %1$I.cost_model AS model ON model.uuid = map.cost_model_id'
        ' GROUP BY map.provider_uuid HAVING count(*) > 1 ORDER BY map.provider_uuid', tenant);
END;
$$;
COMMENT ON FUNCTION koku_internal.surplus_cost_models(name) IS
'The sources of a tenant that have several cost models, and which of them counts.';

CREATE FUNCTION koku_internal.keep_raw_rows(tenant name) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    has_rows boolean := false;
BEGIN
    IF to_regclass(format('%I.openshift_pod_usage_line_items', tenant)) IS NOT NULL THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.openshift_pod_usage_line_items)', tenant) INTO has_rows;
    END IF;
    IF has_rows THEN
        UPDATE @extschema@.koku_tenant AS known SET raw_retention_days = 0 WHERE known.tenant = keep_raw_rows.tenant;
    END IF;
    RETURN has_rows;
END;
$$;
COMMENT ON FUNCTION koku_internal.keep_raw_rows(name) IS
'Has a tenant with raw rows of pods keep them as long as the rest, and tells whether it has any: what was there before '
'the extension goes only when somebody asks for it.';

CREATE FUNCTION koku_internal.attach_schema(schema name) RETURNS TABLE (action text, object text, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
-- What differs is told by rows.
SET client_min_messages = 'error'
AS $$
DECLARE
    known record;
    is_new boolean := NOT EXISTS (SELECT FROM @extschema@.koku_tenant AS tenant WHERE tenant.tenant = schema);
BEGIN
    FOR object IN
        SELECT format('%I.%I', schema, listed.table_name) FROM koku_internal.tables_of_tenant(schema) AS listed
        WHERE listed.relation IS NULL ORDER BY listed.position
    LOOP
        action := 'table made';
        RETURN NEXT;
    END LOOP;
    PERFORM @extschema@.koku_create_tenant(schema);
    IF is_new AND koku_internal.keep_raw_rows(schema) THEN
        action := 'raw rows kept';
        object := format('%I', schema);
        detail := 'as long as the rest; koku_set_raw_retention() has them go earlier';
        RETURN NEXT;
    END IF;
    FOR action, object, detail IN
        SELECT 'table differs', concat_ws('.', difference.relation, difference.column_name),
            format('expected %s, found %s', difference.expected, difference.found)
        FROM @extschema@.koku_check_tenant(schema) AS difference WHERE difference.expected NOT LIKE 'owner %'
        UNION ALL
        -- Koku's own role: what it puts into triggers runs with the rights of whoever loads rows.
        SELECT 'owner is trusted', format('%I', schema), format('%s, found at %s relations', difference.found, count(*))
        FROM @extschema@.koku_check_tenant(schema) AS difference WHERE difference.expected LIKE 'owner %'
        GROUP BY difference.found
    LOOP
        RETURN NEXT;
    END LOOP;
    FOR action, object, detail IN
        SELECT 'rows moved', moved.relation,
            format('%s rows of %s left the default partition', moved.rows, to_char(moved.month, 'YYYY-MM'))
        FROM koku_internal.empty_default_partitions(schema) AS moved
    LOOP
        RETURN NEXT;
    END LOOP;
    FOR known IN SELECT * FROM koku_internal.koku_sources(schema) LOOP
        object := known.source::text;
        SELECT adopted.action, adopted.detail INTO action, detail
        FROM koku_internal.adopt_koku_source(schema, known.source, known.name,
                                             known.cluster_id, known.paused) AS adopted;
        RETURN NEXT;
    END LOOP;
    FOR action, object, detail IN
        SELECT 'cost model chosen', surplus.source::text, surplus.detail
        FROM koku_internal.surplus_cost_models(schema) AS surplus
    LOOP
        RETURN NEXT;
    END LOOP;
    object := format('%I', schema);
    FOR action, detail IN SELECT 'changes followed', followed FROM koku_internal.follow_tenant(schema) AS followed LOOP
        RETURN NEXT;
    END LOOP;
    IF koku_internal.mirror_bookkeeping() THEN
        action := 'bookkeeping';
        object := 'public.reporting_common_costusagereportmanifest';
        detail := 'deliveries are written there from now on';
        RETURN NEXT;
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.attach_schema(name) IS
'Does the work of koku_attach() and tells each piece of it.';

CREATE FUNCTION @extschema@.koku_attach(schema name, dry_run boolean DEFAULT false)
RETURNS TABLE (action text, object text, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = 'warning'
AS $$
DECLARE
    done jsonb[];
    finished boolean := false;
BEGIN
    PERFORM koku_internal.require_koku_schema(schema);
    BEGIN
        SELECT array_agg(to_jsonb(piece)) INTO done FROM koku_internal.attach_schema(schema) AS piece;
        finished := true;
        IF dry_run THEN
            -- Undoes all of it; what was done is known by then.
            RAISE EXCEPTION 'dry run';
        END IF;
    EXCEPTION WHEN raise_exception THEN
        IF NOT (dry_run AND finished) THEN
            RAISE;
        END IF;
    END;
    RETURN QUERY SELECT piece->>'action', piece->>'object', piece->>'detail' FROM unnest(done) AS piece;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_attach(name, boolean) IS
'Takes over the schema of an organization that Koku made and filled: adds the tables that it lacks, moves rows out of '
'default partitions, registers its OpenShift sources under the uuids that Koku knows, with the deliveries that Koku '
'has finished, and follows from now on what Koku''s API changes. Its data stays. Returns what was done, one row a '
'piece; running it again does what is new. dry_run: tells all of that and changes nothing (it takes the same locks '
'until the end of the transaction). Errors: 3F000 no such schema, 42704 Koku''s API does not know it, 42710 the tenant '
'has rows of a cluster under another source.';
