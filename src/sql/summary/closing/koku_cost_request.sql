-- The free time of GPUs is distributed when a month is over: what is left of a month that is, or a request for the end
-- of this one (spec cost.md 6.4).

SELECT koku_internal.finish_gpu_distribution($1, $2, $3);
