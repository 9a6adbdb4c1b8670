-- Cost categories: named groups of namespaces.

CREATE FUNCTION koku_internal.request_category_summary(tenant name, namespace_pattern text) RETURNS integer
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT koku_internal.request_current_month(tenant,
    'EXISTS (SELECT FROM {tenant}.reporting_ocp_clusters AS cluster
             JOIN {tenant}.reporting_ocp_projects AS project ON project.cluster_id = cluster.uuid
             WHERE cluster.provider_id = period.provider_id AND project.project LIKE $1[1])', ARRAY[namespace_pattern]);
$$;
COMMENT ON FUNCTION koku_internal.request_category_summary(name, text) IS
'Asks for a summary of the current month of the sources that have a namespace of the pattern; returns their number.';

CREATE FUNCTION koku_internal.require_no_default(tenant name, namespace_pattern text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    is_default boolean;
BEGIN
    EXECUTE format('SELECT system_default FROM %I.reporting_ocp_cost_category_namespace WHERE namespace = $1', tenant)
    INTO is_default
    USING namespace_pattern;
    IF is_default THEN
        RAISE EXCEPTION 'namespace pattern "%" is a default and cannot be changed', namespace_pattern
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Add a pattern of your own: a namespace that matches several has the category created last.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_no_default(name, text) IS
'Raises 55000 for a namespace pattern that every tenant has from its creation.';

CREATE FUNCTION koku_internal.require_category_text(value text, what text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF value IS NULL OR value = '' OR length(value) > 253 THEN
        RAISE EXCEPTION '% "%" is not allowed', what, coalesce(left(value, 64), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use 1 to 253 characters.';
    -- The server refuses such a pattern only when it meets a namespace, which is in the middle of a summary.
    ELSIF what = 'namespace pattern' AND value ~ E'^([^\\\\]|\\\\.)*\\\\$' THEN
        RAISE EXCEPTION '% "%" is not allowed', what, value
            USING ERRCODE = 'invalid_escape_sequence', HINT = 'Write a backslash at the end twice.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_category_text(text, text) IS
'Raises 22023 for a category name or namespace pattern that is NULL, empty or over 253 characters, 22025 for a pattern '
'that ends in an escape character.';

CREATE FUNCTION @extschema@.koku_set_cost_category(namespace_pattern text, category text, tenant name DEFAULT 'koku')
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed bigint;
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    PERFORM koku_internal.require_schema(tenant);
    PERFORM koku_internal.require_category_text(namespace_pattern, 'namespace pattern');
    PERFORM koku_internal.require_category_text(category, 'cost category');
    PERFORM koku_internal.require_no_default(tenant, namespace_pattern);
    EXECUTE format(
        'INSERT INTO %I.reporting_ocp_cost_category (name, description, source_type, system_default, label)'
        ' VALUES ($1, '''', ''OCP'', false, ''{}'') ON CONFLICT (name) DO NOTHING', tenant)
    USING category;
    EXECUTE format(
        'INSERT INTO %1$I.reporting_ocp_cost_category_namespace AS known (namespace, system_default, cost_category_id)'
        ' SELECT $1, false, category.id FROM %1$I.reporting_ocp_cost_category AS category WHERE category.name = $2'
        ' ON CONFLICT (namespace) DO UPDATE SET cost_category_id = excluded.cost_category_id'
        ' WHERE known.cost_category_id <> excluded.cost_category_id', tenant)
    USING namespace_pattern, category;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed = 0 THEN
        RETURN 0;
    END IF;
    RETURN koku_internal.request_category_summary(tenant, namespace_pattern);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_set_cost_category(text, text, name) IS
'Puts the namespaces of a pattern (as of LIKE: % any text, _ one character) into a cost category, which is created '
'when absent; a pattern of another category moves. Asks for a new summary of the current month of the sources that '
'have such a namespace and returns their number. Errors: 42704 unknown tenant, 22023 empty or over 253 characters, '
'22025 pattern that ends in an escape character, 55000 pattern that is a default.';

CREATE FUNCTION @extschema@.koku_unset_cost_category(namespace_pattern text, tenant name DEFAULT 'koku') RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    removed bigint;
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    PERFORM koku_internal.require_schema(tenant);
    PERFORM koku_internal.require_no_default(tenant, namespace_pattern);
    EXECUTE format('DELETE FROM %I.reporting_ocp_cost_category_namespace WHERE namespace = $1', tenant)
    USING namespace_pattern;
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF removed = 0 THEN
        RAISE EXCEPTION 'namespace pattern "%" does not exist', coalesce(namespace_pattern, 'NULL')
            USING ERRCODE = 'undefined_object',
                  HINT = format('See %I.reporting_ocp_cost_category_namespace for those that exist.', tenant);
    END IF;
    RETURN koku_internal.request_category_summary(tenant, namespace_pattern);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_unset_cost_category(text, name) IS
'Takes the namespaces of a pattern out of their cost category; the category stays. Asks for a new summary of the '
'current month of the sources that have such a namespace and returns their number. Errors: 42704 unknown tenant or '
'pattern, 55000 pattern that is a default.';

CREATE FUNCTION @extschema@.koku_rename_cost_category(category text, new_name text, tenant name DEFAULT 'koku')
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed bigint;
    taken boolean;
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    PERFORM koku_internal.require_schema(tenant);
    PERFORM koku_internal.require_category_text(new_name, 'cost category');
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.reporting_ocp_cost_category WHERE name = $1)', tenant)
    INTO taken
    USING new_name;
    IF taken AND new_name <> category THEN
        RAISE EXCEPTION 'cost category "%" already exists', new_name
            USING ERRCODE = 'duplicate_object',
                  HINT = 'Move its namespaces with koku_set_cost_category() instead.';
    END IF;
    EXECUTE format('UPDATE %I.reporting_ocp_cost_category SET name = $2 WHERE name = $1 AND NOT system_default', tenant)
    USING category, new_name;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed = 0 THEN
        RAISE EXCEPTION 'cost category "%" does not exist or is a default', coalesce(category, 'NULL')
            USING ERRCODE = 'undefined_object',
                  HINT = format('See %I.reporting_ocp_cost_category for those that exist.', tenant);
    END IF;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_rename_cost_category(text, text, name) IS
'Renames a cost category; its namespaces and all summaries keep it, so nothing is summarized again. Errors: 42704 '
'unknown tenant or category, or the default Platform, 22023 name empty or over 253 characters, 42710 name taken.';
