-- The inbox: payloads that were handed over and wait for CALL koku_run(), and what became of the steps of that call.

CREATE TABLE @extschema@.koku_inbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id text CHECK (length(request_id) <= 256),
    tenant name,
    digest bytea NOT NULL,
    payload bytea NOT NULL,
    status text NOT NULL DEFAULT 'waiting'
        CHECK (status IN ('waiting', 'started', 'failed', 'held', 'parked', 'done')),
    submitted_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    error_sqlstate text,
    error_message text,
    error_detail text,
    error_hint text,
    cluster_id text,
    manifest_uuid uuid,
    source uuid,
    CHECK ((status = 'done') = (finished_at IS NOT NULL))
);
COMMENT ON TABLE @extschema@.koku_inbox IS
'One row a payload that koku_submit_payload() took. status: waiting; started (an attempt runs, or was cut off); failed '
'(tried again at next_attempt_at); held (its cluster has no source, a paused one, or several; taken as soon as it has '
'one); parked (an administrator has to retry or drop it); done (all of it is in the tables). error_...: of the last '
'attempt that failed. cluster_id, manifest_uuid: what its manifest says, once it was read; source: once it is done.';

-- Payloads are compressed already; a change of the status leaves such bytes where they are.
ALTER TABLE @extschema@.koku_inbox ALTER COLUMN payload SET STORAGE EXTERNAL;
-- Identical bytes for one tenant are stored once; '' stands for a tenant that was not named.
CREATE UNIQUE INDEX koku_inbox_digest ON @extschema@.koku_inbox (digest, coalesce(tenant, ''));
CREATE INDEX koku_inbox_open ON @extschema@.koku_inbox (next_attempt_at, id)
    WHERE status IN ('waiting', 'started', 'failed');
CREATE INDEX koku_inbox_set_aside ON @extschema@.koku_inbox (cluster_id) WHERE status IN ('held', 'parked');
CREATE INDEX koku_inbox_done ON @extschema@.koku_inbox (finished_at) WHERE status = 'done';
CREATE INDEX koku_inbox_source ON @extschema@.koku_inbox (source) WHERE source IS NOT NULL;

CREATE TABLE @extschema@.koku_run_step (
    step text PRIMARY KEY,
    succeeded_at timestamptz,
    failed_at timestamptz,
    failures integer NOT NULL DEFAULT 0,
    last_error text
);
COMMENT ON TABLE @extschema@.koku_run_step IS
'One row a step of CALL koku_run(): when it last succeeded, when it last failed, how often it has failed since it '
'succeeded, and the last error. Payloads and summaries keep their own errors in koku_inbox and koku_summary_request.';
