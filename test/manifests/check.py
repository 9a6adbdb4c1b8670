#!/usr/bin/env python3
"""The manifests and Containerfiles in examples/: their form, and that their parts fit one another.

usage: check.py [NAME...]     NAME: only tests whose names have it in them

Forms are checked against schemas.json (Kubernetes, and OpenShift's Route), for which no network is needed. What a schema
cannot say is checked here: selectors and labels, ports, volumes and the keys that are mounted, what OpenShift's restricted
security context demands. Every check is tried with a fault that it must find. Prints a line a test and 'N passed, N failed'.
"""
import copy
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import yaml

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
EXAMPLES = PROJECT / "examples"
SCHEMAS = json.loads((HERE / "schemas.json").read_text())
MEGABYTE = 1024 * 1024


class StrictLoader(yaml.SafeLoader):
    """A key that stands twice in a mapping is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, f"a key stands twice: {keys}", node.start_mark)
        return super().construct_mapping(node, deep)


class Kustomization:
    """A directory with a kustomization.yaml: its objects, and what its generators make."""

    def __init__(self, directory):
        self.directory = directory
        self.settings = self.load("kustomization.yaml")[0]
        self.objects = [obj for name in self.settings["resources"] for obj in self.load(name)]
        self.files = {entry.name: entry.read_text() for entry in directory.iterdir() if entry.is_file()}

    def load(self, name):
        return [doc for doc in yaml.load_all((self.directory / name).read_text(), StrictLoader) if doc is not None]

    def of_kind(self, kind):
        return [obj for obj in self.objects if obj["kind"] == kind]

    def pods(self):
        """Name, labels and pod specification of everything that makes pods."""
        for obj in self.of_kind("Deployment"):
            template = obj["spec"]["template"]
            yield obj["metadata"]["name"], template["metadata"].get("labels", {}), template["spec"]
        for obj in self.of_kind("CronJob"):
            template = obj["spec"]["jobTemplate"]["spec"]["template"]
            yield obj["metadata"]["name"], template.get("metadata", {}).get("labels", {}), template["spec"]

    def generated(self, generator):
        """The keys of each object that a generator makes, by its name."""
        return {entry["name"]: [Path(file.partition("=")[0]).name for file in entry.get("files", [])]
                for entry in self.settings.get(generator, [])}


def selects(selector, labels):
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def quantity(text):
    """Bytes of a quantity of memory."""
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]*)", str(text)).groups()
    return int(number) * {"": 1, "Ki": 1024, "Mi": MEGABYTE, "Gi": 1024 * MEGABYTE, "k": 1000, "M": 10**6, "G": 10**9}[unit]


# --- what is checked of a kustomization: each yields problems ---------------------------------------------------------------
def forms(kustomization):
    for obj in kustomization.objects:
        name = f"{obj.get('apiVersion')}/{obj.get('kind')}"
        if name not in SCHEMAS["kinds"]:
            yield f"there is no schema of {name}"
            continue
        validator = jsonschema.Draft7Validator({"$ref": f"#/definitions/{SCHEMAS['kinds'][name]}", "definitions": SCHEMAS["definitions"]})
        for error in validator.iter_errors(obj):
            yield f"{obj['kind']} {obj['metadata'].get('name')}: {'/'.join(map(str, error.path))}: {error.message[:200]}"
        if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", str(obj["metadata"].get("name", ""))):
            yield f"{obj['kind']}: not a name: {obj['metadata'].get('name')}"


def files_of_the_kustomization(kustomization):
    settings = kustomization.settings
    known = {"apiVersion", "kind", "namespace", "resources", "configMapGenerator", "secretGenerator", "images"}
    yield from (f"kustomization.yaml: {name} is not looked at by this check" for name in set(settings) - known)
    if (settings.get("apiVersion"), settings.get("kind")) != ("kustomize.config.k8s.io/v1beta1", "Kustomization"):
        yield "kustomization.yaml is not a Kustomization"
    made = [file for entry in settings.get("configMapGenerator", []) for file in entry["files"]]
    for name in [*settings["resources"], *made]:
        if name not in kustomization.files:
            yield f"{name} is not there"
    for name in kustomization.files:
        if name.endswith(".yaml") and name != "kustomization.yaml" and name not in settings["resources"]:
            yield f"{name} is not among the resources"
    for entry in settings.get("secretGenerator", []):
        for file in entry["files"]:
            if not file.startswith("secrets/"):
                yield f"{file}: files of secrets are the user's, in the directory secrets"
    if settings.get("secretGenerator") and "secrets/" not in kustomization.files.get(".gitignore", "").split():
        yield "the directory secrets is not ignored by git"
    named = {entry["name"] for entry in settings.get("images", [])}
    used = {container["image"] for _, _, spec in kustomization.pods() for container in spec["containers"]}
    if named != used:
        yield f"images that are named {sorted(named)} and used {sorted(used)} differ"


def selectors(kustomization):
    pods = list(kustomization.pods())
    for obj in kustomization.of_kind("Deployment"):
        if not selects(obj["spec"]["selector"]["matchLabels"], obj["spec"]["template"]["metadata"]["labels"]):
            yield f"Deployment {obj['metadata']['name']} does not select its own pods"
        for constraint in obj["spec"]["template"]["spec"].get("topologySpreadConstraints", []):
            if not selects(constraint["labelSelector"]["matchLabels"], obj["spec"]["template"]["metadata"]["labels"]):
                yield f"Deployment {obj['metadata']['name']}: its topologySpreadConstraints do not count its own pods"
    for obj in kustomization.objects:
        selector = {"Service": lambda spec: spec["selector"], "NetworkPolicy": lambda spec: spec["podSelector"].get("matchLabels"),
                    "PodDisruptionBudget": lambda spec: spec["selector"]["matchLabels"]}.get(obj["kind"])
        if selector and not any(selects(selector(obj["spec"]), labels) for _, labels, _ in pods):
            yield f"{obj['kind']} {obj['metadata']['name']} selects no pod"


def ports(kustomization):
    pods = list(kustomization.pods())

    def ports_of(selector):
        return {port["name"] for _, labels, spec in pods if selects(selector, labels)
                for container in spec["containers"] for port in container.get("ports", [])}

    for service in kustomization.of_kind("Service"):
        for port in service["spec"]["ports"]:
            if port.get("targetPort", port["port"]) not in ports_of(service["spec"]["selector"]):
                yield f"Service {service['metadata']['name']}: its pods have no port {port.get('targetPort')}"
    for route in kustomization.of_kind("Route"):
        targets = [service for service in kustomization.of_kind("Service") if service["metadata"]["name"] == route["spec"]["to"]["name"]]
        names = {port["name"] for service in targets for port in service["spec"]["ports"]}
        if route["spec"]["port"]["targetPort"] not in names:
            yield f"Route {route['metadata']['name']} leads to no port of a service"
    for policy in kustomization.of_kind("NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            for port in rule.get("ports", []):
                if port["port"] not in ports_of(policy["spec"]["podSelector"]["matchLabels"]):
                    yield f"NetworkPolicy {policy['metadata']['name']}: its pods have no port {port['port']}"
    for name, _, spec in pods:
        for container in spec["containers"]:
            known = {port["name"] for port in container.get("ports", [])}
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                if probe in container and container[probe]["httpGet"]["port"] not in known:
                    yield f"{name}: {probe} asks a port that the container does not have"
            for port in container.get("ports", []):
                if port["containerPort"] < 1024:
                    yield f"{name}: port {port['containerPort']} needs a capability"


def documented_secrets(kustomization):
    """Secrets that the user makes: '# Secret NAME: key, key and key.' in a comment."""
    found = {}
    for text in kustomization.files.values():
        for name, keys in re.findall(r"^# Secret ([a-z-]+): ([^.\n]+)", text, re.MULTILINE):
            found[name] = set(re.findall(r"[a-z][a-z-]+", keys))
    return found


def volumes_and_keys(kustomization):
    config_maps = kustomization.generated("configMapGenerator")
    secrets = kustomization.generated("secretGenerator")
    documented = documented_secrets(kustomization)
    certificates = {service["metadata"].get("annotations", {}).get("service.beta.openshift.io/serving-cert-secret-name")
                    for service in kustomization.of_kind("Service")}
    for name, _, spec in kustomization.pods():
        volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
        used = set()
        for container in spec["containers"]:
            for mount in container.get("volumeMounts", []):
                used.add(mount["name"])
                volume = volumes.get(mount["name"])
                if volume is None:
                    yield f"{name}: there is no volume {mount['name']}"
                    continue
                config_map = volume.get("configMap", {}).get("name")
                if config_map is not None and config_map not in config_maps:
                    yield f"{name}: nothing makes the ConfigMap {config_map}"
                secret = volume.get("secret", {}).get("secretName")
                if secret is not None and secret not in secrets and secret not in documented and secret not in certificates:
                    yield f"{name}: nothing makes the Secret {secret}"
                if mount.get("subPath") and mount["subPath"] not in config_maps.get(config_map, []):
                    yield f"{name}: {config_map} has no key {mount['subPath']}"
                if not mount.get("readOnly"):
                    yield f"{name}: {mount['name']} is not mounted for reading only"
            for variable in container.get("env", []):
                reference = variable.get("valueFrom", {}).get("secretKeyRef")
                if reference and reference["key"] not in documented.get(reference["name"], set()):
                    yield f"{name}: no comment says that Secret {reference['name']} has a key {reference['key']}"
        yield from (f"{name}: volume {volume} is not used" for volume in set(volumes) - used)


def security(kustomization):
    """What OpenShift's security context 'restricted-v2' demands, and more."""
    for name, _, spec in kustomization.pods():
        if not spec.get("securityContext", {}).get("runAsNonRoot"):
            yield f"{name}: may run as root"
        for fixed in ("runAsUser", "runAsGroup", "fsGroup"):
            if any(fixed in part.get("securityContext", {}) for part in (spec, *spec["containers"])):
                yield f"{name}: {fixed} is fixed, which OpenShift refuses"
        for shared in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.get(shared):
                yield f"{name}: {shared}"
        if any("hostPath" in volume for volume in spec.get("volumes", [])):
            yield f"{name}: mounts a directory of the node"
        for container in spec["containers"]:
            context = container.get("securityContext", {})
            if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
                yield f"{name}: may gain privileges"
            if context.get("capabilities") != {"drop": ["ALL"]}:
                yield f"{name}: has capabilities"
            resources = container.get("resources", {})
            if "memory" not in resources.get("limits", {}) or set(resources.get("requests", {})) != {"cpu", "memory"}:
                yield f"{name}: processor and memory are not bounded"
    for obj in kustomization.of_kind("Deployment"):
        for container in obj["spec"]["template"]["spec"]["containers"]:
            if "readinessProbe" not in container:
                yield f"{obj['metadata']['name']}: has no readinessProbe"


def the_door(kustomization):
    """koku-intake: what its configuration says and what its pods have."""
    settings = tomllib.loads(kustomization.files["koku-intake.toml"])
    deployment = next(obj for obj in kustomization.of_kind("Deployment") if obj["metadata"]["name"] == "koku-intake")
    spec = deployment["spec"]["template"]["spec"]
    container = spec["containers"][0]
    listened = {int(settings[section]["listen"].rpartition(":")[2]): settings[section]["listen"] for section in ("http", "admin")}
    if set(listened) != {port["containerPort"] for port in container["ports"]}:
        yield f"the configuration listens on {sorted(listened)}, the container has other ports"
    yield from (f"{address} is not reached from outside of the pod" for address in listened.values() if not address.startswith("0.0.0.0:"))
    keys = {**kustomization.generated("configMapGenerator"), **kustomization.generated("secretGenerator")}
    certificate = {"tls.crt", "tls.key"}  # of a service
    there = {"/etc/koku-intake/koku-intake.toml"} & mounted(spec, container, keys, certificate)
    if not there:
        yield "the configuration is not where the image looks for it"
    for path in re.findall(r"/(?:etc|run)/[\w./-]+", kustomization.files["koku-intake.toml"]):
        if path not in mounted(spec, container, keys, certificate):
            yield f"nothing is mounted at {path}"
    sizes = {"MB": MEGABYTE, "GB": 1024 * MEGABYTE}
    number, unit = re.fullmatch(r"(\d+)(MB|GB)", settings["payload"]["max_memory"]).groups()
    most = 1.3 * int(number) * sizes[unit] + 64 * MEGABYTE
    if quantity(container["resources"]["limits"]["memory"]) < most:
        yield f"the limit of memory is less than {most / MEGABYTE:.0f} MB"
    drain = int(settings["service"]["drain_delay"].removesuffix("s")) + int(settings["service"].get("drain_timeout", "25s").removesuffix("s"))
    if spec["terminationGracePeriodSeconds"] <= drain:
        yield f"it is killed before it has drained, which takes up to {drain} s"
    if {"startupProbe", "livenessProbe", "readinessProbe"} - set(container):
        yield "a probe is missing"
    if not container["securityContext"].get("readOnlyRootFilesystem"):
        yield "its root file system can be written to"
    if spec["securityContext"].get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "it has no seccomp profile"
    if spec.get("automountServiceAccountToken") is not False:
        yield "it gets a token of the cluster that it does not need"


def mounted(spec, container, keys, certificate):
    """The paths of all keys that are mounted."""
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    paths = set()
    for mount in container["volumeMounts"]:
        volume = volumes.get(mount["name"], {})
        name = volume.get("configMap", {}).get("name") or volume.get("secret", {}).get("secretName")
        for key in certificate if name == "koku-intake-certificate" else keys.get(name, []):
            paths.add(f"{mount['mountPath']}/{key}")
    return paths


# --- Containerfiles ---------------------------------------------------------------------------------------------------------
def instructions(text):
    """(instruction, arguments) of a Containerfile."""
    lines = [line for line in text.split("\n") if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).split("\n"):
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word, rest.strip()


def packages_of(text):
    """The packages that a Containerfile installs, by the number of its stage."""
    stage, found = -1, []
    for word, rest in instructions(text):
        stage += word == "FROM"
        for command in re.split(r"&&|;", rest) if word == "RUN" else []:
            words = shlex.split(command)
            if words[:2] == ["apt-get", "install"]:
                found.append((stage, [name for name in words[2:] if not name.startswith("-")]))
    return found


def containerfile(text):
    stages, users, entry = [], [], None
    for word, rest in instructions(text):
        if word not in ("FROM", "RUN", "WORKDIR", "COPY", "USER", "EXPOSE", "ENTRYPOINT", "CMD"):
            yield f"{word} is no instruction"
        if word == "FROM":
            stages.append(rest.split(" AS ")[1] if " AS " in rest else "")
            users = []
            if not re.match(r"docker\.io/library/(debian:12-slim|postgres:15-bookworm)( AS \w+)?$", rest):
                yield f"FROM {rest}: not one of the images that the packages fit"
        if word == "COPY":
            words = rest.split()
            if words[0].startswith("--from="):
                if words[0].removeprefix("--from=") not in stages[:-1]:
                    yield f"COPY {rest}: there is no such stage"
            else:
                yield from (f"COPY {name}: is not there" for name in words[:-1] if not (PROJECT / name).exists())
        if word == "USER":
            users.append(rest)
        if word in ("ENTRYPOINT", "CMD"):
            entry = json.loads(rest)
        if word == "RUN" and "apt-get install" in rest and "apt-get update" not in rest:
            yield "packages are installed from lists of another day"
    if not entry:
        yield "nothing is run"
    if entry and entry[0] == "koku-intake" and not (users and users[-1].isdigit()):
        yield "USER is not a number, so that nobody can tell that it is not root"
    if not packages_of(text):
        yield "no packages are installed"


def known_to_apt(names):
    """Of packages of Debian, those that apt does not know."""
    answer = subprocess.run(["apt-cache", "show", "--no-all-versions", *names], capture_output=True, text=True)
    return sorted(set(names) - set(re.findall(r"^Package: (\S+)$", answer.stdout, re.MULTILINE)))


# --- the tests --------------------------------------------------------------------------------------------------------------
def with_change(kustomization, change):
    changed = copy.deepcopy(kustomization)
    change(changed)
    return changed


def at(kustomization, kind, *path):
    """The part of the first object of a kind at a path."""
    part = kustomization.of_kind(kind)[0]
    for step in path:
        part = part[step]
    return part


POD = ("spec", "template", "spec")
CONTAINER = (*POD, "containers", 0)
# A fault in examples/openshift, and the check that must find it.
FAULTS = {
    "a word that Kubernetes does not know": (forms, lambda k: at(k, "Deployment", *CONTAINER).update(imagePullPolicies="Always")),
    "a number where a text belongs": (forms, lambda k: at(k, "Deployment", "metadata").update(name=3)),
    "a list where a mapping belongs": (forms, lambda k: at(k, "Service", "spec").update(selector=["app"])),
    "a termination that routers do not know": (forms, lambda k: at(k, "Route", "spec", "tls").update(termination="terminate")),
    "a route without a service": (forms, lambda k: at(k, "Route", "spec").pop("to")),
    "a policy of a type that is none": (forms, lambda k: at(k, "NetworkPolicy", "spec").update(policyTypes="Ingress")),
    "a kind that is not known": (forms, lambda k: at(k, "Service").update(kind="Services")),
    "a file that is not listed": (files_of_the_kustomization, lambda k: k.files.update({"more.yaml": ""})),
    "a file that is not there": (files_of_the_kustomization, lambda k: k.settings["resources"].append("less.yaml")),
    "a secret in the open": (files_of_the_kustomization, lambda k: k.settings["secretGenerator"][0]["files"].append("password")),
    "an image without a name": (files_of_the_kustomization, lambda k: at(k, "Deployment", *CONTAINER).update(image="other")),
    "labels that the selector does not fit": (selectors, lambda k: at(k, "Deployment", "spec", "selector", "matchLabels").update(app="x")),
    "a service of no pods": (selectors, lambda k: at(k, "Service", "spec").update(selector={"app": "x"})),
    "a policy for no pods": (selectors, lambda k: at(k, "NetworkPolicy", "spec").update(podSelector={"matchLabels": {"app": "x"}})),
    "a budget for no pods": (selectors, lambda k: at(k, "PodDisruptionBudget", "spec", "selector", "matchLabels").update(app="x")),
    "a port that the pods do not have": (ports, lambda k: at(k, "Service", "spec", "ports", 0).update(targetPort="http")),
    "a route to no port": (ports, lambda k: at(k, "Route", "spec", "port").update(targetPort="http")),
    "a route to no service": (ports, lambda k: at(k, "Route", "spec", "to").update(name="x")),
    "a policy that opens another port": (ports, lambda k: at(k, "NetworkPolicy", "spec", "ingress", 0, "ports", 0).update(port="http")),
    "a probe of another port": (ports, lambda k: at(k, "Deployment", *CONTAINER, "livenessProbe", "httpGet").update(port="http")),
    "a privileged port": (ports, lambda k: at(k, "Deployment", *CONTAINER, "ports", 0).update(containerPort=443)),
    "a ConfigMap that nothing makes": (volumes_and_keys, lambda k: at(k, "Deployment", *POD, "volumes", 0, "configMap").update(name="x")),
    "a Secret that nothing makes": (volumes_and_keys, lambda k: at(k, "Deployment", *POD, "volumes", 1, "secret").update(secretName="x")),
    "a certificate that nothing makes": (volumes_and_keys, lambda k: at(k, "Service", "metadata").pop("annotations")),
    "a mount without a volume": (volumes_and_keys, lambda k: at(k, "Deployment", *POD, "volumes").pop()),
    "a key that is not there": (volumes_and_keys, lambda k: at(k, "Deployment", *CONTAINER, "volumeMounts", 0).update(subPath="x")),
    "a user id": (security, lambda k: at(k, "Deployment", *POD, "securityContext").update(runAsUser=1000)),
    "root": (security, lambda k: at(k, "Deployment", *POD, "securityContext").pop("runAsNonRoot")),
    "a capability": (security, lambda k: at(k, "Deployment", *CONTAINER, "securityContext", "capabilities").update(add=["CHOWN"])),
    "escalation": (security, lambda k: at(k, "Deployment", *CONTAINER, "securityContext").pop("allowPrivilegeEscalation")),
    "no limit of memory": (security, lambda k: at(k, "Deployment", *CONTAINER, "resources").pop("limits")),
    "a root file system that can be written": (the_door, lambda k: at(k, "Deployment", *CONTAINER, "securityContext").pop("readOnlyRootFilesystem")),
    "a limit of memory below the budget": (the_door, lambda k: at(k, "Deployment", *CONTAINER, "resources", "limits").update(memory="256Mi")),
    "a grace period below the drain": (the_door, lambda k: at(k, "Deployment", *POD).update(terminationGracePeriodSeconds=30)),
    "a file that the configuration names in vain": (the_door, lambda k: k.settings["secretGenerator"][0]["files"].pop()),
    "a configuration elsewhere": (the_door, lambda k: at(k, "Deployment", *CONTAINER, "volumeMounts", 0).update(mountPath="/config")),
    "a probe less": (the_door, lambda k: at(k, "Deployment", *CONTAINER).pop("startupProbe")),
    "a configuration that listens elsewhere": (
        the_door, lambda k: k.files.update({"koku-intake.toml": k.files["koku-intake.toml"].replace("0.0.0.0:8081", "127.0.0.1:8082")})),
}
CONTAINERFILE_FAULTS = {
    "an instruction that is none": lambda text: text.replace("WORKDIR", "WORKDIRECTORY"),
    "a stage that is not there": lambda text: text.replace("--from=build", "--from=builder"),
    "a file that is not there": lambda text: text.replace("koku_onprem.control", "koku.control"),
    "a user by name": lambda text: text.replace("USER 10001", "USER koku-intake"),
    "lists of another day": lambda text: text.replace("apt-get update && ", ""),
    "another distribution": lambda text: text.replace("debian:12-slim", "debian:13-slim"),
    "nothing to run": lambda text: re.sub(r"ENTRYPOINT.*", "", text),
}


def tests():
    """Name and problems of each test."""
    for name, checks in (("openshift", (forms, files_of_the_kustomization, selectors, ports, volumes_and_keys, security, the_door)),
                         ("koku", (forms, files_of_the_kustomization, selectors, ports, volumes_and_keys, security))):
        kustomization = Kustomization(EXAMPLES / name)
        for check in checks:
            yield f"examples/{name}: {check.__name__.replace('_', ' ')}", lambda check=check, k=kustomization: list(check(k))
    sound = Kustomization(EXAMPLES / "openshift")
    for name, (check, change) in FAULTS.items():
        yield f"found by {check.__name__.replace('_', ' ')}: {name}", lambda check=check, change=change: (
            [] if list(check(with_change(sound, change))) else ["the fault is not found"])
    files = sorted((EXAMPLES / "images").glob("Containerfile.*"))
    for file in files:
        text = file.read_text()
        yield f"examples/images/{file.name}", lambda text=text: list(containerfile(text))
        yield f"examples/images/{file.name}: packages are known to apt", lambda text=text: known_to_apt(
            [package for _, packages in packages_of(text) for package in packages])
    intake = (EXAMPLES / "images" / "Containerfile.intake").read_text()
    for name, change in CONTAINERFILE_FAULTS.items():
        yield f"found in a Containerfile: {name}", lambda change=change: (
            [] if list(containerfile(change(intake))) else ["the fault is not found"])
    yield "found by apt: a package that is none", lambda: (
        [] if known_to_apt(["libc6", "koku-no-such-package"]) == ["koku-no-such-package"] else ["the fault is not found"])


def main():
    wanted = sys.argv[1:]
    passed = failed = 0
    for name, find_problems in tests():
        if wanted and not any(word in name for word in wanted):
            continue
        problems = find_problems()
        passed, failed = (passed, failed + 1) if problems else (passed + 1, failed)
        print(f"{'FAILED ' if problems else 'ok     '} {name}")
        for problem in problems:
            print(f"        {problem}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
