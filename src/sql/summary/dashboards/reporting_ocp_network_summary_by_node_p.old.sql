-- The rows of an earlier run go, also where there is no traffic any more.

DELETE FROM {month}.reporting_ocp_network_summary_by_node_p WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3;
