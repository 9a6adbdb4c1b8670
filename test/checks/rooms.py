#!/usr/bin/env python3
"""Check which room of src/ includes which: docs/architecture.md, "Layers".

usage: rooms.py      run from anywhere; reads src/ of the project it stands in

  1. Every C++ file lies in a room of ROOMS, and what it includes of the project exists.
  2. A room includes only itself and the rooms that ROOMS gives it.
  3. No circle: neither of rooms nor of units (NAME.hpp and NAME.cpp are one unit).

Prints a line a rule, what breaks it, and 'N passed, N failed'. Tests itself with planted includes.
"""
import os
import re
import sys
from collections import namedtuple

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

CORE = ("core/base", "core/payload", "core/report", "core/reading", "core/page")

# Room -> the rooms it may include. Ingest and summary do not know each other; the core knows no server.
ROOMS = {
    "core/base": (),
    "core/payload": ("core/base",),
    "core/report": ("core/base",),
    "core/reading": ("core/base", "core/payload", "core/report"),
    "core/page": ("core/base",),
    "server/backend": CORE,
    "server/storage": ("server/backend",) + CORE,
    "server/ingest": ("server/storage", "server/backend") + CORE,
    "server/summary": ("server/storage", "server/backend") + CORE,
    "server/page": ("server/backend",) + CORE,
}

RULES = {
    1: "every file lies in a room and includes what exists",
    2: "a room includes only the rooms it may know",
    3: "no circle of rooms or of files",
}

Finding = namedtuple("Finding", "rule file line text")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"((?:core|server)/[^"]+)"', re.MULTILINE)


def includes_of(text):
    """(line, file) of each file of the project that is included."""
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[1]


def circle_in(arrows):
    """A list of names that closes on itself, or None. arrows: name -> names."""
    done = set()

    def descend(name, path):
        if name in path:
            return path[path.index(name):] + [name]
        if name in done:
            return None
        for following in sorted(arrows.get(name, ())):
            circle = descend(following, path + [name])
            if circle:
                return circle
        done.add(name)
        return None

    for name in sorted(arrows):
        circle = descend(name, [])
        if circle:
            return circle
    return None


def findings_in(files, rooms=None):
    """files: name below src/ -> text."""
    rooms = ROOMS if rooms is None else rooms
    units = {}
    for name, text in sorted(files.items()):
        room = os.path.dirname(name)
        if room not in rooms:
            yield Finding(1, name, 1, f"{room}/ is not a room")
            continue
        unit = os.path.splitext(name)[0]
        for line, included in includes_of(text):
            if included not in files:
                yield Finding(1, name, line, f"{included} does not exist")
                continue
            included_room = os.path.dirname(included)
            if included_room != room and included_room not in rooms[room]:
                yield Finding(2, name, line, f"{room} includes {included}")
            included_unit = os.path.splitext(included)[0]
            if included_unit != unit:
                units.setdefault(unit, set()).add(included_unit)
    for arrows in (rooms, units):
        circle = circle_in(arrows)
        if circle:
            yield Finding(3, circle[0], 1, " -> ".join(circle))


def files_of_project():
    files = {}
    source = os.path.join(PROJECT, "src")
    for top in ("core", "server"):
        for folder, _, names in os.walk(os.path.join(source, top)):
            for name in names:
                if name.endswith((".cpp", ".hpp")):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as file:
                        files[os.path.relpath(path, source)] = file.read()
    return files


# Files that are added, the rule they break (None: none), and other rooms where it takes them.
PLANTED = [
    (2, {"core/base/planted.hpp": '#include "server/backend/postgres.hpp"'}),
    (2, {"core/base/planted.hpp": '#include "core/report/csv.hpp"'}),
    (2, {"core/payload/planted.cpp": '#include "core/report/csv.hpp"'}),
    (2, {"server/backend/planted.cpp": '#include "server/storage/leaf_writer.hpp"'}),
    (2, {"server/storage/planted.cpp": '  # include "server/ingest/ingest.hpp"'}),
    (2, {"server/ingest/planted.cpp": '#include "server/summary/summary_run.hpp"'}),
    (2, {"server/summary/planted.cpp": '#include "server/ingest/ingest.hpp"'}),
    (2, {"server/page/planted.cpp": '#include "server/storage/leaf_writer.hpp"'}),
    (1, {"server/ingest/planted.cpp": '#include "server/ingest/nowhere.hpp"'}),
    (1, {"server/planted.cpp": ""}),
    (1, {"server/ingest/deeper/planted.cpp": ""}),
    (3, {"core/base/planted.hpp": '#include "core/base/planted_too.hpp"',
         "core/base/planted_too.cpp": '#include "core/base/planted.hpp"', "core/base/planted_too.hpp": ""}),
    (None, {"server/page/planted.cpp": '#include "server/backend/sql.hpp"\n#include "core/base/utf8.hpp"'}),
    (None, {"core/base/planted.hpp": "", "core/base/planted.cpp": '#include "core/base/planted.hpp"'}),
    (None, {"core/base/planted.cpp": '// #include "server/backend/postgres.hpp"'}),
]


def self_test(files):
    """What is wrong with the checker itself: planted files that it does not find, or finds without need."""
    clean = set(findings_in(files))
    for rule, planted in PLANTED:
        rules = {finding.rule for finding in findings_in({**files, **planted}) if finding not in clean}
        if rules != ({rule} if rule else set()):
            yield f"planted files for rule {rule} give findings of rules {sorted(rules)}: {planted}"
    circular = {**ROOMS, "server/backend": CORE + ("server/page",)}
    if not any(finding.rule == 3 for finding in findings_in(files, circular)):
        yield "a circle of rooms is not found"


def main():
    files = files_of_project()
    findings = sorted(set(findings_in(files)))
    passed = failed = 0
    for rule, text in RULES.items():
        broken = [finding for finding in findings if finding.rule == rule]
        print(("FAILED  " if broken else "ok      ") + text)
        for finding in broken:
            print(f"        src/{finding.file}:{finding.line}: {finding.text}")
        passed, failed = (passed, failed + 1) if broken else (passed + 1, failed)
    problems = list(self_test(files))
    print(("FAILED  " if problems else "ok      ") + f"the check finds {len(PLANTED) + 1} planted arrows as it should")
    for problem in problems:
        print("        " + problem)
    passed, failed = (passed, failed + 1) if problems else (passed + 1, failed)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
