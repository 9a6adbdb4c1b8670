-- Rows of sources that nobody registered: what DROP EXTENSION, a restore that lost rows, or other software left. A
-- payload of their cluster would be counted beside them.

CREATE FUNCTION koku_internal.unknown_sources(tenant name) RETURNS TABLE (source text, cluster_id text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        -- Each source of the daily pods by one step along their index.
        WITH RECURSIVE loaded (source) AS (
            (SELECT line.source FROM %1$I.openshift_pod_usage_line_items_daily AS line
             WHERE line.source IS NOT NULL ORDER BY line.source LIMIT 1)
            UNION ALL
            SELECT (SELECT line.source FROM %1$I.openshift_pod_usage_line_items_daily AS line
                    WHERE line.source > loaded.source ORDER BY line.source LIMIT 1)
            FROM loaded WHERE loaded.source IS NOT NULL
        )
        SELECT listed.source, max(listed.cluster_id)
        FROM (SELECT provider_id::text AS source, cluster.cluster_id FROM %1$I.reporting_ocp_clusters AS cluster
              UNION ALL SELECT provider_id::text, period.cluster_id FROM %1$I.reporting_ocpusagereportperiod AS period
              UNION ALL SELECT loaded.source::text, NULL FROM loaded) AS listed
        WHERE listed.source IS NOT NULL
          AND NOT EXISTS (SELECT FROM @extschema@.koku_source AS known WHERE known.tenant = $1
                          AND known.source::text = listed.source)
        GROUP BY listed.source
        ORDER BY listed.source COLLATE "C"
        $query$, tenant)
    USING tenant;
END;
$$;
COMMENT ON FUNCTION koku_internal.unknown_sources(name) IS
'Sources that are not registered and have a cluster, a report period or daily pods '
'in a tenant; cluster_id NULL: only the last.';

CREATE FUNCTION @extschema@.koku_remove_unknown_rows(source uuid, tenant name DEFAULT 'koku')
RETURNS TABLE (relation text, rows bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner @extschema@.koku_source;
BEGIN
    PERFORM koku_internal.require_schema(tenant);
    PERFORM koku_internal.lock_source(source);
    IF source IS NULL OR EXISTS (
        SELECT FROM @extschema@.koku_source AS known
        WHERE known.source = koku_remove_unknown_rows.source AND known.tenant = koku_remove_unknown_rows.tenant)
    THEN
        RAISE EXCEPTION 'source "%" is registered', coalesce(source::text, 'NULL')
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'koku_delete_source() deletes a source with its rows, koku_purge_source() its rows only.';
    END IF;
    owner.source := source;
    owner.tenant := tenant;
    RETURN QUERY SELECT * FROM koku_internal.delete_rows_of_source(owner, true);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_remove_unknown_rows(uuid, name) IS
'Removes the rows of a source that is not registered from all tables of a tenant, or of a schema that is none any '
'more, with its row in reporting_tenant_api_provider, and returns the rows by table. koku_health() names such sources. '
'Errors: 3F000 no such schema, 55000 the source is NULL or registered in the tenant.';
