-- Tenants on their way from one server to another.

CREATE TABLE @extschema@.koku_tenant_move (
    tenant name PRIMARY KEY,
    move uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('copying', 'moving', 'moved', 'arriving', 'arrived')),
    server integer NOT NULL,
    paused uuid[] NOT NULL DEFAULT '{}',
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE @extschema@.koku_tenant_move IS
'One row a tenant that moves, or has moved, to another server (scripts/move-tenant.sh). state: copying (works here as '
'ever), moving (takes nothing for some seconds), moved (is there now); on the other server arriving (takes nothing '
'yet) and arrived (works there, and is still to be removed from here). move: the same on both. server: number of the '
'other server (koku_onprem.server_number). paused: sources that were paused before the move began.';
