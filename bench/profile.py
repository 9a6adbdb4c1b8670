"""Shares of the time of an ingest by what it was spent on, from the stacks of `perf script` on standard input."""

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
    samples = collections.Counter()
    for stack in sys.stdin.read().split("\n\n"):
        lines = [line.strip() for line in stack.splitlines() if line.strip()]
        if len(lines) > 1:
            samples[group_of([line.partition(" ")[2] for line in lines[1:]])] += 1
    total = sum(samples.values())
    for name, count in samples.most_common():
        print(f"{name:<45}{100 * count / total:5.1f} %")


main()
