-- Limits of the summary tables. No value that a report can hold makes a summary fail: numbers out of range are cut,
-- texts too long for an index are left out, and both are counted in a warning. Functions of numbers have no
-- search_path of their own, so that the planner can inline them; every name in them is qualified.

CREATE FUNCTION koku_internal.finite(value double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
-- Nearly every number takes the first branch.
SELECT CASE WHEN pg_catalog.abs($1) OPERATOR(pg_catalog.<=) '1e30'::pg_catalog.float8 THEN $1
            WHEN $1 OPERATOR(pg_catalog.=) 'NaN'::pg_catalog.float8 THEN NULL
            WHEN $1 OPERATOR(pg_catalog.>) '1e30'::pg_catalog.float8 THEN '1e30'::pg_catalog.float8
            WHEN $1 OPERATOR(pg_catalog.<) '-1e30'::pg_catalog.float8 THEN '-1e30'::pg_catalog.float8
            ELSE $1 END;
$$;
COMMENT ON FUNCTION koku_internal.finite(double precision) IS
'The value, cut at ±1e30 so that a sum cannot overflow; NULL for NaN.';

CREATE FUNCTION koku_internal.round_to_decimal(value double precision) RETURNS numeric
LANGUAGE c STRICT IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'koku_internal_round_to_decimal';
COMMENT ON FUNCTION koku_internal.round_to_decimal(double precision) IS
'The value with 15 significant digits, at most 15 of them after the point, cut at ±999999999999999000. A cast has the '
'same result and takes three times as long.';

CREATE FUNCTION koku_internal.to_numeric(value double precision) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CAST(koku_internal.round_to_decimal($1) AS pg_catalog.numeric(33,15));
$$;
COMMENT ON FUNCTION koku_internal.to_numeric(double precision) IS
'The value in the type of the summary tables, with 15 significant digits, cut at ±999999999999999000, the largest '
'number of 15 digits that fits.';

CREATE FUNCTION koku_internal.in_range(value numeric) RETURNS numeric
LANGUAGE c STRICT IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'koku_internal_in_range';
COMMENT ON FUNCTION koku_internal.in_range(numeric) IS
'The value, cut at ±999999999999999000, the largest number of 15 digits that fits. In C, since an expression of '
'several operations would not be inlined into a function of SQL, which then takes longer than all of them.';

CREATE FUNCTION koku_internal.warn(number bigint, message text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF number > 0 THEN
        RAISE WARNING '% %', number, message;
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.warn(bigint, text) IS
'Raises a warning that begins with the count, unless it is 0.';
