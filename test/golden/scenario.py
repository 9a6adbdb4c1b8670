"""A scenario: payloads, how the tenant is set up before them, and the rows that its tables hold afterwards."""
import csv
import functools
import io
import json
import pathlib
import tarfile


class Scenario:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.name = self.directory.name
        self.facts = json.loads((self.directory / "scenario.json").read_text(encoding="utf-8"))

    @property
    def tenant(self):
        return "g_" + self.name.replace("-", "_")

    @property
    def note(self):
        return self.facts.get("note", "")

    @property
    def payloads(self):
        return [self.directory / payload for payload in self.facts["payloads"]]

    @functools.cached_property
    def expected(self):
        """By table its expected rows: the first are the names of the columns."""
        packed = self.directory / "expected.tar.xz"
        texts = texts_of_archive(packed) if packed.exists() else texts_of_directory(self.directory / "expected")
        return {table: list(csv.reader(io.StringIO(text, newline=""))) for table, text in sorted(texts.items())}


def texts_of_archive(path):
    with tarfile.open(path) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        return {pathlib.PurePath(member.name).stem: archive.extractfile(member).read().decode() for member in members}


def texts_of_directory(path):
    return {file.stem: file.read_text(encoding="utf-8") for file in path.glob("*.csv")}


def scenarios_of(directory, names=()):
    """The named scenarios of a directory, or all of them."""
    directory = pathlib.Path(directory)
    names = names or sorted(file.parent.name for file in directory.glob("*/scenario.json"))
    return [Scenario(directory / name) for name in names]
