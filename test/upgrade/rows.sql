-- Number and digest of the rows of every table of the extension and of its tenants, and the state of every sequence, in
-- lines that two databases can be compared by. Not what koku_run() has found out and finds out again after a restore.
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only on
SET timezone = 'UTC';

SELECT format('SELECT %L, count(*), md5(string_agg(listed::text, E''\n'' ORDER BY listed::text)) FROM %s AS listed',
    class.oid::regclass, class.oid::regclass)
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE class.relkind = 'r'
  AND (namespace.nspname IN (SELECT tenant FROM koku_tenant)
       OR EXISTS (SELECT FROM pg_depend AS dependency JOIN pg_extension AS extension ON extension.oid = dependency.refobjid
                  WHERE dependency.classid = 'pg_class'::regclass AND dependency.objid = class.oid
                    AND dependency.refclassid = 'pg_extension'::regclass AND extension.extname = 'koku_onprem'))
  AND class.oid::regclass::text NOT IN ('koku_internal.tenant_upkeep', 'koku_internal.tenant_mark')
ORDER BY class.oid::regclass::text
\gexec

SELECT format('SELECT %L, last_value, is_called FROM %s', class.oid::regclass, class.oid::regclass)
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE class.relkind = 'S' AND (namespace.nspname IN (SELECT tenant FROM koku_tenant) OR class.relname LIKE 'koku\_%')
ORDER BY class.oid::regclass::text
\gexec
