-- What waits for costs. Members of the extension, marked for dump.

CREATE TABLE @extschema@.koku_cost_change (
    source uuid NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE @extschema@.koku_cost_change IS
'One row a write to the tables of cost models that changes the costs of a source. Only added to, so that no writer '
'waits; CALL koku_run() makes requests of them.';

CREATE TABLE @extschema@.koku_cost_request (
    source uuid NOT NULL,
    month date NOT NULL CHECK (month = date_trunc('month', month)::date),
    first_day date NOT NULL,
    last_day date NOT NULL,
    only_gpu_distribution boolean NOT NULL DEFAULT false,
    due date NOT NULL DEFAULT '-infinity',
    requested_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    retry_after timestamptz,
    started_at timestamptz,
    PRIMARY KEY (source, month),
    CHECK (first_day <= last_day AND first_day >= month AND last_day < month + interval '1 month')
);
COMMENT ON TABLE @extschema@.koku_cost_request IS
'One row a source and month whose costs CALL koku_run() computes anew, from the first to the last day. '
'only_gpu_distribution: the month is over and the free time of its GPUs is to be distributed; the other costs stay. '
'due: the day (UTC) from which on it is done. started_at, retry_after: as in koku_summary_request.';
