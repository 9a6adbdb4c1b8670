-- What is different in a schema that other software made. What is missing is added by koku_create_tenant(); what is
-- left then is for an administrator to judge: other types and triggers can make loading or a summary fail.

CREATE FUNCTION koku_internal.tables_of_tenant(tenant name)
RETURNS TABLE ("position" integer, table_name text, kind text, partition_column text, relation regclass)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT catalogue.position, catalogue.table_name, catalogue.kind, catalogue.partition_column,
    to_regclass(format('%I.%I', $1, catalogue.table_name))
FROM @extschema@.koku_catalogue_table AS catalogue;
$$;
COMMENT ON FUNCTION koku_internal.tables_of_tenant(name) IS
'The tables of the catalogue as a schema has them; relation NULL: missing.';

CREATE FUNCTION koku_internal.different_tables(tenant name)
RETURNS TABLE ("position" integer, relation text, column_name text, expected text, found text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
WITH listed AS (
    SELECT * FROM koku_internal.tables_of_tenant($1)
), partition AS (
    SELECT listed.position, attached.* FROM koku_internal.partitions($1) AS attached JOIN listed USING (table_name)
)
SELECT listed.position, format('%I.%I', $1, listed.table_name), NULL, form.expected, form.found
FROM listed,
    LATERAL (SELECT koku_internal.expected_kind(listed.partition_column),
                 koku_internal.kind_of_relation(listed.relation)) AS form (expected, found)
WHERE form.expected IS DISTINCT FROM form.found
UNION ALL
SELECT listed.position, listed.relation::text, NULL, 'default partition', NULL
FROM listed
WHERE listed.partition_column IS NOT NULL AND listed.relation IS NOT NULL
  AND koku_internal.default_partition(listed.relation) IS NULL
UNION ALL
SELECT partition.position, partition.partition::text, NULL, 'table that holds whole months',
    koku_internal.kind_of_relation(partition.partition)
        || CASE WHEN partition.is_default THEN '' ELSE ' ' || pg_get_expr(class.relpartbound, class.oid) END
FROM partition
JOIN pg_class AS class ON class.oid = partition.partition
WHERE class.relkind <> 'r'
   OR NOT partition.is_default
      AND (partition.first_day IS NULL
           OR isfinite(partition.first_day) AND extract(day FROM partition.first_day) <> 1
           OR isfinite(partition.end_day) AND extract(day FROM partition.end_day) <> 1)
UNION ALL
SELECT listed.position, trigger.tgrelid::regclass::text, NULL, 'no trigger on INSERT',
    'trigger ' || quote_ident(trigger.tgname)
FROM (SELECT position, kind, relation FROM listed
      UNION ALL
      SELECT partition.position, listed.kind, partition.partition
      FROM partition JOIN listed USING (table_name)) AS listed
JOIN pg_trigger AS trigger ON trigger.tgrelid = listed.relation
WHERE listed.kind IN ('raw', 'daily', 'node interval') AND NOT trigger.tgisinternal
      AND trigger.tgparentid = 0 AND trigger.tgenabled <> 'D'
  -- of each row (1), on INSERT (4)
  AND trigger.tgtype & 4 = 4;
$$;
COMMENT ON FUNCTION koku_internal.different_tables(name) IS
'Tables and partitions that are missing, of another kind, or have triggers that bulk loading refuses to pass over.';

CREATE FUNCTION koku_internal.different_columns(tenant name)
RETURNS TABLE ("position" integer, relation text, column_name text, expected text, found text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
WITH expected AS (
    SELECT listed.position, listed.relation, col.column_name, col.column_default IS NOT NULL AS has_default,
        col.data_type || CASE WHEN col.not_null THEN ' not null' ELSE '' END AS type
    FROM koku_internal.tables_of_tenant($1) AS listed
    JOIN @extschema@.koku_catalogue_column AS col USING (table_name)
    WHERE listed.relation IS NOT NULL
), found AS (
    SELECT listed.position, listed.relation, col.attname::text AS column_name, col.attnotnull,
        col.atthasdef AND col.attgenerated = '' OR col.attidentity <> '' AS has_default,
        col.attgenerated <> '' AS generated,
        format_type(col.atttypid, col.atttypmod) || CASE WHEN col.attnotnull THEN ' not null' ELSE '' END AS type
    FROM koku_internal.tables_of_tenant($1) AS listed
    JOIN pg_attribute AS col ON col.attrelid = listed.relation AND col.attnum > 0 AND NOT col.attisdropped
)
SELECT position, relation::text, column_name,
    CASE WHEN expected.type IS NOT NULL
         THEN expected.type || CASE WHEN lacks.default_value THEN ' with a default' ELSE '' END END,
    CASE WHEN found.type IS NOT NULL
         THEN found.type || CASE WHEN lacks.default_value OR expected.type IS NULL THEN ' without a default' ELSE '' END
             || CASE WHEN found.generated THEN ' generated' ELSE '' END END
FROM expected
FULL JOIN found USING (position, relation, column_name),
    LATERAL (SELECT coalesce(expected.has_default AND NOT found.has_default, false)) AS lacks (default_value)
WHERE found.type IS NULL
   OR expected.type IS NULL AND found.attnotnull AND NOT found.has_default AND NOT found.generated
   OR expected.type <> found.type OR lacks.default_value OR expected.type IS NOT NULL AND found.generated;
$$;
COMMENT ON FUNCTION koku_internal.different_columns(name) IS
'Columns that are missing, of another type or nullability, generated, without the default they need, or that must be '
'filled and that nothing here fills (expected NULL).';

CREATE FUNCTION koku_internal.missing_keys(tenant name)
RETURNS TABLE ("position" integer, relation text, column_name text, expected text, found text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT listed.position, listed.relation::text, NULL,
    format(CASE key.kind WHEN 'primary' THEN 'PRIMARY KEY (%1$s)'
                         WHEN 'unique' THEN 'UNIQUE (%1$s)'
                         WHEN 'index' THEN 'INDEX (%1$s)'
                         ELSE 'FOREIGN KEY (%1$s) REFERENCES %2$s (%3$s)' END,
        array_to_string(key.columns, ', '), key.referenced_table, key.referenced_column), NULL
FROM koku_internal.tables_of_tenant($1) AS listed
JOIN @extschema@.koku_catalogue_key AS key USING (table_name)
WHERE listed.relation IS NOT NULL AND NOT koku_internal.has_key(listed.relation, key);
$$;
COMMENT ON FUNCTION koku_internal.missing_keys(name) IS
'Keys and indexes of the catalogue that no key or index on the same columns stands for.';

CREATE FUNCTION koku_internal.other_owners(tenant name)
RETURNS TABLE ("position" integer, relation text, column_name text, expected text, found text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
WITH extension AS (
    SELECT extowner AS owner FROM pg_extension WHERE extname = 'koku_onprem'
), owned AS (
    SELECT 0 AS position, 'schema ' || quote_ident(nspname) AS relation, nspowner AS owner
    FROM pg_namespace WHERE nspname = $1
    UNION ALL
    SELECT listed.position, listed.relation::text, class.relowner
    FROM koku_internal.tables_of_tenant($1) AS listed JOIN pg_class AS class ON class.oid = listed.relation
    UNION ALL
    SELECT listed.position, attached.partition::text, class.relowner
    FROM koku_internal.partitions($1) AS attached
    JOIN koku_internal.tables_of_tenant($1) AS listed USING (table_name)
    JOIN pg_class AS class ON class.oid = attached.partition
)
SELECT owned.position, owned.relation, NULL, 'owner ' || extension.owner::regrole, 'owner ' || owned.owner::regrole
FROM owned, extension
WHERE owned.owner <> extension.owner AND NOT (SELECT rolsuper FROM pg_roles WHERE oid = owned.owner);
$$;
COMMENT ON FUNCTION koku_internal.other_owners(name) IS
'Objects of a tenant whose owner is neither the extension''s nor a superuser: functions that he puts into triggers, '
'defaults or indexes run with the rights of whoever loads rows.';

CREATE FUNCTION @extschema@.koku_check_tenant(tenant name DEFAULT 'koku')
RETURNS TABLE (relation text, column_name text, expected text, found text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
-- Types and keys are compared as the server writes them.
SET quote_all_identifiers = off
SET jit = off
AS $$
BEGIN
    IF to_regnamespace(quote_ident(tenant)) IS NULL THEN
        RAISE EXCEPTION 'schema "%" does not exist', coalesce(tenant, 'NULL') USING ERRCODE = 'invalid_schema_name';
    END IF;
    RETURN QUERY
    SELECT difference.relation, difference.column_name, difference.expected, difference.found
    FROM (SELECT 1 AS part, * FROM koku_internal.other_owners(tenant)
          UNION ALL SELECT 2, * FROM koku_internal.different_tables(tenant)
          UNION ALL SELECT 3, * FROM koku_internal.different_columns(tenant)
          UNION ALL SELECT 4, * FROM koku_internal.missing_keys(tenant)) AS difference
    ORDER BY difference.position, difference.relation, difference.part, difference.column_name COLLATE "C",
        difference.expected;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_check_tenant(name) IS
'What is different in the tables of a schema from what the extension would make, whether or not it is a tenant '
'yet; no row: nothing. expected NULL: nothing of it is expected; found NULL: it is missing, and '
'koku_create_tenant() adds it. The rest stays as it is: columns of another type or nullability, or that must be '
'filled and are not known here; partitions that are not of whole months; triggers on INSERT, which loading '
'refuses; owners that are no superusers, whom whoever loads must trust. Other names, indexes, constraints and '
'columns are no differences. Error: 3F000 no such schema.';

CREATE FUNCTION koku_internal.warn_of_differences(tenant name) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    difference record;
    owners text;
BEGIN
    -- Where other software made a schema, all of it has another owner.
    SELECT string_agg(format('%s owns %s objects, such as %s', owned.owner, owned.objects, owned.example), '; '
                      ORDER BY owned.owner)
    INTO owners
    FROM (SELECT substr(other.found, length('owner ') + 1) AS owner, count(*) AS objects,
                 (array_agg(other.relation ORDER BY other.position, other.relation))[1] AS example
          FROM koku_internal.other_owners(tenant) AS other GROUP BY other.found) AS owned;
    IF owners IS NOT NULL THEN
        RAISE WARNING 'tenant "%" has objects whose owner is neither the extension''s nor a superuser', tenant
            USING DETAIL = owners || '.',
                  HINT = 'Trust them, for their triggers and defaults run with the rights of whoever loads rows. '
                         'koku_check_tenant() lists the objects.';
    END IF;
    FOR difference IN
        SELECT * FROM @extschema@.koku_check_tenant(tenant) AS listed
        WHERE listed.expected IS NULL OR NOT starts_with(listed.expected, 'owner ')
    LOOP
        RAISE WARNING '% is not as expected',
            coalesce('column ' || quote_ident(difference.column_name) || ' of ', '') || difference.relation
            USING DETAIL = format('It is %s; expected is %s.', coalesce(difference.found, 'missing'),
                                  coalesce(difference.expected, 'none of it'));
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.warn_of_differences(name) IS
'Warns of each row of koku_check_tenant(), but once of all objects of other owners.';
