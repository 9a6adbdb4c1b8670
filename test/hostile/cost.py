#!/usr/bin/env python3
"""What a hostile payload costs at the worst, in processor time of the backend.

usage: cost.py DATABASE DIRECTORY NORMAL_PAYLOAD [NAME...]

DATABASE: of a superuser, with the extension, on a server of its own on this machine. DIRECTORY: where the server can read a
file. NORMAL_PAYLOAD: what an operator sends, of the cluster normal-cluster. NAME: only kinds whose names have it in them.

Each kind is a payload made to cost as much as possible for its size. It may cost at most 20 times as many seconds a
compressed megabyte as the normal payload, and none under 100 kB may cost over 2 seconds; cancelled at several moments, each
must end within half a second of its processor time. Prints a line a kind, one of figures, and 'N passed, N failed'.
"""
import os
import struct
import sys
import time
import zlib
from pathlib import Path

import payload as p

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from session import Session, write_file  # noqa: E402

MOST_TIMES_NORMAL = 20
MOST_SECONDS = 2.0
SMALL_BYTES = 100_000
# Interrupts are looked for every few milliseconds (test/unit/interrupts_test.cpp); the rest is a manifest, which is parsed as
# a whole, the compression of a value by the server, the end of the transaction, and the signal on its way.
MOST_SECONDS_TO_CANCEL = 0.5
MOMENTS = 10
# Below koku_onprem.max_compression_ratio, so that a payload is worked on to its end.
RATIO = 190
KINDS = {}


def kind(function):
    KINDS[function.__name__.replace("_", " ")] = function
    return function


def acl(entries, entry="u:a:r"):
    return ",".join([entry] * entries)


def members(count, records):
    return [p.pax(records) + p.member(f"m{number}") for number in range(count)]


def payload(*members, **changes):
    """A payload that the bound on the compression ratio lets through: with noise in front where it needs some."""
    content = p.payload(*members, **changes)
    unpacked = len(zlib.decompress(content, 31))
    lacking = unpacked // RATIO - len(content)
    return p.payload(p.member("noise", p.noise(lacking)), *members, **changes) if lacking > 0 else content


def reports(kind_name, rows, cluster, **changes):
    return payload(p.member("a.csv", p.header(kind_name) + rows), cluster=cluster, **changes)


# --- tar headers ----------------------------------------------------------------------------------------------------------
@kind
def access_control_list_of_60000_entries(cluster):
    return payload(*members(1, {"SCHILY.acl.access": acl(60_000)}), cluster=cluster, files=[])


@kind
def default_control_list_of_20000_entries(cluster):
    return payload(*members(1, {"SCHILY.acl.default": acl(20_000)}), cluster=cluster, files=[])


@kind
def control_lists_below_the_bound(cluster):
    return payload(*members(150, {"SCHILY.acl.access": acl(10_000)}), cluster=cluster, files=[])


@kind
def nfs_control_lists_below_the_bound(cluster):
    return payload(*members(150, {"SCHILY.acl.ace": acl(1_600, "user:a:r-------------:-------:allow")}), cluster=cluster, files=[])


@kind
def repeated_control_lists(cluster):
    record = p.pax({"SCHILY.acl.access": acl(100)})
    lines = record[512:512 + int(record[124:135], 8)]
    return payload(*[p.member("pax", lines * 90, "x") + p.member(f"m{number}") for number in range(150)], cluster=cluster, files=[])


@kind
def long_names(cluster):
    return payload(*[p.member("././@LongLink", "n" * 60_000, "L") + p.member("x") for _ in range(150)], cluster=cluster, files=[])


@kind
def maps_of_sparse_files(cluster):
    records = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.map": ",".join(["0,0"] * 15_000)}
    return payload(*members(150, records), cluster=cluster, files=[])


@kind
def ten_thousand_members(cluster):
    return payload(*[p.member(f"{number}") for number in range(9_999)], cluster=cluster, files=[])


# --- gzip -----------------------------------------------------------------------------------------------------------------
@kind
def gzip_members_of_nothing(cluster):
    out = zlib.compressobj(9, zlib.DEFLATED, -15)
    nothing = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + out.flush() + struct.pack("<II", 0, 0)
    return payload(cluster=cluster, files=[]) + nothing * 4_000


@kind
def zeros_as_the_ratio_allows(cluster):
    return payload(p.member("a.csv", bytes(20 << 20)), cluster=cluster)


# --- manifest -------------------------------------------------------------------------------------------------------------
@kind
def manifest_of_9_megabytes(cluster):
    return payload(cluster=cluster, files=[], cr_status={"x": [{"a": [0]}] * 700_000})


@kind
def manifest_of_many_files(cluster):
    return payload(cluster=cluster, files=[f"{number}" for number in range(9_999)])


# --- rows -----------------------------------------------------------------------------------------------------------------
@kind
def labels_of_4_megabytes(cluster):
    field = "|".join(f"label_{number:x}:" for number in range(300_000))
    return reports("namespace", "".join(p.row("namespace", hour, namespace_labels=field + "|" + str(hour)) for hour in range(4)), cluster)


@kind
def labels_of_one_letter(cluster):
    field = "a:|b:|" * 690_000
    return reports("namespace", "".join(p.row("namespace", hour, namespace_labels=field + str(hour)) for hour in range(2)), cluster)


@kind
def labels_of_nothing_but_the_prefix(cluster):
    field = "label_" * 600_000 + "a:b"
    return reports("namespace", "".join(p.row("namespace", hour, namespace_labels=field + str(hour)) for hour in range(2)), cluster)


@kind
def texts_that_look_like_an_injection(cluster):
    field = "';DROP TABLE x;--<script>" * 150_000
    return reports("namespace", "".join(p.row("namespace", hour, namespace=field + str(hour)) for hour in range(2)), cluster)


@kind
def numbers_of_a_million_digits(cluster):
    return reports("pod", "".join(p.row("pod", hour, pod_usage_cpu_core_seconds="1" * 1_000_000 + str(hour),
                                        node_capacity_cpu_cores="0." + "3" * 1_000_000) for hour in range(4)), cluster)


@kind
def quotes_of_4_megabytes(cluster):
    return reports("namespace", "".join(p.row("namespace", hour, namespace='"' * 2_000_000) for hour in range(2)), cluster)


@kind
def rows_without_a_field(cluster):
    return reports("namespace", ",\n" * 2_000_000, cluster)


@kind
def rows_with_too_many_fields(cluster):
    return reports("namespace", ("," * 4_000 + "\n") * 2_000, cluster)


@kind
def invalid_characters(cluster):
    return payload(p.member("a.csv", p.header("namespace").encode() + (b"\xff" * 1000 + b"\n") * 4_000), cluster=cluster)


@kind
def many_names(cluster):
    rows = "".join(p.row("namespace", number % 24, namespace=f"n{number}", namespace_labels=f"label_a:{number}") for number in range(12_000))
    return reports("namespace", rows, cluster)


@kind
def many_nodes_and_intervals(cluster):
    rows = "".join(p.row("pod", number % 24, node=f"n{number // 24}", pod=f"p{number}") for number in range(12_000))
    return reports("pod", rows, cluster)


@kind
def many_label_keys(cluster):
    rows = "".join(p.row("namespace", row % 24, namespace=f"n{row}", namespace_labels="|".join(f"label_{row}_{key}:v" for key in range(100)))
                   for row in range(490))
    return reports("namespace", rows, cluster)


@kind
def many_files_without_a_window(cluster):
    files = [f"{number}.csv" for number in range(400)]
    return payload(*[p.member(name, p.report("namespace", *[p.row("namespace", hour, namespace=name) for hour in range(24)])) for name in files],
                     cluster=cluster, files=files, start=..., end=...)


@kind
def months_to_come(cluster):
    rows = "".join(p.row("namespace", 0, f"{2040 + number // 12}-{number % 12 + 1:02}-01") for number in range(24))
    return reports("namespace", rows, cluster, start=..., end=...)


def processor_seconds(session):
    with open(f"/proc/{session.backend}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def cost_of(session, path):
    """Seconds of the backend for one delivery, and what came of it."""
    begin = processor_seconds(session)
    outcome = session.run(f"SELECT count(*), sum(rows_loaded) FROM koku_ingest_payload(pg_read_binary_file('{path}'));")
    return processor_seconds(session) - begin, outcome.sqlstate or "taken"


def time_to_cancel(session, other, path, seconds, purge):
    """The most processor time that passes between a cancel, at moments all over a delivery that takes so long, and its end.
    The statement purge takes away what a delivery brought."""
    most = 0.0
    session.value(purge)
    for moment in range(MOMENTS):
        begin = processor_seconds(session)
        at = begin + seconds * (moment + 0.5) / MOMENTS
        session.send(f"SELECT count(*) FROM koku_ingest_payload(pg_read_binary_file('{path}'));")
        while (now := processor_seconds(session)) < at and not session.has_answered():
            time.sleep(0.0005)
        other.value(f"SELECT pg_cancel_backend({session.backend});")
        outcome = session.receive()
        if outcome.sqlstate == "57014":
            most = max(most, processor_seconds(session) - now)
        elif outcome.sqlstate is None:
            # It was quicker this time; what is in the database would not be read again.
            session.value(purge)
    return most


def main():
    database, directory, normal = sys.argv[1:4]
    wanted = sys.argv[4:]
    session = Session(database)
    other = Session(database)
    session.value("SET koku_onprem.retention_months = 0;")
    session.value("SELECT koku_create_source('normal-cluster', tenant => 'cost');")
    megabytes = os.path.getsize(normal) / 1e6
    seconds, outcome = cost_of(session, normal)
    if outcome != "taken":
        sys.exit(f"the normal payload was not taken: {outcome}")
    normal_rate = seconds / megabytes
    print(f"normal payload: {megabytes * 1000:.0f} kB, {seconds:.2f} s, {normal_rate:.2f} s a megabyte")
    passed = failed = 0
    worst = worst_small = worst_late = 0.0
    for number, (name, make) in enumerate(KINDS.items()):
        if wanted and not any(part in name for part in wanted):
            continue
        cluster = f"cost-{number}"
        session.value(f"SELECT koku_create_source('{cluster}', tenant => 'cost');")
        content = make(cluster)
        path = write_file(directory, content)
        problems = []
        late = 0.0
        seconds, outcome = cost_of(session, path)
        size = len(content)
        # A clock tick, and what a call costs whatever it does, are no rate.
        rate = max(seconds - 0.05, 0) / (size / 1e6)
        if outcome not in ("taken", "22P02", "22P04", "22008", "54000"):
            problems.append(f"ended in {outcome}")
        if seconds > 0.5 and rate > MOST_TIMES_NORMAL * normal_rate:
            problems.append(f"costs {rate / normal_rate:.0f} times a normal payload's megabyte")
        if size < SMALL_BYTES and seconds > MOST_SECONDS:
            problems.append(f"costs {seconds:.1f} s for {size} bytes")
        if seconds > 0.02:
            purge = f"SELECT count(*) FROM koku_purge_source((SELECT source FROM koku_source WHERE cluster_id = '{cluster}'), true);"
            late = time_to_cancel(session, other, path, seconds, purge)
            worst_late = max(worst_late, late)
            if late > MOST_SECONDS_TO_CANCEL:
                problems.append(f"was cancelled {late:.3f} s late")
        if seconds > 0.5:
            worst = max(worst, rate / normal_rate)
        if size < SMALL_BYTES:
            worst_small = max(worst_small, seconds)
        passed, failed = (passed, failed + 1) if problems else (passed + 1, failed)
        print(f"{'FAILED ' if problems else 'ok     '} {name}: {size / 1000:.1f} kB, {seconds:.2f} s, "
              f"{rate / normal_rate:.1f} times normal, {outcome}" + (f", cancelled after {late * 1000:.0f} ms" if late else ""))
        for problem in problems:
            print("        " + problem)
        sys.stdout.flush()
    print(f"cost of hostile payloads: worst {worst:.1f} times a normal megabyte, {worst_small:.2f} s under 100 kB, "
          f"cancelled after at most {worst_late * 1000:.0f} ms")
    print(f"{passed} passed, {failed} failed")
    session.close()
    other.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
