-- Control tables of the extension. They are members, marked for dump, so that dump and restore keep them. No foreign
-- keys lead from one to another: they would be there before the rows are, and a parallel restore loads tables in any
-- order. What belongs to a row goes with it by triggers (tables/triggers.sql).

CREATE TABLE @extschema@.koku_tenant (
    tenant name PRIMARY KEY,
    retention_months integer CHECK (retention_months >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    raw_retention_days integer CHECK (raw_retention_days >= -1)
);
COMMENT ON TABLE @extschema@.koku_tenant IS
'One row a tenant: the schema that holds its reporting tables. retention_months: months to keep, 0 keeps all, NULL '
'means the setting koku_onprem.retention_months. raw_retention_days: days to keep raw rows of pods and volumes, 0 as '
'long as the rest, -1 until seven days after the end of their month, NULL means the setting '
'koku_onprem.raw_retention_days.';

CREATE TABLE @extschema@.koku_source (
    source uuid PRIMARY KEY,
    tenant name NOT NULL,
    cluster_id text NOT NULL CHECK (cluster_id <> '' AND length(cluster_id) <= 50),
    name text NOT NULL CHECK (length(name) <= 256),
    paused boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant, cluster_id)
);
COMMENT ON TABLE @extschema@.koku_source IS
'One row a source: a cluster whose payloads are taken. A paused source refuses payloads and keeps its data.';

CREATE TABLE @extschema@.koku_manifest (
    manifest_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source uuid NOT NULL,
    manifest_uuid uuid NOT NULL,
    cluster_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    exported_at timestamptz NOT NULL,
    billing_period_start date NOT NULL,
    window_start timestamptz,
    window_end timestamptz,
    hours_per_day jsonb NOT NULL DEFAULT '{}',
    file_count integer NOT NULL,
    daily_reports boolean NOT NULL,
    certified boolean NOT NULL,
    operator_version text NOT NULL,
    cluster_channel text,
    operator_airgapped boolean,
    operator_errors jsonb,
    completed_at timestamptz,
    summarized_at timestamptz,
    UNIQUE (source, manifest_uuid)
);
COMMENT ON TABLE @extschema@.koku_manifest IS
'One row a manifest (source and manifest uuid). The facts are those of its first delivery. completed_at: when the last '
'of its files was done; summarized_at: when the days it changed were summarized.';

-- The few that something is still to be done with.
CREATE INDEX koku_manifest_open ON @extschema@.koku_manifest (source) WHERE summarized_at IS NULL;
CREATE INDEX koku_manifest_received ON @extschema@.koku_manifest (created_at);

CREATE TABLE @extschema@.koku_report_file (
    manifest_id bigint NOT NULL,
    file text NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'done', 'unknown type')),
    report_type text,
    rows_in bigint NOT NULL DEFAULT 0,
    rows_loaded bigint NOT NULL DEFAULT 0,
    rows_dropped bigint NOT NULL DEFAULT 0,
    message text,
    completed_at timestamptz,
    superseded_days date[],
    PRIMARY KEY (manifest_id, file)
);
COMMENT ON TABLE @extschema@.koku_report_file IS
'One row a file that a manifest names: waiting until a tarball brings it. superseded_days: days of the manifest whose '
'rows of this report type are not in the tables, because another delivery counts; NULL for none.';

CREATE TABLE @extschema@.koku_changed_day (
    manifest_id bigint NOT NULL,
    day date NOT NULL,
    PRIMARY KEY (manifest_id, day)
);
COMMENT ON TABLE @extschema@.koku_changed_day IS
'Days whose rows a manifest loaded, replaced or appended and whose summary it has not '
'requested yet, because files are still waiting.';

CREATE TABLE @extschema@.koku_summary_request (
    source uuid NOT NULL,
    month date NOT NULL CHECK (month = date_trunc('month', month)::date),
    first_day date NOT NULL,
    last_day date NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    retry_after timestamptz,
    started_at timestamptz,
    PRIMARY KEY (source, month),
    CHECK (first_day <= last_day AND first_day >= month AND last_day < month + interval '1 month')
);
COMMENT ON TABLE @extschema@.koku_summary_request IS
'One row a source and month that waits to be summarized, from the first to the last day that changed. CALL koku_run() '
'takes it. started_at: when the attempt began that runs or was cut off, NULL otherwise; retry_after: infinity when it '
'is parked, because its last allowed attempt was cut off.';

CREATE TABLE @extschema@.koku_operator_version (
    version text,
    operator text NOT NULL,
    built_in boolean DEFAULT false,
    -- A row of an administrator and one that a later release brings for the same commit do not clash, least of all in a
    -- restore.
    PRIMARY KEY (version, built_in)
);
COMMENT ON TABLE @extschema@.koku_operator_version IS
'Commit of an operator release and the name it is shown as. Add rows for newer releases; rows of your own (not '
'built_in) are kept by dump and upgrade and go before a built-in one.';
