-- sum(numeric) for groups of a row or two.

CREATE AGGREGATE koku_internal.small_sum(numeric) (
    SFUNC = pg_catalog.numeric_add,
    STYPE = numeric,
    COMBINEFUNC = pg_catalog.numeric_add,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE koku_internal.small_sum(numeric) IS
'As sum(numeric): the same value, NULL when no row has one. The state of sum() takes 300 bytes a group and longer to '
'make than the few additions of a small group.';
