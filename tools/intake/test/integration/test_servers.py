"""Tenants on two servers: each upload goes to the server that has its tenant, also while the tenant moves."""
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from parts import PAYLOAD_TYPE, UPLOAD_PATH, Database, FurtherServer, Intake, digest, payload, wait_until

MOVE_TENANT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "..", "scripts", "move-tenant.sh")
TENANTS = ("tenant_a", "tenant_b", "tenant_moves", "tenant_pauses", "tenant_twice", "tenant_nowhere")
READER = ("-u", "reader:a secret of the reader")
RETRY_PAUSE = 0.1  # the operator waits for hours


def token(tenant):
    return f"a-secret-of-{tenant}"


def credentials(directory):
    with open(os.path.join(directory, "reader"), "w", encoding="utf-8") as file:
        file.write("a secret of the reader\n")
    senders = "".join(f'[[credential]]\nname = "{tenant}"\ntoken_sha256 = "{digest(token(tenant).encode())}"\ntenant = "{tenant}"\n'
                      for tenant in TENANTS)
    return senders + f'[[reader]]\nuser = "reader"\npassword_file = "{directory}/reader"\ntenants = ["*"]\n'


class Sender(threading.Thread):
    """Sends payloads of a tenant, each until it is taken, as long as it shall."""

    def __init__(self, test, tenant):
        super().__init__(daemon=True)
        self.test, self.tenant, self.ended = test, tenant, threading.Event()
        self.taken, self.answers = [], []

    def run(self):
        while not self.ended.is_set():
            content = payload(f"{self.tenant} {time.monotonic_ns()}", 1000)
            while (status := self.test.upload(self.tenant, content)[0]) != 202:
                self.answers.append(status)
                time.sleep(RETRY_PAUSE)
            self.taken.append(digest(content))

    def wait_for_more(self, count):
        before = len(self.taken)
        wait_until(lambda: len(self.taken) >= before + count or not self.is_alive(), "uploads that are taken")

    def end(self):
        self.ended.set()
        self.join(60)
        assert not self.is_alive(), "the sender did not get rid of its payload"


class Servers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="koku-intake.")
        cls.servers = {"a": FurtherServer(1), "b": FurtherServer(2)}
        cls.databases = {"a": Database(tenants=("tenant_a", "tenant_moves", "tenant_pauses", "tenant_twice"), server=cls.servers["a"]),
                         "b": Database(tenants=("tenant_b", "tenant_twice"), server=cls.servers["b"])}
        for database in cls.databases.values():
            database.query("CALL koku_run()")
        for name in "ab":
            cls.databases[name].query(f"SELECT koku_create_source('cluster-{name}', 'Cluster {name}', 'tenant_{name}')")
        cls.intake = Intake(cls.directory, {
            "database": {"connections": 2, "submit_timeout": "5s"},
            "http": {"listen": "127.0.0.1:0", "failed_login_pause": "0", "max_requests_per_address": 100000,
                     "max_requests_per_credential": 100000},
            "report": {"path": "/report/", "metrics_interval": "1s"}}, cls.blocks() + credentials(cls.directory)).wait_ready()
        # The check at the start, which asks both servers.
        cls.intake.wait_for_log("the tenant of a credential does not exist: its requests are refused", tenant="tenant_nowhere")

    @classmethod
    def tearDownClass(cls):
        try:
            cls.intake.stop_clean(cls())
        finally:
            for server in cls.servers.values():
                server.stop()
            shutil.rmtree(cls.directory)

    def setUp(self):
        for database in self.databases.values():
            database.clear()

    @classmethod
    def blocks(cls):
        return "".join(f'[[server]]\nname = "{name}"\nconninfo = "{database.conninfo()}"\n'
                       f'run_conninfo = "{database.conninfo("postgres")}"\nreport_conninfo = "{database.conninfo("postgres")}"\n'
                       for name, database in cls.databases.items())

    @classmethod
    def states(cls):
        return json.loads(cls.intake.admin("/readyz")[1])["servers"]

    def curl(self, path, *arguments):
        """Status, Retry-After and body of an answer."""
        body = os.path.join(self.directory, f"body-{threading.get_ident()}")
        result = subprocess.run(
            ["curl", "-sS", "--max-time", "30", "-o", body, "-w", "%{http_code} %header{retry-after}", *arguments,
             f"http://127.0.0.1:{self.intake.port}{path}"], capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        status, _, retry_after = result.stdout.partition(" ")
        with open(body, encoding="utf-8") as file:
            return int(status), retry_after, file.read()

    def upload(self, tenant, content):
        with tempfile.NamedTemporaryFile(dir=self.directory, suffix=".tar.gz") as file:
            file.write(content)
            file.flush()
            return self.curl(UPLOAD_PATH, "-H", f"Authorization: Bearer {token(tenant)}", "-F", f"file=@{file.name};type={PAYLOAD_TYPE}")

    def sources(self, tenant):
        body = self.curl("/api/cost-management/v1/sources", "-H", f"Authorization: Bearer {token(tenant)}")[2]
        return [source["source_ref"] for source in json.loads(body)["data"]]

    def stored(self):
        return {name: database.digests() for name, database in self.databases.items()}

    def up(self, server):
        return self.intake.metric(f'koku_intake_database_up{{server="{server}"}}')

    def test_uploads_go_to_the_server_of_their_tenant(self):
        of_a, of_b = payload("a"), payload("b")
        self.assertEqual(self.upload("tenant_a", of_a)[0], 202)
        self.assertEqual(self.upload("tenant_b", of_b)[0], 202)
        self.assertEqual(self.stored(), {"a": [digest(of_a)], "b": [digest(of_b)]})

    def test_sources_and_reports_come_from_it(self):
        self.assertEqual((self.sources("tenant_a"), self.sources("tenant_b")), (["cluster-a"], ["cluster-b"]))
        month = "?from=2026-11-01&to=2026-11-30"
        for tenant, status in (("tenant_a", 200), ("tenant_b", 200), ("tenant_nowhere", 404)):
            self.assertEqual(self.curl(f"/report/{tenant}{month}", *READER)[0], status, tenant)
        for name in "ab":
            series = f'koku_last_payload_timestamp_seconds{{tenant="tenant_{name}",cluster_id="cluster-{name}",cluster="Cluster {name}"}}'
            wait_until(lambda line=series: line in self.intake.admin("/metrics")[1], "numbers of both servers")

    def test_a_tenant_that_no_server_has_is_refused(self):
        self.assertEqual(self.upload("tenant_nowhere", payload("nowhere"))[0], 403)
        self.assertEqual(len(self.intake.log("the tenant of a credential does not exist: its requests are refused")), 1)
        self.assertEqual(self.stored(), {"a": [], "b": []})

    def test_a_tenant_on_two_servers_is_on_none(self):
        self.assertEqual(self.upload("tenant_twice", payload("twice"))[:2], (503, "30"))
        self.assertEqual(self.stored(), {"a": [], "b": []})
        self.intake.wait_for_log("the database did not answer a question", reason='tenant "tenant_twice" is on several servers: a, b')
        self.databases["b"].query("SELECT koku_drop_tenant('tenant_twice')")
        self.assertEqual(self.upload("tenant_twice", payload("twice"))[0], 202)
        self.assertEqual(self.stored(), {"a": [digest(payload("twice"))], "b": []})

    def test_one_server_down_stops_no_tenant_of_the_other(self):
        self.assertEqual(self.upload("tenant_b", payload("before"))[0], 202)
        self.servers["b"].kill()
        try:
            self.assertEqual(self.upload("tenant_b", payload("meanwhile"))[:2], (503, "30"))
            for number in range(5):
                self.assertEqual(self.upload("tenant_a", payload(f"a {number}"))[0], 202)
            wait_until(lambda: self.up("b") == 0, "the metric")
            self.assertEqual(self.up("a"), 1)
            self.assertEqual((self.intake.admin("/readyz")[0], self.states()), (200, {"a": "up", "b": "away"}))
            # It may be on the server that does not answer.
            self.assertEqual(self.upload("tenant_nowhere", payload("nowhere"))[:2], (503, "30"))
            self.assertEqual(self.curl("/report/tenant_b?from=2026-11-01&to=2026-11-30", *READER)[0], 503)
        finally:
            self.servers["b"].start()
        wait_until(lambda: self.upload("tenant_b", payload("meanwhile"))[0] == 202, "the server that is back")
        self.assertEqual(self.stored()["b"], sorted([digest(payload("before")), digest(payload("meanwhile"))]))

    def test_without_any_server_it_is_not_ready(self):
        try:
            for server in self.servers.values():
                server.kill()
            wait_until(lambda: self.intake.admin("/readyz")[0] == 503, "not being ready")
            self.assertEqual(self.upload("tenant_a", payload("a"))[:2], (503, "30"))
        finally:
            for server in self.servers.values():
                server.start()
        wait_until(lambda: self.states() == {"a": "up", "b": "up"}, "both servers")

    def test_a_server_without_a_number_is_not_used(self):
        b = self.databases["b"]
        end_sessions = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'intake'"
        try:
            b.query("ALTER DATABASE intake SET koku_onprem.server_number = 0")
            b.query(end_sessions)
            wait_until(lambda: self.states()["b"] == "away", "the refusal")
            line = self.intake.log("the database is unreachable; payloads are refused", server="b")[-1]
            self.assertIn("the server has no koku_onprem.server_number", line["reason"])
        finally:
            b.query("ALTER DATABASE intake RESET koku_onprem.server_number")
        wait_until(lambda: self.states()["b"] == "up", "the server that is back")

    def test_a_tenant_that_is_leaving_takes_nothing(self):
        a = self.databases["a"]
        self.assertEqual(self.upload("tenant_pauses", payload("before"))[0], 202)
        a.query("SELECT koku_internal.begin_departure('tenant_pauses', 2)")
        self.assertEqual(self.upload("tenant_pauses", payload("copied"))[0], 202)
        a.query("SELECT koku_internal.pause_departure('tenant_pauses')")
        self.assertEqual(self.upload("tenant_pauses", payload("paused"))[:2], (503, "30"))
        self.assertEqual(len(self.stored()["a"]), 2)
        a.query("SELECT koku_internal.cancel_departure('tenant_pauses')")
        self.assertEqual(self.upload("tenant_pauses", payload("paused"))[0], 202)

    def test_a_tenant_is_followed_while_it_moves(self):
        sender, other = Sender(self, "tenant_moves"), Sender(self, "tenant_b")
        sender.start()
        other.start()
        for origin, goal in (("a", "b"), ("b", "a"), ("a", "b")):
            sender.wait_for_more(5)
            result = subprocess.run([MOVE_TENANT, "tenant_moves", *(self.databases[name].conninfo("postgres") for name in (origin, goal))],
                                    capture_output=True, text=True, timeout=300)
            self.assertEqual(result.returncode, 0, result.stderr)
            sender.wait_for_more(5)
        sender.end()
        other.end()
        self.assertEqual(self.stored(), {"a": [], "b": sorted(sender.taken + other.taken)})
        self.assertEqual((set(sender.answers) | {503}, other.answers), ({503}, []))
        self.assertEqual(self.intake.log("a tenant was found", tenant="tenant_moves", server="b", before="a")[0]["level"], "info")
        print(f"        {len(sender.taken)} uploads in 3 moves, {len(sender.answers)} of them refused at first", flush=True)

    def test_runs_are_called_on_each_server(self):
        caller = Intake(self.directory, {"run": {"interval": "1s"}}, self.blocks())
        try:
            for name in "ab":
                wait_until(lambda one=name: caller.metric(f'koku_intake_last_run_success_timestamp_seconds{{server="{one}"}}') > 0,
                           f"a run on server {name}")
            self.assertEqual(caller.stop(), 0)
        finally:
            caller.kill()
