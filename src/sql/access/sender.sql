-- What a sender may know and do besides handing payloads over: whether its tenant is here, the sources of the tenant, a
-- new source in it, and how full the inbox is. With the rights of their owner: a sender has none on the tables.

CREATE FUNCTION koku_internal.sender_tenant(tenant name) RETURNS name
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenants name[];
BEGIN
    IF tenant IS NULL THEN
        SELECT array_agg(known.tenant) INTO tenants FROM @extschema@.koku_tenant AS known;
        IF cardinality(tenants) > 1 THEN
            RAISE EXCEPTION 'the sender has no tenant, and there are several'
                USING ERRCODE = 'undefined_object', HINT = 'Give the credential of the sender a tenant.';
        END IF;
        RETURN coalesce(tenants[1], 'koku');
    ELSIF NOT EXISTS (SELECT FROM @extschema@.koku_tenant AS known WHERE known.tenant = sender_tenant.tenant) THEN
        RAISE EXCEPTION 'tenant "%" does not exist', tenant
            USING ERRCODE = 'undefined_object',
                  HINT = 'Correct the tenant of the sender''s credential, or create it with koku_create_tenant().';
    END IF;
    RETURN tenant;
END;
$$;
COMMENT ON FUNCTION koku_internal.sender_tenant(name) IS
'The tenant that a sender works for: the named one, or for NULL the only one there is, "koku" while there is none. '
'Errors: 42704 when the tenant does not exist, or none is named and there are several.';

CREATE FUNCTION @extschema@.koku_tenant_place(tenant name) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN move.state IN ('moving', 'moved', 'arriving') THEN move.state
            WHEN known.tenant IS NULL THEN 'absent'
            ELSE 'here' END
FROM (SELECT koku_tenant_place.tenant) AS asked
LEFT JOIN @extschema@.koku_tenant AS known ON known.tenant = asked.tenant
LEFT JOIN @extschema@.koku_tenant_move AS move ON move.tenant = asked.tenant;
$$;
COMMENT ON FUNCTION @extschema@.koku_tenant_place(name) IS
'Whether a tenant lives on this server, for senders (koku_ingest) that have several to choose from. here: payloads are '
'taken for it, also while it is copied to another server; moving: it is here and takes nothing, because it leaves; '
'moved: it has left; arriving: it is not here yet; absent: this server knows nothing of it. NULL is absent.';

CREATE FUNCTION @extschema@.koku_tenant_sources(tenant name DEFAULT NULL)
RETURNS TABLE (source uuid, name text, cluster_id text, paused boolean)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
WITH sender AS (SELECT koku_internal.sender_tenant(koku_tenant_sources.tenant) AS tenant)
SELECT known.source, known.name, known.cluster_id, known.paused
FROM sender LEFT JOIN @extschema@.koku_source AS known ON known.tenant = sender.tenant
WHERE known.source IS NOT NULL
ORDER BY known.name, known.source;
$$;
COMMENT ON FUNCTION @extschema@.koku_tenant_sources(name) IS
'The sources of one tenant, for senders (koku_ingest), who can read no table. tenant: NULL for the only one there is. '
'Errors: 42704 when the tenant does not exist, or none is named and there are several.';

CREATE FUNCTION @extschema@.koku_register_source(cluster_id text, name text, tenant name DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sender_tenant name := koku_internal.sender_tenant(tenant);
    other text;
BEGIN
    PERFORM koku_internal.lock_source_names(sender_tenant);
    SELECT known.cluster_id INTO other FROM @extschema@.koku_source AS known
    WHERE known.tenant = sender_tenant AND known.name = koku_register_source.name
      AND known.cluster_id <> koku_register_source.cluster_id;
    IF FOUND THEN
        RAISE EXCEPTION 'source name "%" is already in use', name
            USING ERRCODE = 'duplicate_object', DETAIL = format('It is the name of cluster "%s".', other),
                  HINT = 'Choose another name.';
    END IF;
    RETURN @extschema@.koku_create_source(cluster_id, name, sender_tenant, gen_random_uuid());
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_register_source(text, text, name) IS
'Registers a cluster as koku_create_source() does, for senders (koku_ingest): only in a tenant that exists, and under '
'a name that no other cluster of the tenant has. tenant: NULL for the only one there is; while there is none, "koku" '
'is created. Returns the source. Errors: 0A000 in a transaction that keeps its first snapshot, 22023 unfit cluster id '
'or name, 42704 when the tenant does not exist, or none is named and there are several, 42710 when the cluster is '
'registered or the name in use.';

CREATE FUNCTION @extschema@.koku_inbox_backlog(OUT payloads bigint, OUT bytes bigint,
                                               OUT oldest_seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
SELECT count(*), coalesce(sum(octet_length(inbox.payload)), 0)::bigint,
    extract(epoch FROM now() - min(inbox.submitted_at))::double precision
FROM @extschema@.koku_inbox AS inbox
WHERE inbox.status IN ('waiting', 'started', 'failed');
$$;
COMMENT ON FUNCTION @extschema@.koku_inbox_backlog() IS
'How full the inbox is, of all tenants together: payloads that koku_run() has yet to ingest, their bytes, and the '
'seconds that the oldest of them has waited (NULL when there is none). Payloads that are held or parked do not count.';
