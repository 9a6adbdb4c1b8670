#!/usr/bin/env python3
"""Run the queries of the documentation on a standby and compare with what the primary says.

usage: standby_reads.py PRIMARY STANDBY FILE.md...

PRIMARY, STANDBY: directories of the servers' sockets. checks/documentation.py has run the files on the primary, whose
databases it leaves; the standby has all of it. A block that only reads, that is one that succeeds in a read-only
transaction of the primary, has to print the same on the standby. Prints one line a block, and at least one block of
each file has to be such a one.
"""
import os
import re
import subprocess
import sys

from documentation import sql_blocks


def printed(socket, database, text):
    """What psql prints for a block, or None when a statement of it failed."""
    environment = dict(os.environ, PGHOST=socket, PGDATABASE=database, PGOPTIONS="-c default_transaction_read_only=on")
    done = subprocess.run(["psql", "-X", "-v", "ON_ERROR_STOP=1"], env=environment, input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


def main():
    primary, standby, files = sys.argv[1], sys.argv[2], sys.argv[3:]
    passed = failed = 0
    for path in files:
        with open(path, encoding="utf-8") as file:
            blocks = [block for block in sql_blocks(file.read().split("\n"))
                      if block.treatment is None and re.match(r"\s*(SELECT|WITH|TABLE)\b", block.text)]
        database = "docs_" + re.sub(r"\W", "_", os.path.basename(path)).lower()
        compared = 0
        for block in blocks:
            code, expected = printed(primary, database, block.text)
            if code != 0:
                continue
            compared += 1
            code, actual = printed(standby, database, block.text)
            if code == 0 and actual == expected:
                passed += 1
                print(f"ok      {path}:{block.line} on the standby")
            else:
                failed += 1
                print(f"FAILED  {path}:{block.line} on the standby\n{actual}")
        if compared == 0:
            failed += 1
            print(f"FAILED  {path} has no block that only reads")
    print(f"{passed} passed, {failed} failed")


if __name__ == "__main__":
    main()
