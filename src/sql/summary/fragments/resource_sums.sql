    koku_internal.distinct_texts(line.resource_id) AS resource_ids,
    -- of the same aggregate as above, which is computed once
    cardinality(array_remove(koku_internal.distinct_texts(line.resource_id), NULL)) AS resource_count,
    max(line.data_source) AS data_source,
