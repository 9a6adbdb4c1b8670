-- One row: a namespace that has a cost category. Of several patterns that match, the category created last counts, and
-- its usage is counted once (spec summary.md 3.2).

CREATE TEMP TABLE koku_namespace_category AS
SELECT found.namespace, max(pattern.cost_category_id) AS cost_category_id
-- Those of pods were just listed as projects, with those of other days.
FROM (SELECT listed.project AS namespace FROM {tenant}.reporting_ocp_projects AS listed
      JOIN {tenant}.reporting_ocp_clusters AS cluster ON cluster.uuid = listed.cluster_id
      WHERE cluster.provider_id = $1
      UNION
      SELECT namespace FROM {month}.openshift_storage_usage_line_items_daily
      WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
      UNION
      SELECT namespace FROM {month}.openshift_gpu_usage_line_items_daily
      WHERE source = $1::text AND usage_start BETWEEN $2 AND $3
      UNION ALL VALUES ('Platform unallocated'), ('Worker unallocated')) AS found
JOIN {tenant}.reporting_ocp_cost_category_namespace AS pattern ON found.namespace LIKE pattern.namespace
GROUP BY found.namespace;
