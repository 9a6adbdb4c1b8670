"""The daily aggregates of pods and volumes as DuckDB makes them of the report files, for comparison."""

import glob
import os
import time

POD_KEYS = "namespace, node, pod, resource_id, pod_labels"
POD_SUMS = [f"pod_{kind}_{measure}" for kind in ("usage", "request", "limit")
            for measure in ("cpu_core_seconds", "memory_byte_seconds")]
POD_MAXES = ["node_capacity_cpu_cores", "node_capacity_cpu_core_seconds", "node_capacity_memory_bytes",
             "node_capacity_memory_byte_seconds"]
VOLUME_KEYS = ("namespace, pod, node, persistentvolumeclaim, persistentvolume, storageclass, persistentvolume_labels,"
               " persistentvolumeclaim_labels")
VOLUME_SUMS = ["volume_request_storage_byte_seconds", "persistentvolumeclaim_usage_byte_seconds",
               "persistentvolumeclaim_capacity_byte_seconds"]
VOLUME_MAXES = ["persistentvolumeclaim_capacity_bytes"]


def available():
    try:
        import duckdb  # noqa: F401
    except ImportError:
        return False
    return True


def aggregate(file, keys, sums, maxes):
    columns = [f"sum(try_cast({name} AS double)) AS {name}" for name in sums]
    columns += [f"max(try_cast({name} AS double)) AS {name}" for name in maxes]
    return (f"SELECT substr(interval_start, 1, 10) AS usage_start, {keys}, {', '.join(columns)}"
            f" FROM read_csv('{file}', header = true, all_varchar = true) GROUP BY ALL")


def seconds(directory):
    """Reads the unpacked reports in a directory into two tables of a database in memory."""
    import duckdb
    connection = duckdb.connect()
    started = time.monotonic()
    for table, pattern, keys, sums, maxes in (
            ("pods", "*pod-usage*.csv", POD_KEYS, POD_SUMS, POD_MAXES),
            ("volumes", "*storage-usage*.csv", VOLUME_KEYS, VOLUME_SUMS, VOLUME_MAXES)):
        (file,) = glob.glob(os.path.join(directory, pattern))
        connection.execute(f"CREATE TABLE {table} AS " + aggregate(file, keys, sums, maxes))
    return time.monotonic() - started
