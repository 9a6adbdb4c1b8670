-- One row: a label that pods or volumes of a namespace and node had in the range, before tag mapping (spec summary.md 5.1,
-- 5.2: T). Rows without an enabled key do not count.
-- phase: after

INSERT INTO pg_temp.koku_seen_label (kind, key, value, namespace, node, enabled)
SELECT DISTINCT label.kind, entry.key, entry.value, label.namespace, label.node, tag.enabled
FROM (SELECT DISTINCT line.data_source AS kind, line.namespace, line.node,
          CASE line.data_source WHEN 'Pod' THEN line.pod_labels ELSE line.volume_labels END AS labels
      FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line
      WHERE line.source_uuid = $1 AND line.usage_start BETWEEN $2 AND $3 AND line.report_period_id = $4
        AND line.data_source IN ('Pod', 'Storage')
        AND coalesce(line.infrastructure_raw_cost, 0) = 0 AND coalesce(line.infrastructure_project_raw_cost, 0) = 0
     ) AS label,
    LATERAL jsonb_each_text(label.labels) AS entry
LEFT JOIN pg_temp.koku_tag_key AS tag USING (key)
WHERE label.labels ?| (SELECT array_agg(key) FROM pg_temp.koku_tag_key WHERE enabled)
  AND entry.value IS NOT NULL AND label.namespace IS NOT NULL;
