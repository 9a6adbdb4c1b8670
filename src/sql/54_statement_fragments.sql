-- Fragments that several statements share.

UPDATE @extschema@.koku_summary_statement
SET statement = replace(replace(replace(statement,
        '{cost columns}', measure.columns),
        '{cost sums}', measure.expressions),
        '{special namespaces}',
        '''Worker unallocated'', ''Platform unallocated'', ''Network unattributed'', ''Storage unattributed''')
FROM @extschema@.koku_internal_measures('{cost}') AS measure;
