-- Numbers that servers which share tenants give out: those of two servers never meet.

CREATE FUNCTION koku_internal.server_number() RETURNS integer
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce(nullif(current_setting('koku_onprem.server_number', true), '')::integer, 0);
$$;
COMMENT ON FUNCTION koku_internal.server_number() IS
'The setting koku_onprem.server_number; 0 before the library is loaded, unless it is set.';

CREATE FUNCTION koku_internal.server_sequences()
RETURNS TABLE (sequence regclass, first_id bigint, last_id bigint, next_id bigint, largest_id bigint,
               goes_on_elsewhere boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    numbered record;
BEGIN
    first_id := koku_internal.server_number() * bigint '1000000000000' + 1;
    last_id := first_id + 999999999999 - 1;
    FOR numbered IN
        SELECT * FROM (VALUES ('koku_manifest', 'manifest_id'), ('koku_inbox', 'id')) AS listed
            (table_name, column_name)
    LOOP
        sequence := pg_get_serial_sequence(format('%s.%I', '@extschema@', numbered.table_name), numbered.column_name);
        EXECUTE format('SELECT last_value + is_called::integer FROM %s', sequence) INTO next_id;
        EXECUTE format('SELECT max(%2$I) FROM @extschema@.%1$I WHERE %2$I BETWEEN $1 AND $2',
                       numbered.table_name, numbered.column_name)
        INTO largest_id
        USING first_id, last_id;
        goes_on_elsewhere := next_id NOT BETWEEN first_id AND last_id;
        RETURN NEXT;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.server_sequences() IS
'The sequences of manifests and payloads: the first and the last number that this server may give out, the one that '
'it would give out next, the largest of its own that is in use (NULL: none), and whether the next one is of another '
'server.';

CREATE FUNCTION koku_internal.follow_server_number() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    numbered record;
BEGIN
    IF NOT EXISTS (SELECT FROM koku_internal.server_sequences() AS listed WHERE listed.goes_on_elsewhere) THEN
        RETURN;
    END IF;
    -- Not twice: the second would give out again what the first has given out meanwhile.
    PERFORM koku_internal.lock_move('', false);
    FOR numbered IN
        SELECT * FROM koku_internal.server_sequences() AS listed WHERE listed.goes_on_elsewhere
    LOOP
        PERFORM setval(numbered.sequence, coalesce(numbered.largest_id + 1, numbered.first_id), false);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.follow_server_number() IS
'Lets the numbers of manifests and payloads go on in the range of this server: from koku_onprem.server_number times '
'10^12 plus 1. Numbers that were given out stay.';

CREATE FUNCTION koku_internal.health_servers(OUT status text, OUT detail text, OUT what_to_do text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    elsewhere record;
    stuck record;
BEGIN
    SELECT * INTO elsewhere FROM koku_internal.server_sequences() AS listed WHERE listed.goes_on_elsewhere LIMIT 1;
    IF FOUND THEN
        status := 'error';
        detail := format('koku_onprem.server_number is %s, and %s goes on with %s', koku_internal.server_number(),
                         elsewhere.sequence, elsewhere.next_id);
        what_to_do := 'CALL koku_run() lets it go on in the range of the server. Until then no tenant should move.';
        RETURN;
    END IF;
    SELECT * INTO stuck FROM @extschema@.koku_tenant_move AS move
    WHERE move.state IN ('moving', 'arrived') AND move.changed_at < now() - interval '5 minutes'
    ORDER BY move.changed_at
    LIMIT 1;
    IF FOUND THEN
        status := 'error';
        detail := format('tenant %I is %s since %s, the other server is %s', stuck.tenant, stuck.state,
                         to_char(stuck.changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), stuck.server);
        what_to_do := 'Run scripts/move-tenant.sh again: it goes on where it stopped; with --cancel it gives up, '
            'unless the tenant has arrived.';
        RETURN;
    END IF;
    status := 'ok';
    detail := format('this is server %s; %s tenants are on their way', koku_internal.server_number(),
                     (SELECT count(*) FROM @extschema@.koku_tenant_move AS move WHERE move.state <> 'moved'));
END;
$$;
COMMENT ON FUNCTION koku_internal.health_servers() IS
'Whether manifests and payloads have numbers of this server, and no move of a tenant has stopped half way.';
