#!/usr/bin/env python3
"""Random cost models over random clusters: what has to hold for every one of them.

usage: cost_properties.py [--rounds N] [--seed N] [--psql "psql -XqAt DBNAME"]

The database has the extension and the helpers of sql/00_setup.sql and sql/01_line_items.sql. Each round makes two clusters of a
few nodes and two days, with volumes, virtual machines and GPUs, in this month or one that is over, and models for them. Then:
  conserved   koku_check_costs() finds no difference (spec cost.md 11), for every model and both clusters
  recomputed  the plain rates of use give what this program works out from the line items
  linear      the rates of two models together cost, and distribute, the sum of what each does (where rates add up)
  listed      of several price lists those rates count that are valid with the lowest priority: the same as a model of them
  previewed   koku_preview_costs() says what is computed then, and changes nothing
  idempotent  the costs computed twice are those computed once, and so are those of a whole summary
  by day      the costs computed a day at a time are those of the month
  apart       the costs of one cluster are not touched by those of the other
  removed     without a model all tables are as they were before the first one
Prints one line a round, the seed and the model of one that fails, and 'N passed, N failed' at the end.
"""
import argparse
import json
import random
import shlex
import subprocess
import sys

SOURCES = ("00000000-0000-0000-0000-0000000000f1", "00000000-0000-0000-0000-0000000000f2")
SOURCE, OTHER = SOURCES
MONTHS = (10, 11)  # today is in November
USE = {"cpu_core_usage_per_hour": ("cpu", "usage"), "cpu_core_request_per_hour": ("cpu", "request"),
       "memory_gb_usage_per_hour": ("memory", "usage"), "memory_gb_request_per_hour": ("memory", "request")}
PLAIN = list(USE) + ["cpu_core_effective_usage_per_hour", "memory_gb_effective_usage_per_hour", "storage_gb_usage_per_month",
                     "storage_gb_request_per_month", "node_core_cost_per_hour", "cluster_core_cost_per_hour",
                     "cluster_cost_per_hour", "node_cost_per_month", "node_core_cost_per_month", "cluster_cost_per_month",
                     "pvc_cost_per_month", "vm_cost_per_month", "vm_cost_per_hour", "vm_core_cost_per_month",
                     "vm_core_cost_per_hour"]
BY_TAG = ["cpu_core_usage_per_hour", "memory_gb_request_per_hour", "storage_gb_request_per_month", "node_cost_per_month",
          "node_core_cost_per_month", "node_core_cost_per_hour", "pvc_cost_per_month", "vm_cost_per_month", "vm_cost_per_hour",
          "vm_core_cost_per_month", "vm_core_cost_per_hour", "cpu_core_effective_usage_per_hour", "storage_gb_usage_per_month",
          "project_per_month", "gpu_cost_per_month"]
REPLACING = ("node_cost_per_month", "node_core_cost_per_month", "pvc_cost_per_month")  # a rate by tag, the plain one


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
    """Line items of pods, volumes, machines and GPUs; what is summed up of the pods with a node stands in `use`."""

    def __init__(self, chance, source, days):
        self.chance = chance
        self.source = source
        self.lines = []
        self.use = {}  # (namespace, node, measure, kind) -> quantity
        self.capacity = {}  # node -> hours
        nodes = [f"n{number}" for number in range(chance.randint(1, 4))]
        with_gpus = chance.random() < 0.6
        for day in days:
            hours = chance.sample(range(24), chance.randint(1, 3))
            for node in nodes:
                labels = {} if chance.random() < 0.3 else {"size": chance.choice(["big", "small"])}
                if node != "n0" and chance.random() < 0.3:
                    labels["node_role_kubernetes_io"] = "infra"
                if node == "n0" or chance.random() < 0.8:  # without labels it has no role
                    self.node_labels(day, hours, node, labels, with_gpus)
                for hour in hours:
                    self.pods(day, hour, node)
            for namespace in ("shop", "lab", "empty"):
                self.line("namespace_labels", day, hours[0], namespace=namespace,
                          namespace_labels=json.dumps({"team": chance.choice(["red", "blue", "it's 5%"])}))
            self.volumes(day, hours)

    def node_labels(self, day, hours, node, labels, with_gpus):
        count = self.chance.randint(1, 4) if with_gpus and self.chance.random() < 0.7 else 0
        if count:
            labels = dict(labels, nvidia_com_gpu_present=self.chance.choice(["true", "True"]), nvidia_com_gpu_count=str(count))
            strategy = self.chance.choice([None, "mixed", "single"])
            if strategy:
                labels["nvidia_com_mig_strategy"] = strategy
        sliced = self.chance.random() < 0.4
        for hour in hours if count else hours[:1]:
            self.line("node_labels", day, hour, node=node, node_labels=json.dumps(labels))
            for number in range(self.chance.randint(0, count)):
                slices = self.chance.choice([1, 3]) if sliced else None
                self.line("gpu_usage", day, hour, namespace=self.chance.choice(["shop", "lab", "openshift-dns"]), pod=f"g{number}", node=node,
                          gpu_uuid=f"GPU-{node}-{number}", gpu_model_name=["T4", "A100", "H100"][number % 3], gpu_vendor_name="nvidia",
                          gpu_memory_capacity_mib=16384, gpu_pod_uptime=self.chance.choice([900, 3600]), mig_instance_id="",
                          mig_profile="" if slices is None else f"{slices}g.5gb", mig_strategy="", mig_slice_count=slices,
                          gpu_max_slices=None if slices is None else 7)

    def line(self, report, day, hour, **columns):
        self.lines.append(f"SELECT test.line('t', '{self.source}', '{report}', timestamp '{day} {hour:02}:00',"
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
            self.lines.append(f"SELECT test.pod('t', '{self.source}', timestamp '{day} {hour:02}:00', '{namespace}', '{node}-{number}',"
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
                self.lines.append(f"SELECT test.volume('t', '{self.source}', timestamp '{day} {hour:02}:00', 'shop', '{pod}', 'c{number}',"
                                  f" 'pv{number}', {quote(labels)}, 10, {self.chance.randint(1, 10)}, {self.chance.randint(0, 5)});")


def random_rates(chance, tags):
    rates = []
    for metric in chance.sample(PLAIN, chance.randint(1, 7)):
        rates.append({"metric": {"name": metric}, "cost_type": chance.choice(["Infrastructure", "Supplementary"]),
                      "tiered_rates": [{"value": chance.choice([0, 0.25, 1, 3, 100])}]})
    for metric in chance.sample(BY_TAG, chance.randint(0, 4) if tags else 0):
        key = {"project_per_month": "team", "storage_gb_request_per_month": "disk", "pvc_cost_per_month": "disk",
               "node_cost_per_month": "size", "node_core_cost_per_month": "size", "node_core_cost_per_hour": "size",
               "storage_gb_usage_per_month": "disk", "gpu_cost_per_month": "nvidia"}.get(metric, "app")
        values = {"app": ["web", "it's 5%"], "size": ["big"], "disk": ["ssd"], "team": ["red", "it's 5%"],
                  "nvidia": ["T4", "A100"]}[key]
        entries = [{"tag_value": value, "value": chance.choice([0.5, 2, 60])} for value in values]
        if chance.random() < 0.5:
            entries.append({"tag_value": "other", "value": chance.choice([1, 30]), "default": True})
        rates.append({"metric": {"name": metric}, "cost_type": chance.choice(["Infrastructure", "Supplementary"]),
                      "tag_rates": {"tag_key": key, "tag_values": entries}})
    return rates


def adds_up(first, second):
    """Whether what two rates cost together is the sum of what each costs."""
    if (first["metric"], first["cost_type"]) != (second["metric"], second["cost_type"]):
        return True
    by_tag = ("tag_rates" in first) + ("tag_rates" in second)
    return by_tag == 0 or by_tag == 1 and first["metric"]["name"] not in REPLACING


def model_of(chance, rates, distributed):
    return {"name": "m", "currency": "USD", "rates": rates,
            "markup": chance.choice([{}, {"value": 0, "unit": "percent"}, {"value": 10, "unit": "percent"}, {"value": -5, "unit": "percent"}]),
            "distribution_info": dict({"distribution_type": chance.choice(["cpu", "memory"])}, **{
                switch: distributed and chance.random() < 0.7
                for switch in ("platform_cost", "worker_cost", "gpu_unallocated", "storage_unattributed", "network_unattributed")})}


class Round:
    def __init__(self, database, seed):
        self.database = database
        self.chance = random.Random(seed)
        self.month = self.chance.choice(MONTHS)
        self.days = (f"2026-{self.month}-05", f"2026-{self.month}-06")
        self.failures = []
        self.model = None

    def expect(self, holds, what):
        if not holds:
            self.failures.append(f"{what}\n    {json.dumps(self.model)}")

    def expect_equal(self, found, expected, what):
        """Of two dictionaries of amounts; one that is missing is 0."""
        different = sorted(key for key in found.keys() | expected.keys()
                           if abs(found.get(key, 0) - expected.get(key, 0)) > 1e-9 * max(1, abs(expected.get(key, 0))))
        self.expect(not different, f"{what}: {[(key, expected.get(key), found.get(key)) for key in different[:3]]}")

    def rows(self, source=None, with_machines=True):
        """All rows of the daily summary and the tables for dashboards, without their identifiers."""
        tables = ["reporting_ocpusagelineitem_daily_summary", "reporting_ocp_cost_summary_p", "reporting_ocp_cost_summary_by_node_p",
                  "reporting_ocp_cost_summary_by_project_p", "reporting_ocp_pod_summary_p", "reporting_ocp_pod_summary_by_node_p",
                  "reporting_ocp_pod_summary_by_project_p", "reporting_ocp_volume_summary_p", "reporting_ocp_volume_summary_by_project_p",
                  "reporting_ocp_gpu_summary_p"]
        if with_machines:
            tables.append("reporting_ocp_vm_summary_p")
        where = f"WHERE source_uuid = '{source}'" if source else ""
        return sorted(self.database.run("".join(
            f"SELECT md5((to_jsonb(line) - 'uuid' - 'id')::text), '{table}' FROM t.{table} AS line {where};" for table in tables)))

    def costs(self):
        """What there is of costs, by cluster, day, namespace, node and rate type."""
        return {tuple(row[:5]): float(row[5]) for row in self.database.run(
            "SELECT source_uuid, usage_start, coalesce(namespace, '-'), coalesce(node, '-'), cost_model_rate_type,"
            " sum(coalesce(cost_model_cpu_cost, 0) + coalesce(cost_model_memory_cost, 0) + coalesce(cost_model_volume_cost, 0)"
            " + coalesce(cost_model_gpu_cost, 0) + coalesce(distributed_cost, 0))"
            " FROM t.reporting_ocpusagelineitem_daily_summary WHERE cost_model_rate_type IS NOT NULL GROUP BY 1, 2, 3, 4, 5;")}

    def update(self, source):
        return f"SELECT count(*) FROM koku_update_costs('{source}', 2026, {self.month});"

    def check(self):
        for source in SOURCES:
            found = self.database.run(f"SELECT * FROM koku_check_costs('{source}', 2026, {self.month});")
            self.expect(not found, f"conserved: {found[:3]}")

    def compute(self, model, lists=()):
        """Stores a model, with further price lists (priority, first day, last day, rates), for both clusters and computes their costs."""
        self.model = model if not lists else dict(model, price_lists=lists)
        self.database.run(
            "SELECT koku_delete_cost_model(uuid, 't') FROM t.cost_model;"
            f"SELECT koku_create_cost_model({quote(json.dumps(model))}, '{{{SOURCE},{OTHER}}}', 't');" + "".join(
                f"SELECT koku_attach_price_list(uuid, koku_create_price_list({quote(json.dumps(dict(currency='USD', name='list', rates=rates, **validity)))}, 't'),"
                f" {priority}, 't') FROM t.cost_model;" for priority, validity, rates in lists)
            + "".join(self.update(source) for source in SOURCES))
        self.check()

    def recompute(self, clusters, rates):
        """Plain rates of use of pods alone, by project and node, against what the rows hold."""
        rates = [rate for rate in rates if rate["metric"]["name"] in USE and "tiered_rates" in rate]
        self.compute(dict(model_of(self.chance, rates, False), markup={}))
        expected = {}
        for cluster in clusters:
            for rate in rates:
                measure, kind = USE[rate["metric"]["name"]]
                for (namespace, node, its_measure, its_kind), quantity in cluster.use.items():
                    if (its_measure, its_kind) == (measure, kind):
                        key = (cluster.source, namespace, node, rate["cost_type"])
                        expected[key] = expected.get(key, 0) + quantity * rate["tiered_rates"][0]["value"]
        found = {}
        for (source, _, namespace, node, rate_type), cost in self.costs().items():
            if namespace in ("shop", "lab", "openshift-dns") and node != "-":
                found[source, namespace, node, rate_type] = found.get((source, namespace, node, rate_type), 0) + cost
        self.expect_equal(found, expected, "recomputed")

    def linear(self):
        first = random_rates(self.chance, True)
        second = [rate for rate in random_rates(self.chance, True) if all(adds_up(rate, other) for other in first)]
        # One distribution for all three, so that they share nodes in the same way.
        base = model_of(self.chance, [], True)
        parts = []
        for rates in (first, second, first + second):
            self.compute(dict(base, rates=rates))
            parts.append(self.costs())
        self.expect_equal(parts[2], {key: parts[0].get(key, 0) + parts[1].get(key, 0) for key in parts[0].keys() | parts[1].keys()}, "linear")

    def listed(self):
        base = model_of(self.chance, random_rates(self.chance, True), True)
        spans = [("2026-01-01", "2099-12-31"), (f"2026-{self.month}-01", f"2026-{self.month}-{31 if self.month == 10 else 30}"),
                 ("2026-12-01", "2099-12-31"), ("2026-01-01", "2026-09-30")]
        lists = []
        for priority in self.chance.sample([0, 2, 3, 4], self.chance.randint(1, 3)):
            start, end = self.chance.choice(spans)
            lists.append((priority, {"effective_start_date": start, "effective_end_date": end}, random_rates(self.chance, True)))
        self.compute(base, lists)
        found = self.rows()
        day = self.days[0]
        valid = [(priority, rates) for priority, validity, rates in lists
                 if validity["effective_start_date"] <= day <= validity["effective_end_date"]] + [(1, base["rates"])]
        self.compute(dict(base, rates=min(valid, key=lambda each: each[0])[1]))
        self.expect(self.rows() == found, "listed: not as a model of these rates")

    def previewed(self):
        model = model_of(self.chance, random_rates(self.chance, True), True)
        before = self.rows()
        told = {tuple(row[:3]): float(row[4] or 0) for row in self.database.run(
            f"SELECT day, coalesce(project, '-'), rate_type, cost, previewed_cost FROM koku_preview_costs('{SOURCE}', {quote(json.dumps(model))},"
            f" '2026-{self.month}-01', '2026-{self.month}-30');")}
        self.expect(self.rows() == before, "previewed: rows changed")
        self.compute(model)
        found = {}
        for (source, day, namespace, _, rate_type), cost in self.costs().items():
            if source == SOURCE:
                found[day, namespace, rate_type] = found.get((day, namespace, rate_type), 0) + cost
        self.expect_equal(told, found, "previewed")

    def idempotent(self):
        once = self.rows()
        self.database.run(self.update(SOURCE))
        self.expect(self.rows() == once, "idempotent: computed twice")
        self.database.run(f"SELECT count(*) FROM koku_summarize('{SOURCE}', 2026, {self.month});")
        self.expect(self.rows() == once, "idempotent: summarized again")
        # Rows of machines are of all days that a run is about.
        once = self.rows(with_machines=False)
        for day in reversed(self.days):
            self.database.run(f"SELECT count(*) FROM koku_update_costs('{SOURCE}', date '{day}', date '{day}');")
        self.expect(self.rows(with_machines=False) == once, "by day: not as the month")

    def categories(self):
        """Statements that now and then group projects, the platform's idle capacity among them, or idle workers with the platform."""
        patterns = self.chance.choice([[], [], [("shop", "Own")], [("%", "Own")], [("Worker unallocated", "Platform")], [("shop", "Platform"), ("lab", "Own")]])
        return "".join(f"SELECT koku_set_cost_category({quote(pattern)}, {quote(category)}, 't');" for pattern, category in patterns)

    def run(self):
        clusters = [Cluster(self.chance, source, self.days) for source in SOURCES]
        self.database.run(
            "DROP SCHEMA IF EXISTS t CASCADE; DELETE FROM koku_source; DELETE FROM koku_tenant; DELETE FROM koku_cost_request;"
            f"SELECT koku_create_source('c', 'C', 't', '{SOURCE}'), koku_create_source('d', 'D', 't', '{OTHER}');"
            "SELECT koku_enable_tags('{app,size,disk,team}', 't');" + "".join(line for cluster in clusters for line in cluster.lines)
            + self.categories() + "SELECT test.add_up('t');" + "".join(f"SELECT count(*) FROM koku_summarize('{source}', 2026, {self.month});" for source in SOURCES))
        before = self.rows()
        self.recompute(clusters, random_rates(self.chance, False) + random_rates(self.chance, False))
        self.linear()
        self.listed()
        self.previewed()
        self.idempotent()

        other = self.rows(OTHER)
        self.database.run(f"SELECT koku_unassign_cost_model('{{{SOURCE}}}', 't');" + self.update(SOURCE))
        self.expect(self.rows(OTHER) == other, "apart: the other cluster changed")
        self.database.run("SELECT koku_delete_cost_model(uuid, 't') FROM t.cost_model;" + self.update(OTHER))
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
