"""Payloads made by hand, so that every byte of tar and gzip can be as wrong as a case needs."""
import gzip
import json
import random
import struct
import zlib

DATES = ["report_period_start", "report_period_end", "interval_start", "interval_end"]
COLUMNS = {
    "pod": "node namespace pod pod_usage_cpu_core_seconds pod_request_cpu_core_seconds pod_limit_cpu_core_seconds "
           "pod_usage_memory_byte_seconds pod_request_memory_byte_seconds pod_limit_memory_byte_seconds "
           "node_capacity_cpu_cores node_capacity_cpu_core_seconds node_capacity_memory_bytes "
           "node_capacity_memory_byte_seconds node_role resource_id pod_labels".split(),
    "storage": "namespace pod node persistentvolumeclaim persistentvolume storageclass csi_driver csi_volume_handle "
               "persistentvolumeclaim_capacity_bytes persistentvolumeclaim_capacity_byte_seconds "
               "volume_request_storage_byte_seconds persistentvolumeclaim_usage_byte_seconds persistentvolume_labels "
               "persistentvolumeclaim_labels".split(),
    "node": "node node_labels".split(),
    "namespace": "namespace namespace_labels".split(),
    "vm": "node resource_id namespace vm_name vm_instance_type vm_os vm_guest_os_arch vm_guest_os_name vm_guest_os_version "
          "vm_uptime_total_seconds vm_cpu_limit_cores vm_cpu_limit_core_seconds vm_cpu_request_cores "
          "vm_cpu_request_core_seconds vm_cpu_request_sockets vm_cpu_request_socket_seconds vm_cpu_request_threads "
          "vm_cpu_request_thread_seconds vm_cpu_usage_total_seconds vm_memory_limit_bytes vm_memory_limit_byte_seconds "
          "vm_memory_request_bytes vm_memory_request_byte_seconds vm_memory_usage_byte_seconds vm_device vm_volume_mode "
          "vm_persistentvolumeclaim_name vm_disk_allocated_size_byte_seconds vm_labels".split(),
    "gpu": "node namespace pod gpu_uuid gpu_model_name gpu_vendor_name gpu_memory_capacity_mib gpu_pod_uptime gpu_max_slices "
           "mig_instance_id mig_memory_capacity_mib mig_profile mig_slice_count mig_strategy".split(),
}
MEASURES = ("seconds", "bytes", "cores", "sockets", "threads", "mib", "uptime", "slices", "slice_count")
DAY = "2026-11-05"


def noise(size):
    """Bytes that no compression makes smaller, the same in every run."""
    return random.Random(size).randbytes(size)


def is_measure(column):
    return column.endswith(MEASURES)


def is_label(column):
    return column.endswith("labels")


def texts_of(kind):
    return [column for column in COLUMNS[kind] if not is_measure(column) and not is_label(column)]


def quoted(field):
    return '"' + field.replace('"', '""') + '"' if any(c in field for c in ',"\r\n') else field


def row(kind, hour=0, day=DAY, **changes):
    """A line of a report: 1 for measures, the column's name for texts, no labels."""
    fields = {"report_period_start": "2026-11-01 00:00:00 +0000 UTC", "report_period_end": "2026-12-01 00:00:00 +0000 UTC",
              "interval_start": f"{day} {hour:02}:00:00 +0000 UTC", "interval_end": f"{day} {hour:02}:59:59 +0000 UTC"}
    for column in COLUMNS[kind]:
        fields[column] = "1" if is_measure(column) else "" if is_label(column) else column
    fields["mig_profile"] = ""
    fields["mig_strategy"] = "mixed"
    fields.update(changes)
    return ",".join(quoted(fields[name]) for name in DATES + COLUMNS[kind]) + "\n"


def header(kind):
    return ",".join(DATES + COLUMNS[kind]) + "\n"


def report(kind, *rows):
    return header(kind) + "".join(rows or (row(kind),))


def manifest(number=1, cluster="hostile", files=("a.csv",), **changes):
    """number makes the uuid. A change to ... removes the field."""
    fields = {"uuid": f"00000000-0000-4000-8000-{number:012}", "cluster_id": cluster, "date": "2026-11-06T00:30:00Z",
              "files": list(files), "version": "4.3.1", "daily_reports": True, "start": f"{DAY}T00:00:00Z",
              "end": f"{DAY}T23:59:59Z", **changes}
    return json.dumps({name: value for name, value in fields.items() if value is not ...})


def encoded(content):
    return content.encode() if isinstance(content, str) else content


def member_header(name, size, kind="0", link="", **fields):
    """A tar header. fields: magic (bytes), and offset=bytes pairs as at_OFFSET to write over what is there."""
    block = bytearray(512)
    for place, content in {0: encoded(name)[:100], 100: b"0000644", 108: b"0000000", 116: b"0000000", 124: b"%011o" % size,
                           136: b"00000000000", 156: kind.encode(), 157: encoded(link)[:100],
                           257: fields.get("magic", b"ustar\x0000")}.items():
        block[place:place + len(content)] = content
    for field, content in fields.items():
        if field.startswith("at_"):
            place = int(field[3:])
            block[place:place + len(content)] = content
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padded(content):
    return content + bytes(-len(content) % 512)


def member(name, content="", kind="0", link="", **fields):
    content = encoded(content)
    return member_header(name, len(content), kind, link, **fields) + padded(content)


def pax(records, kind="x"):
    lines = b""
    for key, value in records.items():
        line = b" " + encoded(key) + b"=" + encoded(value) + b"\n"
        length = len(line) + 1
        while len(str(length)) + len(line) != length:
            length += 1
        lines += str(length).encode() + line
    return member("pax", lines, kind)


def tar(*members):
    return b"".join(members) + bytes(1024)


def compressed(data, level=6):
    return gzip.compress(data, level, mtime=0)


def stored(data):
    """gzip without compression, which is quick."""
    out = zlib.compressobj(0, zlib.DEFLATED, -15)
    body = out.compress(data) + out.flush()
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def repeated(prefix, block, times, suffix=b"", level=6):
    """gzip of a block many times over, never held in memory."""
    out = zlib.compressobj(level, zlib.DEFLATED, 31)
    parts = [out.compress(prefix)]
    for _ in range(times):
        parts.append(out.compress(block))
    parts.append(out.compress(suffix) + out.flush())
    return b"".join(parts)


def payload(*members, **changes):
    """Members after a manifest."""
    return compressed(tar(member("manifest.json", manifest(**changes)), *members))
