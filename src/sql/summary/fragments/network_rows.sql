FROM koku_daily_line AS line
-- Each direction is a row of its own.
CROSS JOIN LATERAL (VALUES ('in', line.infrastructure_data_in_gigabytes, 0),
    ('out', 0, line.infrastructure_data_out_gigabytes)) AS traffic (direction, data_in, data_out)
WHERE line.data_source = 'Pod' AND line.namespace = 'Network unattributed'
  AND traffic.data_in IS NOT NULL AND traffic.data_out IS NOT NULL
