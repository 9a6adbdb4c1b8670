"""What somebody sends who means no good: slow, malformed, ambiguous, disguised. Each ends in a refusal, holds nothing open, stores
nothing, and does not let a second request in behind the first."""
import os
import re
import socket
import ssl
import subprocess
import time

from parts import PAYLOAD_TYPE, UPLOAD_PATH, digest, payload, wait_until
import test_http  # a class that is imported by its name would be tested here, too
from test_http import TOKEN

LOGIN = f"Authorization: Bearer {TOKEN}"
QUESTION = "/api/sources/v1.0/source_types"


def form(content):
    """A form with a payload, whose boundary is b."""
    return (b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\nContent-Type: ' + PAYLOAD_TYPE.encode() +
            b"\r\n\r\n" + content + b"\r\n--b--\r\n")


def head(*lines, method="POST", path=UPLOAD_PATH, version="1.1", host="Host: x"):
    first = [f"{method} {path} HTTP/{version}", *([host] if host else []), LOGIN, "Content-Type: multipart/form-data; boundary=b"]
    return "\r\n".join([*first, *lines, "", ""]).encode("latin-1")


SECOND = f"GET {QUESTION} HTTP/1.1\r\nHost: x\r\n{LOGIN}\r\nConnection: close\r\n\r\n".encode()


class Strangers(test_http.UploadTest):
    settings = {"idle_timeout": "1s", "head_timeout": "2s", "body_timeout": "3s", "max_requests_per_credential": 100_000,
                "max_requests_per_address": 100_000}

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.intake.port), timeout=20)

    def answers(self, data):
        """The statuses of all answers to what is sent at once, until the other side closes."""
        with self.connect() as connection:
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it has closed already
            received = b""
            try:
                while piece := connection.recv(65536):
                    received += piece
            except ConnectionResetError:
                pass
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]

    def tearDown(self):
        # Whatever it was: the next one is served, and nothing is held.
        self.assertEqual(self.answers(SECOND), [200])
        wait_until(lambda: self.intake.metric("koku_intake_buffered_bytes") == 0, "the memory")


class Slow(Strangers):
    def closed_while_dripping(self, begin, byte):
        """Sends a byte now and then; true when the other side closes before 60 of them."""
        with self.connect() as connection:
            connection.sendall(begin)
            connection.settimeout(0.25)
            for _ in range(60):
                try:
                    connection.sendall(byte)
                    if connection.recv(4096) == b"":
                        return True
                except TimeoutError:
                    continue
                except OSError:
                    return True
        return False

    def test_a_byte_of_the_head_now_and_then_keeps_nothing_open(self):
        self.assertTrue(self.closed_while_dripping(f"POST {UPLOAD_PATH} HTTP/1.1\r\nX: ".encode(), b"x"))

    def test_a_byte_of_the_body_now_and_then_keeps_nothing_open(self):
        self.assertTrue(self.closed_while_dripping(head("Content-Length: 1000000"), b"-"))

    def test_a_chunk_now_and_then_keeps_nothing_open(self):
        self.assertTrue(self.closed_while_dripping(head("Transfer-Encoding: chunked"), b"1\r\n-\r\n"))


class Chunks(Strangers):
    def test_what_is_a_body_in_chunks(self):
        content = payload("chunks")
        body = form(content)
        pieces = [body[at:at + 100] for at in range(0, len(body), 100)]
        for name, chunks, end in (
                ("plain", [f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces], b"0\r\n\r\n"),
                ("capitals, zeros in front", [f"{len(piece):08X}\r\n".encode() + piece + b"\r\n" for piece in pieces], b"000\r\n\r\n"),
                ("extensions", [f'{len(piece):x};a=b;c="d;e"\r\n'.encode() + piece + b"\r\n" for piece in pieces], b"0;x=y\r\n\r\n"),
                ("trailers", [f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces], b"0\r\nX-Sum: 1\r\n\r\n")):
            with self.subTest(name):
                self.database.clear()
                data = head("Transfer-Encoding: chunked") + b"".join(chunks) + end
                # The second request behind it is its own.
                self.assertEqual(self.answers(data + SECOND), [202, 200])
                self.assertEqual(self.stored(), [digest(content)])

    def test_what_is_none(self):
        body = form(payload("bad chunks"))
        size = f"{len(body):x}".encode()
        for name, data in (
                ("a negative size", b"-1\r\n" + body), ("a prefix", b"0x" + size + b"\r\n" + body + b"\r\n0\r\n\r\n"),
                ("a sign", b"+" + size + b"\r\n" + body + b"\r\n0\r\n\r\n"),
                ("a size that wraps around", b"1" + b"0" * 16 + size + b"\r\n" + body + b"\r\n0\r\n\r\n"),
                ("a size of all bits", b"ffffffffffffffff\r\n" + body), ("no size", b"\r\n" + body + b"\r\n0\r\n\r\n"),
                ("more than its size", size + b"\r\n" + body + b"more\r\n0\r\n\r\n"),
                ("lines that end without a return", size + b"\n" + body + b"\n0\n\n"),
                ("an endless size", b"0" * 100_000 + size + b"\r\n" + body),
                ("an endless extension", size + b";" + b"x" * 100_000 + b"\r\n" + body),
                ("endless trailers", size + b"\r\n" + body + b"\r\n0\r\n" + b"X: y\r\n" * 50_000 + b"\r\n")):
            with self.subTest(name):
                statuses = self.answers(head("Transfer-Encoding: chunked") + data)
                self.assertTrue(statuses == [] or 400 <= statuses[0] < 500, statuses)
                self.assertLessEqual(len(statuses), 1)
        self.assertEqual(self.stored(), [])

    def resident_megabytes(self):
        with open(f"/proc/{self.intake.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) >> 10 for line in file if line.startswith("VmRSS"))

    def test_lines_around_chunks_hold_no_memory(self):
        # Neither a line that does not end, nor trailers: they are no part of the payload, whose memory is counted.
        for begin, endless in ((b"5;", b"x" * 100_000), (b"0\r\n", b"X: y\r\n" * 15_000), (b"", b"0" * 100_000)):
            with self.subTest(begin), self.connect() as connection:
                before = self.resident_megabytes()
                connection.sendall(head("Transfer-Encoding: chunked") + begin)
                connection.settimeout(0.02)
                answer = b""
                for _ in range(300):  # 30 MB
                    try:
                        connection.sendall(endless)
                        answer += connection.recv(4096)
                        break
                    except TimeoutError:
                        continue
                    except OSError:
                        break
                self.assertLess(self.resident_megabytes() - before, 8)
                self.assertTrue(answer == b"" or b" 400 " in answer, answer)

    def test_trailers_change_nothing(self):
        body = form(payload("trailers"))
        data = head("Transfer-Encoding: chunked") + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n"
        for trailer in ("Content-Length: 5", "Transfer-Encoding: identity", "Host: other", "Authorization: Bearer other",
                        "X-Forwarded-For: 192.0.2.9"):
            with self.subTest(trailer):
                statuses = self.answers(data + trailer.encode() + b"\r\n\r\n" + SECOND)
                self.assertIn(statuses, ([202, 200], [400]))


class Smuggling(Strangers):
    """Two programs that disagree about where a request ends let another in behind it."""

    def test_what_is_ambiguous_is_the_last_request_of_its_connection(self):
        body = b"0\r\n\r\n"
        for lines in (("Content-Length: 5", "Transfer-Encoding: chunked"), ("Transfer-Encoding: chunked", "Content-Length: 5"),
                      ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), ("Transfer-Encoding: chunked, chunked",),
                      ("Transfer-Encoding: chunked, identity",), ("Transfer-Encoding: identity", "Content-Length: 5"),
                      ("Transfer-Encoding: x",), ("Transfer-Encoding: xchunked",), ("Transfer-Encoding:",), ("Transfer-Encoding : chunked",),
                      ("Transfer-Encoding:\x0bchunked",), ("Transfer-Encoding\x00: chunked",), ("Transfer-Encoding: chunked\x00",),
                      ("X: y\r\n Transfer-Encoding: chunked",), ("X: y\rTransfer-Encoding: chunked",), (" Transfer-Encoding: chunked",),
                      ("Content-Length: 5", "Content-Length: 6"), ("Content-Length: 5, 6",), ("Content-Length: 5 6",),
                      ("Content-Length: +5",), ("Content-Length: -5",), ("Content-Length: 0x5",), ("Content-Length: 5;",),
                      ("Content-Length: 18446744073709551621",), ("Content-Length:",), ("Content-Length : 5",), ("no colon",), (": no name",)):
            with self.subTest(lines):
                statuses = self.answers(head(*lines) + body + SECOND)
                self.assertEqual(len(statuses), 1, statuses)
                self.assertTrue(400 <= statuses[0] < 500, statuses)

    def test_chunks_of_http_1_0(self):
        # It does not know them: a proxy of that age takes the body for the next request.
        data = head("Transfer-Encoding: chunked", version="1.0") + b"0\r\n\r\n" + SECOND
        self.assertEqual(self.answers(data), [400])

    def test_requests_in_a_row_each_get_their_answer(self):
        keep = f"GET {QUESTION} HTTP/1.1\r\nHost: x\r\n{LOGIN}\r\n\r\n".encode()
        self.assertEqual(self.answers(keep * 3 + SECOND), [200] * 4)

    def test_a_refused_request_is_the_last_of_its_connection(self):
        wrong = head("Content-Length: 3").replace(TOKEN.encode(), b"wrong")
        self.assertEqual(self.answers(wrong + b"abc" + SECOND), [401])
        self.assertEqual(self.answers(head("Content-Length: 3") + b"abc" + SECOND), [400])

    def test_other_protocols(self):
        self.assertEqual(self.answers(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), [400])
        for method, path in (("CONNECT", "example.org:443"), ("OPTIONS", "*"), ("TRACE", UPLOAD_PATH), ("GET", f"http://127.0.0.1{QUESTION}"),
                             ("PUT", QUESTION), ("BREW", UPLOAD_PATH)):
            with self.subTest(method):
                statuses = self.answers(head(method=method, path=path) + SECOND)
                self.assertEqual(len(statuses), 1, statuses)
                self.assertTrue(400 <= statuses[0] < 500, statuses)
        # What cannot be had is not agreed to.
        self.assertEqual(self.answers(SECOND.replace(b"Connection: close", b"Connection: Upgrade, close\r\nUpgrade: h2c")), [200])


class Paths(Strangers):
    def test_a_path_is_taken_by_the_letter(self):
        for path in ("/api/ingress/v1/%75pload", "/api/ingress/v1/x/../upload", "/api/ingress/v1/./upload", "//api/ingress/v1/upload",
                     "/api/ingress/v1/upload%00", "/API/INGRESS/V1/UPLOAD", "/api/ingress/v1/upload#x", "/api/ingress/v1/upload;x",
                     "/api/ingress/v1/upload%3Fx", "\\api\\ingress\\v1\\upload", "/api/ingress/v1/upload/%2e%2e", "/",
                     "/api/sources/v1.0/../../../etc/passwd", "/api/sources/v1.0/%2e%2e%2fsources", "/api/sources/v1.0/sources%2f",
                     "/api/sources/v1.0/SOURCES", "/api/sources/v1.0//sources", "/api/sources/v1.0/sources/%00", "/metrics", "/readyz"):
            for method in ("GET", "POST"):
                with self.subTest(path=path, method=method):
                    # Some are no paths at all.
                    self.assertIn(self.answers(head("Content-Length: 0", method=method, path=path)), ([404], [400]))
                    # Who is not known does not even learn that.
                    stranger = head("Content-Length: 0", method=method, path=path).replace(TOKEN.encode(), b"wrong")
                    self.assertIn(self.answers(stranger), ([401], [400]))

    def test_queries_that_are_malformed(self):
        for query in ("filter[name]=%", "filter[name]=%4", "filter[name]=%zz", "filter[name]=%00", "filter[name]=a&filter[name]=b",
                      "filter[name]=a&filter%5Bname%5D=b", "filter[tenant]=other", "filter=a", "filter[]=a", "tenant=other", "&".join(["x=1"] * 20)):
            with self.subTest(query):
                self.assertEqual(self.answers(head(method="GET", path=f"/api/sources/v1.0/sources?{query}")), [400])

    def test_names_stay_names(self):
        # What a name means elsewhere it does not mean here: it is looked for, and found by nobody.
        for name in ("'; DROP TABLE koku_source; --", "../../etc/passwd", "${jndi:ldap://x}", "%25", "a\nb", "\u202e", "x" * 2000):
            with self.subTest(name):
                answer = self.curl("-G", "-H", LOGIN, "--data-urlencode", f"filter[name]={name}", self.url("/api/sources/v1.0/sources"))
                self.assertEqual((answer.status, answer.json), (200, {"meta": {"count": 0}, "data": []}))


class Credentials(Strangers):
    def test_heads_that_are_long(self):
        for size, status in ((15_000, 401), (20_000, 431), (200_000, 431)):
            for value in (f"Bearer {'a' * size}", f"Bearer {'a' * (size // 3)}.{'b' * (size // 3)}.{'c' * (size // 3)}", f"Basic {'A' * size}"):
                with self.subTest(size=size, value=value[:12]):
                    request = f"GET {QUESTION} HTTP/1.1\r\nHost: x\r\nAuthorization: {value}\r\n\r\n".encode()
                    self.assertEqual(self.answers(request), [status])

    def test_heads_of_many_lines(self):
        request = f"GET {QUESTION} HTTP/1.1\r\nHost: x\r\n{LOGIN}\r\n".encode() + b"a: b\r\n" * 5_000 + b"\r\n"
        self.assertEqual(self.answers(request), [431])

    def test_credentials_that_are_malformed(self):
        for value in ("", "Bearer", "Bearer  ", "Basic", "Basic =", "Basic Og==", "Basic Y2x1c3Rlci1h", "Digest x", f"Bearer\x00 {TOKEN}",
                      f"Bearer {TOKEN}\x00", f"Bearer {TOKEN} {TOKEN}", f"Bearer {TOKEN},", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN.upper()}", TOKEN):
            with self.subTest(value):
                statuses = self.answers(f"GET {QUESTION} HTTP/1.1\r\nHost: x\r\nAuthorization: {value}\r\n\r\n".encode())
                self.assertIn(statuses, ([401], [400]))

    def test_what_a_sender_says_of_itself_is_not_believed(self):
        # Neither an address, without a proxy that is trusted, nor an identity of Koku's gateway.
        identity = "eyJpZGVudGl0eSI6IHsib3JnX2lkIjogInRlbmFudF9hIn19"
        answer = self.upload(payload("identity"), "-H", f"X-Rh-Identity: {identity}", "-H", "X-Forwarded-For: 192.0.2.77")
        self.assertEqual(answer.status, 202)
        self.assertEqual(self.database.query("SELECT tenant FROM koku_inbox"), "tenant_c")
        self.assertEqual(self.intake.wait_for_log("upload stored", request_id=answer.json["request_id"])["peer"], "127.0.0.1")

    def test_nothing_that_is_sent_becomes_a_line_of_the_log(self):
        self.answers(f"GET /a%0ab\x01 HTTP/1.1\r\nHost: x\r\n{LOGIN}\r\nUser-Agent: a\x1b[31m\x7f\r\nx-rh-insights-request-id: a\"b\r\n\r\n".encode())
        self.answers(f'GET /"}}{{"message":"upload_stored" HTTP/1.1\r\nHost: x\r\n{LOGIN}\r\n\r\n'.encode())
        self.assertEqual(self.intake.log("upload_stored"), [])
        self.intake.assert_clean(self)


class TlsFiles(Strangers):
    """Certificate and key that change while the program runs, in ways that do not fit."""
    scheme = "https"
    new_certificate = classmethod(test_http.Tls.new_certificate.__func__)

    @classmethod
    def start(cls):
        cls.new_certificate("first")
        cls.settings = {**Strangers.settings, "certificate_file": os.path.join(cls.directory, "certificate.pem"),
                        "key_file": os.path.join(cls.directory, "key.pem")}
        super().start()

    def tearDown(self):
        pass

    def served(self):
        """The certificate that is shown, as PEM."""
        return ssl.get_server_certificate(("127.0.0.1", self.intake.port), timeout=20).strip()

    def file(self, name):
        return os.path.join(self.directory, name)

    def read(self, name):
        with open(self.file(name), encoding="utf-8") as file:
            return file.read().strip()

    def write(self, name, text):
        with open(self.file(name + ".new"), "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(self.file(name + ".new"), self.file(name))

    def test_files_that_do_not_fit_change_nothing_until_they_do(self):
        first, key = self.read("certificate.pem"), self.read("key.pem")
        message = "the TLS files changed and cannot be used; the old ones stay in force"
        self.assertEqual(self.served(), first)
        warned = 0

        def wait_for_warning(reason):
            nonlocal warned
            lines = wait_until(lambda: self.intake.log(message)[warned:], f"a warning of {reason}")
            warned += len(lines)
            self.assertIn(reason, lines[-1]["reason"])
            self.assertEqual(self.served(), first)

        self.write("certificate.pem", "nothing")
        wait_for_warning("certificate.pem")
        self.write("certificate.pem", first[:200])
        wait_for_warning("certificate.pem")
        os.remove(self.file("certificate.pem"))
        wait_for_warning("No such file")
        self.write("certificate.pem", first)
        wait_until(lambda: self.intake.log("the TLS certificate was replaced"), "the first again")
        self.write("key.pem", "")
        wait_for_warning("key.pem")
        # A new pair comes one after the other: the certificate alone does not fit the old key.
        self.write("key.pem", key)
        wait_until(lambda: len(self.intake.log("the TLS certificate was replaced")) >= 2, "the first key again")
        other = self.directory + "/other"
        os.mkdir(other)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=second", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{other}/key.pem",
                        "-out", f"{other}/certificate.pem"], check=True, capture_output=True)
        self.write("certificate.pem", self.read("other/certificate.pem"))
        wait_for_warning("key.pem")
        self.write("key.pem", self.read("other/key.pem"))
        wait_until(lambda: self.served() == self.read("other/certificate.pem"), "the second certificate")
        self.assertEqual(self.upload(payload("second"), "--cacert", self.file("certificate.pem")).status, 202)

    def test_handshakes_that_do_not_end(self):
        silent = []
        try:
            for number in range(300):
                connection = socket.create_connection(("127.0.0.1", self.intake.port), timeout=30,
                                                      source_address=("127.0.0.2" if number % 2 else "127.0.0.1", 0))
                if number % 3:
                    connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")  # half a ClientHello
                silent.append(connection)
            started = time.monotonic()
            self.assertEqual(self.upload(payload("among handshakes"), "--cacert", self.file("certificate.pem")).status, 202)
            seconds = time.monotonic() - started
            print(f"        delay of a good upload among 300 handshakes: {seconds:.2f} s")
            self.assertLess(seconds, 2)
        finally:
            for connection in silent:
                connection.close()
