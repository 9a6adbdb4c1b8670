-- Handing payloads over, and what an administrator does with those that failed.

CREATE FUNCTION koku_internal.inbox_max_payload_bytes() RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT pg_size_bytes(coalesce(nullif(current_setting('koku_onprem.inbox_max_payload_size', true), ''), '256MB'));
$$;
COMMENT ON FUNCTION koku_internal.inbox_max_payload_bytes() IS
'The setting koku_onprem.inbox_max_payload_size in bytes; 256 MB before the library is loaded.';

CREATE FUNCTION koku_internal.require_submission(payload bytea, request_id text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    limit_bytes bigint := koku_internal.inbox_max_payload_bytes();
BEGIN
    IF payload IS NULL OR octet_length(payload) = 0 THEN
        RAISE EXCEPTION 'payload must not be %', CASE WHEN payload IS NULL THEN 'NULL' ELSE 'empty' END
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give the bytes of the tar.gz that the operator made.';
    ELSIF octet_length(payload) > limit_bytes THEN
        RAISE EXCEPTION 'payload is larger than %', pg_size_pretty(limit_bytes)
            USING ERRCODE = 'program_limit_exceeded', DETAIL = format('It has %s bytes.', octet_length(payload)),
                  HINT = 'If the payload can be trusted, raise koku_onprem.inbox_max_payload_size.';
    ELSIF length(request_id) > 256 THEN
        RAISE EXCEPTION 'request id is too long'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It has %s characters, 256 are allowed.', length(request_id));
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_submission(bytea, text) IS
'Raises 22023 for a payload that is NULL or empty and a request id over 256 '
'characters, 54000 for a payload over the limit.';

CREATE FUNCTION koku_internal.inbox_limits(OUT max_payloads bigint, OUT max_bytes bigint,
                                           OUT max_tenant_payloads bigint, OUT max_tenant_bytes bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT nullif(coalesce(nullif(current_setting('koku_onprem.inbox_max_payloads', true), ''), '50000')::bigint, 0),
    nullif(pg_size_bytes(coalesce(nullif(current_setting('koku_onprem.inbox_max_size', true), ''), '20GB')), 0),
    nullif(coalesce(nullif(current_setting('koku_onprem.inbox_max_tenant_payloads', true), ''), '20000')::bigint, 0),
    nullif(pg_size_bytes(coalesce(nullif(current_setting('koku_onprem.inbox_max_tenant_size', true), ''), '10GB')), 0);
$$;
COMMENT ON FUNCTION koku_internal.inbox_limits() IS
'What the inbox may hold of payloads that are not done: the settings koku_onprem.inbox_max_payloads, '
'inbox_max_size, inbox_max_tenant_payloads and inbox_max_tenant_size (50000, 20 GB, 20000 and 10 GB '
'before the library is loaded). NULL: no bound.';

CREATE FUNCTION koku_internal.inbox_load() RETURNS TABLE (tenant text, payloads bigint, bytes bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce(inbox.tenant::text, ''), count(*), sum(octet_length(inbox.payload))::bigint
FROM @extschema@.koku_inbox AS inbox
WHERE inbox.status <> 'done'
GROUP BY 1;
$$;
COMMENT ON FUNCTION koku_internal.inbox_load() IS
'Number and bytes of the payloads in the inbox that are not done, by tenant (empty: none was named).';

CREATE FUNCTION koku_internal.require_room_in_inbox(tenant name, payload_bytes bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    bound record;
    of_all record;
    setting text;
BEGIN
    SELECT * INTO bound FROM koku_internal.inbox_limits();
    SELECT coalesce(sum(loaded.payloads), 0) AS payloads, coalesce(sum(loaded.bytes), 0) AS bytes,
        coalesce(sum(loaded.payloads) FILTER (WHERE loaded.tenant = coalesce(require_room_in_inbox.tenant::text, '')),
                 0) AS tenant_payloads,
        coalesce(sum(loaded.bytes) FILTER (WHERE loaded.tenant = coalesce(require_room_in_inbox.tenant::text, '')),
                 0) AS tenant_bytes
    INTO of_all
    FROM koku_internal.inbox_load() AS loaded;
    setting := CASE
        WHEN of_all.tenant_payloads + 1 > bound.max_tenant_payloads THEN 'inbox_max_tenant_payloads'
        WHEN of_all.tenant_bytes + payload_bytes > bound.max_tenant_bytes THEN 'inbox_max_tenant_size'
        WHEN of_all.payloads + 1 > bound.max_payloads THEN 'inbox_max_payloads'
        WHEN of_all.bytes + payload_bytes > bound.max_bytes THEN 'inbox_max_size' END;
    IF setting IS NOT NULL THEN
        RAISE EXCEPTION 'inbox is full'
            USING ERRCODE = 'program_limit_exceeded',
                  DETAIL = CASE WHEN setting LIKE '%tenant%' AND tenant IS NOT NULL
                      THEN format('Of tenant "%s" %s payloads (%s) are not done.', tenant, of_all.tenant_payloads,
                                  pg_size_pretty(of_all.tenant_bytes))
                      WHEN setting LIKE '%tenant%'
                      THEN format('Of payloads that name no tenant %s (%s) are not done.', of_all.tenant_payloads,
                                  pg_size_pretty(of_all.tenant_bytes))
                      ELSE format('%s payloads (%s) are not done.', of_all.payloads, pg_size_pretty(of_all.bytes)) END,
                  HINT = format('Send it again later. See koku_health() for why payloads '
                                'are not ingested; koku_onprem.%s sets the bound.', setting);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_room_in_inbox(name, bigint) IS
'Raises 54000 when a further payload of this size passes a bound of the inbox. Sessions that submit at the same time '
'do not see each other: each can pass it by one payload.';

-- With the rights of its owner: whoever hands payloads over need not read those of others.
CREATE FUNCTION @extschema@.koku_submit_payload(payload bytea, request_id text DEFAULT NULL, tenant name DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    payload_digest bytea;
    submitted bigint;
BEGIN
    PERFORM koku_internal.require_submission(payload, request_id);
    PERFORM koku_internal.require_tenant_here(tenant);
    payload_digest := sha256(payload);
    LOOP
        SELECT inbox.id INTO submitted FROM @extschema@.koku_inbox AS inbox
        WHERE inbox.digest = payload_digest
          AND coalesce(inbox.tenant, '') = coalesce(koku_submit_payload.tenant, '');
        EXIT WHEN FOUND;
        PERFORM koku_internal.require_room_in_inbox(koku_submit_payload.tenant, octet_length(payload));
        -- Waits for a submission of the same bytes that has not committed yet; its row is then found above.
        INSERT INTO @extschema@.koku_inbox AS inbox (request_id, tenant, digest, payload)
        VALUES (koku_submit_payload.request_id, koku_submit_payload.tenant, payload_digest,
                koku_submit_payload.payload)
        ON CONFLICT DO NOTHING
        RETURNING inbox.id INTO submitted;
        EXIT WHEN FOUND;
    END LOOP;
    RETURN submitted;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_submit_payload(bytea, text, name) IS
'Puts a payload into the inbox and returns its id there; CALL koku_run() takes it in. It is safe once the '
'transaction has committed. Bytes that are in the inbox for the same tenant are stored once: the id of the first '
'submission comes back and its request_id stays. request_id: what the sender calls the payload, shown in '
'koku_inbox_status. tenant: as of koku_ingest_payload(). The bytes are not looked into. Errors: 22023 payload '
'NULL or empty, request_id over 256 characters; 54000 larger than koku_onprem.inbox_max_payload_size, or the '
'inbox is full (koku_onprem.inbox_max_payloads, inbox_max_size, inbox_max_tenant_payloads, '
'inbox_max_tenant_size), with the message "inbox is full"; 55000 the tenant moves, or has moved, to another '
'server, whose number is in the message, or is not on this one, where koku_onprem.server_number is set.';

CREATE FUNCTION koku_internal.lock_open_payload(id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    status text;
BEGIN
    SELECT inbox.status INTO status FROM @extschema@.koku_inbox AS inbox
    WHERE inbox.id = lock_open_payload.id
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'payload % is not in the inbox', coalesce(id::text, 'NULL')
            USING ERRCODE = 'undefined_object', HINT = 'See koku_inbox_status for those that are.';
    ELSIF status = 'done' THEN
        RAISE EXCEPTION 'payload % is done', id
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'Its rows are in the tables.',
                  HINT = 'To ingest it again, call koku_ingest_payload() with force => true.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.lock_open_payload(bigint) IS
'Locks the row of a payload that is not done, waiting for an attempt that runs. Raises 42704 '
'when there is none, 55000 when it is done.';

CREATE FUNCTION @extschema@.koku_retry_payload(id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.lock_open_payload(id);
    UPDATE @extschema@.koku_inbox AS inbox
    SET status = 'waiting', attempts = 0, next_attempt_at = now()
    WHERE inbox.id = koku_retry_payload.id;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_retry_payload(bigint) IS
'Lets the next CALL koku_run() try a payload again, with all its attempts; its last error stays until then. Errors: '
'42704 not in the inbox, 55000 done.';

CREATE FUNCTION @extschema@.koku_drop_payload(id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.lock_open_payload(id);
    DELETE FROM @extschema@.koku_inbox AS inbox WHERE inbox.id = koku_drop_payload.id;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_drop_payload(bigint) IS
'Removes a payload that is not done from the inbox, for good. Errors: 42704 not in the inbox, 55000 done.';
