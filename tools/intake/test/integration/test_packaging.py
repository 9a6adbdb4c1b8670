"""The example of the configuration, the systemd unit, and what is installed where."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from parts import PAYLOAD_TYPE, UPLOAD_PATH, Database, Intake, digest, payload

PROJECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
REPOSITORY = os.path.join(PROJECT, "..", "..")
EXAMPLE = os.path.join(PROJECT, "packaging", "koku-intake.toml.example")
# Of two ways to say the same, the example leaves the second commented.
ALTERNATIVES = ("token_sha256", "password_hash", "client_id", "jwks_file")


def settings_of_help():
    """Default of each setting by section and name, as --help prints them."""
    settings, section = {}, None
    for line in subprocess.check_output([os.environ["KOKU_INTAKE"], "--help"], text=True).splitlines():
        if heading := re.fullmatch(r"  \[(\w+)\]", line):
            section = heading[1]
        elif line.startswith("  [") or not line.startswith("  "):
            section = None
        elif section and (setting := re.match(r"  (\w+) +.*?(?:\(([^()]*)\))?$", line)):
            settings[section, setting[1]] = setting[2]
    return settings


def options_of_example():
    """(section, name): (value, commented) of each line that is an option."""
    options, section = {}, None
    with open(EXAMPLE, encoding="utf-8") as file:
        for line in file:
            if heading := re.match(r"#?\[+([\w.]+)\]+$", line.strip()):
                section = heading[1]
            elif option := re.match(r"(#?)([\w.\"]+) = (.+)$", line.strip()):
                options[section, option[2]] = (option[3].strip('"'), bool(option[1]))
    return options


def make_files(directory):
    """What configurations name: secrets, certificate and key."""
    for name in ("token", "password-of-cluster-b", "database-password", "kafka-password", "report-password",
                 "password-of-controller"):
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(f"the {name}\n")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{directory}/key.pem",
                    "-out", f"{directory}/certificate.pem"], check=True, capture_output=True)
    for name in ("client-authorities.pem", "issuer-authority.pem"):
        shutil.copy(f"{directory}/certificate.pem", f"{directory}/{name}")
    # As examples/openshift mounts them.
    for name, original in (("certificate/tls.crt", "certificate.pem"), ("certificate/tls.key", "key.pem"),
                           ("database/database-ca.pem", "certificate.pem"), ("database/database-password", "database-password")):
        os.makedirs(os.path.dirname(f"{directory}/{name}"), exist_ok=True)
        shutil.copy(f"{directory}/{original}", f"{directory}/{name}")


class Example(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="koku-intake.")
        self.addCleanup(shutil.rmtree, self.directory)
        make_files(self.directory)

    def example(self):
        """The text of the example with its files where the test has them."""
        with open(EXAMPLE, encoding="utf-8") as file:
            return file.read().replace("/etc/koku-intake/", self.directory + "/")

    def test_it_shows_every_setting_with_its_default(self):
        settings, options = settings_of_help(), options_of_example()
        self.assertGreater(len(settings), 30)
        for key, default in settings.items():
            self.assertIn(key, options)
            value, commented = options[key]
            if default is not None and commented and not key[1].endswith("file"):
                if value.startswith("["):
                    value = ",".join(json.loads(value))
                self.assertEqual(value, default, key)
        sections = {section for section, _ in settings}
        for key in options:
            self.assertIn(key, settings) if key[0] in sections else None

    def test_the_program_starts_with_it(self):
        database = Database()
        content = payload("example")
        intake = Intake(self.directory, {"admin": {}}, text=self.example(), environment={
            "KOKU_INTAKE_DATABASE_CONNINFO": database.conninfo(), "KOKU_INTAKE_HTTP_LISTEN": "127.0.0.1:0",
            "KOKU_INTAKE_ADMIN_LISTEN": "127.0.0.1:0"}).wait_ready()
        try:
            upload = os.path.join(self.directory, "payload.tar.gz")
            with open(upload, "wb") as file:
                file.write(content)
            status = subprocess.check_output(
                ["curl", "-sS", "-o", os.devnull, "-w", "%{http_code}", "--cacert", f"{self.directory}/certificate.pem",
                 "-H", "Authorization: Bearer the token", "-F", f"file=@{upload};type={PAYLOAD_TYPE}",
                 f"https://127.0.0.1:{intake.port}{UPLOAD_PATH}"], text=True, timeout=60)
            self.assertEqual(status, "202")
            self.assertEqual(database.digests(), [digest(content)])
            self.assertEqual(intake.stop(), 0)
        finally:
            intake.kill()

    def test_every_commented_option_can_be_used(self):
        text = re.sub(r"^#(?=[\w\"\[])", "", self.example(), flags=re.MULTILINE)
        lines = [line for line in text.splitlines() if not line.startswith(ALTERNATIVES)]
        path = os.path.join(self.directory, "all.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
        result = subprocess.run([os.environ["KOKU_INTAKE"], "--config", path, "--check-config"], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))


class Documentation(unittest.TestCase):
    """The configurations that are shown can be used, once the files that they name are there."""

    def check(self, text):
        directory = tempfile.mkdtemp(prefix="koku-intake.")
        self.addCleanup(shutil.rmtree, directory)
        make_files(directory)
        text = re.sub(r"/etc/koku-intake/|/run/secrets/", directory + "/", text)
        path = os.path.join(directory, "shown.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        result = subprocess.run([os.environ["KOKU_INTAKE"], "--config", path, "--check-config"], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""), text)

    def test_configurations_of_the_pages(self):
        found = 0
        for page in (os.path.join(PROJECT, "README.md"), os.path.join(PROJECT, "..", "..", "docs", "deploy.md")):
            with open(page, encoding="utf-8") as file:
                for text in re.findall(r"```toml\n(.*?)```", file.read(), re.DOTALL):
                    self.check(text)
                    found += 1
        self.assertGreaterEqual(found, 2)

    def test_configuration_of_openshift(self):
        with open(os.path.join(REPOSITORY, "examples", "openshift", "koku-intake.toml"), encoding="utf-8") as file:
            self.check(file.read())

    def test_configuration_of_the_containers(self):
        with open(os.path.join(PROJECT, "packaging", "compose", "koku-intake.toml"), encoding="utf-8") as file:
            self.check(file.read())


class Image(unittest.TestCase):
    def test_it_has_the_libraries_of_the_program(self):
        with open(os.path.join(REPOSITORY, "examples", "images", "Containerfile.intake"), encoding="utf-8") as file:
            stage = file.read().rpartition("FROM ")[2]
        installed = set(re.search(r"apt-get install --yes --no-install-recommends \\\n(.*?)&&", stage, re.DOTALL)[1].split())
        # What the base image has already.
        installed |= {"libc6", "libgcc-s1", "libstdc++6"}
        header = subprocess.check_output(["readelf", "--dynamic", os.environ["KOKU_INTAKE"]], text=True)
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", header))
        paths = dict(re.findall(r"(\S+) => (/\S+)", subprocess.check_output(["ldd", os.environ["KOKU_INTAKE"]], text=True)))
        self.assertGreater(len(needed), 5)
        for library in needed - {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}:
            path = os.path.join("/usr/lib", os.path.relpath(os.path.realpath(paths[library]), "/usr/lib"))
            owner = subprocess.run(["dpkg-query", "--search", path, path.removeprefix("/usr")], capture_output=True, text=True).stdout
            self.assertIn(owner.partition(":")[0], installed, library)


class Installation(unittest.TestCase):
    """Installs below a directory of its own; KOKU_BUILD_OF_INTAKE is CMake's directory."""

    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.mkdtemp(prefix="koku-intake.")
        subprocess.run(["cmake", "--install", os.environ["KOKU_BUILD_OF_INTAKE"], "--prefix", "/usr"], check=True,
                       capture_output=True, env={**os.environ, "DESTDIR": cls.root})
        cls.unit = os.path.join(cls.root, "usr/lib/systemd/system/koku-intake.service")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root)

    def test_what_is_installed(self):
        installed = {os.path.relpath(os.path.join(parent, name), self.root)
                     for parent, _, names in os.walk(self.root) for name in names}
        documentation = "usr/share/doc/koku-intake/"
        self.assertEqual(installed, {
            "usr/bin/koku-intake", "usr/lib/systemd/system/koku-intake.service", "usr/lib/sysusers.d/koku-intake.conf",
            "usr/lib/tmpfiles.d/koku-intake.conf", "usr/share/man/man1/koku-intake.1",
            documentation + "README.md", documentation + "koku-intake.toml.example"})

    def test_unit_names_what_is_installed(self):
        with open(self.unit, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("ExecStart=/usr/bin/koku-intake --config /etc/koku-intake/koku-intake.toml\n", text)
        self.assertNotIn("@CMAKE", text)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_systemd_takes_the_unit(self):
        # Every machine with systemd has this one.
        os.makedirs(os.path.join(self.root, "bin"))
        self.addCleanup(shutil.rmtree, os.path.join(self.root, "bin"))
        shutil.copy("/bin/true", os.path.join(self.root, "bin/kill"))
        result = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", f"--root={self.root}",
                                 "/usr/lib/systemd/system/koku-intake.service"], capture_output=True, text=True)
        about_unit = [line for line in (result.stdout + result.stderr).splitlines() if "koku-intake" in line]
        self.assertEqual(about_unit, [])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_unit_is_shut(self):
        # 0.0 is shut, 10.0 is open; systemd calls less than 2 'OK'.
        result = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=20", self.unit],
                                capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout[-600:] + result.stderr)
