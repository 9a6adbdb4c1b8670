-- One row for a source with virtual machines: in the reports of the month, or by a label of pods in the range. Without
-- it what follows about machines has nothing to do.

CREATE TEMP TABLE koku_has_machine AS
SELECT true AS found
WHERE EXISTS (
        SELECT FROM {month}.openshift_vm_usage_line_items
        WHERE source = $1::text AND usage_start >= date_trunc('month', $2::timestamp)
          AND usage_start < date_trunc('month', $2::timestamp) + interval '1 month')
   OR EXISTS (
        SELECT FROM {month}.reporting_ocpusagelineitem_daily_summary
        WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3 AND cost_model_rate_type IS NULL
          AND (pod_labels ? 'vm_kubevirt_io_name' OR all_labels ? 'vm_kubevirt_io_name'));
