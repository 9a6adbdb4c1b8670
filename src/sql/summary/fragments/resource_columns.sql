    resource_ids, resource_count, data_source,
