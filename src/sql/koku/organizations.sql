-- A database in which Koku's own API works, too. Its tables for all organizations lie in the schema public; the schema
-- of an organization is a tenant here. Everything about them is looked for by name, since they are not there in most
-- databases.

CREATE FUNCTION koku_internal.has_koku_tables() RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT count(relation) = 3
FROM unnest(ARRAY['api_customer', 'api_provider', 'api_providerauthentication']) AS wanted (name)
JOIN pg_class AS relation ON relation.oid = to_regclass('public.' || wanted.name) AND relation.relkind IN ('r', 'p');
$$;
COMMENT ON FUNCTION koku_internal.has_koku_tables() IS
'Whether the tables of Koku''s API, which know its organizations and sources, are in this database.';

CREATE FUNCTION koku_internal.koku_sources(schema name DEFAULT NULL)
RETURNS TABLE (source uuid, name text, tenant name, cluster_id text, paused boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT koku_internal.has_koku_tables() THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE
        'SELECT provider.uuid, provider.name::text, customer.schema_name::name,'
        ' authentication.credentials->>''cluster_id'','
        '    NOT coalesce(provider.active, true) OR coalesce(provider.paused, false)'
        ' FROM public.api_provider AS provider'
        ' JOIN public.api_customer AS customer ON customer.id = provider.customer_id'
        ' LEFT JOIN public.api_providerauthentication AS authentication '
        'ON authentication.id = provider.authentication_id'
        ' WHERE provider.type = ''OCP'' AND ($1 IS NULL OR customer.schema_name = $1::text)'
        ' ORDER BY customer.schema_name, provider.uuid'
    USING schema;
END;
$$;
COMMENT ON FUNCTION koku_internal.koku_sources(name) IS
'The OpenShift sources that Koku''s API knows, of one organization or (NULL) of all; no row where its tables are not. '
'cluster_id: NULL when the credentials have none. paused: also a source that is not active.';

CREATE FUNCTION koku_internal.is_koku_tenant(tenant name) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found boolean := false;
BEGIN
    IF koku_internal.has_koku_tables() THEN
        EXECUTE 'SELECT EXISTS (SELECT FROM public.api_customer WHERE schema_name = $1::text)' INTO found USING tenant;
    END IF;
    RETURN found;
END;
$$;
COMMENT ON FUNCTION koku_internal.is_koku_tenant(name) IS
'Whether a tenant is the schema of an organization of Koku''s API.';

CREATE FUNCTION koku_internal.koku_tenants() RETURNS SETOF name
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF koku_internal.has_koku_tables() THEN
        RETURN QUERY EXECUTE 'SELECT known.tenant FROM @extschema@.koku_tenant AS known'
            ' JOIN public.api_customer AS customer ON customer.schema_name = known.tenant::text';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.koku_tenants() IS
'The tenants that are schemas of organizations of Koku''s API.';
