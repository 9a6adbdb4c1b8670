-- Fragments that several statements share.

UPDATE @extschema@.koku_summary_statement
SET statement = replace(replace(replace(replace(replace(replace(replace(statement,
        '{cost columns}', cost.columns),
        '{cost sums}', cost.expressions),
        '{daily line columns}', @extschema@.koku_internal_daily_line_columns()),
        '{special namespaces}',
        '''Worker unallocated'', ''Platform unallocated'', ''Network unattributed'', ''Storage unattributed'''),
        '{usage cost}', '{"cpu": 0.000000000, "memory": 0.000000000, "storage": 0.000000000}'),
        -- the largest number of 15 significant digits that the type of all measures, numeric(33,15), holds
        '{largest number}', '999999999999999000'),
        -- Bytes that the texts of an index entry may have together: a B-tree takes a third of a page, less headers.
        '{longest index entry}', (pg_catalog.current_setting('block_size')::integer / 3 - 130)::text)
FROM @extschema@.koku_internal_measures('{cost}') AS cost;
