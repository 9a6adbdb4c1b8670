-- One row: a label that pods or volumes of a namespace and node had in the range, before tag mapping (spec summary.md
-- 5.1,
-- 5.2: T). Rows without an enabled key do not count.

CREATE TEMP TABLE koku_seen_label AS
WITH line AS (
    SELECT data_source AS kind, namespace, node, coalesce(pod_labels, volume_labels) AS labels
    FROM {month}.reporting_ocpusagelineitem_daily_summary
    WHERE source_uuid = $1 AND usage_start BETWEEN $2 AND $3
      AND data_source IN ('Pod', 'Storage') AND namespace IS NOT NULL
      AND (infrastructure_raw_cost IS NULL OR infrastructure_raw_cost = 0)
      AND (infrastructure_project_raw_cost IS NULL OR infrastructure_project_raw_cost = 0)
), label AS MATERIALIZED (
    -- Many lines have the same labels, which are taken apart once.
    SELECT row_number() OVER () AS number, labels
    FROM (SELECT DISTINCT labels FROM line) AS found
    WHERE labels ?| (SELECT array_agg(key) FROM koku_tag_key WHERE enabled)
), place AS (
    SELECT DISTINCT line.kind, line.namespace, line.node, label.number
    FROM line
    JOIN label USING (labels)
), entry AS (
    SELECT label.number, listed.key, listed.value, tag.enabled
    FROM label
    CROSS JOIN LATERAL jsonb_each_text(label.labels) AS listed
    LEFT JOIN koku_tag_key AS tag ON tag.key = listed.key
    WHERE listed.value IS NOT NULL
)
SELECT DISTINCT place.kind, entry.key, entry.value, place.namespace, place.node, entry.enabled
FROM place
JOIN entry USING (number)
-- Without enabled keys nothing is read.
WHERE EXISTS (SELECT FROM koku_tag_key WHERE enabled);
