-- One row: a label text of the line items of these days, as JSON with the kept keys only (spec summary.md 3.1). A text
-- occurs on many lines and is parsed once.

CREATE TEMP TABLE koku_label_text AS
WITH found AS MATERIALIZED (
    SELECT label_text, nullif(btrim(label_text), '')::jsonb AS labels
    FROM (SELECT pod_labels FROM {month}.openshift_pod_usage_line_items_daily
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
          UNION
          SELECT persistentvolume_labels FROM {month}.openshift_storage_usage_line_items_daily
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
          UNION
          SELECT persistentvolumeclaim_labels FROM {month}.openshift_storage_usage_line_items_daily
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
          UNION
          SELECT node_labels FROM {month}.openshift_node_labels_line_items_daily
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
          UNION
          SELECT namespace_labels FROM {month}.openshift_namespace_labels_line_items_daily
          WHERE source = $1::text AND usage_start BETWEEN $2 AND $3) AS line (label_text)
    WHERE label_text IS NOT NULL
)
SELECT label_text, CASE
    -- Many texts have no key that is kept.
    WHEN labels ?| (SELECT array_agg(key) FROM koku_tag_key) THEN
        (SELECT coalesce(jsonb_object_agg(entry.key, entry.value), '{}')
         FROM jsonb_each_text(labels) AS entry
         WHERE entry.key IN (SELECT key FROM koku_tag_key))
    ELSE '{}'
    END AS labels
FROM found;
