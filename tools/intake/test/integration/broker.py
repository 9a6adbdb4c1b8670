"""A real Kafka broker in KRaft mode, and its own command-line tools as producer and consumer."""
import json
import os
import queue
import re
import signal
import socket
import subprocess
import threading

from parts import free_port, wait_until

JAVA_OPTIONS = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
TOPIC_TOOL = "org.apache.kafka.tools.TopicCommand"
GROUP_TOOL = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
PRODUCER_TOOL = "org.apache.kafka.tools.ConsoleProducer"
CONSUMER_TOOL = "org.apache.kafka.tools.consumer.ConsoleConsumer"


def java(main_class, *arguments):
    return ["java", *JAVA_OPTIONS, "-cp", os.path.join(os.environ["KOKU_KAFKA_JARS"], "*"), main_class, *arguments]


class Broker:
    def __init__(self, directory):
        self.directory = directory
        self.port, controller_port = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.properties = os.path.join(directory, "broker.properties")
        self.process = None
        with open(self.properties, "w", encoding="utf-8") as file:
            file.write(f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://{self.address}
controller.listener.names=CONTROLLER
log.dirs={directory}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
""")
        self._tool("kafka.tools.StorageTool", "format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", self.properties)
        self.start()

    @staticmethod
    def _tool(main_class, *arguments):
        result = subprocess.run(java(main_class, *arguments), capture_output=True, text=True, timeout=120)
        if result.returncode != 0:
            raise AssertionError(f"{main_class} {arguments}: {result.stdout} {result.stderr}")
        return result.stdout

    def start(self):
        with open(os.path.join(self.directory, "broker.log"), "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(java("kafka.Kafka", self.properties), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        def answers():
            if self.process.poll() is not None:
                raise AssertionError(f"the broker ended; see {self.directory}/broker.log")
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0
        wait_until(answers, "the broker", 120)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.kill()

    def create_topics(self, **partitions):
        """Topics by name, with the number of their partitions; side by side, for the tool starts slowly."""
        tools = [subprocess.Popen(java(TOPIC_TOOL, "--bootstrap-server", self.address, "--create", "--topic", name,
                                       "--partitions", str(count)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                 for name, count in partitions.items()]
        for tool in tools:
            output = tool.communicate(timeout=120)[0]
            if tool.returncode != 0:
                raise AssertionError(f"no topic: {output}")

    def lag(self, group):
        """Messages that the group has not committed, and the partitions that have a committed offset."""
        lines = self._tool(GROUP_TOOL, "--bootstrap-server", self.address, "--describe", "--group", group).splitlines()
        rows = [line.split() for line in lines if line.startswith(group)]
        offsets = [(int(row[3]), int(row[4])) for row in rows if row[3] != "-"]
        return sum(end - committed for committed, end in offsets), len(offsets)


class Producer:
    """Kafka's own console producer, which stays open."""

    def __init__(self, broker, topic):
        self.process = subprocess.Popen(
            java(PRODUCER_TOOL, "--bootstrap-server", broker.address, "--topic", topic,
                 "--property", "parse.headers=true", "--property", "parse.key=true", "--property", "null.marker=NONE"),
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)

    def send(self, value, key, service="hccm"):
        """value: a dictionary, or a text that is sent as it is; service: the header, None for none."""
        text = value if isinstance(value, str) else json.dumps(value)
        headers = f"service:{service}" if service else "NONE"
        self.process.stdin.write(f"{headers}\t{key}\t{text}\n")
        self.process.stdin.flush()

    def close(self):
        """Returns once the broker has everything."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
            self.process.wait(60)


class Validations:
    """What arrives on the topic of validation messages, read by Kafka's own console consumer."""

    def __init__(self, broker, topic):
        self.process = subprocess.Popen(
            java(CONSUMER_TOOL, "--bootstrap-server", broker.address, "--topic", topic, "--from-beginning"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.lines = queue.Queue()
        self.messages = []
        threading.Thread(target=lambda: [self.lines.put(line) for line in self.process.stdout], daemon=True).start()

    def of(self, request_id):
        """The answers to a request, in their order."""
        while not self.lines.empty():
            line = self.lines.get()
            if re.match(r"\{", line):
                self.messages.append(json.loads(line))
        return [message["validation"] for message in self.messages if message["request_id"] == request_id]

    def wait_for(self, request_id, seconds=60):
        return wait_until(lambda: self.of(request_id), f"validation of {request_id}", seconds)

    def close(self):
        self.process.kill()
        self.process.wait()
