-- Temporary tables that the statements of a run share; src/sql/summary says what one row of each means.

CREATE FUNCTION @extschema@.koku_internal_create_working_tables(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
BEGIN
    -- Those of an earlier run of the same transaction, and whatever else has the names in this session.
    DROP TABLE IF EXISTS pg_temp.koku_tag_key, pg_temp.koku_namespace_category, pg_temp.koku_label_text,
        pg_temp.koku_label_set, pg_temp.koku_node_capacity, pg_temp.koku_seen_label, pg_temp.koku_vm_request,
        pg_temp.koku_vm_row;

    CREATE TEMPORARY TABLE koku_tag_key (key text NOT NULL, enabled boolean NOT NULL) ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_namespace_category (namespace text NOT NULL, cost_category_id integer NOT NULL)
        ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_label_text (label_text text NOT NULL, labels jsonb NOT NULL) ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_label_set (
        kind text NOT NULL, usage_start date NOT NULL, name text, labels jsonb NOT NULL) ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_node_capacity (
        usage_start date NOT NULL, node text, cpu_core_seconds double precision, memory_byte_seconds double precision)
        ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_seen_label (
        kind text NOT NULL, key text NOT NULL, value text NOT NULL, namespace text NOT NULL, node text, enabled boolean)
        ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_vm_request (
        vm_name text, node text, claim text, cpu_core_hours numeric, memory_gigabyte_hours numeric) ON COMMIT DROP;
    EXECUTE format('CREATE TEMPORARY TABLE koku_vm_row (LIKE %I.reporting_ocp_vm_summary_p) ON COMMIT DROP', tenant);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_create_working_tables(name) IS
'Makes the temporary tables of a summary run, empty.';

CREATE FUNCTION @extschema@.koku_internal_analyze_partition(partition regclass, columns text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
-- A partition that another session analyzes at the moment is passed over with a warning, which helps nobody.
SET client_min_messages = error
AS $$
DECLARE
    relation pg_class;
BEGIN
    SELECT * INTO relation FROM pg_class WHERE oid = partition;
    IF pg_relation_size(partition) / current_setting('block_size')::bigint > relation.relpages * 1.1
       AND pg_has_role(relation.relowner, 'USAGE') THEN
        EXECUTE format('ANALYZE (SKIP_LOCKED) %s (%s)', partition, columns);
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_analyze_partition(regclass, text) IS
'Gathers statistics of the columns when the partition has grown by a tenth since its last ANALYZE or VACUUM, so that the planner need not guess about rows that were just loaded.';

CREATE FUNCTION @extschema@.koku_internal_analyze_line_items(tenant name, month date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM @extschema@.koku_internal_analyze_partition(
        format('%I.%I', tenant, @extschema@.koku_internal_partition_name(input.table_name, month))::regclass, input.columns)
    -- The columns that the statements filter, join and group by.
    FROM (VALUES
        ('openshift_pod_usage_line_items', 'source, usage_start, interval_start, node'),
        ('openshift_pod_usage_line_items_daily', 'source, usage_start, namespace, node, pod, pod_labels'),
        ('openshift_storage_usage_line_items_daily',
         'source, usage_start, namespace, pod, persistentvolumeclaim, persistentvolume'),
        ('openshift_node_labels_line_items', 'source, usage_start, node, node_labels'),
        ('openshift_namespace_labels_line_items', 'source, usage_start, namespace, namespace_labels'),
        ('openshift_vm_usage_line_items', 'source, usage_start, interval_start, vm_name'),
        ('openshift_gpu_usage_line_items', 'source, usage_start')
    ) AS input (table_name, columns)
    WHERE to_regclass(format('%I.%I', tenant, @extschema@.koku_internal_partition_name(input.table_name, month))) IS NOT NULL;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_analyze_line_items(name, date) IS
'Gathers statistics of the month''s line items where they are stale.';
