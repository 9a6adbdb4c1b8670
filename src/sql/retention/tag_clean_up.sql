-- Tag keys and values that no kept month mentions any more.

CREATE FUNCTION koku_internal.stale_tag_values(tenant name, first_kept_day date)
RETURNS TABLE (uuid uuid, mentioned boolean, cluster_ids text[], cluster_aliases text[],
               namespaces text[], nodes text[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        WITH mention AS (
            SELECT label.key, listed.value, period.cluster_id::text, period.cluster_alias::text,
                label.namespace, label.node
            FROM %1$I.reporting_ocpusagereportperiod AS period
            JOIN (SELECT report_period_id, key, values, namespace, node FROM %1$I.reporting_ocpusagepodlabel_summary
                  UNION ALL
                  SELECT report_period_id, key, values, namespace, node
                  FROM %1$I.reporting_ocpstoragevolumelabel_summary)
                AS label ON label.report_period_id = period.id,
                LATERAL unnest(label.values) AS listed (value)
            WHERE period.report_period_start >= $1::timestamp AT TIME ZONE 'UTC'
        ), pair AS (
            SELECT key, value, array_agg(DISTINCT cluster_id) AS cluster_ids,
                coalesce(array_agg(DISTINCT cluster_alias) FILTER (WHERE cluster_alias IS NOT NULL),
                         '{}') AS cluster_aliases,
                array_agg(DISTINCT namespace) AS namespaces, array_agg(DISTINCT node) AS nodes
            FROM mention
            GROUP BY key, value
        ), kept AS (
            SELECT stored.uuid, stored.cluster_ids AS stored_cluster_ids,
                stored.cluster_aliases AS stored_cluster_aliases,
                stored.namespaces AS stored_namespaces, stored.nodes AS stored_nodes,
                pair.key IS NOT NULL AS mentioned, pair.*,
                ARRAY(SELECT unnest(stored.cluster_ids) INTERSECT SELECT unnest(pair.cluster_ids)
                      ORDER BY 1) AS kept_ids,
                ARRAY(SELECT unnest(stored.cluster_aliases) INTERSECT SELECT unnest(pair.cluster_aliases) ORDER BY 1)
                    AS kept_aliases,
                ARRAY(SELECT unnest(stored.namespaces) INTERSECT SELECT unnest(pair.namespaces)
                      ORDER BY 1) AS kept_namespaces,
                ARRAY(SELECT unnest(stored.nodes) INTERSECT SELECT unnest(pair.nodes) ORDER BY 1) AS kept_nodes
            FROM %1$I.reporting_ocptags_values AS stored
            LEFT JOIN pair ON pair.key = stored.key AND pair.value = stored.value
        )
        SELECT uuid, mentioned,
            -- Seen last by a source that is gone, but others have it, too.
            CASE WHEN kept_ids = '{}' THEN cluster_ids ELSE kept_ids END,
            CASE WHEN kept_ids = '{}' THEN cluster_aliases ELSE kept_aliases END,
            CASE WHEN kept_ids = '{}' THEN namespaces ELSE kept_namespaces END,
            CASE WHEN kept_ids = '{}' THEN nodes ELSE kept_nodes END
        FROM kept
        WHERE NOT mentioned OR kept_ids = '{}' OR cardinality(kept_ids) < cardinality(stored_cluster_ids)
           OR cardinality(kept_aliases) < cardinality(stored_cluster_aliases)
           OR cardinality(kept_namespaces) < cardinality(stored_namespaces)
           OR cardinality(kept_nodes) < cardinality(stored_nodes)
        $query$, tenant)
    USING first_kept_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.stale_tag_values(name, date) IS
'Tag values that name a cluster, alias, namespace or node which no label summary of a report period from '
'first_kept_day on has for the pair, and the arrays without them; mentioned false: no such summary has the pair.';

CREATE FUNCTION koku_internal.clean_tag_values(tenant name, first_kept_day date, dry_run boolean)
RETURNS TABLE (deleted bigint, changed bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF dry_run THEN
        RETURN QUERY
        SELECT count(*) FILTER (WHERE NOT stale.mentioned), count(*) FILTER (WHERE stale.mentioned)
        FROM koku_internal.stale_tag_values(tenant, first_kept_day) AS stale;
        RETURN;
    END IF;

    PERFORM koku_internal.lock_shared_rows(tenant);
    RETURN QUERY EXECUTE format($query$
        WITH stale AS MATERIALIZED (
            SELECT * FROM koku_internal.stale_tag_values($1, $2)
        ), deleted AS (
            DELETE FROM %1$I.reporting_ocptags_values AS stored USING stale
            WHERE stored.uuid = stale.uuid AND NOT stale.mentioned
            RETURNING 1
        ), changed AS (
            UPDATE %1$I.reporting_ocptags_values AS stored
            SET cluster_ids = stale.cluster_ids, cluster_aliases = stale.cluster_aliases,
                namespaces = stale.namespaces, nodes = stale.nodes
            FROM stale
            WHERE stored.uuid = stale.uuid AND stale.mentioned
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM deleted), (SELECT count(*) FROM changed)
        $query$, tenant)
    USING tenant, first_kept_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.clean_tag_values(name, date, boolean) IS
'Deletes tag values that no kept label summary has and takes the clusters, namespaces and nodes out of the others that '
'have them no more (dry_run: counts both). Waits for summaries of the tenant that write tag values.';

CREATE FUNCTION koku_internal.unused_tag_keys(tenant name, first_kept_day date) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    label_texts text;
BEGIN
    SELECT string_agg(format('SELECT DISTINCT %I FROM %I.%I WHERE %I >= $1',
        col.column_name, tenant, catalogue.table_name, catalogue.partition_column), ' UNION ') INTO label_texts
    FROM @extschema@.koku_catalogue_table AS catalogue
    JOIN @extschema@.koku_catalogue_column AS col USING (table_name)
    WHERE catalogue.kind = 'daily' AND col.data_type = 'text' AND right(col.column_name, 7) = '_labels';

    RETURN QUERY EXECUTE format($query$
        WITH label (text) AS (
            %2$s
        ), used AS (
            SELECT DISTINCT jsonb_object_keys(nullif(btrim(label.text), '')::jsonb) AS key FROM label
            UNION SELECT key FROM %1$I.reporting_ocpusagepodlabel_summary
            UNION SELECT key FROM %1$I.reporting_ocpstoragevolumelabel_summary
        )
        SELECT known.uuid
        FROM %1$I.reporting_enabledtagkeys AS known
        WHERE known.provider_type = 'OCP' AND NOT known.enabled
          AND NOT EXISTS (SELECT FROM used WHERE used.key = known.key)
          AND NOT EXISTS (SELECT FROM %1$I.reporting_tagmapping AS mapping
                          WHERE known.uuid IN (mapping.child_id, mapping.parent_id))
        $query$, tenant, label_texts)
    USING first_kept_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.unused_tag_keys(name, date) IS
'Tag keys that are neither enabled nor mapped and that no daily line item from '
'first_kept_day on and no label summary has.';

CREATE FUNCTION koku_internal.clean_tag_keys(tenant name, first_kept_day date, dry_run boolean) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unused bigint;
BEGIN
    SELECT count(*) INTO unused FROM koku_internal.unused_tag_keys(tenant, first_kept_day);
    IF dry_run OR unused = 0 THEN
        RETURN unused;
    END IF;
    -- A payload registers its keys after its rows are written: one that has done so has committed by now, or waits
    -- here.
    EXECUTE format('LOCK TABLE %I.reporting_enabledtagkeys IN SHARE ROW EXCLUSIVE MODE', tenant);
    EXECUTE format('DELETE FROM %I.reporting_enabledtagkeys'
        ' WHERE uuid IN (SELECT * FROM koku_internal.unused_tag_keys($1, $2))', tenant)
    USING tenant, first_kept_day;
    GET DIAGNOSTICS unused = ROW_COUNT;
    RETURN unused;
END;
$$;
COMMENT ON FUNCTION koku_internal.clean_tag_keys(name, date, boolean) IS
'Deletes the unused tag keys and returns their number (dry_run: counts them). Keeps payloads of the tenant from '
'registering keys until the end of the transaction.';
