-- The numbers of a report, each query over one table of the tenant. Sums are of exact numbers, so that they do not
-- depend on the order of rows.

CREATE FUNCTION koku_internal.report_days(tenant name, sources uuid[], first date, last date)
RETURNS TABLE (source uuid, day date, cost numeric,
    cpu_usage numeric, cpu_request numeric, cpu_effective numeric, cpu_limit numeric, cpu_capacity numeric,
    memory_usage numeric, memory_request numeric, memory_effective numeric,
    memory_limit numeric, memory_capacity numeric,
    hours bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        WITH cost AS (
            SELECT source_uuid AS source, usage_start AS day,
                coalesce(sum(infrastructure_raw_cost), 0) + coalesce(sum(infrastructure_markup_cost), 0)
                + coalesce(sum(cost_model_cpu_cost), 0) + coalesce(sum(cost_model_memory_cost), 0)
                + coalesce(sum(cost_model_volume_cost), 0) + coalesce(sum(cost_model_gpu_cost), 0)
                + coalesce(sum(distributed_cost), 0) AS cost
            FROM %1$I.reporting_ocp_cost_summary_p
            WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $2 AND $3
            GROUP BY source_uuid, usage_start
        ), pod AS (
            SELECT source_uuid AS source, usage_start AS day,
                sum(pod_usage_cpu_core_hours) AS cpu_usage, sum(pod_request_cpu_core_hours) AS cpu_request,
                sum(pod_effective_usage_cpu_core_hours) AS cpu_effective, sum(pod_limit_cpu_core_hours) AS cpu_limit,
                max(cluster_capacity_cpu_core_hours) AS cpu_capacity,
                sum(pod_usage_memory_gigabyte_hours) AS memory_usage,
                sum(pod_request_memory_gigabyte_hours) AS memory_request,
                sum(pod_effective_usage_memory_gigabyte_hours) AS memory_effective,
                sum(pod_limit_memory_gigabyte_hours) AS memory_limit,
                max(cluster_capacity_memory_gigabyte_hours) AS memory_capacity
            FROM %1$I.reporting_ocp_pod_summary_p
            WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $2 AND $3 AND cost_model_rate_type IS NULL
            GROUP BY source_uuid, usage_start
        ), spare AS (
            -- What nodes without a role did not use counts as a project without a name in the tables of pods.
            SELECT source_uuid AS source, usage_start AS day,
                sum(pod_usage_cpu_core_hours) AS cpu_usage, sum(pod_request_cpu_core_hours) AS cpu_request,
                sum(pod_effective_usage_cpu_core_hours) AS cpu_effective,
                sum(pod_usage_memory_gigabyte_hours) AS memory_usage,
                sum(pod_request_memory_gigabyte_hours) AS memory_request,
                sum(pod_effective_usage_memory_gigabyte_hours) AS memory_effective
            FROM %1$I.reporting_ocp_pod_summary_by_project_p
            WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $2 AND $3 AND cost_model_rate_type IS NULL
                  AND namespace IS NULL
            GROUP BY source_uuid, usage_start
        ), received AS (
            SELECT source::uuid AS source, usage_start AS day, count(DISTINCT interval_start) AS hours
            FROM %1$I.koku_node_interval
            WHERE source = ANY ($1::text[]) AND usage_start BETWEEN $2 AND $3
            GROUP BY source, usage_start
        )
        SELECT source, day, cost.cost,
            pod.cpu_usage - coalesce(spare.cpu_usage, 0), pod.cpu_request - coalesce(spare.cpu_request, 0),
            pod.cpu_effective - coalesce(spare.cpu_effective, 0), pod.cpu_limit, pod.cpu_capacity,
            pod.memory_usage - coalesce(spare.memory_usage, 0), pod.memory_request - coalesce(spare.memory_request, 0),
            pod.memory_effective - coalesce(spare.memory_effective, 0), pod.memory_limit,
            pod.memory_capacity, received.hours
        FROM cost
        LEFT JOIN pod USING (source, day)
        LEFT JOIN spare USING (source, day)
        LEFT JOIN received USING (source, day)
        ORDER BY source, day
        $query$, tenant)
    USING sources, first, last;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_days(name, uuid[], date, date) IS
'One row a source and summarized day: cost with all that was distributed, hours of pods (without capacity that none '
'used) and of capacity, and the hours of the day that have pods (NULL: not known).';

CREATE FUNCTION koku_internal.report_project_costs(
    tenant name, sources uuid[], first date, last date, previous_first date, previous_last date)
RETURNS TABLE (source uuid, namespace text, rate_type text,
    cpu_cost numeric, memory_cost numeric, volume_cost numeric, gpu_cost numeric, cloud_cost numeric,
    distributed_cost numeric, previous numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT source_uuid, namespace::text, cost_model_rate_type,
            sum(cost_model_cpu_cost) FILTER (WHERE usage_start >= $2),
            sum(cost_model_memory_cost) FILTER (WHERE usage_start >= $2),
            sum(cost_model_volume_cost) FILTER (WHERE usage_start >= $2),
            sum(cost_model_gpu_cost) FILTER (WHERE usage_start >= $2),
            sum(coalesce(infrastructure_raw_cost, 0) + coalesce(infrastructure_markup_cost, 0))
                FILTER (WHERE usage_start >= $2
                    AND coalesce(infrastructure_raw_cost, infrastructure_markup_cost) IS NOT NULL),
            sum(distributed_cost) FILTER (WHERE usage_start >= $2),
            sum(coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0)
                + coalesce(cost_model_volume_cost, 0) + coalesce(cost_model_gpu_cost, 0)
                + coalesce(infrastructure_raw_cost, 0) + coalesce(infrastructure_markup_cost, 0)
                + coalesce(distributed_cost, 0)) FILTER (WHERE usage_start < $2)
        FROM %I.reporting_ocp_cost_summary_by_project_p AS line
        WHERE source_uuid = ANY ($1) AND (usage_start BETWEEN $2 AND $3 OR usage_start BETWEEN $4 AND $5)
        -- Columns as they are: of those the planner knows how many groups there will be.
        GROUP BY source_uuid, line.namespace, cost_model_rate_type
        $query$, tenant)
    USING sources, first, last, previous_first, previous_last;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_project_costs(name, uuid[], date, date, date, date) IS
'Sums of costs of the period, and all of the period before, by source, namespace and rate type.';

CREATE FUNCTION koku_internal.report_project_hours(
    tenant name, sources uuid[], first date, last date, previous_first date, previous_last date)
RETURNS TABLE (source uuid, namespace text,
    cpu_usage numeric, cpu_request numeric, cpu_effective numeric, cpu_limit numeric,
    memory_usage numeric, memory_request numeric, memory_effective numeric,
    memory_limit numeric, previous_cpu_effective numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT source, namespace, cpu_usage, cpu_request, cpu_effective, cpu_limit,
            memory_usage, memory_request, memory_effective, memory_limit, previous_cpu_effective
        FROM (
            SELECT source_uuid AS source, namespace::text AS namespace,
                sum(pod_usage_cpu_core_hours) AS cpu_usage, sum(pod_request_cpu_core_hours) AS cpu_request,
                sum(pod_effective_usage_cpu_core_hours) AS cpu_effective, sum(pod_limit_cpu_core_hours) AS cpu_limit,
                sum(pod_usage_memory_gigabyte_hours) AS memory_usage,
                sum(pod_request_memory_gigabyte_hours) AS memory_request,
                sum(pod_effective_usage_memory_gigabyte_hours) AS memory_effective,
                sum(pod_limit_memory_gigabyte_hours) AS memory_limit
            FROM %1$I.reporting_ocp_pod_summary_by_project_p AS line
            WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $2 AND $3 AND cost_model_rate_type IS NULL
            GROUP BY source_uuid, line.namespace) AS now
        FULL JOIN (
            SELECT source_uuid AS source, namespace::text AS namespace,
                sum(pod_effective_usage_cpu_core_hours) AS previous_cpu_effective
            FROM %1$I.reporting_ocp_pod_summary_by_project_p AS line
            WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $4 AND $5 AND cost_model_rate_type IS NULL
            GROUP BY source_uuid, line.namespace) AS before USING (source, namespace)
        $query$, tenant)
    USING sources, first, last, previous_first, previous_last;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_project_hours(name, uuid[], date, date, date, date) IS
'Hours of processors and memory by source and namespace, and the effective core-hours of the period before.';

CREATE FUNCTION koku_internal.report_claims(tenant name, sources uuid[], first date, last date)
RETURNS TABLE (source uuid, namespace text, claim text, storage_class text,
               capacity numeric, request numeric, usage numeric, cost numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT source_uuid, namespace::text, persistentvolumeclaim::text, storageclass::text,
            coalesce(sum(persistentvolumeclaim_capacity_gigabyte_months), 0),
            coalesce(sum(volume_request_storage_gigabyte_months), 0),
            coalesce(sum(persistentvolumeclaim_usage_gigabyte_months), 0), coalesce(sum(cost_model_volume_cost), 0)
        FROM %I.reporting_ocp_volume_summary_by_project_p
        WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $2 AND $3
        GROUP BY 1, 2, 3, 4
        $query$, tenant)
    USING sources, first, last;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_claims(name, uuid[], date, date) IS
'GiB-months and cost by source, namespace, claim and storage class; a claim named '''' stands for volumes without one.';

CREATE FUNCTION koku_internal.report_projects(
    tenant name, sources uuid[], first date, last date, previous_first date, previous_last date, has_costs boolean)
RETURNS TABLE (source uuid, namespace text, is_capacity boolean,
    cpu_cost numeric, memory_cost numeric, volume_cost numeric, gpu_cost numeric, cloud_cost numeric,
    platform numeric, worker numeric, gpu numeric, storage numeric, network numeric, previous numeric,
    cpu_usage numeric, cpu_request numeric, cpu_effective numeric, cpu_limit numeric,
    memory_usage numeric, memory_request numeric, memory_effective numeric, memory_limit numeric)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
WITH summed AS MATERIALIZED (
    SELECT * FROM koku_internal.report_project_costs(
        tenant, CASE WHEN has_costs THEN sources ELSE '{}' END, first, last, previous_first, previous_last)
), cost AS (
    SELECT summed.source, summed.namespace,
        sum(summed.cpu_cost) AS cpu_cost, sum(summed.memory_cost) AS memory_cost,
        sum(summed.volume_cost) AS volume_cost, sum(summed.gpu_cost) AS gpu_cost,
        sum(summed.cloud_cost) AS cloud_cost,
        sum(distributed_cost) FILTER (WHERE rate_type = 'platform_distributed') AS platform,
        sum(distributed_cost) FILTER (WHERE rate_type = 'worker_distributed') AS worker,
        sum(distributed_cost) FILTER (WHERE rate_type = 'gpu_distributed') AS gpu,
        sum(distributed_cost) FILTER (WHERE rate_type = 'unattributed_storage') AS storage,
        sum(distributed_cost) FILTER (WHERE rate_type = 'unattributed_network') AS network,
        sum(summed.previous) AS previous
    FROM summed
    GROUP BY 1, 2
), hours AS MATERIALIZED (
    SELECT * FROM koku_internal.report_project_hours(tenant, sources, first, last, previous_first, previous_last)
)
SELECT listed.source, listed.namespace, koku_internal.is_unallocated(listed.namespace),
    cost.cpu_cost, cost.memory_cost, cost.volume_cost, cost.gpu_cost, cost.cloud_cost,
    cost.platform, cost.worker, cost.gpu, cost.storage, cost.network,
    CASE WHEN has_costs THEN cost.previous ELSE hours.previous_cpu_effective END,
    hours.cpu_usage, hours.cpu_request, hours.cpu_effective, hours.cpu_limit,
    hours.memory_usage, hours.memory_request, hours.memory_effective, hours.memory_limit
FROM (SELECT cost.source, cost.namespace FROM cost UNION SELECT hours.source, hours.namespace FROM hours) AS listed
-- NULL is a namespace of its own, which equality does not find.
LEFT JOIN cost ON cost.source = listed.source
    AND coalesce(cost.namespace, E'\x01') = coalesce(listed.namespace, E'\x01')
LEFT JOIN hours ON hours.source = listed.source
    AND coalesce(hours.namespace, E'\x01') = coalesce(listed.namespace, E'\x01')
ORDER BY listed.source, listed.namespace COLLATE "C";
$$;
COMMENT ON FUNCTION koku_internal.report_projects(name, uuid[], date, date, date, date, boolean) IS
'One row a source and namespace: cost by resource, what each kind of distribution brought (negative: took), hours, and '
'the cost of the period before (core-hours, where the report is about those).';

CREATE FUNCTION koku_internal.report_project_days(
    tenant name, first date, last date, sources uuid[], namespaces text[], has_costs boolean)
RETURNS TABLE (source uuid, namespace text, day date, cost numeric, core_hours numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE format(CASE WHEN has_costs THEN $query$
        SELECT line.source_uuid, line.namespace::text, line.usage_start, sum(
            coalesce(infrastructure_raw_cost, 0) + coalesce(infrastructure_markup_cost, 0)
            + coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0)
            + coalesce(cost_model_volume_cost, 0) + coalesce(cost_model_gpu_cost, 0)
            + coalesce(distributed_cost, 0)), NULL::numeric
        FROM %1$I.reporting_ocp_cost_summary_by_project_p AS line
        JOIN unnest($3, $4) AS wanted (source, namespace) ON wanted.source = line.source_uuid
            AND wanted.namespace = line.namespace
        -- The names once more, which the scan itself looks at.
        WHERE line.usage_start BETWEEN $1 AND $2 AND line.namespace::text = ANY ($4)
        GROUP BY line.source_uuid, line.namespace, line.usage_start
        ORDER BY line.source_uuid, line.namespace COLLATE "C", line.usage_start
        $query$ ELSE $query$
        SELECT line.source_uuid, line.namespace::text, line.usage_start, NULL::numeric,
            sum(pod_effective_usage_cpu_core_hours)
        FROM %1$I.reporting_ocp_pod_summary_by_project_p AS line
        JOIN unnest($3, $4) AS wanted (source, namespace) ON wanted.source = line.source_uuid
            AND wanted.namespace = line.namespace
        WHERE line.usage_start BETWEEN $1 AND $2 AND cost_model_rate_type IS NULL AND line.namespace::text = ANY ($4)
        GROUP BY line.source_uuid, line.namespace, line.usage_start
        ORDER BY line.source_uuid, line.namespace COLLATE "C", line.usage_start
        $query$ END, tenant)
    USING first, last, sources, namespaces;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_project_days(name, date, date, uuid[], text[], boolean) IS
'Cost or effective core-hours by day of the listed pairs of source and namespace.';

CREATE FUNCTION koku_internal.report_label_values(tenant name, sources uuid[], first date, last date, label text)
RETURNS TABLE (kind text, value text, cost numeric, core_hours numeric, memory_hours numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT kind, value, sum(cost), sum(core_hours), sum(memory_hours)
        FROM (
            SELECT CASE WHEN project.is_unallocated THEN 'capacity' WHEN line.all_labels ? $4 THEN 'value'
                ELSE 'without' END AS kind,
                CASE WHEN NOT project.is_unallocated THEN line.all_labels->>$4 END AS value,
                coalesce(infrastructure_raw_cost, 0) + coalesce(infrastructure_markup_cost, 0)
                    + coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0)
                    + coalesce(cost_model_volume_cost, 0) + coalesce(cost_model_gpu_cost, 0) AS cost,
                coalesce(pod_effective_usage_cpu_core_hours, 0) AS core_hours,
                coalesce(pod_effective_usage_memory_gigabyte_hours, 0) AS memory_hours
            FROM %I.reporting_ocpusagelineitem_daily_summary AS line,
                -- koku_internal.is_unallocated() once more, because a call for each row would take most of the time.
                LATERAL (SELECT (line.namespace IN ('Worker unallocated', 'Platform unallocated', 'GPU unallocated',
                    'Storage unattributed', 'Network unattributed')) IS NOT FALSE) AS project (is_unallocated)
            WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $2 AND $3) AS listed
        GROUP BY kind, value
        ORDER BY kind = 'capacity', kind = 'without', sum(cost) DESC, sum(core_hours) DESC, value COLLATE "C"
        $query$, tenant)
    USING sources, first, last, label;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_label_values(name, uuid[], date, date, text) IS
'Cost before distribution and effective hours by the value of a label; kind value, without (projects that lack the '
'label), capacity (what no project used).';

CREATE FUNCTION koku_internal.report_nodes(tenant name, sources uuid[], first date, last date)
RETURNS TABLE (source uuid, node text, role text,
    cpu_usage numeric, cpu_request numeric, cpu_effective numeric, cpu_limit numeric, cpu_capacity numeric,
    memory_usage numeric, memory_request numeric, memory_effective numeric,
    memory_limit numeric, memory_capacity numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        WITH day AS (
            SELECT source_uuid AS source, pod.node::text AS node, usage_start,
                sum(pod_usage_cpu_core_hours) AS cpu_usage, sum(pod_request_cpu_core_hours) AS cpu_request,
                sum(pod_effective_usage_cpu_core_hours) AS cpu_effective, sum(pod_limit_cpu_core_hours) AS cpu_limit,
                max(node_capacity_cpu_core_hours) AS cpu_capacity,
                sum(pod_usage_memory_gigabyte_hours) AS memory_usage,
                sum(pod_request_memory_gigabyte_hours) AS memory_request,
                sum(pod_effective_usage_memory_gigabyte_hours) AS memory_effective,
                sum(pod_limit_memory_gigabyte_hours) AS memory_limit,
                max(node_capacity_memory_gigabyte_hours) AS memory_capacity
            FROM %1$I.reporting_ocp_pod_summary_by_node_p AS pod
            WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $2 AND $3 AND cost_model_rate_type IS NULL
            GROUP BY 1, 2, 3
        ), spare AS (
            SELECT source_uuid AS source, line.node::text AS node,
                sum(pod_usage_cpu_core_hours) AS cpu_usage, sum(pod_request_cpu_core_hours) AS cpu_request,
                sum(pod_effective_usage_cpu_core_hours) AS cpu_effective,
                sum(pod_usage_memory_gigabyte_hours) AS memory_usage,
                sum(pod_request_memory_gigabyte_hours) AS memory_request,
                sum(pod_effective_usage_memory_gigabyte_hours) AS memory_effective
            FROM %1$I.reporting_ocpusagelineitem_daily_summary AS line
            WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $2 AND $3 AND cost_model_rate_type IS NULL
              AND namespace IS NULL AND data_source = 'Pod'
              -- The larger table is read only where there is such a row.
              AND (SELECT EXISTS (SELECT FROM %1$I.reporting_ocp_pod_summary_by_project_p
                  WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $2 AND $3 AND namespace IS NULL))
            GROUP BY 1, 2
        ), role AS (
            SELECT cluster.provider_id AS source, known.node, max(known.node_role) AS role
            FROM %1$I.reporting_ocp_nodes AS known
            JOIN %1$I.reporting_ocp_clusters AS cluster ON cluster.uuid = known.cluster_id
            GROUP BY 1, 2
        )
        SELECT day.source, day.node, max(role.role),
            sum(day.cpu_usage) - coalesce(max(spare.cpu_usage), 0),
            sum(day.cpu_request) - coalesce(max(spare.cpu_request), 0),
            sum(day.cpu_effective) - coalesce(max(spare.cpu_effective), 0), sum(cpu_limit), sum(cpu_capacity),
            sum(day.memory_usage) - coalesce(max(spare.memory_usage), 0),
            sum(day.memory_request) - coalesce(max(spare.memory_request), 0),
            sum(day.memory_effective) - coalesce(max(spare.memory_effective), 0), sum(memory_limit),
            sum(memory_capacity)
        FROM day
        LEFT JOIN role ON role.source = day.source AND role.node = day.node
        LEFT JOIN spare ON spare.source = day.source AND spare.node = day.node
        GROUP BY day.source, day.node
        ORDER BY sum(cpu_capacity) - (sum(day.cpu_effective) - coalesce(max(spare.cpu_effective), 0)) DESC NULLS LAST,
            day.source, day.node COLLATE "C"
        $query$, tenant)
    USING sources, first, last;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_nodes(name, uuid[], date, date) IS
'Hours of pods and of capacity by source and node, most idle first.';

CREATE FUNCTION koku_internal.report_cost_by_node(tenant name, sources uuid[], first date, last date) RETURNS numeric
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    cost numeric;
BEGIN
    EXECUTE format($query$
        SELECT coalesce(sum(infrastructure_raw_cost), 0) + coalesce(sum(infrastructure_markup_cost), 0)
            + coalesce(sum(cost_model_cpu_cost), 0) + coalesce(sum(cost_model_memory_cost), 0)
            + coalesce(sum(cost_model_volume_cost), 0) + coalesce(sum(cost_model_gpu_cost), 0)
            + coalesce(sum(distributed_cost), 0)
        FROM %I.reporting_ocp_cost_summary_by_node_p
        WHERE source_uuid = ANY ($1) AND usage_start BETWEEN $2 AND $3
        $query$, tenant)
    INTO cost USING sources, first, last;
    RETURN cost;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_cost_by_node(name, uuid[], date, date) IS
'The cost of all nodes, with what has none: the total that the tables by cluster and by project must have as well.';

CREATE FUNCTION koku_internal.report_machines(tenant name, sources uuid[], first date, last date)
RETURNS TABLE (kind text, source uuid, namespace text, name text, hours numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT listed.kind, listed.source::uuid, listed.namespace::text, listed.name,
            sum(listed.seconds::numeric) / 3600
        FROM (
            SELECT 'GPU' AS kind, source, namespace,
                gpu_model_name || coalesce(' ' || nullif(mig_profile, ''), '') AS name, gpu_pod_uptime AS seconds
            FROM %1$I.openshift_gpu_usage_line_items_daily
            WHERE source = ANY ($1::text[]) AND usage_start BETWEEN $2 AND $3
            UNION ALL
            SELECT 'virtual machine', source, namespace, vm_name, vm_uptime_total_seconds
            FROM %1$I.openshift_vm_usage_line_items_daily
            WHERE source = ANY ($1::text[]) AND usage_start BETWEEN $2 AND $3) AS listed
        GROUP BY listed.kind, listed.source, listed.namespace, listed.name
        ORDER BY listed.kind, sum(listed.seconds::numeric) DESC NULLS LAST, listed.namespace COLLATE "C",
            listed.name COLLATE "C", listed.source
        $query$, tenant)
    USING sources, first, last;
END;
$$;
COMMENT ON FUNCTION koku_internal.report_machines(name, uuid[], date, date) IS
'Hours of GPUs (by model) and of virtual machines by source and namespace, from the daily line items, longest first.';
