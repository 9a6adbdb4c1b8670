-- One row, when the cost model distributes the cost of the platform or of idle workers by use (spec cost.md 6.1, 6.2).

CREATE TEMP TABLE koku_distribution AS
SELECT true AS found FROM koku_cost_model WHERE platform_cost OR worker_cost;
