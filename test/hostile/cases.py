"""The hostile corpus: what is sent, and exactly what has to come of it.

A case is refused (an error, nothing recorded) or taken (result rows, warnings); a taken one is summarized, too, and checked.
"""
import bz2
import io
import json
import lzma
import zipfile
from collections import namedtuple

import payload as p

# make: a function of the cluster id. error: (SQLSTATE, message, detail); detail None: not looked at. result: the rows of the
# ingest, `file|type|day|action|rows_in|rows_loaded|rows_dropped|message`. warnings: message and detail joined by ' / '.
# settings: before the call. expect: (query, value) pairs, looked at after the summary; {tenant}, {source}.
Case = namedtuple("Case", "name make error result warnings settings expect")
CASES = []
DAY_ROW = "a.csv|%s|" + p.DAY + "|loaded|%d|%d|%d|%s"
DEFECTS = 'report file "a.csv" has defects / '


def refused(name, make, sqlstate, message, detail=None, **settings):
    CASES.append(Case(name, make if callable(make) else lambda cluster: make, (sqlstate, message, detail), None, [], settings, []))


def taken(name, make, *result, warnings=(), expect=(), **settings):
    CASES.append(Case(name, make, None, list(result), list(warnings), settings, list(expect)))


def taken_file(name, content, kind, rows, dropped=0, message="", warned=None, expect=(), **settings):
    """One report, a.csv, of one day. warned: the part of the message that is a defect (all of it unless given)."""
    warned = message if warned is None else warned
    taken(name, lambda cluster: p.payload(p.member("a.csv", content() if callable(content) else content), cluster=cluster),
          DAY_ROW % (kind, rows, rows - dropped, dropped, message), warnings=[DEFECTS + warned + "."] if warned else [],
          expect=expect, **settings)


def refused_file(name, content, sqlstate, message, detail=None, **settings):
    refused(name, lambda cluster: p.payload(p.member("a.csv", content() if callable(content) else content), cluster=cluster),
            sqlstate, message, detail, **settings)


def refused_manifest(name, text, message, detail=None, sqlstate="22P02", **settings):
    refused(name, lambda cluster: p.compressed(p.tar(p.member("manifest.json", text() if callable(text) else text))), sqlstate,
            message, detail, **settings)


def waiting(name, *members, warnings):
    """Members that are no a.csv: the file is waited for."""
    taken(name, lambda cluster: p.payload(*members, cluster=cluster), "a.csv|||waiting|0|0|0|", warnings=[warnings])


IGNORED = "1 member of the payload ignored: links, devices or unsafe paths / Ignored: \"%s\"."
NOT_GZIP = "payload is not gzip-compressed"
plain_report = p.report("namespace")


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("manifest.json", p.manifest())
    return out.getvalue()


def bomb(megabytes):
    """A file of zeros, which gzip makes a thousand times smaller."""
    size = megabytes << 20
    head = p.member("manifest.json", p.manifest()) + p.member_header("a.csv", size)
    return p.repeated(head, bytes(1 << 20), megabytes, bytes(1024), level=9)


# --- containers that are none ---------------------------------------------------------------------------------------------
refused("no bytes", b"", "22P02", "payload is empty", "It has no bytes. Reading stopped before the first member.")
refused("text", b"hello", "22P02", NOT_GZIP)
refused("tar without gzip", p.tar(p.member("manifest.json", p.manifest())), "22P02", NOT_GZIP + ": it looks like tar without gzip")
refused("bzip2", bz2.compress(b"x"), "22P02", NOT_GZIP + ": it looks like bzip2")
refused("xz", lzma.compress(b"x"), "22P02", NOT_GZIP + ": it looks like xz")
refused("zip", zipped(), "22P02", NOT_GZIP + ": it looks like zip")
refused("a manifest alone", p.manifest().encode(), "22P02", NOT_GZIP + ": it looks like JSON")
refused("gzip of text", p.compressed(b"hello"), "22P02", "payload does not contain a tar archive")
refused("gzip of nothing", p.compressed(b""), "22P02", "payload does not contain a tar archive")
refused("gzip with a wrong checksum", p.payload()[:-8] + bytes(8), "22P02", "payload is corrupt")
refused("tar that ends inside a member", p.compressed(p.member("manifest.json", p.manifest())[:600]), "22P02",
        "payload ends inside member \"manifest.json\"")

# --- members --------------------------------------------------------------------------------------------------------------
refused("nested payload", lambda cluster: p.compressed(p.tar(p.member("payload.tar.gz", p.payload(cluster=cluster)))), "22P02",
        "payload has no manifest.json", "None of its 1 members has that name.")
taken("nested payload as a report", lambda cluster: p.payload(p.member("in.tar.gz", p.payload()), cluster=cluster, files=["in.tar.gz"]),
      "in.tar.gz|||unknown type|0|0|0|columns match no report type",
      warnings=['report file "in.tar.gz" does not match any known report type / *'])
waiting("sparse member, GNU", p.member("a.csv", plain_report, "S", magic=b"ustar  \0", at_386=b"%011o\0%011o\0" % (0, 512),
                                        at_483=b"%011o\0" % 1024), warnings=IGNORED % "a.csv")
waiting("sparse member, POSIX", p.pax({"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "a.csv",
                                       "GNU.sparse.realsize": "9"}),
        p.member("GNUSparseFile.0/a.csv", p.padded(b"1\n0\n5\n") + b"hello"), warnings=IGNORED % "a.csv")
waiting("symbolic link to a file of the server", p.member("a.csv", kind="2", link="/etc/passwd"), warnings=IGNORED % "a.csv")
waiting("hard link to a member", p.member("a.csv", kind="1", link="manifest.json"), warnings=IGNORED % "a.csv")
waiting("character device", p.member("a.csv", kind="3"), warnings=IGNORED % "a.csv")
waiting("block device", p.member("a.csv", kind="4"), warnings=IGNORED % "a.csv")
waiting("FIFO", p.member("a.csv", kind="6"), warnings=IGNORED % "a.csv")
waiting("name with ..", p.member("../a.csv", plain_report), warnings=IGNORED % "../a.csv")
waiting("name with .. inside", p.member("d/../../a.csv", plain_report), warnings=IGNORED % "d/../../a.csv")
waiting("name that is no UTF-8", p.member(b"a\xff.csv", plain_report), warnings=IGNORED % "a\\xff.csv")
waiting("name of 2000 bytes", p.pax({"path": "n" * 2000}), p.member("x", plain_report), warnings=IGNORED % ("n" * 64 + "..."))
waiting("link whose name would write a line of the log", p.member("x\nERROR:  lost\x1b[2J", kind="2", link="y"),
        warnings=IGNORED % "x\\x0aERROR:  lost\\x1b[2J")
waiting("link with a name that is cut inside a character", p.pax({"path": "x" + "\u00e9" * 100}), p.member("x", kind="2", link="y"),
        warnings=IGNORED % ("x" + "\u00e9" * 63 + "..."))
taken("absolute name", lambda cluster: p.payload(p.member("/a.csv", plain_report), cluster=cluster), DAY_ROW % ("namespace_labels", 1, 1, 0, ""))
taken("two members of one name: the last counts",
      lambda cluster: p.payload(p.member("a.csv", "x"), p.member("./a.csv", p.report("namespace", p.row("namespace"), p.row("namespace", 1))),
                                cluster=cluster), DAY_ROW % ("namespace_labels", 2, 2, 0, ""))
taken("two manifests: the last counts",
      lambda cluster: p.compressed(p.tar(p.member("manifest.json", "{"), p.member("manifest.json", p.manifest(cluster=cluster, files=[])))))
refused("manifest that is a link", p.compressed(p.tar(p.member("manifest.json", kind="2", link="/etc/passwd"))), "22P02",
        "payload has no manifest.json", "The member with that name is a link.")
refused("manifest that is a directory", p.compressed(p.tar(p.member("manifest.json", kind="5"))), "22P02",
        "payload has no manifest.json", "The member with that name is a directory.")
refused("manifest that is a device", p.compressed(p.tar(p.member("manifest.json", kind="3"))), "22P02",
        "payload has no manifest.json", "The member with that name is not a regular file.")
refused("manifest in a directory", p.compressed(p.tar(p.member("d/manifest.json", p.manifest()))), "22P02", "payload has no manifest.json")
refused("size of a terabyte", p.compressed(p.tar(p.member_header("a.csv", 1 << 40, at_124=b"\x80\0\0\0\0\0\1\0\0\0\0\0"))), "54000",
        'member "a.csv" is larger than 2 GB')
refused("negative size", p.compressed(p.tar(p.member_header("a.csv", 0, at_124=b"\xff" * 12))), "22P02",
        "payload has a damaged or truncated tar header")
refused("tar header with a wrong checksum", p.compressed(p.tar(p.member("manifest.json", p.manifest())[:100] + b"X" +
                                                               p.member("manifest.json", p.manifest())[101:])), "22P02",
        "payload does not contain a tar archive")
refused("second tar header with a wrong checksum", p.compressed(p.tar(p.member("x"), b"X" + p.member("manifest.json", p.manifest())[1:])), "22P02",
        "payload has a damaged or truncated tar header")
LONG_HEADER = "payload has a tar header of more than 64 kB"
refused("extended header of 3 MB", lambda cluster: p.payload(p.pax({"comment": "c" * 3_000_000}), p.member("a.csv", "x")), "54000", LONG_HEADER,
        'Reading stopped after member "manifest.json".')
refused("many extended headers", lambda cluster: p.payload(*[p.pax({"path": p.noise(20_000).hex()}) for _ in range(40)], p.member("a.csv", "x")), "54000",
        LONG_HEADER, 'Reading stopped after member "manifest.json".')
# libarchive reads access control lists in time that grows with the square of their length.
for key, entry in (("SCHILY.acl.access", "u:a:r"), ("SCHILY.acl.default", "u:a:r"), ("SCHILY.acl.ace", "user:a:r-------------:-------:allow")):
    refused(f"access control list of 20,000 entries, {key}",
            lambda cluster, key=key, entry=entry: p.payload(p.pax({key: ",".join([entry] * 20_000)}), p.member("a.csv", "x")), "54000", LONG_HEADER)
refused("access control lists of many members",
        lambda cluster: p.payload(*[p.pax({"SCHILY.acl.access": ",".join(["u:a:r"] * 10_000)}) + p.member("a.csv", "x") for _ in range(600)]), "54000",
        "payload has more than 32 MB of extended tar headers", max_compression_ratio=100000)
refused("bomb of 1 : 1000", lambda cluster: bomb(64), "54000", "payload unpacks to more than 200 times its compressed size")
refused("bomb, ratio allowed", lambda cluster: bomb(64), "54000", "payload is larger than 32 MB when unpacked",
        max_compression_ratio=100000, max_payload_size="32MB")
refused("a million members", lambda cluster: p.repeated(p.member("manifest.json", p.manifest()), p.member("x"), 1_000_000, bytes(1024)),
        "54000", "payload has more than 10000 members")
refused("manifest of 200 MB", lambda cluster: p.repeated(p.member_header("manifest.json", 200 << 20) + b"{", b" " * (1 << 20), 200), "54000",
        "manifest.json is larger than 2 MB", "It has 200 MB.")
taken("garbage after the archive", lambda cluster: p.payload(p.member("a.csv", plain_report), cluster=cluster) + p.noise(1000),
      DAY_ROW % ("namespace_labels", 1, 1, 0, ""))

# --- the manifest ---------------------------------------------------------------------------------------------------------
refused_manifest("no JSON", "hello", "manifest.json is not valid JSON")
refused_manifest("JSON cut off", p.manifest()[:-20], "manifest.json is not valid JSON")
refused_manifest("a list", "[]", "manifest.json is not a JSON object")
refused_manifest("deep JSON", "[" * 100_000 + "]" * 100_000, "manifest.json is not valid JSON", "It is nested more than 1024 levels deep. It begins with \"" + "[" * 64 + "...\".")
refused_manifest("deep object in cr_status", p.manifest(cr_status={})[:-3] + '{"a": ' * 2000 + "1" + "}" * 2002,
                 "manifest.json is not valid JSON")
refused_manifest("a lone surrogate", p.manifest(version="X").replace('"X"', '"\\ud800"'), "manifest.json is not valid JSON")
refused_manifest("invalid UTF-8 in the manifest", p.manifest(version="X").encode().replace(b"X", b"\xff"), "manifest.json is not valid JSON",
                 None)
refused_manifest("number out of range in the manifest", p.manifest(manifest_id=...)[:-1] + ', "manifest_id": 1e400}',
                 "manifest.json is not valid JSON")
refused_manifest("NUL in a name", p.manifest(files=["a\0.csv"]), 'invalid field "files[0]" in manifest.json: "a\\x00.csv"')
refused_manifest("path as a file name", p.manifest(files=["../../etc/passwd"]), 'invalid field "files[0]" in manifest.json: "../../etc/passwd"')
refused_manifest("file name of 1 MB", p.manifest(files=["f" * 1_000_000]),
                 'invalid field "files[0]" in manifest.json: "' + "f" * 64 + '..."',
                 "It must not be longer than 1024 bytes, as the name of a member must not.")
refused_manifest("cluster id of 1 MB", p.manifest(cluster="c" * 1_000_000), 'invalid field "cluster_id" in manifest.json: "' + "c" * 64 + '..."')
refused_manifest("cluster id that is SQL", p.manifest(cluster="x'); DROP TABLE koku_source; --"),
                 "no source is registered for cluster \"x'); DROP TABLE koku_source; --\"", sqlstate="42704")
refused_manifest("cluster id that writes a line of the log", p.manifest(cluster="x\nFATAL:  gone"),
                 'no source is registered for cluster "x\\x0aFATAL:  gone"', sqlstate="42704")
refused_manifest("10001 file names", p.manifest(files=[str(number) for number in range(10_001)]),
                 "manifest names more than 10000 files", sqlstate="54000")
refused_manifest("window of a century", p.manifest(start="1926-11-05", end="2026-11-05"), 'invalid field "end" in manifest.json: "2026-11-05"')
refused_manifest("year 10000", p.manifest(end="10000-01-01T00:00:00Z"), 'invalid field "end" in manifest.json: "10000-01-01T00:00:00Z"')
refused_manifest("the zero window of an operator that collected nothing", p.manifest(start="0001-01-01T00:00:00Z", end="0001-01-01T00:00:00Z"),
                 "payload is older than the retention", sqlstate="22008", retention_months=4)
taken("duplicate keys: the last counts",
      lambda cluster: p.compressed(p.tar(p.member("manifest.json", '{"files": 5, "uuid": null, ' + p.manifest(cluster=cluster, files=[])[1:]))))
taken("byte order mark, NaN and NUL in the manifest",
      lambda cluster: p.compressed(p.tar(p.member("manifest.json", "\ufeff" + p.manifest(cluster=cluster, files=[], cr_status={
          "clusterVersion": "a\0b", "upload": {"error": "x\0y \\u0000"}, "source": {"error": "KEEP"}}).replace('"KEEP"', "[NaN, -Infinity]")))),
      expect=[("SELECT cluster_channel || ' ' || operator_errors::text FROM koku_manifest WHERE source = '{source}'",
               'ab {"source_error": [[["NaN"]], [["-Infinity"]]], "upload_error": "xy \\\\u0000"}')])
taken("version of 1 MB", lambda cluster: p.payload(cluster=cluster, files=[], version="v" * 1_000_000))
taken("deep object that is allowed", lambda cluster: p.compressed(p.tar(p.member("manifest.json", p.manifest(
    cluster=cluster, files=[], cr_status={"upload": {"error": json.loads('{"a": ' * 900 + "1" + "}" * 900)}})))))

# --- the shape of a report ------------------------------------------------------------------------------------------------
refused_file("100000 columns", lambda: ",".join(f"c{number}" for number in range(100_000)) + "\n", "54000",
             "CSV record has more than 4096 fields", 'File "a.csv": The record begins on line 1.')
refused_file("100000 fields in a row", lambda: plain_report + "," * 100_000 + "\n", "54000", "CSV record has more than 4096 fields",
             'File "a.csv": The record begins on line 3.')
refused("field of 100 MB", lambda cluster: p.stored(p.tar(p.member("manifest.json", p.manifest()), p.member(
    "a.csv", p.header("namespace").encode() + b"2026," + p.noise(1 << 20).hex().encode() * 50))), "54000",
        "CSV record is longer than 4194304 bytes", 'File "a.csv": The record begins on line 2.')
refused_file("quote never closed", plain_report + '2026,"open\n\n,', "22P04", "CSV file ends inside a quoted field",
             'File "a.csv": The quote opened on line 3 is never closed.')
refused_file("quote never closed in the header", '"report_period_start,', "22P04", "CSV file ends inside a quoted field")
refused_file("quote closed after 5 MB", lambda: p.report("namespace", '"' + p.noise(2_600_000).hex() + '"\n'), "54000",
             "CSV record is longer than 4194304 bytes")
taken_file("NUL bytes", p.header("namespace").encode() + p.row("namespace", namespace="n\0s", namespace_labels="\0k:v\0").encode(),
           "namespace_labels", 1, message="3 NUL bytes removed", expect=[
               ("SELECT namespace || namespace_labels FROM {tenant}.openshift_namespace_labels_line_items WHERE source = '{source}'", 'ns{"k": "v"}')])
taken_file("invalid UTF-8", p.header("namespace").encode() + p.row("namespace", namespace="X", namespace_labels="k:Y").encode()
           .replace(b"X", b"a\xffb\xc3").replace(b"Y", b"\xed\xa0\x80"), "namespace_labels", 1, message="5 invalid UTF-8 sequences replaced")
taken_file("ragged rows", p.header("namespace") + p.row("namespace").rstrip("\n") + ",,,\n" + p.row("namespace", 1).rstrip("\n") + ",surplus\n"
           + ",".join(p.row("namespace", 2).split(",")[:3]) + "\n", "namespace_labels", 2, message="1 row with too many fields dropped")
CASES[-1].result.append("a.csv|namespace_labels||dropped|1|0|1|")
taken_file("CRLF", plain_report.replace("\n", "\r\n"), "namespace_labels", 1)
taken_file("CR", plain_report.replace("\n", "\r"), "namespace_labels", 1)
taken_file("byte order mark", "\ufeff" + plain_report, "namespace_labels", 1)
taken_file("header twice", plain_report + plain_report, "namespace_labels", 2,
           message="1 row without a usable interval_start dropped; 1 row repeats a key and hour, and adds up",
           warned="1 row without a usable interval_start dropped")
CASES[-1].result.append("a.csv|namespace_labels||dropped|1|0|1|")
taken_file("columns twice", p.header("namespace").rstrip("\n") + ",namespace,namespace\n" + p.row("namespace").rstrip("\n") + ",x,y\n", "namespace_labels", 1,
           message="unknown columns ignored: namespace, namespace")
taken_file("columns of the tables in the file", p.header("namespace").rstrip("\n") + ",id,source,usage_start,reportnumhours,manifestid\n"
           + p.row("namespace").rstrip("\n") + ",1,2,1999-01-01,99,4\n", "namespace_labels", 1,
           message="unknown columns ignored: id, source, usage_start, reportnumhours, manifestid", expect=[
               ("SELECT usage_start || ' ' || reportnumhours FROM {tenant}.openshift_namespace_labels_line_items WHERE source = '{source}'", p.DAY + " 24")])
taken_file("unknown columns with names that are no names",
           (p.header("namespace").rstrip("\n") + ",\x1b[2J,\u00e9" + "\u00e9" * 99 + ",'; DROP TABLE koku_source; --\n" + p.row("namespace")),
           "namespace_labels", 1, message="unknown columns ignored: \\x1b[2J, " + "\u00e9" * 32 + "..., '; DROP TABLE koku_source; --")
taken("a header of nothing but commas", lambda cluster: p.payload(p.member("a.csv", "," * 50 + "\n1\n"), cluster=cluster),
      "a.csv|||unknown type|0|0|0|columns match no report type", warnings=['report file "a.csv" does not match any known report type / *'])
taken("a file of blank lines", lambda cluster: p.payload(p.member("a.csv", " \n\t\n" * 1000), cluster=cluster), "a.csv|||empty|0|0|0|")

# --- dates ----------------------------------------------------------------------------------------------------------------
KEPT = dict(retention_months=0)


def dated(name, *intervals, results, message="", warned=None, **settings):
    warned = message if warned is None else warned
    content = p.report("namespace", *(p.row("namespace", interval_start=interval) for interval in intervals))
    rows = ["a.csv|namespace_labels|" + text for text in results]
    rows[0] += message
    taken(name, lambda cluster: p.payload(p.member("a.csv", content), cluster=cluster), *rows,
          warnings=[DEFECTS + warned + "."] if warned else [], **settings)


dated("before 1970", "1969-12-31 23:59:59 +0000 UTC", results=["1969-12-31|loaded|1|1|0|"],
      message="1 row outside of the manifest's window", warned="", **KEPT)
dated("year 1", "0001-01-01 00:00:00 +0000 UTC", results=["0001-01-01|loaded|1|1|0|"],
      message="1 row outside of the manifest's window", warned="", **KEPT)
AHEAD = "report has rows of a day that is still to come"
refused_file("year 9999", p.report("namespace", p.row("namespace", interval_start="9999-12-31 23:00:00 +0000 UTC")), "22008", AHEAD, **KEPT)
refused_file("24 months to come", p.report("namespace", *(p.row("namespace", interval_start=f"{9000 + n // 12}-{n % 12 + 1:02}-01") for n in range(24))),
             "22008", AHEAD, **KEPT)
refused_file("one row of a month to come", p.report("namespace", p.row("namespace"), p.row("namespace", interval_start="9998-01-01")), "22008", AHEAD, **KEPT)
dated("after year 9999, by the hour 24 and by an offset", "9999-12-31T24:00:00", "9999-12-31T23:00:00-05:00", results=["|dropped|2|0|2|"],
      message="2 rows without a usable interval_start dropped")
dated("five digits of a year, year 0, a negative one", "10000-01-01 00:00:00 +0000 UTC", "0000-01-01", "-2026-11-05", results=["|dropped|3|0|3|"],
      message="3 rows without a usable interval_start dropped")
dated("leap second, hour 25, February 30", "2026-11-05 23:59:60 +0000 UTC", "2026-11-05 25:00:00 +0000 UTC", "2026-02-30 00:00:00 +0000 UTC",
      results=["|dropped|3|0|3|"], message="3 rows without a usable interval_start dropped")
dated("hours outside of the window", "2026-11-04 23:00:00 +0000 UTC", "2026-11-05 00:00:00 +0000 UTC", "2026-11-06 00:00:00 +0000 UTC",
      results=["2026-11-04|loaded|1|1|0|", "2026-11-05|loaded|1|1|0|", "2026-11-06|loaded|1|1|0|"],
      message="2 rows outside of the manifest's window", warned="")
dated("a row past the retention", "2020-01-01 00:00:00 +0000 UTC", "2026-11-05 00:00:00 +0000 UTC",
      results=["2020-01-01|dropped|1|0|1|", "2026-11-05|loaded|1|1|0|"], message="1 row past the retention dropped", retention_months=4)
dated("other dates that are none", p.DAY, results=[p.DAY + "|loaded|1|1|0|"])
refused_file("1200 days", lambda: p.report("namespace", *(p.row("namespace", interval_start=f"{2000 + n // 360}-{n // 30 % 12 + 1:02}-{n % 30 + 1 if n // 30 % 12 != 1 else 1:02}")
                                                                     for n in range(1200))), "54000", "payload has rows of more than 24 months", **KEPT)
dated("as many months as are allowed", *(f"{2020 + n // 12}-{n % 12 + 1:02}-01" for n in range(24)),
      results=[f"{2020 + n // 12}-{n % 12 + 1:02}-01|loaded|1|1|0|" for n in range(24)],
      message="24 rows outside of the manifest's window", warned="", **KEPT)
refused_file("25 months", lambda: p.report("namespace", *(p.row("namespace", interval_start=f"{2020 + n // 12}-{n % 12 + 1:02}-01") for n in range(25))),
             "54000", "payload has rows of more than 24 months", 'File "a.csv": One of them is of 2022-01-01.', **KEPT)
refused("more results than memory should hold", lambda cluster: p.payload(
    *(p.member(f"{file}.csv", p.report("namespace", *(p.row("namespace", interval_start=f"2020-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}") for n in range(336))))
      for file in range(300)), cluster=cluster, files=[f"{file}.csv" for file in range(300)]), "54000",
        "payload has more than 100000 combinations of file and day", **KEPT)

# --- numbers --------------------------------------------------------------------------------------------------------------
NUMBERS = ["1e400", "-1e400", "-0", "NaN", "inf", "-Infinity", "0x10", "1e-400", "1,5", "1_000", "\u0661", "1e18", "-1e18", "1.0000000000000002e18",
           "1.7976931348623157e308", "9" * 400, "0." + "0" * 400 + "1", "", " 7 ", "+3", ".5", "5.", "1e", "--1", "1 2"]


OVER_BOUND = {"1e400", "inf", "1.0000000000000002e18", "1.7976931348623157e308", "9" * 400}
# The other measures are no sums: what is over the bound there is cut at it.
BOUNDED = {kind: [column for column in p.COLUMNS[kind] if p.is_measure(column) and (kind in ("pod", "storage") or column.endswith(("seconds", "uptime")))]
           for kind in p.COLUMNS}
# What is no number there, and what is cut at the bound.
REPLACED = {"pod": 100, "storage": 40, "vm": 190, "gpu": 25}
for kind, type_name in (("pod", "pod_usage"), ("storage", "storage_usage"), ("vm", "vm_usage"), ("gpu", "gpu_usage")):
    columns = [column for column in p.COLUMNS[kind] if p.is_measure(column)]
    rows = [p.row(kind, number % 24, **{column: text}) for column in columns for number, text in enumerate(NUMBERS)]
    dropped = len(BOUNDED[kind]) * len(OVER_BOUND)
    over = f"{dropped} rows with a number over 1e18 dropped"
    # All of one key: the first of each hour is new.
    hours = {number % 24 for column in columns for number, text in enumerate(NUMBERS) if column not in BOUNDED[kind] or text not in OVER_BOUND}
    repeated = f"{len(rows) - dropped - len(hours)} rows repeat a key and hour, and add up"
    taken_file("odd numbers, " + kind, p.report(kind, *rows), type_name, len(rows), dropped=dropped,
               message=f"{over}; {REPLACED[kind]} unusable numbers replaced; {repeated}", warned=over, expect=[
        ("SELECT count(*) FROM {tenant}.openshift_" + type_name + "_line_items_daily AS line, jsonb_each_text(to_jsonb(line)) AS value"
         " WHERE source = '{source}' AND value.value IN ('NaN', 'Infinity', '-Infinity')", "0")])

# Every measure at its bound, on so many pods of one node that the sums are over what numeric(33,15) holds.
for kind, type_name in (("pod", "pod_usage"), ("storage", "storage_usage"), ("vm", "vm_usage"), ("gpu", "gpu_usage")):
    greatest = {column: "1e18" for column in p.COLUMNS[kind] if p.is_measure(column)}
    texts = p.texts_of(kind)
    rows = [p.row(kind, hour, **greatest, **{text: f"{text}-{number % 400 if text in ('pod', 'vm_name', 'persistentvolumeclaim') else 0}" for text in texts
                                             if not text.startswith("mig_")})
            for number in range(400) for hour in range(24)]
    taken_file("sums over what the summary holds, " + kind, p.report(kind, *rows), type_name, len(rows), expect=[
        ("SELECT max(abs(v::numeric)) <= 1e18 FROM {tenant}.reporting_ocpusagelineitem_daily_summary AS line, jsonb_each_text(to_jsonb(line)) AS each (k, v)"
         " WHERE source_uuid = '{source}' AND v ~ '^-?[0-9.]+$'", "t")] if kind in ("pod", "storage") else [])
taken_file("sums of both signs over what the summary holds", p.report("pod", *(
    p.row("pod", hour, pod=f"p{number}", namespace=f"n{number % 4}", **{column: "1e18" if number % 2 else "-1e18" for column in p.COLUMNS["pod"] if p.is_measure(column)})
    for number in range(300) for hour in range(24))), "pod_usage", 7200)

# --- labels ---------------------------------------------------------------------------------------------------------------
MANY_LABELS = "|".join(f"label_key{number}:{'v' * 40}" for number in range(19_000))


def labelled(name, labels, message="", rows=1, warned=None, **settings):
    """The same labels on a pod, a node, a namespace and a volume."""
    files = {"p.csv": ("pod", "pod_labels"), "n.csv": ("node", "node_labels"), "m.csv": ("namespace", "namespace_labels"),
             "s.csv": ("storage", "persistentvolume_labels")}
    types = {"pod": "pod_usage", "node": "node_labels", "namespace": "namespace_labels", "storage": "storage_usage"}
    texts = labels() if callable(labels) else labels
    texts = texts if isinstance(texts, list) else [texts]
    taken(name, lambda cluster: p.payload(*(p.member(file, p.report(kind, *(p.row(kind, number % 24, **{column: text})
                                                                            for number, text in enumerate(texts))))
                                            for file, (kind, column) in files.items()), cluster=cluster, files=list(files)),
          *(f"{file}|{types[kind]}|{p.DAY}|loaded|{len(texts)}|{len(texts)}|0|{message}" for file, (kind, column) in files.items()),
          warnings=[f'report file "{file}" has defects / {message}.' for file in files] if message else [], **settings)


# These shrink more than is allowed; what is looked at is what comes then.
SHRUNK = {"max_compression_ratio": 100000}
labelled("labels of 1 MB", MANY_LABELS, message="9000 label keys not registered, because the payload has too many")
labelled("a label value of 1 MB", "label_big:" + "v" * 1_000_000, **SHRUNK)
labelled("a label value of 1 MB that no index compresses", lambda: "label_big:" + p.noise(500_000).hex())
labelled("label values around the longest index entry", ["label_big:" + ("%04d" % length) + "v" * length for length in range(2560, 2740, 3)])
labelled("a label key of 1 MB", "k" * 1_000_000 + ":v", message="1 label key over 512 characters not registered", **SHRUNK)
labelled("label keys of 512 wide characters", "|".join(chr(0x1F600 + number) * 512 + ":v" for number in range(3)))
labelled("escapes make labels six times longer", "label_big:" + "\x01" * 500_000, **SHRUNK)
labelled("a million labels without a name", ":|" * 1_000_000, **SHRUNK)
labelled("a repeated key, half a million times", "a:1|" * 500_000, **SHRUNK)
labelled("60000 distinct keys", "|".join(f"u{number}:1" for number in range(60_000)),
         message="50000 label keys not registered, because the payload has too many")
labelled("labels with every character", "|".join(f"k{chr(code)}x:v{chr(code)}" for code in [*range(1, 256), 0x2028, 0xFEFF, 0xFFFD, 0x10FFFF]
                                                 if chr(code) not in '|:"\r\n'))
labelled("labels that look like what they are stored as", 'a":"b|{}:{}|\\u0000:\\u0000|\\:\\')

# --- texts ----------------------------------------------------------------------------------------------------------------
ATTACK = "'); DROP TABLE koku_source; --<script>alert(\"1\")</script>%s%n$1"
ESCAPED = "&#x27;); DROP TABLE koku_source; --&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;%s%n$1"
ATTACK_FINDINGS = {"pod": ("1 over-long text cut in column node_role", "5 suspicious texts"), "storage": ("", "8 suspicious texts"),
                   "node": ("", "1 suspicious text"), "namespace": ("", "1 suspicious text"), "vm": ("", "7 suspicious texts"),
                   "gpu": ("1 over-long text cut in column mig_strategy", "6 suspicious texts")}
TYPES = {"pod": "pod_usage", "storage": "storage_usage", "node": "node_labels", "namespace": "namespace_labels", "vm": "vm_usage", "gpu": "gpu_usage"}
for kind, type_name in TYPES.items():
    labels = [column for column in p.COLUMNS[kind] if p.is_label(column)]
    changes = {text: ATTACK for text in p.texts_of(kind)} | {label: f"label_{ATTACK}:{ATTACK}" for label in labels}
    first = p.texts_of(kind)[0]
    cut, suspicious = ATTACK_FINDINGS[kind]
    taken_file("SQL and HTML in every text, " + kind, p.report(kind, p.row(kind, **changes)), type_name, 1,
               message="; ".join(filter(None, [cut, suspicious])), warned=cut, expect=[
        (f"SELECT {first} FROM {{tenant}}.openshift_{type_name}_line_items WHERE source = '{{source}}'", ESCAPED),
        ("SELECT count(*) > 0 FROM koku_source", "t")] + [
        (f"SELECT {label}::jsonb ->> $a${ATTACK}$a$ FROM {{tenant}}.openshift_{type_name}_line_items_daily WHERE source = '{{source}}'", ATTACK)
        for label in labels])
# What is longer than its column is named; what is escaped grows.
WIDE = {
    "pod": "5 over-long texts cut in columns resource_id, node_role, pod, namespace, node; 4 suspicious texts",
    "storage": "8 over-long texts cut in columns namespace, pod, node, persistentvolumeclaim, persistentvolume, storageclass, csi_driver, "
               "csi_volume_handle; 7 suspicious texts",
    "node": "1 over-long text cut in column node; 1 suspicious text",
    "namespace": "1 over-long text cut in column namespace; 1 suspicious text",
    "vm": "12 over-long texts cut in columns resource_id, vm_instance_type, vm_os, vm_guest_os_arch, vm_guest_os_name, vm_guest_os_version, "
          "vm_device, vm_volume_mode, vm_persistentvolumeclaim_name, node, namespace, vm_name; 6 suspicious texts",
    "gpu": "8 over-long texts cut in columns gpu_vendor_name, mig_profile, mig_strategy, node, namespace, pod, gpu_uuid, mig_instance_id; "
           "6 suspicious texts",
}
QUOTES = {
    "pod": "5 over-long texts cut in columns resource_id, node_role, pod, namespace, node; 1 suspicious text",
    "storage": "8 over-long texts cut in columns namespace, pod, node, persistentvolumeclaim, persistentvolume, storageclass, csi_driver, "
               "csi_volume_handle",
    "node": "1 over-long text cut in column node",
    "namespace": "1 over-long text cut in column namespace",
    "vm": "9 over-long texts cut in columns resource_id, vm_instance_type, vm_os, vm_guest_os_arch, vm_device, vm_volume_mode, node, namespace, "
          "vm_name; 2 suspicious texts",
    "gpu": "8 over-long texts cut in columns gpu_model_name, gpu_vendor_name, mig_profile, mig_strategy, node, namespace, pod, gpu_uuid; "
           "2 suspicious texts",
}


def cuts(message):
    return message.split(";")[0]


for kind, type_name in TYPES.items():
    texts = p.texts_of(kind)
    taken_file("names past the width, " + kind, p.report(kind, p.row(kind, **{text: "\U0001f600" * 400 for text in texts})), type_name, 1,
               message=WIDE[kind], warned=cuts(WIDE[kind]), expect=[
                   (f"SELECT length({texts[0]}) FROM {{tenant}}.openshift_{type_name}_line_items WHERE source = '{{source}}'", "253")])
    taken_file("names of nothing but what is escaped, " + kind, p.report(kind, p.row(kind, **{text: "'" * 253 for text in texts})), type_name, 1,
               message=QUOTES[kind], warned=cuts(QUOTES[kind]))

# --- much of everything ---------------------------------------------------------------------------------------------------
refused_file("more daily keys than the memory allows", lambda: p.report("pod", *(p.row("pod", pod=f"p{number}") for number in range(10_000))), "54000",
             "too many distinct daily keys in a pod_usage report", max_aggregate_memory="1MB")
refused_file("one pod of more intervals than the memory allows", lambda: p.report("pod", *(
    p.row("pod", interval_start=f"{p.DAY} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} +0000 UTC") for second in range(20_000))),
             "54000", "too many distinct daily keys in a pod_usage report", max_aggregate_memory="1MB")
refused("daily keys of several types share the memory", lambda cluster: p.payload(
    p.member("a.csv", p.report("node", *(p.row("node", node=f"n{number}") for number in range(4_000)))),
    p.member("b.csv", p.report("namespace", *(p.row("namespace", namespace=f"n{number}") for number in range(4_000)))), cluster=cluster,
    files=["a.csv", "b.csv"]), "54000", "too many distinct daily keys in a namespace_labels report", max_aggregate_memory="1MB")
taken("warnings for more files than the log should hold", lambda cluster: p.payload(
    *(p.member(f"{file}.csv", p.report("node", p.row("node", node="n" * 300))) for file in range(50)), cluster=cluster, files=[f"{file}.csv" for file in range(50)]),
      *(f"{file}.csv|node_labels|{p.DAY}|loaded|1|1|0|1 over-long text cut in column node; 1 suspicious text"
        + ("; 1 row repeats a key and hour, and adds up" if file > 0 else "") for file in range(50)),
      warnings=[f'report file "{file}.csv" has defects / 1 over-long text cut in column node.' for file in range(20)]
      + ["30 more warnings about this payload are not shown / The messages of all files are in the result and in koku_report_file."])
