-- The rows of an earlier run go, also where there are no machines any more.

DELETE FROM {month}.reporting_ocp_vm_summary_p WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3;
