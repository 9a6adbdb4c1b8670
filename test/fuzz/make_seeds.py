#!/usr/bin/env python3
"""Write the seed corpus of the fuzz targets: small payloads, reports, manifests and texts that show one thing each.

usage: make_seeds.py DIRECTORY        makes DIRECTORY/archive, report, labels, payload

The files are what the targets take (see payload_of() in fuzz_input.hpp), readable, and the same each time.
"""
import gzip
import io
import json
import os
import sys
import tarfile

DATES = ["report_period_start", "report_period_end", "interval_start", "interval_end"]
COLUMNS = {
    "pod": "pod namespace node resource_id pod_labels node_role pod_usage_cpu_core_seconds pod_request_cpu_core_seconds "
           "pod_limit_cpu_core_seconds pod_usage_memory_byte_seconds pod_request_memory_byte_seconds "
           "pod_limit_memory_byte_seconds node_capacity_cpu_cores node_capacity_cpu_core_seconds node_capacity_memory_bytes "
           "node_capacity_memory_byte_seconds".split(),
    "storage": "namespace pod node persistentvolumeclaim persistentvolume storageclass csi_driver csi_volume_handle "
               "persistentvolumeclaim_capacity_bytes persistentvolumeclaim_capacity_byte_seconds "
               "volume_request_storage_byte_seconds persistentvolumeclaim_usage_byte_seconds persistentvolume_labels "
               "persistentvolumeclaim_labels".split(),
    "node": "node node_labels".split(),
    "namespace": "namespace namespace_labels".split(),
    "vm": "node namespace vm_name resource_id vm_instance_type vm_os vm_guest_os_arch vm_guest_os_name vm_guest_os_version "
          "vm_labels vm_uptime_total_seconds vm_cpu_limit_cores vm_cpu_limit_core_seconds vm_cpu_request_cores "
          "vm_cpu_request_core_seconds vm_cpu_request_sockets vm_cpu_request_socket_seconds vm_cpu_request_threads "
          "vm_cpu_request_thread_seconds vm_cpu_usage_total_seconds vm_memory_limit_bytes vm_memory_limit_byte_seconds "
          "vm_memory_request_bytes vm_memory_request_byte_seconds vm_memory_usage_byte_seconds vm_device vm_volume_mode "
          "vm_persistentvolumeclaim_name vm_disk_allocated_size_byte_seconds".split(),
    "gpu": "node namespace pod gpu_uuid gpu_model_name gpu_vendor_name gpu_memory_capacity_mib gpu_pod_uptime gpu_max_slices "
           "mig_instance_id mig_memory_capacity_mib mig_profile mig_slice_count mig_strategy".split(),
}
# The letters by which the report target puts a header in front of the rest of its input.
LETTERS = {"storage": "s", "pod": "p", "node": "n", "namespace": "m", "vm": "v", "gpu": "g"}
TEXTS = {"resource_id": "i-0a1b", "gpu_model_name": "NVIDIA A100-SXM4-80GB", "gpu_vendor_name": "nvidia_com_gpu",
         "mig_profile": "3g.20gb", "mig_strategy": "mixed", "mig_slice_count": "3", "gpu_max_slices": "", "vm_os": "linux"}
INTERVAL = "2026-11-05 07:00:00 +0000 UTC"


def value_of(column, hour):
    if column.endswith("labels"):
        return "label_app:web|label_env:prod"
    if column in TEXTS:
        return TEXTS[column]
    if column.endswith(("seconds", "bytes", "cores", "sockets", "threads", "mib", "uptime")):
        return f"{hour + 1}.5"
    return column[:4] + str(hour % 2)


def row(kind, hour, **changes):
    dates = ["2026-11-01 00:00:00 +0000 UTC", "2026-12-01 00:00:00 +0000 UTC", f"2026-11-05 {hour:02}:00:00 +0000 UTC",
             f"2026-11-05 {hour:02}:59:59 +0000 UTC"]
    fields = dict(zip(DATES, dates)) | {column: value_of(column, hour) for column in COLUMNS[kind]} | changes
    return ",".join(fields.values()) + "\n"


def report(kind, hours=3, **changes):
    return ",".join(DATES + COLUMNS[kind]) + "\n" + "".join(row(kind, hour, **changes) for hour in range(hours))


def manifest(**changes):
    fields = {"uuid": "00000000-0000-4000-8000-000000000001", "cluster_id": "c", "date": "2026-11-06T00:30:00Z",
              "files": ["a.csv"], "version": "4.3.1", "daily_reports": True, "start": "2026-11-05T00:00:00Z",
              "end": "2026-11-05T23:59:59Z"} | changes
    return json.dumps(fields)


def members(*parts):
    """Each part: (type, name, bytes)."""
    return "\n".join(f"%% {kind} {name}\n{content}" for kind, name, content in parts)


def gzipped(**files):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, content in files.items():
            information = tarfile.TarInfo(name.replace("__", "."))
            information.size = len(content)
            archive.addfile(information, io.BytesIO(content.encode()))
    return gzip.compress(raw.getvalue(), mtime=0), raw.getvalue()


STATUS = {"clusterVersion": "stable-4.15", "upload": {"upload": True, "error": "no route"}, "packaging": {"error": ""},
          "prometheus": {"error": "NaN"}, "reports": {"data_collection_message": "{}"}}
compressed, tar = gzipped(manifest__json=manifest(), a__csv=report("namespace", 2))

ARCHIVES = {
    "plain": members(("0", "manifest.json", manifest()), ("0", "a.csv", "x\n1\n")),
    "gzip": compressed,
    "tar": tar,
    "odd_members": members(("5", "./", ""), ("0", "./manifest.json", manifest()), ("2", "l -> /etc/passwd", ""),
                           ("1", "h -> a.csv", ""), ("3", "dev", ""), ("6", "fifo", ""), ("0", "../up.csv", "x"),
                           ("0", "/abs/a.csv", "y"), ("0", "a.csv", "1"), ("0", "a.csv", "2")),
    "long_names": members(("L", "n" * 300, ""), ("0", "short", "x"), ("x", "", "path=d/manifest.json\nsize=3"),
                          ("0", "y", "abc"), ("g", "", "comment=c"), ("0", "manifest.json", manifest())),
    "sparse": members(("x", "", "GNU.sparse.major=1\nGNU.sparse.minor=0\nGNU.sparse.name=s\nGNU.sparse.realsize=5"),
                      ("0", "GNUSparseFile.0/s", "1\n0\n5\n" + "\0" * 506 + "hello"), ("0", "manifest.json", manifest())),
    # What libarchive parses in a time that grows with the square of the length, if it gets to see it: this long, a second and more.
    "acl_access": members(("x", "", "SCHILY.acl.access=" + ",".join(["u:a:r"] * 40_000)), ("0", "manifest.json", manifest())),
    "acl_default": members(("x", "", "SCHILY.acl.default=" + ",".join(["user:abc:rw-"] * 4_000)), ("0", "manifest.json", manifest())),
    "acl_nfs": members(("x", "", "SCHILY.acl.ace=" + ",".join(["user:a:r-------------:-------:allow"] * 1_600)),
                       ("0", "manifest.json", manifest())),
    "acl_repeated": members(("x", "", "\n".join(["SCHILY.acl.access=" + ",".join(["u:a:r"] * 100)] * 90)), ("0", "manifest.json", manifest())),
    "pax_many": members(("x", "", "\n".join(f"SCHILY.xattr.{number}=v" for number in range(2_500))), ("0", "manifest.json", manifest())),
    "pax_lists": members(("x", "", "GNU.sparse.major=0\nGNU.sparse.minor=1\nGNU.sparse.map=" + ",".join(["0,0"] * 12_000)),
                         ("0", "s", ""), ("0", "manifest.json", manifest())),
    "pax_for_nobody": members(*[("g", "", "comment=" + "c" * 500), ("x", "", "path=p")] * 40, ("0", "manifest.json", manifest())),
    "garbage": members(("0", "manifest.json", manifest()), ("#", "", "garbage" * 100)),
    "manifest": manifest(),
    "manifest_status": manifest(cr_status=STATUS, certified="yes", daily_reports=1, manifest_id=3, hours_per_day={}),
    "manifest_times": manifest(date="2026-11-06 00:30:00.1234567+05:30", start=1793836800, end="1793923199999"),
    "manifest_nan": manifest(cr_status={"x": "KEEP"}).replace('"KEEP"', "[NaN, Infinity, -Infinity]"),
    "manifest_windows": manifest(start="2026-11-29T05:00Z", end="2026-12-01T07:00Z", files=None, version=""),
    "manifest_urn": manifest(uuid="urn:uuid:{00000000000040008000000000000001}", resource_optimization_files=["r.csv"]),
    "manifest_deep": manifest(cr_status={"a": [[[[{"b": {}}]]]]}),
}

REPORTS = {name: report(name) for name in COLUMNS}
REPORTS |= {"rows_" + name: LETTERS[name] + "\n" + row(name, 1) + row(name, 2) for name in COLUMNS}
REPORTS |= {
    "quotes": "m\n" + row("namespace", 1, namespace='"a ""b"" c"x', namespace_labels='"label_a:1,2|label_b:""3"""'),
    "line_ends": report("namespace").replace("\n", "\r\n") + row("namespace", 3).replace("\n", "\r") + "\r \t\r\n",
    "ragged": "m\n" + row("namespace", 1).rstrip() + ",,,\n" + row("namespace", 2).rstrip() + ",surplus\n"
              + INTERVAL + "\n,,,,\n",
    "byte_order_mark": "\ufeff" + report("node"),
    "invalid_bytes": b"m\n,," + INTERVAL.encode() + b",,n\xff\x00s,label_\xc3:\xe9|k:v\n",
    "numbers": "p\n" + "".join(row("pod", hour, pod_usage_cpu_core_seconds=number, node_capacity_cpu_cores=number)
                               for hour, number in enumerate(["1e400", "-0", "NaN", "inf", "0x10", "1e18", "-1e18", " 7 ",
                                                              "9007199254740993", "1.7976931348623157e308", "1_0", ""])),
    "dates": "m\n" + "".join(row("namespace", 1, interval_start=date)
                             for date in ["0001-01-01", "9999-12-31T24:00:00", "1969-12-31T23:59:60Z", "2026-11-05T02:00+05:30",
                                          "2026-W45-4", "2026-310", "20261105", "2026-11-05 01:00:00.1234567 +0000 UTC"]),
    "texts": "p\n" + row("pod", 1, pod="<script>alert(1)</script>", namespace="'; DROP TABLE x; --", node="n" * 300,
                         node_role="\u00e9" * 70),
    "labels": "p\n" + row("pod", 1, pod_labels="|".join(f"label_{number}:v" for number in range(40)))
              + row("pod", 2, pod_labels="a:b:c|noval||:x|y:|label_label_z:1"),
    "gpus": "g\n" + "".join(row("gpu", hour, mig_profile=profile, gpu_model_name=model)
                            for hour, (profile, model) in enumerate([("1g.5gb", "Tesla T4"), ("bogus", "H100"), ("", "A30"),
                                                                     (" 2G.10GB ", "GB200")])),
    "days": "m\n" + "".join(row("namespace", 1, interval_start=f"2026-11-{day:02} 00:00:00 +0000 UTC") for day in range(1, 25)),
    "unknown": "interval_start,colour\n" + INTERVAL + ",red\n",
    "header_twice": report("node") + report("node"),
    "unclosed": "m\n" + row("namespace", 1, namespace='"open'),
}

LABELS = {
    "two": "label_app:web|label_env:prod",
    "repeated": "label_b:1|label_a:2|label_b:3",
    "odd": "a:b:c|noval||:x|y:|label_label_z:1|my_label_x:2|label_:3",
    "many": "|".join(f"label_{number % 30}:{number}" for number in range(60)),
    "characters": "a:\u00e9\U0001f600|\"\\:\t\x7f|k:\x01",
    "invalid": b"a:\xff\xc3|\x00b:\xf0\x9f\x98",
    "html": "<b>'a' & \"b\"</b>",
    "number": "-1234.5678e-5",
    "timestamp": "2026-11-05T07:00:00.123456+05:30",
    "operator_timestamp": INTERVAL,
    "week": "2026-W45-4T01",
    "model": "NVIDIA A100-SXM4-80GB",
    "profile": "3g.20gb",
    "attempt": "' OR 1=1; UNION ALL SELECT x FROM y -- /* */ <svg onload=x> javascript:",
}

PAYLOADS = {
    "one_file": members(("0", "manifest.json", manifest()), ("0", "a.csv", report("pod"))),
    "all_types": members(("0", "manifest.json", manifest(files=[name + ".csv" for name in COLUMNS])),
                         *(("0", name + ".csv", report(name)) for name in COLUMNS)),
    "split": members(("0", "manifest.json", manifest(files=["a.csv", "b.csv"])), ("0", "a.csv", report("pod", 5)),
                     ("0", "b.csv", report("pod", 7))),
    "no_window": members(("0", "manifest.json", manifest(start=None, end=None)), ("0", "a.csv", report("storage", 9))),
    "twice": members(("0", "a.csv", report("node")), ("0", "manifest.json", manifest()), ("0", "a.csv", report("gpu"))),
    "unlisted": members(("0", "manifest.json", manifest(files=["b.csv"])), ("0", "a.csv", report("vm"))),
    "gzip": compressed,
}


def main(directory):
    for target, seeds in {"archive": ARCHIVES, "report": REPORTS, "labels": LABELS, "payload": PAYLOADS}.items():
        os.makedirs(os.path.join(directory, target), exist_ok=True)
        for name, content in seeds.items():
            with open(os.path.join(directory, target, "seed_" + name), "wb") as file:
                file.write(content if isinstance(content, bytes) else content.encode())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
