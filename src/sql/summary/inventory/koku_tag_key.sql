-- One row: a label key that stays in the summaries: the enabled ones, and the one that names a virtual machine (spec
-- summary.md 3.1).

CREATE TEMP TABLE koku_tag_key AS
SELECT key, bool_or(enabled) AS enabled
FROM (SELECT key, enabled FROM {tenant}.reporting_enabledtagkeys WHERE provider_type = 'OCP' AND enabled
      UNION ALL SELECT 'vm_kubevirt_io_name', false) AS kept
GROUP BY key;
