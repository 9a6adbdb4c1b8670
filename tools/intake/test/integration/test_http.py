"""Uploads over HTTP, sent as the operator sends them (with curl), and everything that is not an upload."""
import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from issuer import make_authority, make_certificate
from parts import PAYLOAD_TYPE, UPLOAD_PATH, Database, Intake, digest, payload, wait_until

TOKEN = "a-secret-token"
PASSWORD = "a secret: password"


def credentials(directory):
    password_file = os.path.join(directory, "password")
    with open(password_file, "w", encoding="utf-8") as file:
        file.write(PASSWORD + "\n")
    # Few rounds: the tests log in often.
    password_hash = subprocess.check_output(["openssl", "passwd", "-5", "-salt", "rounds=1000$x", "hashed-secret"], text=True)
    token_hash = digest(TOKEN.encode())
    return f"""
[[credential]]
user = "cluster-a"
password_file = "{password_file}"
tenant = "tenant_a"
[[credential]]
user = "cluster-b"
password_hash = "{password_hash.strip()}"
[[credential]]
name = "robot"
token_sha256 = "{token_hash}"
tenant = "tenant_c"
"""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


@contextlib.contextmanager
def locked(database, table):
    """Nobody else gets to a table of the database."""
    blocker = subprocess.Popen(["psql", "-XAqt", "-d", database.name], stdin=subprocess.PIPE, text=True)
    blocker.stdin.write(f"BEGIN; LOCK TABLE {table};\n")
    blocker.stdin.flush()
    wait_until(lambda: database.query(
        f"SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = '{table}'::regclass") == "1", "the lock")
    try:
        yield
    finally:
        blocker.communicate("ROLLBACK;\n", timeout=10)


class UploadTest(unittest.TestCase):
    """Starts the program once for all tests of a class."""
    settings = {}
    submit_timeout = "2s"
    scheme = "http"

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="koku-intake.")
        cls.database = Database(tenants=("tenant_a", "tenant_c"))
        cls.start()

    @classmethod
    def start(cls):
        sections = {"database": {"conninfo": cls.database.conninfo(), "connections": 2, "submit_timeout": cls.submit_timeout},
                    "payload": {"max_size": "1MB", "max_memory": "3MB"},
                    "http": {"listen": "127.0.0.1:0", "failed_login_pause": "0", **cls.settings}}
        cls.intake = Intake(cls.directory, sections, credentials(cls.directory)).wait_ready()

    @classmethod
    def tearDownClass(cls):
        try:
            cls.intake.stop_clean(cls())
        finally:
            shutil.rmtree(cls.directory)

    def setUp(self):
        self.database.clear()

    def url(self, path=UPLOAD_PATH):
        return f"{self.scheme}://127.0.0.1:{self.intake.port}{path}"

    def curl(self, *arguments):
        """Runs curl; returns the last answer of the server."""
        body = os.path.join(self.directory, f"body-{threading.get_ident()}")
        result = subprocess.run(["curl", "-sS", "--max-time", "30", "-o", body, "-D", "-", *arguments],
                                capture_output=True, text=True, timeout=60)
        heads = [head for head in result.stdout.replace("\r", "").split("\n\n") if head.startswith("HTTP/")]
        self.assertTrue(heads, f"no answer: {result.stderr}")
        lines = heads[-1].split("\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers.setdefault(name.lower(), []).append(value.strip())
        with open(body, encoding="utf-8") as file:
            return Answer(int(lines[0].split()[1]), headers, file.read())

    def upload(self, content, *arguments, login=("-H", f"Authorization: Bearer {TOKEN}"), content_type=PAYLOAD_TYPE,
               name="file", path=UPLOAD_PATH):
        """What internal/crhchttp of the operator sends: one part 'file' with the name of the tarball."""
        with tempfile.NamedTemporaryFile(dir=self.directory, suffix=".tar.gz") as file:
            file.write(content)
            file.flush()
            return self.curl("-X", "POST", "-F", f"{name}=@{file.name};type={content_type}",
                             "-A", "cost-mgmt-operator/abc123 cluster/cluster-a", *login, *arguments, self.url(path))

    def stored(self):
        return self.database.digests()


class Uploads(UploadTest):
    def test_stored_when_202(self):
        content = payload("first")
        answer = self.upload(content)
        self.assertEqual(answer.status, 202, answer.body)
        self.assertEqual(self.stored(), [digest(content)])
        request_id = answer.json["request_id"]
        self.assertRegex(request_id, "^[0-9a-f]{32}$")
        self.assertEqual(answer.headers["x-rh-insights-request-id"], [request_id])
        row = self.database.query("SELECT id, request_id, tenant FROM koku_inbox")
        self.assertEqual(row, f"{answer.json['inbox_id']}|{request_id}|tenant_c")
        line = self.intake.wait_for_log("upload stored", request_id=request_id)
        self.assertEqual((line["bytes"], line["sender"], line["status"]), (len(content), "robot", 202))
        self.assertIn("cluster/cluster-a", line["user_agent"])

    def test_operators_that_end_the_path_with_a_slash(self):
        self.assertEqual(self.upload(payload("slash"), path=UPLOAD_PATH + "/").status, 202)

    def test_same_upload_twice_is_stored_once(self):
        content = payload("twice")
        first, second = self.upload(content), self.upload(content)
        self.assertEqual((first.status, second.status), (202, 202))
        self.assertEqual(first.json["inbox_id"], second.json["inbox_id"])
        self.assertEqual(self.stored(), [digest(content)])

    def test_basic_authentication_names_the_tenant(self):
        self.assertEqual(self.upload(payload("a"), login=("-u", f"cluster-a:{PASSWORD}")).status, 202)
        self.assertEqual(self.upload(payload("b"), login=("-u", "cluster-b:hashed-secret")).status, 202)
        self.assertEqual(self.database.query("SELECT coalesce(tenant, '-') FROM koku_inbox ORDER BY id"), "tenant_a\n-")

    def test_request_id_of_the_sender(self):
        for proposed, taken in (("abc-1.2_Z", True), ("", False), ("no blanks", False), ("x" * 129, False)):
            answer = self.upload(payload(proposed), "-H", f"x-rh-insights-request-id: {proposed}")
            self.assertEqual(answer.status, 202)
            self.assertEqual(answer.json["request_id"] == proposed, taken, proposed)

    def test_who_may_not(self):
        for login in ((), ("-u", "cluster-a:wrong"), ("-u", f"nobody:{PASSWORD}"), ("-H", "Authorization: Bearer wrong"),
                      ("-H", "Authorization: Bearer"), ("-H", "Authorization: Basic ***")):
            answer = self.upload(payload("x"), login=login)
            self.assertEqual(answer.status, 401, login)
            self.assertEqual(len(answer.headers["www-authenticate"]), 2)
            self.assertIn("credentials", answer.json["error"])
        self.assertEqual(self.stored(), [])

    def test_what_is_not_taken(self):
        good = payload("good")
        cases = (
            (415, dict(content=good, content_type="application/gzip")),
            (415, dict(content=good, content_type="application/vnd.redhat.advisor.tgz")),
            (400, dict(content=good, name="files")),
            (400, dict(content=b"")),
            (400, dict(content=b"PK\x03\x04 not gzip")),
            (413, dict(content=payload("large", 1 << 20))),
            (413, dict(content=payload("huge", 1 << 22))),
            (404, dict(content=good, path="/api/ingress/v2/upload")),
            (404, dict(content=good, path=UPLOAD_PATH + "//")),
        )
        for status, arguments in cases:
            answer = self.upload(**arguments)
            self.assertEqual(answer.status, status, answer.body)
            self.assertEqual(answer.json["status"], status)
            self.assertTrue(answer.json["error"])
        self.assertEqual(self.stored(), [])

    def test_limit_counts_while_chunks_arrive(self):
        # Without Content-Length only what arrives can tell.
        content = payload("chunks", 900_000)
        self.assertEqual(self.upload(content, "-H", "Transfer-Encoding: chunked").status, 202)
        self.assertEqual(self.upload(payload("more", 1 << 22), "-H", "Transfer-Encoding: chunked").status, 413)
        self.assertEqual(self.stored(), [digest(content)])

    def test_other_methods_and_types(self):
        login = ("-H", f"Authorization: Bearer {TOKEN}")
        answer = self.curl(*login, self.url())
        self.assertEqual((answer.status, answer.headers["allow"]), (405, ["POST"]))
        self.assertEqual(self.curl(*login, self.url("/")).status, 404)
        # Strangers learn nothing about the paths.
        for path in (UPLOAD_PATH, "/", "/api/sources/v1.0/sources"):
            self.assertEqual(self.curl(self.url(path)).status, 401)
        self.assertEqual(self.curl("-d", "x", *login, self.url()).status, 415)
        self.assertEqual(self.curl("-d", "x", "-H", "Content-Type: multipart/form-data", *login, self.url()).status, 415)
        broken = self.curl("-d", "x", "-H", "Content-Type: multipart/form-data; boundary=b", *login, self.url())
        self.assertEqual(broken.status, 400)
        self.assertIn("boundary", broken.json["error"])
        self.assertEqual(self.upload(payload("x"), "-H", "Content-Encoding: gzip").status, 415)

    def test_head_that_is_too_long(self):
        self.assertEqual(self.upload(payload("x"), "-H", "X-Long: " + "x" * 20_000).status, 431)

    def test_several_uploads_on_one_connection(self):
        names = [os.path.join(self.directory, f"{number}.tar.gz") for number in range(3)]
        arguments = []
        for number, name in enumerate(names):
            with open(name, "wb") as file:
                file.write(payload(f"keep-alive {number}"))
            arguments += [*(["--next"] if number else []), "-sS", "-F", f"file=@{name};type={PAYLOAD_TYPE}",
                          "-H", f"Authorization: Bearer {TOKEN}", "-o", os.devnull,
                          "-w", "%{http_code} %{num_connects}\n", self.url()]
        output = subprocess.run(["curl", *arguments], capture_output=True, text=True, check=True, timeout=60).stdout
        self.assertEqual(output.split("\n")[:3], ["202 1", "202 0", "202 0"])
        self.assertEqual(len(self.stored()), 3)

    def test_pages_of_the_administration(self):
        self.assertEqual(self.intake.admin("/healthz"), (200, "ok\n"))
        status, body = self.intake.admin("/readyz")
        self.assertEqual((status, json.loads(body)), (200, {"ready": True, "database": "up"}))
        before = self.intake.metric('koku_intake_uploads_total{outcome="stored"}')
        self.upload(payload("counted"))
        self.assertEqual(self.intake.metric('koku_intake_uploads_total{outcome="stored"}'), before + 1)
        self.assertEqual(self.intake.metric("koku_intake_buffered_bytes"), 0)
        self.assertEqual(self.intake.admin("/else")[0], 404)

    def test_metrics_have_the_format_of_prometheus(self):
        for line in self.intake.admin("/metrics")[1].splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) koku_intake_\w+ .+|koku_intake_\w+(\{\w+="[^"]*"\})? [0-9.e+-]+)$')


class BadConnections(UploadTest):
    settings = {"idle_timeout": "1s", "head_timeout": "2s", "body_timeout": "3s", "max_connections": 20}

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.intake.port), timeout=10)

    def request(self, *headers, body=b""):
        lines = [f"POST {UPLOAD_PATH} HTTP/1.1", "Host: x", f"Authorization: Bearer {TOKEN}",
                 "Content-Type: multipart/form-data; boundary=b", *headers]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def answer_to(self, data):
        """The first line that comes back, empty when the connection is closed without."""
        with self.connect() as connection:
            connection.sendall(data)
            try:
                return connection.makefile("rb").readline().decode().strip()
            except ConnectionResetError:
                return ""

    def test_what_is_not_http(self):
        self.assertIn(" 400 ", self.answer_to(b"hello\r\n\r\n"))
        self.assertIn(" 400 ", self.answer_to(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"))
        self.assertIn(" 400 ", self.answer_to(self.request("Content-Length: x")))
        self.assertIn(" 400 ", self.answer_to(self.request("Transfer-Encoding: chunked", body=b"zz\r\nabc\r\n")))
        self.assertIn(" 413 ", self.answer_to(self.request("Content-Length: 99999999999")))

    def test_two_lengths_are_not_one(self):
        # Front ends and back ends that disagree about a body let requests be smuggled.
        self.assertIn(" 400 ", self.answer_to(self.request("Content-Length: 3", "Content-Length: 4", body=b"abcd")))
        both = self.answer_to(self.request("Content-Length: 3", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"))
        self.assertIn(" 400 ", both)

    def test_bodies_that_stop(self):
        before = self.intake.metric('koku_intake_uploads_total{outcome="cut_off"}')
        with self.connect() as connection:
            connection.sendall(self.request("Content-Length: 1000", body=b"--b\r\n"))
        wait_until(lambda: self.intake.metric('koku_intake_uploads_total{outcome="cut_off"}') == before + 1, "count")
        self.assertEqual(self.stored(), [])

    def test_silence_ends_the_connection(self):
        with self.connect() as idle, self.connect() as slow:
            slow.sendall(self.request("Content-Length: 1000")[:20])
            self.assertEqual(idle.recv(1), b"")
            self.assertEqual(slow.recv(1), b"")

    def test_who_is_silent_locks_nobody_out(self):
        silent = [self.connect() for _ in range(60)]
        try:
            self.assertEqual(self.upload(payload("patient")).status, 202)
        finally:
            for connection in silent:
                connection.close()

    def test_what_http_forbids(self):
        def request(*headers, version="1.1"):
            return "\r\n".join([f"POST {UPLOAD_PATH} HTTP/{version}", *headers, "", ""]).encode()
        login = f"Authorization: Bearer {TOKEN}"
        for headers in ((login, "Content-Length: 0"),  # without Host
                        ("Host: x", "Host: y", login, "Content-Length: 0"),
                        ("Host: x", login, "Authorization: Bearer other", "Content-Length: 0"),
                        ("Host: x", login, "Transfer-Encoding: gzip, chunked"),
                        ("Host: x", login, "Transfer-Encoding: identity")):
            self.assertIn(" 400 ", self.answer_to(request(*headers)), headers)
        self.assertIn(" 415 ", self.answer_to(request("Host: x", login, "Content-Length: 0")))
        self.assertIn(" 415 ", self.answer_to(request(login, "Content-Length: 0", version="1.0")))

    def test_memory_is_taken_as_bytes_arrive_and_shared(self):
        wait_until(lambda: self.intake.metric("koku_intake_open_connections") <= 1, "other tests' connections")
        waiting = []
        try:
            for _ in range(6):  # announcements hold nothing
                connection = self.connect()
                connection.sendall(self.request("Content-Length: 1048000"))
                waiting.append(connection)
            self.assertEqual(self.upload(payload("announced", 900_000)).status, 202)
            self.assertEqual(self.intake.metric("koku_intake_buffered_bytes"), 0)
            head = (b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\nContent-Type: ' +
                    PAYLOAD_TYPE.encode() + b"\r\n\r\n")
            waiting[0].sendall(head + payload("held", 900_000)[:900_000])
            # Each byte twice, in steps of 256 kB; a sender can have one payload of the largest size.
            wait_until(lambda: self.intake.metric("koku_intake_buffered_bytes") == 2 << 20, "the first upload's memory")
            answer = self.upload(payload("one more", 50_000))
            self.assertEqual((answer.status, answer.headers["retry-after"]), (503, ["30"]))
            # Another sender has a share of its own.
            other = self.upload(payload("other", 50_000), login=("-u", f"cluster-a:{PASSWORD}"))
            self.assertEqual(other.status, 202, other.body)
        finally:
            for connection in waiting:
                connection.close()
        wait_until(lambda: self.intake.metric("koku_intake_buffered_bytes") == 0, "the memory")
        self.assertEqual(self.upload(payload("now")).status, 202)

    def test_nothing_is_sent_for_nothing(self):
        # curl asks before it sends a large body; the answer comes instead of '100 Continue'.
        with self.connect() as connection:
            connection.sendall(self.request("Content-Length: 1000000", "Expect: 100-continue"))
            self.assertIn("100", connection.makefile("rb").readline().decode())
        with self.connect() as connection:
            wrong = self.request("Content-Length: 1000000", "Expect: 100-continue").replace(TOKEN.encode(), b"wrong")
            connection.sendall(wrong)
            self.assertIn(" 401 ", connection.makefile("rb").readline().decode())


class Limits(UploadTest):
    settings = {"max_requests_per_credential": 5, "max_uploads_per_credential": 2, "trusted_proxies": ["127.0.0.1"],
                "max_requests_per_address": 12, "access_log": True}

    def test_limits_of_senders_and_addresses(self):
        forwarded = ("-H", "X-Forwarded-For: 203.0.113.9, 198.51.100.7")
        for number in range(5):
            self.assertEqual(self.upload(payload(f"allowed {number}"), *forwarded).status, 202)
        answer = self.upload(payload("too many"), *forwarded)
        self.assertEqual((answer.status, answer.headers["retry-after"]), (429, ["60"]))
        # Another sender from there is not concerned, until the address has sent too much; then another address is not.
        login = ("-u", f"cluster-a:{PASSWORD}")
        for _ in range(5):
            self.assertEqual(self.upload(payload("other sender"), *forwarded, login=login).status, 202)
        self.upload(payload("the twelfth"), *forwarded, login=())
        self.assertEqual(self.upload(payload("too many"), *forwarded, login=("-u", "cluster-b:hashed-secret")).status, 429)
        elsewhere = ("-H", "X-Forwarded-For: 192.0.2.44")
        answer = self.upload(payload("elsewhere"), *elsewhere, login=("-u", "cluster-b:hashed-secret"))
        self.assertEqual(answer.status, 202)
        line = self.intake.wait_for_log("upload stored", sender="cluster-b", peer="192.0.2.44")
        self.assertEqual((line["method"], line["path"], line["status"]), ("POST", UPLOAD_PATH, 202))

    def test_a_sender_has_few_requests_under_way(self):
        elsewhere = "X-Forwarded-For: 192.0.2.46"
        secret = base64.b64encode(b"cluster-b:hashed-secret").decode()
        waiting = []
        try:
            for path in (UPLOAD_PATH, "/api/sources/v1.0/sources"):
                connection = socket.create_connection(("127.0.0.1", self.intake.port), timeout=10)
                connection.sendall((f"POST {path} HTTP/1.1\r\nHost: x\r\n{elsewhere}\r\nAuthorization: Basic {secret}\r\n"
                                    "Content-Type: multipart/form-data; boundary=b\r\nExpect: 100-continue\r\n"
                                    "Content-Length: 1000\r\n\r\n").encode())
                self.assertIn("100", connection.makefile("rb").readline().decode())
                waiting.append(connection)
            answer = self.upload(payload("third"), "-H", elsewhere, login=("-u", "cluster-b:hashed-secret"))
            self.assertEqual((answer.status, "under way" in answer.json["error"]), (429, True))
        finally:
            for connection in waiting:
                connection.close()

    def test_requests_are_logged(self):
        self.curl("-u", "cluster-b:hashed-secret", "-H", "X-Forwarded-For: 192.0.2.45", self.url("/api/sources/v1.0/source_types?filter%5Bname%5D=x"))
        line = self.intake.wait_for_log("request answered", path="/api/sources/v1.0/source_types")
        self.assertEqual((line["method"], line["status"], line["bytes"], line["peer"]), ("GET", 200, 0, "192.0.2.45"))


class Crowds(UploadTest):
    """Others that take connections and give nothing do not keep a good upload waiting."""

    def delay_of_upload(self, name):
        started = time.monotonic()
        answer = self.upload(payload(name, 100_000))
        self.assertEqual(answer.status, 202, answer.body)
        return time.monotonic() - started

    def assert_short(self, seconds, crowd):
        print(f"        delay of a good upload among {crowd}: {max(seconds, 0):.2f} s")
        self.assertLess(seconds, 2)

    def test_half_heads_and_announcements(self):
        alone = self.delay_of_upload("alone")
        crowd = []
        try:
            for number in range(360):
                connection = socket.create_connection(("127.0.0.1", self.intake.port), timeout=30,
                                                      source_address=("127.0.0.2" if number % 2 else "127.0.0.1", 0))
                connection.sendall(f"POST {UPLOAD_PATH} HTTP/1.1\r\nHost: x\r\n".encode())
                crowd.append(connection)
            self.assert_short(self.delay_of_upload("among half heads") - alone, "360 half heads")
            for _ in range(6):
                connection = socket.create_connection(("127.0.0.1", self.intake.port), timeout=30)
                connection.sendall((f"POST {UPLOAD_PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
                                    "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1048000\r\n\r\n").encode())
                crowd.append(connection)
            self.assert_short(self.delay_of_upload("among announcements") - alone, "half heads and six announcements")
        finally:
            for connection in crowd:
                connection.close()
        self.assertLess(self.intake.metric("koku_intake_open_connections"), 70)

    def test_depth_of_the_inbox_and_counts_of_tenants(self):
        before = self.intake.metric('koku_intake_payloads_stored_total{tenant="tenant_c"}')
        self.upload(payload("counted"))
        self.assertEqual(self.intake.metric('koku_intake_payloads_stored_total{tenant="tenant_c"}'), before + 1)
        wait_until(lambda: self.intake.metric("koku_intake_inbox_payloads") >= 1, "the depth of the inbox")
        self.assertGreater(self.intake.metric("koku_intake_inbox_bytes"), 0)
        self.assertGreaterEqual(self.intake.metric("koku_intake_inbox_oldest_seconds"), 0)


class Memory(UploadTest):
    @classmethod
    def start(cls):
        sections = {"database": {"conninfo": cls.database.conninfo(), "connections": 4},
                    "payload": {"max_size": "40MB", "max_memory": "160MB"}, "http": {"listen": "127.0.0.1:0"}}
        cls.intake = Intake(cls.directory, sections, credentials(cls.directory)).wait_ready()

    def test_resident_memory_stays_within_the_budget(self):
        content = payload("large", 30 << 20)
        logins = (("-H", f"Authorization: Bearer {TOKEN}"), ("-u", f"cluster-a:{PASSWORD}"), ("-u", "cluster-b:hashed-secret"))
        for _ in range(2):
            answers = []
            threads = [threading.Thread(target=lambda login=login: answers.append(self.upload(content, login=login).status))
                       for login in logins * 2]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertIn(202, answers)
            self.assertLessEqual(set(answers), {202, 503})
        with open(f"/proc/{self.intake.process.pid}/status", encoding="ascii") as file:
            peak = next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))
        print(f"        peak of resident memory: {peak >> 20} MB of {(160 * 1.3 + 64):.0f} MB")
        self.assertLessEqual(peak, 1.3 * (160 << 20) + (64 << 20))


class Tls(UploadTest):
    scheme = "https"

    @classmethod
    def start(cls):
        cls.new_certificate("first")
        cls.settings = {"certificate_file": os.path.join(cls.directory, "certificate.pem"),
                        "key_file": os.path.join(cls.directory, "key.pem")}
        super().start()

    @classmethod
    def new_certificate(cls, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", f"{cls.directory}/key.pem", "-out", f"{cls.directory}/certificate.pem"],
                       check=True, capture_output=True)

    def trust(self):
        return ("--cacert", f"{self.directory}/certificate.pem")

    def test_uploads_and_refusals(self):
        content = payload("tls", 600_000)
        self.assertEqual(self.upload(content, *self.trust()).status, 202)
        self.assertEqual(self.upload(payload("large", 1 << 22), *self.trust()).status, 413)
        self.assertEqual(self.upload(payload("x"), *self.trust(), login=()).status, 401)
        self.assertEqual(self.stored(), [digest(content)])

    def test_plain_http_and_old_tls_are_not_served(self):
        for arguments in (["http" + self.url()[5:]], [*self.trust(), "--tls-max", "1.1", self.url()]):
            status = subprocess.run(["curl", "-sS", "--max-time", "20", *arguments], capture_output=True).returncode
            self.assertNotEqual(status, 0)

    def test_certificate_and_credentials_are_read_again(self):
        self.new_certificate("second")
        with open(self.intake.path, "a", encoding="utf-8") as file:
            file.write(f'\n[[credential]]\nname = "late"\ntoken_sha256 = "{digest(b"late secret")}"\n')
        self.intake.process.send_signal(signal.SIGHUP)
        self.intake.wait_for_log("reloaded: credentials, tenants, TLS certificate and log level; the rest needs a restart")
        answer = self.upload(payload("late"), *self.trust(), login=("-H", "Authorization: Bearer late secret"))
        self.assertEqual(answer.status, 202)

    def test_a_certificate_that_was_replaced_is_used_without_being_told(self):
        self.new_certificate("third")
        self.intake.wait_for_log("the TLS certificate was replaced")
        self.assertEqual(self.upload(payload("third"), *self.trust()).status, 202)
        expiry = self.intake.metric("koku_intake_certificate_not_after_timestamp_seconds")
        self.assertAlmostEqual(expiry, time.time() + 2 * 86400, delta=3600)

    def test_ciphers_without_forward_secrecy_or_authentication_are_not_served(self):
        for cipher, served in (("ECDHE-ECDSA-AES128-GCM-SHA256", True), ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
                               ("ECDHE-ECDSA-AES128-SHA256", False), ("ECDHE-ECDSA-AES256-SHA", False)):
            result = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.intake.port}", "-tls1_2", "-cipher", cipher],
                                    stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
            self.assertEqual(f"Cipher is {cipher}" in result.stdout, served, cipher)

    def test_a_configuration_that_is_broken_changes_nothing(self):
        with open(self.intake.path, encoding="utf-8") as file:
            before = file.read()
        with open(self.intake.path, "w", encoding="utf-8") as file:
            file.write("[http\n")
        self.intake.process.send_signal(signal.SIGHUP)
        line = self.intake.wait_for_log("the configuration could not be reloaded; the old one stays in force")
        self.assertIn(":1:", line["reason"])
        with open(self.intake.path, "w", encoding="utf-8") as file:
            file.write(before)
        self.assertEqual(self.upload(payload("still"), *self.trust()).status, 202)


class SlowDatabase(UploadTest):
    """The operator gives up after 30 s, as curl does here, however long the administrator lets the database take."""
    submit_timeout = "1min"

    def test_a_question_is_answered_in_time(self):
        with locked(self.database, "koku_source"):
            answer = self.curl("-H", f"Authorization: Bearer {TOKEN}", self.url("/api/sources/v1.0/sources"))
        self.assertEqual(answer.status, 503, answer.body)

    def test_an_upload_whose_tenant_cannot_be_looked_up_is_answered_in_time(self):
        with locked(self.database, "koku_source"):
            answer = self.upload(payload("blocked"))
        self.assertEqual(answer.status, 503, answer.body)


class DatabaseFaults(UploadTest):
    def test_database_that_is_away(self):
        self.database.kill()
        wait_until(lambda: self.intake.admin("/readyz")[0] == 503, "not ready")
        self.assertEqual(self.intake.admin("/healthz")[0], 200)
        answer = self.upload(payload("away"))
        self.assertEqual((answer.status, answer.headers["retry-after"]), (503, ["30"]))
        self.database.start()
        self.intake.wait_ready()
        for number in range(5):  # whichever of its connections is there again
            self.assertEqual(self.upload(payload(f"back {number}")).status, 202)
        self.assertEqual(len(self.stored()), 5)

    def test_a_question_waits_for_a_database_that_starts_again(self):
        # The operator would take an error for its answer until the next day.
        self.database.kill()
        wait_until(lambda: self.intake.admin("/readyz")[0] == 503, "not ready")
        answers = []
        asking = threading.Thread(target=lambda: answers.append(self.curl(
            "-H", f"Authorization: Bearer {TOKEN}", self.url("/api/sources/v1.0/sources"))))
        asking.start()
        time.sleep(1)
        self.assertEqual(answers, [])
        self.database.start()
        asking.join()
        self.assertEqual((answers[0].status, answers[0].json), (200, {"meta": {"count": 0}, "data": []}))
        self.intake.wait_ready()

    def test_what_was_answered_survives_a_crash(self):
        # The private server has synchronous_commit = off, with which a crash may lose what was committed last.
        contents = [payload(f"durable {number}") for number in range(20)]
        for content in contents:
            self.assertEqual(self.upload(content).status, 202)
        self.database.kill()
        self.database.start()
        self.assertEqual(self.stored(), sorted(digest(content) for content in contents))
        self.intake.wait_ready()

    def test_database_that_does_not_answer_in_time(self):
        with locked(self.database, "koku_inbox"):
            answer = self.upload(payload("blocked"))
        self.assertEqual(answer.status, 503, answer.body)
        wait_until(lambda: self.upload(payload("blocked")).status == 202, "recovery")
        self.assertEqual(self.stored(), [digest(payload("blocked"))])

    def test_commits_are_durable_whatever_the_server_says(self):
        self.database.query("CREATE TABLE seen (level text)")
        self.database.query("CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                            "INSERT INTO public.seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$")
        self.database.query("CREATE TRIGGER note BEFORE INSERT ON koku_inbox FOR EACH ROW EXECUTE FUNCTION note()")
        try:
            for level, used in (("off", "on"), ("local", "on"), ("remote_write", "on"), ("on", "on"), ("remote_apply", "remote_apply")):
                self.database.query(f"ALTER ROLE intake SET synchronous_commit = {level}")
                self.database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'intake'")
                self.intake.wait_ready()
                self.assertEqual(self.upload(payload(f"commit {level}")).status, 202)
                self.assertEqual(self.database.query("DELETE FROM seen RETURNING level"), used, level)
        finally:
            self.database.query("ALTER ROLE intake RESET synchronous_commit")
            self.database.query("DROP TRIGGER note ON koku_inbox")
            self.database.query("DROP FUNCTION note(); DROP TABLE seen")
            self.database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'intake'")

    def new_sessions(self):
        """Settings of the database count for new sessions."""
        self.database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'intake'")
        self.intake.wait_ready()

    def test_an_inbox_that_is_full_asks_for_patience(self):
        # Two payloads are less than 2 MB, three are more; the bounds are in whole megabytes.
        full = (("inbox_max_tenant_payloads", "2"), ("inbox_max_payloads", "2"), ("inbox_max_tenant_size", "'2MB'"), ("inbox_max_size", "'2MB'"))
        for name, value in full:
            with self.subTest(name):
                self.database.clear()
                self.database.query(f"ALTER DATABASE intake SET koku_onprem.{name} = {value}")
                try:
                    self.new_sessions()
                    content = [payload(f"{name} {number}", 900_000) for number in range(3)]
                    self.assertEqual([self.upload(each).status for each in content[:2]], [202, 202])
                    answer = self.upload(content[2])
                    self.assertEqual((answer.status, answer.headers["retry-after"]), (429, ["60"]), answer.body)
                    self.assertEqual(answer.json["error"], "inbox is full")
                    # What is there already needs no room; another tenant's payload finds the tenant's bound not reached.
                    self.assertEqual(self.upload(content[0]).status, 202)
                    other = self.upload(payload(f"{name} other", 900_000), login=("-u", f"cluster-a:{PASSWORD}"))
                    self.assertEqual(other.status, 202 if "tenant" in name else 429, other.body)
                    # Once there is room it is taken.
                    self.database.query("UPDATE koku_inbox SET status = 'done', finished_at = now() WHERE tenant = 'tenant_c'")
                    self.assertEqual(self.upload(content[2]).status, 202)
                finally:
                    self.database.query(f"ALTER DATABASE intake RESET koku_onprem.{name}")
        self.new_sessions()

    def test_limit_of_the_database_is_the_sender_s_fault(self):
        self.database.query("ALTER DATABASE intake SET koku_onprem.inbox_max_payload_size = '100kB'")
        try:
            self.new_sessions()
            self.assertEqual(self.upload(payload("fits")).status, 202)
            answer = self.upload(payload("too large", 200_000))
            self.assertEqual(answer.status, 413, answer.body)
            self.assertEqual(self.stored(), [digest(payload("fits"))])
        finally:
            self.database.query("ALTER DATABASE intake RESET koku_onprem.inbox_max_payload_size")
            self.database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'intake'")

    def test_missing_privilege_is_not_the_sender_s_fault(self):
        wait_until(lambda: self.database.query(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'intake' AND state = 'idle'") == "2", "both connections")
        self.database.query("REVOKE EXECUTE ON FUNCTION koku_submit_payload(bytea, text, name) FROM koku_ingest")
        answer = self.upload(payload("forbidden"))
        self.database.query("GRANT EXECUTE ON FUNCTION koku_submit_payload(bytea, text, name) TO koku_ingest")
        self.assertEqual(answer.status, 503)
        self.assertNotIn("permission", answer.body)
        line = self.intake.wait_for_log("the database did not take an upload", sqlstate="42501")
        self.assertIn("permission denied", line["reason"])

    def test_sessions_that_the_server_ends_are_made_again(self):
        for number in range(3):
            self.database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'intake'")
            self.assertEqual(self.upload(payload(f"again {number}")).status, 202)


class Draining(UploadTest):
    def test_sigterm_finishes_uploads_and_takes_no_more(self):
        content = payload("drained", 200_000)
        form = (b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\nContent-Type: " +
                PAYLOAD_TYPE.encode() + b"\r\n\r\n" + content + b"\r\n--b--\r\n")
        head = (f"POST {UPLOAD_PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic "
                f"{base64.b64encode(f'cluster-a:{PASSWORD}'.encode()).decode()}\r\n"
                f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(form)}\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", self.intake.port)) as idle, \
                socket.create_connection(("127.0.0.1", self.intake.port), timeout=30) as connection:
            connection.sendall(head + form[:100_000])
            wait_until(lambda: self.intake.metric("koku_intake_buffered_bytes") > 0, "the upload")
            self.intake.terminate()
            self.intake.wait_for_log("draining: what was begun is finished, nothing new is accepted")
            self.assertEqual(idle.recv(1), b"", "an idle connection stayed open")
            self.assertEqual(self.intake.admin("/readyz")[0], 503)
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", self.intake.port))
            connection.sendall(form[100_000:])
            answer = connection.makefile("rb").read()
        self.assertIn(b"HTTP/1.1 202 ", answer)
        self.assertIn(b"Connection: close", answer)
        self.assertEqual(self.intake.stop(), 0)
        self.assertEqual(self.stored(), [digest(content)])


class DrainDelay(UploadTest):
    def test_the_door_stays_open_for_a_moment(self):
        self.intake.stop()
        type(self).intake = Intake(
            self.directory, {"database": {"conninfo": self.database.conninfo()},
                             "http": {"listen": "127.0.0.1:0", "failed_login_pause": "0"},
                             "service": {"drain_delay": "3s"}}, credentials(self.directory)).wait_ready()
        self.intake.terminate()
        self.intake.wait_for_log("no longer ready; new connections are still accepted for a moment")
        self.assertEqual(self.intake.admin("/readyz")[0], 503)
        self.assertEqual(self.upload(payload("late guest")).status, 202)
        self.assertEqual(self.intake.stop(), 0)
        type(self).intake = Intake(self.directory, {"run": {"interval": "1h"}})


class MutualTls(UploadTest):
    scheme = "https"

    @classmethod
    def start(cls):
        make_authority(cls.directory)
        for name in ("door", "client"):
            make_certificate(cls.directory, name)
        make_authority(cls.directory, "stranger")
        make_certificate(cls.directory, "strange", "stranger")
        cls.settings = {"certificate_file": f"{cls.directory}/door.pem", "key_file": f"{cls.directory}/door-key.pem",
                        "client_ca_file": f"{cls.directory}/authority.pem"}
        super().start()

    def test_only_who_has_a_certificate_gets_in(self):
        trust = ("--cacert", f"{self.directory}/authority.pem")
        def own(name):
            return ("--cert", f"{self.directory}/{name}.pem", "--key", f"{self.directory}/{name}-key.pem")
        self.assertEqual(self.upload(payload("known"), *trust, *own("client")).status, 202)
        for arguments in ((), own("strange")):
            with self.assertRaisesRegex(AssertionError, "no answer"):
                self.upload(payload("stranger"), *trust, *arguments)


class Stopping(UploadTest):
    def test_an_upload_that_does_not_end_is_cut_off(self):
        self.intake.stop()
        type(self).intake = Intake(
            self.directory, {"database": {"conninfo": self.database.conninfo()}, "http": {"listen": "127.0.0.1:0"},
                             "service": {"drain_timeout": "1s"}}, credentials(self.directory)).wait_ready()
        with socket.create_connection(("127.0.0.1", self.intake.port)) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\n")
            wait_until(lambda: self.intake.metric("koku_intake_open_connections") == 2, "the connection")
            time.sleep(0.2)
            self.assertEqual(self.intake.stop(), 1)
        type(self).intake = Intake(self.directory, {"run": {"interval": "1h"}})


class OwnSchema(unittest.TestCase):
    def test_a_schema_whose_name_needs_quotes(self):
        directory = tempfile.mkdtemp(prefix="koku-intake.")
        database = Database(schema="Cost Data")
        intake = Intake(directory, {"database": {"conninfo": database.conninfo(), "schema": "Cost Data"},
                                    "run": {"interval": "1h"}})
        try:
            intake.wait_ready()
            self.assertEqual(intake.stop(), 0)
            intake.assert_clean(self)
        finally:
            intake.kill()
            shutil.rmtree(directory)


class Running(unittest.TestCase):
    def test_koku_run_is_called_again_and_again(self):
        directory = tempfile.mkdtemp(prefix="koku-intake.")
        database = Database()
        database.query("SELECT koku_submit_payload('\\x00', 'broken')")
        superuser = f"host={os.environ['PGHOST']} dbname={database.name} user={os.environ['PGUSER']}"
        intake = Intake(directory, {"database": {"conninfo": database.conninfo()},
                                    "run": {"interval": "200ms", "conninfo": superuser}})
        try:
            wait_until(lambda: intake.metric('koku_intake_runs_total{outcome="success"}') >= 3, "three runs")
            self.assertNotEqual(database.query("SELECT attempts FROM koku_inbox"), "0")
            self.assertGreater(intake.metric("koku_intake_last_run_success_timestamp_seconds"), 1_700_000_000)
            database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'koku-intake'")
            runs = intake.metric('koku_intake_runs_total{outcome="success"}')
            wait_until(lambda: intake.metric('koku_intake_runs_total{outcome="success"}') > runs, "a run after the cut")
            self.assertEqual(intake.stop(), 0)
            intake.assert_clean(self)
        finally:
            intake.kill()
            shutil.rmtree(directory)


class CommandLine(unittest.TestCase):
    def run_program(self, *arguments, **environment):
        return subprocess.run([os.environ["KOKU_INTAKE"], *arguments], capture_output=True, text=True, timeout=30,
                              env={**os.environ, **environment})

    def test_help_and_version(self):
        result = self.run_program("--help")
        self.assertEqual(result.returncode, 0)
        for word in ("--config", "[http]", "max_size", "[[credential]]", "SIGTERM"):
            self.assertIn(word, result.stdout)
        self.assertRegex(self.run_program("--version").stdout, r"^koku-intake \d+\.\d+\.\d+\n$")

    def test_wrong_usage_and_configuration(self):
        for arguments in (["--nonsense"], ["--config"], ["file"], ["--config", "/nowhere"]):
            result = self.run_program(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn("koku-intake: ", result.stderr)

    def test_check_of_the_configuration(self):
        result = self.run_program("--check-config", KOKU_INTAKE_RUN_INTERVAL="10s")
        self.assertEqual((result.returncode, result.stdout), (0, "the configuration can be used\n"))
        result = self.run_program("--check-config", KOKU_INTAKE_RUN_INTERVAL="soon")
        self.assertEqual(result.returncode, 2)
        self.assertIn("KOKU_INTAKE_RUN_INTERVAL: 'soon' is not a number", result.stderr)

    def test_files_that_cannot_be_used_are_named(self):
        directory = tempfile.mkdtemp(prefix="koku-intake.")
        self.addCleanup(shutil.rmtree, directory)
        make_authority(directory)
        make_certificate(directory, "door")
        make_certificate(directory, "other")
        def file(name):
            return os.path.join(directory, name)
        with open(file("token"), "w", encoding="utf-8") as token, open(file("broken.pem"), "w", encoding="utf-8") as broken:
            token.write("x")
            broken.write("nothing")
        def check(certificate, key, **environment):
            path = file("intake.toml")
            with open(path, "w", encoding="utf-8") as config:
                config.write(f'[http]\nlisten = "127.0.0.1:0"\ncertificate_file = "{certificate}"\nkey_file = "{key}"\n'
                             f'[[credential]]\ntoken_file = "{file("token")}"\n')
            result = self.run_program("--config", path, "--check-config", **environment)
            return result.returncode, result.stderr
        self.assertEqual(check(file("door.pem"), file("door-key.pem")), (0, ""))
        for status, text, problem in (
                (*check("/nowhere.pem", file("door-key.pem")), "http.certificate_file: /nowhere.pem: No such file or directory"),
                (*check(file("broken.pem"), file("door-key.pem")), f"http.certificate_file: {file('broken.pem')}: "),
                (*check(file("door.pem"), "/nowhere.pem"), "http.key_file: /nowhere.pem: No such file or directory"),
                (*check(file("door.pem"), file("other-key.pem")), f"http.key_file: {file('other-key.pem')}: "),
                (*check(file("door.pem"), file("door-key.pem"), KOKU_INTAKE_HTTP_CLIENT_CA_FILE="/nowhere.pem"),
                 "http.client_ca_file: /nowhere.pem: No such file or directory"),
                (*check(file("door.pem"), file("door-key.pem"), KOKU_INTAKE_HTTP_CIPHERS="NOTHING"), "http.ciphers: ")):
            self.assertEqual(status, 2, text)
            self.assertIn(problem, text)

    def test_an_address_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            result = self.run_program(KOKU_INTAKE_RUN_INTERVAL="10s",
                                      KOKU_INTAKE_ADMIN_LISTEN=f"127.0.0.1:{taken.getsockname()[1]}")
        self.assertEqual(result.returncode, 1)
        self.assertIn("in use", result.stderr)
