"""Measures ingest against COPY of the finished raw rows; see run.sh."""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tarfile
import time

import duckdb_daily
import server
from plot import write_plot
from server import fresh_tenant, peak_memory, raw_table, source_of, sql, timed

MONTH = datetime.date(2026, 10, 1)
CLUSTER = "bench-cluster"
MEGABYTE = 1e6
BASE_MEMORY = 64 * MEGABYTE
MEMORY_PER_KEY = 1000
MOST_MEMORY = 96 * MEGABYTE
LARGE_SIZE = 50_000  # pod rows
SMALL_SIZE = 200_000  # pod rows


class Payload:
    """A payload of the generator: a day of a cluster with about that many pod rows, and a volume for each fifth pod."""

    def __init__(self, options, pod_rows, day=MONTH, hours=24, days=1, distinct_labels=False):
        pods = round(pod_rows / 24)
        self.path = os.path.join(options.files, f"{pod_rows}-{day}-{hours}-{days}.tar.gz")
        self.day, self.days = day, days
        self.pod_rows = pods * hours * days
        subprocess.run([options.generator, "--cluster-id", CLUSTER, "--pods", str(pods), "--volumes", str(pods // 5),
                        "--date", str(day), "--days", str(days), "--hours", str(hours), "--output", self.path]
                       + ["--distinct-labels"] * distinct_labels,
                       check=True, stdout=subprocess.DEVNULL)

    def ingest(self, tenant="NULL"):
        return f"SELECT sum(rows_loaded) FROM koku_ingest_file('{self.path}', tenant => {tenant})"

    def drop(self):
        os.remove(self.path)


def seconds_of_gunzip(payload):
    started = time.monotonic()
    subprocess.run(["gunzip", "--stdout", payload.path], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def seconds_of_duckdb(payload, files):
    directory = os.path.join(files, "unpacked")
    with tarfile.open(payload.path) as archive:
        archive.extractall(directory)
    seconds = duckdb_daily.seconds(directory)
    subprocess.run(["rm", "-r", directory], check=True)
    return seconds


def rows_of(tenant, suffix=""):
    return {report_type: int(sql(f"SELECT count(*) FROM {raw_table(tenant, report_type)}{suffix}"))
            for report_type in server.RAW_TABLES}


def dump_raw_rows(files):
    """The finished raw rows as COPY reads them, in the order in which they lie; one file a table with rows."""
    dumped = {}
    for report_type, rows in rows_of("ingested").items():
        if rows > 0:
            dumped[report_type] = os.path.join(files, f"{report_type}.csv")
            sql(f"COPY (SELECT * FROM {raw_table('ingested', report_type)}) TO '{dumped[report_type]}' CSV")
    return dumped


def copy_statement(dumped):
    return "BEGIN;" + "".join(f"COPY {raw_table('copied', report_type)} FROM '{file}' CSV;"
                              for report_type, file in dumped.items()) + "COMMIT"


def insert_statement(report_types):
    """The server's own way of storing rows that are there, with nothing to read, check or parse."""
    return "BEGIN;" + "".join(f"INSERT INTO {raw_table('inserted', report_type)} SELECT * FROM {raw_table('ingested', report_type)};"
                              for report_type in report_types) + "COMMIT"


def bytes_of_raw_tables(tenant):
    """Heap with TOAST, and indexes, of the raw tables' partitions."""
    heap, indexes = sql(
        "SELECT sum(pg_table_size(relid)), sum(pg_indexes_size(relid)) FROM unnest(ARRAY["
        + ",".join(f"'{raw_table(tenant, report_type)}'" for report_type in server.RAW_TABLES)
        + "]::regclass[]) AS parent, LATERAL pg_partition_tree(parent) WHERE isleaf").split("|")
    return int(heap), int(indexes)


def rounds_of(options, pod_rows):
    """More of what takes less than a second, where whatever else the machine does counts for more."""
    return options.rounds * (3 if pod_rows < SMALL_SIZE else 1)


def median_ratio(dividends, divisors):
    """Of ratios in one round each, whose two parts were measured one soon after the other: what slows a whole round down,
    as other work of the machine does, slows both."""
    return statistics.median(dividend / divisor for dividend, divisor in zip(dividends, divisors))


def measure(options, payload, name):
    """Medians of one payload: a dictionary of figures."""
    taken = {name: [] for name in ("ingest", "no thread", "copy", "insert", "gunzip", "summary", "second summary", "duckdb")}
    wal = {"ingest": [], "copy": []}
    dumped = None

    def ingest():
        nonlocal dumped
        fresh_tenant("ingested", MONTH, CLUSTER)
        cost = timed(payload.ingest())
        taken["ingest"].append(cost.seconds)
        wal["ingest"].append(cost.wal_bytes)
        summarize = f"SELECT count(*) FROM koku_summarize('{source_of(CLUSTER)}', date '{payload.day}',"\
                    f" date '{payload.day}' + {payload.days - 1})"
        first, second = timed(summarize, summarize)
        taken["summary"].append(first.seconds)
        taken["second summary"].append(second.seconds)
        if dumped is None:
            dumped = dump_raw_rows(options.files)

    def ingest_without_thread():
        fresh_tenant("ingested", MONTH, CLUSTER)
        taken["no thread"].append(timed("SET koku_onprem.ingest_threads = 0", payload.ingest())[1].seconds)

    def copy():
        fresh_tenant("copied", MONTH)
        cost = timed(copy_statement(dumped))
        taken["copy"].append(cost.seconds)
        wal["copy"].append(cost.wal_bytes)

    def insert():
        fresh_tenant("inserted", MONTH)
        taken["insert"].append(timed(insert_statement(dumped)).seconds)

    for number in range(rounds_of(options, payload.pod_rows)):
        # The last ingest is the one whose rows COPY and INSERT store.
        for step in (copy, insert, ingest_without_thread, ingest) if number % 2 else (
                ingest_without_thread, ingest, copy, insert):
            step()
        taken["gunzip"].append(seconds_of_gunzip(payload))
        if duckdb_daily.available():
            taken["duckdb"].append(seconds_of_duckdb(payload, options.files))
        say(f"{name}, round {number + 1}: ingest {taken['ingest'][-1]:.3f} s, copy {taken['copy'][-1]:.3f} s,"
            f" insert {taken['insert'][-1]:.3f} s, summary {taken['summary'][-1]:.3f} s")

    raw_rows = rows_of("ingested")
    if not raw_rows == rows_of("copied") == rows_of("inserted"):
        raise SystemExit("the tables that are compared differ in their rows")
    keys = sum(rows_of("ingested", "_daily").values())
    heap, indexes = bytes_of_raw_tables("ingested")
    fresh_tenant("ingested", MONTH, CLUSTER)
    memory = peak_memory(payload.ingest())
    figures = {name: statistics.median(values) for name, values in taken.items() if values}
    figures.update(name=name, pod_rows=raw_rows["pod_usage"], raw_rows=sum(raw_rows.values()), keys=keys, memory=memory, heap=heap,
                   indexes=indexes, wal_ingest=statistics.median(wal["ingest"]), wal_copy=statistics.median(wal["copy"]),
                   compressed=os.path.getsize(payload.path),
                   ingest_to_copy=median_ratio(taken["ingest"], taken["copy"]),
                   without_thread_to_copy=median_ratio(taken["no thread"], taken["copy"]),
                   ingest_to_insert=median_ratio(taken["ingest"], taken["insert"]),
                   summary_to_ingest=median_ratio(taken["summary"], taken["ingest"]))
    for tenant in ("copied", "inserted"):
        server.drop_tenant(tenant)
    payload.drop()
    for file in dumped.values():
        os.remove(file)
    return figures


def measure_doubling(options):
    """Seconds of ingest in each round by pod rows, each size twice the one before."""
    sizes = [options.month_rows // 2 * 2 ** step for step in range(4)]
    payloads = {size: Payload(options, size) for size in sizes}
    taken = {size: [] for size in sizes}
    for _ in range(options.rounds * 3):
        for size in sizes:
            fresh_tenant("ingested", MONTH, CLUSTER)
            taken[size].append(timed(payloads[size].ingest()).seconds)
    for payload in payloads.values():
        payload.drop()
    return taken


def measure_month(options):
    """Seconds of each day of a month that fills, and the ratio of its last five days to the same in an empty month."""
    fresh_tenant("filled", MONTH, CLUSTER)
    seconds, ratios = [], []
    for number in range(31):
        payload = Payload(options, options.month_rows, MONTH + datetime.timedelta(days=number))
        empty = None
        if number >= 26:
            fresh_tenant("ingested", MONTH, CLUSTER)
            empty = timed(payload.ingest("'ingested'")).seconds
            server.drop_tenant("ingested")
        seconds.append(timed(payload.ingest("'filled'")).seconds)
        if empty:
            ratios.append(seconds[-1] / empty)
        payload.drop()
    server.drop_tenant("filled")
    return seconds, statistics.median(ratios)


COST_STEP = """SELECT sum(seconds) FROM koku_update_costs('{source}', date '{first}', date '{last}')
    WHERE target = 'reporting_ocpusagelineitem_daily_summary'
       OR target ~ '^koku_(cost|usage|workload|node|claim|machine|project|gpu|money|receiver|distribution)'"""


def measure_costs(options):
    """Ratio of the cost step of a broad model to a summary without costs, for a day; and what all costs computed anew after a change
    of a rate take, by days: seconds and bytes of memory."""
    model = json.dumps(json.loads((pathlib.Path(__file__).parent.parent
                                   / "test/golden/cost/costdemo/scenario.json").read_text())["cost_model"]).replace("'", "''")
    payload = Payload(options, 100_000)
    ratios = []
    for _ in range(options.rounds):
        fresh_tenant("ingested", MONTH, CLUSTER)
        sql(payload.ingest())
        source = source_of(CLUSTER)
        days = f"'{source}', date '{payload.day}', date '{payload.day}'"
        _, without = timed(*[f"SELECT count(*) FROM koku_summarize({days})"] * 2)
        sql(f"SELECT koku_create_cost_model('{model}', ARRAY['{source}']::uuid[], 'ingested')")
        step = COST_STEP.format(source=source, first=payload.day, last=payload.day)
        ratios.append(float(sql(f"{step};\n{step}").splitlines()[-1]) / without.seconds)
    payload.drop()
    server.drop_tenant("ingested")

    fresh_tenant("filled", MONTH, CLUSTER)
    for number in range(30):
        payload = Payload(options, options.month_rows // 2, MONTH + datetime.timedelta(days=number))
        sql(payload.ingest("'filled'"))
        payload.drop()
    source = source_of(CLUSTER)
    sql(f"SELECT koku_create_cost_model('{model}', ARRAY['{source}']::uuid[], 'filled');"
        f"SELECT count(*) FROM koku_summarize('{source}', date '{MONTH}', date '{MONTH}' + 29)")
    seconds, memory = {}, {}
    for days in (15, 30):
        update = f"SELECT count(*) FROM koku_update_costs('{source}', date '{MONTH}', date '{MONTH}' + {days - 1})"
        change = "UPDATE filled.cost_model_rate SET default_rate = default_rate * 1.01 WHERE metric = 'cpu_core_usage_per_hour'"
        seconds[days] = statistics.median(timed(change, update)[1].seconds for _ in range(3))
        memory[days] = peak_memory(update)
    server.drop_tenant("filled")
    return statistics.median(ratios), seconds, memory


def measure_growth(options):
    """Peak memory for six hours and for a whole day of the same pods."""
    peaks = []
    for hours in (6, 24):
        payload = Payload(options, options.month_rows, hours=hours)
        fresh_tenant("ingested", MONTH, CLUSTER)
        peaks.append(peak_memory(payload.ingest()))
        payload.drop()
    return peaks


def say(text):
    print(text, file=sys.stderr, flush=True)


def table(header, rows):
    widths = [max(len(row[at]) for row in [header] + rows) for at in range(len(header))]
    lines = ["  ".join(cell.rjust(width) if at else cell.ljust(width)
                       for at, (cell, width) in enumerate(zip(row, widths))) for row in [header] + rows]
    return "\n".join(lines)


def size_report(sizes):
    header = ["pod rows a day"] + [figures["name"] for figures in sizes]

    def row(name, value):
        return [name] + [value(figures) for figures in sizes]

    def seconds(name):
        return lambda figures: f"{figures[name]:.3f}" if name in figures else "-"

    return table(header, [
        row("pod rows", lambda f: f"{f['pod_rows']:,}"),
        row("raw rows of all reports", lambda f: f"{f['raw_rows']:,}"),
        row("distinct daily keys", lambda f: f"{f['keys']:,}"),
        row("payload, MB compressed", lambda f: f"{f['compressed'] / MEGABYTE:.1f}"),
        row("(a) koku_ingest_file, s", seconds("ingest")),
        row("    without a thread, s", seconds("no thread")),
        row("(b) COPY of the raw rows, s", seconds("copy")),
        row("(c) gunzip, s", seconds("gunzip")),
        row("(d) koku_summarize, s", seconds("summary")),
        row("    again in the same session, s", seconds("second summary")),
        row("(e) DuckDB, daily only, s", seconds("duckdb")),
        row("(f) INSERT ... SELECT of the raw rows, s", seconds("insert")),
        row("a/b without a thread", lambda f: f"{f['without_thread_to_copy']:.2f}"),
        row("a/b", lambda f: f"{f['ingest_to_copy']:.2f}"),
        row("a/f", lambda f: f"{f['ingest_to_insert']:.2f}"),
        row("d/a", lambda f: f"{f['summary_to_ingest']:.2f}"),
        row("raw rows a second (a)", lambda f: f"{f['raw_rows'] / f['ingest']:,.0f}"),
        row("WAL of (a), MB", lambda f: f"{f['wal_ingest'] / MEGABYTE:.1f}"),
        row("WAL of (b), MB", lambda f: f"{f['wal_copy'] / MEGABYTE:.1f}"),
        row("WAL, a/b", lambda f: f"{f['wal_ingest'] / f['wal_copy']:.2f}"),
        row("peak memory of (a), MB", lambda f: f"{f['memory'] / MEGABYTE:.1f}"),
        row("raw tables, MB", lambda f: f"{f['heap'] / MEGABYTE:.1f}"),
        row("their indexes, MB", lambda f: f"{f['indexes'] / MEGABYTE:.1f}"),
    ])


def targets(sizes, doubling, month_ratio, growth, costs):
    """(what, figure, met) of each target."""
    for figures in sizes:
        size = f"{figures['pod_rows']:,} pod rows"
        ratio = figures["ingest_to_copy"]
        # What does not grow with the rows counts for more where there are few.
        most = 0.45 if figures["pod_rows"] >= LARGE_SIZE else 0.6
        yield f"a/b at most {most}, {size}", f"{ratio:.2f}", ratio <= most
        ratio = figures["ingest_to_insert"]
        yield f"a/f at most 0.7, {size}", f"{ratio:.2f}", ratio <= 0.7
        wal = figures["wal_ingest"] / figures["wal_copy"]
        yield f"WAL at most 1.1 times that of COPY, {size}", f"{wal:.3f}", wal <= 1.1
        most = min(BASE_MEMORY + MEMORY_PER_KEY * figures["keys"], MOST_MEMORY)
        yield (f"memory at most {most / MEGABYTE:.1f} MB, {size}", f"{figures['memory'] / MEGABYTE:.1f} MB",
               figures["memory"] <= most)
    for figures in sizes:
        # What a summary of a few thousand rows costs is planning its statements (docs/performance.md): no matter of rows.
        if figures["pod_rows"] < LARGE_SIZE:
            continue
        ratio = figures["summary_to_ingest"]
        yield f"d/a at most 0.25, {figures['pod_rows']:,} pod rows", f"{ratio:.2f}", ratio <= 0.25
    before = None
    for rows, seconds in doubling.items():
        if before:
            # It differs by a few parts in a hundred when nothing changes.
            factor = median_ratio(seconds, before)
            yield f"twice the rows take at most twice the time, {rows:,} pod rows", f"{factor:.2f}", factor <= 2.05
        before = seconds
    yield "a month of 30 days slows a day by less than 10 %", f"{(month_ratio - 1) * 100:+.0f} %", month_ratio < 1.1
    yield from cost_targets(costs)
    yield ("no more memory for 24 hours than for 6 of the same pods",
           f"{growth[0] / MEGABYTE:.1f} and {growth[1] / MEGABYTE:.1f} MB", growth[1] <= growth[0] * 1.05 + MEGABYTE)


def cost_targets(costs):
    ratio, seconds, memory = costs
    yield "costs at most the summary without them, 100,000 pod rows", f"{ratio:.2f}", ratio <= 1
    factor = seconds[30] / seconds[15]
    yield "costs of twice the days take at most twice the time", f"{factor:.2f}", factor <= 2.2
    yield ("costs of twice the days take no more memory",
           f"{memory[15] / MEGABYTE:.1f} and {memory[30] / MEGABYTE:.1f} MB", memory[30] <= memory[15] * 1.05 + MEGABYTE)


def cost_report(costs):
    return "costs of a month computed anew after a change of a rate, s: " + ", ".join(
        f"{days} days {seconds:.2f}" for days, seconds in costs[1].items())


def target_table(judged):
    return table(["target", "measured", ""], [[what, figure, "met" if met else "MISSED"] for what, figure, met in judged])


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench/run.sh")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")])
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--costs", action="store_true")
    parser.add_argument("--output", default=os.path.join(os.path.dirname(__file__), "results"))
    parser.add_argument("--generator", help=argparse.SUPPRESS)
    parser.add_argument("--files", help=argparse.SUPPRESS)
    parser.add_argument("--machine", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.sizes = options.sizes or ([10_000, 100_000] if options.quick else [10_000, 100_000, 1_000_000])
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.month_rows = 20_000 if options.quick else 100_000
    return options


def main():
    options = parse_arguments()
    server.create_database()
    os.sync()  # else what is still to be written slows the first rounds
    if options.costs:
        costs = measure_costs(options)
        judged = list(cost_targets(costs))
        print("\n".join([options.machine, "", cost_report(costs), "", target_table(judged)]))
        sys.exit(0 if all(met for _, _, met in judged) else 1)
    sizes = [measure(options, Payload(options, size), f"{round(size / 24) * 24:,}") for size in options.sizes]
    # Every pod has labels of its own; a month that comes at once.
    shapes = [measure(options, Payload(options, 4200 * 24, distinct_labels=True), "distinct labels"),
              measure(options, Payload(options, options.month_rows // 5, days=30), "30 days at once")]
    say("twice the rows")
    doubling = measure_doubling(options)
    say("a month that fills")
    month_seconds, month_ratio = measure_month(options)
    growth = measure_growth(options)
    say("costs")
    costs = measure_costs(options)
    judged = list(targets(sizes, doubling, month_ratio, growth, costs))

    report = "\n".join([
        options.machine,
        f"medians of {options.rounds} rounds, three times as many for small sizes, alternating; ratios: medians of the"
        " rounds' ratios; settings of the server: bench/lib.sh", "",
        size_report(sizes + shapes), "",
        "ingest of twice the rows each time, s: "
        + ", ".join(f"{rows:,}: {statistics.median(seconds):.3f}" for rows, seconds in doubling.items()),
        f"ingest of each day of a month, {options.month_rows:,} pod rows a day, s: "
        + " ".join(f"{seconds:.2f}" for seconds in month_seconds),
        cost_report(costs),
        "" if duckdb_daily.available() else "DuckDB is not installed: (e) was not measured\n",
        target_table(judged),
    ]) + "\n"
    os.makedirs(options.output, exist_ok=True)
    name = os.path.join(options.output, datetime.date.today().isoformat() + ("-quick" if options.quick else ""))
    with open(name + ".txt", "w", encoding="utf-8") as file:
        file.write(report)
    write_plot(name + ".svg", sizes, {rows: statistics.median(seconds) for rows, seconds in doubling.items()})
    print(report)
    sys.exit(0 if all(met for _, _, met in judged) else 1)


main()
