    infrastructure_raw_cost, infrastructure_markup_cost, cost_model_cpu_cost, cost_model_memory_cost,
    cost_model_volume_cost, cost_model_gpu_cost, distributed_cost, cost_category_id, raw_currency,
