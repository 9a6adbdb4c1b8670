-- What a summary runs: rows of code, written by summary/statements. In the extension's own schema: an administrator
-- reads them.

CREATE TABLE koku_internal.summary_stage (
    position integer PRIMARY KEY,
    name text NOT NULL UNIQUE,
    scope text NOT NULL CHECK (scope IN ('range', 'step')),
    condition text,
    settings text[] NOT NULL
);
COMMENT ON TABLE koku_internal.summary_stage IS
'One row: a stage of a summary, in their order. scope: range, run once for all days, or step, run for each step of '
'days; neighbours of scope step are run together for each step. condition: a working table; while it has no rows, '
'nothing of the stage is run. settings: NAME = VALUE, settings of the server while the stage runs; NAME >= VALUE, of '
'an amount of memory: unless the session has more. Part of the code, not of the data.';

CREATE TABLE koku_internal.summary_statement (
    position integer PRIMARY KEY,
    stage text NOT NULL REFERENCES koku_internal.summary_stage (name),
    name text NOT NULL UNIQUE,
    condition text,
    statement text NOT NULL
);
COMMENT ON TABLE koku_internal.summary_statement IS
'One row: a statement file of a summary, in their order; plain SQL that psql runs as well once names and parameters '
'stand in it. name: its room and the table it makes rows of, with a part where several make rows of one. condition: a '
'working table; while it has no rows, the statement is not run. {tenant}.name stands for a table of the tenant, '
'{month}.name for its partition of the month, which is cheaper to plan. Parameters: $1 source (uuid), $2 first and $3 '
'last day (date) of the step or range, $4 id of the report period (integer), $5 cluster id, $6 cluster alias (text), '
'$7 tenant (name). CREATE TEMP TABLE ... AS makes a working table, whose rows later statements read by its name and '
'which ends with the run: the catalogues never hear of it. The rows of INSERT ... SELECT are stored in bulk, foreign '
'keys checked at once, where the target has no row triggers, rules or row security. Part of the code, not of the data.';
