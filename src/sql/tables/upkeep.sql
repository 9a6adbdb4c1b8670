-- How far retention and deletion have come, so that they go on where they stopped.

CREATE TABLE @extschema@.koku_purge (
    tenant name PRIMARY KEY,
    purged_before date NOT NULL,
    finished_at timestamptz NOT NULL
);
COMMENT ON TABLE @extschema@.koku_purge IS
'One row a tenant whose retention CALL koku_run() has carried out: nothing older than purged_before was left at '
'finished_at. No row, or another day than the retention asks for now: the next call does it.';

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
