    -- as resource_sums.sql, for many small groups: sorted, one after the other uses the same memory
    array_agg(DISTINCT line.resource_id) AS resource_ids,
    cardinality(array_remove(array_agg(DISTINCT line.resource_id), NULL)) AS resource_count,
    max(line.data_source) AS data_source,
