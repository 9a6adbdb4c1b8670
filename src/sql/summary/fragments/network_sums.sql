    koku_internal.in_range(sum(traffic.data_in)) AS infrastructure_data_in_gigabytes,
    koku_internal.in_range(sum(traffic.data_out)) AS infrastructure_data_out_gigabytes,
