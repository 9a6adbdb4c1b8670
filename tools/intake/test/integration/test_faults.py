"""Many uploads at a time while everything around them fails: what was answered 202 is in the inbox, once."""
import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from parts import PAYLOAD_TYPE, UPLOAD_PATH, Database, Intake, digest, free_port, payload, wait_until

CLIENTS = 8
UPLOADS_OF_A_CLIENT = 25
TOKEN = "a-secret-token"
RETRY_PAUSE = 0.1  # the operator waits for hours


class Client(threading.Thread):
    """Sends one payload after the other as the operator does, each until it is taken."""

    def __init__(self, directory, port, payloads):
        super().__init__(daemon=True)
        self.directory, self.url, self.payloads = directory, f"http://127.0.0.1:{port}{UPLOAD_PATH}", payloads
        self.taken = []
        self.answers = []

    def run(self):
        path = os.path.join(self.directory, f"payload-{threading.get_ident()}.tar.gz")
        for content in self.payloads:
            with open(path, "wb") as file:
                file.write(content)
            while self._send(path) != "202":
                time.sleep(RETRY_PAUSE)
            self.taken.append(digest(content))

    def _send(self, path):
        """The status of the answer; 000 when there was none."""
        status = subprocess.run(
            ["curl", "-s", "--max-time", "30", "-o", os.devnull, "-w", "%{http_code}", "-H", f"Authorization: Bearer {TOKEN}",
             "-F", f"file=@{path};type={PAYLOAD_TYPE}", self.url], capture_output=True, text=True, check=False).stdout
        self.answers.append(status)
        return status


class Faults(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="koku-intake.")
        self.database = Database()
        self.port = free_port()
        self.intakes = []
        self.start_intake()

    def tearDown(self):
        for intake in self.intakes:
            intake.kill()
        shutil.rmtree(self.directory)

    def start_intake(self):
        self.intakes.append(Intake(
            self.directory, {"database": {"conninfo": self.database.conninfo(), "submit_timeout": "5s"},
                             "http": {"listen": f"127.0.0.1:{self.port}", "max_requests_per_address": 100000,
                                      "max_requests_per_credential": 100000}},
            f'[[credential]]\nname = "cluster"\ntoken_sha256 = "{digest(TOKEN.encode())}"\n').wait_ready())

    def kill_database(self):
        self.database.kill()
        self.database.start()

    def end_sessions(self):
        self.database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'intake'")

    def kill_intake(self):
        self.intakes[-1].kill()
        self.start_intake()

    def replace_intake(self):
        self.assertEqual(self.intakes[-1].stop(), 0)
        self.start_intake()

    def test_200_uploads_of_8_clients_are_stored_once(self):
        payloads = [[payload(f"{client} {number}", 300 * number) for number in range(UPLOADS_OF_A_CLIENT)]
                    for client in range(CLIENTS)]
        clients = [Client(self.directory, self.port, of_client) for of_client in payloads]
        for client in clients:
            client.start()
        faults = [self.kill_database, self.end_sessions, self.kill_intake, self.kill_database, self.replace_intake,
                  self.end_sessions, self.kill_intake]
        total = CLIENTS * UPLOADS_OF_A_CLIENT
        for number, fault in enumerate(faults):
            # Spread over the whole, each while uploads go on.
            wait_until(lambda: sum(len(client.taken) for client in clients) >= total * (number + 1) // (len(faults) + 2),
                       f"uploads before fault {number}", 120)
            fault()
        for client in clients:
            client.join(120)
            self.assertFalse(client.is_alive(), "a client did not get rid of its payloads")
        taken = sorted(one for client in clients for one in client.taken)
        self.assertEqual(len(taken), total)
        self.assertEqual(self.database.digests(), taken)
        refused = sum(answer != "202" for client in clients for answer in client.answers)
        self.assertGreater(refused, 0, "no fault was met by any upload")
        print(f"        {total} uploads of {CLIENTS} clients, {len(faults)} faults, {refused} attempts that failed", flush=True)
        for intake in self.intakes:
            intake.assert_clean(self)
