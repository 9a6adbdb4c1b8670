-- One row, when a price goes by the use of nodes.

CREATE TEMP TABLE koku_workload_price AS
SELECT true AS found
WHERE EXISTS (SELECT FROM koku_usage_price) OR EXISTS (SELECT FROM koku_node_price)
      OR EXISTS (SELECT FROM koku_node_tag_price);
