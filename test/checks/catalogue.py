#!/usr/bin/env python3
"""Compare the tables of a tenant with the specification of the reporting schema.

usage: catalogue.py SPEC_DIR SCHEMA [--psql "psql -XqAt DBNAME"]

SPEC_DIR holds columns.csv and keys.csv. Table by table: columns in their order with type, nullability and default,
partitioning with a default partition, primary key, unique keys and foreign keys. Stated differences: defaults that need
another extension (uuid_generate_v4) are gen_random_uuid(), and foreign keys to tables outside of the schema are left out.
Indexes beyond the keys are ours to choose, and so are tables of ours: koku_NAME. The tables of cost models are
specified elsewhere (docs/spec/cost.md 1.1) and left to their regression test. Prints a line a table and exits 1 when any differs.
"""
import argparse
import collections
import csv
import json
import pathlib
import re
import shlex
import subprocess
import sys

OUTSIDE = {"api_provider"}
OF_COST_MODELS = {"cost_model", "cost_model_audit", "cost_model_map", "cost_model_rate", "price_list", "price_list_cost_model_map"}

ACTUAL = """
SELECT json_build_object(
    'table', class.relname,
    'partition_by', coalesce(pg_get_partkeydef(class.oid), ''),
    'default_partition', (SELECT partdefid <> 0 FROM pg_partitioned_table WHERE partrelid = class.oid),
    'columns', (
        SELECT json_agg(json_build_array(
            attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' ELSE '' END,
            CASE WHEN attidentity <> '' THEN 'identity' ELSE coalesce(pg_get_expr(adbin, adrelid), '') END) ORDER BY attnum)
        FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = class.oid AND attnum > 0 AND NOT attisdropped),
    'keys', (
        SELECT coalesce(json_agg(json_build_array(contype, pg_get_constraintdef(oid))), '[]')
        FROM pg_constraint WHERE conrelid = class.oid))
FROM pg_class AS class
WHERE class.relnamespace = to_regnamespace(quote_ident(%(schema)s)) AND class.relkind IN ('r', 'p') AND NOT class.relispartition
ORDER BY class.relname;
"""


def actual_tables(psql, schema):
    literal = "'" + schema.replace("'", "''") + "'"
    result = subprocess.run(psql + ["-v", "ON_ERROR_STOP=1", "-f", "-"], input=ACTUAL % {"schema": literal}, text=True,
                            capture_output=True)
    if result.returncode:
        sys.exit(result.stderr)
    tables = [json.loads(line) for line in result.stdout.splitlines()]
    return {table["table"]: table for table in tables}


def constraints(table, kind):
    """Definitions of the keys of a kind, as keys.csv writes them."""
    prefix = {"p": "PRIMARY KEY ", "u": "UNIQUE ", "f": "FOREIGN KEY "}[kind]
    definitions = {text.removeprefix(prefix) for found, text in table["keys"] if found == kind}
    return {re.sub(r"REFERENCES [^ ]*\.", "REFERENCES ", text) for text in definitions}


def expected_tables(spec):
    columns = collections.defaultdict(list)
    with open(spec / "columns.csv", newline="") as file:
        for row in csv.DictReader(file):
            default = row["default"].replace("uuid_generate_v4()", "gen_random_uuid()")
            columns[row["table"]].append([row["column"], row["type"], row["nullability"], default])
    with open(spec / "keys.csv", newline="") as file:
        keys = {row["table"]: row for row in csv.DictReader(file)}
    return columns, keys


def split(text):
    return {part.strip() for part in text.split(";") if part.strip()}


def differences(expected_columns, key, table):
    if table is None:
        return ["is missing"]
    found = []
    if expected_columns != table["columns"]:
        wanted = [tuple(column) for column in expected_columns]
        have = [tuple(column) for column in table["columns"]]
        found += [f"lacks column {column}" for column in wanted if column not in have]
        found += [f"has column {column}" for column in have if column not in wanted]
        if set(wanted) == set(have):
            found.append("has its columns in another order")
    if key["partition_by"] != table["partition_by"]:
        found.append(f"is partitioned by '{table['partition_by']}'")
    if key["partition_by"] and not table["default_partition"]:
        found.append("has no default partition")
    foreign = {text for text in split(key["foreign_keys"]) if re.search(r"REFERENCES (\w+)", text)[1] not in OUTSIDE}
    for kind, wanted in (("p", split(key["primary_key"])), ("u", split(key["unique_keys"])), ("f", foreign)):
        have = constraints(table, kind)
        found += [f"lacks key {text}" for text in sorted(wanted - have)]
        found += [f"has key {text}" for text in sorted(have - wanted)]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spec", type=pathlib.Path)
    parser.add_argument("schema")
    parser.add_argument("--psql", default="psql -XqAt", type=shlex.split)
    arguments = parser.parse_args()

    columns, keys = expected_tables(arguments.spec)
    actual = actual_tables(arguments.psql, arguments.schema)
    failed = 0
    for name in sorted(columns):
        found = differences(columns[name], keys[name], actual.pop(name, None))
        failed += bool(found)
        print(f"{'FAILED ' if found else 'ok     '} {name}")
        for difference in found:
            print(f"        {difference}")
    surplus = sorted(name for name in actual if not name.startswith("koku_") and name not in OF_COST_MODELS)
    for name in surplus:
        failed += 1
        print(f"FAILED  {name}\n        is not in the specification")
    print(f"{len(columns) + len(surplus) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
