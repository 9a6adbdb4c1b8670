-- The report as a page.

-- With the rights of its owner, so that whoever may call it needs no other grant; it shows a tenant's reporting tables.
CREATE FUNCTION @extschema@.koku_report(tenant name, first date, last date, label text DEFAULT NULL,
                                        cluster text DEFAULT NULL, project text DEFAULT NULL,
                                        links boolean DEFAULT false)
RETURNS text
LANGUAGE c STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
SET work_mem = '64MB'
AS 'MODULE_PATHNAME', 'koku_report';
COMMENT ON FUNCTION @extschema@.koku_report(name, date, date, text, text, text, boolean) IS
'The report of a tenant for the days first to last (UTC, at most 366), as one HTML file that needs no other: '
'completeness, cost to date against the same days before, forecast, projects, labels, waste, nodes, volumes, GPUs and '
'virtual machines, reconciliation, prices. label: key of the label to group by, NULL for none; cluster: id or name of '
'one cluster, NULL for all; project: the only one that has a section of its own, NULL for the 50 largest; links: leads '
'to reports of other periods, clusters, labels and projects, for a server that takes '
'?from=&to=&label=&cluster=&project= (koku-intake does). Where no costs apply, it counts core-hours and GiB-hours and '
'says so; where there is no data, the page says that. The same data give the same bytes. Errors: 42704 unknown tenant, '
'22023 bad days or unknown cluster, 42501 no right to call it.';
