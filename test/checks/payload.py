#!/usr/bin/env python3
"""Check that generate_payload writes what the operator would: names, columns, formats, numbers that fit together.

usage: payload.py GENERATE_PAYLOAD

The columns are written down here once more, from spec ingest.md 3.3, because the generator must not be its own judge.
Prints one line a test; the last is 'N passed, N failed'.
"""
import csv
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import uuid
from collections import defaultdict

DATES = ["report_period_start", "report_period_end", "interval_start", "interval_end"]
HEADERS = {
    "pod": "node namespace pod pod_usage_cpu_core_seconds pod_request_cpu_core_seconds pod_limit_cpu_core_seconds "
           "pod_usage_memory_byte_seconds pod_request_memory_byte_seconds pod_limit_memory_byte_seconds "
           "node_capacity_cpu_cores node_capacity_cpu_core_seconds node_capacity_memory_bytes "
           "node_capacity_memory_byte_seconds node_role resource_id pod_labels",
    "storage": "namespace pod node persistentvolumeclaim persistentvolume storageclass csi_driver csi_volume_handle "
               "persistentvolumeclaim_capacity_bytes persistentvolumeclaim_capacity_byte_seconds "
               "volume_request_storage_byte_seconds persistentvolumeclaim_usage_byte_seconds persistentvolume_labels "
               "persistentvolumeclaim_labels",
    "vm": "node resource_id namespace vm_name vm_instance_type vm_os vm_guest_os_arch vm_guest_os_name "
          "vm_guest_os_version vm_uptime_total_seconds vm_cpu_limit_cores vm_cpu_limit_core_seconds vm_cpu_request_cores "
          "vm_cpu_request_core_seconds vm_cpu_request_sockets vm_cpu_request_socket_seconds vm_cpu_request_threads "
          "vm_cpu_request_thread_seconds vm_cpu_usage_total_seconds vm_memory_limit_bytes vm_memory_limit_byte_seconds "
          "vm_memory_request_bytes vm_memory_request_byte_seconds vm_memory_usage_byte_seconds vm_device vm_volume_mode "
          "vm_persistentvolumeclaim_name vm_disk_allocated_size_byte_seconds vm_labels",
    "node": "node node_labels",
    "namespace": "namespace namespace_labels",
    "nvidia-gpu": "node namespace pod gpu_uuid gpu_model_name gpu_vendor_name gpu_memory_capacity_mib gpu_pod_uptime "
                  "gpu_pod_utilization gpu_max_slices mig_instance_id mig_profile mig_strategy",
}
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:(00:00|59:59) \+0000 UTC")
NUMBER = re.compile(r"\d+\.\d{6}|")
FILE_NAME = re.compile(r"(?P<uuid>[0-9a-f-]{36})-cm-openshift-(?P<type>[a-z-]+)-usage-(?P<month>\d{6})\.(?P<part>\d+)\.csv")


class Payload:
    """What lies in some tar.gz files that belong to one manifest."""

    def __init__(self, paths):
        self.members = []
        self.manifests = []
        self.rows = defaultdict(list)   # report type -> rows as dictionaries
        self.headers = defaultdict(set)
        for path in paths:
            with tarfile.open(path, "r:gz") as archive:
                for member in archive:
                    content = archive.extractfile(member).read().decode("utf-8")
                    if member.name == "manifest.json":
                        self.manifests.append(json.loads(content))
                    else:
                        self.members.append(member.name)
                        self.read_report(member.name, content)
        self.manifest = self.manifests[0]

    def read_report(self, name, content):
        report_type = FILE_NAME.fullmatch(name)["type"]
        reader = csv.DictReader(io.StringIO(content))
        self.headers[report_type].add(tuple(reader.fieldnames))
        self.rows[report_type].extend(reader)


class Generator:
    """Calls the program in a directory of its own."""

    def __init__(self, program, directory):
        self.program, self.directory, self.calls = os.path.abspath(program), directory, 0

    def run(self, *options):
        """The paths that were written."""
        self.calls += 1
        output = os.path.join(self.directory, f"{self.calls}.tar.gz")
        printed = subprocess.run([self.program, "--output", output, *options], check=True, text=True,
                                 stdout=subprocess.PIPE).stdout
        return [line for line in printed.splitlines() if line.endswith(".tar.gz")]

    def refusal(self, *options):
        done = subprocess.run([self.program, *options], check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        return done.returncode, done.stderr


def number(text):
    return float(text) if text else 0.0


CLUSTER = ["--pods", "40", "--nodes", "4", "--volumes", "12", "--vms", "2", "--gpus", "4"]


def test_manifest(generator):
    payload = Payload(generator.run(*CLUSTER, "--cluster-id", 'my "cluster"', "--date", "2026-02-28", "--first-hour", "3",
                                    "--hours", "2"))
    manifest = payload.manifest
    assert uuid.UUID(manifest["uuid"]).version == 4
    assert manifest["cluster_id"] == 'my "cluster"'
    assert (manifest["start"], manifest["end"]) == ("2026-02-28T03:00:00Z", "2026-02-28T04:59:59Z")
    assert manifest["date"].startswith("2026-02-28T05:")
    assert manifest["daily_reports"] is True and manifest["certified"] is True
    assert re.fullmatch("[0-9a-f]{40}", manifest["version"])
    assert manifest["files"] == payload.members
    assert {FILE_NAME.fullmatch(name)["uuid"] for name in payload.members} == {manifest["uuid"]}


def test_columns_and_formats(generator):
    payload = Payload(generator.run(*CLUSTER))
    for report_type, columns in HEADERS.items():
        assert payload.headers[report_type] == {tuple(DATES + columns.split())}, report_type
        for row in payload.rows[report_type]:
            assert all(TIMESTAMP.fullmatch(row[column]) for column in DATES), row
            assert row["interval_start"] < row["interval_end"]
            assert row["interval_start"][:7] == row["report_period_start"][:7] < row["report_period_end"][:7]
            for column, value in row.items():
                if column.endswith(("seconds", "_bytes", "_cores")):
                    assert NUMBER.fullmatch(value), (column, value)


def test_rows_hour_by_hour(generator):
    payload = Payload(generator.run(*CLUSTER, "--days", "2"))
    expected = {"pod": 40, "storage": 12, "vm": 2, "node": 4, "nvidia-gpu": 4}
    for report_type, rows_an_hour in expected.items():
        starts = [row["interval_start"] for row in payload.rows[report_type]]
        assert len(starts) == rows_an_hour * 48, report_type
        assert starts == sorted(starts), report_type
        assert len(set(starts)) == 48


def test_usage_fits(generator):
    """Per node and hour: used below requested below capacity; limits hold; a pod has one row an hour."""
    rows = Payload(generator.run("--pods", "400")).rows["pod"]
    keys = {(row["interval_start"], row["namespace"], row["pod"]) for row in rows}
    assert len(keys) == len(rows)
    for measure, capacity in (("cpu_core", "cpu_core"), ("memory_byte", "memory_byte")):
        used, requested, capacities = defaultdict(float), defaultdict(float), {}
        for row in rows:
            node_hour = row["node"], row["interval_start"]
            used[node_hour] += number(row[f"pod_usage_{measure}_seconds"])
            requested[node_hour] += number(row[f"pod_request_{measure}_seconds"])
            capacities[node_hour] = number(row[f"node_capacity_{capacity}_seconds"])
            limit = number(row[f"pod_limit_{measure}_seconds"])
            assert not limit or number(row[f"pod_usage_{measure}_seconds"]) <= limit
        for node_hour, amount in capacities.items():
            assert 0 < requested[node_hour] <= amount, node_hour
            assert used[node_hour] <= amount, node_hour
        assert 0.1 < sum(used.values()) / sum(requested.values()) < 1
    assert {row["node"] for row in rows} == {f"worker-{n}" for n in range(2)} | {f"master-{n}" for n in range(3)}


def test_references(generator):
    """Volumes, machines and GPUs name pods and nodes that the pod report has, too."""
    payload = Payload(generator.run(*CLUSTER, "--hours", "1"))
    pods = {(row["namespace"], row["pod"], row["node"]) for row in payload.rows["pod"]}
    for row in payload.rows["storage"]:
        assert row["persistentvolume"]
        assert not row["pod"] or (row["namespace"], row["pod"], row["node"]) in pods
        assert number(row["persistentvolumeclaim_usage_byte_seconds"]) <= number(row["persistentvolumeclaim_capacity_byte_seconds"])
    for row in payload.rows["nvidia-gpu"]:
        assert (row["namespace"], row["pod"], row["node"]) in pods
        assert bool(row["mig_profile"]) == bool(row["mig_instance_id"]) == bool(row["gpu_max_slices"])
    machine_pods = {row["pod_labels"].rpartition("label_vm_kubevirt_io_name:")[2]: row["node"]
                    for row in payload.rows["pod"] if "label_vm_kubevirt_io_name:" in row["pod_labels"]}
    assert machine_pods == {row["vm_name"]: row["node"] for row in payload.rows["vm"]}
    assert {row["node"] for row in payload.rows["node"]} == {row["node"] for row in payload.rows["pod"]}
    claims = {row["persistentvolumeclaim"] for row in payload.rows["storage"]}
    assert claims >= {row["vm_persistentvolumeclaim_name"] for row in payload.rows["vm"]}


def test_same_options_same_bytes(generator):
    first, again, other = (open(generator.run(*CLUSTER, "--seed", seed)[0], "rb").read() for seed in ("7", "7", "8"))
    assert first == again
    assert first != other


def test_days_of_one_cluster(generator):
    first, second = (Payload(generator.run(*CLUSTER, "--date", day)) for day in ("2026-11-01", "2026-11-02"))
    assert first.manifest["uuid"] != second.manifest["uuid"]
    pods = [{(row["namespace"], row["pod"]) for row in payload.rows["pod"]} for payload in (first, second)]
    assert pods[0] == pods[1]
    assert [row["pod_usage_cpu_core_seconds"] for row in first.rows["pod"]] != \
           [row["pod_usage_cpu_core_seconds"] for row in second.rows["pod"]]


def test_file_a_month(generator):
    payload = Payload(generator.run(*CLUSTER, "--date", "2026-10-31", "--days", "2"))
    pod_files = [name for name in payload.members if "-pod-" in name]
    assert [FILE_NAME.fullmatch(name)["month"] for name in pod_files] == ["202610", "202611"]
    assert (payload.manifest["start"], payload.manifest["end"]) == ("2026-10-31T00:00:00Z", "2026-11-01T23:59:59Z")


def test_split(generator):
    whole = Payload(generator.run(*CLUSTER))
    paths = generator.run(*CLUSTER, "--split", "50000")
    split = Payload(paths)
    assert len(paths) == len(split.members) == len(split.manifests) > 6
    assert all(manifest == split.manifest for manifest in split.manifests)
    assert split.manifest["files"] == split.members
    assert split.rows == whole.rows


def test_variants_of_the_manifest(generator):
    manifest = Payload(generator.run(*CLUSTER, "--no-window")).manifest
    assert "start" not in manifest and "end" not in manifest
    manifest = Payload(generator.run(*CLUSTER, "--additive")).manifest
    assert manifest["daily_reports"] is False and manifest["version"]


def test_refusals(generator):
    for options, complaint in ((["--pods", "3"], "--output is missing"),
                               (["--output", "x", "--pods", "-1"], "--pods takes a whole number"),
                               (["--output", "x", "--date", "2026-02-30"], "--date takes a day"),
                               (["--output", "x", "--hours", "20", "--first-hour", "5"], "past the end of the day"),
                               (["--output", "x", "--pods", "3", "--vms", "4"], "exceed --pods"),
                               (["--output", "x", "--colour", "4"], "unknown option --colour"),
                               (["--output", "x", "--pods"], "--pods takes a value"),
                               (["--output", "/nowhere/x.tar.gz"], "/nowhere/x.tar.gz")):
        code, message = generator.refusal(*options)
        assert code == 1 and complaint in message, (options, message)


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="koku-generator-") as directory:
        generator = Generator(sys.argv[1], directory)
        for name, test in sorted(globals().items()):
            if not name.startswith("test_"):
                continue
            try:
                test(generator)
                print(f"ok      {name}")
                passed += 1
            except (AssertionError, subprocess.CalledProcessError, KeyError, TypeError, ValueError) as error:
                print(f"FAILED  {name}: {type(error).__name__}: {error}, line {error.__traceback__.tb_next.tb_lineno}")
                failed += 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
