-- array_agg(DISTINCT text) for groups that are hashed.

CREATE FUNCTION koku_internal.distinct_texts_add(internal, text) RETURNS internal
LANGUAGE c IMMUTABLE
AS 'MODULE_PATHNAME', 'koku_internal_distinct_texts_add';
COMMENT ON FUNCTION koku_internal.distinct_texts_add(internal, text) IS
'Transition function of koku_internal.distinct_texts().';

CREATE FUNCTION koku_internal.distinct_texts_array(internal) RETURNS text[]
LANGUAGE c IMMUTABLE
AS 'MODULE_PATHNAME', 'koku_internal_distinct_texts_array';
COMMENT ON FUNCTION koku_internal.distinct_texts_array(internal) IS
'Final function of koku_internal.distinct_texts().';

CREATE AGGREGATE koku_internal.distinct_texts(text) (
    SFUNC = koku_internal.distinct_texts_add,
    STYPE = internal,
    SSPACE = 200,
    FINALFUNC = koku_internal.distinct_texts_array,
    FINALFUNC_MODIFY = READ_WRITE
);
COMMENT ON AGGREGATE koku_internal.distinct_texts(text) IS
'The distinct texts of a group in the order of their bytes, NULL, if there was one, at the end; NULL without rows. As '
'array_agg(DISTINCT), which cannot be hashed.';
