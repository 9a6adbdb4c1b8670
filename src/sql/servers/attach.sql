-- Reading across servers: foreign tables (postgres_fdw) for the tenants of other servers, and views over all tenants.

CREATE FUNCTION koku_internal.conninfo_parts(conninfo text) RETURNS TABLE (keyword text, value text)
LANGUAGE plpgsql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF conninfo !~ '^\s*(\w+\s*=\s*(''([^''\\]|\\.)*''|[^\s'']+)\s*)+$' THEN
        RAISE EXCEPTION 'this is no connection string'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give pairs like: host=b port=5432 dbname=cost user=koku_reader';
    END IF;
    RETURN QUERY
    SELECT part[1], CASE WHEN left(part[2], 1) = '''' THEN regexp_replace(btrim(part[2], ''''), '\\(.)', '\1', 'g')
                         ELSE part[2] END
    FROM regexp_matches(conninfo, '(\w+)\s*=\s*(''(?:[^''\\]|\\.)*''|[^\s'']+)', 'g') AS part;
END;
$$;
COMMENT ON FUNCTION koku_internal.conninfo_parts(text) IS
'The pairs of a connection string of libpq. Raises 22023 for anything else, also for a URI.';

CREATE FUNCTION koku_internal.require_server_name(server name) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF server IS NULL OR server !~ '^[a-z0-9_-]{1,20}$' OR server = 'local' THEN
        RAISE EXCEPTION 'server name "%" is not allowed', coalesce(left(server, 64), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Use 1 to 20 small letters, digits, "_" and "-"; "local" is this server.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_server_name(name) IS
'Raises 22023 for a name that an attached server cannot have.';

CREATE FUNCTION koku_internal.read_tables() RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT catalogue.table_name
FROM @extschema@.koku_catalogue_table AS catalogue
WHERE catalogue.kind = 'interface' OR catalogue.table_name = 'reporting_ocpusagelineitem_daily_summary'
ORDER BY catalogue.position;
$$;
COMMENT ON FUNCTION koku_internal.read_tables() IS
'The tables of a tenant that dashboards read: those for which there are views over all tenants.';

CREATE FUNCTION koku_internal.create_foreign_table(
    schema name, table_name text, columns text, server name, remote_schema name, remote_table text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('CREATE FOREIGN TABLE %I.%I (%s) SERVER %I OPTIONS (schema_name %L, table_name %L)',
                   schema, table_name, columns, 'koku_' || server, remote_schema, remote_table);
END;
$$;
COMMENT ON FUNCTION koku_internal.create_foreign_table(name, text, text, name, name, text) IS
'Makes a foreign table for one of an attached server.';

CREATE FUNCTION koku_internal.remote_tenants(server name) RETURNS name[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    schema name := '@' || server;
    extension_schema name;
    tenants name[];
BEGIN
    EXECUTE format('CREATE SCHEMA %I', schema);
    PERFORM koku_internal.create_foreign_table(schema, 'pg_extension', 'extname name, extnamespace oid', server,
                                               'pg_catalog', 'pg_extension');
    PERFORM koku_internal.create_foreign_table(schema, 'pg_namespace', 'oid oid, nspname name', server,
                                               'pg_catalog', 'pg_namespace');
    EXECUTE format('SELECT namespace.nspname FROM %1$I.pg_extension AS extension JOIN %1$I.pg_namespace AS namespace'
                   ' ON namespace.oid = extension.extnamespace WHERE extension.extname = ''koku_onprem''', schema)
    INTO extension_schema;
    IF extension_schema IS NULL THEN
        RAISE EXCEPTION 'server "%" does not have the extension koku_onprem in that database', server
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'See whether dbname is the right one.';
    END IF;
    PERFORM koku_internal.create_foreign_table(schema, 'koku_tenant', 'tenant name', server, extension_schema,
                                               'koku_tenant');
    EXECUTE format('SELECT coalesce(array_agg(tenant ORDER BY tenant), ''{}'') FROM %I.koku_tenant', schema) INTO
        tenants;
    RETURN tenants;
END;
$$;
COMMENT ON FUNCTION koku_internal.remote_tenants(name) IS
'The tenants of a server that is being attached. Raises 55000 when it does not have the extension.';

CREATE FUNCTION koku_internal.drop_foreign_schemas(server name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
    schema name;
BEGIN
    FOR schema IN
        SELECT DISTINCT namespace.nspname
        FROM pg_foreign_table AS foreign_table
        JOIN pg_foreign_server AS known ON known.oid = foreign_table.ftserver AND known.srvname = 'koku_' || server
        JOIN pg_class AS relation ON relation.oid = foreign_table.ftrelid
        JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
        WHERE right(namespace.nspname, length(server) + 1) = '@' || server
    LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', schema);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.drop_foreign_schemas(name) IS
'Drops the schemas with the foreign tables of an attached server, and the views over them.';

CREATE FUNCTION koku_internal.make_views_of_all() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
    listed record;
BEGIN
    DROP SCHEMA IF EXISTS koku_all CASCADE;
    CREATE SCHEMA koku_all;
    FOR listed IN
        SELECT read.table_name,
            string_agg(format('SELECT %L::text AS server, %L::name AS tenant, %s FROM %I.%I', branch.server,
                              branch.tenant,
                              col.names, branch.schema, read.table_name), ' UNION ALL ' ORDER BY branch.server,
                              branch.tenant) AS query,
            -- Sums of days can be asked of a server; a month cannot, for postgres_fdw ships no function with a text.
            string_agg(format(
                'SELECT %L::text AS server, %L::name AS tenant, cluster_id,'
                ' date_trunc(''month'', usage_start::timestamp) AS month, sum(used_cores) AS used_core_hours,'
                ' sum(requested_cores) AS requested_core_hours, sum(used_gigabytes) AS used_gigabyte_hours,'
                ' sum(requested_gigabytes) AS requested_gigabyte_hours'
                ' FROM (SELECT cluster_id, usage_start, sum(pod_usage_cpu_core_hours) AS used_cores,'
                ' sum(pod_request_cpu_core_hours) AS requested_cores,'
                ' sum(pod_usage_memory_gigabyte_hours) AS used_gigabytes,'
                ' sum(pod_request_memory_gigabyte_hours) AS requested_gigabytes'
                ' FROM %I.%I WHERE cost_model_rate_type IS NULL GROUP BY cluster_id, usage_start) AS day'
                ' GROUP BY cluster_id, date_trunc(''month'', usage_start::timestamp)',
                branch.server, branch.tenant, branch.schema, read.table_name), ' UNION ALL ' ORDER BY branch.server,
                branch.tenant) AS month_query
        FROM koku_internal.read_tables() AS read (table_name)
        CROSS JOIN LATERAL (
            SELECT string_agg(quote_ident(listed_column.column_name), ', ' ORDER BY listed_column.position) AS names
            FROM @extschema@.koku_catalogue_column AS listed_column
            WHERE listed_column.table_name = read.table_name) AS col
        CROSS JOIN LATERAL (
            SELECT 'local' AS server, known.tenant, known.tenant AS schema
            FROM @extschema@.koku_tenant AS known
            WHERE to_regclass(format('%I.%I', known.tenant, read.table_name)) IS NOT NULL
            UNION ALL
            SELECT substr(known.srvname, 6), split_part(namespace.nspname, '@', 1)::name, namespace.nspname
            FROM pg_foreign_table AS foreign_table
            JOIN pg_foreign_server AS known ON known.oid = foreign_table.ftserver
            JOIN pg_class AS relation ON relation.oid = foreign_table.ftrelid AND relation.relname = read.table_name
            JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
            WHERE known.srvname LIKE 'koku\_%' AND namespace.nspname LIKE '%_@' || substr(known.srvname, 6)) AS branch
        GROUP BY read.table_name
    LOOP
        EXECUTE format('CREATE VIEW koku_all.%I AS %s', listed.table_name, listed.query);
        IF listed.table_name = 'reporting_ocp_pod_summary_p' THEN
            EXECUTE format('CREATE VIEW koku_all.koku_months AS %s', listed.month_query);
        END IF;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION koku_internal.make_views_of_all() IS
'Makes the views of the schema koku_all: the rows of all tenants of this server and of those that are attached.';

CREATE FUNCTION @extschema@.koku_attach_server(server name, conninfo text) RETURNS name[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
    foreign_server name := 'koku_' || server;
    options text;
    login text;
    tenants name[];
BEGIN
    PERFORM koku_internal.require_server_name(server);
    IF NOT EXISTS (SELECT FROM pg_foreign_data_wrapper WHERE fdwname = 'postgres_fdw') THEN
        RAISE EXCEPTION 'the extension postgres_fdw is missing'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'CREATE EXTENSION postgres_fdw;';
    END IF;
    -- Whoever asks waits for a server that is down no longer than this; statement_timeout does not act while
    -- connecting.
    SELECT string_agg(format('%s %L', option.keyword, option.value), ', ') INTO options
    FROM (SELECT DISTINCT ON (given.keyword) given.keyword, given.value
          FROM (SELECT part.keyword, part.value, 1 AS place FROM koku_internal.conninfo_parts(conninfo) AS part
                UNION ALL VALUES ('connect_timeout', '5', 2), ('async_capable', 'true', 2), ('fetch_size', '1000', 2),
                                 ('use_remote_estimate', 'false', 2)) AS given
          ORDER BY given.keyword, given.place) AS option
    WHERE option.keyword NOT IN ('user', 'password', 'passfile', 'sslkey', 'sslcert');
    SELECT string_agg(format('%s %L', part.keyword, part.value), ', ') INTO login
    FROM koku_internal.conninfo_parts(conninfo) AS part
    WHERE part.keyword IN ('user', 'password', 'sslkey', 'sslcert');

    IF EXISTS (SELECT FROM pg_foreign_server AS known WHERE known.srvname = foreign_server) THEN
        PERFORM koku_internal.drop_foreign_schemas(server);
        EXECUTE format('DROP SERVER %I CASCADE', foreign_server);
    END IF;
    EXECUTE format('CREATE SERVER %I FOREIGN DATA WRAPPER postgres_fdw OPTIONS (%s)', foreign_server, options);
    EXECUTE format('CREATE USER MAPPING FOR CURRENT_USER SERVER %I', foreign_server)
        || coalesce(' OPTIONS (' || login || ')', '');
    tenants := koku_internal.remote_tenants(server);
    EXECUTE (SELECT coalesce(string_agg(format('CREATE SCHEMA %I', tenant || '@' || server), '; '), 'SELECT')
             FROM unnest(tenants) AS tenant);
    PERFORM koku_internal.create_foreign_table((tenant || '@' || server)::name, read.table_name,
        (SELECT string_agg(format('%I %s', col.column_name, col.data_type), ', ' ORDER BY col.position)
         FROM @extschema@.koku_catalogue_column AS col WHERE col.table_name = read.table_name),
        server, tenant, read.table_name)
    FROM unnest(tenants) AS tenant, koku_internal.read_tables() AS read (table_name);
    PERFORM koku_internal.make_views_of_all();
    RETURN tenants;
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_attach_server(name, text) IS
'Lets the tenants of another server be read here, and returns them: foreign tables in schemas TENANT@SERVER, and in '
'the schema koku_all a view for each table that dashboards read, over all tenants of all servers, with the columns '
'server (local: this one) and tenant; koku_all.koku_months has sums by month, of sums by day that each server '
'computes itself. Call it again when tenants came or went: views and foreign tables are made anew, grants on them '
'too. conninfo: keyword=value pairs of libpq; connect_timeout is 5 seconds unless given; user and password go into '
'the user mapping of the caller. A query over a server that is down fails with 08001, which names it. Needs the '
'extension postgres_fdw and, on the other server, a login that may read (koku_read). Errors: 22023 name or conninfo '
'not allowed, 55000 postgres_fdw is missing here or koku_onprem there, 08001 no connection.';

CREATE FUNCTION @extschema@.koku_detach_server(server name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
    foreign_server name := 'koku_' || server;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_foreign_server AS known WHERE known.srvname = foreign_server) THEN
        RAISE EXCEPTION 'server "%" is not attached', coalesce(server, 'NULL')
            USING ERRCODE = 'undefined_object', HINT = 'See pg_foreign_server for those that are (koku_...).';
    END IF;
    PERFORM koku_internal.drop_foreign_schemas(server);
    EXECUTE format('DROP SERVER %I CASCADE', foreign_server);
    PERFORM koku_internal.make_views_of_all();
END;
$$;
COMMENT ON FUNCTION @extschema@.koku_detach_server(name) IS
'Undoes koku_attach_server(): drops the foreign tables of the server and makes the views of koku_all without it. '
'Error: 42704 not attached.';
