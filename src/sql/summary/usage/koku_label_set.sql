-- One row: the labels of a node or namespace on a day. They can change in the course of it: each key has the value of
-- the latest interval that has the key, at the same interval the greatest value (spec summary.md 3.1, improve).

CREATE TEMP TABLE koku_label_set AS
WITH daily AS MATERIALIZED (
    SELECT 'node' AS kind, usage_start, node AS name, node_labels AS label_text
    FROM {month}.openshift_node_labels_line_items_daily
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
    UNION ALL
    SELECT 'namespace', usage_start, namespace, namespace_labels
    FROM {month}.openshift_namespace_labels_line_items_daily
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
), place AS MATERIALIZED (
    SELECT kind, usage_start, name, min(label_text COLLATE "C") AS label_text,
        min(label_text COLLATE "C") <> max(label_text COLLATE "C") AS changed
    FROM daily
    GROUP BY kind, usage_start, name
), delivered AS (
    SELECT kind, usage_start, name, label_text, NULL::timestamptz AS latest
    FROM place
    WHERE changed IS NOT TRUE
    -- The hours of the others: most days there are none, and nothing is read.
    UNION ALL
    SELECT 'node', usage_start, node, node_labels, max(interval_start)
    FROM {month}.openshift_node_labels_line_items
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
      AND EXISTS (SELECT FROM place WHERE changed AND kind = 'node')
      AND (usage_start, node) IN (SELECT usage_start, name FROM place WHERE changed AND kind = 'node')
    GROUP BY usage_start, node, node_labels
    UNION ALL
    SELECT 'namespace', usage_start, namespace, namespace_labels, max(interval_start)
    FROM {month}.openshift_namespace_labels_line_items
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
      AND EXISTS (SELECT FROM place WHERE changed AND kind = 'namespace')
      AND (usage_start, namespace) IN (SELECT usage_start, name FROM place WHERE changed AND kind = 'namespace')
    GROUP BY usage_start, namespace, namespace_labels
), winner AS (
    SELECT DISTINCT ON (delivered.kind, delivered.usage_start, delivered.name, entry.key)
        delivered.kind, delivered.usage_start, delivered.name, entry.key, entry.value
    FROM delivered
    JOIN koku_label_text AS text USING (label_text)
    CROSS JOIN LATERAL jsonb_each_text(text.labels) AS entry
    ORDER BY delivered.kind, delivered.usage_start, delivered.name, entry.key,
        delivered.latest DESC NULLS LAST, entry.value COLLATE "C" DESC NULLS LAST
)
SELECT kind, usage_start, name, jsonb_object_agg(key, value) AS labels
FROM winner
GROUP BY kind, usage_start, name;
