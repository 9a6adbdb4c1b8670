#!/usr/bin/env python3
"""Run golden scenarios through an installed koku_onprem and compare every table.

usage: run.py [--psql "psql -XqAt DBNAME"] [--dir DIR] [--tables PATTERN] [--max 3] [SCENARIO...]

The database needs CREATE EXTENSION koku_onprem and no earlier run of the same scenario. Each scenario gets a tenant of its
own (g_NAME), registers its source, enables and maps its tags, assigns its cost model where it has one, and ingests its
payloads in order, with CALL koku_run() after each, as a scheduled job would.
"""
import argparse
import json
import pathlib
import shlex
import sys

from compare import Comparison
from database import Database, literal
from scenario import scenarios_of


def array(texts):
    return f"array[{', '.join(map(literal, texts))}]"


def script_of(scenario):
    """The statements of a scenario, for psql."""
    facts = scenario.facts
    source, tenant = facts["source"], literal(scenario.tenant)
    lines = [
        # The days of the scenarios are over; nothing may be purged.
        "SET koku_onprem.retention_months = 0;",
        f"SELECT koku_create_tenant({tenant});",
        f"SELECT koku_create_source(cluster_id => {literal(source['cluster_id'])}, name => {literal(source['name'])},"
        f" tenant => {tenant}, source => {literal(source['uuid'])});",
        f"SELECT koku_enable_tags({array(facts['enabled_tags'])}, {tenant});",
    ]
    for parent, children in facts.get("tag_mappings", {}).items():
        lines.append(f"SELECT koku_map_tags({literal(parent)}, {array(children)}, {tenant});")
    if facts.get("cost_model"):
        model = literal(json.dumps(facts["cost_model"]))
        lines.append(f"SELECT koku_create_cost_model({model}::jsonb, {array([source['uuid']])}::uuid[], {tenant});")
    for payload in scenario.payloads:
        lines += [
            f"\\set content `base64 -w0 {shlex.quote(str(payload))}`",
            "SELECT * FROM koku_ingest_payload(decode(:'content', 'base64'));",
            "CALL koku_run();",
        ]
    return "\n".join(lines) + "\n"


def passes(scenario, database, options):
    print(f"== {scenario.name}: {scenario.note}")
    try:
        database.run(script_of(scenario))
    except RuntimeError as error:
        print(error)
        return False
    return Comparison(scenario, scenario.tenant, database, shown_rows=options.max).run(options.tables)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--psql", default="psql -XqAt", help="psql and its options")
    parser.add_argument("--dir", default=pathlib.Path(__file__).parent / "scenarios", help="directory of the scenarios")
    parser.add_argument("--tables", default="*", help="compare the tables whose names fit this pattern")
    parser.add_argument("--max", type=int, default=3, help="rows shown of those that differ in a table")
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO", help="default: all in the directory")
    options = parser.parse_args()

    database = Database(options.psql)
    scenarios = scenarios_of(options.dir, options.scenario)
    failed = [scenario.name for scenario in scenarios if not passes(scenario, database, options)]
    print(f"{len(scenarios) - len(failed)} passed, {len(failed)} failed" + "".join(f" {name}" for name in failed))
    sys.exit(1 if failed or not scenarios else 0)


if __name__ == "__main__":
    main()
