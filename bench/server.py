"""Sessions of a private server, and what one statement in a session costs."""

import collections
import subprocess
import threading

Cost = collections.namedtuple("Cost", "seconds wal_bytes")

DATABASE = "bench"
RAW_TABLES = ("pod_usage", "storage_usage", "node_labels", "namespace_labels", "vm_usage", "gpu_usage")


def sql(statements, database=DATABASE):
    """Runs statements in a session of its own; what they return, without alignment."""
    done = subprocess.run(["psql", "-XAqt", "-v", "ON_ERROR_STOP=1", "-d", database],
                          input="SET client_min_messages = error;\n" + statements, text=True, capture_output=True)
    if done.returncode != 0:
        raise SystemExit(f"psql: {done.stderr}\n{statements[:500]}")
    return done.stdout.strip()


def timed(*statements):
    """Runs statements, each with its commit, in a fresh session that has loaded the library; what each costs."""
    mark = "SELECT 'mark', extract(epoch FROM clock_timestamp()), pg_current_wal_insert_lsn() - '0/0';\n"
    sql("CHECKPOINT")
    output = sql("LOAD 'koku_onprem';\n" + mark + "".join(f"{statement};\n{mark}" for statement in statements))
    marks = [line.split("|") for line in output.splitlines() if line.startswith("mark|")]
    costs = [Cost(float(end) - float(begin), int(wal_end) - int(wal_begin))
             for (_, begin, wal_begin), (_, end, wal_end) in zip(marks, marks[1:])]
    return costs if len(costs) > 1 else costs[0]


def peak_memory(statement):
    """The largest memory in bytes of a backend outside shared memory and mapped files while it runs a statement."""
    session = subprocess.Popen(["psql", "-XAqt", "-v", "ON_ERROR_STOP=1", "-d", DATABASE], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    session.stdin.write("SET client_min_messages = error;\nSELECT pg_backend_pid();\n")
    session.stdin.flush()
    status = f"/proc/{int(session.stdout.readline())}/status"
    ended = threading.Event()
    peak = 0

    def sample():
        nonlocal peak
        while not ended.wait(0.005):
            try:
                with open(status, encoding="ascii") as lines:
                    anonymous = next((line for line in lines if line.startswith("RssAnon:")), "RssAnon: 0 kB")
            except (FileNotFoundError, ProcessLookupError):
                return
            peak = max(peak, int(anonymous.split()[1]) * 1024)

    sampler = threading.Thread(target=sample)
    sampler.start()
    session.communicate(statement + ";\n")
    ended.set()
    sampler.join()
    if session.returncode != 0:
        raise SystemExit(f"failed: {statement[:200]}")
    return peak


def create_database():
    sql(f"DROP DATABASE IF EXISTS {DATABASE}; ", "postgres")
    sql(f"CREATE DATABASE {DATABASE}", "postgres")
    # A server that has run for a while writes over WAL segments that are there; a new one would have to make each.
    sql("CREATE TABLE filler AS SELECT repeat('x', 1000) AS text FROM generate_series(1, 1500000); DROP TABLE filler;"
        "CHECKPOINT")
    sql(f"CREATE EXTENSION koku_onprem; ALTER DATABASE {DATABASE} SET koku_onprem.retention_months = 0")


def fresh_tenant(tenant, month, cluster=None):
    """An empty tenant with the partitions of a month, as koku_run() makes them ahead; with a source if a cluster is named."""
    drop_tenant(tenant)
    sql(f"SELECT koku_create_tenant('{tenant}');"
        f"SELECT koku_internal.ensure_partition('{tenant}', table_name::name, '{month}')"
        " FROM koku_catalogue_table WHERE partition_column IS NOT NULL;"
        + (f"SELECT koku_create_source('{cluster}', tenant => '{tenant}');" if cluster else ""))


def drop_tenant(tenant):
    sql(f"DROP SCHEMA IF EXISTS {tenant} CASCADE; DELETE FROM koku_source WHERE tenant = '{tenant}';"
        f"DELETE FROM koku_tenant WHERE tenant = '{tenant}'")


def source_of(cluster):
    return sql(f"SELECT source FROM koku_source WHERE cluster_id = '{cluster}'")


def raw_table(tenant, report_type):
    return f"{tenant}.openshift_{report_type}_line_items"
