-- One row: a label text of the line items of these days, as JSON with the kept keys only (spec summary.md 3.1). A text
-- occurs on many lines and is parsed once.
-- phase: step

-- rows:
WITH found AS MATERIALIZED (
    SELECT row_number() OVER () AS number, label_text
    FROM (SELECT pod_labels FROM {tenant}.openshift_pod_usage_line_items_daily
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
          UNION
          SELECT label.text FROM {tenant}.openshift_storage_usage_line_items_daily,
              LATERAL (VALUES (persistentvolume_labels), (persistentvolumeclaim_labels)) AS label (text)
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
          UNION
          SELECT node_labels FROM {tenant}.openshift_node_labels_line_items_daily
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
          UNION
          SELECT namespace_labels FROM {tenant}.openshift_namespace_labels_line_items_daily
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3) AS line (label_text)
    WHERE label_text IS NOT NULL
), kept AS (
    SELECT found.number, jsonb_object_agg(entry.key, entry.value) AS labels
    FROM found, LATERAL jsonb_each_text(nullif(btrim(found.label_text), '')::jsonb) AS entry
    JOIN koku_tag_key AS tag ON tag.key = entry.key
    GROUP BY found.number
)
SELECT found.label_text, coalesce(kept.labels, '{}') AS labels
FROM found LEFT JOIN kept USING (number)
