-- Charges in the columns of FOCUS, the FinOps Open Cost and Usage Specification.

CREATE FUNCTION koku_internal.source_currencies(tenant name) RETURNS TABLE (source uuid, currency text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regclass(format('%I.cost_model', tenant)) IS NOT NULL
       AND to_regclass(format('%I.cost_model_map', tenant)) IS NOT NULL THEN
        RETURN QUERY EXECUTE format($query$
            SELECT assigned.provider_uuid, model.currency::text
            FROM (SELECT DISTINCT provider_uuid FROM %1$I.cost_model_map) AS assigned
            JOIN %1$I.cost_model AS model ON model.uuid = koku_internal.cost_model_of($1, assigned.provider_uuid)
            $query$, tenant)
        USING tenant;
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.source_currencies(name) IS
'The currency of the cost model of each source that has one.';

-- With the rights of its owner, so that whoever may call it needs no other grant; it shows a tenant's reporting tables.
CREATE FUNCTION @extschema@.koku_focus(tenant name, first date, last date)
RETURNS TABLE (
    "AllocatedMethodDetails" jsonb, "AllocatedMethodId" text, "AllocatedResourceId" text, "AllocatedResourceName" text,
    "AllocatedTags" jsonb, "AvailabilityZone" text, "BilledCost" numeric, "BillingAccountId" text,
    "BillingAccountName" text,
    "BillingAccountType" text, "BillingCurrency" text, "BillingPeriodEnd" timestamptz, "BillingPeriodStart" timestamptz,
    "ChargeCategory" text, "ChargeClass" text, "ChargeDescription" text, "ChargeFrequency" text,
    "ChargePeriodEnd" timestamptz,
    "ChargePeriodStart" timestamptz, "CommitmentDiscountCategory" text, "CommitmentDiscountId" text,
    "CommitmentDiscountName" text,
    "CommitmentDiscountStatus" text, "CommitmentDiscountType" text, "ConsumedQuantity" numeric, "ConsumedUnit" text,
    "ContractedCost" numeric, "ContractedUnitPrice" numeric, "EffectiveCost" numeric,
    "InvoiceId" text, "InvoiceIssuerName" text, "ListCost" numeric,
    "ListUnitPrice" numeric, "PricingCategory" text, "PricingQuantity" numeric, "PricingUnit" text, "ProviderName" text,
    "PublisherName" text, "RegionId" text, "RegionName" text, "ResourceId" text,
    "ResourceName" text, "ResourceType" text,
    "ServiceCategory" text, "ServiceName" text, "ServiceSubcategory" text,
    "SkuId" text, "SkuMeter" text, "SkuPriceId" text,
    "SubAccountId" text, "SubAccountName" text, "SubAccountType" text, "Tags" jsonb,
    "x_Cluster" text, "x_Node" text, "x_CostCategory" text, "x_RateType" text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    PERFORM koku_internal.require_report_period(first, last);
    RETURN QUERY EXECUTE format($query$
        WITH line AS (
            SELECT line.*, cost_model_rate_type LIKE '%%\_distributed'
                OR cost_model_rate_type LIKE 'unattributed\_%%' AS is_distributed
            FROM %1$I.reporting_ocpusagelineitem_daily_summary AS line
            WHERE usage_start BETWEEN $2 AND $3
        ), used AS (
            -- What was used, by what a row of cost has in common with the rows of usage that it is of.
            SELECT source_uuid, usage_start, data_source, namespace, node, persistentvolumeclaim,
                coalesce(pod_labels, '{}') AS pod_labels, coalesce(volume_labels, '{}') AS volume_labels,
                sum(pod_effective_usage_cpu_core_hours) AS core_hours,
                sum(pod_effective_usage_memory_gigabyte_hours) AS memory_hours,
                sum(persistentvolumeclaim_capacity_gigabyte_months) AS volume_months
            FROM line
            WHERE cost_model_rate_type IS NULL
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        )
        SELECT
            CASE WHEN line.is_distributed THEN jsonb_build_object('Direction', CASE WHEN charge.cost < 0 THEN 'from'
                                                                  ELSE 'to' END) END,
            CASE WHEN line.is_distributed THEN line.cost_model_rate_type END,
            CASE WHEN line.is_distributed THEN resource.id END,
            CASE WHEN line.is_distributed THEN resource.name END,
            CASE WHEN line.is_distributed THEN coalesce(line.all_labels, '{}') END,
            NULL::text, charge.cost, $1, $1, 'Tenant'::text,
            coalesce(line.raw_currency, currency.currency, 'XXX'),
            (date_trunc('month', line.usage_start::timestamp) + interval '1 month') AT TIME ZONE 'UTC',
            date_trunc('month', line.usage_start::timestamp) AT TIME ZONE 'UTC',
            'Usage'::text, NULL::text,
            charge.service || ' of ' || coalesce(nullif(line.namespace, ''), '(no project)')
                || CASE WHEN line.is_distributed THEN ', distributed' ELSE '' END,
            'Usage-Based'::text,
            (line.usage_start + 1)::timestamp AT TIME ZONE 'UTC', line.usage_start::timestamp AT TIME ZONE 'UTC',
            NULL::text, NULL::text, NULL::text, NULL::text, NULL::text,
            coalesce(charge.quantity, 0), charge.unit,
            charge.cost, NULL::numeric, charge.cost, NULL::text, 'koku_onprem'::text, charge.cost, NULL::numeric,
            'Standard'::text, coalesce(charge.quantity, 0), charge.unit,
            'koku_onprem'::text, 'koku_onprem'::text, NULL::text, NULL::text,
            resource.id, resource.name, resource.type,
            charge.category, charge.service, charge.subcategory,
            charge.component, charge.service,
            concat_ws('/', charge.component, line.cost_model_rate_type, line.monthly_cost_type),
            line.cluster_id || '/' || coalesce(line.namespace, ''),
            coalesce(nullif(line.namespace, ''), '(no project)'), 'Project'::text,
            coalesce(line.all_labels, '{}'),
            coalesce(line.cluster_alias, line.cluster_id)::text, line.node::text, category.name,
            line.cost_model_rate_type
        FROM line
        LEFT JOIN used ON used.source_uuid = line.source_uuid AND used.usage_start = line.usage_start
            AND used.data_source = line.data_source
            AND used.namespace = line.namespace AND used.node IS NOT DISTINCT FROM line.node
            AND used.persistentvolumeclaim IS NOT DISTINCT FROM line.persistentvolumeclaim
            AND used.pod_labels = coalesce(line.pod_labels, '{}')
            AND used.volume_labels = coalesce(line.volume_labels, '{}')
            AND NOT line.is_distributed
        LEFT JOIN koku_internal.source_currencies($1::name) AS currency ON currency.source = line.source_uuid
        LEFT JOIN %1$I.reporting_ocp_cost_category AS category ON category.id = line.cost_category_id
        CROSS JOIN LATERAL (VALUES (
            concat_ws('/', line.cluster_id, nullif(line.node, ''), nullif(line.namespace, ''),
                      nullif(line.persistentvolumeclaim, '')),
            coalesce(nullif(line.persistentvolumeclaim, ''), nullif(line.namespace, ''),
                     nullif(line.node, ''), line.cluster_id)::text,
            CASE WHEN line.persistentvolumeclaim <> '' THEN 'Persistent volume claim'
                ELSE 'Project on a node' END)) AS resource (id, name, type)
        CROSS JOIN LATERAL (VALUES
            ('cpu', line.cost_model_cpu_cost, 'Compute', 'Containers', 'OpenShift CPU', used.core_hours, 'vCPU-Hours'),
            ('memory', line.cost_model_memory_cost, 'Compute', 'Containers', 'OpenShift memory',
             used.memory_hours, 'GiB-Hours'),
            ('volume', line.cost_model_volume_cost, 'Storage', 'Block Storage', 'OpenShift volumes',
             used.volume_months, 'GiB-Months'),
            ('gpu', line.cost_model_gpu_cost, 'Compute', 'Virtual Machines', 'OpenShift GPUs', NULL, 'GPU-Days'),
            ('cloud', coalesce(line.infrastructure_raw_cost, 0) + coalesce(line.infrastructure_markup_cost, 0),
             'Compute', 'Containers', 'Cloud infrastructure', NULL, 'Units'),
            ('distributed', line.distributed_cost, 'Compute', 'Containers', 'OpenShift shared cost', NULL, 'Units')
            ) AS charge (component, cost, category, subcategory, service, quantity, unit)
        WHERE charge.cost <> 0
        ORDER BY line.usage_start, line.cluster_id COLLATE "C", line.namespace COLLATE "C",
            line.node COLLATE "C", line.uuid, charge.component COLLATE "C"
        $query$, tenant)
    USING tenant::text, first, last;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_focus(name, date, date) IS
'The costs of a tenant on the days first to last (UTC, at most 366) in the columns of FOCUS 1.2, and those of 1.3 '
'that begin with Allocated for costs that were distributed; names beginning with x_ are of our own. One row a charge: '
'a row of the daily summary and a resource (CPU, memory, volume, GPU, cloud bill, distribution) whose cost is not 0. '
'The sum of BilledCost is that of all cost columns of the daily summary; distributed cost is negative where it was '
'taken from. ConsumedQuantity: what the charge''s project, node and labels used on the day, 0 where a charge is of no '
'usage of its own; several charges can be of the same usage. No rows without costs. Errors: 42704 unknown tenant, '
'22023 bad days, 42501 no right to call it.';
