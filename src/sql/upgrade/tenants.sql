-- End of every upgrade. What is new in tenants' tables cannot be made here: it would belong to the extension. (A
-- warning, because scripts of extensions run without notices.)

DO $$
DECLARE
    lacking pg_catalog.name;
BEGIN
    FOR lacking IN
        SELECT known.tenant FROM @extschema@.koku_tenant AS known
        WHERE EXISTS (
            SELECT FROM @extschema@.koku_catalogue_column AS col
            LEFT JOIN pg_catalog.pg_attribute AS found
                ON found.attrelid = pg_catalog.to_regclass(pg_catalog.format('%I.%I', known.tenant, col.table_name))
                AND found.attname = col.column_name AND NOT found.attisdropped
            WHERE found.attname IS NULL)
        OR EXISTS (
            SELECT FROM @extschema@.koku_catalogue_key AS key
            WHERE NOT koku_internal.has_key(
                pg_catalog.to_regclass(pg_catalog.format('%I.%I', known.tenant, key.table_name)), key))
        ORDER BY known.tenant
    LOOP
        RAISE WARNING 'tenant "%" lacks tables, columns or keys of this release', lacking
            USING HINT = pg_catalog.format('They are added by: SELECT @extschema@.koku_create_tenant(%L)', lacking);
    END LOOP;
END;
$$;
