#!/usr/bin/env python3
"""Checks META.json against the PGXN meta specification 1.0.0 and against the project.

usage: meta.py VERSION    (in the project's root; VERSION: the one of the control file)

Prints every violation; the exit code is 0 when there is none.
"""
import json
import os
import re
import sys

SEMANTIC_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
VERSION_RANGE = re.compile(r"((==|!=|>=|<=|>|<)\s*)?\S+(\s*,\s*((==|!=|>=|<=|>|<)\s*)?\S+)*")
TERM = re.compile(r"[^\s/\\\x00-\x1f\x7f]{2,}")
LICENSES = {
    "agpl_3", "apache_1_1", "apache_2_0", "artistic_1", "artistic_2", "bsd", "freebsd", "gfdl_1_2", "gfdl_1_3", "gpl_1",
    "gpl_2", "gpl_3", "lgpl_2_1", "lgpl_3_0", "mit", "mozilla_1_0", "mozilla_1_1", "openssl", "perl_5", "postgresql",
    "qpl_1_0", "ssleay", "sun", "zlib", "open_source", "restricted", "unrestricted", "unknown"}
REQUIRED = {"name", "version", "abstract", "maintainer", "license", "provides", "meta-spec"}
OPTIONAL = {"description", "generated_by", "no_index", "prereqs", "release_status", "resources", "tags"}
PHASES = {"configure", "build", "test", "runtime", "develop"}
RELATIONS = {"requires", "recommends", "suggests", "conflicts"}


def is_text(value):
    return isinstance(value, str) and value.strip() != ""


def unknown_keys(mapping, known, where):
    for key in sorted(set(mapping) - known):
        if not key.lower().startswith("x_"):
            yield f"{where} has the key {key}, which the specification does not know"


def check_provides(provides):
    if not isinstance(provides, dict) or not provides:
        yield "provides names no extension"
        return
    for name, extension in provides.items():
        where = f"provides.{name}"
        if not TERM.fullmatch(name):
            yield f"{where} is no name"
        yield from unknown_keys(extension, {"file", "version", "abstract", "docfile"}, where)
        for key in ("file", "version"):
            if not is_text(extension.get(key)):
                yield f"{where} lacks {key}"
        if not SEMANTIC_VERSION.fullmatch(str(extension.get("version"))):
            yield f"{where}.version is no semantic version"
        for key in ("file", "docfile"):
            if key in extension and not os.path.exists(extension[key]):
                yield f"{where}.{key} is {extension[key]}, which is not there"


def check_prereqs(prereqs):
    yield from unknown_keys(prereqs, PHASES, "prereqs")
    for phase, relations in prereqs.items():
        yield from unknown_keys(relations, RELATIONS, f"prereqs.{phase}")
        for relation, needed in relations.items():
            for name, version in needed.items():
                if not TERM.fullmatch(name):
                    yield f"prereqs.{phase}.{relation}: {name} is no name"
                if version != 0 and not VERSION_RANGE.fullmatch(str(version)):
                    yield f"prereqs.{phase}.{relation}.{name}: {version} is no range of versions"


def check_license(value):
    names = [value] if isinstance(value, str) else value
    if isinstance(value, dict):
        yield from (f"license {name} has no URL" for name, url in value.items() if not is_text(url))
    elif not isinstance(names, list) or not names or not all(name in LICENSES for name in names):
        yield f"license {value} is not in the specification's list"


def check(meta, version):
    for key in sorted(REQUIRED - set(meta)):
        yield f"{key} is missing"
    yield from unknown_keys(meta, REQUIRED | OPTIONAL, "the file")
    for key in ("name", "abstract", "description", "generated_by"):
        if key in meta and not is_text(meta[key]):
            yield f"{key} is empty"
    if not TERM.fullmatch(str(meta.get("name"))):
        yield "name is no name"
    maintainers = meta.get("maintainer")
    if not all(map(is_text, maintainers if isinstance(maintainers, list) else [maintainers])):
        yield "maintainer is empty"
    if not SEMANTIC_VERSION.fullmatch(str(meta.get("version"))):
        yield "version is no semantic version"
    yield from check_license(meta.get("license"))
    yield from check_provides(meta.get("provides"))
    yield from check_prereqs(meta.get("prereqs", {}))
    if meta.get("release_status", "stable") not in ("stable", "testing", "unstable"):
        yield "release_status is none of stable, testing, unstable"
    if not all(is_text(tag) and len(tag) <= 255 and not re.search(r"[/\\\x00-\x1f]", tag) for tag in meta.get("tags", [])):
        yield "a tag is empty, too long, or has a slash in it"
    specification = meta.get("meta-spec", {})
    if specification.get("version") != "1.0.0" or not str(specification.get("url", "https://pgxn.org/")).startswith("https://pgxn.org/"):
        yield "meta-spec is not version 1.0.0 of PGXN"
    for where, found in [("version", meta.get("version"))] + [
            (f"provides.{name}.version", extension.get("version")) for name, extension in meta.get("provides", {}).items()]:
        if found != version:
            yield f"{where} is {found}, but the control file says {version}"


def main():
    with open("META.json", encoding="utf-8") as file:
        violations = list(check(json.load(file), sys.argv[1]))
    for violation in violations:
        print(f"META.json: {violation}")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
