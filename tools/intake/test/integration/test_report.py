"""Reports over HTTP: who gets one, what else comes with it, and that uploads never wait for one."""
import gzip
import os
import re
import subprocess
import threading
import time

from parts import Intake, payload, wait_until
from test_http import TOKEN, UploadTest, credentials
from test_operator import OperatorTest, pod_report, tarballs

CLUSTER = "11111111-1111-4111-8111-111111111111"
READER = ("-u", "reader:a secret of the reader")
EVERYBODY = ("-u", "controller:a secret of the reader")
NOVEMBER = "from=2026-11-01&to=2026-11-30"


def add_reader(database):
    """A role that may read and nothing else, and a cluster with a day of data in tenant_a, one without any beside it."""
    database.query("DROP ROLE IF EXISTS report_reader")
    database.query("CREATE ROLE report_reader LOGIN")
    database.query("GRANT koku_read TO report_reader")
    database.query(f"SELECT koku_create_source('{CLUSTER}', 'Cluster <b>', 'tenant_a', '{CLUSTER}'), "
                   "koku_create_source('other', 'Other & more', 'tenant_a')")
    database.query("SELECT koku_enable_tags(ARRAY['app', 'a&b=<c>'], 'tenant_a')")
    content = tarballs(CLUSTER, "22222222-2222-4222-8222-222222222222", {"0.csv": pod_report("2026-11-05", range(24), 0.5)}, "2026-11-05", "2026-11-05")[0]
    database.query("SET koku_onprem.retention_months = 0; "
                   f"SELECT count(*) FROM koku_ingest_payload(decode('{content.hex()}', 'hex')); "
                   f"SELECT count(*) FROM koku_summarize('{CLUSTER}', 2026, 11)")


def readers(directory):
    with open(os.path.join(directory, "reader"), "w", encoding="utf-8") as file:
        file.write("a secret of the reader\n")
    return f"""
[[reader]]
user = "reader"
password_file = "{directory}/reader"
tenants = ["tenant_a"]
[[reader]]
name = "the controller"
user = "controller"
password_file = "{directory}/reader"
tenants = ["*"]
"""


class ReportTest(UploadTest):
    report = {}

    @classmethod
    def start(cls):
        add_reader(cls.database)
        conninfo = f"host={os.environ['PGHOST']} dbname={cls.database.name} user=report_reader"
        cls.intake = Intake(cls.directory, {
            "database": {"conninfo": cls.database.conninfo(), "connections": 2, "submit_timeout": "5s"},
            "http": {"listen": "127.0.0.1:0", "failed_login_pause": "0"},
            "report": {"path": "/report/", "conninfo": conninfo, **cls.report}},
            credentials(cls.directory) + readers(cls.directory)).wait_ready()

    def curl(self, *arguments):
        # curl leaves the file of an answer alone that has no body.
        with open(os.path.join(self.directory, f"body-{threading.get_ident()}"), "w", encoding="utf-8"):
            pass
        return super().curl(*arguments)

    def get(self, query="?" + NOVEMBER, *arguments, login=READER, tenant="tenant_a"):
        return self.curl(*login, *arguments, self.url(f"/report/{tenant}{query}"))

    def expected(self, arguments="NULL, NULL, NULL, true"):
        return self.database.query(f"SELECT koku_report('tenant_a', '2026-11-01', '2026-11-30', {arguments})")


class Reports(ReportTest):
    report = {"metrics_interval": "1s"}

    def test_a_reader_gets_the_page_of_the_database(self):
        answer = self.get()
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.body.strip(), self.expected())
        self.assertIn("Cluster &lt;b&gt;", answer.body)
        headers = {name: values[0] for name, values in answer.headers.items()}
        self.assertEqual(headers["content-type"], "text/html; charset=utf-8")
        self.assertEqual(headers["content-security-policy"],
                         "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
                         "form-action 'none'; frame-ancestors 'none'")
        self.assertEqual((headers["x-content-type-options"], headers["referrer-policy"], headers["x-frame-options"]),
                         ("nosniff", "no-referrer", "DENY"))
        self.assertEqual((headers["cache-control"], headers["vary"]), ("private, no-cache", "Accept-Encoding, Authorization"))
        line = self.intake.wait_for_log("request answered", request_id=headers["x-rh-insights-request-id"])
        self.assertEqual((line["path"], line["tenant"], line["sender"], line["status"], line["bytes"]),
                         ("/report/tenant_a", "tenant_a", "reader", 200, len(answer.body.encode())))
        self.assertGreater(self.intake.metric('koku_intake_reports_total{outcome="made"}'), 0)

    def test_label_cluster_and_project(self):
        answer = self.get(f"?{NOVEMBER}&label=app&cluster=Cluster+%3Cb%3E&project=shop")
        self.assertEqual(answer.body.strip(), self.expected("'app', 'Cluster <b>', 'shop', true"))
        self.assertIn("By label app", answer.body)

    def test_every_link_leads_to_a_report(self):
        page = self.get(f"?{NOVEMBER}&label=app").body
        links = {link.replace("&amp;", "&").partition("#")[0] for link in re.findall(r'href="(\?[^"]*)"', page)}
        self.assertIn("?from=2026-10-01&to=2026-10-31&label=app", links)
        self.assertIn("?from=2026-12-01&to=2026-12-31&label=app", links)
        self.assertIn(f"?{NOVEMBER}&label=a%26b%3D%3Cc%3E", links)
        self.assertIn(f"?{NOVEMBER}&label=app&cluster={CLUSTER}", links)
        self.assertIn(f"?{NOVEMBER}&label=app&cluster=other", links)
        for link in links:
            self.assertEqual(self.get(link).status, 200, link)
        self.assertNotIn('href="?', self.expected("'app'"))

    def test_without_days_it_is_this_month(self):
        answer = self.get("")
        self.assertEqual(answer.status, 200)
        self.assertIn(time.strftime("%B %Y", time.gmtime()), answer.body)

    def test_what_has_not_changed_is_not_sent_again(self):
        first, second = self.get(), self.get()
        etag = first.headers["etag"][0]
        self.assertRegex(etag, '^W/"[0-9a-f]{32}"$')
        self.assertEqual(second.headers["etag"], [etag])
        for known in (etag, f'"other", {etag}', "*"):
            answer = self.get(f"?{NOVEMBER}", "-H", f"If-None-Match: {known}")
            self.assertEqual((answer.status, answer.body, answer.headers["etag"]), (304, "", [etag]))
            self.assertNotIn("content-length", answer.headers)
        self.assertEqual(self.get(f"?{NOVEMBER}", "-H", 'If-None-Match: "other"').status, 200)
        self.assertNotEqual(self.get("?from=2026-11-01&to=2026-11-29").headers["etag"], [etag])
        head = self.curl(*READER, "--head", self.url(f"/report/tenant_a?{NOVEMBER}"))
        self.assertEqual((head.status, head.headers["etag"]), (200, [etag]))
        self.assertEqual(head.headers["content-length"], [str(len(first.body.encode()))])

    def raw(self, accept):
        return subprocess.run(["curl", "-sS", "-i", "--raw", *READER, "-H", f"Accept-Encoding: {accept}",
                               self.url(f"/report/tenant_a?{NOVEMBER}")], capture_output=True, check=True).stdout.split(b"\r\n\r\n", 1)

    def test_gzip_for_who_takes_it(self):
        plain = self.get()
        for accept in ("gzip", "deflate, gzip;q=0.5, br"):
            head, body = self.raw(accept)
            self.assertIn(b"Content-Encoding: gzip", head)
            self.assertIn(plain.headers["etag"][0].encode(), head)
            self.assertLess(len(body), len(plain.body) / 2)
            self.assertEqual(gzip.decompress(body).decode(), plain.body)
        for accept in ("gzip;q=0", "identity", ""):
            head, body = self.raw(accept)
            self.assertNotIn(b"Content-Encoding", head)
            self.assertEqual(body.decode(), plain.body)

    def test_who_may_not(self):
        sender = ("-H", f"Authorization: Bearer {TOKEN}")
        for login in ((), sender, ("-u", "cluster-b:hashed-secret"), ("-u", "reader:wrong"), ("-u", "nobody:x")):
            answer = self.get(login=login)
            self.assertEqual(answer.status, 401, answer.body)
            self.assertIn('Basic realm="koku-intake reports", charset="UTF-8"', answer.headers["www-authenticate"])
            self.assertEqual(sorted(answer.json), ["error", "request_id", "status"])
        self.assertEqual(self.upload(payload("reader"), login=READER).status, 401)
        self.assertEqual(self.curl(*READER, self.url("/api/sources/v1.0/sources")).status, 401)
        answer = self.get(tenant="tenant_c")
        self.assertEqual((answer.status, answer.json["error"]), (403, "this reader may not see reports of this tenant"))
        self.assertEqual(self.get(tenant="nobody").status, 403)
        self.assertEqual(self.get(login=EVERYBODY, tenant="tenant_c").status, 200)
        answer = self.get(login=EVERYBODY, tenant="nobody")
        self.assertEqual(answer.status, 404)
        self.assertIn('tenant "nobody" does not exist', answer.json["error"])
        self.intake.wait_for_log("request refused", sender="the controller", status=404)

    def test_what_cannot_be_asked(self):
        for query, reason in (("?from=yesterday&to=2026-11-30", "from is not a day"), ("?from=2026-11-01", "to is not a day"),
                              ("?from=2026-11-31&to=2026-12-01", "date/time field value out of range"),
                              ("?from=2026-11-30&to=2026-11-01", "first and the last day"),
                              (f"?{NOVEMBER}&cluster=elsewhere", 'has no cluster "elsewhere"'),
                              (f"?{NOVEMBER}&to=2026-11-30", "twice"), (f"?{NOVEMBER}&label=%ff", "encoding"),
                              (f"?{NOVEMBER}&month=11", "no parameter 'month'"), (f"?{NOVEMBER}&label=%zz", "malformed"),
                              (f"?{NOVEMBER}&label={'x' * 2000}", "longer")):
            answer = self.get(query)
            self.assertEqual(answer.status, 400, answer.body)
            self.assertIn(reason, answer.json["error"])
        for tenant in ("", "tenant_a/more"):
            self.assertEqual(self.get(tenant=tenant).status, 404)
        answer = self.get(f"?{NOVEMBER}", "-X", "POST", "-d", "x")
        self.assertEqual((answer.status, answer.headers["allow"]), (405, ["GET"]))

    def test_numbers_of_costs_for_prometheus(self):
        self.database.query("SELECT koku_set_budget('tenant_a', 'all \"of\" it', '{}', 100)")
        line = 'koku_budget_state{tenant="tenant_a",budget="all \\"of\\" it",state="no costs"} 1\n'
        wait_until(lambda: line in self.intake.admin("/metrics")[1], "the state of the budget")
        page = self.intake.admin("/metrics")[1]
        self.assertIn('koku_budget_amount{tenant="tenant_a",budget="all \\"of\\" it"} 100\n', page)
        self.assertIn('koku_last_payload_timestamp_seconds{tenant="tenant_a",cluster_id="other",cluster="Other & more"} 0\n', page)
        age = time.time() - self.intake.metric(
            f'koku_last_payload_timestamp_seconds{{tenant="tenant_a",cluster_id="{CLUSTER}",cluster="Cluster <b>"}}')
        self.assertTrue(0 <= age < 600, age)
        # The cost of a day of this month, with its currency.
        self.database.query("SELECT koku_create_cost_model('{\"name\": \"m\", \"currency\": \"EUR\", \"rates\": [{\"metric\": "
                            "{\"name\": \"node_cost_per_month\"}, \"tiered_rates\": [{\"value\": 1}]}]}'::jsonb, "
                            f"ARRAY['{CLUSTER}']::uuid[], 'tenant_a')")
        month = time.strftime("%Y-%m-01", time.gmtime())
        self.database.query(f"SELECT koku_internal.ensure_partition('tenant_a', 'reporting_ocp_cost_summary_p', '{month}')")
        self.database.query("INSERT INTO tenant_a.reporting_ocp_cost_summary_p (cluster_id, usage_start, usage_end, source_uuid, "
                            f"cost_model_rate_type, cost_model_cpu_cost) VALUES ('{CLUSTER}', '{month}', '{month}', '{CLUSTER}', "
                            "'Supplementary', 12.5)")
        series = f'koku_month_cost{{tenant="tenant_a",cluster_id="{CLUSTER}",cluster="Cluster <b>",currency="EUR"}}'
        wait_until(lambda: self.intake.metric(series) == 12.5, "the cost of the month")


class Slowness(ReportTest):
    """The function that makes reports is replaced, as a very large tenant or a defect would make it."""
    report = {"timeout": "1s", "parallel": 1, "metrics_interval": "1s"}

    def replace_report(self, body):
        self.database.query(
            "CREATE OR REPLACE FUNCTION koku_report(tenant name, first date, last date, label text DEFAULT NULL, cluster text "
            "DEFAULT NULL, project text DEFAULT NULL, links boolean DEFAULT false) RETURNS text LANGUAGE plpgsql "
            f"SECURITY DEFINER AS $$ BEGIN {body} RETURN 'page'; END $$")

    def test_uploads_do_not_wait_for_reports(self):
        self.replace_report("PERFORM pg_sleep(60);")
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.get())) for _ in range(8)]
        for thread in threads:
            thread.start()
        wait_until(lambda: self.database.query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%koku_report%' AND "
                                               "usename = 'report_reader' AND state = 'active'") == "1", "a report in work")
        for number in range(3):
            began = time.monotonic()
            self.assertEqual(self.upload(payload(f"beside {number}")).status, 202)
            self.assertLess(time.monotonic() - began, 5)
        for thread in threads:
            thread.join()
        for answer in answers:
            self.assertEqual((answer.status, answer.headers["retry-after"]), (503, ["30"]), answer.body)
        self.assertTrue(any("took too long" in answer.json["error"] for answer in answers))
        # What was given up is not worked on any more.
        self.assertEqual(self.database.query("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND usename = "
                                             "'report_reader' AND query LIKE '%koku_report%'"), "0")
        self.assertGreater(self.intake.metric('koku_intake_reports_total{outcome="too_slow"}'), 0)

    def test_the_session_only_reads(self):
        # With the rights of the owner, who could write.
        self.replace_report("INSERT INTO koku_tenant (tenant) VALUES ('written');")
        answer = self.get()
        self.assertEqual(answer.status, 503, answer.body)
        self.intake.wait_for_log("the database made no report", sqlstate="25006")

    def test_a_role_without_the_right(self):
        self.replace_report("")
        self.database.query("REVOKE koku_read FROM report_reader")
        try:
            answer = self.get()
            self.assertEqual((answer.status, answer.json["error"]), (503, "the database made no report; try again later"))
            self.intake.wait_for_log("the database made no report", sqlstate="42501")
            self.intake.wait_for_log("costs cannot be read for /metrics")
        finally:
            self.database.query("GRANT koku_read TO report_reader")
        self.assertEqual(self.get().status, 200)

    def test_sessions_that_the_server_ends_are_made_again(self):
        self.replace_report("")
        self.assertEqual(self.get().status, 200)
        self.database.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'report_reader'")
        self.assertEqual(self.get().status, 200)


class SwitchedOff(UploadTest):
    def test_nothing_is_served_by_default(self):
        answer = self.curl("-H", f"Authorization: Bearer {TOKEN}", self.url("/report/tenant_a"))
        self.assertEqual(answer.status, 404)
        self.assertNotIn("koku_month_cost", self.intake.admin("/metrics")[1])


class ReportTokens(OperatorTest):
    def test_a_token_with_the_claim_of_a_reader(self):
        add_reader(self.database)
        conninfo = f"host={os.environ['PGHOST']} dbname={self.database.name} user=report_reader"
        intake = self.start("""
[[credential]]
client_id = "client-a"
[[reader]]
claim = "groups"
value = "cost-readers"
tenants = ["tenant_a"]
[[reader]]
claim = "realm_access.roles"
value = "auditor"
tenants = ["*"]
""", report={"path": "/report/", "conninfo": conninfo}, jwt={
            "issuer": self.issuer.url, "audience": "koku-intake", "jwks_url": f"{self.issuer.url}/certs",
            "ca_file": f"{self.directory}/authority.pem"})
        operator = self.operator(intake)

        def get(token, tenant="tenant_a"):
            status, _, text = operator.request("GET", f"{operator.api_url}/report/{tenant}?{NOVEMBER}", None,
                                               {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
            return status, text

        token = self.issuer.token
        self.assertEqual(get(token("web", groups=["x", "cost-readers"]))[0], 200)
        self.assertEqual(get(token("web", groups="cost-readers"))[0], 200)
        self.assertEqual(get(token("web", groups=["cost-readers"]), "tenant_b")[0], 403)
        self.assertEqual(get(token("web", realm_access={"roles": ["auditor"]}), "tenant_b")[0], 200)
        for claims in ({}, {"groups": ["cost"]}, {"groups": {"cost-readers": True}}, {"realm_access": {"roles": "cost-readers"}}):
            status, text = get(token("web", **claims))
            self.assertEqual(status, 403, text)
            self.assertIn("no claim", text)
        self.assertEqual(get(token("web", groups=["cost-readers"], exp=1))[0], 401)
        # A sender's token shows nothing, whatever it claims besides.
        status, text = get(token("client-a", groups=["cost-readers"]))
        self.assertEqual(status, 403, text)
        self.assertIn("may not look at reports", text)
        self.assertEqual(intake.wait_for_log("request answered", sender="auditor")["tenant"], "tenant_b")
