"""The faults. Each strikes while an operation runs; outcomes: the SQLSTATEs that it may lead to, None for success."""
import os
import shutil
import signal
import subprocess
import time


class Fault:
    outcomes = {None}
    ends_session = False
    ends_all_sessions = False

    def __init__(self, server, random):
        self.server, self.random = server, random

    def prepare(self, victim, seconds):
        """Before the operation, which takes so many seconds without a fault."""

    def strike(self, victim, seconds):
        """While it runs."""

    def end(self, victim):
        """After it."""

    def is_alive(self, victim):
        return victim.is_alive()

    def wait_a_while(self, seconds):
        time.sleep(self.random.uniform(0, seconds * 1.1))


class KilledBackend(Fault):
    name = "kill -9 of the backend"
    ends_session = ends_all_sessions = True

    def strike(self, victim, seconds):
        self.wait_a_while(seconds)
        os.kill(int(victim.backend), signal.SIGKILL)


class KilledPostmaster(Fault):
    """A backend that is busy goes on until it notices, and may even commit."""
    name = "kill -9 of the postmaster"
    ends_session = ends_all_sessions = True

    def strike(self, victim, seconds):
        self.wait_a_while(seconds)
        self.server.kill_postmaster()


class KilledServer(Fault):
    name = "kill -9 of all processes"
    ends_session = ends_all_sessions = True

    def strike(self, victim, seconds):
        self.wait_a_while(seconds)
        self.server.kill_all()


class StatementTimeout(Fault):
    name = "statement_timeout"
    outcomes = {None, "57014"}

    def prepare(self, victim, seconds):
        victim.value(f"SET statement_timeout = {max(1, int(self.random.uniform(0, seconds * 1100)))};")

    def end(self, victim):
        victim.value("RESET statement_timeout;")


class Cancel(Fault):
    name = "cancel"
    outcomes = {None, "57014"}

    def strike(self, victim, seconds):
        self.wait_a_while(seconds)
        os.kill(int(victim.backend), signal.SIGINT)


class Terminate(Fault):
    name = "pg_terminate_backend"
    outcomes = {None, "57P01"}
    ends_session = True

    def strike(self, victim, seconds):
        self.wait_a_while(seconds)
        os.kill(int(victim.backend), signal.SIGTERM)


class OutOfMemory(Fault):
    """The address space of the backend may grow by no more than a few megabytes."""
    name = "out of memory"
    # 2201B: the server's own for a regular expression that finds no memory.
    outcomes = {None, "53200", "2201B"}

    def prepare(self, victim, seconds):
        # The stack grows here: where the system refuses that, the process is killed whatever it runs.
        victim.run("SELECT repeat('[', 5000)::json;")
        victim.value("LOAD 'koku_onprem';")
        with open(f"/proc/{victim.backend}/status", encoding="ascii") as file:
            size = next(int(line.split()[1]) for line in file if line.startswith("VmSize:")) * 1024
        self.limit(victim, size + int(self.random.triangular(0, 24 << 20, 2 << 20)))

    def end(self, victim):
        self.limit(victim, "unlimited")

    def is_alive(self, victim):
        """Where PL/pgSQL itself lacks memory to handle an exception, PostgreSQL 15 leaves the session in a failed transaction."""
        return victim.run("SELECT 1;").sqlstate in (None, "25P02") and os.path.exists(f"/proc/{victim.backend}")

    def limit(self, victim, size):
        subprocess.run([*self.server.command, "prlimit", f"--pid={victim.backend}", f"--as={size}:unlimited"], check=True)


class FullDisk(Fault):
    """A tmpfs holds the tables, which may grow by no more than some pages."""
    name = "disk full"
    outcomes = {None, "53100"}
    size_mb = 1024

    def __init__(self, server, random, directory):
        super().__init__(server, random)
        self.directory = directory

    @staticmethod
    def as_root():
        return [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]

    @classmethod
    def mount(cls, directory, owner):
        """Whether the file system could be made: root, or sudo, and no container that forbids it."""
        if os.geteuid() != 0 and not shutil.which("sudo"):
            return False
        os.makedirs(directory)
        return subprocess.run([*cls.as_root(), "mount", "-t", "tmpfs", "-o", f"size={cls.size_mb}m,uid={owner},mode=700", "koku-faults", directory],
                              capture_output=True, check=False).returncode == 0

    @classmethod
    def unmount(cls, directory):
        subprocess.run([*cls.as_root(), "umount", "--lazy", directory], check=False)

    def resize(self, size):
        subprocess.run([*self.as_root(), "mount", "-o", f"remount,size={size}", self.directory], check=True)

    def prepare(self, victim, seconds):
        # As many pages as an operation takes, at the most.
        status = os.statvfs(self.directory)
        used = (status.f_blocks - status.f_bfree) * status.f_frsize
        self.resize(used + 8192 * int(self.random.triangular(0, 200, 10)))

    def end(self, victim):
        self.resize(f"{self.size_mb}m")
