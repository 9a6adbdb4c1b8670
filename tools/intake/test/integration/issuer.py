"""An OpenID Connect issuer for the tests: a token for each client (client_credentials), and its keys as a JWKS, over TLS."""
import base64
import hashlib
import http.server
import json
import os
import ssl
import subprocess
import threading
import time
import urllib.parse


def base64url(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def make_authority(directory, name="authority"):
    """A private authority: NAME.pem, and NAME-key.pem."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
                    "-keyout", f"{directory}/{name}-key.pem", "-out", f"{directory}/{name}.pem"], check=True, capture_output=True)


def make_certificate(directory, name, authority="authority"):
    """A certificate for 127.0.0.1 that the authority signed: NAME.pem, and NAME-key.pem."""
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                    "-keyout", f"{directory}/{name}-key.pem", "-out", f"{directory}/{name}.csr"], check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-in", f"{directory}/{name}.csr", "-CA", f"{directory}/{authority}.pem",
                    "-CAkey", f"{directory}/{authority}-key.pem", "-CAcreateserial", "-days", "2", "-extfile", "/dev/stdin",
                    "-out", f"{directory}/{name}.pem"], input=b"subjectAltName=IP:127.0.0.1", check=True, capture_output=True)


class Issuer:
    def __init__(self, directory, clients):
        self.directory, self.clients = directory, clients
        self.audience = ["account", "koku-intake"]
        self.fetches = 0
        self.answer_keys = None  # bytes to give instead of the keys
        self.redirect_to = None  # where the keys are said to be
        self.delay = 0  # seconds before they are given
        self.rotate("key-1")
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.fetches += 1
                time.sleep(issuer.delay)
                if issuer.redirect_to:
                    self.send_response(302)
                    self.send_header("Location", issuer.redirect_to)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                self.give(200, issuer.answer_keys or issuer.jwks())

            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
                known = issuer.clients.get(form.get("client_id"))
                if form.get("grant_type") != "client_credentials" or known is None or known != form.get("client_secret"):
                    self.give(401, json.dumps({"error": "invalid_client", "error_description": "unknown client"}).encode())
                    return
                token = issuer.token(form["client_id"])
                self.give(200, json.dumps({"access_token": token, "expires_in": 300, "token_type": "Bearer"}).encode())

            def give(self, status, content):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                """Clients that break off belong to the tests."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        make_certificate(directory, "issuer")
        context.load_cert_chain(f"{directory}/issuer.pem", f"{directory}/issuer-key.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}/realms/cost"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def rotate(self, key_id):
        """Signs with a new key from now on; the old one is gone."""
        self.key_id = key_id
        self.key_file = os.path.join(self.directory, f"{key_id}.pem")
        subprocess.run(["openssl", "genrsa", "-out", self.key_file, "2048"], check=True, capture_output=True)

    def jwks(self):
        modulus = subprocess.check_output(["openssl", "rsa", "-in", self.key_file, "-noout", "-modulus"], text=True)
        number = bytes.fromhex(modulus.strip().partition("=")[2])
        return json.dumps({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.key_id, "e": "AQAB",
                                     "n": base64url(number)}]}).encode()

    def token(self, client_id, header=None, key_file=None, **changes):
        """A token; header: other members of its header, key_file: another key that signs it, changes: other claims."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": self.audience, "azp": client_id, "iat": now, "exp": now + 300, **changes}
        header = {"alg": "RS256", "typ": "JWT", "kid": self.key_id, **(header or {})}
        text = f"{base64url(json.dumps(header).encode())}.{base64url(json.dumps(claims).encode())}"
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key_file or self.key_file], input=text.encode(), check=True,
                                   capture_output=True).stdout
        return f"{text}.{base64url(signature)}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def shared_secret_token(text, secret):
    """A token 'signed' with HS256 and a secret, for the test that it is not taken."""
    import hmac  # only here
    return f"{text}.{base64url(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"
