-- Deletion of a source, or of its data.

CREATE FUNCTION koku_internal.lock_known_source(source uuid) RETURNS @extschema@.koku_source
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM koku_internal.require_source(source);
    PERFORM koku_internal.lock_source(source);
    -- It may have been deleted meanwhile.
    RETURN koku_internal.require_source(source);
END;
$$;
COMMENT ON FUNCTION koku_internal.lock_known_source(uuid) IS
'Locks a source and returns it; raises 42704 when there is none.';

CREATE FUNCTION koku_internal.delete_rows_of_source(owner @extschema@.koku_source, with_provider boolean)
RETURNS TABLE (relation text, rows bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    today date := koku_internal.today();
    drops_partitions boolean := koku_internal.has_partitions_far_ahead(owner.tenant, today);
    listed record;
BEGIN
    -- What was dropped with its schema needs no deletion.
    IF to_regclass(format('%I.partitioned_tables', owner.tenant)) IS NULL THEN
        RETURN;
    END IF;
    -- Deletions in many tables would else meet who makes or drops partitions of them in another order.
    IF drops_partitions THEN
        PERFORM koku_internal.lock_tables(owner.tenant);
    ELSE
        PERFORM koku_internal.share_tables(owner.tenant);
    END IF;
    FOR listed IN
        SELECT found.table_name, array_agg(found.condition ORDER BY found.condition) AS conditions
        FROM koku_internal.rows_of_source(owner.tenant, with_provider) AS found
        GROUP BY found.position, found.table_name
        ORDER BY found.position DESC
    LOOP
        relation := format('%I.%I', owner.tenant, listed.table_name);
        SELECT sum(removed.rows) INTO rows
        FROM unnest(listed.conditions) AS condition,
            LATERAL koku_internal.remove_rows(relation, condition, 'NULL::date', owner.source, NULL, false) AS removed;
        IF rows > 0 THEN
            RETURN NEXT;
        END IF;
    END LOOP;
    PERFORM koku_internal.clean_tag_values(owner.tenant, '-infinity', false);
    PERFORM koku_internal.clean_tag_keys(owner.tenant, '-infinity', false);
    IF drops_partitions THEN
        -- Foreign keys of rows that are gone are checked at the end otherwise; a table with such checks ahead is not
        -- dropped.
        SET CONSTRAINTS ALL IMMEDIATE;
        PERFORM koku_internal.purge_needless_partitions(owner.tenant, today, false);
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.delete_rows_of_source(@extschema@.koku_source, boolean) IS
'Deletes the rows of a source in all tables of its tenant, and what nobody else mentions of its '
'tags, and drops partitions of months after the next that are empty then; returns the tables that '
'had some. The caller holds the lock on the source.';

CREATE FUNCTION @extschema@.koku_purge_source(source uuid, forget_manifests boolean DEFAULT false)
RETURNS TABLE (relation text, rows bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner @extschema@.koku_source := koku_internal.lock_known_source(source);
BEGIN
    RETURN QUERY SELECT * FROM koku_internal.delete_rows_of_source(owner, false);
    DELETE FROM @extschema@.koku_summary_request AS request WHERE request.source = owner.source;
    DELETE FROM @extschema@.koku_cost_request AS request WHERE request.source = owner.source;
    DELETE FROM @extschema@.koku_changed_day AS changed
    USING @extschema@.koku_manifest AS manifest
    WHERE changed.manifest_id = manifest.manifest_id AND manifest.source = owner.source;
    DELETE FROM @extschema@.koku_manifest AS manifest
    WHERE manifest.source = owner.source
      AND (forget_manifests OR manifest.billing_period_start < koku_internal.first_kept_day(
              koku_internal.retention_months(owner.tenant), koku_internal.today()));
    DELETE FROM @extschema@.koku_inbox AS inbox WHERE inbox.source = owner.source AND forget_manifests;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_purge_source(uuid, boolean) IS
'Removes the data of a source from all tables, in one transaction, keeps the source, and returns the rows by table. '
'Its manifests stay, save those past the retention, so that payloads that are sent again are not taken again; '
'forget_manifests: they go with the finished payloads of the inbox, and payloads can be loaded again. Waits while '
'another transaction writes rows of the source. Error: 42704 unknown source.';

CREATE FUNCTION koku_internal.request_deletion(owner @extschema@.koku_source) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
UPDATE @extschema@.koku_source AS known SET paused = true WHERE known.source = owner.source;
DELETE FROM @extschema@.koku_summary_request AS request WHERE request.source = owner.source;
DELETE FROM @extschema@.koku_cost_request AS request WHERE request.source = owner.source;
INSERT INTO @extschema@.koku_source_deletion (source) VALUES (owner.source) ON CONFLICT DO NOTHING;
$$;
COMMENT ON FUNCTION koku_internal.request_deletion(@extschema@.koku_source) IS
'Leaves the deletion of a source to CALL koku_run(): until then nothing is taken for it or summarized.';

CREATE FUNCTION @extschema@.koku_delete_source(source uuid, in_batches boolean DEFAULT false)
RETURNS TABLE (relation text, rows bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner @extschema@.koku_source := koku_internal.lock_known_source(source);
BEGIN
    IF in_batches THEN
        PERFORM koku_internal.request_deletion(owner);
        RETURN;
    END IF;
    RETURN QUERY SELECT * FROM koku_internal.delete_rows_of_source(owner, true);
    -- With its manifests, files, requests and payloads.
    DELETE FROM @extschema@.koku_cost_change AS change WHERE change.source = owner.source;
    DELETE FROM @extschema@.koku_source AS known WHERE known.source = owner.source;
    DELETE FROM @extschema@.koku_inbox AS inbox
    WHERE inbox.cluster_id = owner.cluster_id AND inbox.tenant = owner.tenant
       OR inbox.cluster_id = owner.cluster_id AND inbox.tenant IS NULL
          AND NOT EXISTS (SELECT FROM @extschema@.koku_source AS other WHERE other.cluster_id = owner.cluster_id);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_delete_source(uuid, boolean) IS
'Deletes a source with all its rows in all tables, its manifests and its payloads in the inbox, and returns the rows '
'by table of its tenant. Other sources keep theirs; empty partitions stay until the retention drops them, those of '
'months after the next go at once. Waits while another transaction writes rows of the source. In one transaction; '
'in_batches: CALL koku_run() does it, a table and month at a time, each in its own transaction, and until then the '
'source is paused (returns nothing). Error: 42704 unknown source.';
