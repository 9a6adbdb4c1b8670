"""The cost operator's whole cycle: credentials, source, uploads; in each way that it can be configured, over TLS with a private CA."""
import gzip
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import threading
import time
import unittest

from issuer import Issuer, base64url, make_authority, make_certificate, shared_secret_token
from operator_client import Operator
from parts import Database, FileServer, Intake, digest, wait_until

SECRET = "a secret: of the client"
ON_PREM = "/api/cost-management/v1/"
HOSTED = "/api/sources/v1.0/"

POD_HEADER = ("report_period_start,report_period_end,pod,namespace,node,resource_id,interval_start,interval_end,"
              "pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,"
              "pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,"
              "node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,"
              "node_capacity_memory_byte_seconds,node_role,pod_labels\n")


def pod_report(day, hours, cores, pod="web"):
    """One pod that uses so many cores in each of the hours of a day, on a node with 4 cores and 16 GiB."""
    month = f"{day[:7]}-01 00:00:00 +0000 UTC"
    rows = [POD_HEADER]
    for hour in hours:
        rows.append(f"{month},{month},{pod},shop,node-1,i-1,{day} {hour:02}:00:00 +0000 UTC,{day} {hour:02}:59:59 +0000 UTC,"
                    f"{cores * 3600},{cores * 3600},{cores * 3600},{3600 << 30},{3600 << 30},{3600 << 30},"
                    f"4,{4 * 3600},{16 << 30},{(16 << 30) * 3600},worker,label_app:web\n")
    return "".join(rows)


def tarballs(cluster_id, uuid, reports, start, end, optimization=None):
    """A payload as the operator splits it: a tarball for each report, each with the manifest of all."""
    manifest = {"uuid": uuid, "cluster_id": cluster_id, "version": "4.3.1", "date": f"{end}T12:00:00Z",
                "files": sorted(reports), "resource_optimization_files": sorted(optimization or {}), "daily_reports": True,
                "start": f"{start}T00:00:00Z", "end": f"{end}T23:59:59Z", "certified": False, "cr_status": {}}
    result = []
    for name, text in sorted({**reports, **(optimization or {})}.items()):
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w") as tar:
            for member, bytes_ in ((name, text.encode()), ("manifest.json", json.dumps(manifest).encode())):
                info = tarfile.TarInfo(member)
                info.size = len(bytes_)
                tar.addfile(info, io.BytesIO(bytes_))
        result.append(gzip.compress(content.getvalue(), mtime=0))
    return result


def small_payload(name):
    """A payload that only has to arrive."""
    return tarballs(name, "11111111-1111-4111-8111-111111111111", {"0.csv": name}, "2026-11-05", "2026-11-05")


class OperatorTest(unittest.TestCase):
    """One database, one issuer and one private authority for all tests of a class; each test starts the door as it needs it."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="koku-intake.")
        make_authority(cls.directory)
        make_certificate(cls.directory, "door")
        cls.issuer = Issuer(cls.directory, {"client-a": SECRET, "client-b": SECRET, "client-x": SECRET})
        cls.database = Database(tenants=("tenant_a", "tenant_b"))
        # The days of the payloads are fixed, and so is today.
        cls.database.query("CREATE OR REPLACE FUNCTION koku_internal.today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE "
                           "SET search_path = pg_catalog, pg_temp AS $$ SELECT DATE '2026-11-18' $$")
        with open(os.path.join(cls.directory, "password"), "w", encoding="utf-8") as file:
            file.write(SECRET)

    @classmethod
    def tearDownClass(cls):
        cls.issuer.close()
        shutil.rmtree(cls.directory)

    def setUp(self):
        self.database.clear()
        self.database.query("DELETE FROM koku_source WHERE NOT EXISTS "
                            "(SELECT FROM koku_manifest AS manifest WHERE manifest.source = koku_source.source)")

    def start(self, credentials=None, **sections):
        intake = Intake(self.directory, {
            "database": {"conninfo": self.database.conninfo(), "connections": 2},
            "http": {"listen": "127.0.0.1:0", "failed_login_pause": "0", "certificate_file": f"{self.directory}/door.pem",
                     "key_file": f"{self.directory}/door-key.pem", **sections.pop("http", {})}, **sections},
            credentials or f"""
[[credential]]
user = "cluster-a"
password_file = "{self.directory}/password"
tenant = "tenant_a"
[[credential]]
user = "cluster-b"
password_file = "{self.directory}/password"
tenant = "tenant_b"
""")
        self.addCleanup(self.end, intake)
        return intake.wait_ready()

    def end(self, intake):
        status = intake.stop()
        intake.assert_clean(self)
        self.assertEqual(status, 0)

    def start_with_issuer(self, more_credentials="", **jwt):
        credentials = more_credentials + """
[[credential]]
client_id = "client-a"
tenant = "tenant_a"
[[credential]]
client_id = "client-b"
tenant = "tenant_b"
"""
        return self.start(credentials, jwt={
            "issuer": self.issuer.url, "audience": "koku-intake", "jwks_url": f"{self.issuer.url}/certs",
            "ca_file": f"{self.directory}/authority.pem", "retry_pause": "10s", **jwt})

    def operator(self, intake, **options):
        values = {"cluster_id": "cluster-1", "source_name": "My cluster", "user": "cluster-a", "password": SECRET, **options}
        return Operator(f"https://127.0.0.1:{intake.port}", f"{self.directory}/authority.pem", **values)

    def service_account(self, intake, client_id="client-a", **options):
        return self.operator(intake, user=None, password=None, token_url=f"{self.issuer.url}/token", client_id=client_id,
                             client_secret=SECRET, **options)

    def sources(self):
        return self.database.query("SELECT tenant, cluster_id, name FROM koku_source ORDER BY 1, 2, 3").split("\n")

    def assert_uploaded(self, cycle, payloads):
        self.assertEqual((cycle.auth_error, cycle.source_error, cycle.upload_error), ("", "", ""))
        self.assertTrue(cycle.source_defined)
        self.assertEqual(cycle.upload_status, "202")
        self.assertEqual(len(set(cycle.request_ids)), len(payloads))
        self.assertEqual(self.database.digests(), sorted(digest(payload) for payload in payloads))


class Cycles(OperatorTest):
    def test_basic_with_a_source_that_the_administrator_made(self):
        self.database.query("SELECT koku_create_source('cluster-1', 'My cluster', 'tenant_a')")
        payloads = small_payload("basic")
        cycle = self.operator(self.start()).cycle(payloads)
        self.assert_uploaded(cycle, payloads)
        self.assertEqual(self.database.query("SELECT tenant FROM koku_inbox"), "tenant_a")

    def test_basic_creates_its_source_under_both_paths(self):
        intake = self.start()
        for number, path in enumerate((HOSTED, ON_PREM)):
            self.database.clear()
            payloads = small_payload(f"create {number}")
            operator = self.operator(intake, create_source=True, sources_path=path, cluster_id=f"cluster-{number}",
                                     source_name=f"Clüster & Co + {number} /100%")
            self.assert_uploaded(operator.cycle(payloads), payloads)
            self.assert_uploaded(operator.cycle(payloads), payloads)  # the next cycle finds it
        self.assertEqual(self.sources(), ["tenant_a|cluster-0|Clüster & Co + 0 /100%", "tenant_a|cluster-1|Clüster & Co + 1 /100%"])

    def test_service_account_creates_its_source(self):
        payloads = small_payload("token")
        intake = self.start_with_issuer()
        self.assert_uploaded(self.service_account(intake, create_source=True, sources_path=ON_PREM).cycle(payloads), payloads)
        self.assertEqual(self.sources(), ["tenant_a|cluster-1|My cluster"])
        line = intake.wait_for_log("upload stored")
        self.assertEqual((line["sender"], line["tenant"]), ("client-a", "tenant_a"))

    def test_without_a_source_nothing_is_uploaded(self):
        cycle = self.operator(self.start()).cycle(small_payload("none"))
        self.assertEqual(cycle.source_error, "No OpenShift source registered with name My cluster and Cluster ID cluster-1.")
        self.assertEqual((cycle.source_defined, cycle.upload_status), (False, ""))
        self.assertEqual(self.database.digests(), [])

    def test_creation_switched_off_says_what_an_administrator_must_do(self):
        intake = self.start(sources={"create": False})
        operator = self.operator(intake, create_source=True)
        cycle = operator.cycle(small_payload("off"))
        self.assertFalse(cycle.source_defined)
        self.assertIn("status: 403", cycle.source_error)
        self.assertIn("koku_create_source() for cluster id 'cluster-1' with name 'My cluster' in tenant 'tenant_a'", cycle.source_error)
        self.database.query("SELECT koku_create_source('cluster-1', 'My cluster', 'tenant_a')")
        payloads = small_payload("off")
        self.assert_uploaded(operator.cycle(payloads), payloads)

    def test_names_that_do_not_fit(self):
        intake = self.start()
        self.database.query("SELECT koku_create_source('cluster-1', 'Old name', 'tenant_a')")
        cycle = self.operator(intake, create_source=True).cycle([])
        self.assertEqual(cycle.source_error, "This cluster may already be registered with a different name (Old name).")
        cycle = self.operator(intake, create_source=True, cluster_id="cluster-2", source_name="Old name").cycle([])
        self.assertEqual(cycle.source_error, "An OpenShift source with name Old name is registered with cluster-1.")
        self.assertEqual(self.sources(), ["tenant_a|cluster-1|Old name"])

    def test_a_tenant_does_not_see_another(self):
        self.database.query("SELECT koku_create_source('cluster-1', 'My cluster', 'tenant_b', '00000000-0000-0000-0000-0000000bb001')")
        intake = self.start()
        operator = self.operator(intake)
        operator.login()
        self.assertEqual(operator.get("sources"), {"meta": {"count": 0}, "data": []})
        self.assertEqual(operator.get("sources", name="My cluster")["meta"]["count"], 0)
        status, _, text = operator.request("POST", f"{operator.api_url}{HOSTED}applications", json.dumps(
            {"source_id": "00000000-0000-0000-0000-0000000bb001", "application_type_id": "1"}), {"Authorization": operator.authorization})
        self.assertEqual(status, 404, text)
        # The same name and cluster id in both: each has its own.
        self.assertTrue(self.operator(intake, create_source=True).cycle([]).source_defined)
        self.assertTrue(self.operator(intake, user="cluster-b").cycle([]).source_defined)
        self.assertEqual(self.sources(), ["tenant_a|cluster-1|My cluster", "tenant_b|cluster-1|My cluster"])

    def test_wrong_credentials_are_told_before_anything_else(self):
        intake = self.start()
        for path in (HOSTED, ON_PREM, "/api/nothing/"):
            cycle = self.operator(intake, password="wrong", sources_path=path).cycle([])
            self.assertIn("status: 401", cycle.auth_error)
        # With good credentials, a path that is not there is 404, which the operator takes for good credentials.
        operator = self.operator(intake, sources_path="/api/nothing/")
        operator.authorization = None
        with self.assertRaisesRegex(Exception, "status: 404"):
            operator.login()

    def test_a_tenant_that_does_not_exist_is_refused_at_start_and_at_each_request(self):
        intake = self.start(f'[[credential]]\nuser = "cluster-a"\npassword_file = "{self.directory}/password"\ntenant = "tenant_x"\n')
        line = intake.wait_for_log("the tenant of a credential does not exist: its requests are refused")
        self.assertEqual((line["sender"], line["tenant"]), ("cluster-a", "tenant_x"))
        operator = self.operator(intake, create_source=True)
        with self.assertRaisesRegex(Exception, "status: 403.*tenant_x"):
            operator.login()
        status, _, text = operator.upload(small_payload("x")[0], "x.tar.gz")
        self.assertEqual(status, 403, text)
        self.assertEqual(self.database.digests(), [])

    def test_a_sender_without_a_tenant_where_there_are_several(self):
        intake = self.start(f'[[credential]]\nuser = "cluster-a"\npassword_file = "{self.directory}/password"\n')
        operator = self.operator(intake)
        with self.assertRaisesRegex(Exception, "status: 403.*Give the credential of the sender a tenant"):
            operator.login()


class Tokens(OperatorTest):
    def status_with(self, intake, token):
        operator = self.operator(intake)
        status, _, text = operator.request("GET", f"{operator.api_url}{HOSTED}sources", None, {"Authorization": f"Bearer {token}"})
        return status, text

    def test_tokens_that_are_refused(self):
        intake = self.start_with_issuer()
        now = int(time.time())
        self.assertEqual(self.status_with(intake, self.issuer.token("client-a"))[0], 200)
        for why, token in (("expired", self.issuer.token("client-a", exp=now - 60)),
                           ("not valid yet", self.issuer.token("client-a", nbf=now + 600)),
                           ("another issuer", self.issuer.token("client-a", iss="https://other")),
                           ("another audience", self.issuer.token("client-a", aud="account")),
                           ("signature", self.issuer.token("client-a")[:-4] + "AAAA")):
            status, text = self.status_with(intake, token)
            self.assertEqual(status, 401, text)
            self.assertIn(why, text)
        header, claims, _ = self.issuer.token("client-a").split(".")
        none = base64url(json.dumps({"alg": "none"}).encode())
        self.assertEqual(self.status_with(intake, f"{none}.{claims}.")[0], 401)
        shared = base64url(json.dumps({"alg": "HS256", "kid": self.issuer.key_id}).encode())
        with open(self.issuer.key_file, "rb") as file:
            self.assertEqual(self.status_with(intake, shared_secret_token(f"{shared}.{claims}", file.read()))[0], 401)
        status, text = self.status_with(intake, self.issuer.token("client-x"))
        self.assertEqual(status, 403, text)
        self.assertIn("client_id 'client-x'", text)

    def test_keys_that_are_rotated(self):
        intake = self.start_with_issuer(retry_pause="500ms")
        self.assertEqual(self.status_with(intake, self.issuer.token("client-a"))[0], 200)
        time.sleep(0.6)
        old = self.issuer.token("client-a")
        self.issuer.rotate("key-2")
        self.assertEqual(self.status_with(intake, self.issuer.token("client-a"))[0], 200)
        self.assertEqual(self.status_with(intake, old)[0], 401)

    def test_unknown_keys_do_not_make_it_ask_again_and_again(self):
        intake = self.start_with_issuer(retry_pause="60s")
        self.assertEqual(self.status_with(intake, self.issuer.token("client-a"))[0], 200)
        before, key_id = self.issuer.fetches, self.issuer.key_id
        self.issuer.key_id = "unknown"
        try:
            for _ in range(20):
                self.assertEqual(self.status_with(intake, self.issuer.token("client-a"))[0], 401)
        finally:
            self.issuer.key_id = key_id
        self.assertEqual(self.issuer.fetches, before)
        self.assertEqual(self.status_with(intake, self.issuer.token("client-a"))[0], 200)

    def test_an_issuer_that_gives_no_keys(self):
        self.issuer.answer_keys = b"x" * 300_000
        try:
            intake = self.start_with_issuer(retry_pause="200ms")
            status, text = self.status_with(intake, self.issuer.token("client-a"))
            self.assertEqual(status, 503, text)
            line = intake.wait_for_log("the keys of the issuer cannot be fetched")
            self.assertIn("too large", line["reason"])
        finally:
            self.issuer.answer_keys = None
        wait_until(lambda: self.status_with(intake, self.issuer.token("client-a"))[0] == 200, "keys")

    def test_keys_are_fetched_from_nowhere_else(self):
        # Whatever a redirect or a token says: the key set of a stranger is not even asked for.
        elsewhere = FileServer()
        self.addCleanup(elsewhere.close)
        stranger_key = os.path.join(self.directory, "stranger.pem")
        subprocess.run(["openssl", "genrsa", "-out", stranger_key, "2048"], check=True, capture_output=True)
        url = elsewhere.put("keys", self.issuer.jwks())
        intake = self.start_with_issuer(retry_pause="100ms")
        self.assertEqual(self.status_with(intake, self.issuer.token("client-a"))[0], 200)
        key = json.loads(self.issuer.jwks())["keys"][0]
        for header in ({"jku": url}, {"x5u": url}, {"jku": url, "kid": "stranger"}, {"jwk": key}, {"x5c": ["MIIB"]}, {"kid": url.split("?")[0]}):
            with self.subTest(header):
                status, text = self.status_with(intake, self.issuer.token("client-a", header, stranger_key))
                self.assertEqual(status, 401, text)
        self.issuer.redirect_to = url
        try:
            def is_fetched_in_vain():
                # Not at each unknown key: there is a pause between two questions.
                status, text = self.status_with(intake, self.issuer.token("client-a", {"kid": "unknown"}))
                self.assertEqual(status, 401, text)
                return any(line["reason"] == "the server answered with status 302"
                           for line in intake.log("the keys of the issuer cannot be fetched"))
            wait_until(is_fetched_in_vain, "a question that is answered with a redirect")
        finally:
            self.issuer.redirect_to = None
        self.assertEqual(elsewhere.requests, [])

    def test_key_ids_are_names_and_nothing_else(self):
        intake = self.start_with_issuer(retry_pause="60s")
        self.assertEqual(self.status_with(intake, self.issuer.token("client-a"))[0], 200)
        for key_id in ("../../../../dev/null", "/dev/null", f"{self.issuer.key_file}", f"{self.issuer.key_id}\u0000", f"{self.issuer.key_id} ",
                       "' OR '1'='1", "|id", "a\nb", "x" * 257, "x" * 9_000, 1, None, [self.issuer.key_id], {"kid": self.issuer.key_id}):
            with self.subTest(str(key_id)[:40]):
                status, text = self.status_with(intake, self.issuer.token("client-a", {"kid": key_id}))
                # An id that is no text is none, and without one the only key is meant.
                self.assertEqual(status, 401 if isinstance(key_id, str) else 200, text)

    def test_an_issuer_that_hangs_delays_nobody_who_is_known(self):
        static = f'[[credential]]\nname = "static"\ntoken_sha256 = "{digest(b"static")}"\ntenant = "tenant_a"\n'
        intake = self.start_with_issuer(static, refresh="500ms", retry_pause="500ms", timeout="8s")
        self.assertEqual(self.status_with(intake, self.issuer.token("client-a"))[0], 200)
        good, unknown = self.issuer.token("client-a"), self.issuer.token("client-a", {"kid": "unknown"})
        self.issuer.delay = 6
        try:
            time.sleep(0.6)
            before = self.issuer.fetches
            hanging = [threading.Thread(target=self.status_with, args=(intake, unknown)) for _ in range(8)]
            for thread in hanging:
                thread.start()
            wait_until(lambda: self.issuer.fetches > before, "a fetch")
            for token in (good, "static", good):
                started = time.monotonic()
                self.assertEqual(self.status_with(intake, token)[0], 200)
                self.assertLess(time.monotonic() - started, 2)
            self.assertEqual(self.issuer.fetches, before + 1)
            for thread in hanging:
                thread.join()
        finally:
            self.issuer.delay = 0

    def test_keys_in_a_file(self):
        path = os.path.join(self.directory, "keys.json")
        with open(path, "wb") as file:
            file.write(self.issuer.jwks())
        credentials = '[[credential]]\nclient_id = "client-a"\ntenant = "tenant_a"\n'
        intake = self.start(credentials, jwt={"issuer": self.issuer.url, "audience": "koku-intake", "jwks_file": path})
        self.assertEqual(self.status_with(intake, self.issuer.token("client-a"))[0], 200)


class Summaries(OperatorTest):
    """What was uploaded ends in the summary, with figures that can be added up by hand."""

    def summary(self, tenant):
        self.database.query("CALL koku_run()")
        return self.database.query(
            "SELECT usage_start, sum(pod_usage_cpu_core_hours)::numeric(20, 6) "
            f"FROM {tenant}.reporting_ocpusagelineitem_daily_summary WHERE namespace = 'shop' AND data_source = 'Pod' "
            "GROUP BY usage_start ORDER BY usage_start").split("\n")

    def upload(self, payloads, **options):
        cycle = self.operator(self.start(), create_source=True, **options).cycle(payloads)
        self.assert_uploaded(cycle, payloads)

    def test_a_payload_in_thirteen_tarballs(self):
        # Twelve pods with 1 to 12 quarters of a core for 24 hours: (1 + ... + 12) / 4 * 24 = 468 core-hours; and labels.
        reports = {f"uuid_openshift_usage_report.{number}.csv": pod_report("2026-11-05", range(24), number / 4, f"web-{number}")
                   for number in range(1, 13)}
        month = "2026-11-01 00:00:00 +0000 UTC"
        reports["uuid_openshift_usage_report.13.csv"] = (
            "report_period_start,report_period_end,interval_start,interval_end,namespace,namespace_labels\n"
            f"{month},{month},2026-11-05 00:00:00 +0000 UTC,2026-11-05 00:59:59 +0000 UTC,shop,label_team:a\n")
        payloads = tarballs("split", "22222222-2222-4222-8222-222222222222", reports, "2026-11-05", "2026-11-05")
        self.assertEqual(len(payloads), 13)
        self.upload(payloads, cluster_id="split", source_name="Split")
        self.assertEqual(self.summary("tenant_a"), ["2026-11-05|468.000000"])
        self.assertEqual(self.database.query("SELECT count(*) FROM koku_inbox WHERE status <> 'done'"), "0")

    def test_two_months_in_one_payload_and_files_of_resource_optimization(self):
        # Half a core for 24 hours on the last day of October, a quarter on the first day of November.
        reports = {"two.0.csv": pod_report("2026-10-31", range(24), 0.5) + pod_report("2026-11-01", range(24), 0.25)[len(POD_HEADER):]}
        optimization = {"ros-openshift-container.0.csv": "report_period_start,interval_start,container_name\n2026-10-01,2026-10-31,web\n"}
        payloads = tarballs("two-months", "33333333-3333-4333-8333-333333333333", reports, "2026-10-31", "2026-11-01", optimization)
        self.assertEqual(len(payloads), 2)
        self.upload(payloads, cluster_id="two-months", source_name="Two months", user="cluster-b")
        self.assertEqual(self.summary("tenant_b"), ["2026-10-31|12.000000", "2026-11-01|6.000000"])
