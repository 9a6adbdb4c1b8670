#!/usr/bin/env python3
"""Run the SQL of the documentation and compare what psql prints with what the documentation says.

usage: documentation.py FILE.md...

Environment: psql reaches a server with the extension (PGHOST and so on); KOKU_SAMPLE_PAYLOAD names a payload that the
server can read.

Each file gets a database of its own and one psql session, which stops at the first error:

    ```sql            is executed, exactly as psql would take it from a terminal (backslash commands too)
    ```text           right after it is what psql prints, errors and notices included
    ```               (a line that is only ... stands for any number of lines)

A comment on a line of its own before the ```sql changes how the block is treated:

    <!-- not compared: WHY -->    executed, but its output differs from run to run
    <!-- fails -->                ends in an error, which the ```text block shows; the session goes on
    <!-- not executed: WHY -->    needs something that is not here; listed in the output

The session's directory holds the sample payload as payload.tar.gz, so that `base64 -w0 payload.tar.gz` works, and the
variable :payload is the payload's path on the server. Retention is off: the sample's days are fixed.

Each block is one test. Prints one line a block and, when one fails, what was expected and what came instead.
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^( *)```(\w*)\s*$")
COMMENT = re.compile(r"^ *<!-- (not compared|not executed|fails)(?:: (.*\S))? -->\s*$")
COMPLETE = re.compile(r";$|\\[a-z]+")  # of a block's last line: a semicolon, or a command of psql
WITH_REASON = {"not compared", "not executed"}


class Block:
    """An SQL block: where it begins, its text, how it is treated, and the expected output (None: not given)."""

    def __init__(self, line, text, treatment, expected):
        self.line, self.text, self.treatment, self.expected = line, text, treatment, expected


def fenced_blocks(lines):
    """Yields (first line, language, text, line after the block) of each fenced block."""
    index = 0
    while index < len(lines):
        opening = FENCE.match(lines[index])
        if not opening:
            index += 1
            continue
        indent = len(opening.group(1))
        end = index + 1
        while end < len(lines) and lines[end].strip() != "```":
            end += 1
        if end == len(lines):
            raise ValueError(f"line {index + 1}: block without an end")
        yield index, opening.group(2), "\n".join(line[indent:] for line in lines[index + 1:end]), end + 1
        index = end + 1


def sql_blocks(lines):
    """The SQL blocks of a file, each with the output that stands below it."""
    fenced = list(fenced_blocks(lines))
    blocks = []
    for number, (first, language, text, after) in enumerate(fenced):
        if language != "sql":
            continue
        comment = COMMENT.match(lines[first - 1]) if first > 0 else None
        treatment = comment.group(1) if comment else None
        if treatment in WITH_REASON and not comment.group(2):
            raise ValueError(f"line {first}: '{treatment}' needs a reason: <!-- {treatment}: WHY -->")
        last_line = text.rstrip().rpartition("\n")[2]
        if not COMPLETE.search(last_line):
            raise ValueError(f"line {after - 1}: the block ends inside a statement")
        expected = None
        if number + 1 < len(fenced):
            next_first, next_language, next_text, _ = fenced[number + 1]
            if next_language == "text" and not any(line.strip() for line in lines[after:next_first]):
                expected = next_text
        blocks.append(Block(first + 1, text, treatment, expected))
    return blocks


def session_script(blocks):
    """One script for all blocks; a mark in the output ends each block that was reached."""
    script = []
    for number, block in enumerate(blocks):
        if block.treatment != "not executed":
            script.append("\\set ON_ERROR_STOP " + ("off" if block.treatment == "fails" else "on"))
            script.append(block.text)
        script.append(f"\\echo {mark(number)}")
    return "\n".join(script) + "\n"


def mark(number):
    return f"--- end of block {number} ---"


def run_session(database, blocks, payload):
    """What psql printed for each block; None for those it did not reach or did not finish."""
    with tempfile.TemporaryDirectory(prefix="koku-docs-") as directory:
        os.symlink(payload, os.path.join(directory, "payload.tar.gz"))
        environment = dict(os.environ, PGDATABASE=database, PGOPTIONS="-c koku_onprem.retention_months=0")
        done = subprocess.run(["psql", "-X", "-v", f"payload={payload}"], cwd=directory, env=environment,
                              input=session_script(blocks), text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
    rest = done.stdout
    outputs = []
    for number in range(len(blocks)):
        output, found, rest = rest.partition(mark(number) + "\n")
        outputs.append(output if found else None)
        if not found:
            print(output)
            break
    return outputs + [None] * (len(blocks) - len(outputs))


def trimmed(text):
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def matches(expected, actual):
    """Whether the lines are equal; '...' among the expected stands for any number of lines."""
    pattern = "".join(r"(?:.*\n)*" if line.strip() == "..." else re.escape(line) + r"\n" for line in expected)
    return re.fullmatch(pattern, "".join(line + "\n" for line in actual)) is not None


def judge(block, output):
    """None when the block did what the file says, else what went wrong."""
    if output is None:
        return "the session ended in this block or before it"
    if block.treatment == "fails" and not re.search(r"(?m)^ERROR: ", output):
        return "was to fail and did not:\n" + output
    if block.treatment == "not compared" or block.expected is None:
        return None
    expected, actual = trimmed(block.expected), trimmed(output)
    if matches(expected, actual):
        return None
    return "\n".join(difflib.unified_diff(expected, actual, "documented", "printed", lineterm=""))


def run_file(path, payload):
    """Runs one file; returns (passed, failed)."""
    with open(path, encoding="utf-8") as file:
        blocks = sql_blocks(file.read().split("\n"))
    if not blocks:
        return 0, 0
    database = "docs_" + re.sub(r"\W", "_", os.path.basename(path)).lower()
    for statement in (f"DROP DATABASE IF EXISTS {database}", f"CREATE DATABASE {database}"):
        subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement], check=True, stderr=subprocess.DEVNULL)
    passed = failed = 0
    for block, output in zip(blocks, run_session(database, blocks, payload)):
        where = f"{path}:{block.line}"
        if block.treatment == "not executed":
            print(f"left    {where} (not executed)")
            continue
        problem = judge(block, output)
        print(f"{'FAILED ' if problem else 'ok     '} {where}")
        if problem:
            print(problem)
            failed += 1
        else:
            passed += 1
    return passed, failed


def main():
    payload = os.environ["KOKU_SAMPLE_PAYLOAD"]
    passed = failed = 0
    for path in sys.argv[1:]:
        try:
            file_passed, file_failed = run_file(path, payload)
        except ValueError as error:
            print(f"FAILED  {path}: {error}")
            file_passed, file_failed = 0, 1
        passed += file_passed
        failed += file_failed
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
