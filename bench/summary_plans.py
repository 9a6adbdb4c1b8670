#!/usr/bin/env python3
"""List the joins of the plans that auto_explain wrote (format json, with ANALYZE), largest first.

usage: summary_plans.py LOG MOST_PAIRS

A hash join compares each row with those of equal hash only; the others compare what their filter throws away as well.
Exits 1 when a join compared more than MOST_PAIRS pairs of rows, or when the log has no join at all.
"""
import json
import re
import sys

JOINS = {"Hash Join", "Merge Join", "Nested Loop"}


def plans(log):
    """Each plan, and what the message says of the statement it is of."""
    decoder = json.JSONDecoder()
    for start in re.finditer(r"plan:\s*(?=\{)", log):
        plan, end = decoder.raw_decode(log, start.end())
        message = log[end:log.find("plan:", end)]
        context = re.search(r"summary statement \"([^\"]+)\"", message)
        yield plan, context[1] if context else " ".join(plan["Query Text"].split())[:60]


def nodes(node):
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)


def rows(node):
    return round(node["Actual Rows"] * node["Actual Loops"])


def joins(plan, statement):
    for node in nodes(plan["Plan"]):
        if node["Node Type"] not in JOINS or not node["Actual Loops"]:
            continue
        outer, inner = (child for child in node["Plans"] if child.get("Parent Relationship") in ("Outer", "Inner"))
        removed = round(node.get("Rows Removed by Join Filter", 0) * node["Actual Loops"])
        # A set-returning function on the inner side is no second input: it is called for each row.
        called = inner["Node Type"] in ("Function Scan", "Values Scan", "Result")
        pairs = rows(node) if called else rows(node) + removed
        yield {"kind": f"{node['Node Type']} ({node['Join Type']})", "outer": rows(outer), "inner": rows(inner),
               "out": rows(node), "pairs": pairs, "statement": statement}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        found = [join for plan, statement in plans(file.read()) for join in joins(plan, statement)]
    most_pairs = int(sys.argv[2])
    found.sort(key=lambda join: -max(join["pairs"], join["outer"], join["inner"]))
    print(f"{'join':<22} {'outer rows':>11} {'inner rows':>11} {'rows out':>11} {'compared':>11}  statement")
    for join in found:
        if max(join["outer"], join["inner"]) >= 1000:
            print(f"{join['kind']:<22} {join['outer']:>11} {join['inner']:>11} {join['out']:>11} {join['pairs']:>11}  {join['statement']}")
    worst = max((join["pairs"] for join in found), default=0)
    print(f"{len(found)} joins; the largest compared {worst} pairs of rows (at most {most_pairs}: "
          f"{'met' if found and worst <= most_pairs else 'MISSED'})")
    sys.exit(0 if found and worst <= most_pairs else 1)


main()
