#!/usr/bin/env python3
"""Eight sessions over four sources: ingest, inbox, summaries, purges and deletions at once, in random order.

usage: soak.py --generator PROGRAM --directory DIR [--days N] [--seed N]

Each day of each source is delivered three times: with 8, 16 and 24 hours. Whatever the order, the tables must end with the
rows of 24 hours, as in a database that got nothing else; no session may see an error, and none a deadlock.
"""
import argparse
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from session import Session  # noqa: E402

SESSIONS = 8
SOURCES = [f"00000000-0000-0000-0000-00000000000{number}" for number in range(1, 5)]
CLUSTERS = ["soak-1", "soak-2", "soak-3", "soak-4"]
# The days lie in two months.
FIRST_DAY = "2026-10-29"


def make_payloads(generator, directory, days):
    """The files of each cluster, day and number of hours."""
    files = {}
    for number, cluster in enumerate(CLUSTERS + ["comes-and-goes"]):
        for day in range(days if cluster in CLUSTERS else 1):
            date = subprocess.run(["date", "-u", "-d", f"{FIRST_DAY} + {day} days", "+%F"], capture_output=True, text=True, check=True).stdout.strip()
            for hours in (8, 16, 24):
                path = os.path.join(directory, f"{cluster}-{day}-{hours}.tar.gz")
                subprocess.run([generator, "--output", path, "--cluster-id", cluster, "--date", date, "--hours", str(hours), "--seed", str(number + 1),
                                "--pods", "25", "--nodes", "3", "--namespaces", "5", "--volumes", "5", "--vms", "1", "--gpus", "1"],
                               stdout=subprocess.DEVNULL, check=True)
                files[cluster, day, hours] = path
    return files


def new_database(name):
    server = Session("postgres")
    server.value(f"CREATE DATABASE {name};")
    server.close()
    session = Session(name)
    session.value("CREATE EXTENSION koku_onprem;")
    with open(Path(__file__).with_name("state.sql"), encoding="utf-8") as script:
        session.value(script.read())
    for cluster, source in zip(CLUSTERS, SOURCES):
        session.value(f"SELECT koku_create_source('{cluster}', tenant => 'faults', source => '{source}');")
    session.value("SELECT koku_enable_tags(ARRAY['app', 'team'], 'faults');")
    return session


def tasks(files, numbers):
    """The statements of all sessions, in random order."""
    listed = []
    for (cluster, _, _), path in files.items():
        if cluster in CLUSTERS:
            listed.append(numbers.choice([f"SELECT count(*) FROM koku_ingest_file('{path}');",
                                          f"SELECT koku_submit_payload(pg_read_binary_file('{path}'));"]))
    others = ["CALL koku_run();"] * 6 + [f"SELECT count(*) FROM koku_summarize('{source}', 2026, {month});" for source in SOURCES for month in (10, 11)]
    others.append("SET koku_onprem.retention_months = 12; SELECT count(*) FROM koku_purge_expired('faults', '2026-11-15');")
    listed += [numbers.choice(others) for _ in range(len(listed) // 2)]
    numbers.shuffle(listed)
    return listed


def comes_and_goes(files, rounds):
    """A fifth source, registered, filled and deleted again and again."""
    for number in range(rounds):
        path = files["comes-and-goes", 0, (8, 16, 24)[number % 3]]
        yield "SELECT koku_create_source('comes-and-goes', tenant => 'faults') IS NOT NULL;"
        yield f"SELECT count(*) FROM koku_ingest_file('{path}');"
        yield "SELECT count(*) FROM koku_source, koku_delete_source(source) WHERE cluster_id = 'comes-and-goes';"


def work(database, statements, errors):
    session = Session(database)
    for statement in statements:
        outcome = session.run(statement)
        if outcome.sqlstate:
            errors.append(f"{statement}: {outcome.sqlstate} {outcome.message} {outcome.detail or ''}")
        # A table that is in use gets its next partition from the next call.
        errors += [f"{statement}: {warning}" for warning in outcome.warnings
                   if ("failed" in warning or "not taken" in warning) and not warning.endswith("canceling statement due to lock timeout")]
    session.close()


def run_all(database, shares, errors):
    threads = [threading.Thread(target=work, args=(database, share, errors)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def rows_of(session, source):
    """Without what depends on the way: manifests and files, and virtual machines, which have a row for each range summarized."""
    return [figure for figure in session.value(f"SELECT * FROM faults.state('{source}');").replace("|", " ").split(" ")
            if not figure.startswith(("manifests=", "files=", "reporting_ocp_vm_summary_p="))]


def problems_of(session, reference):
    found = []
    for cluster, source in zip(CLUSTERS, SOURCES):
        for figure, expected in zip(rows_of(session, source), rows_of(reference, source), strict=True):
            if figure != expected:
                found.append(f"{cluster}: {figure}, expected {expected}")
        for month in (10, 11):
            differences = session.value(f"SELECT count(*) FROM koku_check('{source}', 2026, {month});")
            if differences != "0":
                found.append(f"{cluster}: {differences} differences in month {month}")
    for expected, query in {
            "0": "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database();",
            "done": "SELECT coalesce(string_agg(DISTINCT concat_ws(' ', status, error_message), '; '), 'done') FROM koku_inbox;",
            "": "SELECT coalesce(string_agg(concat_ws(' ', source, month, last_error), '; '), '') FROM koku_summary_request;",
            "4": "SELECT count(*) FROM koku_source;"}.items():
        value = session.value(query)
        if value != expected:
            found.append(f"{query} gave {value}, expected {expected}")
    return found


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--generator", required=True)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    arguments = parser.parse_args()
    numbers = random.Random(arguments.seed)
    print(f"seed {arguments.seed}")
    files = make_payloads(arguments.generator, arguments.directory, arguments.days)

    reference = new_database("soak_reference")
    for (cluster, _, hours), path in files.items():
        if hours == 24 and cluster in CLUSTERS:
            reference.value(f"SELECT count(*) FROM koku_ingest_file('{path}');")
    reference.value("CALL koku_run();")

    session = new_database("soak")
    listed = tasks(files, numbers)
    shares = [listed[number::SESSIONS - 1] for number in range(SESSIONS - 1)]
    shares.append(list(comes_and_goes(files, arguments.days)))
    errors = []
    run_all("soak", shares, errors)
    # What was widened or submitted last.
    errors += [f"the last koku_run(): {warning}" for warning in session.run("CALL koku_run();").warnings]
    statements = sum(len(share) for share in shares)
    failed = 0
    for name, problems in (("no session saw an error", errors), ("no row lost or doubled, no deadlock, nothing left to do", problems_of(session, reference))):
        print(("FAILED  " if problems else "ok      ") + name)
        for problem in problems[:10]:
            print("        " + problem[:1000])
        failed += bool(problems)
    print(f"soak {SESSIONS} sessions, {len(CLUSTERS)} sources, {statements} statements, {len(listed) * 2 // 3} payloads, seed {arguments.seed}")
    print(f"{2 - failed} passed, {failed} failed")
    session.close()
    reference.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
