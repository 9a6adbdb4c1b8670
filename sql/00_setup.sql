-- What the other tests use: the extension, and functions that build payloads from readable parts.
SET client_min_messages = warning;
CREATE EXTENSION koku_onprem;
CREATE SCHEMA test;
-- The days of the tests are fixed: none is past the retention, and today is in the middle of a month, whatever the clock says.
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET koku_onprem.retention_months = 0', current_database()); END $$;
CREATE OR REPLACE FUNCTION koku_internal.today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT date '2026-11-18' $$;

-- CRC-32 as gzip wants it, bit by bit.
CREATE FUNCTION test.crc32(data bytea) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    crc bigint := 4294967295;
    steps bigint[];
    step bigint;
BEGIN
    FOR value IN 0..255 LOOP
        step := value;
        FOR bit IN 1..8 LOOP
            step := (step >> 1) # ((step & 1) * 3988292384);
        END LOOP;
        steps[value] := step;
    END LOOP;
    FOR place IN 0..length(data) - 1 LOOP
        crc := (crc >> 8) # steps[(crc # get_byte(data, place)) & 255];
    END LOOP;
    RETURN crc # 4294967295;
END;
$$;

-- The lowest bytes of a number, least first.
CREATE FUNCTION test.little_endian(number bigint, bytes integer) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
SELECT string_agg(set_byte('\x00', 0, ((number >> (8 * place)) & 255)::integer), '' ORDER BY place)
FROM generate_series(0, bytes - 1) place;
$$;

-- gzip without compression: blocks of bytes as they are.
CREATE FUNCTION test.gzip(data bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
SELECT '\x1f8b08000000000000ff'::bytea
    || string_agg(CASE WHEN start + 65535 >= length(data) THEN '\x01'::bytea ELSE '\x00' END
        || test.little_endian(length(block), 2) || test.little_endian(~length(block), 2) || block, '' ORDER BY start)
    || test.little_endian(test.crc32(data), 4) || test.little_endian(length(data), 4)
FROM (SELECT start, substring(data FROM start + 1 FOR 65535) AS block
      FROM generate_series(0, greatest(length(data) - 1, 0), 65535) start) blocks;
$$;

-- Octal digits, as tar headers have them.
CREATE FUNCTION test.to_oct(number integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT coalesce(nullif(ltrim(string_agg(((number >> (3 * place)) & 7)::text, '' ORDER BY place DESC), '0'), ''), '0')
FROM generate_series(0, 9) place;
$$;

-- A field of a tar header: text, filled up with zero bytes.
CREATE FUNCTION test.field(content text, width integer) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
SELECT convert_to(content, 'UTF8') || decode(repeat('00', width - length(convert_to(content, 'UTF8'))), 'hex');
$$;

-- A member of a tar archive. kind: 0 file, 1 hard link, 2 symbolic link, 3 device, 5 directory.
CREATE FUNCTION test.member(name text, content text DEFAULT '', kind text DEFAULT '0', link text DEFAULT '') RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    bytes bytea := convert_to(content, 'UTF8');
    header bytea := test.field(name, 100) || test.field('0000644', 8) || test.field('0000000', 8) || test.field('0000000', 8)
        || test.field(lpad(test.to_oct(length(bytes)), 11, '0'), 12) || test.field('00000000000', 12) || test.field('        ', 8)
        || test.field(kind, 1) || test.field(link, 100) || test.field('ustar', 6) || test.field('00', 249);
    checksum integer;
BEGIN
    SELECT sum(get_byte(header, place)) INTO checksum FROM generate_series(0, 511) place;
    header := overlay(header PLACING test.field(lpad(test.to_oct(checksum), 6, '0'), 7) FROM 149);
    RETURN header || bytes || decode(repeat('00', (512 - length(bytes) % 512) % 512), 'hex');
END;
$$;

CREATE FUNCTION test.payload(VARIADIC members bytea[]) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
SELECT test.gzip(string_agg(member, '' ORDER BY place) || decode(repeat('00', 1024), 'hex'))
FROM unnest(members) WITH ORDINALITY AS m (member, place);
$$;

-- A manifest of cluster test-cluster. number makes its uuid; hours its window on 2026-11-05, NULL for none.
CREATE FUNCTION test.manifest(number integer, files text[], hours integer DEFAULT 24, changes jsonb DEFAULT '{}') RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
SELECT test.member('manifest.json', (jsonb_strip_nulls(jsonb_build_object(
    'uuid', format('00000000-0000-4000-8000-%s', lpad(number::text, 12, '0')),
    'cluster_id', 'test-cluster',
    'date', '2026-11-06T00:30:00Z',
    'files', files,
    'version', '4.3.1',
    'daily_reports', true,
    'start', CASE WHEN hours IS NOT NULL THEN '2026-11-05T00:00:00Z' END,
    'end', to_char(timestamp '2026-11-05' + hours * interval '1 hour' - interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    )) || changes)::text);
$$;

-- A namespace label report: one row an hour for each name, labels team:<team>.
CREATE FUNCTION test.namespaces(names text[], hours integer, team text DEFAULT 'a', day date DEFAULT '2026-11-05') RETURNS text
LANGUAGE sql IMMUTABLE AS $$
SELECT E'report_period_start,report_period_end,interval_start,interval_end,namespace,namespace_labels\n'
    || coalesce(string_agg(format(E'2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,%s %s:00:00 +0000 UTC,%s %s:59:59 +0000 UTC,%s,label_team:%s\n',
        to_char(day, 'YYYY-MM-DD'), lpad(hour::text, 2, '0'), to_char(day, 'YYYY-MM-DD'), lpad(hour::text, 2, '0'), name, team), '' ORDER BY hour, name), '')
FROM unnest(names) name, generate_series(0, hours - 1) hour;
$$;

-- What a statement raises: SQLSTATE and the parts of the message.
CREATE FUNCTION test.error_of(statement text) RETURNS TABLE (sqlstate_ text, message text, detail text, hint text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    sqlstate_ := 'none';
    RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS sqlstate_ = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END;
$$;

-- koku_report() makes a page; what is read from it.
-- The value of one of the six numbers, in full precision.
CREATE FUNCTION test.tile(html text, title text) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
SELECT (regexp_match(html, '<dt>' || title || '</dt>.*?<data value="([^"]*)"'))[1]::numeric;
$$;
-- The text of the page between two places.
CREATE FUNCTION test.between(html text, first text, last text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT split_part(split_part(html, first, 2), last, 1);
$$;
-- Rows of a table of the page, cells in brackets.
CREATE FUNCTION test.rows_of(html text, caption text) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
SELECT regexp_replace(regexp_replace(regexp_replace(line, '<svg.*?</svg>', '', 'g'), '</t[hd]><t[hd][^>]*>', ' | ', 'g'), '<[^>]*>', '', 'g')
FROM regexp_split_to_table(test.between(test.between(html, '<caption class="hidden">' || caption || '</caption>', '</table>'), '<tbody>', '</tbody>'), E'\n') AS line
WHERE line <> '';
$$;

SELECT test.crc32('123456789') = x'cbf43926'::bigint AS crc_is_right;
