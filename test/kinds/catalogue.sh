#!/usr/bin/env bash
# The tables of a tenant against the specification of the reporting schema: docs/spec/columns.csv and keys.csv.
source "$(dirname "$0")/../lib.sh"
takes_no_names "$@"
need_server
fresh_database catalogue

compare() { python3 -B "$project/test/checks/catalogue.py" "$specification" made --psql "psql -XqAt catalogue"; }
sees() { grep -F "$1" <<<"$(compare || true)"; }

psql -XAqt -v ON_ERROR_STOP=1 -d catalogue -c "SELECT koku_create_tenant('made')"
check "the tables of a tenant equal the specification" compare

# The comparison itself: each kind of difference is seen.
psql -XAqt -v ON_ERROR_STOP=1 -d catalogue <<'SQL'
ALTER TABLE made.reporting_ocp_nodes ALTER node_role SET NOT NULL;
ALTER TABLE made.reporting_ocp_projects DROP CONSTRAINT reporting_ocp_projects_project_cluster_id_key;
ALTER TABLE made.openshift_pod_usage_line_items DETACH PARTITION made.openshift_pod_usage_line_items_default;
SQL
check "another nullability is seen" sees "lacks column ('node_role', 'text', '', '')"
check "a missing key is seen" sees "lacks key (project, cluster_id)"
check "a missing default partition is seen" sees "has no default partition"
check "a table too many is seen" sees "is not in the specification"
finish
