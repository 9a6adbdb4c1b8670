-- What pg_dump keeps: the rows of the control tables. The catalogue and the summary statements are code and come back
-- with the extension; the operators it knows likewise, so that only rows of an administrator are kept.

SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_tenant', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_source', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_manifest', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_report_file', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_changed_day', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_summary_request', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_cost_change', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_cost_request', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_operator_version', 'WHERE NOT built_in');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_inbox', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_run_step', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_purge', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_raw_removal', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_source_deletion', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_budget', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_saved_report', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_tenant_move', '');
SELECT pg_catalog.pg_extension_config_dump('koku_internal.turn', '');
-- Numbers of manifests and of payloads go on where they were.
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_manifest_manifest_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.koku_inbox_id_seq', '');
