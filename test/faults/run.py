#!/usr/bin/env python3
"""Let faults strike ingest, summary and purge at random moments.

usage: run.py --directory DIR --server COMMAND... (see test/kinds/faults.sh) [--rounds N] [--seed N] [CLASS...]

CLASS: kills, interruptions, memory, disk (default: all). --rounds: of kills; half as many of each other class.

After each fault the tables hold all of an operation or nothing, another source is as it was, the server is alive, no
temporary file is left, and the retry succeeds, to the same rows and summary as without a fault. Prints a line for each
fault, one of figures, and 'N passed, N failed'.
"""
import argparse
import collections
import os
import random
import shlex
import sys
import time
from pathlib import Path

from faults import Cancel, FullDisk, KilledBackend, KilledPostmaster, KilledServer, OutOfMemory, StatementTimeout, Terminate
from server import Server
from workload import Workload

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from session import BackendDied, Session  # noqa: E402

MOST_PROBLEMS = 20


class Rounds:
    def __init__(self, server, database, workload, random_numbers):
        self.server, self.database, self.workload, self.random = server, database, workload, random_numbers
        self.admin = Session(database)
        self.workload.set_up(self.admin)
        self.seconds = {}
        for operation in self.workload.operations():
            self.seconds[operation.name] = self.measure(operation)
        self.problems = []
        self.outcomes = collections.Counter()
        self.left = collections.Counter()

    def measure(self, operation):
        for step in operation.prepare:
            self.admin.value(step)
        started = time.monotonic()
        self.admin.value(operation.statement)
        taken = time.monotonic() - started
        self.workload.clean(self.admin)
        return taken

    def run(self, fault, rounds):
        """Rounds of one fault over all operations; returns how many had a problem."""
        failed = 0
        operations = self.workload.operations()
        self.outcomes.clear()
        self.left.clear()
        for number in range(rounds):
            operation = operations[number % len(operations)]
            problems = self.round(fault, operation)
            failed += bool(problems)
            self.problems += [f"{fault.name}, {operation.name}, round {number + 1}: {problem}" for problem in problems]
        return failed

    def round(self, fault, operation):
        for step in operation.prepare:
            self.admin.value(step)
        victim = Session(self.database)
        problems = []
        try:
            fault.prepare(victim, self.seconds[operation.name])
            victim.send(operation.statement)
            fault.strike(victim, self.seconds[operation.name])
            outcome = victim.receive()
            fault.end(victim)
            self.outcomes[outcome.sqlstate or "done"] += 1
            if outcome.sqlstate not in fault.outcomes:
                problems.append(f"{outcome.sqlstate} {outcome.message} {outcome.detail or ''}")
            if not fault.ends_session and not fault.is_alive(victim):
                problems.append("the backend is another one")
        except BackendDied as death:
            self.outcomes["session ended"] += 1
            if not fault.ends_session:
                problems.append(f"the session ended: {death}")
        victim.close()
        if fault.ends_all_sessions:
            self.server.wait_for_end_of(self.admin.backend)
        if fault.ends_session:
            self.server.wait_until_up()
            self.reconnect()
        if self.server.temporary_files():
            problems.append(f"temporary files: {self.server.temporary_files()[:3]}")
        found, left = self.workload.problems(self.admin, operation)
        self.left["nothing of it" if left == operation.allowed[0] else "all of it" if left == operation.allowed[-1] else "a part that stands by itself"] += 1
        self.workload.clean(self.admin)
        return problems + found

    def reconnect(self):
        try:
            if self.admin.is_alive():
                return
        except BackendDied:
            pass
        self.admin.close()
        self.admin = Session(self.database)


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def line(self, name, failed, note):
        self.passed, self.failed = self.passed + (not failed), self.failed + bool(failed)
        print(("FAILED  " if failed else "ok      ") + f"{name}: {note}", flush=True)


def show(counts):
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def strike(report, rounds_of, faults, rounds):
    total = 0
    for place, fault in enumerate(faults):
        share = rounds // len(faults) + (place < rounds % len(faults))
        if share == 0:
            continue
        failed = rounds_of.run(fault, share)
        total += share
        report.line(fault.name, failed, f"{share} rounds, {failed} with differences (outcomes: {show(rounds_of.outcomes)}; left: {show(rounds_of.left)})")
    for problem in rounds_of.problems[:MOST_PROBLEMS]:
        print("        " + problem[:1000])
    rounds_of.problems.clear()
    return total


def new_database(session, name, tablespace=""):
    session.value(f"CREATE DATABASE {name} {tablespace};")
    other = Session(name)
    other.value("CREATE EXTENSION koku_onprem;")
    with open(Path(__file__).with_name("state.sql"), encoding="utf-8") as script:
        other.value(script.read())
    other.close()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("classes", nargs="*", metavar="CLASS")
    arguments = parser.parse_args()
    classes = arguments.classes or ["kills", "interruptions", "memory", "disk"]
    numbers = random.Random(arguments.seed)
    print(f"seed {arguments.seed}")

    server = Server(arguments.directory, shlex.split(arguments.server))
    files = {name: os.path.join(arguments.directory, "files", name + ".tar.gz") for name in ("early", "late", "other")}
    report = Report()
    server.take_over()
    session = Session("postgres")
    new_database(session, "faults")
    rounds = Rounds(server, "faults", Workload(files), numbers)
    half = (arguments.rounds + 1) // 2
    total = 0
    if "interruptions" in classes:
        total += strike(report, rounds, [kind(server, numbers) for kind in (StatementTimeout, Cancel, Terminate)], half)
    if "memory" in classes:
        total += strike(report, rounds, [OutOfMemory(server, numbers)], half)
    if "disk" in classes:
        directory = os.path.join(arguments.directory, "full")
        if FullDisk.mount(directory, os.stat(server.data).st_uid):
            try:
                session.value(f"CREATE TABLESPACE full_disk LOCATION '{directory}';")
                new_database(session, "faults_disk", "TABLESPACE full_disk")
                on_disk = Rounds(server, "faults_disk", Workload(files), numbers)
                total += strike(report, on_disk, [FullDisk(server, numbers, directory)], half)
                on_disk.admin.close()
                session.value("DROP DATABASE faults_disk;")
                session.value("DROP TABLESPACE full_disk;")
            finally:
                FullDisk.unmount(directory)
        else:
            print("skipped disk full: no file system can be mounted here")
    # Last: the deaths of the server end all sessions.
    if "kills" in classes:
        session.close()
        total += strike(report, rounds, [kind(server, numbers) for kind in (KilledBackend, KilledPostmaster, KilledServer)], arguments.rounds)
    deaths = server.unexpected_deaths()
    report.line("the log of the server tells of no crash but ours", len(deaths), "; ".join(deaths[:3]) or "none")
    print(f"faults {total} rounds, seed {arguments.seed}")
    print(f"{report.passed} passed, {report.failed} failed")
    rounds.admin.close()
    server.stop()
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
