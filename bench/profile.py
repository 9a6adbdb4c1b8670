"""What an ingest spent its time on, from the stacks of `perf script --fields tid,ip,sym` on standard input: shares of the time of
the backend, whose process id is the argument, and beside it what the thread did meanwhile that reads."""

import collections
import sys

# The first group one of whose marks is in a frame of the stack. Order matters: writing the daily rows fills tuples and
# indexes as well.
GROUPS = (
    ("inflate, both passes", ("isal_", "decode_huffman", "inflate", "Gunzip::")),
    ("write the daily rows", ("TypeLoad::write_daily",)),
    ("index entries", ("insert_index_by_index",)),
    ("form tuples", ("heap_form_tuple",)),
    ("pages: extend, find, evict", ("RelationGetBufferForTuple",)),
    ("WAL of the heap", ("XLogInsert",)),
    ("rest of heap inserts", ("LeafWriter::flush",)),
    ("scan CSV", ("CsvScanner",)),
    ("convert numbers and times", ("parse_number", "parse_integer", "parse_timestamp", "convert_numbers")),
    ("find the daily key", ("cached_key", "begin_key")),
    ("convert other texts", ("convert_other_texts", "convert_text")),
    ("daily aggregate", ("DailyAggregate",)),
    ("values into slots", ("LineItemWriter", "TypeLoad::add")),
    ("rest of reading a report", ("ReportReader",)),
    ("bookkeeping in SQL", ("run_sql",)),
)


def group_of(frames):
    for name, marks in GROUPS:
        if any(mark in frame for frame in frames for mark in marks):
            return name
    return "other"


def main():
    backend = sys.argv[1]
    samples = {True: collections.Counter(), False: collections.Counter()}
    for stack in sys.stdin.read().split("\n\n"):
        lines = [line.strip() for line in stack.splitlines() if line.strip()]
        if len(lines) > 1:
            samples[lines[0] == backend][group_of([line.partition(" ")[2] for line in lines[1:]])] += 1
    total = sum(samples[True].values())
    print(f"{'':<45}{'backend':>9}{'thread':>9}")
    for name, _ in (samples[True] + samples[False]).most_common():
        shares = [100 * samples[who][name] / total for who in (True, False)]
        print(f"{name:<45}{shares[0]:7.1f} %{shares[1]:7.1f} %")
    print(f"{'all':<45}{100:7.1f} %{100 * sum(samples[False].values()) / total:7.1f} %")


main()
