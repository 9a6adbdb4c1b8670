    infrastructure_data_in_gigabytes, infrastructure_data_out_gigabytes,
