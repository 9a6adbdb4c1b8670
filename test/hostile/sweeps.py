"""One payload in thousands of variants: cut at every byte, with every bit flipped, with every byte of the tar changed."""
import collections
import zlib

import payload as p

# Tries a payload and takes everything back. Other errors than the ones a payload may have are a defect.
ATTEMPT = """
CREATE SCHEMA IF NOT EXISTS sweep;
CREATE OR REPLACE FUNCTION sweep.attempt(payload bytea) RETURNS text LANGUAGE plpgsql SET client_min_messages = error AS $$
DECLARE
    loaded bigint;
BEGIN
    SELECT sum(rows_loaded) INTO loaded FROM koku_ingest_payload(payload, 'hostile');
    RAISE EXCEPTION 'taken: %', loaded USING ERRCODE = 'ZZ000';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END;
$$;
"""
# invalid archive or manifest, report, limit, past the retention, unknown cluster, taken
ALLOWED = {"22P02", "22P04", "54000", "22008", "42704", "ZZ000"}


def small_payload():
    return p.payload(p.member("a.csv", p.report("namespace", p.row("namespace", namespace_labels="label_a:1|label_b:2"))))


def attempts(session, path, query):
    """The outcomes of a query over `base`, the bytes of the file: position and outcome."""
    rows = session.value(f"WITH base AS MATERIALIZED (SELECT pg_read_binary_file('{path}') AS bytes) {query}").split("\n")
    return [row.split("|", 1) for row in rows]


def truncated(session, write):
    content = small_payload()
    path = write(content)
    problems = []
    outcomes = attempts(session, path, "SELECT n, sweep.attempt(substring(bytes FOR n)) FROM base, generate_series(0, length(bytes) - 1) AS n;")
    for length, outcome in outcomes:
        expected = ("22P02 payload is empty" if length == "0" else "22P02 payload is not gzip-compressed" if int(length) < 3
                    else "22P02 payload is truncated")
        if outcome != expected:
            problems.append(f"{length} bytes: expected {expected}, got {outcome}")
    if len(outcomes) != len(content):
        problems.append(f"{len(outcomes)} outcomes of {len(content)}")
    return len(outcomes), problems, ""


def summed_up(outcomes):
    counts = collections.Counter(outcome[:5] for outcome in outcomes)
    return ", ".join(f"{'taken' if state == 'ZZ000' else state} {count}" for state, count in sorted(counts.items()))


def flipped_bits(session, write):
    path = write(small_payload())
    outcomes = attempts(session, path, """
        SELECT 8 * n + bit, sweep.attempt(set_byte(bytes, n, get_byte(bytes, n) # (1 << bit)))
        FROM base, generate_series(0, length(bytes) - 1) AS n, generate_series(0, 7) AS bit;""")
    # What gzip does not check (the time, the system of its header) changes nothing; everything else is noticed.
    problems = [f"bit {place}: {outcome}" for place, outcome in outcomes if outcome[:5] != "22P02" and outcome != "ZZ000 taken: 1"]
    return len(outcomes), problems, summed_up(outcome for _, outcome in outcomes)


def changed_bytes(session, write, thorough):
    """The tar with each byte changed to another (thorough: to five), compressed again, so that only our own code notices."""
    content = zlib.decompress(small_payload(), 31)
    variants = []
    for place, byte in enumerate(content):
        others = (byte ^ 0x01, ord('"'), 0xFF, ord(","), 0x00)
        for other in others if thorough else (others[place % len(others)],):
            if other != byte:
                variants.append(p.compressed(content[:place] + bytes([other]) + content[place + 1:], 1).hex())
    path = write("\n".join(variants).encode())
    rows = session.value(f"SELECT sweep.attempt(decode(variant, 'hex')) FROM regexp_split_to_table(pg_read_file('{path}'), '\n') AS variant;").split("\n")
    problems = [f"variant {number}: {outcome}" for number, outcome in enumerate(rows) if outcome[:5] not in ALLOWED]
    if len(rows) != len(variants):
        problems.append(f"{len(rows)} outcomes of {len(variants)}")
    return len(rows), problems, summed_up(rows)


def changed_rows():
    """A report with a row for each change of one byte of a row, for the summary to cope with."""
    row = p.row("pod", pod="pod", namespace="ns", pod_labels="label_k:v|label_a:b").encode().rstrip(b"\n")
    rows = [row[:place] + bytes([other]) + row[place + 1:] for place in range(len(row)) for other in (0x00, 0xFF, 0x41, row[place] ^ 0x10, 0x2C)]
    # A quote that opens a field would swallow the rows behind it.
    return p.header("pod").encode() + b"\n".join(row for row in rows if b'"' not in row) + b"\n"


def sweeps(thorough):
    return [("cut at every byte", truncated), ("every bit flipped", flipped_bits),
            ("every byte of the tar changed", lambda session, write: changed_bytes(session, write, thorough))]
