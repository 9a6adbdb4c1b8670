-- What ingest returns.

CREATE TYPE @extschema@.koku_ingest_result AS (
    manifest uuid,
    file text,
    report_type text,
    day date,
    action text,
    rows_in bigint,
    rows_loaded bigint,
    rows_dropped bigint,
    message text
);
COMMENT ON TYPE @extschema@.koku_ingest_result IS
'What became of a report file''s rows of one day. action: loaded, replaced (an emptier day was there), appended '
'(other rows of the manifest or of other hours were there), superseded (a day with as many hours or more is there; '
'nothing changed), dropped (past the retention, or rows without '
'a usable day: day NULL); for a whole file, day NULL: waiting (named, not in this payload), already processed, empty, '
'unknown type. message: what was repaired or left out, on the first row of a file.';
