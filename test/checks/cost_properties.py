#!/usr/bin/env python3
"""Random cost models over random clusters: what has to hold for every one of them.

usage: cost_properties.py [--rounds N] [--seed N] [--psql "psql -XqAt DBNAME"]

The database has the extension and the helpers of sql/00_setup.sql and sql/01_line_items.sql. Each round makes a cluster of a few
nodes and two days by hand, and two models. Then:
  conserved   koku_check_costs() finds no difference (spec cost.md 11), for each model and for both together
  recomputed  the plain rates of use give what this program works out from the line items
  idempotent  the costs computed twice are those computed once, and so are those of a whole summary
  linear      the rates of both models together cost the sum of what each costs (where rates add up)
  removed     without a model all tables are as they were before the first one
Prints one line a round, the seed and the model of one that fails, and 'N passed, N failed' at the end.
"""
import argparse
import json
import random
import shlex
import subprocess
import sys

SOURCE = "00000000-0000-0000-0000-0000000000f1"
DAYS = ("2026-11-05", "2026-11-06")
USE = {"cpu_core_usage_per_hour": ("cpu", "usage"), "cpu_core_request_per_hour": ("cpu", "request"),
       "memory_gb_usage_per_hour": ("memory", "usage"), "memory_gb_request_per_hour": ("memory", "request")}
PLAIN = list(USE) + ["cpu_core_effective_usage_per_hour", "memory_gb_effective_usage_per_hour", "storage_gb_usage_per_month",
                     "storage_gb_request_per_month", "node_core_cost_per_hour", "cluster_core_cost_per_hour",
                     "cluster_cost_per_hour", "node_cost_per_month", "node_core_cost_per_month", "cluster_cost_per_month",
                     "pvc_cost_per_month", "vm_cost_per_month", "vm_cost_per_hour", "vm_core_cost_per_month",
                     "vm_core_cost_per_hour"]
BY_TAG = ["cpu_core_usage_per_hour", "memory_gb_request_per_hour", "storage_gb_request_per_month", "node_cost_per_month",
          "node_core_cost_per_month", "node_core_cost_per_hour", "pvc_cost_per_month", "vm_cost_per_month", "vm_cost_per_hour",
          "vm_core_cost_per_month", "project_per_month"]


def quote(text):
    return "'" + text.replace("'", "''") + "'"


class Database:
    def __init__(self, command):
        self.command = shlex.split(command)

    def run(self, statements):
        settings = "SET client_min_messages = warning; SET search_path = public; SET datestyle = 'ISO';\n"
        result = subprocess.run(self.command + ["-v", "ON_ERROR_STOP=1", "-f", "-"], input=settings + statements, text=True,
                                capture_output=True)
        if result.returncode:
            raise RuntimeError(result.stderr.strip())
        return [line.split("|") for line in result.stdout.splitlines() if line]


class Cluster:
    """Line items of pods, volumes and machines; what is summed up of the pods with a node stands in `use`."""

    def __init__(self, chance):
        self.chance = chance
        self.lines = []
        self.use = {}  # (namespace, node, measure, kind) -> quantity
        self.capacity = {}  # node -> hours
        nodes = [f"n{number}" for number in range(chance.randint(1, 4))]
        for day in DAYS:
            hours = chance.sample(range(24), chance.randint(1, 3))
            for node in nodes:
                labels = {} if chance.random() < 0.3 else {"size": chance.choice(["big", "small"])}
                if node != "n0" and chance.random() < 0.3:
                    labels["node_role_kubernetes_io"] = "infra"
                if node == "n0" or chance.random() < 0.8:  # without labels it has no role
                    self.line("node_labels", day, hours[0], node=node, node_labels=json.dumps(labels))
                for hour in hours:
                    self.pods(day, hour, node)
            for namespace in ("shop", "lab", "empty"):
                self.line("namespace_labels", day, hours[0], namespace=namespace,
                          namespace_labels=json.dumps({"team": chance.choice(["red", "blue", "it's 5%"])}))
            self.volumes(day, hours)

    def line(self, report, day, hour, **columns):
        self.lines.append(f"SELECT test.line('t', '{SOURCE}', '{report}', timestamp '{day} {hour:02}:00',"
                          f" {quote(json.dumps(columns))}::jsonb);")

    def pods(self, day, hour, node):
        for number in range(self.chance.randint(1, 3)):
            namespace = self.chance.choice(["shop", "lab", "openshift-dns"])
            machine = self.chance.random() < 0.2
            labels = {"app": self.chance.choice(["web", "db", "it's 5%"])} if self.chance.random() < 0.7 else {}
            if machine:
                labels["vm_kubevirt_io_name"] = "vm"
            cores, wanted = self.chance.randint(0, 3) / 4, self.chance.randint(1, 4) / 4
            memory, wanted_memory = self.chance.randint(0, 8) / 2, self.chance.randint(0, 8) / 2
            self.lines.append(f"SELECT test.pod('t', '{SOURCE}', timestamp '{day} {hour:02}:00', '{namespace}', '{node}-{number}',"
                              f" '{node}', {quote(json.dumps(labels))}, {cores}, {wanted}, {memory}, {wanted_memory});")
            for measure, kind, quantity in (("cpu", "usage", cores), ("cpu", "request", wanted), ("memory", "usage", memory),
                                            ("memory", "request", wanted_memory)):
                key = (namespace, node, measure, kind)
                self.use[key] = self.use.get(key, 0) + quantity
            if machine:
                self.line("vm_usage", day, hour, vm_name="vm", namespace=namespace, node=node, resource_id=f"i-{node}",
                          vm_uptime_total_seconds=self.chance.choice([1800, 3600]), vm_cpu_request_cores=self.chance.randint(1, 2),
                          vm_memory_request_bytes=2 ** 30, vm_persistentvolumeclaim_name="")

    def volumes(self, day, hours):
        for number in range(self.chance.randint(0, 3)):
            pod = self.chance.choice(["n0-0", ""])
            labels = json.dumps({"disk": self.chance.choice(["ssd", "hdd"])} if self.chance.random() < 0.6 else {})
            for hour in hours:
                self.lines.append(f"SELECT test.volume('t', '{SOURCE}', timestamp '{day} {hour:02}:00', 'shop', '{pod}', 'c{number}',"
                                  f" 'pv{number}', {quote(labels)}, 10, {self.chance.randint(1, 10)}, {self.chance.randint(0, 5)});")


def random_rates(chance, tags):
    rates = []
    for metric in chance.sample(PLAIN, chance.randint(1, 7)):
        rates.append({"metric": {"name": metric}, "cost_type": chance.choice(["Infrastructure", "Supplementary"]),
                      "tiered_rates": [{"value": chance.choice([0, 0.25, 1, 3, 100])}]})
    for metric in chance.sample(BY_TAG, chance.randint(0, 4) if tags else 0):
        key = {"project_per_month": "team", "storage_gb_request_per_month": "disk", "pvc_cost_per_month": "disk",
               "node_cost_per_month": "size", "node_core_cost_per_month": "size", "node_core_cost_per_hour": "size"}.get(metric, "app")
        values = {"app": ["web", "it's 5%"], "size": ["big"], "disk": ["ssd"], "team": ["red", "it's 5%"]}[key]
        entries = [{"tag_value": value, "value": chance.choice([0.5, 2, 60])} for value in values]
        if chance.random() < 0.5:
            entries.append({"tag_value": "other", "value": chance.choice([1, 30]), "default": True})
        rates.append({"metric": {"name": metric}, "cost_type": chance.choice(["Infrastructure", "Supplementary"]),
                      "tag_rates": {"tag_key": key, "tag_values": entries}})
    return rates


def model_of(chance, rates, distributed):
    return {"name": "m", "currency": "USD", "rates": rates,
            "markup": chance.choice([{}, {"value": 10, "unit": "percent"}]),
            "distribution_info": {"distribution_type": chance.choice(["cpu", "memory"]), "platform_cost": distributed,
                                  "worker_cost": distributed}}


class Round:
    def __init__(self, database, seed):
        self.database = database
        self.chance = random.Random(seed)
        self.failures = []
        self.model = None

    def expect(self, holds, what):
        if not holds:
            self.failures.append(f"{what}\n    {json.dumps(self.model)}")

    def rows(self):
        """All rows of the daily summary and the tables for dashboards, without their identifiers."""
        tables = ["reporting_ocpusagelineitem_daily_summary", "reporting_ocp_cost_summary_p", "reporting_ocp_cost_summary_by_node_p",
                  "reporting_ocp_cost_summary_by_project_p", "reporting_ocp_pod_summary_by_project_p",
                  "reporting_ocp_volume_summary_by_project_p", "reporting_ocp_vm_summary_p"]
        return sorted(self.database.run("".join(
            f"SELECT md5((to_jsonb(line) - 'uuid' - 'id')::text), '{table}' FROM t.{table} AS line;" for table in tables)))

    def costs(self):
        return {tuple(row[:4]): float(row[4]) for row in self.database.run(
            "SELECT usage_start, coalesce(namespace, '-'), coalesce(node, '-'), cost_model_rate_type, sum(coalesce(cost_model_cpu_cost, 0)"
            " + coalesce(cost_model_memory_cost, 0) + coalesce(cost_model_volume_cost, 0))"
            " FROM t.reporting_ocpusagelineitem_daily_summary WHERE cost_model_rate_type IS NOT NULL GROUP BY 1, 2, 3, 4;")}

    def compute(self, model):
        self.model = model
        self.database.run("SELECT koku_delete_cost_model(uuid, 't') FROM t.cost_model;"
                          f"SELECT koku_create_cost_model({quote(json.dumps(model))}, '{{{SOURCE}}}', 't');"
                          f"SELECT count(*) FROM koku_update_costs('{SOURCE}', 2026, 11);")
        found = self.database.run(f"SELECT * FROM koku_check_costs('{SOURCE}', 2026, 11);")
        self.expect(not found, f"conserved: {found[:3]}")

    def recompute(self, cluster, rates):
        """Plain rates of use of pods alone, by project and node, against what the rows hold."""
        rates = [rate for rate in rates if rate["metric"]["name"] in USE and "tiered_rates" in rate]
        self.compute(dict(model_of(self.chance, rates, False), markup={}))
        expected = {}
        for rate in rates:
            measure, kind = USE[rate["metric"]["name"]]
            for (namespace, node, its_measure, its_kind), quantity in cluster.use.items():
                if (its_measure, its_kind) == (measure, kind):
                    key = (namespace, node, rate["cost_type"])
                    expected[key] = expected.get(key, 0) + quantity * rate["tiered_rates"][0]["value"]
        found = {}
        for (_, namespace, node, rate_type), cost in self.costs().items():
            if namespace in ("shop", "lab", "openshift-dns") and node != "-":
                found[namespace, node, rate_type] = found.get((namespace, node, rate_type), 0) + cost
        different = {key for key in expected.keys() | found.keys() if abs(expected.get(key, 0) - found.get(key, 0)) > 1e-9}
        self.expect(not different, f"recomputed: {[(key, expected.get(key), found.get(key)) for key in sorted(different)[:3]]}")

    def run(self):
        cluster = Cluster(self.chance)
        self.database.run(
            "DROP SCHEMA IF EXISTS t CASCADE; DELETE FROM koku_source; DELETE FROM koku_tenant;"
            f"SELECT koku_create_source('c', 'C', 't', '{SOURCE}');"
            "SELECT koku_enable_tags('{app,size,disk,team}', 't');" + "".join(cluster.lines) + "SELECT test.add_up('t');"
            f"SELECT count(*) FROM koku_summarize('{SOURCE}', 2026, 11);")
        before = self.rows()
        first, second = random_rates(self.chance, False), random_rates(self.chance, False)
        self.recompute(cluster, first + second)

        # A distribution type for all three, so that they share nodes in the same way.
        base = model_of(self.chance, [], False)
        parts = []
        for rates in (first, second, first + second):
            self.compute(dict(base, rates=rates))
            parts.append(self.costs())
        keys = parts[0].keys() | parts[1].keys() | parts[2].keys()
        different = [key for key in keys
                     if abs(parts[0].get(key, 0) + parts[1].get(key, 0) - parts[2].get(key, 0)) > 1e-9]
        self.expect(not different, f"linear: {different[:3]}")

        self.compute(model_of(self.chance, random_rates(self.chance, True), True))
        once = self.rows()
        self.database.run(f"SELECT count(*) FROM koku_update_costs('{SOURCE}', 2026, 11);")
        self.expect(self.rows() == once, "idempotent: computed twice")
        self.database.run(f"SELECT count(*) FROM koku_summarize('{SOURCE}', 2026, 11);")
        self.expect(self.rows() == once, "idempotent: summarized again")

        self.database.run("SELECT koku_delete_cost_model(uuid, 't') FROM t.cost_model;"
                          f"SELECT count(*) FROM koku_update_costs('{SOURCE}', 2026, 11);")
        self.expect(self.rows() == before, "removed: not as before")
        return self.failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--psql", default="psql -XqAt")
    options = parser.parse_args()
    failed = 0
    for seed in range(options.seed, options.seed + options.rounds):
        failures = Round(Database(options.psql), seed).run()
        failed += bool(failures)
        print(f"{'FAILED ' if failures else 'ok     '} seed {seed}", flush=True)
        for failure in failures:
            print("   ", failure)
    print(f"{options.rounds - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
