-- Tag keys: which label keys reach the summaries.

CREATE FUNCTION koku_internal.require_tag_keys(keys text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    longest text;
BEGIN
    IF keys IS NULL OR array_position(keys, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'tag keys must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    SELECT key INTO longest FROM unnest(keys) AS key ORDER BY length(key) DESC LIMIT 1;
    IF length(longest) > 512 THEN
        RAISE EXCEPTION 'tag key "%..." is too long', left(longest, 64)
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It has %s characters, 512 are allowed.', length(longest));
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_tag_keys(text[]) IS
'Raises 22004 when the array or a key is NULL, 22023 when a key is over 512 characters.';

CREATE FUNCTION koku_internal.add_tag_keys(tenant name, keys text[]) RETURNS integer
LANGUAGE c STRICT
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_internal_add_tag_keys';
COMMENT ON FUNCTION koku_internal.add_tag_keys(name, text[]) IS
'Registers the label keys that are not yet known as disabled tag keys and returns their number. NULL and keys over 512 '
'characters are left out; NULL instead of an array gives NULL. Waits for transactions that register the same keys: '
'call it after the last koku_internal.ensure_partition() of the transaction.';

CREATE FUNCTION @extschema@.koku_enable_tags(keys text[], tenant name DEFAULT 'koku') RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed integer;
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    PERFORM koku_internal.require_schema(tenant);
    PERFORM koku_internal.require_tag_keys(keys);
    EXECUTE format(
        'INSERT INTO %I.reporting_enabledtagkeys AS known (uuid, key, enabled, provider_type)'
        ' SELECT gen_random_uuid(), key, true, ''OCP'''
        ' FROM (SELECT DISTINCT key COLLATE "C" AS key FROM unnest($1) AS key) AS wanted'
        ' ORDER BY key'
        ' ON CONFLICT (key, provider_type) DO UPDATE SET enabled = true WHERE NOT known.enabled', tenant)
    USING keys;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_enable_tags(text[], name) IS
'Lets label keys reach the summaries and returns how many were not enabled before; keys that no report '
'had so far are registered. Takes effect when a day is summarized next. Errors: 42704 unknown tenant, '
'22004 NULL, 22023 key over 512 characters.';

CREATE FUNCTION @extschema@.koku_disable_tags(keys text[], tenant name DEFAULT 'koku') RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed integer;
BEGIN
    PERFORM koku_internal.require_tenant(tenant);
    PERFORM koku_internal.require_schema(tenant);
    PERFORM koku_internal.require_tag_keys(keys);
    EXECUTE format(
        'UPDATE %1$I.reporting_enabledtagkeys AS known SET enabled = false'
        ' FROM (SELECT uuid FROM %1$I.reporting_enabledtagkeys'
        '       WHERE provider_type = ''OCP'' AND key = ANY ($1) AND enabled'
        ' ORDER BY key COLLATE "C" FOR NO KEY UPDATE) AS chosen'
        ' WHERE known.uuid = chosen.uuid', tenant)
    USING keys;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_disable_tags(text[], name) IS
'Keeps label keys out of the summaries and returns how many were enabled before; unknown keys are passed over. Takes '
'effect when a day is summarized next. Errors as koku_enable_tags().';
