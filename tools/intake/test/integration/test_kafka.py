"""Announcements on a real Kafka broker: downloaded, stored in the inbox, committed, confirmed."""
import base64
import json
import os
import shutil
import tempfile
import threading
import time
import unittest

from broker import Broker, Producer, Validations
from parts import Database, FileServer, FurtherServer, Intake, digest, payload, wait_until

PARTITIONS = 4
ATTEMPTS = 3

broker = validations = directory = None


def setUpModule():
    global broker, validations, directory
    directory = tempfile.mkdtemp(prefix="koku-intake.")
    broker = Broker(directory)
    broker.create_topics(shared=1, uploads=PARTITIONS, moving=PARTITIONS, faults=PARTITIONS, validation=1)
    validations = Validations(broker, "validation")


def tearDownModule():
    if validations:
        validations.close()
    if broker:
        broker.close()
    shutil.rmtree(directory)


class KafkaTest(unittest.TestCase):
    """A topic, a file server and a database for all tests of a class."""
    topic = ""

    @classmethod
    def setUpClass(cls):
        cls.database, cls.files, cls.producer = Database(tenants=("tenant_a",)), FileServer(), Producer(broker, cls.topic)
        cls.intakes = []

    @classmethod
    def tearDownClass(cls):
        cls.producer.close()
        for intake in cls.intakes:
            intake.kill()
        cls.files.close()

    def setUp(self):
        self.database.clear()

    @classmethod
    def start_intake(cls, extra="", database=None, **kafka):
        sections = {
            "database": {"submit_timeout": "5s", **(database or {"conninfo": cls.database.conninfo()})},
            "payload": {"max_size": "1MB", "max_memory": "8MB"},
            "kafka": {"brokers": broker.address, "group": cls.topic, "topic": cls.topic, "validation_topic": "validation",
                      "attempts": ATTEMPTS, "retry_pause": "50ms", "retry_pause_max": "200ms", **kafka},
            # Short times, so that the tests are: of a member that is killed the group learns by its silence.
            "kafka.properties": {"session.timeout.ms": 2000, "heartbeat.interval.ms": 300, "reconnect.backoff.max.ms": 500},
            "download": {"allow": [cls.files.origin()], "timeout": "3s", "max_redirects": 1},
        }
        intake = Intake(directory, sections, extra).wait_ready()
        cls.intakes.append(intake)
        return intake

    def announce(self, request_id, url, service="hccm", key=None, **fields):
        """What the ingress service writes: the service stands in a header and in the message."""
        identity = {"identity": {"account_number": "10001", "org_id": "1234567", "type": "System"}}
        message = {"request_id": request_id, "account": "10001", "org_id": "1234567", "principal": "1234567",
                   "service": service or "hccm", "category": "tar", "content_type": "application/vnd.redhat.hccm.tar+tgz",
                   "url": url, "b64_identity": base64.b64encode(json.dumps(identity).encode()).decode(), "size": 1,
                   "timestamp": "2026-11-23T01:02:03Z", "metadata": {"reporter": ""}, **fields}
        self.producer.send(message, key or request_id, service)

    def stored(self):
        return self.database.digests()


class Announcements(KafkaTest):
    topic = "uploads"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.intake = cls.start_intake('[[tenant]]\nname = "tenant_a"\norg_ids = ["1234567"]\n')

    def test_announced_payload_is_stored_and_confirmed(self):
        content = payload("announced", 500_000)
        self.announce("first", self.files.put("first", content))
        self.assertEqual(validations.wait_for("first"), ["success"])
        self.assertEqual(self.stored(), [digest(content)])
        self.assertEqual(self.database.query("SELECT request_id, tenant FROM koku_inbox"), "first|tenant_a")
        wait_until(lambda: broker.lag(self.topic)[0] == 0, "the committed offsets")
        self.announce("again", self.files.put("again", content))
        self.assertEqual(validations.wait_for("again"), ["success"])
        self.assertEqual(self.stored(), [digest(content)])

    def test_the_service_may_stand_in_the_message_only(self):
        self.announce("no-header", self.files.put("no-header", payload("no-header")), service=None)
        self.assertEqual(validations.wait_for("no-header"), ["success"])

    def test_other_services_are_passed_over(self):
        self.announce("advisor", self.files.put("advisor", payload("advisor")), service="advisor", key="same")
        self.producer.send({"service": "advisor", "request_id": "quiet", "url": self.files.origin()}, "same", None)
        self.producer.send("no JSON at all", "same", None)
        self.announce("ours", self.files.put("ours", payload("ours")), key="same")
        self.assertEqual(validations.wait_for("ours"), ["success"])
        self.assertNotIn("/advisor", self.files.requests)
        self.assertEqual(self.stored(), [digest(payload("ours"))])
        self.assertEqual(validations.of("advisor") + validations.of("quiet"), [])

    def test_poison_is_reported_and_skipped(self):
        elsewhere = FileServer()
        self.addCleanup(elsewhere.close)
        self.files.special["/redirect"] = lambda request: redirect(request, elsewhere.put("x", payload("x")))
        self.files.special["/broken"] = lambda request: request.send_error(500)
        good = self.files.put("good", payload("good"))
        poison = {
            "not-there": self.files.origin() + "/not-there",
            "elsewhere": elsewhere.put("elsewhere", payload("elsewhere")),
            "redirect": self.files.origin() + "/redirect",
            "file": "file:///etc/passwd",
            "no-gzip": self.files.put("no-gzip", b"PK\x03\x04"),
            "too-large": self.files.put("too-large", payload("too-large", 1 << 20)),
            "broken": self.files.origin() + "/broken",
            "with-user": good.replace("http://", "http://user:pw@"),
            "no-url": "",
        }
        for request_id, url in poison.items():
            self.announce(request_id, url, key="same")
        self.announce("no-tenant", good, key="same", org_id="unknown", account="unknown")
        self.producer.send("{ no JSON", "same", "hccm")
        self.announce("after", good, key="same")
        self.assertEqual(validations.wait_for("after"), ["success"])
        for request_id in [*poison, "no-tenant"]:
            self.assertEqual(validations.wait_for(request_id), ["failure"], request_id)
            self.assertTrue(self.intake.log("an announced payload is given up", request_id=request_id))
        self.assertEqual(self.files.requests.count("/broken"), ATTEMPTS)
        self.assertEqual(self.files.requests.count("/not-there"), 1)
        self.assertEqual(elsewhere.requests, [])
        self.assertEqual(self.stored(), [digest(payload("good"))])

    def test_what_fails_at_first_is_tried_again(self):
        content = payload("patience", 100_000)
        attempts = []

        def hesitate(request):
            attempts.append(request)
            if len(attempts) == 1:
                request.send_error(503)
            elif len(attempts) == 2:
                request.give(content[:1000], announced=len(content))  # and the connection breaks
                request.close_connection = True
            else:
                request.give(content)

        self.files.special["/patience"] = hesitate
        self.announce("patience", self.files.origin() + "/patience")
        self.assertEqual(validations.wait_for("patience"), ["success"])
        self.assertEqual(self.stored(), [digest(content)])

    def test_a_server_that_is_silent_does_not_stop_the_others(self):
        released = threading.Event()
        self.addCleanup(released.set)
        self.files.special["/silent"] = lambda request: released.wait(60)
        self.announce("silent", self.files.origin() + "/silent")
        wait_until(lambda: "/silent" in self.files.requests, "the request")
        for number in range(8):  # some of them are in other partitions
            self.announce(f"other-{number}", self.files.put(f"other-{number}", payload(f"other-{number}")))
        wait_until(lambda: any(validations.of(f"other-{number}") for number in range(8)), "another payload")
        self.assertEqual(validations.wait_for("silent"), ["failure"])
        for number in range(8):
            self.assertEqual(validations.wait_for(f"other-{number}"), ["success"])

    def test_database_outage_pauses_and_loses_nothing(self):
        self.database.kill()
        self.addCleanup(self.database.start)
        wait_until(lambda: self.intake.metric("koku_intake_kafka_consumption_paused") == 1, "the pause")
        contents = {f"outage-{number}": payload(f"outage-{number}") for number in range(6)}
        for request_id, content in contents.items():
            self.announce(request_id, self.files.put(request_id, content))
        self.assertEqual(self.intake.admin("/readyz")[0], 503)
        self.assertEqual(self.intake.admin("/healthz")[0], 200)
        self.assertEqual([validations.of(request_id) for request_id in contents], [[]] * len(contents))
        self.database.start()
        for request_id in contents:
            self.assertEqual(validations.wait_for(request_id), ["success"])
        self.assertEqual(self.stored(), sorted(digest(content) for content in contents.values()))

    def test_zz_sigterm_finishes_what_was_begun(self):
        # The last one: it ends the program of the class.
        released = threading.Event()
        content = payload("drained")

        def wait_and_give(request):
            released.wait(60)
            request.give(content)

        self.files.special["/drained"] = wait_and_give
        self.announce("drained", self.files.origin() + "/drained", key="same")
        self.announce("next", self.files.put("next", payload("next")), key="same")
        wait_until(lambda: "/drained" in self.files.requests, "the download")
        self.intake.terminate()
        self.intake.wait_for_log("draining: what was begun is finished, nothing new is accepted")
        released.set()
        self.assertEqual(self.intake.stop(), 0)
        self.assertEqual(validations.wait_for("drained"), ["success"])
        self.assertEqual(self.stored(), [digest(content)])
        self.assertNotIn("/next", self.files.requests)
        self.intake.assert_clean(self)
        self.start_intake()
        self.assertEqual(validations.wait_for("next"), ["success"])
        self.assertEqual(validations.of("drained"), ["success"])


def redirect(request, target):
    request.send_response(302)
    request.send_header("Location", target)
    request.send_header("Content-Length", "0")
    request.end_headers()


class Moving(KafkaTest):
    topic = "moving"

    def test_partitions_move_between_members(self):
        contents = {f"moving-{number}": payload(f"moving-{number}") for number in range(60)}

        def slowly(content):
            def give(request):
                time.sleep(0.1)
                request.give(content)
            return give

        def announce(first, last):
            for request_id in list(contents)[first:last]:
                self.files.special[f"/{request_id}"] = slowly(contents[request_id])
                self.announce(request_id, f"{self.files.origin()}/{request_id}")

        first = self.start_intake()
        announce(0, 20)
        wait_until(lambda: len(self.stored()) > 5, "the first payloads")
        second = self.start_intake()  # takes partitions while their messages are in work
        announce(20, 40)
        wait_until(lambda: second.metric("koku_intake_kafka_partitions_assigned") > 0, "partitions of the second member")
        announce(40, 60)
        self.assertEqual(first.stop(), 0)  # gives the others back
        for request_id in contents:
            self.assertEqual(set(validations.wait_for(request_id)), {"success"}, request_id)
        self.assertEqual(self.stored(), sorted(digest(content) for content in contents.values()))
        self.assertEqual(second.metric("koku_intake_kafka_partitions_assigned"), PARTITIONS)
        self.assertEqual(second.stop(), 0)
        wait_until(lambda: broker.lag(self.topic)[0] == 0, "the committed offsets")
        for intake in (first, second):
            intake.assert_clean(self)


class TwoServers(KafkaTest):
    topic = "shared"  # of one partition

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database.query("ALTER DATABASE intake SET koku_onprem.server_number = 1")
        cls.server = FurtherServer(2)
        cls.addClassCleanup(cls.server.stop)
        cls.other = Database(tenants=("tenant_b",), server=cls.server)
        blocks = "".join(f'[[server]]\nname = "{name}"\nconninfo = "{database.conninfo()}"\n'
                         for name, database in (("a", cls.database), ("b", cls.other)))
        tenants = "".join(f'[[tenant]]\nname = "tenant_{name}"\norg_ids = ["{name}"]\n' for name in "ab")
        cls.intake = cls.start_intake(blocks + tenants, {"connections": 2})

    def test_payloads_behind_one_whose_server_is_down_are_stored(self):
        contents = {name: payload(name) for name in ("b-1", "b-2", "a-1", "b-3", "a-2")}
        self.server.kill()
        for request_id, content in contents.items():
            self.announce(request_id, self.files.put(request_id, content), org_id=request_id[0])
        of_a, of_b = (sorted(digest(content) for name, content in contents.items() if name.startswith(tenant)) for tenant in "ab")
        wait_until(lambda: self.stored() == of_a, "the payloads of the other server")
        # What is confirmed is confirmed in the order of the topic.
        self.assertEqual([validations.of(request_id) for request_id in contents], [[]] * len(contents))
        self.assertEqual(self.files.requests.count("/b-2"), 0)
        self.server.start()
        for request_id in contents:
            self.assertEqual(validations.wait_for(request_id), ["success"], request_id)
        self.assertEqual((self.stored(), self.other.digests()), (of_a, of_b))
        for request_id in ("a-1", "a-2"):
            self.assertEqual(self.files.requests.count(f"/{request_id}"), 1)
        wait_until(lambda: broker.lag(self.topic)[0] == 0, "the committed offsets")
        self.assertEqual(self.intake.stop(), 0)
        self.intake.assert_clean(self)


class Faults(KafkaTest):
    topic = "faults"

    def test_200_announcements_are_stored_once(self):
        contents = {f"fault-{number}": payload(f"fault-{number}") for number in range(200)}
        for request_id, content in contents.items():
            self.announce(request_id, self.files.put(request_id, content), key=f"cluster-{request_id[-1]}")
        self.producer.close()

        def restart_database():
            self.database.kill()
            self.database.start()

        def kill_intake():
            self.intakes[-1].kill()
            self.start_intake()

        def restart_broker():
            broker.kill()
            broker.start()

        self.start_intake()
        for count, fault in ((20, restart_database), (50, kill_intake), (80, restart_broker), (110, restart_database),
                             (140, kill_intake)):
            wait_until(lambda: len(self.stored()) >= count, f"{count} payloads", 120)
            fault()
        for request_id in contents:
            self.assertEqual(set(validations.wait_for(request_id, 120)), {"success"}, request_id)
        self.assertEqual(self.stored(), sorted(digest(content) for content in contents.values()))
        self.assertEqual(self.intakes[-1].stop(), 0)
        for intake in self.intakes:
            intake.assert_clean(self)
