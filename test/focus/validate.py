#!/usr/bin/env python3
"""Has the public validator of FOCUS judge a file, and tells what failed that is not on the list of its own defects.

usage: validate.py PYTHON VERSION FILE.csv ALLOWED.txt

PYTHON is that of a virtual environment with focus-validator, VERSION that of FOCUS. What failed is read from the validator's
report (JUnit's XML), not from its exit code. ALLOWED.txt: 'VERSION RULE reason' a line.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree


# What a cluster on premises has, of what FOCUS 1.2 asks only of those that have it.
APPLICABLE = ",".join(f"{name}_SUPPORTED" for name in ("ACCOUNT_NAMING", "USAGE_MEASUREMENT", "SUB_ACCOUNT", "RESOURCE_TYPE_ASSIGNMENT",
                                                       "REGION", "TAGGING"))
# It writes XML with a module that Python has not had since 3.9.
MAIN = ("import sys, xml.etree.ElementTree; sys.modules['xml.etree.cElementTree'] = xml.etree.ElementTree; "
        "from focus_validator.main import main; main()")


def packages_of(python):
    """The folder of the packages of an environment: release 1.0.0 looks for a file of its own from there."""
    return glob.glob(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(python))), "lib", "python3*", "site-packages"))[0]


def run(python, version, file):
    with tempfile.TemporaryDirectory() as directory:
        report = os.path.join(directory, "report.xml")
        arguments = ["--data-file", os.path.abspath(file), "--validate-version", version, "--output-type", "unittest",
                     "--output-destination", report]
        if version != "1.0":
            arguments += ["--block-download", "--applicability-criteria", APPLICABLE]
        result = subprocess.run([os.path.abspath(python), "-c", MAIN, *arguments], cwd=packages_of(python), capture_output=True, text=True,
                                timeout=300)
        if not os.path.exists(report):
            sys.exit(f"the validator wrote no report: {(result.stdout + result.stderr)[-2000:]}")
        return ElementTree.parse(report).getroot()


def outcomes_of(report):
    """Rule -> what is wrong, None when it holds; rules that do not apply are left out."""
    outcomes = {}
    for case in report.iter("testcase"):
        name = case.get("name")
        if case.find("skipped") is not None:
            continue
        problem = case.find("failure")
        problem = case.find("error") if problem is None else problem
        text = None if problem is None else re.sub(r"\s+", " ", f"{problem.get('message') or ''} {problem.text or ''}").strip()[:200]
        outcomes[name] = outcomes.get(name) or text
    return outcomes


def main():
    python, version, file, allowed_file = sys.argv[1:]
    with open(allowed_file, encoding="utf-8") as lines:
        allowed = {line.split()[1] for line in lines if line.split()[:1] == [version]}
    outcomes = outcomes_of(run(python, version, file))
    failed = {rule: problem for rule, problem in outcomes.items() if problem is not None}
    unexpected = {rule: problem for rule, problem in failed.items() if rule.split(" ")[0].rstrip(":") not in allowed}
    print(f"FOCUS {version}: {len(outcomes) - len(failed)} rules hold, {len(failed)} do not, of which "
          f"{len(failed) - len(unexpected)} are known defects of the validator")
    for rule, problem in sorted(unexpected.items()):
        print(f"  {rule}: {problem}")
    if len(outcomes) < 50:
        sys.exit("the report has too few rules to mean anything")
    sys.exit(1 if unexpected else 0)


main()
