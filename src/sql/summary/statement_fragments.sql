-- Fragments that several statements share.

CREATE FUNCTION koku_internal.with_fragments(statement text) RETURNS text
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
SELECT replace(replace(replace(replace(replace(replace(replace(replace(statement,
    '{cost columns}', cost.columns),
    '{cost sums}', cost.expressions),
    '{daily line columns}', koku_internal.daily_line_columns()),
    '{special namespaces}',
    '''Worker unallocated'', ''Platform unallocated'', ''Network unattributed'', ''Storage unattributed'''),
    -- Year and month are those of the step. A subquery is computed once, a function of the row for each.
    '{date columns}', '(SELECT to_char($2::timestamp, ''FMYYYY'')) AS year, (SELECT to_char($2::timestamp, ''FMMM'')) AS month, '
        '(usage_start - date_trunc(''month'', $2::timestamp)::date + 1)::text AS day'),
    '{usage cost}', '{"cpu": 0.000000000, "memory": 0.000000000, "storage": 0.000000000}'),
    -- the largest number of 15 significant digits that the type of all measures, numeric(33,15), holds
    '{largest number}', '999999999999999000'),
    -- Bytes that the texts of an index entry may have together: a B-tree takes a third of a page, less headers.
    '{longest index entry}', (current_setting('block_size')::integer / 3 - 130)::text)
FROM koku_internal.measures('{cost}') AS cost;
$$;
COMMENT ON FUNCTION koku_internal.with_fragments(text) IS
'A statement of a summary, or a part of it, with the fragments that its {names} stand for; {tenant} and {month} stay.';

UPDATE @extschema@.koku_summary_statement
SET statement = koku_internal.with_fragments(statement),
    rows_query = koku_internal.with_fragments(rows_query);
