-- One row: the labels of a node or namespace on a day. They can change in the course of it: each key has the value of the
-- latest interval that has the key, at the same interval the greatest value (spec summary.md 3.1, improve).
-- phase: step

-- rows:
WITH delivered AS (
    SELECT 'node' AS kind, usage_start, node AS name, node_labels AS label_text, max(interval_start) AS latest
    FROM {tenant}.openshift_node_labels_line_items
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
    GROUP BY usage_start, node, node_labels
    UNION ALL
    SELECT 'namespace', usage_start, namespace, namespace_labels, max(interval_start)
    FROM {tenant}.openshift_namespace_labels_line_items
    WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
    GROUP BY usage_start, namespace, namespace_labels
), winner AS (
    SELECT DISTINCT ON (delivered.kind, delivered.usage_start, delivered.name, entry.key)
        delivered.kind, delivered.usage_start, delivered.name, entry.key, entry.value
    FROM delivered
    JOIN koku_label_text AS text USING (label_text),
        LATERAL jsonb_each_text(text.labels) AS entry
    ORDER BY delivered.kind, delivered.usage_start, delivered.name, entry.key,
        delivered.latest DESC NULLS LAST, entry.value COLLATE "C" DESC NULLS LAST
)
SELECT kind, usage_start, name, jsonb_object_agg(key, value) AS labels
FROM winner
GROUP BY kind, usage_start, name
