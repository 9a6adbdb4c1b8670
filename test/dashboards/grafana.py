#!/usr/bin/env python3
"""Checks a dashboard of Grafana: its JSON, and each of its queries against a database with data.

usage: grafana.py DASHBOARD.json SCHEMA.json TENANT     psql reaches the database as a role that only reads

Variables are filled in as Grafana's formats do it (sqlstring, doublequote), each with the values that its own query gives: for a
list of values all of them, and where there is one the special value for all. What a panel looks like is not tested.
Prints a line a test and ends with 'N passed, N failed'.
"""
import json
import re
import subprocess
import sys

import jsonschema

VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)|\[\[(\w+)\]\]")
counts = {"passed": 0, "failed": 0}


def check(name, problems):
    counts["failed" if problems else "passed"] += 1
    print(f"{'FAILED ' if problems else 'ok     '} {name}")
    for problem in problems:
        print(f"        {problem}")


def all_of(value, key):
    """Every member of this name, wherever it is."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == key:
                yield member
            yield from all_of(member, key)
    elif isinstance(value, list):
        for member in value:
            yield from all_of(member, key)


def structure_of(dashboard, schema):
    problems = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
                for error in jsonschema.Draft202012Validator(schema).iter_errors(dashboard)]
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(set(ids)) != len(ids):
        problems.append(f"ids of panels come twice: {ids}")
    cells = {}
    for panel in dashboard["panels"]:
        position = panel["gridPos"]
        if position["x"] + position["w"] > 24:
            problems.append(f"panel {panel['id']} ends beyond the 24 columns")
        for x in range(position["x"], position["x"] + position["w"]):
            for y in range(position["y"], position["y"] + position["h"]):
                if cells.setdefault((x, y), panel["id"]) != panel["id"]:
                    problems.append(f"panels {cells[x, y]} and {panel['id']} lie on each other")
                    break
    return sorted(set(problems))


def undeclared_in(dashboard):
    """Variables that a query uses and nothing declares before it, or without a format that quotes."""
    problems, declared = [], set()
    queries = [(f"variable {variable['name']}", variable["query"], variable["name"]) for variable in dashboard["templating"]["list"]]
    queries += [(f"panel {panel['title']}", target["rawSql"], None) for panel in dashboard["panels"] for target in panel["targets"]]
    for place, query, declares in queries:
        for braces, form, bare, brackets in VARIABLE.findall(query):
            name = braces or bare or brackets
            if name not in declared:
                problems.append(f"{place}: ${name} is not declared")
            if form not in ("sqlstring", "doublequote"):
                problems.append(f"{place}: ${name} is not quoted by a format")
        if declares:
            declared.add(declares)
    return problems


class AllValue(str):
    """The text that stands for all values; Grafana puts it in as it is."""


def filled(query, values):
    def value_of(match):
        name, form = match[1], match[2]
        given = values[name]
        if isinstance(given, AllValue):
            return str(given)
        if form == "sqlstring":
            return ",".join("'" + value.replace("'", "''") + "'" for value in given)
        return ",".join('"' + value.replace('"', '\\"') + '"' for value in given)
    return VARIABLE.sub(value_of, query)


def rows_of(query):
    """The rows of a query, as JSON objects; raises with the server's words."""
    result = subprocess.run(["psql", "-XAqt", "-v", "ON_ERROR_STOP=1"], input=f"SELECT row_to_json(r) FROM ({query}\n) AS r;",
                            capture_output=True, text=True)
    if result.returncode != 0:
        raise ValueError(result.stderr.strip())
    return [json.loads(line) for line in result.stdout.splitlines()]


def values_of(dashboard, tenant):
    """What the queries of the variables give, each with those before it filled in."""
    values = {}
    for variable in dashboard["templating"]["list"]:
        rows = rows_of(filled(variable["query"], values))
        found = [row.get("__value", next(iter(row.values()))) for row in rows]
        if variable["name"] == "tenant":
            found = [value for value in found if value == tenant]
        if not found:
            raise ValueError(f"the query of variable {variable['name']} gives no value")
        values[variable["name"]] = found if variable["multi"] else found[:1]
    return values


def run_panel(target, values):
    try:
        rows = rows_of(filled(target["rawSql"], values))
    except ValueError as error:
        return [str(error)]
    if not rows:
        return ["no rows"]
    return [] if any(value is not None for row in rows for value in row.values()) else ["nothing but NULL"]


def main():
    dashboard_file, schema_file, tenant = sys.argv[1:]
    with open(dashboard_file, encoding="utf-8") as file:
        dashboard = json.load(file)
    with open(schema_file, encoding="utf-8") as file:
        schema = json.load(file)
    check("the dashboard has the form that its schema demands; ids are unique, nothing overlaps", structure_of(dashboard, schema))
    check("every data source is named by its uid", [str(source) for source in all_of(dashboard, "datasource")
                                                     if source != {"type": "postgres", "uid": "koku"}])
    check("every variable is declared and quoted", undeclared_in(dashboard))
    # The checks find what they look for.
    broken = json.loads(json.dumps(dashboard))
    broken["panels"][1]["id"] = broken["panels"][0]["id"]
    broken["panels"][0]["datasource"] = "koku"
    broken["panels"][0]["targets"][0]["rawSql"] += " $elsewhere"
    check("a broken dashboard is found out", [] if len(structure_of(broken, schema)) >= 2 and len(undeclared_in(broken)) == 2 else
          structure_of(broken, schema) + undeclared_in(broken))

    values = values_of(dashboard, tenant)
    check("the variables have values", [name for name in ("tenant", "month", "cluster", "project") if not values.get(name)])
    everything = {**values, **{variable["name"]: AllValue(variable["allValue"]) for variable in dashboard["templating"]["list"]
                               if variable.get("allValue")}}
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            check(f"panel {panel['id']}, {panel['title']}: rows for all projects", run_panel(target, everything))
            check(f"panel {panel['id']}, {panel['title']}: rows for listed projects", run_panel(target, values))
    # A value is a value, whatever it holds.
    hostile = {**values, "project": ["'; DROP TABLE koku_tenant; --", "a'b"]}
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            if "${project" in target["rawSql"]:
                try:
                    rows_of(filled(target["rawSql"], hostile))
                except ValueError as error:
                    check(f"panel {panel['id']}: a hostile name of a project is a value", [str(error)])
    print(f"{counts['passed']} passed, {counts['failed']} failed")


main()
