"""One psql with one backend. A backend that dies or changes is noticed."""
import os
import re
import select
import subprocess
from collections import namedtuple

Outcome = namedtuple("Outcome", "rows sqlstate message detail hint warnings raw")


class BackendDied(Exception):
    pass


class Session:
    MARK = "end of the case"

    def __init__(self, database):
        self.psql = subprocess.Popen(["psql", "-XAt", "-F", "|", "-d", database], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT)
        self.run("\\set VERBOSITY verbose\nSET client_min_messages = warning;")
        self.backend = self.run("SELECT pg_backend_pid();").rows[0]

    def run(self, sql):
        """Runs statements and returns what they gave: rows as text, and the last error or None."""
        self.send(sql)
        return self.receive()

    def send(self, sql):
        """Begins statements; receive() returns what they gave. What is sent while they run waits for its turn."""
        try:
            self.psql.stdin.write((sql + "\n\\echo " + self.MARK + "\n").encode())
            self.psql.stdin.flush()
        except BrokenPipeError as error:
            raise BackendDied("psql has ended") from error

    def receive(self):
        lines = []
        while True:
            line = self.psql.stdout.readline()
            if not line:
                raise BackendDied("\n".join(lines[-5:]))
            text = line.decode("utf-8", "replace").rstrip("\n")
            if text == self.MARK:
                break
            lines.append(text)
        if any("server closed the connection" in line or "terminating connection" in line for line in lines):
            raise BackendDied("\n".join(lines[-5:]))
        return outcome_of(lines)

    def has_answered(self):
        """Whether the statements that were sent have given something, at the latest when they have ended."""
        return bool(select.select([self.psql.stdout], [], [], 0)[0])

    def value(self, sql):
        outcome = self.run(sql)
        if outcome.sqlstate:
            raise RuntimeError(f"{sql[:200]}: {outcome.message}")
        return "\n".join(outcome.rows)

    def is_alive(self):
        return self.value("SELECT pg_backend_pid();") == self.backend

    def peak_memory_mb(self):
        """Most memory that the backend had at any time, without the shared buffers; None where the system does not tell."""
        try:
            with open(f"/proc/{self.backend}/status", encoding="ascii") as file:
                status = dict(line.split(":", 1) for line in file)
            return int(status["VmHWM"].split()[0]) // 1024
        except (OSError, KeyError):
            return None

    def close(self):
        try:
            self.psql.stdin.close()
        except BrokenPipeError:
            pass
        self.psql.wait()


def outcome_of(lines):
    rows, warnings = [], []
    sqlstate = message = detail = hint = None
    severity = None
    for line in lines:
        match = re.match(r"(?:psql:.*?: )?(ERROR|FATAL|PANIC|WARNING|NOTICE):  ([0-9A-Z]{5}): (.*)", line)
        if match:
            severity = match[1]
            if severity in ("ERROR", "FATAL", "PANIC"):
                sqlstate, message, detail, hint = match[2], match[3], None, None
            else:
                warnings.append(match[3])
            continue
        part = re.match(r"(DETAIL|HINT|CONTEXT|LOCATION|QUERY|STATEMENT|LINE \d+):  ?(.*)", line)
        if part and severity:
            if severity in ("ERROR", "FATAL", "PANIC"):
                detail = part[2] if part[1] == "DETAIL" else detail
                hint = part[2] if part[1] == "HINT" else hint
            elif part[1] == "DETAIL":
                warnings[-1] += " / " + part[2]
            continue
        rows.append(line)
    return Outcome(rows, sqlstate, message, detail, hint, warnings, lines)


def write_file(directory, content):
    """A file that the server may read."""
    path = os.path.join(directory, "payload.tar.gz")
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, 0o644)
    return path
