#!/usr/bin/env python3
"""Run clang-tidy over the C++ of the core, the server's part and koku-intake.

usage: tidy.py COMPILE_COMMANDS STATE [-j JOBS] [--checks=MORE] [WORD...]

COMPILE_COMMANDS is a build directory that CMake made with -DKOKU_EDITOR=ON. STATE is a directory that remembers what was
found to be clean: a room is looked at again when one of its files, a header of its tree or the checks have changed.
WORDs: only rooms whose path contains one of them.

The headers that a file includes take clang-tidy ten times as long as the file itself. So the files of a room (a directory)
are read as one. Where that does not compile, because two of them give one name to different things, which they may, it
is done in halves.
"""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parent.parent
TREES = ("src", "tools/intake/src")
# Boost.Asio has coroutines for GCC and for a newer clang; clang 14 can read them, too, when it is told so.
COROUTINES = ["-D__cpp_impl_coroutine=201902L", "-DBOOST_ASIO_HAS_CO_AWAIT", "-DBOOST_ASIO_HAS_STD_COROUTINE"]


def flags_of(command):
    """What of a compiler's command says how a file is to be read."""
    flags, words = [], iter(shlex.split(command))
    for word in words:
        if word in ("-isystem", "-include"):
            flags += [word, next(words)]
        elif word.startswith(("-I", "-D", "-std=")):
            flags.append(word)
    return flags


def rooms_of(commands, words):
    rooms = {}
    for entry in json.loads(commands.read_text(encoding="utf-8")):
        path = pathlib.Path(entry["file"])
        room = path.parent.relative_to(PROJECT)
        if not str(room).startswith(tuple(tree + "/" for tree in TREES)):
            continue
        if words and not any(word in str(room) for word in words):
            continue
        rooms.setdefault(room, {"files": [], "flags": flags_of(entry["command"])})["files"].append(path)
    return rooms


def digest_of(room, files, flags, checks, version):
    """Of all that the result for a room depends on."""
    digest = hashlib.sha256("\n".join([version, checks, *flags]).encode())
    tree = PROJECT / next(tree for tree in TREES if str(room).startswith(tree + "/"))
    for path in [PROJECT / ".clang-tidy", pathlib.Path(__file__), *sorted(files), *sorted(tree.rglob("*.hpp"))]:
        digest.update(f"\n{path.relative_to(PROJECT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def findings_of(files, flags, checks, directory):
    """What clang-tidy says about files that are read as one."""
    source = files[0]
    if len(files) > 1:
        with tempfile.NamedTemporaryFile("w", suffix=".cpp", dir=directory, delete=False) as together:
            together.writelines(f'#include "{path}"\n' for path in sorted(files))
            source = pathlib.Path(together.name)
        checks += ",-bugprone-suspicious-include"
    run = subprocess.run(
        ["clang-tidy", "--quiet", f"--config-file={PROJECT / '.clang-tidy'}", f"--checks={checks}", str(source), "--", *flags],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if len(files) > 1:
        source.unlink()
        if "[clang-diagnostic-error" in run.stdout:
            half = len(files) // 2
            return findings_of(files[:half], flags, checks, directory) + findings_of(files[half:], flags, checks, directory)
    if run.returncode == 0:
        return ""
    return re.sub(r"^(\d+ warnings? generated\.|Suppressed .*|Use -header-filter.*|\d+ warnings? treated as errors?)\n", "", run.stdout, flags=re.MULTILINE)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("commands", type=pathlib.Path)
    parser.add_argument("state", type=pathlib.Path)
    parser.add_argument("-j", type=int, default=1, dest="jobs")
    parser.add_argument("--checks", default="")
    parser.add_argument("words", nargs="*")
    arguments = parser.parse_intermixed_args()
    arguments.state.mkdir(parents=True, exist_ok=True)
    version = subprocess.run(["clang-tidy", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    old_clang = int(re.search(r"version (\d+)", version)[1]) < 16
    rooms = rooms_of(arguments.commands / "compile_commands.json", arguments.words)
    if not rooms:
        sys.exit("no room has such a name")

    def look_at(room):
        files, flags = sorted(rooms[room]["files"]), rooms[room]["flags"]
        if old_clang and str(room).startswith("tools/intake"):
            flags = [*flags, *COROUTINES]
        clean = arguments.state / digest_of(room, files, flags, arguments.checks, version)
        if clean.exists():
            return ""
        findings = findings_of(files, flags, arguments.checks, arguments.state)
        if not findings:
            clean.touch()
        return findings

    # The longest first, so that none of them is left for the end.
    order = sorted(rooms, key=lambda room: ("tools" not in str(room), -len(rooms[room]["files"])))
    failed = False
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for room, findings in zip(order, pool.map(look_at, order)):
            if findings:
                failed = True
                print(f"{room}:\n{findings}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
