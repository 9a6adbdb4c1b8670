"""The real parts that the tests put around koku-intake: PostgreSQL, payloads, a file server, the program itself."""
import gzip
import hashlib
import http.server
import io
import json
import os
import signal
import socket
import subprocess
import tarfile
import threading
import time
import urllib.error
import urllib.request

PAYLOAD_TYPE = "application/vnd.redhat.hccm.tar+tgz"
UPLOAD_PATH = "/api/ingress/v1/upload"


def wait_until(condition, what, seconds=60):
    """Waits for a condition and returns what it gives; fails with the name of what did not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"did not come within {seconds} s: {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def payload(name, size=0):
    """A small payload as the operator packs it; name makes it different from others, size adds that many bytes."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for file, text in (("manifest.json", json.dumps({"uuid": name}).encode()), ("filler", os.urandom(size))):
            member = tarfile.TarInfo(file)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    return gzip.compress(content.getvalue(), compresslevel=1, mtime=0)


class FurtherServer:
    """A PostgreSQL server beside that of the test, of the same installation. number: its koku_onprem.server_number."""

    def __init__(self, number):
        self.owner = os.environ["KOKU_TEST_OWNER"].split()
        self.process = None
        home = os.path.join(os.path.dirname(os.environ["KOKU_TEST_DATA"]), f"server-{number}-{time.monotonic_ns()}")
        self.data, self.host = os.path.join(home, "data"), os.path.join(home, "socket")
        for command in (["mkdir", "-p", self.host],
                        ["initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]):
            subprocess.run([*self.owner, *command], check=True, capture_output=True)
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.write(f"listen_addresses = ''\nunix_socket_directories = '{self.host}'\nfsync = off\nwal_level = logical\n"
                       f"shared_buffers = 64MB\nkoku_onprem.server_number = {number}\n")
        self.start()

    def answers(self):
        return subprocess.run(["pg_isready", "-q", "-h", self.host], check=False).returncode == 0

    def start(self):
        self.process = subprocess.Popen(
            [*self.owner, "setpriv", "--pdeathsig", "INT", "--", Database.postgres(), "-D", self.data],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.answers, "a further server")

    def kill(self):
        """Ends the server as a crash would."""
        self._end("immediate")

    def stop(self):
        if self.process:
            self._end("fast")

    def _end(self, mode):
        subprocess.run([*self.owner, "pg_ctl", "stop", "-D", self.data, "-m", mode, "-s", "-w"], check=True)
        self.process.wait()
        self.process = None


class Database:
    """A database with the extension on the private server of the test, which can be killed and started again, or on a
    further one.

    Environment: PGHOST and PATH as of scripts/private-server.sh, KOKU_TEST_DATA the server's data directory,
    KOKU_TEST_OWNER the words in front of a command that the owner of the server has to run.
    """

    server = None  # the process, once the server was started again; it serves all tests that follow

    def __init__(self, name="intake", schema="public", tenants=(), server=None):
        self.name = name
        self.host = server.host if server else os.environ["PGHOST"]
        self.data = os.environ["KOKU_TEST_DATA"]
        self.owner = os.environ["KOKU_TEST_OWNER"].split()
        self.query(f"DROP DATABASE IF EXISTS {name}", database="postgres")
        self.query(f"CREATE DATABASE {name}", database="postgres")
        self.query("DROP ROLE IF EXISTS intake", database="postgres")
        self.query("CREATE ROLE intake LOGIN")
        self.query(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        self.query(f'CREATE EXTENSION koku_onprem SCHEMA "{schema}"')
        # What docs/roles.md gives to senders, and nothing else.
        self.query(f'SELECT "{schema}".koku_create_roles()')
        self.query("GRANT koku_ingest TO intake")
        for tenant in tenants:
            self.query(f"SELECT koku_create_tenant('{tenant}')")

    def query(self, statement, database=None):
        result = subprocess.run(["psql", "-XAqt", "-v", "ON_ERROR_STOP=1", "-d", database or self.name, "-c", statement],
                                capture_output=True, text=True, timeout=60, env={**os.environ, "PGHOST": self.host})
        if result.returncode != 0:
            raise AssertionError(f"{statement}: {result.stderr}")
        return result.stdout.strip()

    def conninfo(self, user="intake"):
        return f"host={self.host} dbname={self.name} user={user}"

    def clear(self):
        self.query("TRUNCATE koku_inbox")

    def digests(self):
        """SHA-256 of the payloads in the inbox, sorted; one that is there twice would stand there twice."""
        rows = self.query("SELECT encode(sha256(payload), 'hex') FROM koku_inbox ORDER BY 1")
        return rows.split("\n") if rows else []

    def kill(self):
        """Ends the server as a crash would: nothing is written that was not written before."""
        subprocess.run([*self.owner, "pg_ctl", "stop", "-D", self.data, "-m", "immediate", "-s", "-w"], check=True)
        if Database.server:
            Database.server.wait()
            Database.server = None

    def start(self):
        """Starts the server, unless it runs."""
        if subprocess.run(["pg_isready", "-q"], check=False).returncode == 0:
            return
        Database.server = subprocess.Popen(
            [*self.owner, "setpriv", "--pdeathsig", "INT", "--", self.postgres(), "-D", self.data],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: subprocess.run(["pg_isready", "-q"], check=False).returncode == 0, "the database server")

    @staticmethod
    def postgres():
        return os.path.join(subprocess.check_output(["pg_config", "--bindir"], text=True).strip(), "postgres")

    @classmethod
    def end(cls):
        """Ends the server, if it is one that was started again."""
        if cls.server:
            cls.server.send_signal(signal.SIGINT)
            cls.server.wait(60)


def digest(content):
    return hashlib.sha256(content).hexdigest()


class FileServer:
    """Serves payloads for download. Paths: /NAME the payload; other behaviour is set with a function for a path."""

    def __init__(self):
        self.files = {}
        self.special = {}
        self.requests = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.split("?")[0]
                server.requests.append(path)
                try:
                    if path in server.special:
                        server.special[path](self)
                    elif path in server.files:
                        self.give(server.files[path])
                    else:
                        self.send_error(404)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def give(self, content, announced=None):
                self.send_response(200)
                self.send_header("Content-Length", str(announced or len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                """Clients that break off belong to the tests."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def put(self, name, content):
        """Makes the payload available and returns its URL, with a query as signed URLs have it."""
        self.files[f"/{name}"] = content
        return f"{self.origin()}/{name}?X-Amz-Signature=secret-of-the-url"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Intake:
    """The program with a configuration: sections is a dictionary of dictionaries, extra is appended as it is; or text,
    all of it."""

    def __init__(self, directory, sections, extra="", environment=None, text=None):
        self.directory = directory
        self.lines = []
        self.terminated = False
        self.path = os.path.join(directory, f"intake-{time.monotonic_ns()}.toml")
        sections = {"admin": {"listen": "127.0.0.1:0"}, **sections}
        with open(self.path, "w", encoding="utf-8") as file:
            for section, values in sections.items():
                file.write(f"[{section}]\n")
                for key, value in values.items():
                    file.write(f"{key} = {json.dumps(value)}\n")
            file.write(extra)
        if text is not None:
            with open(self.path, "w", encoding="utf-8") as file:
                file.write(text)
        self.process = subprocess.Popen(
            [os.environ["KOKU_INTAKE"], "--config", self.path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()
        self.admin_port = self.wait_for_log("listening", **{"for": "admin"})["port"]
        self.port = self.wait_for_log("listening", **{"for": "uploads"})["port"] if "http" in sections or text else None

    def _read_log(self):
        copy = os.environ.get("KOKU_TEST_LOG", os.devnull)  # to find out why a test fails
        for line in self.process.stderr:
            with open(copy, "a", encoding="utf-8") as file:
                file.write(line)
            try:
                self.lines.append(json.loads(line))
            except ValueError:
                self.lines.append({"message": "not JSON", "text": line})

    def log(self, message, **fields):
        """The lines with this message and these fields."""
        return [line for line in list(self.lines)
                if line.get("message") == message and all(line.get(key) == value for key, value in fields.items())]

    def wait_for_log(self, message, seconds=60, **fields):
        def look():
            if self.process.poll() is not None and not self.log(message, **fields):
                raise AssertionError(f"the program ended before '{message}': {self.lines[-5:]}")
            return self.log(message, **fields)
        return wait_until(look, f"log '{message}' {fields}", seconds)[0]

    def admin(self, path):
        """Status and text of a page of the administration."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name):
        """The value of a time series; 0 for one that has not begun. The name must be known."""
        page = self.admin("/metrics")[1]
        if f"# TYPE {name.partition('{')[0]} " not in page:
            raise AssertionError(f"there is no metric {name}")
        for line in page.splitlines():
            if line.startswith(name + " "):
                return float(line.rpartition(" ")[2])
        return 0

    def wait_ready(self):
        wait_until(lambda: self.admin("/readyz")[0] == 200, "readiness")
        return self

    def terminate(self):
        """SIGTERM, once: a second one would end the program at once."""
        if not self.terminated and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.terminated = True

    def stop(self, seconds=40):
        """Ends the program in good order; returns its exit status."""
        self.terminate()
        status = self.process.wait(seconds)
        self.reader.join(10)
        return status

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join(10)

    def stop_clean(self, test):
        """Ends the program in good order, which nothing in its log contradicts."""
        status = self.stop()
        self.assert_clean(test)
        assert status == 0, f"exit status {status}"

    def assert_clean(self, test):
        """Nothing in the log but JSON (a sanitizer's report is none), and no secret."""
        for line in self.lines:
            test.assertNotEqual(line.get("message"), "not JSON", line.get("text"))
            for secret in ("secret", "Authorization", "X-Amz-Signature"):
                test.assertNotIn(secret, json.dumps(line))
