-- Conservation of costs (spec cost.md 11): what a day has to cost is worked out once more from usage, capacity and
-- prices, by other sums than those that made the rows.

CREATE FUNCTION koku_internal.expected_costs(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (day date, rate_type text, subject text, amount numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE replace($query$
WITH model AS (
    SELECT model.uuid, coalesce(model.distribution_info->>'distribution_type', 'cpu') = 'memory' AS by_memory,
        extract(day FROM $3::timestamp) AS days,
        (SELECT list.uuid FROM {tenant}.price_list_cost_model_map AS link
         JOIN {tenant}.price_list AS list ON list.uuid = link.price_list_id
         WHERE link.cost_model_id = model.uuid AND $2 BETWEEN list.effective_start_date AND list.effective_end_date
         ORDER BY link.priority, link.id LIMIT 1) AS price_list
    FROM {tenant}.cost_model AS model
    WHERE model.uuid = $4
), plain AS (
    SELECT known.metric, koku_internal.cost_type_of(rate.cost_type, known.cost_type) AS rate_type,
        sum(rate.default_rate) AS price
    FROM {tenant}.cost_model_rate AS rate
    JOIN model ON model.price_list = rate.price_list_id
    JOIN koku_internal.cost_metrics() AS known ON known.metric = rate.metric
    WHERE rate.tag_key = '' AND rate.default_rate <> 'NaN' AND known.may_be_plain
    GROUP BY 1, 2
), entry AS (
    SELECT known.metric, koku_internal.cost_type_of(rate.cost_type, known.cost_type) AS rate_type, rate.tag_key,
        value->>'tag_value' AS tag_value, koku_internal.to_price(value->>'value') AS price,
        (value->>'default') = 'true' AS is_default
    FROM (SELECT rate->'metric'->>'name' AS metric, rate->>'cost_type' AS cost_type,
              rate->'tag_rates'->>'tag_key' AS tag_key, jsonb_path_query(rate, 'lax $.tag_rates.tag_values[*]') AS value
          FROM {tenant}.price_list AS list
          JOIN model ON model.price_list = list.uuid, LATERAL jsonb_path_query(list.rates, 'lax $[*]') AS rate) AS rate
    JOIN koku_internal.cost_metrics() AS known ON known.metric = rate.metric AND known.may_be_tag
    WHERE rate.tag_key IS NOT NULL AND value->>'tag_value' IS NOT NULL
      AND koku_internal.to_price(value->>'value') IS NOT NULL
), tag AS (
    SELECT metric, rate_type, tag_key, jsonb_object_agg(tag_value, price) AS listed,
        max(price) FILTER (WHERE is_default) AS other
    FROM entry
    GROUP BY metric, rate_type, tag_key
), usage AS MATERIALIZED (
    SELECT line.*, CASE WHEN model.by_memory THEN pod_effective_usage_memory_gigabyte_hours
                        ELSE pod_effective_usage_cpu_core_hours END AS used,
        CASE WHEN model.by_memory THEN node_capacity_memory_gigabyte_hours
            ELSE node_capacity_cpu_core_hours END AS available
    FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line
    CROSS JOIN model
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.cost_model_rate_type IS NULL
), node AS MATERIALIZED (
    -- A node with a role pays as a whole, one without pays for what is in use.
    SELECT found.*, CASE WHEN has_role THEN 1 ELSE charged / nullif(available, 0) END AS share
    FROM (SELECT usage_start, node, coalesce(bool_or(pod_labels IS NULL AND namespace IS NOT NULL), false) AS has_role,
              max(available) AS available, sum(used) FILTER (WHERE namespace IS NOT NULL) AS charged,
              max(node_capacity_cpu_core_hours) AS core_hours, max(node_capacity_cpu_cores) AS cores,
              max(CASE WHEN model.by_memory THEN node_capacity_memory_gigabytes
                  ELSE node_capacity_cpu_cores END) AS size,
              max(CASE WHEN model.by_memory THEN cluster_capacity_memory_gigabyte_hours
                       ELSE cluster_capacity_cpu_core_hours END) AS of_cluster
          FROM usage, model
          WHERE data_source = 'Pod' AND node <> ''
          GROUP BY usage_start, node) AS found
), measure AS (
    SELECT usage_start, namespace, pod_labels, volume_labels, measure.*
    FROM usage, LATERAL (VALUES
        ('cpu_core_usage_per_hour', 'pod', pod_usage_cpu_core_hours),
        ('cpu_core_request_per_hour', 'pod', pod_request_cpu_core_hours),
        ('cpu_core_effective_usage_per_hour', 'pod', pod_effective_usage_cpu_core_hours),
        ('memory_gb_usage_per_hour', 'pod', pod_usage_memory_gigabyte_hours),
        ('memory_gb_request_per_hour', 'pod', pod_request_memory_gigabyte_hours),
        ('memory_gb_effective_usage_per_hour', 'pod', pod_effective_usage_memory_gigabyte_hours),
        ('storage_gb_usage_per_month', 'volume', persistentvolumeclaim_usage_gigabyte_months),
        ('storage_gb_request_per_month', 'volume',
         volume_request_storage_gigabyte_months)) AS measure (metric, part, quantity)
    WHERE quantity IS NOT NULL
), charged_pod AS (
    SELECT * FROM usage
    WHERE data_source = 'Pod' AND namespace IS NOT NULL AND node_capacity_cpu_core_hours <> 0
      AND cluster_capacity_cpu_core_hours <> 0
), replaced AS MATERIALIZED (
    -- The part of a node whose plain price a price by a label takes the place of.
    SELECT pod.usage_start, pod.node, plain.metric, plain.rate_type, sum(pod.used / nullif(pod.available, 0)) AS share
    FROM charged_pod AS pod
    JOIN plain ON EXISTS (SELECT FROM tag WHERE tag.metric = plain.metric AND tag.rate_type = plain.rate_type
                          AND pod.pod_labels ? tag.tag_key)
    WHERE plain.metric IN ('node_cost_per_month', 'node_core_cost_per_month')
    GROUP BY 1, 2, 3, 4
), claim AS MATERIALIZED (
    SELECT usage_start, namespace, persistentvolumeclaim, volume_labels,
        bool_or(persistentvolumeclaim_capacity_gigabyte_months <> 0) AS has_capacity
    FROM usage
    WHERE data_source = 'Storage' AND persistentvolumeclaim IS NOT NULL
    GROUP BY usage_start, namespace, persistentvolumeclaim, volume_labels, node, persistentvolume, cost_category_id
), claim_price AS (
    SELECT rate_type, NULL::text AS tag_key, price, NULL::jsonb AS listed, NULL::numeric AS other
    FROM plain WHERE metric = 'pvc_cost_per_month'
    UNION ALL
    SELECT rate_type, tag_key, NULL, listed, other FROM tag WHERE metric = 'pvc_cost_per_month'
), claim_count AS MATERIALIZED (
    SELECT keys.tag_key, claim.usage_start, claim.namespace, count(DISTINCT claim.persistentvolumeclaim) AS claims
    FROM claim JOIN (SELECT DISTINCT tag_key FROM claim_price) AS keys
        ON keys.tag_key IS NULL OR claim.volume_labels ? keys.tag_key
    GROUP BY 1, 2, 3
), machine AS MATERIALIZED (
    SELECT found.*, coalesce(request / nullif(sum(request) OVER (PARTITION BY usage_start, namespace, vm_name), 0),
        1.0 / count(*) OVER (PARTITION BY usage_start, namespace, vm_name)) AS share
    FROM (SELECT usage_start, namespace, pod_labels->>'vm_kubevirt_io_name' AS vm_name, pod_labels,
              pod_request_cpu_core_hours AS request
          FROM usage
          WHERE data_source = 'Pod' AND pod_labels ? 'vm_kubevirt_io_name' AND pod_request_cpu_core_hours IS NOT NULL
            AND pod_usage_cpu_core_hours IS NOT NULL) AS found
), machine_size AS (
    SELECT usage_start, namespace::text AS namespace, vm_name::text AS vm_name, vm_cpu_request_cores AS cores,
        sum(vm_uptime_total_seconds) / 3600 AS hours
    FROM {tenant}.openshift_vm_usage_line_items
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
    GROUP BY 1, 2, 3, 4
), machine_day AS (
    SELECT usage_start, namespace, vm_name, sum(hours) AS hours, max(cores) AS cores,
        max(cores) * max(hours) AS core_hours
    FROM machine_size
    GROUP BY 1, 2, 3
), machine_last AS (
    -- Cores are charged where the machine has usage on the last day that was reported of it.
    SELECT last.namespace, last.vm_name
    FROM (SELECT namespace, vm_name, max(usage_start) AS usage_start FROM machine_size
          GROUP BY namespace, vm_name) AS last
    WHERE EXISTS (SELECT FROM machine AS known WHERE known.usage_start = last.usage_start
                  AND known.namespace = last.namespace
                  AND known.vm_name = last.vm_name)
), machine_price AS (
    SELECT metric, rate_type, NULL::text AS tag_key, price, NULL::jsonb AS listed, NULL::numeric AS other
    FROM plain WHERE metric LIKE 'vm_%'
    UNION ALL
    SELECT metric, rate_type, tag_key, NULL, listed, other FROM tag WHERE metric LIKE 'vm_%'
), project AS (
    SELECT DISTINCT line.usage_start, line.namespace, nullif(btrim(line.namespace_labels), '')::jsonb AS labels
    FROM {tenant}.openshift_namespace_labels_line_items_daily AS line
    WHERE line.source = $1::text AND line.usage_start BETWEEN $2 AND $3
      AND line.namespace !~ '^(openshift$|openshift-|kube-)'
      AND EXISTS (SELECT FROM tag WHERE metric = 'project_per_month')
), gpu AS (
    SELECT line.usage_start, line.gpu_vendor_name, line.gpu_model_name, line.gpu_pod_uptime AS seconds,
        coalesce(line.mig_slice_count::double precision / nullif(line.gpu_max_slices, 0), 1) AS part
    FROM {tenant}.openshift_gpu_usage_line_items_daily AS line
    WHERE line.source = $1::text AND line.usage_start BETWEEN $2 AND $3
)
SELECT measure.usage_start, plain.rate_type, 'use', sum(measure.quantity * plain.price)
FROM measure JOIN plain USING (metric)
WHERE measure.namespace IS NOT NULL
GROUP BY 1, 2
UNION ALL
SELECT node.usage_start, plain.rate_type, 'use', sum(node.share * CASE WHEN plain.metric = 'cluster_cost_per_hour'
    THEN node.available / nullif(node.size, 0) * node.available / nullif(node.of_cluster, 0)
    ELSE node.core_hours END * plain.price)
FROM node
JOIN plain ON plain.metric IN ('node_core_cost_per_hour', 'cluster_core_cost_per_hour', 'cluster_cost_per_hour')
GROUP BY 1, 2
UNION ALL
SELECT node.usage_start, plain.rate_type, kind.name,
    sum((node.share - coalesce(replaced.share, 0)) * plain.price / model.days
        * CASE kind.name
              WHEN 'Node' THEN 1
              WHEN 'Cluster' THEN node.available / nullif(node.of_cluster, 0)
              ELSE node.cores END)
FROM node
CROSS JOIN model
JOIN plain ON plain.price <> 0
JOIN (VALUES ('node_cost_per_month', 'Node'), ('node_core_cost_per_month', 'Node_Core_Month'),
             ('cluster_cost_per_month', 'Cluster')) AS kind (metric, name) ON kind.metric = plain.metric
LEFT JOIN replaced ON replaced.usage_start = node.usage_start AND replaced.node = node.node
    AND replaced.metric = plain.metric AND replaced.rate_type = plain.rate_type
WHERE node.core_hours <> 0 AND node.of_cluster <> 0
GROUP BY 1, 2, 3
UNION ALL
SELECT found.usage_start, found.rate_type, found.name, sum(CASE found.name
    WHEN 'Node' THEN found.price / model.days WHEN 'Node_Core_Month' THEN found.cores * found.price / model.days
    ELSE found.core_hours * found.price END)
FROM (SELECT DISTINCT pod.usage_start, pod.node, tag.rate_type, kind.name, tag.tag_key,
          pod.pod_labels->>tag.tag_key AS value,
          coalesce((tag.listed->>(pod.pod_labels->>tag.tag_key))::numeric, tag.other, 0) AS price,
          node.cores, node.core_hours
      FROM charged_pod AS pod
      JOIN tag ON pod.pod_labels ? tag.tag_key
      JOIN (VALUES ('node_cost_per_month', 'Node'), ('node_core_cost_per_month', 'Node_Core_Month'),
                   ('node_core_cost_per_hour', 'Node_Core_Hour')) AS kind (metric, name) ON kind.metric = tag.metric
      JOIN node ON node.usage_start = pod.usage_start AND node.node = pod.node) AS found, model
GROUP BY 1, 2, 3
UNION ALL
SELECT claim.usage_start, rate.rate_type, 'PVC', sum(
    CASE WHEN rate.tag_key IS NULL THEN rate.price
         ELSE coalesce((rate.listed->>(claim.volume_labels->>rate.tag_key))::numeric, rate.other, 0) END
             / model.days / claim_count.claims)
FROM claim
CROSS JOIN model
JOIN claim_price AS rate ON CASE
    WHEN rate.tag_key IS NOT NULL THEN claim.volume_labels ? rate.tag_key
    ELSE rate.price <> 0 AND NOT EXISTS (
        SELECT FROM claim_price AS tagged WHERE tagged.rate_type = rate.rate_type
            AND claim.volume_labels ? tagged.tag_key) END
JOIN claim_count ON claim_count.usage_start = claim.usage_start AND claim_count.namespace = claim.namespace
    AND claim_count.tag_key IS NOT DISTINCT FROM rate.tag_key
WHERE claim.has_capacity
GROUP BY 1, 2
UNION ALL
SELECT measure.usage_start, tag.rate_type, 'Tag', sum(measure.quantity * coalesce(
    (tag.listed->>(label.set->>tag.tag_key))::numeric, tag.other, 0))
FROM measure
CROSS JOIN LATERAL (SELECT CASE measure.part WHEN 'pod' THEN measure.pod_labels
                    ELSE measure.volume_labels END AS set) AS label
JOIN tag ON tag.metric = measure.metric AND label.set ? tag.tag_key
GROUP BY 1, 2
UNION ALL
SELECT machine.usage_start, rate.rate_type,
    CASE WHEN rate.tag_key IS NOT NULL THEN 'Tag' WHEN rate.metric = 'vm_cost_per_month' THEN 'OCP_VM'
         WHEN rate.metric = 'vm_core_cost_per_month' THEN 'OCP_VM_CORE' ELSE 'VM hour' END,
    sum(machine.share * CASE WHEN rate.tag_key IS NULL THEN rate.price
            ELSE coalesce((rate.listed->>(machine.pod_labels->>rate.tag_key))::numeric, rate.other, 0) END
        * CASE rate.metric WHEN 'vm_cost_per_month' THEN 1 / model.days WHEN 'vm_cost_per_hour' THEN day.hours::numeric
              WHEN 'vm_core_cost_per_month' THEN day.cores::numeric / model.days ELSE day.core_hours::numeric END)
FROM machine
CROSS JOIN model
JOIN machine_price AS rate ON rate.tag_key IS NULL OR machine.pod_labels ? rate.tag_key
LEFT JOIN machine_day AS day ON day.usage_start = machine.usage_start AND day.namespace = machine.namespace
    AND day.vm_name = machine.vm_name
WHERE CASE WHEN rate.metric = 'vm_cost_per_month' THEN machine.request <> 0
           WHEN rate.metric = 'vm_cost_per_hour' THEN day.vm_name IS NOT NULL
           ELSE day.vm_name IS NOT NULL AND EXISTS (SELECT FROM machine_last AS last
               WHERE last.namespace = machine.namespace AND last.vm_name = machine.vm_name) END
GROUP BY 1, 2, 3
UNION ALL
SELECT found.usage_start, found.rate_type, 'Tag', sum(found.price / model.days)
FROM (SELECT project.usage_start, project.namespace, tag.rate_type, tag.tag_key,
          avg(coalesce((tag.listed->>(project.labels->>tag.tag_key))::numeric, tag.other)) AS price
      FROM project JOIN tag ON tag.metric = 'project_per_month' AND project.labels ? tag.tag_key
      GROUP BY 1, 2, 3, 4) AS found, model
WHERE found.price IS NOT NULL
GROUP BY 1, 2
UNION ALL
SELECT gpu.usage_start, tag.rate_type, 'GPU', sum((coalesce((tag.listed->>gpu.gpu_model_name)::numeric, tag.other, 0)
    / model.days)::double precision * gpu.seconds / 86400 * gpu.part)::numeric
FROM gpu JOIN tag ON tag.metric = 'gpu_cost_per_month' AND tag.tag_key = gpu.gpu_vendor_name, model
GROUP BY 1, 2
        $query$, '{tenant}', quote_ident(tenant))
    USING source, first_day, last_day, koku_internal.cost_model_of(tenant, source);
END;
$$;
COMMENT ON FUNCTION koku_internal.expected_costs(name, uuid, date, date) IS
'What the days of one whole month have to cost by the cost model that the source has now, by rate type and kind of '
'rate (several rows a kind add up); nothing without a model. The free time of GPUs is not in it.';

CREATE FUNCTION koku_internal.found_costs(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (day date, rate_type text, subject text, amount numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT usage_start, cost_model_rate_type::text,
            CASE WHEN data_source = 'GPU' THEN 'GPU'
                 WHEN monthly_cost_type IS NOT NULL THEN monthly_cost_type
                 -- Those of use have all three columns.
                 WHEN cost_model_volume_cost IS NULL THEN 'VM hour' ELSE 'use' END,
            sum(coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0)
                + coalesce(cost_model_volume_cost, 0) + coalesce(cost_model_gpu_cost, 0))
        FROM %I.reporting_ocpusagelineitem_daily_summary
        WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3
          AND cost_model_rate_type IN ('Infrastructure', 'Supplementary')
          AND NOT (data_source = 'GPU' AND namespace = 'GPU unallocated')
        GROUP BY 1, 2, 3
        $query$, tenant)
    USING source, first_day, last_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.found_costs(name, uuid, date, date) IS
'What the cost rows of days hold, by rate type and kind of rate, as koku_internal.expected_costs() names them.';

CREATE FUNCTION koku_internal.distributed_costs(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (day date, rate_type text, subject text, expected numeric, found numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE replace($query$
WITH line AS MATERIALIZED (
    SELECT line.usage_start, line.cost_model_rate_type::text AS rate_type, line.namespace, line.data_source, line.node,
        line.all_labels, coalesce(line.infrastructure_raw_cost, 0) + coalesce(line.infrastructure_markup_cost, 0)
            + coalesce(line.cost_model_cpu_cost, 0) + coalesce(line.cost_model_memory_cost, 0)
            + coalesce(line.cost_model_volume_cost, 0) AS money,
        line.cost_model_gpu_cost, line.distributed_cost, (category.name = 'Platform') IS TRUE AS is_platform
    FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line
    LEFT JOIN {tenant}.reporting_ocp_cost_category AS category ON category.id = line.cost_category_id
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3
), moved AS (
    SELECT usage_start, rate_type, sum(distributed_cost) AS total,
        sum(distributed_cost) FILTER (WHERE CASE rate_type
            WHEN 'platform_distributed' THEN NOT is_platform
            WHEN 'worker_distributed' THEN namespace <> 'Worker unallocated'
            ELSE namespace <> 'GPU unallocated' END) AS received
    FROM line
    WHERE distributed_cost IS NOT NULL
    GROUP BY usage_start, rate_type
), given AS (
    SELECT usage_start, 'platform_distributed' AS rate_type, sum(money) AS amount FROM line
    WHERE is_platform AND namespace NOT IN ('Worker unallocated', 'Storage unattributed', 'Network unattributed')
    GROUP BY 1
    UNION ALL
    SELECT usage_start, 'worker_distributed', sum(money) FROM line WHERE namespace = 'Worker unallocated' GROUP BY 1
    UNION ALL
    SELECT line.usage_start, 'gpu_distributed', sum(line.cost_model_gpu_cost) FROM line
    WHERE line.namespace = 'GPU unallocated' AND line.data_source = 'GPU'
      AND EXISTS (SELECT FROM {tenant}.openshift_gpu_usage_line_items_daily AS used
                  WHERE used.source = $1::text AND used.usage_start = line.usage_start AND used.node = line.node
                    AND used.gpu_model_name = line.all_labels->>'gpu-model' AND used.gpu_pod_uptime > 0)
    GROUP BY 1
)
SELECT moved.usage_start, moved.rate_type, 'sum of distributed cost', 0::numeric, moved.total FROM moved
UNION ALL
SELECT moved.usage_start, moved.rate_type, 'cost that is distributed',
    coalesce(given.amount, 0), coalesce(moved.received, 0)
FROM moved
LEFT JOIN given USING (usage_start, rate_type)
        $query$, '{tenant}', quote_ident(tenant))
    USING source, first_day, last_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.distributed_costs(name, uuid, date, date) IS
'For each day and kind of distribution with rows: their sum, which has to be 0, and what the receivers got, which has '
'to be what there was to give.';

CREATE FUNCTION koku_internal.gpu_time_costs(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (day date, rate_type text, subject text, expected numeric, found numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE replace($query$
WITH line AS (
    SELECT usage_start, cost_model_rate_type::text AS rate_type, node, namespace,
        all_labels, cost_model_gpu_cost AS cost
    FROM {tenant}.reporting_ocpusagelineitem_daily_summary
    WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND data_source = 'GPU' AND monthly_cost_type = 'Tag'
), hour AS (
    SELECT DISTINCT usage_start, node, interval_start, node_labels::jsonb->>'nvidia_com_gpu_count' AS gpus,
        coalesce(lower(btrim(node_labels::jsonb->>'nvidia_com_mig_strategy')), '') AS strategy
    FROM {tenant}.openshift_node_labels_line_items
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3 AND strpos(node_labels, '"nvidia_com_gpu_present"') > 0
      AND lower(node_labels::jsonb->>'nvidia_com_gpu_present') = 'true' AND EXISTS (SELECT FROM line)
), node AS (
    SELECT usage_start, node, sum(gpus::numeric) AS gpu_hours
    FROM hour
    WHERE gpus ~ '^[0-9]{1,9}$'
    GROUP BY usage_start, node
    HAVING bool_and(strategy IN ('', 'none', 'mixed')) AND count(*) = count(DISTINCT interval_start)
), total AS (
    SELECT usage_start, node, rate_type, sum(cost) AS cost,
        max(cost / (all_labels->>'max-slices-per-gpu')::numeric) FILTER (WHERE namespace = 'GPU unallocated') AS free
    FROM line
    GROUP BY usage_start, node, rate_type
    HAVING count(DISTINCT all_labels->>'gpu-model') = 1
       AND count(DISTINCT all_labels->>'gpu-vendor') FILTER (WHERE namespace <> 'GPU unallocated') = 1
), price AS (
    SELECT model.uuid, koku_internal.cost_type_of(rate->>'cost_type', 'Infrastructure') AS rate_type,
        rate->'tag_rates'->>'tag_key' AS vendor,
        value->>'tag_value' AS model_name, koku_internal.to_price(value->>'value') AS price,
        (value->>'default') = 'true' AS is_default
    FROM {tenant}.cost_model AS model
    CROSS JOIN LATERAL (
        SELECT list.rates FROM {tenant}.price_list_cost_model_map AS link
        JOIN {tenant}.price_list AS list ON list.uuid = link.price_list_id
        WHERE link.cost_model_id = model.uuid AND $2 BETWEEN list.effective_start_date AND list.effective_end_date
        ORDER BY link.priority, link.id LIMIT 1) AS list
    CROSS JOIN LATERAL jsonb_path_query(list.rates, 'lax $[*]') AS rate
    CROSS JOIN LATERAL jsonb_path_query(rate, 'lax $.tag_rates.tag_values[*]') AS value
    WHERE model.uuid = $4 AND rate->'metric'->>'name' = 'gpu_cost_per_month'
)
SELECT total.usage_start, total.rate_type, 'GPUs of node ' || total.node,
    node.gpu_hours / 24 / extract(day FROM $3::timestamp) * coalesce(
        (SELECT max(price.price) FROM price WHERE price.rate_type = total.rate_type AND price.vendor = used.vendor
            AND price.model_name = used.model_name),
        (SELECT max(price.price) FROM price WHERE price.rate_type = total.rate_type AND price.vendor = used.vendor
            AND price.is_default)),
    total.cost
FROM total
JOIN node USING (usage_start, node)
JOIN LATERAL (SELECT line.all_labels->>'gpu-vendor' AS vendor, line.all_labels->>'gpu-model' AS model_name FROM line
      WHERE line.usage_start = total.usage_start AND line.node = total.node AND line.all_labels ? 'gpu-vendor'
      LIMIT 1) AS used ON true
WHERE total.free > 0
        $query$, '{tenant}', quote_ident(tenant))
    USING source, first_day, last_day, koku_internal.cost_model_of(tenant, source);
END;
$$;
COMMENT ON FUNCTION koku_internal.gpu_time_costs(name, uuid, date, date) IS
'For each day and node with free GPUs of one model: its cost, which has to be the price of all the time of its GPUs.';

CREATE FUNCTION koku_internal.shown_costs(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (day date, rate_type text, subject text, expected numeric, found numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE replace(replace($query$
WITH stored AS (
    SELECT usage_start, cost_model_rate_type AS rate_type, {money} AS money,
        {money} FILTER (WHERE data_source = 'Pod' AND (namespace IN ('Worker unallocated', 'Platform unallocated',
            'Network unattributed', 'Storage unattributed')) IS NOT TRUE) AS of_pods,
        {money} FILTER (WHERE data_source = 'Storage' AND persistentvolumeclaim IS NOT NULL) AS of_volumes
    FROM {tenant}.reporting_ocpusagelineitem_daily_summary
    WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3
    GROUP BY 1, 2
), shown AS (
    SELECT 'reporting_ocp_cost_summary_p' AS table_name, usage_start, cost_model_rate_type AS rate_type,
        {money} AS money
    FROM {tenant}.reporting_ocp_cost_summary_p WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 GROUP BY 2, 3
    UNION ALL
    SELECT 'reporting_ocp_cost_summary_by_node_p', usage_start, cost_model_rate_type, {money}
    FROM {tenant}.reporting_ocp_cost_summary_by_node_p WHERE source_uuid = $1
        AND usage_start BETWEEN $2 AND $3 GROUP BY 2, 3
    UNION ALL
    SELECT 'reporting_ocp_cost_summary_by_project_p', usage_start, cost_model_rate_type, {money}
    FROM {tenant}.reporting_ocp_cost_summary_by_project_p WHERE source_uuid = $1
        AND usage_start BETWEEN $2 AND $3 GROUP BY 2, 3
    UNION ALL
    SELECT 'reporting_ocp_pod_summary_p', usage_start, cost_model_rate_type, {money}
    FROM {tenant}.reporting_ocp_pod_summary_p WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 GROUP BY 2, 3
    UNION ALL
    SELECT 'reporting_ocp_volume_summary_p', usage_start, cost_model_rate_type, {money}
    FROM {tenant}.reporting_ocp_volume_summary_p WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 GROUP BY 2, 3
), listed AS (
    SELECT stored.usage_start, stored.rate_type, form.table_name,
        CASE form.part WHEN 'all' THEN stored.money WHEN 'pods' THEN stored.of_pods ELSE stored.of_volumes END AS money
    FROM stored, (VALUES ('reporting_ocp_cost_summary_p', 'all'), ('reporting_ocp_cost_summary_by_node_p', 'all'),
                         ('reporting_ocp_cost_summary_by_project_p', 'all'), ('reporting_ocp_pod_summary_p', 'pods'),
                         ('reporting_ocp_volume_summary_p', 'volumes')) AS form (table_name, part)
)
SELECT coalesce(listed.usage_start, shown.usage_start), coalesce(listed.rate_type, shown.rate_type)::text,
    coalesce(listed.table_name, shown.table_name), coalesce(listed.money, 0), coalesce(shown.money, 0)
FROM listed
FULL JOIN shown ON shown.usage_start = listed.usage_start AND shown.table_name = listed.table_name
    AND coalesce(shown.rate_type, '') = coalesce(listed.rate_type, '')
        $query$, '{money}', 'sum(coalesce(infrastructure_raw_cost, 0) + coalesce(infrastructure_markup_cost, 0)'
            ' + coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0)'
            ' + coalesce(cost_model_volume_cost, 0) + coalesce(cost_model_gpu_cost, 0)'
            ' + coalesce(distributed_cost, 0))'), '{tenant}', quote_ident(tenant))
    USING source, first_day, last_day;
END;
$$;
COMMENT ON FUNCTION koku_internal.shown_costs(name, uuid, date, date) IS
'The cost of each day and rate type in the daily summary (expected) and in five tables for dashboards (found).';

CREATE FUNCTION @extschema@.koku_check_costs(source uuid, year integer, month integer)
RETURNS TABLE (day date, rate_type text, subject text, expected numeric, found numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    owner @extschema@.koku_source := koku_internal.require_source(source);
    first_day date := koku_internal.first_day(year, month);
    last_day date := (first_day + interval '1 month')::date - 1;
BEGIN
    RETURN QUERY
    SELECT * FROM (
        SELECT coalesce(due.day, stored.day) AS day, coalesce(due.rate_type, stored.rate_type) AS rate_type,
            coalesce(due.subject, stored.subject) AS subject, coalesce(due.amount, 0) AS expected,
            coalesce(stored.amount, 0) AS found
        FROM (SELECT listed.day, listed.rate_type, listed.subject, sum(listed.amount) AS amount
              FROM koku_internal.expected_costs(owner.tenant, source, first_day, last_day) AS listed
              GROUP BY 1, 2, 3) AS due
        FULL JOIN (SELECT * FROM koku_internal.found_costs(owner.tenant, source, first_day, last_day)) AS stored
            ON stored.day = due.day AND stored.rate_type = due.rate_type AND stored.subject = due.subject
        UNION ALL
        SELECT * FROM koku_internal.distributed_costs(owner.tenant, source, first_day, last_day)
        UNION ALL
        SELECT * FROM koku_internal.gpu_time_costs(owner.tenant, source, first_day, last_day)
        UNION ALL
        SELECT * FROM koku_internal.shown_costs(owner.tenant, source, first_day, last_day)) AS checked
    WHERE abs(checked.expected - checked.found) > 1e-9 * greatest(1, abs(checked.expected), abs(checked.found))
    ORDER BY checked.day, checked.rate_type, checked.subject;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_check_costs(uuid, integer, integer) IS
'Differences between what a month of a source has to cost and what is stored; no row means that all is well (one part '
'in 10^9 is tolerated). A row is a day, a rate type and a subject: a kind of rate (use, Node, PVC, Tag ...), worked '
'out anew from usage, capacity and the prices that the source has now; the sum of a distribution, or the cost that it '
'distributes; the GPUs of a node; or a table for dashboards, against the daily summary. A month that keeps earlier '
'prices, or waits for koku_run(), shows differences. Errors: 42704 unknown source, 22023 no such month.';
