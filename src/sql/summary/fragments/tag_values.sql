SELECT koku_internal.warn(count(DISTINCT (key, value)),
    'tag values are left out of reporting_ocptags_values, because key and value are too long together')
FROM koku_seen_label
WHERE kind = KIND AND octet_length(concat(key, value)) > LONGEST_INDEX_ENTRY;

-- The values that this run saw, with everything that other sources of the tenant have under the same key and value.
WITH pair AS MATERIALIZED (
    SELECT DISTINCT key, value
    FROM koku_seen_label AS seen
    WHERE kind = KIND AND octet_length(concat(key, value)) <= LONGEST_INDEX_ENTRY
      AND NOT EXISTS (SELECT FROM {tenant}.reporting_enabledtagkeys AS known
                      WHERE known.provider_type = 'OCP' AND NOT known.enabled AND known.key = seen.key)
), place AS MATERIALIZED (
    SELECT key, value, $5 AS cluster_id, $6 AS cluster_alias, namespace, node
    FROM koku_seen_label
    JOIN pair USING (key, value)
    WHERE kind = KIND
    UNION ALL
    SELECT label.key, listed.value, period.cluster_id, period.cluster_alias, label.namespace, label.node
    FROM {tenant}.reporting_ocpusagereportperiod AS period
    JOIN {tenant}.LABEL_TABLE AS label ON label.report_period_id = period.id
    CROSS JOIN LATERAL unnest(label.values) AS listed (value)
    JOIN pair ON pair.key = label.key AND pair.value = listed.value
    WHERE period.provider_id <> $1
), cluster AS (
    SELECT key, value, array_agg(DISTINCT cluster_id ORDER BY cluster_id) AS ids,
        coalesce(array_agg(DISTINCT cluster_alias ORDER BY cluster_alias) FILTER (WHERE cluster_alias IS NOT NULL),
                 '{}')
            AS aliases
    FROM (SELECT DISTINCT key, value, cluster_id, cluster_alias FROM place) AS seen
    GROUP BY key, value
), namespace AS (
    SELECT key, value, array_agg(namespace ORDER BY namespace) AS names
    FROM (SELECT DISTINCT key, value, namespace FROM place) AS seen
    GROUP BY key, value
), node AS (
    SELECT key, value, array_agg(node ORDER BY node) AS names
    FROM (SELECT DISTINCT key, value, node FROM place) AS seen
    GROUP BY key, value
)
INSERT INTO {tenant}.reporting_ocptags_values AS stored
    (uuid, key, value, cluster_ids, cluster_aliases, namespaces, nodes)
SELECT koku_internal.row_id(), key, value, cluster.ids, cluster.aliases, namespace.names, node.names
FROM cluster
JOIN namespace USING (key, value)
JOIN node USING (key, value)
ON CONFLICT (key, value) DO UPDATE
SET cluster_ids = excluded.cluster_ids, cluster_aliases = excluded.cluster_aliases,
    namespaces = excluded.namespaces, nodes = excluded.nodes
WHERE (stored.cluster_ids, stored.cluster_aliases, stored.namespaces, stored.nodes)
    IS DISTINCT FROM (excluded.cluster_ids, excluded.cluster_aliases, excluded.namespaces, excluded.nodes);
