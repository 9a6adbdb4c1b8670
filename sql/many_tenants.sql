-- Tenants for which nothing is due cost nothing; what is due is done over several runs; what nobody marked is found within a day.
SET client_min_messages = warning;
SET datestyle = 'ISO';
SELECT count(koku_create_tenant('t_many_' || number)) FROM generate_series(1, 3) AS number;
CREATE FUNCTION test.lacking() RETURNS TABLE (tenant name, tables bigint) LANGUAGE sql AS $$
SELECT known.tenant, count(lacking) FROM koku_tenant AS known
LEFT JOIN LATERAL koku_internal.tables_without_partition(known.tenant, (date_trunc('month', koku_internal.today()::timestamp) + interval '1 month')::date) AS lacking ON true
GROUP BY known.tenant ORDER BY known.tenant;
$$;
CREATE FUNCTION test.due(step text) RETURNS text[] LANGUAGE sql AS $$ SELECT koku_internal.upkeep_subjects(step, koku_internal.today()) $$;
SELECT test.due('partitions') AS partitions, test.due('retention') AS retention;

-- All at once, as there is time. Two tenants a run are looked at for what koku_health() tells.
CALL koku_run();
SELECT * FROM test.lacking();
SELECT test.due('partitions') AS partitions, test.due('retention') AS retention;
SELECT count(*) FILTER (WHERE looked_at IS NOT NULL) AS looked_at, count(*) FROM koku_internal.tenant_upkeep;
CALL koku_run();
SELECT count(*) FILTER (WHERE looked_at IS NOT NULL) AS looked_at, count(*) FROM koku_internal.tenant_upkeep;

-- From now on a run does not look at their tables: it would meet this.
ALTER FUNCTION koku_internal.partitions(name) RENAME TO partitions_away;
ALTER FUNCTION koku_internal.partitioned_tables(name) RENAME TO partitioned_tables_away;
CALL koku_run();
SELECT step, failures, last_error FROM koku_run_step WHERE failures > 0;
SELECT tenant FROM koku_internal.tenant_upkeep WHERE findings <> '{}';
ALTER FUNCTION koku_internal.partitions_away(name) RENAME TO partitions;
ALTER FUNCTION koku_internal.partitioned_tables_away(name) RENAME TO partitioned_tables;

-- The next month, with time for one tenant a run.
CREATE OR REPLACE FUNCTION koku_internal.today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$ SELECT date '2026-12-01' $$;
CREATE OR REPLACE FUNCTION koku_internal.upkeep_time() RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$ SELECT interval '0' $$;
SELECT test.due('partitions');
CALL koku_run();
SELECT tenant, tables > 0 AS lacks_some FROM test.lacking();
CALL koku_run();
SELECT tenant, tables > 0 AS lacks_some FROM test.lacking();
CALL koku_run();
SELECT tenant, tables > 0 AS lacks_some FROM test.lacking();
SELECT test.due('partitions');
CREATE OR REPLACE FUNCTION koku_internal.upkeep_time() RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$ SELECT interval '10 seconds' $$;

-- A partition that goes by its tracking row is made again by the next run; one of a month that is past is dropped by it.
UPDATE koku_tenant SET retention_months = 2;
CALL koku_run();
DELETE FROM t_many_1.partitioned_tables WHERE table_name = 'reporting_ocp_pod_summary_p_2027_01';
SELECT koku_internal.ensure_partition('t_many_2', 'reporting_ocp_pod_summary_p', '2025-01-01');
CALL koku_run();
SELECT tenant, tables FROM test.lacking();
SELECT to_regclass('t_many_2.reporting_ocp_pod_summary_p_2025_01') AS past;

-- One that goes by other means is found within a day: the look marks the tenant, the next run makes the partition.
UPDATE koku_internal.tenant_upkeep SET looked_at = now();
DROP TABLE t_many_3.reporting_ocp_pod_summary_p_2027_01;
CALL koku_run();
SELECT tenant, tables FROM test.lacking() WHERE tables > 0;
UPDATE koku_internal.tenant_upkeep SET looked_at = now() - interval '25 hours' WHERE tenant = 't_many_3';
CALL koku_run();
CALL koku_run();
SELECT tenant, tables FROM test.lacking() WHERE tables > 0;

-- koku_health() looks into some tenants itself, here one; of the others it tells what was found last, and those with a finding come first.
CREATE OR REPLACE FUNCTION koku_internal.tenants_at_once() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 $$;
UPDATE koku_internal.tenant_upkeep SET findings = '{}', looked_at = CASE tenant WHEN 't_many_1' THEN now() - interval '2 hours' ELSE now() END;
SELECT koku_internal.tenants_to_look_at();
INSERT INTO t_many_2.reporting_ocp_pod_summary_p (id, cluster_id, usage_start, usage_end) VALUES (gen_random_uuid(), 'c', '2019-01-01', '2019-01-01');
INSERT INTO t_many_1.reporting_ocp_cost_summary_p (id, cluster_id, usage_start, usage_end) VALUES (gen_random_uuid(), 'c', '2019-01-01', '2019-01-01');
SELECT status, detail FROM koku_health() WHERE check_name = 'default partitions';
UPDATE koku_internal.tenant_upkeep SET looked_at = now() - interval '25 hours';
UPDATE koku_tenant SET retention_months = 0;
CALL koku_run();
CALL koku_run();
SELECT status, detail FROM koku_health() WHERE check_name = 'default partitions';
SELECT koku_internal.tenants_to_look_at();
DELETE FROM t_many_1.reporting_ocp_cost_summary_p;
DELETE FROM t_many_2.reporting_ocp_pod_summary_p;
SELECT status, detail FROM koku_health() WHERE check_name = 'default partitions';
-- A tenant that is gone is forgotten.
SELECT koku_drop_tenant('t_many_3');
SELECT tenant FROM koku_internal.tenant_upkeep ORDER BY tenant;
SELECT koku_rename_tenant('t_many_2', 't_renamed');
CALL koku_run();
SELECT tenant, partitions_until FROM koku_internal.tenant_upkeep ORDER BY tenant;
