-- One row: a kind of cost that the cost model distributes by use: of the platform, of idle workers (spec cost.md 6.1,
-- 6.2).

CREATE TEMP TABLE koku_distribution AS
SELECT 'platform_distributed' AS rate_type FROM koku_cost_model WHERE platform_cost
UNION ALL
SELECT 'worker_distributed' FROM koku_cost_model WHERE worker_cost;
