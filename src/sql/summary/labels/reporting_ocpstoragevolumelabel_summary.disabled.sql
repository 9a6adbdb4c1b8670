-- The labels of disabled keys go, also where no label was seen (spec summary.md 5.2).

DELETE FROM {tenant}.reporting_ocpstoragevolumelabel_summary
WHERE report_period_id = $4
  AND key IN (SELECT key FROM {tenant}.reporting_enabledtagkeys WHERE provider_type = 'OCP' AND NOT enabled);
