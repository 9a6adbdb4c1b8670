    koku_internal.in_range(sum(line.volume_request_storage_gigabyte_months)) AS volume_request_storage_gigabyte_months,
    koku_internal.in_range(sum(line.persistentvolumeclaim_usage_gigabyte_months))
        AS persistentvolumeclaim_usage_gigabyte_months,
    koku_internal.in_range(sum(line.persistentvolumeclaim_capacity_gigabyte_months))
        AS persistentvolumeclaim_capacity_gigabyte_months,
