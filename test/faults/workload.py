"""What is being done when a fault strikes, and the states that may come of it."""
import json
from collections import namedtuple

SOURCE = "00000000-0000-0000-0000-00000000000f"
BYSTANDER = "00000000-0000-0000-0000-00000000000b"

# prepare: steps before; statement: what the fault strikes; allowed: the states (lines, summary) that may be left;
# retry: what completes it.
Operation = namedtuple("Operation", "name prepare statement allowed retry")


class Workload:
    """early and late are payloads of one day, of 10 and of 24 hours; other is of another cluster."""

    def __init__(self, files):
        self.ingest = {name: f"SELECT sum(rows_loaded) FROM koku_ingest_file('{files[name]}');" for name in files}
        self.submit_late = f"SELECT koku_submit_payload(pg_read_binary_file('{files['late']}'));"
        self.summarize = f"SELECT count(*) FROM koku_summarize('{SOURCE}', 2026, 11);"
        self.purge = f"SELECT count(*) FROM koku_purge_source('{SOURCE}', forget_manifests => true); DELETE FROM koku_inbox;"
        self.states = {}
        self.bystander = None

    def set_up(self, session):
        """Registers the sources and finds the states that steps without a fault lead to."""
        session.value(f"SELECT koku_create_source('faults', tenant => 'faults', source => '{SOURCE}');"
                      f"SELECT koku_create_source('bystander', tenant => 'faults', source => '{BYSTANDER}');"
                      "SELECT koku_enable_tags(ARRAY['app', 'team'], 'faults');")
        session.value(self.ingest["other"] + "CALL koku_run();")
        self.bystander = self.state(session, BYSTANDER)
        self.states["nothing"] = self.state(session)
        session.value(self.ingest["early"])
        self.states["early"] = self.state(session)
        session.value("CALL koku_run();")
        self.states["early, summarized"] = self.state(session)
        session.value(self.ingest["late"])
        self.states["late over early"] = self.state(session)
        session.value("CALL koku_run();")
        self.states["late over early, summarized"] = self.state(session)
        self.clean(session)
        session.value(self.ingest["late"])
        self.states["late"] = self.state(session)
        session.value("CALL koku_run();")
        self.states["late, summarized"] = self.state(session)
        self.clean(session)
        if len(set(self.states.values())) != len(self.states):
            raise RuntimeError("the states cannot be told apart: " + json.dumps(self.states))

    def clean(self, session):
        session.value(self.purge)
        if self.state(session) != self.states["nothing"]:
            raise RuntimeError("koku_purge_source() left " + str(self.state(session)))

    def operations(self):
        run = "CALL koku_run();"
        again = "UPDATE koku_inbox SET next_attempt_at = now(); UPDATE koku_summary_request SET retry_after = NULL; " + run
        return [
            Operation("ingest of a day", [], self.ingest["late"], ["nothing", "late"], self.ingest["late"] + again),
            Operation("ingest that replaces a day", [self.ingest["early"], run], self.ingest["late"],
                      ["early, summarized", "late over early"], self.ingest["late"] + again),
            Operation("summary", [self.ingest["late"]], self.summarize, ["late", "late, summarized"], again),
            Operation("summary that replaces one", [self.ingest["early"], run, self.ingest["late"]], run,
                      ["late over early", "late over early, summarized"], again),
            Operation("inbox and summary", [self.submit_late], run, ["nothing", "late", "late, summarized"], again),
            Operation("purge of a source", [self.ingest["late"], run], self.purge, ["late, summarized", "nothing"],
                      self.purge + self.ingest["late"] + again),
        ]

    def state(self, session, source=SOURCE):
        return session.value(f"SELECT * FROM faults.state('{source}');")

    def name_of(self, state):
        return next((name for name, known in self.states.items() if known == state), None)

    def problems(self, session, operation):
        """What is wrong with what a fault has left, and with what the retry makes of it."""
        found = []
        left = self.name_of(self.state(session))
        if left not in operation.allowed:
            found.append(f"neither all nor nothing, but {left or self.state(session)}")
        asked = session.value(f"SELECT count(*) FROM koku_summary_request WHERE source = '{SOURCE}';")
        if left in ("late", "late over early") and asked == "0":
            found.append("rows without a request for their summary")
        hopeless = session.value("SELECT string_agg(status || ' ' || error_sqlstate || ' ' || error_message, '; ') FROM koku_inbox WHERE status IN ('parked', 'held');")
        if hopeless:
            found.append("the payload is given up: " + hopeless)
        retried = session.run(operation.retry)
        if retried.sqlstate:
            found.append(f"retry: {retried.sqlstate} {retried.message}")
        final = self.name_of(self.state(session))
        if final not in ("late, summarized", "late over early, summarized"):
            found.append(f"after the retry: {final or self.state(session)}")
        differences = session.value(f"SELECT count(*) FROM koku_check('{SOURCE}', 2026, 11);")
        if differences != "0":
            found.append(f"koku_check(): {differences} differences")
        if self.state(session, BYSTANDER) != self.bystander:
            found.append("the other source has changed")
        return found, left
