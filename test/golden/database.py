"""A database as psql reaches it."""
import csv
import io
import shlex
import subprocess

# How NULL is written, so that it differs from an empty text.
NULL = "\\N"


class Database:
    def __init__(self, command):
        """command: psql with its options and the database, as a shell would be given it."""
        self.command = shlex.split(command)

    def run(self, script):
        """Runs a script of psql until its first error, which is raised."""
        result = subprocess.run(
            [*self.command, "-v", "ON_ERROR_STOP=1", "-f", "-"], input=script, text=True, capture_output=True, check=False)
        if result.returncode:
            raise RuntimeError((result.stdout[-2000:] + result.stderr[-3000:]).strip())
        return result.stdout

    def rows(self, query):
        """The rows of a query as lists of texts, times in UTC."""
        output = self.run(f"SET timezone = 'UTC'; COPY ({query}) TO STDOUT (FORMAT csv, NULL '{NULL}');\n")
        return list(csv.reader(io.StringIO(output)))

    def column_types(self, schema):
        """By table the SQL type of each of its columns."""
        types = {}
        for table, column, sql_type in self.rows(
                f"SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = {literal(schema)}"):
            types.setdefault(table, {})[column] = sql_type
        return types


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def quoted(name):
    return '"' + name.replace('"', '""') + '"'
