#!/usr/bin/env python3
"""Runs the integration tests: prints a line for each and ends with 'N passed, N failed'.

usage: run.py [NAME...]    modules, classes or tests (test_http.Tls); all when none is named

Environment: see parts.Database; KOKU_INTAKE the program, KOKU_BUILD_OF_INTAKE CMake's directory, KOKU_KAFKA_JARS a directory
with the broker (pom.xml). KOKU_TEST_LOG names a file that gets the logs of all programs.
"""
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from parts import Database  # noqa: E402


class Lines(unittest.TestResult):
    """One line a test, and what went wrong below it."""

    passed = 0

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def _name(self, test):
        return test.id() if hasattr(test, "id") else str(test)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
        print(f"ok      {self._name(test)} ({time.monotonic() - self.started:.1f} s)", flush=True)

    def _report(self, test, error):
        print(f"FAILED  {self._name(test)}", flush=True)
        print("        " + self._exc_info_to_string(error, test).replace("\n", "\n        "), flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"not run {self._name(test)}: {reason}", flush=True)

    def addError(self, test, error):
        super().addError(test, error)
        self._report(test, error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._report(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self._report(subtest, error)


def main():
    names = sys.argv[1:] or ["test_packaging", "test_http", "test_operator", "test_report", "test_faults", "test_servers",
                             "test_kafka"]
    result = Lines()
    try:
        unittest.TestLoader().loadTestsFromNames(names).run(result)
    finally:
        Database.end()
    failed = len(result.failures) + len(result.errors)  # setUpClass() and tearDownClass() can fail, too
    print(f"{result.passed} passed, {failed} failed")
    return 1 if failed or result.passed == 0 else 0


sys.exit(main())
