#!/usr/bin/env python3
"""Compare the tables of a tenant with the expected rows of a scenario.

usage: compare.py SCENARIO_DIR --schema SCHEMA [--psql "psql -XqAt DBNAME"] [--tables PATTERN] [--max 3] [--partial]

Surrogate keys and times of writing are not among the expected rows. Prints a line a table; exits 1 when any differs.
"""
import argparse
import collections
import fnmatch
import sys

from comparison import differences, kind_of, merged_by_key, value, values, without_duplicates
from database import NULL, Database, quoted
from scenario import Scenario

# NULL in the expected rows, the owner of the row here.
IGNORED_COLUMNS = {"manifestid"}
# Koku adds a copy of some rows of these on every run.
COMPARED_AS_SETS = {"reporting_ocp_nodes", "reporting_ocpstoragevolumelabel_summary"}
# A scenario that expects no rows of these is checked to have none.
EMPTY_UNLESS_EXPECTED = [
    "openshift_gpu_usage_line_items", "openshift_gpu_usage_line_items_daily", "reporting_ocp_cost_breakdown_p",
    "reporting_ocp_gpu_summary_p", "reporting_ocp_network_summary_by_node_p",
    "reporting_ocp_network_summary_by_project_p", "reporting_ocp_network_summary_p"]
# Their column cluster_id is the surrogate key of the cluster.
TABLES_OF_A_CLUSTER = {"reporting_ocp_nodes", "reporting_ocp_pvcs", "reporting_ocp_projects"}


class Comparison:
    def __init__(self, scenario, schema, database, partial_daily_rows=False, shown_rows=3):
        self.scenario = scenario
        self.schema = schema
        self.database = database
        self.partial_daily_rows = partial_daily_rows
        self.shown_rows = shown_rows
        self.types = database.column_types(schema)

    def run(self, pattern="*"):
        """Compares every table whose name fits the pattern; true when none differs."""
        tables = [*self.scenario.expected, *(table for table in EMPTY_UNLESS_EXPECTED if table not in self.scenario.expected)]
        tables = fnmatch.filter(tables, pattern)
        failed = sum(not self.is_as_expected(table) for table in tables)
        print(f"{len(tables) - failed} passed, {failed} failed")
        return bool(tables) and not failed

    def is_as_expected(self, table):
        if table not in self.types:
            print(f"MISSING TABLE {table}")
            return False
        if table not in self.scenario.expected:
            return self.is_empty(table)
        try:
            columns, expected, found = self.rows(table)
        except RuntimeError as error:
            print(f"ERROR {table}: {error}")
            return False
        missing, surplus = differences(expected, found)
        if not missing and not surplus:
            print(f"ok {table} ({len(expected)} rows)")
            return True
        print(f"DIFFERS {table}: expected {len(expected)} rows, found {len(found)}; {len(missing)} missing, {len(surplus)} surplus")
        for word, rows in (("missing", missing), ("surplus", surplus)):
            for row in rows[:self.shown_rows]:
                print(f"  {word}", {column: item for column, item in zip(columns, row, strict=True) if item is not None})
        return False

    def is_empty(self, table):
        (count,), = self.database.rows(f"SELECT count(*) FROM {self.relation(table)}")
        print(f"ok {table} (no rows)" if count == "0" else f"DIFFERS {table}: expected no rows, found {count}")
        return count == "0"

    def rows(self, table):
        """Names of the columns, expected rows, rows that are found."""
        header, *expected = self.scenario.expected[table]
        kept = [at for at, column in enumerate(header) if column not in IGNORED_COLUMNS]
        columns = [header[at] for at in kept]
        kinds = [kind_of(column, self.types[table].get(column, "text")) for column in columns]
        expected = values([[row[at] for at in kept] for row in expected], kinds)
        selected = ", ".join(self.expression(table, column) for column in columns)
        found = values(self.database.rows(f"SELECT {selected} FROM {self.relation(table)} AS compared"), kinds)

        if table.endswith("_daily"):
            expected = merged_by_key(columns, expected)
            found = merged_by_key(columns, found) if self.partial_daily_rows else found
        if table == "reporting_ocp_vm_summary_p":
            label_sets = self.label_sets_of_claims()
            expected, found = (with_any_label_set(columns, rows, label_sets) for rows in (expected, found))
        if table in COMPARED_AS_SETS:
            expected, found = without_duplicates(expected), without_duplicates(found)
        return columns, expected, found

    def relation(self, table):
        return f"{quoted(self.schema)}.{quoted(table)}"

    def expression(self, table, column):
        """What is selected for a column: names take the place of surrogate keys."""
        if column == "cost_category":
            return f"(SELECT name FROM {self.relation('reporting_ocp_cost_category')} AS k WHERE k.id = compared.cost_category_id)"
        if column == "cluster_id" and table in TABLES_OF_A_CLUSTER:
            return f"(SELECT cluster_id FROM {self.relation('reporting_ocp_clusters')} AS k WHERE k.uuid = compared.cluster_id)"
        return f"compared.{quoted(column)}"

    def label_sets_of_claims(self):
        """The label sets of each claim that has more than one: Koku shows a random one of them at a virtual machine."""
        header, *rows = self.scenario.expected["reporting_ocpusagelineitem_daily_summary"]
        label_sets = collections.defaultdict(set)
        for row in (dict(zip(header, row, strict=True)) for row in rows):
            if row["data_source"] == "Storage" and row["node"] != NULL:
                label_sets[row["persistentvolumeclaim"]].add(value(row["volume_labels"], "json"))
        return {claim: sets for claim, sets in label_sets.items() if len(sets) > 1}


def with_any_label_set(columns, rows, label_sets):
    claim, labels = columns.index("persistentvolumeclaim"), columns.index("pod_labels")
    return [
        row[:labels] + ("any of the claim's",) + row[labels + 1:] if row[labels] in label_sets.get(row[claim], ()) else row
        for row in rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", metavar="SCENARIO_DIR")
    parser.add_argument("--schema", required=True)
    parser.add_argument("--psql", default="psql -XqAt", help="psql and its options")
    parser.add_argument("--tables", default="*", help="compare the tables whose names fit this pattern")
    parser.add_argument("--max", type=int, default=3, help="rows shown of those that differ")
    parser.add_argument("--partial", action="store_true", help="the tables may hold several daily rows of a key, as Koku's do")
    options = parser.parse_args()
    comparison = Comparison(
        Scenario(options.scenario), options.schema, Database(options.psql), options.partial, options.max)
    sys.exit(0 if comparison.run(options.tables) else 1)


if __name__ == "__main__":
    main()
