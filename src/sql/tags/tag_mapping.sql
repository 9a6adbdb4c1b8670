-- Tag mapping: child keys are shown as their parent key in the summaries.

CREATE FUNCTION koku_internal.request_tag_summary(tenant name, keys text[]) RETURNS integer
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
-- The label summaries are written before tag mapping, so they list child keys whether or not they are mapped.
SELECT koku_internal.request_current_month(tenant,
    'EXISTS (SELECT FROM {tenant}.reporting_ocpusagepodlabel_summary AS label
             WHERE label.report_period_id = period.id AND label.key = ANY ($1))
     OR EXISTS (SELECT FROM {tenant}.reporting_ocpstoragevolumelabel_summary AS label
                WHERE label.report_period_id = period.id AND label.key = ANY ($1))', keys);
$$;
COMMENT ON FUNCTION koku_internal.request_tag_summary(name, text[]) IS
'Asks for a summary of the current month of the sources that have any of these label keys in it; returns their number.';

CREATE FUNCTION koku_internal.refuse_mapping_chain(tenant name, parent text, children text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mapped_child text;
    mapped_parent text;
BEGIN
    EXECUTE format(
        'SELECT child.key, parent.key FROM %1$I.reporting_tagmapping AS mapping'
        ' JOIN %1$I.reporting_enabledtagkeys AS child ON child.uuid = mapping.child_id'
        ' JOIN %1$I.reporting_enabledtagkeys AS parent ON parent.uuid = mapping.parent_id'
        ' WHERE child.provider_type = ''OCP'' AND (child.key = $1 OR parent.key = ANY ($2))'
        ' ORDER BY child.key COLLATE "C", parent.key COLLATE "C" LIMIT 1', tenant)
    INTO mapped_child, mapped_parent
    USING parent, children;
    IF mapped_child = parent THEN
        RAISE EXCEPTION 'tag key "%" cannot become a parent', parent
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is a child of tag key "%s".', mapped_parent),
                  HINT = 'Map the children to that parent, or take the mapping away with koku_unmap_tags() first.';
    ELSIF mapped_child IS NOT NULL THEN
        RAISE EXCEPTION 'tag key "%" cannot become a child', mapped_parent
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is the parent of tag key "%s".', mapped_child),
                  HINT = 'Map its children to the new parent, after taking their mapping away with koku_unmap_tags().';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.refuse_mapping_chain(name, text, text[]) IS
'Raises 22023 when the parent is a child already, or one of the children a parent: a summary renames each key once, so '
'that a chain would stop half way and a cycle would swap keys. The caller holds the lock on the table of mappings.';

CREATE FUNCTION @extschema@.koku_map_tags(parent text, children text[], tenant name DEFAULT 'koku') RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mapped_child text;
    mapped_parent text;
    added text[];
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    PERFORM koku_internal.require_schema(tenant);
    PERFORM koku_internal.require_tag_keys(children || parent);
    IF parent = ANY (children) THEN
        RAISE EXCEPTION 'tag key "%" cannot be its own parent', parent
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Another transaction may be making the chain of which this one knows the other half. A transaction that keeps its
    -- first snapshot does not see the other half: writing the keys anew ends it where another has written them since.
    EXECUTE format('LOCK TABLE %I.reporting_tagmapping IN SHARE ROW EXCLUSIVE MODE', tenant);
    EXECUTE format('UPDATE %I.reporting_enabledtagkeys AS known SET key = known.key'
                   ' WHERE known.provider_type = ''OCP'' AND known.key = ANY ($1)', tenant)
    USING children || parent;
    PERFORM koku_internal.refuse_mapping_chain(tenant, parent, children);
    PERFORM koku_internal.add_tag_keys(tenant, children || parent);

    EXECUTE format(
        'WITH added AS ('
        '     INSERT INTO %1$I.reporting_tagmapping (child_id, parent_id)'
        '     SELECT child.uuid, parent.uuid'
        '     FROM %1$I.reporting_enabledtagkeys AS child, %1$I.reporting_enabledtagkeys AS parent'
        '     WHERE child.provider_type = ''OCP'' AND child.key = ANY ($2)'
        '       AND parent.provider_type = ''OCP'' AND parent.key = $1'
        '     ORDER BY child.key COLLATE "C"'
        '     ON CONFLICT (child_id) DO NOTHING RETURNING child_id)'
        ' SELECT array_agg(child.key::text) FROM %1$I.reporting_enabledtagkeys AS child'
        ' JOIN added ON added.child_id = child.uuid',
        tenant)
    INTO added
    USING parent, children;

    EXECUTE format(
        'SELECT child.key, parent.key FROM %1$I.reporting_tagmapping AS mapping'
        ' JOIN %1$I.reporting_enabledtagkeys AS child ON child.uuid = mapping.child_id'
        ' JOIN %1$I.reporting_enabledtagkeys AS parent ON parent.uuid = mapping.parent_id'
        ' WHERE child.provider_type = ''OCP'' AND child.key = ANY ($2) AND parent.key <> $1'
        ' ORDER BY child.key COLLATE "C" LIMIT 1', tenant)
    INTO mapped_child, mapped_parent
    USING parent, children;
    IF mapped_child IS NOT NULL THEN
        RAISE EXCEPTION 'tag key "%" already has the parent "%"', mapped_child, mapped_parent
            USING ERRCODE = 'duplicate_object',
                  HINT = 'A child has one parent. Take the mapping away with koku_unmap_tags() first.';
    END IF;

    PERFORM koku_internal.request_tag_summary(tenant, added);
    RETURN coalesce(cardinality(added), 0);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_map_tags(text, text[], name) IS
'Shows the values of child tag keys under the parent key in the daily summary and returns the number of new mappings. '
'Only enabled children are renamed; keys that no report had so far are registered as disabled. Asks for a new summary '
'of the current month where a child occurs. Errors: 42704 unknown tenant, 22004 NULL, 22023 key over 512 characters, '
'its own parent, parent that is a child, or child that is a parent, 42710 child of another parent.';

CREATE FUNCTION @extschema@.koku_unmap_tags(children text[], tenant name DEFAULT 'koku') RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    removed text[];
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    PERFORM koku_internal.require_schema(tenant);
    PERFORM koku_internal.require_tag_keys(children);
    EXECUTE format(
        'WITH removed AS ('
        '     DELETE FROM %1$I.reporting_tagmapping AS mapping USING %1$I.reporting_enabledtagkeys AS child'
        '     WHERE mapping.child_id = child.uuid AND child.provider_type = ''OCP'' AND child.key = ANY ($1)'
        '     RETURNING child.key::text AS key)'
        ' SELECT array_agg(key) FROM removed', tenant)
    INTO removed
    USING children;

    PERFORM koku_internal.request_tag_summary(tenant, removed);
    RETURN coalesce(cardinality(removed), 0);
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_unmap_tags(text[], name) IS
'Shows child tag keys under their own name again and returns how many had a parent. Asks for a new summary of the '
'current month where a child occurs. Errors: 42704 unknown tenant, 22004 NULL, 22023 key over 512 characters.';
