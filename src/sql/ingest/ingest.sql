-- Taking payloads in. With the rights of the owner, so that who sends payloads needs none on the tables; what they read
-- besides the payload, a file or a large object, they read with the rights of the user of the session. (Compiling their
-- statements takes longer than running them.)

CREATE FUNCTION @extschema@.koku_ingest_payload(payload bytea, tenant name DEFAULT NULL,
                                                force boolean DEFAULT false, strict boolean DEFAULT false)
RETURNS SETOF @extschema@.koku_ingest_result
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
SET jit = off
AS 'MODULE_PATHNAME', 'koku_ingest_payload';
COMMENT ON FUNCTION @extschema@.koku_ingest_payload(bytea, name, boolean, boolean) IS
'Takes a payload (tar.gz of manifest.json and reports): all of it or, on an error, nothing. tenant: NULL for the one '
'tenant that has the cluster. force: a daily operator''s days are replaced even at equal or fewer hours, and files '
'that were done before are taken again. strict: what is otherwise a warning (unknown type or column, dropped row, '
'repaired text, odd member) is an error. Errors: 22P02 archive or manifest, 22P04 report or strict, 22008 past the '
'retention or more than two days ahead, 22023 NULL payload or database not UTF8, 42704 unknown cluster, 42P08 cluster '
'in several tenants, 54000 over a limit, 3F000 the schema of the tenant is gone, 55000 source paused or deleted by '
'other software.';

CREATE FUNCTION @extschema@.koku_ingest_file(path text, tenant name DEFAULT NULL,
                                             force boolean DEFAULT false, strict boolean DEFAULT false)
RETURNS SETOF @extschema@.koku_ingest_result
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
SET jit = off
AS 'MODULE_PATHNAME', 'koku_ingest_file';
COMMENT ON FUNCTION @extschema@.koku_ingest_file(text, name, boolean, boolean) IS
'koku_ingest_payload for a file of the server''s machine, read in blocks. Needs pg_read_server_files (42501 without). '
'Other errors: those of koku_ingest_payload and of reading files.';

CREATE FUNCTION @extschema@.koku_ingest_large_object(object oid, tenant name DEFAULT NULL,
                                                     force boolean DEFAULT false, strict boolean DEFAULT false)
RETURNS SETOF @extschema@.koku_ingest_result
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
SET jit = off
AS 'MODULE_PATHNAME', 'koku_ingest_large_object';
COMMENT ON FUNCTION @extschema@.koku_ingest_large_object(oid, name, boolean, boolean) IS
'koku_ingest_payload for a large object, read in blocks; for payloads over the 1 GB that a bytea holds. Errors: those '
'of koku_ingest_payload and of reading large objects.';
