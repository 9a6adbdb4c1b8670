-- The label summaries of pods and volumes are one template, the tag values of both another (spec summary.md 5.1 to 5.3).
-- Values of a key never shrink within a report period, unless the key is disabled.

INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement)
SELECT listed.position, 'after', listed.target, replace($template$
DELETE FROM {tenant}.{target}
WHERE report_period_id = $4
  AND key IN (SELECT key FROM {tenant}.reporting_enabledtagkeys WHERE provider_type = 'OCP' AND NOT enabled);
$template$, '{target}', listed.target)
FROM (VALUES
    (61, 'reporting_ocpusagepodlabel_summary'),
    (62, 'reporting_ocpstoragevolumelabel_summary')
) AS listed (position, target);

INSERT INTO @extschema@.koku_summary_statement (position, phase, target, needs, statement)
SELECT listed.position, 'after', listed.target, 'koku_seen_label', replace(replace($template$
SELECT koku_internal.warn(count(*),
    'labels are left out of {target}, because key, namespace and node are too long together')
FROM koku_seen_label
WHERE kind = '{kind}' AND enabled
  AND octet_length(concat(key, namespace, node)) > {longest index entry};

-- A node that is NULL equals NULL here, although not in the unique key of the table.
WITH found AS (
    -- Sorted once below the aggregate, not in every one of many small groups.
    SELECT key, namespace, node, array_agg(value) AS values
    FROM (SELECT key, namespace, node, value FROM koku_seen_label
          WHERE kind = '{kind}' AND enabled
            AND octet_length(concat(key, namespace, node)) <= {longest index entry}
          ORDER BY key, namespace, node, value) AS seen
    GROUP BY key, namespace, node
), stored AS (
    SELECT uuid, key, namespace, node, values FROM {tenant}.{target} WHERE report_period_id = $4
), updated AS (
    UPDATE {tenant}.{target} AS label
    SET values = ARRAY(SELECT DISTINCT value FROM unnest(stored.values || found.values) AS value ORDER BY value)
    FROM stored
    JOIN found ON found.key = stored.key AND found.namespace = stored.namespace
        AND coalesce(found.node, '') = coalesce(stored.node, '') AND (found.node IS NULL) = (stored.node IS NULL)
    WHERE label.uuid = stored.uuid AND NOT stored.values @> found.values
)
INSERT INTO {tenant}.{target} (uuid, key, values, namespace, node, report_period_id)
SELECT koku_internal.row_id(), found.key, found.values, found.namespace, found.node, $4
FROM found
LEFT JOIN stored ON found.key = stored.key AND found.namespace = stored.namespace
    AND coalesce(found.node, '') = coalesce(stored.node, '') AND (found.node IS NULL) = (stored.node IS NULL)
WHERE stored.uuid IS NULL;
$template$, '{target}', listed.target), '{kind}', listed.kind)
FROM (VALUES
    (63, 'reporting_ocpusagepodlabel_summary', 'Pod'),
    (64, 'reporting_ocpstoragevolumelabel_summary', 'Storage')
) AS listed (position, target, kind);

INSERT INTO @extschema@.koku_summary_statement (position, phase, target, statement)
VALUES (65, 'after', 'reporting_ocptags_values', $statement$
SELECT koku_internal.lock_shared_rows($7);

DELETE FROM {tenant}.reporting_ocptags_values
WHERE key IN (SELECT key FROM {tenant}.reporting_enabledtagkeys WHERE provider_type = 'OCP' AND NOT enabled);
$statement$);

INSERT INTO @extschema@.koku_summary_statement (position, phase, target, needs, statement)
SELECT listed.position, 'after', 'reporting_ocptags_values', 'koku_seen_label', replace(replace($template$
SELECT koku_internal.warn(count(DISTINCT (key, value)),
    'tag values are left out of reporting_ocptags_values, because key and value are too long together')
FROM koku_seen_label
WHERE kind = '{kind}' AND octet_length(concat(key, value)) > {longest index entry};

-- The values that this run saw, with everything that other sources of the tenant have under the same key and value.
WITH pair AS MATERIALIZED (
    SELECT DISTINCT key, value
    FROM koku_seen_label AS seen
    WHERE kind = '{kind}' AND octet_length(concat(key, value)) <= {longest index entry}
      AND NOT EXISTS (SELECT FROM {tenant}.reporting_enabledtagkeys AS known
                      WHERE known.provider_type = 'OCP' AND NOT known.enabled AND known.key = seen.key)
), place AS MATERIALIZED (
    SELECT key, value, $5 AS cluster_id, $6 AS cluster_alias, namespace, node
    FROM koku_seen_label
    JOIN pair USING (key, value)
    WHERE kind = '{kind}'
    UNION ALL
    SELECT label.key, listed.value, period.cluster_id, period.cluster_alias, label.namespace, label.node
    FROM {tenant}.reporting_ocpusagereportperiod AS period
    JOIN {tenant}.{label table} AS label ON label.report_period_id = period.id
    CROSS JOIN LATERAL unnest(label.values) AS listed (value)
    JOIN pair ON pair.key = label.key AND pair.value = listed.value
    WHERE period.provider_id <> $1
), cluster AS (
    SELECT key, value, array_agg(DISTINCT cluster_id ORDER BY cluster_id) AS ids,
        coalesce(array_agg(DISTINCT cluster_alias ORDER BY cluster_alias) FILTER (WHERE cluster_alias IS NOT NULL), '{}')
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
$template$, '{label table}', listed.label_table), '{kind}', listed.kind)
FROM (VALUES
    (66, 'reporting_ocpusagepodlabel_summary', 'Pod'),
    (67, 'reporting_ocpstoragevolumelabel_summary', 'Storage')
) AS listed (position, label_table, kind);
