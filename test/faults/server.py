"""The server that is made to fail: it is killed, and started again."""
import os
import signal
import subprocess
import time

LIMIT_SECONDS = 120


class Server:
    def __init__(self, directory, command):
        """directory: that of the private server. command: what stands in front of a program of the server's owner."""
        self.data = os.path.join(directory, "data")
        self.log = os.path.join(directory, "server.log")
        self.command = command
        self.process = None

    def take_over(self):
        """Stops the server that runs and starts it anew as one of ours."""
        os.kill(self.postmaster(), signal.SIGINT)
        while self.is_running():
            time.sleep(0.05)
        self.wait_until_up()

    def is_up(self):
        return subprocess.run(["psql", "-XAqtc", "SELECT 1"], capture_output=True, check=False).returncode == 0

    def postmaster(self):
        with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as file:
            return int(file.readline())

    def kill_postmaster(self):
        os.kill(self.postmaster(), signal.SIGKILL)

    def kill_all(self):
        """The postmaster and what it has started, as when the machine or its container is switched off."""
        postmaster = self.postmaster()
        children = [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and self.parent_of(entry) == postmaster]
        for process in [postmaster, *children]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass

    @staticmethod
    def parent_of(process):
        try:
            with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as file:
                return int(file.read().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            return None

    def wait_for_end_of(self, process):
        """Until the server has noticed what was done to it, sessions can still be opened, which then end."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while not self.is_zombie(process):
            if time.monotonic() > deadline:
                raise RuntimeError("sessions go on two minutes after a kill; see " + self.log)
            time.sleep(0.02)

    def wait_until_up(self):
        """After a killed backend the server ends all sessions and starts over; after a killed postmaster we start it."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while not self.is_up():
            if time.monotonic() > deadline:
                raise RuntimeError("the server did not come back within two minutes; see " + self.log)
            if not self.is_running():
                self.start()
            time.sleep(0.05)

    def is_running(self):
        if self.process is not None:
            return self.process.poll() is None
        try:
            os.kill(self.postmaster(), 0)
        except (ProcessLookupError, FileNotFoundError, ValueError):
            return False
        return not self.is_zombie(self.postmaster())

    @staticmethod
    def is_zombie(process):
        try:
            with open(f"/proc/{process}/stat", encoding="ascii") as file:
                return file.read().rsplit(")", 1)[1].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            return True

    def start(self):
        """Backends of a killed postmaster go on until they notice; until then the server refuses to start, and we try again."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*self.command, "postgres", "-D", self.data], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(LIMIT_SECONDS)

    def unexpected_deaths(self):
        """Lines of the log about processes that ended otherwise than by our SIGKILL."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return [line.strip() for line in log
                    if "PANIC" in line or "TRAP:" in line or "was terminated by signal" in line and "signal 9" not in line]

    def temporary_files(self):
        """Files of sorts, hashes and cursors that nobody uses any more."""
        found = []
        for directory, _, files in os.walk(self.data, followlinks=True):
            if os.path.basename(directory) == "pgsql_tmp":
                found += files
        return found
