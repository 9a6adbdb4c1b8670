-- Budgets, and reports that are kept.

CREATE TABLE @extschema@.koku_budget (
    tenant name NOT NULL,
    name text NOT NULL CHECK (name <> '' AND length(name) <= 100),
    scope jsonb NOT NULL DEFAULT '{}',
    monthly numeric NOT NULL CHECK (monthly > 0),
    thresholds numeric[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, name)
);
COMMENT ON TABLE @extschema@.koku_budget IS
'One row a budget: what a scope of a tenant may cost in a calendar month, in the currency of its cost '
'model. scope: {} for the whole tenant, or cluster, project, label (an object of one key and value). '
'thresholds: percents at which its state changes.';

CREATE TABLE @extschema@.koku_saved_report (
    tenant name NOT NULL,
    month date NOT NULL CHECK (month = date_trunc('month', month)::date),
    label text NOT NULL DEFAULT '',
    html text NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, month, label)
);
COMMENT ON TABLE @extschema@.koku_saved_report IS
'One row a report that koku_save_report() kept: tenant, month, label ('''': none), the page.';
