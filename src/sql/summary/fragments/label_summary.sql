-- Values of a key never shrink within a report period, unless the key is disabled.
SELECT koku_internal.warn(count(*),
    WARNING_OF_LONG_LABELS)
FROM koku_seen_label
WHERE kind = KIND AND enabled
  AND octet_length(concat(key, namespace, node)) > LONGEST_INDEX_ENTRY;

-- A node that is NULL equals NULL here, although not in the unique key of the table.
WITH found AS (
    -- Sorted once below the aggregate, not in every one of many small groups.
    SELECT key, namespace, node, array_agg(value) AS values
    FROM (SELECT key, namespace, node, value FROM koku_seen_label
          WHERE kind = KIND AND enabled
            AND octet_length(concat(key, namespace, node)) <= LONGEST_INDEX_ENTRY
          ORDER BY key, namespace, node, value) AS seen
    GROUP BY key, namespace, node
), stored AS (
    SELECT uuid, key, namespace, node, values FROM {tenant}.LABEL_TABLE WHERE report_period_id = $4
), updated AS (
    UPDATE {tenant}.LABEL_TABLE AS label
    SET values = ARRAY(SELECT DISTINCT value FROM unnest(stored.values || found.values) AS value ORDER BY value)
    FROM stored
    JOIN found ON found.key = stored.key AND found.namespace = stored.namespace
        AND coalesce(found.node, '') = coalesce(stored.node, '') AND (found.node IS NULL) = (stored.node IS NULL)
    WHERE label.uuid = stored.uuid AND NOT stored.values @> found.values
)
INSERT INTO {tenant}.LABEL_TABLE (uuid, key, values, namespace, node, report_period_id)
SELECT koku_internal.row_id(), found.key, found.values, found.namespace, found.node, $4
FROM found
LEFT JOIN stored ON found.key = stored.key AND found.namespace = stored.namespace
    AND coalesce(found.node, '') = coalesce(stored.node, '') AND (found.node IS NULL) = (stored.node IS NULL)
WHERE stored.uuid IS NULL;
