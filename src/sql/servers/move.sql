-- Moving a tenant to another server: what scripts/move-tenant.sh calls, on the server that the tenant leaves
-- (departure) and on the one where it goes (arrival). Each function is a step, to be committed by itself; steps can be
-- repeated.

CREATE FUNCTION koku_internal.require_here(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_move record;
BEGIN
    IF tenant IS NULL THEN
        RETURN;
    END IF;
    -- Whoever begins the last part of a move waits for those who have been let in.
    PERFORM koku_internal.lock_move(tenant, true);
    SELECT move.state, move.server INTO found_move FROM @extschema@.koku_tenant_move AS move
    WHERE move.tenant = require_here.tenant AND move.state IN ('moving', 'moved', 'arriving');
    IF NOT FOUND THEN
        RETURN;
    ELSIF found_move.state = 'moved' THEN
        RAISE EXCEPTION 'tenant "%" has moved to server %', tenant, found_move.server
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Send it there.';
    ELSIF found_move.state = 'moving' THEN
        RAISE EXCEPTION 'tenant "%" is moving to server %', tenant, found_move.server
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Try again in a few seconds.';
    END IF;
    RAISE EXCEPTION 'tenant "%" has not arrived from server % yet', tenant, found_move.server
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Try again in a few seconds.';
END;
$$;
COMMENT ON FUNCTION koku_internal.require_here(name) IS
'Raises 55000 with the number of the other server when a tenant has left, or is about to leave or to arrive; NULL '
'passes. Until the end of the transaction it does not leave.';

CREATE FUNCTION koku_internal.require_tenant_here(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.require_here(tenant);
    -- Where servers share tenants, one that is not here is elsewhere: its payload would wait here for ever.
    IF tenant IS NOT NULL AND koku_internal.server_number() > 0
       AND NOT EXISTS (SELECT FROM @extschema@.koku_tenant AS known WHERE known.tenant = require_tenant_here.tenant)
    THEN
        RAISE EXCEPTION 'tenant "%" is not on server %', tenant, koku_internal.server_number()
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Send it to the server that has the tenant, or create the tenant here with '
                      'koku_create_tenant().';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_tenant_here(name) IS
'koku_internal.require_here(), and raises 55000 also for a tenant that this server never had, where it is one of '
'several (koku_onprem.server_number is not 0).';

CREATE FUNCTION koku_internal.tenant_rows() RETURNS TABLE ("position" integer, table_name text, condition text)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT row_number() OVER ()::integer, 'koku_' || listed.name,
    CASE listed.key
        WHEN 'tenant' THEN 'listed.tenant = $1'
        WHEN 'source' THEN 'listed.source IN (SELECT source FROM @extschema@.koku_source WHERE tenant = $1)'
        ELSE 'listed.manifest_id IN (SELECT manifest_id FROM @extschema@.koku_manifest JOIN @extschema@.koku_source'
            ' USING (source) WHERE tenant = $1)' END
FROM (VALUES ('tenant', 'tenant'), ('source', 'source'), ('manifest', 'source'), ('report_file', 'manifest'),
             ('changed_day', 'manifest'), ('summary_request', 'source'), ('cost_change', 'source'),
             ('cost_request', 'source'), ('purge', 'tenant'), ('raw_removal', 'tenant'), ('source_deletion', 'source'),
             ('budget', 'tenant'), ('saved_report', 'tenant')) AS listed (name, key);
$$;
COMMENT ON FUNCTION koku_internal.tenant_rows() IS
'The control tables with rows of tenants, in an order in which they can be written, and the condition that finds those '
'of one ($1) in the table listed. Not the inbox: its payloads are submitted anew.';

CREATE FUNCTION koku_internal.list_of_tables(tenant name) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT string_agg(relation.oid::regclass::text, ', ' ORDER BY relation.oid)
FROM pg_class AS relation
WHERE relation.relnamespace = to_regnamespace(quote_ident($1)) AND relation.relkind IN ('r', 'p')
  AND NOT relation.relispartition;
$$;
COMMENT ON FUNCTION koku_internal.list_of_tables(name) IS
'The tables in the schema of a tenant, with their partitions all there are, as a statement lists them; NULL: none.';

CREATE FUNCTION koku_internal.tenant_sequences(tenant name)
RETURNS TABLE (table_name name, column_name name, sequence regclass)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT relation.relname, col.attname,
    pg_get_serial_sequence(format('%I.%I', $1, relation.relname), col.attname)::regclass
FROM pg_class AS relation
JOIN pg_attribute AS col ON col.attrelid = relation.oid AND col.attidentity <> '' AND NOT col.attisdropped
WHERE relation.relnamespace = to_regnamespace(quote_ident($1)) AND relation.relkind IN ('r', 'p')
  AND NOT relation.relispartition
ORDER BY relation.relname, col.attnum;
$$;
COMMENT ON FUNCTION koku_internal.tenant_sequences(name) IS
'The identity columns of a tenant''s tables and their sequences.';

CREATE FUNCTION @extschema@.koku_export_tenant(tenant name) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET timezone = 'UTC'
AS $$
DECLARE
    listed record;
    rows jsonb;
    tables jsonb := '{}';
    sequences jsonb := '[]';
    last bigint;
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    FOR listed IN SELECT * FROM koku_internal.tenant_rows() AS found ORDER BY found.position LOOP
        EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(listed)), ''[]'') FROM @extschema@.%I AS listed WHERE %s',
                       listed.table_name, listed.condition)
        INTO rows
        USING tenant;
        tables := tables || jsonb_build_object(listed.table_name, rows);
    END LOOP;
    FOR listed IN SELECT * FROM koku_internal.tenant_sequences(tenant) LOOP
        EXECUTE format('SELECT last_value - (NOT is_called)::integer FROM %s', listed.sequence) INTO last;
        sequences := sequences || jsonb_build_array(jsonb_build_object(
            'table', listed.table_name, 'column', listed.column_name, 'last', last));
    END LOOP;
    RETURN jsonb_build_object('tenant', tenant, 'version',
        (SELECT extension.extversion FROM pg_extension AS extension WHERE extension.extname = 'koku_onprem'),
        'server', koku_internal.server_number(), 'tables', tables, 'sequences', sequences,
        'paused', (SELECT to_jsonb(move.paused) FROM @extschema@.koku_tenant_move AS move
                   WHERE move.tenant = koku_export_tenant.tenant AND move.state IN ('copying', 'moving')));
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_export_tenant(name) IS
'What the extension keeps of a tenant beside its schema, for koku_adopt_tenant() on another server: retention, '
'sources, manifests, requests, budgets, saved reports, and where identity columns are. Not in it: the rows of its '
'tables and the inbox. Error: 42704 unknown tenant.';

CREATE FUNCTION koku_internal.require_export(exported jsonb) RETURNS name
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    here text := (SELECT extension.extversion FROM pg_extension AS extension WHERE extension.extname = 'koku_onprem');
    adopted name := exported->>'tenant';
BEGIN
    IF adopted IS NULL OR jsonb_typeof(exported->'tables') IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'this is no export of a tenant'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give what koku_export_tenant() returned.';
    ELSIF exported->>'version' IS DISTINCT FROM here THEN
        RAISE EXCEPTION 'the export is of release %, this server has %', exported->>'version', here
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Update the older one first.';
    ELSIF EXISTS (SELECT FROM @extschema@.koku_tenant AS known WHERE known.tenant = adopted) THEN
        RAISE EXCEPTION 'tenant "%" already exists', adopted
            USING ERRCODE = 'duplicate_object', DETAIL = 'A tenant lives on one server.',
                  HINT = 'If it is empty, drop it with koku_drop_tenant() and DROP SCHEMA.';
    END IF;
    PERFORM koku_internal.require_schema(adopted);
    RETURN adopted;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_export(jsonb) IS
'The tenant of an export. Raises 22023 for something else, 55000 for one of another release, 42710 when the tenant is '
'known here, 3F000 when its schema is not.';

CREATE FUNCTION @extschema@.koku_adopt_tenant(exported jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET timezone = 'UTC'
AS $$
DECLARE
    adopted name := koku_internal.require_export(exported);
    listed record;
BEGIN
    PERFORM koku_internal.lock_tables(adopted);
    FOR listed IN SELECT * FROM koku_internal.tenant_rows() AS found ORDER BY found.position LOOP
        EXECUTE format('INSERT INTO @extschema@.%1$I OVERRIDING SYSTEM VALUE'
            ' SELECT * FROM jsonb_populate_recordset(NULL::@extschema@.%1$I, $1)', listed.table_name)
        USING coalesce(exported->'tables'->listed.table_name, '[]');
    END LOOP;
    UPDATE @extschema@.koku_source AS known
    SET paused = known.source IN (SELECT listed_source::uuid
                                  FROM jsonb_array_elements_text(exported->'paused') AS listed_source)
    WHERE known.tenant = adopted AND jsonb_typeof(exported->'paused') = 'array';
    FOR listed IN
        SELECT sequence.sequence, (given.value->>'last')::bigint AS last
        FROM jsonb_array_elements(exported->'sequences') AS given
        JOIN koku_internal.tenant_sequences(adopted) AS sequence
            ON sequence.table_name = given.value->>'table' AND sequence.column_name = given.value->>'column'
    LOOP
        PERFORM setval(listed.sequence, greatest(listed.last, 1), listed.last >= 1);
    END LOOP;
    PERFORM koku_internal.grant_tenant(adopted);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_adopt_tenant(jsonb) IS
'Makes a schema with the tables and rows of a tenant a tenant of this server, with what koku_export_tenant() returned '
'on the one that it comes from. The numbers of its manifests stay. Errors: 22023 no export, 55000 of another release, '
'42710 tenant known here, 3F000 no such schema here, 23505 a source or manifest is known here.';

CREATE FUNCTION koku_internal.move_name(tenant name) RETURNS name
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT ('koku_move_' || left(md5($1::text), 16))::name;
$$;
COMMENT ON FUNCTION koku_internal.move_name(name) IS
'Name of the publication, replication slot and subscription of a tenant that moves.';

CREATE FUNCTION koku_internal.tables_without_identity(tenant name) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce(array_agg(relation.oid::regclass::text ORDER BY relation.relname), '{}')
FROM pg_class AS relation
WHERE relation.relnamespace = to_regnamespace(quote_ident($1)) AND relation.relkind IN ('r', 'p')
  AND relation.relreplident = 'd'
  AND NOT EXISTS (SELECT FROM pg_index AS key WHERE key.indrelid = relation.oid AND key.indisprimary);
$$;
COMMENT ON FUNCTION koku_internal.tables_without_identity(name) IS
'Tables of a tenant whose rows logical replication cannot tell apart, because they have no primary key.';

CREATE FUNCTION koku_internal.begin_departure(tenant name, server integer) RETURNS uuid
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known record;
    without_identity text[] := koku_internal.tables_without_identity(tenant);
    publication name := koku_internal.move_name(tenant);
BEGIN
    PERFORM koku_internal.lock_move(tenant, false);
    SELECT * INTO known FROM @extschema@.koku_tenant_move AS move
    WHERE move.tenant = begin_departure.tenant AND move.state IN ('copying', 'moving', 'moved', 'arriving');
    IF known.state IS NOT NULL THEN
        IF known.state = 'arriving' OR known.server <> server THEN
            RAISE EXCEPTION 'tenant "%" is % (server %)', tenant, known.state, known.server
                USING ERRCODE = 'object_not_in_prerequisite_state',
                      HINT = 'Let that move end first, or give it up with scripts/move-tenant.sh --cancel.';
        END IF;
        RETURN known.move;
    END IF;
    PERFORM koku_internal.require_tenant(tenant);
    PERFORM koku_internal.require_schema(tenant);
    IF server = koku_internal.server_number() THEN
        RAISE EXCEPTION 'both servers have the number %', server
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Set koku_onprem.server_number of each to a number of its own and CALL koku_run().';
    ELSIF koku_internal.is_koku_tenant(tenant) THEN
        RAISE EXCEPTION 'tenant "%" is an organization of Koku''s API', tenant
            USING ERRCODE = 'feature_not_supported', HINT = 'It stays where that API works.';
    ELSIF without_identity <> '{}' THEN
        RAISE EXCEPTION 'table % has no primary key', without_identity[1]
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'koku_create_tenant() adds those that the '
                'tables of the extension lack; move other tables out of the schema.';
    END IF;
    INSERT INTO @extschema@.koku_tenant_move AS move (tenant, move, state, server)
    VALUES (begin_departure.tenant, gen_random_uuid(), 'copying', begin_departure.server)
    ON CONFLICT ON CONSTRAINT koku_tenant_move_pkey
    DO UPDATE SET move = excluded.move, state = excluded.state, server = excluded.server, paused = '{}',
        changed_at = now()
    RETURNING move.move INTO known;
    EXECUTE format('DROP PUBLICATION IF EXISTS %I', publication);
    EXECUTE format('CREATE PUBLICATION %I FOR TABLES IN SCHEMA %I WITH (publish_via_partition_root = true)',
                   publication, tenant);
    RETURN known.move;
END;
$$;
COMMENT ON FUNCTION koku_internal.begin_departure(name, integer) IS
'Begins to move a tenant to another server, or finds the move that has begun; returns the id of the move. Publishes '
'the tables of the tenant; all goes on as ever. Errors: 42704 unknown tenant, 3F000 its schema is gone, 0A000 an '
'organization of Koku, 55000 same number of both servers, no primary key, or another move of it.';

CREATE FUNCTION koku_internal.pause_departure(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE @extschema@.koku_tenant_move AS move
    SET paused = ARRAY(SELECT known.source FROM @extschema@.koku_source AS known
                       WHERE known.tenant = pause_departure.tenant AND known.paused ORDER BY 1),
        state = 'moving', changed_at = now()
    WHERE move.tenant = pause_departure.tenant AND move.state = 'copying';
    IF FOUND THEN
        UPDATE @extschema@.koku_source AS known SET paused = true
        WHERE known.tenant = pause_departure.tenant AND NOT known.paused;
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.pause_departure(name) IS
'Pauses the sources of a tenant that moves, and lets nobody hand payloads over for it any more. What has begun goes '
'on: koku_internal.settle_departure() waits for it.';

CREATE FUNCTION koku_internal.settle_departure(tenant name) RETURNS bigint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    payloads bigint[];
BEGIN
    -- Submissions, then runs, then whoever else writes.
    PERFORM koku_internal.lock_move(tenant, false);
    PERFORM koku_internal.lock_tenant(tenant);
    EXECUTE format('LOCK TABLE %s IN SHARE MODE', koku_internal.list_of_tables(tenant));
    SELECT coalesce(array_agg(inbox.id ORDER BY inbox.id), '{}') INTO payloads
    FROM @extschema@.koku_inbox AS inbox
    WHERE inbox.status <> 'done'
      AND (inbox.tenant = settle_departure.tenant
           OR inbox.tenant IS NULL
              AND inbox.cluster_id IN (SELECT known.cluster_id FROM @extschema@.koku_source AS known
                                       WHERE known.tenant = settle_departure.tenant)
              AND NOT EXISTS (SELECT FROM @extschema@.koku_source AS other
                              WHERE other.cluster_id = inbox.cluster_id AND other.tenant <> settle_departure.tenant));
    RETURN payloads;
END;
$$;
COMMENT ON FUNCTION koku_internal.settle_departure(name) IS
'Waits for all that still writes rows of a tenant and keeps others from it until the end of the transaction. Returns '
'the payloads of its inbox that are not done, which go with it.';

CREATE FUNCTION koku_internal.end_departure(tenant name, payloads bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = error
AS $$
BEGIN
    -- The inbox keeps what came for its clusters without naming the tenant since payloads was made.
    DELETE FROM @extschema@.koku_inbox AS inbox WHERE inbox.id = ANY (payloads);
    PERFORM @extschema@.koku_drop_tenant(tenant);
    EXECUTE format('DROP PUBLICATION IF EXISTS %I', koku_internal.move_name(tenant));
    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', tenant);
    UPDATE @extschema@.koku_tenant_move AS move SET state = 'moved', paused = '{}', changed_at = now()
    WHERE move.tenant = end_departure.tenant;
END;
$$;
COMMENT ON FUNCTION koku_internal.end_departure(name, bigint[]) IS
'Removes a tenant that works on the other server by now, with its schema and the payloads that were handed over there.';

CREATE FUNCTION koku_internal.resume_departure(tenant name) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
UPDATE @extschema@.koku_source AS known SET paused = known.source = ANY (move.paused)
FROM @extschema@.koku_tenant_move AS move
WHERE known.tenant = $1 AND move.tenant = $1 AND move.state = 'moving';
UPDATE @extschema@.koku_tenant_move AS move SET state = 'copying' WHERE move.tenant = $1 AND move.state = 'moving';
$$;
COMMENT ON FUNCTION koku_internal.resume_departure(name) IS
'Undoes koku_internal.pause_departure(): the tenant works here again, and its copy follows.';

CREATE FUNCTION koku_internal.cancel_departure(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = error
AS $$
BEGIN
    PERFORM koku_internal.resume_departure(tenant);
    DELETE FROM @extschema@.koku_tenant_move AS move
    WHERE move.tenant = cancel_departure.tenant AND move.state = 'copying';
    EXECUTE format('DROP PUBLICATION IF EXISTS %I', koku_internal.move_name(tenant));
END;
$$;
COMMENT ON FUNCTION koku_internal.cancel_departure(name) IS
'Lets a tenant that was to move stay; its sources go on. Only while it has not arrived on the other server.';

CREATE FUNCTION koku_internal.tracking_rows(tenant name) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    rows jsonb;
BEGIN
    EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(tracked) ORDER BY tracked.id), ''[]'')'
                   ' FROM %I.partitioned_tables AS tracked', tenant) INTO rows;
    RETURN rows;
END;
$$;
COMMENT ON FUNCTION koku_internal.tracking_rows(name) IS
'The rows of the table partitioned_tables of a tenant, from which its partitions can be made elsewhere.';

CREATE FUNCTION koku_internal.arrival_state(tenant name, move uuid) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce((SELECT known.state FROM @extschema@.koku_tenant_move AS known
                 WHERE known.tenant = $1 AND known.move = $2 AND known.state IN ('arriving', 'arrived')), 'absent');
$$;
COMMENT ON FUNCTION koku_internal.arrival_state(name, uuid) IS
'How far a move has come on the server where the tenant goes: absent, arriving or arrived.';

CREATE FUNCTION koku_internal.end_subscription(subscription name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('ALTER SUBSCRIPTION %I DISABLE', subscription);
    EXECUTE format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', subscription);
    EXECUTE format('DROP SUBSCRIPTION %I', subscription);
END;
$$;
COMMENT ON FUNCTION koku_internal.end_subscription(name) IS
'Drops a subscription of this database in a transaction, without asking the other server, whose slot stays.';

CREATE FUNCTION koku_internal.cancel_arrival(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = error
AS $$
DECLARE
    subscription name := koku_internal.move_name(tenant);
BEGIN
    IF EXISTS (SELECT FROM pg_subscription AS known WHERE known.subname = subscription
               AND known.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())) THEN
        PERFORM koku_internal.end_subscription(subscription);
    END IF;
    IF EXISTS (SELECT FROM @extschema@.koku_tenant_move AS move
               WHERE move.tenant = cancel_arrival.tenant AND move.state = 'arriving') THEN
        EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', tenant);
        DELETE FROM @extschema@.koku_tenant_move AS move WHERE move.tenant = cancel_arrival.tenant;
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.cancel_arrival(name) IS
'Removes what a tenant has here that was on its way; nothing of one that has arrived. The replication slot on the '
'other server stays.';

CREATE FUNCTION koku_internal.begin_arrival(tenant name, move uuid, server integer, tracking jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = error
AS $$
BEGIN
    PERFORM koku_internal.cancel_arrival(tenant);
    IF EXISTS (SELECT FROM @extschema@.koku_tenant AS known WHERE known.tenant = begin_arrival.tenant) THEN
        RAISE EXCEPTION 'tenant "%" already exists', tenant
            USING ERRCODE = 'duplicate_object', HINT = 'If it is empty, drop it with koku_drop_tenant() and DROP '
                'SCHEMA.';
    ELSIF to_regnamespace(quote_ident(tenant)) IS NOT NULL THEN
        RAISE EXCEPTION 'schema "%" already exists', tenant
            USING ERRCODE = 'duplicate_schema', HINT = 'Move that schema out of the way.';
    END IF;
    DELETE FROM @extschema@.koku_tenant_move AS known WHERE known.tenant = begin_arrival.tenant;
    PERFORM @extschema@.koku_create_tenant(tenant);
    EXECUTE format('INSERT INTO %1$I.partitioned_tables (schema_name, table_name, partition_of_table_name,'
        ' partition_type, partition_col, partition_parameters, active)'
        ' SELECT schema_name, table_name, partition_of_table_name, partition_type, partition_col,'
        ' partition_parameters, active FROM jsonb_populate_recordset(NULL::%1$I.partitioned_tables, $1)'
        ' ON CONFLICT (schema_name, table_name) DO NOTHING', tenant)
    USING tracking;
    -- The partitions are there; all rows, also those that a new tenant begins with, come from the other server.
    SET CONSTRAINTS ALL IMMEDIATE;
    EXECUTE format('TRUNCATE %s', koku_internal.list_of_tables(tenant));
    -- Partitions that are made or dropped there meanwhile are made and dropped here by the rows that track them.
    EXECUTE format('ALTER TABLE %I.partitioned_tables ENABLE ALWAYS TRIGGER koku_apply_partition', tenant);
    -- Until it has arrived, koku_run() has nothing to do with it.
    DELETE FROM @extschema@.koku_tenant AS known WHERE known.tenant = begin_arrival.tenant;
    INSERT INTO @extschema@.koku_tenant_move (tenant, move, state, server)
    VALUES (begin_arrival.tenant, begin_arrival.move, 'arriving', begin_arrival.server);
END;
$$;
COMMENT ON FUNCTION koku_internal.begin_arrival(name, uuid, integer, jsonb) IS
'Makes the empty tables and partitions of a tenant that comes from another server, for a subscription to fill. What an '
'earlier attempt left is removed. Errors: 42710 the tenant, 42P06 its schema is here already.';

CREATE FUNCTION koku_internal.end_arrival(exported jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    adopted name := koku_internal.require_export(exported);
BEGIN
    PERFORM koku_internal.end_subscription(koku_internal.move_name(adopted));
    EXECUTE format('ALTER TABLE %I.partitioned_tables ENABLE TRIGGER koku_apply_partition', adopted);
    PERFORM @extschema@.koku_adopt_tenant(exported);
    UPDATE @extschema@.koku_tenant_move AS move SET state = 'arrived', changed_at = now()
    WHERE move.tenant = adopted;
END;
$$;
COMMENT ON FUNCTION koku_internal.end_arrival(jsonb) IS
'Ends the replication of a tenant and adopts it: from the commit on it works here. Errors: those of '
'koku_adopt_tenant().';

CREATE FUNCTION koku_internal.forget_arrival(tenant name) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
DELETE FROM @extschema@.koku_tenant_move AS move WHERE move.tenant = $1 AND move.state = 'arrived';
$$;
COMMENT ON FUNCTION koku_internal.forget_arrival(name) IS
'Ends a move whose tenant is gone from the server that it came from.';
