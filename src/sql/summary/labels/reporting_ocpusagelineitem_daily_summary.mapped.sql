-- One row: as above; mapped child keys are renamed to their parent key (spec summary.md 5.4). A child whose own parent
-- is there too is dropped. The label tables, written before, show child keys.

WITH mapping AS (
    SELECT child.key AS child, parent.key AS parent
    FROM {tenant}.reporting_tagmapping AS link
    JOIN {tenant}.reporting_enabledtagkeys AS child ON child.uuid = link.child_id
    JOIN {tenant}.reporting_enabledtagkeys AS parent ON parent.uuid = link.parent_id
    WHERE child.provider_type = 'OCP' AND child.enabled
), label AS MATERIALIZED (
    SELECT DISTINCT coalesce(line.pod_labels, line.volume_labels) AS labels
    FROM {month}.reporting_ocpusagelineitem_daily_summary AS line
    WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3
      AND coalesce(line.pod_labels, line.volume_labels) ?| (SELECT array_agg(child::text) FROM mapping)
), mapped AS (
    -- Of two children of one parent the one later in the order of jsonb keys wins: the last in the aggregate.
    SELECT label.labels, jsonb_object_agg(coalesce(mapping.parent, entry.key), entry.value
            ORDER BY octet_length(entry.key), entry.key COLLATE "C")
        FILTER (WHERE mapping.parent IS NULL OR NOT label.labels ? mapping.parent) AS new_labels
    FROM label
    CROSS JOIN LATERAL jsonb_each(label.labels) AS entry
    LEFT JOIN mapping ON mapping.child = entry.key
    GROUP BY label.labels
)
UPDATE {month}.reporting_ocpusagelineitem_daily_summary AS line
SET pod_labels = CASE WHEN line.pod_labels IS NOT NULL THEN mapped.new_labels END,
    volume_labels = CASE WHEN line.pod_labels IS NULL THEN mapped.new_labels ELSE line.volume_labels END,
    all_labels = mapped.new_labels
FROM mapped
WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3
  AND coalesce(line.pod_labels, line.volume_labels) = mapped.labels;
