-- The statements of eleven tables that dashboards read are one template: rows of the daily summary, grouped by day and
-- columns of the table's own, with some of the sets of measures (spec summary.md 4). What one row of a table means is said
-- in 22_catalogue_tables.sql. They read the rows from koku_daily_line, which is their narrow copy.

CREATE FUNCTION koku_internal.measures(wanted text[], OUT columns text, OUT expressions text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT string_agg(measure.column_name, ', ' ORDER BY chosen.place, measure.position),
    string_agg(
        format(CASE measure.expression
            WHEN 'sum' THEN 'koku_internal.in_range(sum(line.%1$I)) AS %1$I'
            WHEN 'max' THEN 'max(line.%1$I) AS %1$I'
            ELSE measure.expression || ' AS %1$I'
        END, measure.column_name), E',\n    ' ORDER BY chosen.place, measure.position)
FROM unnest(wanted) WITH ORDINALITY AS chosen (name, place)
JOIN (VALUES
    ('cost', 1, 'infrastructure_raw_cost', 'sum'),
    ('cost', 2, 'infrastructure_markup_cost', 'sum'),
    ('cost', 3, 'cost_model_cpu_cost', 'sum'),
    ('cost', 4, 'cost_model_memory_cost', 'sum'),
    ('cost', 5, 'cost_model_volume_cost', 'sum'),
    ('cost', 6, 'cost_model_gpu_cost', 'sum'),
    ('cost', 7, 'distributed_cost', 'sum'),
    ('cost', 8, 'cost_category_id', 'max'),
    ('cost', 9, 'raw_currency', 'max'),
    ('resource', 1, 'resource_ids', 'koku_internal.distinct_texts(line.resource_id)'),
    -- of the same aggregate as above, which is computed once
    ('resource', 2, 'resource_count', 'cardinality(array_remove(koku_internal.distinct_texts(line.resource_id), NULL))'),
    ('resource', 3, 'data_source', 'max'),
    -- The same for many small groups: sorted, one after the other uses the same memory.
    ('resource of few rows', 1, 'resource_ids', 'array_agg(DISTINCT line.resource_id)'),
    ('resource of few rows', 2, 'resource_count', 'cardinality(array_remove(array_agg(DISTINCT line.resource_id), NULL))'),
    ('resource of few rows', 3, 'data_source', 'max'),
    ('pod', 1, 'pod_usage_cpu_core_hours', 'sum'),
    ('pod', 2, 'pod_request_cpu_core_hours', 'sum'),
    ('pod', 3, 'pod_effective_usage_cpu_core_hours', 'sum'),
    ('pod', 4, 'pod_limit_cpu_core_hours', 'sum'),
    ('pod', 5, 'pod_usage_memory_gigabyte_hours', 'sum'),
    ('pod', 6, 'pod_request_memory_gigabyte_hours', 'sum'),
    ('pod', 7, 'pod_effective_usage_memory_gigabyte_hours', 'sum'),
    ('pod', 8, 'pod_limit_memory_gigabyte_hours', 'sum'),
    ('cluster capacity', 1, 'cluster_capacity_cpu_core_hours', 'max'),
    ('cluster capacity', 2, 'cluster_capacity_memory_gigabyte_hours', 'max'),
    ('node capacity', 1, 'node_capacity_cpu_cores', 'max'),
    ('node capacity', 2, 'node_capacity_cpu_core_hours', 'max'),
    ('node capacity', 3, 'node_capacity_memory_gigabytes', 'max'),
    ('node capacity', 4, 'node_capacity_memory_gigabyte_hours', 'max'),
    ('volume', 1, 'volume_request_storage_gigabyte_months', 'sum'),
    ('volume', 2, 'persistentvolumeclaim_usage_gigabyte_months', 'sum'),
    ('volume', 3, 'persistentvolumeclaim_capacity_gigabyte_months', 'sum'),
    ('network', 1, 'infrastructure_data_in_gigabytes', 'koku_internal.in_range(sum(traffic.data_in))'),
    ('network', 2, 'infrastructure_data_out_gigabytes', 'koku_internal.in_range(sum(traffic.data_out))')
) AS measure (name, position, column_name, expression) USING (name);
$$;
COMMENT ON FUNCTION koku_internal.measures(text[]) IS
'The columns of sets of measures, and the aggregates that fill them, with their names, from rows of the daily summary called line.';

CREATE FUNCTION koku_internal.daily_line_columns() RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
-- What rows are grouped by has collation "C", which compares bytes: what is equal is equal in every collation.
SELECT 'usage_start, cluster_id COLLATE "C", cluster_alias COLLATE "C", cost_model_rate_type COLLATE "C",'
    ' data_source COLLATE "C", namespace COLLATE "C", node COLLATE "C", persistentvolumeclaim COLLATE "C",'
    ' storageclass COLLATE "C", resource_id, infrastructure_data_in_gigabytes, infrastructure_data_out_gigabytes, '
    || measure.columns
FROM koku_internal.measures('{cost,pod,cluster capacity,node capacity,volume}') AS measure;
$$;
COMMENT ON FUNCTION koku_internal.daily_line_columns() IS
'The columns of koku_daily_line, in their order, as expressions of a row of the daily summary.';

CREATE FUNCTION koku_internal.interface_statement(
    target text, group_columns text[], measures text[], source_rows text, OUT statement text, OUT rows_query text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
WITH grouping AS (
    SELECT string_agg('line.' || name, ', ' ORDER BY place) AS columns
    -- Those first that tell most rows apart: sorting compares them in this order.
    FROM unnest(group_columns || ARRAY['usage_start', 'cost_model_rate_type', 'cluster_id', 'cluster_alias'])
        WITH ORDINALITY AS member (name, place)
), source_row (name, joined, condition, extra_group) AS (
    VALUES
        ('all', '', '', ''),
        ('pod', '',
         ' WHERE line.data_source = ''Pod'' AND (line.namespace IN ({special namespaces})) IS NOT TRUE', ''),
        ('volume', '',
         ' WHERE line.data_source = ''Storage'' AND line.persistentvolumeclaim IS NOT NULL', ''),
        -- Each direction is a row of its own.
        ('network',
         ' CROSS JOIN LATERAL (VALUES (''in'', line.infrastructure_data_in_gigabytes, 0),'
         ' (''out'', 0, line.infrastructure_data_out_gigabytes)) AS traffic (direction, data_in, data_out)',
         ' WHERE line.data_source = ''Pod'' AND line.namespace = ''Network unattributed'''
         ' AND traffic.data_in IS NOT NULL AND traffic.data_out IS NOT NULL', ', traffic.direction')
)
SELECT format('DELETE FROM {month}.%s WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3', target),
    format($template$
SELECT koku_internal.row_id() AS id, $1 AS source_uuid, line.usage_start AS usage_end, %1$s,
    %2$s
FROM koku_daily_line AS line%3$s%4$s
GROUP BY %1$s%5$s
$template$, grouping.columns, measure.expressions, source_row.joined, source_row.condition, source_row.extra_group)
FROM grouping, source_row, koku_internal.measures(measures) AS measure
WHERE source_row.name = source_rows;
$function$;
COMMENT ON FUNCTION koku_internal.interface_statement(text, text[], text[], text) IS
'What rebuilds one table for dashboards: the statement that deletes the old rows and the query of the new ones. group_columns: beside day, cluster and rate type. measures: sets of columns. source_rows: which rows of the daily summary take part: all, pod (no unallocated capacity), volume or network.';

-- What there is to delete is deleted in any case. Few clusters have rows of networks.
INSERT INTO @extschema@.koku_summary_statement (position, phase, target, needs, statement, rows_query)
SELECT part.position, 'step', listed.target, part.needs, part.statement, part.rows_query
FROM (VALUES
    (40, 'reporting_ocp_cost_summary_p', '{}', '{cost}', 'all'),
    (41, 'reporting_ocp_cost_summary_by_node_p', '{node}', '{cost}', 'all'),
    (42, 'reporting_ocp_cost_summary_by_project_p', '{namespace}', '{cost}', 'all'),
    (43, 'reporting_ocp_pod_summary_p', '{}', '{cost,resource,pod,cluster capacity}', 'pod'),
    (44, 'reporting_ocp_pod_summary_by_node_p', '{node}', '{cost,resource,pod,cluster capacity,node capacity}', 'pod'),
    (45, 'reporting_ocp_pod_summary_by_project_p', '{namespace}', '{cost,resource,pod,cluster capacity}', 'pod'),
    (46, 'reporting_ocp_volume_summary_p', '{persistentvolumeclaim,storageclass}', '{cost,resource of few rows,volume}', 'volume'),
    (47, 'reporting_ocp_volume_summary_by_project_p', '{persistentvolumeclaim,storageclass,namespace}',
     '{cost,resource of few rows,volume}', 'volume'),
    (48, 'reporting_ocp_network_summary_p', '{}', '{cost,resource,network}', 'network'),
    (49, 'reporting_ocp_network_summary_by_node_p', '{node}', '{cost,resource,network}', 'network'),
    (50, 'reporting_ocp_network_summary_by_project_p', '{namespace}', '{cost,resource,network}', 'network')
) AS listed (position, target, group_columns, measures, source_rows),
    LATERAL koku_internal.interface_statement(
        listed.target, listed.group_columns::text[], listed.measures::text[], listed.source_rows) AS text,
    LATERAL (SELECT CASE listed.source_rows WHEN 'network' THEN 'koku_has_network' END AS working_table) AS needed,
    LATERAL (
        SELECT listed.position, NULL, text.statement, CASE WHEN needed.working_table IS NULL THEN text.rows_query END
        UNION ALL
        -- behind all that delete
        SELECT listed.position + 3, needed.working_table, '', text.rows_query WHERE needed.working_table IS NOT NULL
    ) AS part (position, needs, statement, rows_query);
