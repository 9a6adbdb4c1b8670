"""The cost operator as the door sees it: the calls of one cycle in its order, with its headers, and its judgement of the answers.

Written from the calls that the operator makes (its own code is Go); what it shows in its resource is in Cycle.
"""
import base64
import dataclasses
import http.client
import json
import os
import ssl
import urllib.parse

PAYLOAD_TYPE = "application/vnd.redhat.hccm.tar+tgz"


class CallFailed(Exception):
    """An answer that is none of success, as the operator's status shows it."""


@dataclasses.dataclass
class Cycle:
    """What the operator writes into the status of its resource."""
    auth_error: str = ""
    source_defined: bool = False
    source_error: str = ""
    upload_error: str = ""
    upload_status: str = ""
    request_ids: list = dataclasses.field(default_factory=list)


class Operator:
    def __init__(self, api_url, ca_file, *, cluster_id, source_name, create_source=False, sources_path="/api/sources/v1.0/",
                 ingress_path="/api/ingress/v1/upload", user=None, password=None, token_url=None, client_id=None,
                 client_secret=None):
        self.api_url, self.sources_path, self.ingress_path = api_url, sources_path, ingress_path
        self.context = ssl.create_default_context(cafile=ca_file)
        self.cluster_id, self.source_name, self.create_source = cluster_id, source_name, create_source
        self.user, self.password = user, password
        self.token_url, self.client_id, self.client_secret = token_url, client_id, client_secret
        self.authorization = None

    def request(self, method, url, body=None, headers=None):
        """Status, headers and body of an answer; each call has a connection of its own here and waits 30 s."""
        target = urllib.parse.urlsplit(url)
        connection = http.client.HTTPSConnection(target.netloc, timeout=30, context=self.context)
        try:
            path = target.path + (f"?{target.query}" if target.query else "")
            connection.request(method, path, body=body, headers={
                "User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def call(self, method, url, body=None, headers=None):
        status, headers, text = self.request(method, url, body, {"Authorization": self.authorization, **(headers or {})})
        if not 200 <= status < 300:
            raise CallFailed(f"status: {status} | error response: {text}")
        if headers.get("Transfer-Encoding"):
            raise CallFailed("failed to process the response: its body is in chunks")  # which the operator does not undo
        return headers, text

    def get(self, resource, **filters):
        # As Go's url.Values encodes them: brackets in percent, blanks as '+', sorted by name.
        query = urllib.parse.urlencode(sorted((f"filter[{name}]", value) for name, value in filters.items()))
        return json.loads(self.call("GET", f"{self.api_url}{self.sources_path}{resource}" + (f"?{query}" if query else ""))[1])

    def post(self, resource, values):
        text = self.call("POST", f"{self.api_url}{self.sources_path}{resource}", json.dumps(values),
                         {"Content-Type": "application/json"})[1]
        return json.loads(text)

    def login(self):
        if self.user is not None:
            secret = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            self.authorization = f"Basic {secret}"
            self.call("GET", f"{self.api_url}{self.sources_path}sources")  # tries the credentials
            return
        form = urllib.parse.urlencode({"client_id": self.client_id, "client_secret": self.client_secret,
                                       "grant_type": "client_credentials", "scope": "api.console"})
        status, _, text = self.request("POST", self.token_url, form, {"Content-Type": "application/x-www-form-urlencoded"})
        if status != 200:
            raise CallFailed(f"failed to obtain service-account token: status: {status}, error: {text}")
        self.authorization = f"Bearer {json.loads(text)['access_token']}"

    @staticmethod
    def one(answer, kinds=("id", "name")):
        """The only item of a collection, whose members have to be texts; None for any other count."""
        count = answer["meta"]["count"]
        assert isinstance(count, int), "the operator reads the count into an integer"
        if count != 1:
            return None
        for kind in kinds:
            assert isinstance(answer["data"][0][kind], str), kind
        return answer["data"][0]

    def find_source(self, **filters):
        return self.one(self.get("sources", **filters), ("id", "name", "source_type_id", "source_ref"))

    def define_source(self):
        """None when the source is defined, else the text of source_error."""
        kind = self.one(self.get("source_types", name="openshift"))
        if kind is None:
            return "failed to obtain the source type ID for OpenShift"
        if self.find_source(source_type_id=kind["id"], source_ref=self.cluster_id, name=self.source_name):
            return None
        if not self.create_source:
            return f"No OpenShift source registered with name {self.source_name} and Cluster ID {self.cluster_id}."
        known = self.find_source(source_type_id=kind["id"], source_ref=self.cluster_id)
        if known:
            return f"This cluster may already be registered with a different name ({known['name']})."
        other = self.find_source(name=self.source_name)
        if other:
            return f"An OpenShift source with name {self.source_name} is registered with {other['source_ref']}."
        application = self.one(self.get("application_types", name="/insights/platform/cost-management"))
        source = self.post("sources", {"source_type_id": kind["id"], "name": self.source_name, "source_ref": self.cluster_id})
        assert isinstance(source["id"], str)
        self.post("applications", {"source_id": source["id"], "application_type_id": application["id"]})
        return None

    def upload(self, payload, name):
        boundary = os.urandom(30).hex()
        head = (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="/tmp/upload/{name}"\r\n'
                f"Content-Type: {PAYLOAD_TYPE}\r\n\r\n")
        body = head.encode() + payload + f"\r\n--{boundary}--\r\n".encode()
        status, headers, text = self.request("POST", f"{self.api_url}{self.ingress_path}", body, {
            "Authorization": self.authorization, "Content-Type": f"multipart/form-data; boundary={boundary}"})
        return status, headers.get("x-rh-insights-request-id"), text

    def cycle(self, payloads):
        """One cycle: credentials, source, then each tarball by itself."""
        result = Cycle()
        try:
            self.login()
        except CallFailed as failure:
            result.auth_error = str(failure)
            return result
        try:
            result.source_error = self.define_source() or ""
            result.source_defined = not result.source_error
        except CallFailed as failure:
            result.source_error = str(failure)
        if not result.source_defined:
            result.upload_error = "Reports are being stored until a valid source is registered"
            return result
        for number, payload in enumerate(payloads):
            status, request_id, text = self.upload(payload, f"20261118T000000-cost-mgmt-{number}.tar.gz")
            result.upload_status = str(status)
            if status != 202:
                result.upload_error = text
                return result
            result.request_ids.append(request_id)
        return result
