-- One row, when the cost of free GPUs is distributed (spec cost.md 6.4).

CREATE TEMP TABLE koku_gpu_distribution AS
SELECT true AS found FROM koku_cost_model WHERE gpu_unallocated;
