#!/usr/bin/env python3
"""Send the hostile corpus to a live server.

usage: run.py DATABASE DIRECTORY [--show] [--thorough] [NAME...]

DATABASE: of a superuser, with the extension, on a server of its own. DIRECTORY: where the server can read a file. --show:
print what came of each case. --thorough: five changes of each byte of a payload instead of one. NAME: only cases whose names have it in them; sweeps: the variants of one payload.

After each case the backend must be the same, and what was refused must have left nothing. What was taken is summarized by
CALL koku_run(): no request may fail, and koku_check() must have no complaint. Prints a line a case, one of figures, and
'N passed, N failed'.
"""
import re
import sys
from pathlib import Path

import payload as p
from cases import CASES
from sweeps import ATTEMPT, changed_rows, sweeps

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from session import BackendDied, Session, write_file  # noqa: E402

TENANT = "hostile"
# A figure for each table that a payload can touch: what was refused changes none of them.
MAKE_STATE = """
CREATE FUNCTION pg_temp.hostile_state() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    listed record;
    found bigint;
    state text;
BEGIN
    FOR listed IN
        SELECT schemaname, tablename FROM pg_tables
        WHERE tablename IN ('koku_manifest', 'koku_report_file', 'koku_changed_day', 'koku_summary_request')
           OR schemaname = 'hostile' AND tablename LIKE 'openshift%' AND tablename !~ '_([0-9]{4}_[0-9]{2}|default)$'
           OR schemaname = 'hostile' AND tablename IN ('partitioned_tables', 'reporting_enabledtagkeys', 'reporting_ocpusagereportperiod')
        ORDER BY 1, 2
    LOOP
        EXECUTE format('SELECT count(*) FROM %I.%I', listed.schemaname, listed.tablename) INTO found;
        state := concat_ws(' ', state, listed.tablename || '=' || found);
    END LOOP;
    RETURN state;
END;
$$;
"""
STATE = "SELECT pg_temp.hostile_state();"
INGEST = """
SELECT file, coalesce(report_type, ''), coalesce(day::text, ''), action, rows_in, rows_loaded, rows_dropped, coalesce(message, '')
FROM koku_ingest_payload(pg_read_binary_file('%s'), 'hostile');
"""
FAILED_SUMMARIES = "SELECT coalesce(string_agg(last_error, '; '), '') FROM koku_summary_request WHERE attempts > 0;"
CHECK = """
SELECT coalesce(string_agg(difference::text, '; '), '')
FROM (SELECT DISTINCT extract(year FROM report_period_start)::integer AS year, extract(month FROM report_period_start)::integer AS month
      FROM hostile.reporting_ocpusagereportperiod WHERE provider_id = '%(source)s') AS period,
    koku_check('%(source)s', period.year, period.month) AS difference;
"""


class Corpus:
    def __init__(self, session, directory, show):
        self.session, self.directory, self.show = session, directory, show
        self.inputs = self.refused = self.taken = self.passed = self.failed = 0
        self.clusters = 0
        session.value(MAKE_STATE)
        session.value("SET koku_onprem.retention_months = 0;")
        session.value("SELECT koku_create_source('hostile', tenant => 'hostile');")
        # Labels reach the summaries only when their keys are enabled: the worst case.
        session.value("SELECT koku_enable_tags(ARRAY['big', 'k', 'a', '', 'key1', 'key2', repeat('" + "\U0001f600" + "', 512), $a$"
                      + "'); DROP TABLE koku_source; --<script>alert(\"1\")</script>%s%n$1" + "$a$], 'hostile');")

    def new_cluster(self):
        self.clusters += 1
        cluster = f"hostile-{self.clusters}"
        return cluster, self.session.value(f"SELECT koku_create_source('{cluster}', tenant => 'hostile');")

    def report(self, name, problems, note=""):
        self.passed, self.failed = (self.passed, self.failed + 1) if problems else (self.passed + 1, self.failed)
        print(("FAILED  " if problems else "ok      ") + name + note)
        for problem in problems:
            print("        " + problem[:1000])
        sys.stdout.flush()

    def send(self, content, settings):
        path = write_file(self.directory, content)
        self.inputs += 1
        for setting, value in settings.items():
            self.session.value(f"SET koku_onprem.{setting} = '{value}';")
        outcome = self.session.run(INGEST % path)
        for setting in settings:
            self.session.value(f"RESET koku_onprem.{setting};")
        self.session.value("SET koku_onprem.retention_months = 0;")
        return outcome

    def run(self, case):
        problems = []
        if case.error:
            before = self.session.value(STATE)
            outcome = self.send(case.make("hostile"), case.settings)
            self.refused += outcome.sqlstate is not None
            sqlstate, message, detail = case.error
            wanted = [f"{sqlstate} {message}"] + ([detail] if detail else [])
            got = [f"{outcome.sqlstate} {outcome.message}"] + ([outcome.detail] if detail else [])
            problems += self.compare("error", wanted, got + outcome.rows[:3])
            after = self.session.value(STATE)
            if before != after:
                problems.append(f"something was left behind: {before} became {after}")
        else:
            cluster, source = self.new_cluster()
            outcome = self.send(case.make(cluster), case.settings)
            self.taken += outcome.sqlstate is None
            problems += self.compare("result", case.result, outcome.rows if not outcome.sqlstate else [f"{outcome.sqlstate} {outcome.message} {outcome.detail}"])
            problems += self.compare("warnings", case.warnings, outcome.warnings)
            problems += self.summarize(source)
            for query, value in case.expect:
                got = self.session.run(query.format(tenant=TENANT, source=source) + ";")
                if "\n".join(got.rows) != value or got.sqlstate:
                    problems.append(f"{query}: expected {value}, got {got.rows[:5]} {got.message or ''}")
        if self.show:
            print("\n".join("    " + line[:400] for line in outcome.raw))
        if not self.session.is_alive():
            problems.append("the backend is another one")
        self.report(case.name, problems)

    def sweep(self, name, function):
        """A sweep leaves nothing, whatever came of its variants."""
        before = self.session.value(STATE)
        inputs, problems, note = function(self.session, lambda content: write_file(self.directory, content))
        self.inputs += inputs
        self.refused += inputs
        if before != self.session.value(STATE):
            problems.append("something was left behind")
        if not self.session.is_alive():
            problems.append("the backend is another one")
        self.report(f"{name}: {inputs} variants", problems[:20], note and " (" + note + ")")

    def changed_rows(self):
        cluster, source = self.new_cluster()
        outcome = self.send(p.payload(p.member("a.csv", changed_rows()), cluster=cluster), {})
        self.taken += outcome.sqlstate is None
        problems = [f"{outcome.sqlstate} {outcome.message}"] if outcome.sqlstate else self.summarize(source)
        self.report("rows with every byte changed: " + str(changed_rows().count(b"\n") - 1), problems)

    def other_encodings(self):
        """Databases whose text cannot hold what payloads have; a client that cannot show what is in a message."""
        for encoding in ("LATIN1", "SQL_ASCII", "EUC_JP"):
            name = "hostile_" + encoding.lower()
            self.session.value(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C';")
            other = Session(name)
            other.value("CREATE EXTENSION koku_onprem;")
            other.value("SELECT koku_create_source('hostile', tenant => 'hostile');")
            outcome = other.run(INGEST % write_file(self.directory, p.payload(p.member("a.csv", p.report("namespace")))))
            problems = self.compare("error", [f"22023 database encoding is {encoding}, not UTF8"], [f"{outcome.sqlstate} {outcome.message}"])
            problems += [] if other.is_alive() else ["the backend is another one"]
            other.close()
            self.session.value(f"DROP DATABASE {name};")
            self.inputs += 1
            self.refused += 1
            self.report("database encoding " + encoding, problems)
        self.session.value("SET client_encoding = 'LATIN1';")
        outcome = self.send(p.payload(p.member("\U0001f600", kind="2", link="x"), files=[]), {})
        self.session.value("SET client_encoding = 'UTF8';")
        self.refused += 1
        problems = self.compare("error", ["22P05 character with byte sequence 0xf0 0x9f 0x98 0x80 in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\""],
                                [f"{outcome.sqlstate} {outcome.message}"])
        problems += [] if self.session.is_alive() else ["the backend is another one"]
        self.report("a warning that the client's encoding cannot show", problems)

    def compare(self, what, wanted, got):
        """`*` stands for any text."""
        matches = len(wanted) == len(got) and all(re.fullmatch(re.escape(want).replace("\\*", ".*"), line, re.DOTALL)
                                                  for want, line in zip(wanted, got))
        return [] if matches else [f"{what}: expected {wanted}, got {got}"]

    def summarize(self, source):
        problems = []
        outcome = self.session.run("CALL koku_run();")
        if outcome.sqlstate:
            problems.append(f"koku_run: {outcome.sqlstate} {outcome.message}")
        if self.show:
            print("\n".join("    summary: " + line[:300] for line in outcome.raw))
        failures = self.session.value(FAILED_SUMMARIES)
        if failures:
            problems.append("the summary failed: " + failures)
            self.session.value("DELETE FROM koku_summary_request;")
        differences = self.session.run(CHECK % {"source": source})
        if differences.sqlstate or differences.rows != [""]:
            problems.append(f"koku_check: {differences.rows[:3]} {differences.message or ''}")
        return problems


def main():
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if len(arguments) < 2:
        sys.exit(__doc__)
    session = Session(arguments[0])
    corpus = Corpus(session, arguments[1], "--show" in sys.argv)
    try:
        for case in CASES:
            if len(arguments) == 2 or any(name in case.name for name in arguments[2:]):
                corpus.run(case)
        if len(arguments) == 2 or "sweeps" in arguments:
            session.value(ATTEMPT)
            for name, function in sweeps("--thorough" in sys.argv):
                corpus.sweep(name, function)
            corpus.changed_rows()
            corpus.other_encodings()
    except BackendDied as death:
        corpus.report("the backend died", [str(death)])
    print(f"hostile corpus {corpus.inputs} inputs: {corpus.refused} refused, {corpus.taken} taken, peak {session.peak_memory_mb()} MB")
    print(f"{corpus.passed} passed, {corpus.failed} failed")
    session.close()
    sys.exit(1 if corpus.failed else 0)


if __name__ == "__main__":
    main()
