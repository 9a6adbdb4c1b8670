"""Compare the rows of a table with the expected ones, as multisets.

Numbers match within a relative difference of 1e-9 (absolute 2e-12), JSON by value, arrays as sets; everything else
matches exactly, and NULL differs from ''.
"""
import csv
import json
import math

from database import NULL

NUMBERS = {"double precision", "numeric", "integer", "bigint", "real", "smallint"}
RELATIVE_TOLERANCE = 1e-9
ABSOLUTE_TOLERANCE = 2e-12

# What a daily row adds up over the partial rows of its key, and what it takes the largest of.
SUMS = {
    "gpu_pod_uptime", "node_capacity_cpu_core_seconds", "node_capacity_memory_byte_seconds",
    "persistentvolumeclaim_capacity_byte_seconds", "persistentvolumeclaim_usage_byte_seconds",
    "pod_effective_usage_cpu_core_seconds", "pod_effective_usage_memory_byte_seconds", "pod_limit_cpu_core_seconds",
    "pod_limit_memory_byte_seconds", "pod_request_cpu_core_seconds", "pod_request_memory_byte_seconds",
    "pod_usage_cpu_core_seconds", "pod_usage_memory_byte_seconds", "vm_cpu_limit_core_seconds",
    "vm_cpu_request_core_seconds", "vm_cpu_request_socket_seconds", "vm_cpu_request_thread_seconds",
    "vm_cpu_usage_total_seconds", "vm_disk_allocated_size_byte_seconds", "vm_memory_limit_byte_seconds",
    "vm_memory_request_byte_seconds", "vm_memory_usage_byte_seconds", "vm_uptime_total_seconds",
    "volume_request_storage_byte_seconds"}
MAXIMA = {
    "node_capacity_cpu_cores", "node_capacity_memory_bytes", "node_role", "persistentvolumeclaim_capacity_bytes",
    "report_period_end", "report_period_start", "reportnumhours", "resource_id", "vm_cpu_limit_cores",
    "vm_cpu_request_cores", "vm_cpu_request_sockets", "vm_cpu_request_threads", "vm_memory_limit_bytes",
    "vm_memory_request_bytes"}


def kind_of(column, sql_type):
    if sql_type in NUMBERS:
        return "number"
    if sql_type == "ARRAY":
        return "array"
    if sql_type in ("json", "jsonb") or column.endswith("_labels"):
        return "json"
    return "text"


def value(text, kind):
    if text == NULL:
        return None
    if kind == "number":
        return float(text)
    if kind == "json":
        try:
            return json.dumps(json.loads(text), sort_keys=True)
        except ValueError:
            return text
    if kind == "array":
        return tuple(sorted(next(csv.reader([text[1:-1]], escapechar="\\"), [])))
    return text


def values(rows, kinds):
    return [tuple(value(text, kind) for text, kind in zip(row, kinds, strict=True)) for row in rows]


def is_close(one, other):
    if not (isinstance(one, float) and isinstance(other, float)):
        return one == other
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)


def sort_key(row):
    """Sorts values of any kind; numbers that are nearly equal are neighbours."""
    return tuple(
        (0, "") if item is None else (1, float(f"{item:.7g}")) if isinstance(item, float) else (2, str(item)) for item in row)


def without_duplicates(rows):
    return sorted(set(rows), key=sort_key)


def merged(one, other, choose):
    return other if one is None else one if other is None else choose(one, other)


def merged_by_key(columns, rows):
    """One row for each key of a daily table: the pipeline that made the expected rows leaves one for each file."""
    merged_rows = {}
    for row in rows:
        key = tuple(item for column, item in zip(columns, row, strict=True) if column not in SUMS | MAXIMA)
        if key not in merged_rows:
            merged_rows[key] = list(row)
            continue
        merged_row = merged_rows[key]
        for at, column in enumerate(columns):
            if column in SUMS:
                merged_row[at] = merged(merged_row[at], row[at], lambda one, other: one + other)
            elif column in MAXIMA:
                merged_row[at] = merged(merged_row[at], row[at], max)
    return [tuple(row) for row in merged_rows.values()]


def differences(expected, found):
    """Pairs each expected row with one that is found, equal but for the tolerance; returns the rows left on both sides."""
    def exact_part(row):
        return tuple(item for item in row if not isinstance(item, float))

    candidates = {}
    for row in sorted(found, key=sort_key):
        candidates.setdefault(exact_part(row), []).append(row)
    missing = []
    for row in sorted(expected, key=sort_key):
        alike = candidates.get(exact_part(row), [])
        partner = next((at for at, other in enumerate(alike) if all(map(is_close, row, other))), None)
        if partner is None:
            missing.append(row)
        else:
            del alike[partner]
    return missing, [row for rows in candidates.values() for row in rows]
