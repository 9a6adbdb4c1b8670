-- Locks. Order within a transaction, so that two sources never deadlock: the source; then the tenant's tables (all
-- partitions the transaction needs, before it touches rows that sources share); then shared rows of the tenant, in sorted
-- order. All are advisory locks that end with the transaction: two integers, the class (what is locked) and a hash of
-- the name. Two names with the same hash only wait for each other.

CREATE FUNCTION @extschema@.koku_internal_lock_class(subject text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
-- 1263487829 is 'KOKU' in ASCII: advisory lock numbers are shared with everything else in the database.
SELECT 1263487829 + CASE subject WHEN 'source' THEN 0 WHEN 'tables' THEN 1 WHEN 'shared rows' THEN 2 END;
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_lock_class(text) IS
'First integer of the advisory locks on a source, the tables of a tenant, or the rows that its sources share; NULL for anything else.';

CREATE FUNCTION @extschema@.koku_internal_lock_source(source uuid) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT pg_advisory_xact_lock(@extschema@.koku_internal_lock_class('source'), hashtext(source::text));
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_lock_source(uuid) IS
'Waits until no other transaction writes rows of the source and keeps others out until the end of this one. Everything that writes them takes it first (spec design, serialization).';

CREATE FUNCTION @extschema@.koku_internal_try_lock_source(source uuid) RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT pg_try_advisory_xact_lock(@extschema@.koku_internal_lock_class('source'), hashtext(source::text));
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_try_lock_source(uuid) IS
'koku_internal_lock_source() without waiting: false when another transaction has the source.';

CREATE FUNCTION @extschema@.koku_internal_lock_tables(tenant name) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT pg_advisory_xact_lock(@extschema@.koku_internal_lock_class('tables'), hashtext(tenant::text));
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_lock_tables(name) IS
'Lets one transaction at a time make or drop tables and partitions of a tenant.';

CREATE FUNCTION @extschema@.koku_internal_lock_shared_rows(tenant name) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT pg_advisory_xact_lock(@extschema@.koku_internal_lock_class('shared rows'), hashtext(tenant::text));
$$;
COMMENT ON FUNCTION @extschema@.koku_internal_lock_shared_rows(name) IS
'Lets one transaction at a time write tag values, which the sources of a tenant share. A run over several months writes them more than once, so sorted order alone would not rule out a deadlock.';
