-- One row for a step with traffic: rows of the cost of a network. Without it the tables about networks stay empty.

CREATE TEMP TABLE koku_has_network AS
SELECT true AS found
WHERE EXISTS (SELECT FROM koku_daily_line WHERE data_source = 'Pod' AND namespace = 'Network unattributed');
