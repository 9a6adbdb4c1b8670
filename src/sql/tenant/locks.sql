-- Locks. A transaction takes what it needs of them in this order, so that two never wait for each other:
--   1. the source whose rows it writes;
--   2. the tables of the tenant: alone, to make or drop partitions, or shared, to know that nobody does. A summary
--      takes one of the two before it touches a row, the deletion of a source's rows shares them, an ingest takes them
--      alone when it meets a month without partition. (Attaching a partition locks the tables that its foreign keys
--      refer to and its default partition.)
--   3. the row of a report period;
--   4. rows that sources share: tag keys in one sorted pass, tag values under a lock of their own.
-- A sender that registers a source takes the names of the tenant's sources, before all of these.
-- Beside them, and never waited for, is the lock of the one run that does the upkeep of a tenant or source.
-- Those of 1, 2, the tag values and the names end with the transaction: locks on a number that a hash of the name
-- gives, in the heavyweight lock table of the server under koku_source or koku_tenant. Advisory locks would do the
-- same, but whoever can connect can take one of those, and keep it. Two names with the same hash only wait for each
-- other.

CREATE FUNCTION koku_internal.lock_object(relation regclass, number integer,
                                          part smallint, shared boolean, wait boolean)
RETURNS boolean
LANGUAGE c STRICT
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'koku_internal_lock_object';
COMMENT ON FUNCTION koku_internal.lock_object(regclass, integer, smallint, boolean, boolean) IS
'Locks a number under a table until the end of the transaction, alone or shared; part: one of several kinds '
'of locks under the table. false: another transaction has it and wait is false. pg_locks shows it with '
'locktype object. NULL when an argument is NULL.';

CREATE FUNCTION koku_internal.refuse_standby() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'this server is a standby, which can only be read'
            USING ERRCODE = 'read_only_sql_transaction', HINT = 'Call it on the primary.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.refuse_standby() IS
'Raises 25006 on a standby, where no locks can be had that keep others out.';

CREATE FUNCTION koku_internal.lock_move(tenant name, shared boolean) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT koku_internal.refuse_standby();
SELECT koku_internal.lock_object('@extschema@.koku_tenant'::regclass, hashtext($1::text), 8::smallint, $2, true);
$$;
COMMENT ON FUNCTION koku_internal.lock_move(name, boolean) IS
'Keeps a tenant on this server (shared) or lets it begin to move (alone), until the end of the transaction; the empty '
'name stands for the numbers that this server gives out. Raises 25006 on a standby.';

CREATE FUNCTION koku_internal.lock_name(subject text, name text, shared boolean, wait boolean) RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT koku_internal.refuse_standby();
SELECT koku_internal.lock_object(
    CASE subject WHEN 'source' THEN '@extschema@.koku_source'
        ELSE '@extschema@.koku_tenant' END::regclass, hashtext(name),
    CASE subject WHEN 'source' THEN 0 WHEN 'tables' THEN 0 WHEN 'shared rows' THEN 1 WHEN 'upkeep' THEN 2
        WHEN 'source names' THEN 3 END::smallint, shared, wait);
$$;
COMMENT ON FUNCTION koku_internal.lock_name(text, text, boolean, boolean) IS
'koku_internal.lock_object() for a source, the tables of a tenant, the rows that its sources share, their names, or '
'the upkeep of a tenant or source; NULL for anything else.';

CREATE FUNCTION koku_internal.refuse_old_snapshot() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE EXCEPTION 'isolation level % is not supported', current_setting('transaction_isolation')
            USING ERRCODE = 'feature_not_supported',
                  DETAIL = 'Rows that another transaction wrote before the source '
                           'was locked would not be seen: a day could be stored twice.',
                  HINT = 'Use a transaction of isolation level read committed.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.refuse_old_snapshot() IS
'Raises 0A000 in a transaction that keeps its first snapshot. Whoever waits for a '
'lock has to see what the one before has left.';

CREATE FUNCTION koku_internal.refuse_replica_role() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('session_replication_role') = 'replica' THEN
        RAISE EXCEPTION 'session_replication_role is replica'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'Triggers and foreign keys, which make partitions '
                           'and keep rows together, do nothing in this session.',
                  HINT = 'SET session_replication_role = origin.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.refuse_replica_role() IS
'Raises 55000 in a session whose triggers do not act.';

CREATE FUNCTION koku_internal.lock_source(source uuid) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT koku_internal.refuse_old_snapshot();
SELECT koku_internal.refuse_replica_role();
SELECT koku_internal.lock_name('source', source::text, false, true);
$$;
COMMENT ON FUNCTION koku_internal.lock_source(uuid) IS
'Waits until no other transaction writes rows of the source and keeps others out until the end of this one. Everything '
'that writes them takes it first (spec design, serialization). Raises 0A000 in a transaction that is not read '
'committed, 55000 in a session whose triggers do not act.';

CREATE FUNCTION koku_internal.try_lock_source(source uuid) RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT koku_internal.refuse_old_snapshot();
SELECT koku_internal.refuse_replica_role();
SELECT koku_internal.lock_name('source', source::text, false, false);
$$;
COMMENT ON FUNCTION koku_internal.try_lock_source(uuid) IS
'koku_internal.lock_source() without waiting: false when another transaction has the source. Raises as it does.';

CREATE FUNCTION koku_internal.require_free_source(source uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT koku_internal.try_lock_source(source) THEN
        RAISE EXCEPTION 'source "%" is in use', source
            USING ERRCODE = 'lock_not_available', DETAIL = 'Another transaction writes its rows.',
                  HINT = 'See pg_locks and pg_stat_activity for which one.';
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.require_free_source(uuid) IS
'koku_internal.lock_source() that does not wait: raises 55P03 when another transaction has the source.';

CREATE FUNCTION koku_internal.lock_tables(tenant name) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT koku_internal.refuse_replica_role();
SELECT koku_internal.lock_name('tables', tenant::text, false, true);
$$;
COMMENT ON FUNCTION koku_internal.lock_tables(name) IS
'Lets one transaction at a time make or drop tables and partitions of a tenant, while none holds them shared. Not to '
'be called by one that holds them shared itself. Raises 55000 in a session whose triggers do not act.';

CREATE FUNCTION koku_internal.share_tables(tenant name) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT koku_internal.lock_name('tables', tenant::text, true, true);
$$;
COMMENT ON FUNCTION koku_internal.share_tables(name) IS
'Keeps tables and partitions of a tenant from being made or dropped until the end of the transaction.';

CREATE FUNCTION koku_internal.lock_shared_rows(tenant name) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT koku_internal.lock_name('shared rows', tenant::text, false, true);
$$;
COMMENT ON FUNCTION koku_internal.lock_shared_rows(name) IS
'Lets one transaction at a time write tag values, which the sources of a tenant share. A run over several months '
'writes them more than once, so sorted order alone would not rule out a deadlock.';

CREATE FUNCTION koku_internal.lock_source_names(tenant name) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
SELECT koku_internal.refuse_old_snapshot();
SELECT koku_internal.lock_name('source names', tenant::text, false, true);
$$;
COMMENT ON FUNCTION koku_internal.lock_source_names(name) IS
'Lets one sender at a time register a source of a tenant, so that none takes a name that another is about to take. '
'Raises 0A000 in a transaction that is not read committed.';
