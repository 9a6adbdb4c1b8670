-- Temporary tables that the statements of a run share; src/sql/summary says what one row of each means.

CREATE FUNCTION @extschema@.koku_internal_create_working_tables(tenant name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
BEGIN
    -- Those of an earlier run of the same transaction, and whatever else has the names in this session.
    DROP TABLE IF EXISTS pg_temp.koku_tag_key, pg_temp.koku_namespace_category, pg_temp.koku_label_text,
        pg_temp.koku_label_set, pg_temp.koku_node_capacity, pg_temp.koku_daily_line, pg_temp.koku_seen_label,
        pg_temp.koku_vm_request, pg_temp.koku_vm_row;

    CREATE TEMPORARY TABLE koku_tag_key (key text NOT NULL, enabled boolean NOT NULL) ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_namespace_category (namespace text NOT NULL, cost_category_id integer NOT NULL)
        ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_label_text (label_text text NOT NULL, labels jsonb NOT NULL) ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_label_set (
        kind text NOT NULL, usage_start date NOT NULL, name text, labels jsonb NOT NULL) ON COMMIT DROP;
    CREATE TEMPORARY TABLE koku_node_capacity (
        usage_start date NOT NULL, node text, cpu_core_seconds double precision, memory_byte_seconds double precision)
        ON COMMIT DROP;
    EXECUTE format('CREATE TEMPORARY TABLE koku_daily_line ON COMMIT DROP AS'
        ' SELECT %s FROM %I.reporting_ocpusagelineitem_daily_summary WITH NO DATA',
        @extschema@.koku_internal_daily_line_columns(), tenant);
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

CREATE FUNCTION @extschema@.koku_internal_node_capacity(tenant name, source uuid, first_day date, last_day date)
RETURNS TABLE (usage_start date, node text, cpu_core_seconds double precision, memory_byte_seconds double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
-- The only statement of a summary that reads the raw rows of pods. They are many and their groups are few, which is what
-- parallel workers are for; an INSERT could not have any.
SET parallel_setup_cost = 100
SET parallel_tuple_cost = 0
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT hour.usage_start, hour.node::text,
            sum(@extschema@.koku_internal_finite(hour.cpu_core_seconds)),
            sum(@extschema@.koku_internal_finite(hour.memory_byte_seconds))
        FROM (SELECT usage_start, node, interval_start, max(node_capacity_cpu_core_seconds) AS cpu_core_seconds,
                  max(node_capacity_memory_byte_seconds) AS memory_byte_seconds
              FROM %I.openshift_pod_usage_line_items
              WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
              GROUP BY usage_start, node, interval_start) AS hour
        GROUP BY hour.usage_start, hour.node
        $query$, tenant)
    USING source, first_day, last_day;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_node_capacity(name, uuid, date, date) IS
'Capacity of each node and day in core-seconds and byte-seconds: that of each interval in which the node had pods, added up; repeated intervals count once (spec summary.md 3.3). node NULL: rows without a node.';
