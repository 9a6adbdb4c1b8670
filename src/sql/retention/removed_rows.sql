-- Which rows go with a source, and which go with its expired months. The conditions come from the catalogue: a table
-- that is added there is cleaned, too. In a condition target is the row, $1 the source (uuid), $2 the first day that is
-- kept (date), {tenant} the tenant's schema.

CREATE FUNCTION koku_internal.remove_rows(
    relation text, condition text, month text, source uuid, first_kept_day date, dry_run boolean)
RETURNS TABLE (month_removed date, rows bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        CASE WHEN dry_run
            THEN 'SELECT %2$s, count(*) FROM %1$s AS target WHERE %3$s GROUP BY 1 ORDER BY 1'
            ELSE 'WITH removed AS (DELETE FROM %1$s AS target WHERE %3$s RETURNING %2$s AS month)'
                 ' SELECT month, count(*) FROM removed GROUP BY 1 ORDER BY 1'
        END, relation, month, condition)
    USING source, first_kept_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.remove_rows(text, text, text, uuid, date, boolean) IS
'Deletes (dry_run: counts) the rows of a relation that meet a condition, by month. relation, condition and month (an '
'expression) are code, never user input.';

CREATE FUNCTION koku_internal.rows_of_source(tenant name, with_provider boolean)
RETURNS TABLE ("position" integer, table_name text, condition text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT listed.position, listed.table_name, replace(listed.condition, '{tenant}', quote_ident($1))
FROM (
    SELECT catalogue.position, catalogue.table_name, catalogue.kind,
        format(
            CASE WHEN catalogue.kind IN ('raw', 'daily', 'staging', 'node interval') THEN 'target.%I = $1::text'
                ELSE 'target.%I = $1' END,
            catalogue.source_column) AS condition
    FROM @extschema@.koku_catalogue_table AS catalogue
    WHERE catalogue.source_column IS NOT NULL
    UNION ALL
    SELECT catalogue.position, catalogue.table_name, catalogue.kind,
        format('target.%I IN (SELECT owner.%I FROM {tenant}.%I AS owner WHERE owner.%I = $1)',
            key.columns[1], key.referenced_column, key.referenced_table, owner.source_column)
    FROM @extschema@.koku_catalogue_key AS key
    JOIN @extschema@.koku_catalogue_table AS catalogue ON catalogue.table_name = key.table_name
    JOIN @extschema@.koku_catalogue_table AS owner ON owner.table_name = key.referenced_table
    WHERE key.kind = 'foreign' AND owner.kind <> 'provider' AND owner.source_column IS NOT NULL
) AS listed
WHERE ($2 OR listed.kind NOT IN ('provider', 'cost model'))
  -- After an upgrade one may be missing, until koku_create_tenant() is called.
  AND to_regclass(format('%I.%I', $1, listed.table_name)) IS NOT NULL
-- Rows before those that they refer to.
ORDER BY listed.position DESC, listed.condition;
$$;
COMMENT ON FUNCTION koku_internal.rows_of_source(name, boolean) IS
'The tables of a tenant that hold rows of sources, in the order to delete them, and the conditions that find those of '
'one: by the column that names the source and by the foreign keys to its report periods and cluster. with_provider: '
'with the row of the source itself and its cost model.';

CREATE FUNCTION koku_internal.expired_rows_of_source(tenant name)
RETURNS TABLE ("position" integer, relation text, condition text, month text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
WITH period AS (
    SELECT table_name, source_column FROM @extschema@.koku_catalogue_table WHERE kind = 'period'
), by_period AS (
    SELECT 100 - catalogue.position AS position, format('{tenant}.%I', catalogue.table_name) AS relation,
        format('target.%I IN (SELECT period.%I FROM {tenant}.%I AS period'
            ' WHERE period.%I = $1 AND period.report_period_start < $2::timestamp AT TIME ZONE ''UTC'')',
            key.columns[1], key.referenced_column, period.table_name, period.source_column)
            -- Those of expired days go with their partition.
            || coalesce(' AND target.' || quote_ident(catalogue.partition_column) || ' >= $2', '') AS condition,
        format('(SELECT (period.report_period_start AT TIME ZONE ''UTC'')::date'
               ' FROM {tenant}.%I AS period WHERE period.%I = target.%I)',
            period.table_name, key.referenced_column, key.columns[1]) AS month
    FROM period
    JOIN @extschema@.koku_catalogue_key AS key ON key.kind = 'foreign' AND key.referenced_table = period.table_name
    JOIN @extschema@.koku_catalogue_table AS catalogue ON catalogue.table_name = key.table_name
    UNION ALL
    SELECT 100, format('{tenant}.%I', table_name),
        format('target.%I = $1 AND target.report_period_start < $2::timestamp AT TIME ZONE ''UTC''', source_column),
        '(target.report_period_start AT TIME ZONE ''UTC'')::date'
    FROM period
), cluster_information (position, table_name, condition) AS (
    VALUES
        (201, 'reporting_ocp_nodes', $condition$
            NOT EXISTS (
                SELECT FROM {tenant}.openshift_pod_usage_line_items_daily AS line
                WHERE line.source = $1::text AND line.usage_start >= $2 AND line.node = target.node
                  AND line.resource_id IS NOT DISTINCT FROM target.resource_id
                  AND (CASE WHEN abs(line.node_capacity_cpu_cores) < 1e15
                       THEN line.node_capacity_cpu_cores END)::numeric(18,2)
                      IS NOT DISTINCT FROM target.node_capacity_cpu_cores)$condition$),
        (202, 'reporting_ocp_projects', $condition$
            NOT EXISTS (
                SELECT FROM {tenant}.openshift_pod_usage_line_items_daily AS line
                WHERE line.source = $1::text AND line.usage_start >= $2
                      AND line.namespace = target.project)$condition$),
        (203, 'reporting_ocp_pvcs', $condition$
            NOT EXISTS (
                SELECT FROM {tenant}.openshift_storage_usage_line_items_daily AS line
                WHERE line.source = $1::text AND line.usage_start >= $2
                  AND line.persistentvolume = target.persistent_volume
                  AND line.persistentvolumeclaim = target.persistent_volume_claim)$condition$)
)
SELECT listed.position, replace(listed.relation, '{tenant}', quote_ident($1)),
    replace(listed.condition, '{tenant}', quote_ident($1)), replace(listed.month, '{tenant}', quote_ident($1))
FROM (
    SELECT * FROM by_period
    UNION ALL
    SELECT position, format('{tenant}.%I', table_name),
        'target.cluster_id IN (SELECT cluster.uuid'
        ' FROM {tenant}.reporting_ocp_clusters AS cluster WHERE cluster.provider_id = $1)'
        ' AND ' || condition, 'NULL::date'
    FROM cluster_information
    UNION ALL VALUES
        (204, '{tenant}.reporting_ocp_clusters', $condition$
            target.provider_id = $1
            AND NOT EXISTS (
                SELECT FROM {tenant}.reporting_ocpusagereportperiod AS period
                WHERE period.provider_id = $1 AND period.report_period_start >= $2::timestamp AT TIME ZONE 'UTC')
            AND NOT EXISTS (
                SELECT FROM {tenant}.openshift_pod_usage_line_items_daily AS line
                WHERE line.source = $1::text AND line.usage_start >= $2)
            AND NOT EXISTS (
                SELECT FROM {tenant}.openshift_storage_usage_line_items_daily AS line
                WHERE line.source = $1::text AND line.usage_start >= $2)$condition$, 'NULL::date'),
        (301, '@extschema@.koku_summary_request', 'target.source = $1 AND target.month < $2', 'target.month'),
        (304, '@extschema@.koku_cost_request', 'target.source = $1 AND target.month < $2', 'target.month'),
        -- A manifest whose window reaches into a kept month says who owns rows there.
        (302, '@extschema@.koku_manifest', $condition$
            target.source = $1 AND target.billing_period_start < $2
            AND coalesce(target.window_end <= $2::timestamp AT TIME ZONE 'UTC', true)
            AND NOT EXISTS (SELECT FROM jsonb_each_text(target.hours_per_day) AS hours (day, number)
                            WHERE hours.day::date >= $2 AND hours.number::integer > 0)$condition$,
         'target.billing_period_start'),
        (303, '@extschema@.koku_changed_day', $condition$
            target.day < $2
            AND target.manifest_id IN (SELECT manifest.manifest_id FROM @extschema@.koku_manifest AS manifest
                                       WHERE manifest.source = $1)$condition$,
         'date_trunc(''month'', target.day::timestamp)::date')
) AS listed
ORDER BY listed.position;
$$;
COMMENT ON FUNCTION koku_internal.expired_rows_of_source(name) IS
'The relations that retention cleans for each source beside the partitions, in the order to delete, the conditions '
'that find the rows, and their month: what hangs on expired report periods, the periods, cluster information that no '
'kept month mentions, manifests and requests.';

CREATE FUNCTION koku_internal.remove_expired_rows(tenant name, source uuid, first_kept_day date, dry_run boolean)
RETURNS TABLE ("position" integer, relation text, month date, rows bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    listed record;
BEGIN
    FOR listed IN SELECT * FROM koku_internal.expired_rows_of_source(tenant) AS expired ORDER BY expired.position LOOP
        RETURN QUERY
        SELECT listed.position, listed.relation, removed.month_removed, removed.rows
        FROM koku_internal.remove_rows(
            listed.relation, listed.condition, listed.month, source, first_kept_day, dry_run) AS removed;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.remove_expired_rows(name, uuid, date, boolean) IS
'Deletes (dry_run: counts) what koku_internal.expired_rows_of_source() finds of a '
'source. The caller holds the lock on the source.';

CREATE FUNCTION koku_internal.sources_with_rows(tenant name) RETURNS uuid[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_sources uuid[];
BEGIN
    EXECUTE format($query$
        SELECT coalesce(array_agg(source ORDER BY source), '{}')
        FROM (SELECT known.source FROM @extschema@.koku_source AS known WHERE known.tenant = $1
              UNION SELECT period.provider_id FROM %1$I.reporting_ocpusagereportperiod AS period
              UNION SELECT cluster.provider_id FROM %1$I.reporting_ocp_clusters AS cluster) AS listed
        WHERE source IS NOT NULL
        $query$, tenant)
    INTO found_sources
    USING tenant;
    RETURN found_sources;
END;
$$;
COMMENT ON FUNCTION koku_internal.sources_with_rows(name) IS
'The sources of a tenant, with those of other software that writes its tables, in order.';
