-- Sources: the clusters whose payloads are taken.

CREATE FUNCTION koku_internal.require_source(source uuid) RETURNS @extschema@.koku_source
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_source @extschema@.koku_source;
BEGIN
    SELECT * INTO found_source FROM @extschema@.koku_source AS known
    WHERE known.source = require_source.source;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'source "%" does not exist', coalesce(source::text, 'NULL')
            USING ERRCODE = 'undefined_object',
                  HINT = 'Create it with koku_create_source(), or see koku_source for those that exist.';
    END IF;
    RETURN found_source;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_source(uuid) IS
'The source; raises 42704 when there is none.';

CREATE FUNCTION koku_internal.require_source_name(name text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF name = '' OR length(name) > 256 THEN
        RAISE EXCEPTION 'source name has % characters', length(name)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use 1 to 256 characters.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_source_name(text) IS
'Raises 22023 for a name that is empty or does not fit the columns cluster_alias; NULL passes.';

CREATE FUNCTION koku_internal.require_cluster_id(cluster_id text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF cluster_id IS NULL OR cluster_id IN ('', '.') OR cluster_id ~ E'[/\\\\]|[.][.]' THEN
        RAISE EXCEPTION 'cluster id "%" is not allowed', coalesce(left(cluster_id, 64), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = E'A cluster id is not empty, not ".", and holds no "/", "\\" and "..".',
                  HINT = 'Take the id from the spec.clusterID of the cluster''s version resource.';
    ELSIF length(cluster_id) > 50 THEN
        RAISE EXCEPTION 'cluster id "%" is too long', left(cluster_id, 64)
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It has %s characters, 50 are allowed.', length(cluster_id));
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_cluster_id(text) IS
'Raises 22023 for a cluster id that no manifest can have or that does not fit the tables.';

CREATE FUNCTION koku_internal.provider_reference(tenant name, source uuid) RETURNS uuid
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    reference record;
    known boolean;
BEGIN
    FOR reference IN
        SELECT key.confrelid::regclass AS relation, referenced.attname AS column_name
        FROM pg_constraint AS key
        JOIN pg_attribute AS col ON col.attrelid = key.conrelid AND ARRAY[col.attnum] = key.conkey
        JOIN pg_attribute AS referenced ON referenced.attrelid = key.confrelid
            AND ARRAY[referenced.attnum] = key.confkey
        WHERE key.contype = 'f' AND col.attname = 'provider_id'
          AND key.conrelid = format('%I.reporting_tenant_api_provider', tenant)::regclass
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I = $1)', reference.relation, reference.column_name)
        INTO known
        USING source;
        IF NOT known THEN
            RETURN NULL;
        END IF;
    END LOOP;
    RETURN source;
END;
$$;
COMMENT ON FUNCTION koku_internal.provider_reference(name, uuid) IS
'What provider_id of a source is: its uuid, or NULL when a foreign key of other software leads '
'from there to a table that does not have it.';

CREATE FUNCTION koku_internal.rows_of_cluster(tenant name, cluster_id text) RETURNS uuid[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sources uuid[];
BEGIN
    EXECUTE format(
        'SELECT array_agg(source ORDER BY source) FROM ('
        '     SELECT provider_id AS source FROM %1$I.reporting_ocp_clusters WHERE cluster_id = $1'
        '     UNION SELECT provider_id FROM %1$I.reporting_ocpusagereportperiod WHERE cluster_id = $1) AS listed'
        ' WHERE source IS NOT NULL', tenant)
    INTO sources
    USING cluster_id;
    RETURN sources;
END;
$$;
COMMENT ON FUNCTION koku_internal.rows_of_cluster(name, text) IS
'The sources under which a tenant has rows of a cluster, as its lists of clusters and report periods say; NULL: none.';

CREATE FUNCTION koku_internal.refuse_second_count(tenant name, cluster_id text, source uuid) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    others uuid[] := array_remove(koku_internal.rows_of_cluster(tenant, cluster_id), source);
BEGIN
    IF others <> '{}' THEN
        RAISE EXCEPTION 'tenant "%" already has rows of cluster "%"', tenant, cluster_id
            USING ERRCODE = 'duplicate_object',
                  DETAIL = format('They belong to source %s: whatever is delivered again would be stored twice.',
                                  array_to_string(others, ', ')),
                  HINT = format('Keep them with koku_create_source(..., source => %L), or '
                                'start afresh after koku_remove_unknown_rows(%L, %L).', others[1], others[1], tenant);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.refuse_second_count(name, text, uuid) IS
'Raises 42710 when a tenant has rows of the cluster under another source.';

CREATE FUNCTION koku_internal.pass_manifest_numbers(tenant name, source uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    is_known boolean;
    line_items text;
    numbered record;
    largest bigint;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.reporting_tenant_api_provider AS known WHERE known.uuid = $1)',
                   tenant)
    INTO is_known
    USING source;
    IF NOT is_known THEN
        RETURN;
    END IF;
    SELECT string_agg(format('SELECT line.manifestid FROM %I.%I AS line WHERE line.source = $1',
                             tenant, root.table_name), ' UNION ALL ')
    INTO line_items
    FROM koku_internal.partitioned_tables(tenant) AS root
    WHERE root.table_name ~ '^openshift_.*_line_items(_daily)?$';
    SELECT listed.* INTO numbered
    FROM koku_internal.server_sequences() AS listed
    WHERE listed.sequence = pg_get_serial_sequence('@extschema@.koku_manifest', 'manifest_id')::regclass;
    EXECUTE format('SELECT max(line.manifestid::bigint) FROM (%s) AS line'
                   ' WHERE line.manifestid ~ ''^[0-9]{1,18}$'' AND line.manifestid::bigint BETWEEN $2 AND $3',
                   line_items)
    INTO largest
    USING source::text, numbered.first_id, numbered.last_id;
    IF largest >= numbered.next_id THEN
        -- Nobody takes a number meanwhile.
        LOCK TABLE @extschema@.koku_manifest IN SHARE ROW EXCLUSIVE MODE;
        PERFORM setval(numbered.sequence, greatest(largest, nextval(numbered.sequence)));
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.pass_manifest_numbers(name, uuid) IS
'For a source whose rows are there before it is registered, as after DROP EXTENSION: manifests to come get numbers '
'beyond those in manifestid of its rows, which would pass for rows of theirs otherwise.';

CREATE FUNCTION @extschema@.koku_create_source(
    cluster_id text, name text DEFAULT NULL, tenant name DEFAULT 'koku', source uuid DEFAULT gen_random_uuid())
RETURNS uuid
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shown_name text := coalesce(name, cluster_id);
    other uuid;
BEGIN
    PERFORM koku_internal.require_cluster_id(cluster_id);
    PERFORM koku_internal.require_source_name(name);
    IF source IS NULL THEN
        RAISE EXCEPTION 'source must not be NULL'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Omit it to have one generated.';
    END IF;
    PERFORM koku_internal.require_here(tenant);
    IF NOT EXISTS (SELECT FROM @extschema@.koku_tenant AS known WHERE known.tenant = koku_create_source.tenant) THEN
        PERFORM @extschema@.koku_create_tenant(tenant);
    END IF;
    PERFORM koku_internal.require_schema(tenant);

    -- A second registration of the same cluster or uuid waits here for the first.
    INSERT INTO @extschema@.koku_source (source, tenant, cluster_id, name)
    VALUES (source, tenant, cluster_id, shown_name)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        SELECT known.source INTO other FROM @extschema@.koku_source AS known
        WHERE known.tenant = koku_create_source.tenant AND known.cluster_id = koku_create_source.cluster_id;
        IF FOUND THEN
            RAISE EXCEPTION 'cluster "%" is already registered in tenant "%"', cluster_id, tenant
                USING ERRCODE = 'duplicate_object',
                      DETAIL = format('It is source %s.', other),
                      HINT = 'Change it with koku_alter_source(), or choose another tenant.';
        END IF;
        RAISE EXCEPTION 'source "%" already exists', source
            USING ERRCODE = 'duplicate_object', HINT = 'Omit the source to have one generated.';
    END IF;

    PERFORM koku_internal.refuse_second_count(tenant, cluster_id, source);
    PERFORM koku_internal.pass_manifest_numbers(tenant, source);

    -- Software that made the schema may know the source already.
    EXECUTE format('INSERT INTO %I.reporting_tenant_api_provider (uuid, name, type, provider_id)'
        ' VALUES ($1, $2, ''OCP'', $3) ON CONFLICT (uuid) DO UPDATE SET name = excluded.name', tenant)
    USING source, shown_name, koku_internal.provider_reference(tenant, source);
    RETURN source;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_create_source(text, text, name, uuid) IS
'Registers a cluster, so that its payloads are taken, and returns its source; creates the tenant when absent. name: '
'shown as cluster alias, the cluster id when NULL. Errors: 22023 for a cluster id that is empty, longer than 50 '
'characters, "." or has a slash, a backslash or ".." in it, or for a name over 256 characters; 42710 when the cluster '
'or the source is already there, or the tenant has rows of the cluster under another source, as after DROP EXTENSION: '
'source => that one goes on with them; 3F000 the schema of the tenant is gone; 55000 the tenant moves, or has moved, '
'to another server.';

CREATE FUNCTION @extschema@.koku_alter_source(source uuid, name text DEFAULT NULL, paused boolean DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    altered @extschema@.koku_source := koku_internal.require_source(source);
BEGIN
    PERFORM koku_internal.require_source_name(name);
    IF NOT paused AND EXISTS (SELECT FROM @extschema@.koku_source_deletion AS deletion
                              WHERE deletion.source = altered.source) THEN
        RAISE EXCEPTION 'source "%" is being deleted', altered.name
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It is source %s.', altered.source),
                  HINT = 'Create it again with koku_create_source() when koku_run() is done.';
    END IF;
    UPDATE @extschema@.koku_source AS known
    SET name = coalesce(koku_alter_source.name, known.name),
        paused = coalesce(koku_alter_source.paused, known.paused)
    WHERE known.source = altered.source;
    IF name IS NOT NULL THEN
        EXECUTE format('UPDATE %I.reporting_tenant_api_provider SET name = $2 WHERE uuid = $1', altered.tenant)
        USING altered.source, name;
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_alter_source(uuid, text, boolean) IS
'Renames a source, pauses it (its payloads are refused, its data stays) or resumes it; NULL leaves as it is. A new '
'name is the cluster alias of the days summarized from then on. Errors: 42704 unknown source, 22023 name empty or over '
'256 characters, 55000 resuming one that koku_run() is deleting.';
