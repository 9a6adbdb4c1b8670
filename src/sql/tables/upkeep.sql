-- How far retention and deletion have come, so that they go on where they stopped.

CREATE TABLE @extschema@.koku_purge (
    tenant name PRIMARY KEY,
    purged_before date NOT NULL,
    finished_at timestamptz NOT NULL
);
COMMENT ON TABLE @extschema@.koku_purge IS
'One row a tenant whose retention CALL koku_run() has carried out: nothing older than purged_before was left at '
'finished_at. No row, or another day than the retention asks for now: the next call does it.';

CREATE TABLE @extschema@.koku_raw_removal (
    tenant name PRIMARY KEY,
    removed_before date NOT NULL,
    removed_at timestamptz NOT NULL
);
COMMENT ON TABLE @extschema@.koku_raw_removal IS
'One row a tenant whose raw rows of pods and volumes were removed before the rest of their days '
'(koku_onprem.raw_retention_days). removed_before: the day after the latest of which some were; removed_at: when some '
'were last. For people: that a day has daily rows and no raw rows says enough.';

CREATE TABLE @extschema@.koku_source_deletion (
    source uuid PRIMARY KEY,
    requested_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE @extschema@.koku_source_deletion IS
'One row a source that CALL koku_run() deletes in batches (koku_delete_source(source, '
'in_batches => true)). The row goes with the source.';

CREATE TABLE koku_internal.turn (
    work text NOT NULL,
    tenant text NOT NULL,
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (work, tenant)
);
COMMENT ON TABLE koku_internal.turn IS
'When CALL koku_run() last began a piece of work (inbox, summaries) of a tenant: the one whose turn was longest ago '
'comes next, however much waits of the others. tenant: empty for payloads that name none.';

CREATE TABLE koku_internal.tenant_upkeep (
    tenant name PRIMARY KEY,
    marks bigint NOT NULL DEFAULT 0,
    partitions_until date,
    retention_checked_at timestamptz,
    raw_removed_before date,
    looked_at timestamptz,
    findings jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE koku_internal.tenant_upkeep IS
'What CALL koku_run() knows of a tenant, so that it need not look at the tables of those for which nothing is due. '
'marks: how often its partitions were changed by others (koku_internal.tenant_mark), after which the rest is not '
'known any more; partitions_until: all months before it had their partitions; retention_checked_at: when it last '
'found nothing past the retention; raw_removed_before: the day before which no raw rows of pods and volumes were left '
'then; looked_at, findings: when it last looked for what koku_health() tells, and what it found. No row, or NULL: not '
'known. Lost by a dump, and found out again.';

CREATE TABLE koku_internal.tenant_mark (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant name NOT NULL
);
COMMENT ON TABLE koku_internal.tenant_mark IS
'One row a change of a tenant''s partitions that the retention or the step for partitions has to look at. Only added '
'to, so that no writer waits; CALL koku_run() removes what it has looked at.';
