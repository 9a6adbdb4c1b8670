#!/usr/bin/env bash
# What scripts/demo.sh --intake does: a payload goes the whole way, from the operator's upload to the summary.
#
# Starts a private server and koku-intake, uploads a sample payload over HTTPS as the operator does, and then only looks:
# koku-intake has the inbox drained. Everything ends with the script; with --keep it waits for Enter first, so that a browser
# can look at the report.
set -euo pipefail
source "$(dirname "$0")/private-server.sh"
keep=${1:-}

"$project/scripts/install-deps.sh" --intake
private_server_start
build_intake
directory=$private_server_directory/files
intake_process=
end_demo() {
  if [ -n "$intake_process" ]; then
    kill -TERM "$intake_process" 2>/dev/null || true
    wait "$intake_process" || true
    intake_process=
  fi
  private_server_stop
}
trap end_demo EXIT

say "writing a sample payload: three days of a cluster with 60 pods"
last_day=$(date -u -d yesterday +%F)
sample_payload "$directory/payload.tar.gz" --date "$(date -u -d "$last_day - 2 days" +%F)" --days 3

say "preparing the database: extension, cluster, labels, and a role that can hand over payloads and nothing else"
export PGOPTIONS='-c client_min_messages=warning'
psql -X -q -c 'CREATE DATABASE cost'
export PGDATABASE=cost
psql -X -q -v ON_ERROR_STOP=1 >/dev/null <<'END'
CREATE EXTENSION koku_onprem;
SELECT koku_create_source('sample-cluster', 'Sample cluster');
SELECT koku_enable_tags(ARRAY['app', 'environment', 'team']);
SELECT koku_create_roles();
CREATE ROLE "koku-intake" LOGIN;
GRANT koku_ingest TO "koku-intake";
CREATE ROLE "koku-report" LOGIN;
GRANT koku_read TO "koku-report";
END

token=$(openssl rand -hex 16)
openssl rand -hex 8 >"$directory/password"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$directory/key.pem" -out "$directory/certificate.pem" 2>/dev/null
cat >"$directory/koku-intake.toml" <<END
[database]
conninfo = "host=$PGHOST dbname=cost user=koku-intake"
[http]
listen = "127.0.0.1:0"
certificate_file = "$directory/certificate.pem"
key_file = "$directory/key.pem"
[admin]
listen = ""
[run]
interval = "2s"
conninfo = "host=$PGHOST dbname=cost user=$PGUSER"
[report]
path = "/report/"
conninfo = "host=$PGHOST dbname=cost user=koku-report"
[[credential]]
name = "sample-cluster"
token_sha256 = "$(printf %s "$token" | sha256sum | cut -d ' ' -f 1)"
[[reader]]
user = "reader"
password_file = "$directory/password"
tenants = ["koku"]
END
say "starting koku-intake with this configuration:"
sed 's/^/    /' "$directory/koku-intake.toml" >&2
setpriv --pdeathsig TERM -- "$build/intake/koku-intake" --config "$directory/koku-intake.toml" 2>"$directory/intake.log" &
intake_process=$!

# wait_for WHAT COMMAND...: at most a minute.
wait_for() {
  local what=$1 started=$SECONDS
  shift
  until "$@"; do
    if [ $((SECONDS - started)) -ge 60 ] || ! kill -0 "$intake_process" 2>/dev/null; then
      cat "$directory/intake.log" >&2
      fail "$what did not come within a minute"
    fi
    sleep 0.2
  done
}
is_up() {
  port=$(sed -n 's/.*"for":"uploads".*"port":\([0-9]*\).*/\1/p' "$directory/intake.log")
  [ -n "$port" ] && grep -q '"the database is reachable"' "$directory/intake.log"
}
wait_for "koku-intake" is_up

say "uploading the payload, as the operator does"
uploaded_at=$SECONDS
curl --silent --show-error --fail-with-body --cacert "$directory/certificate.pem" --header "Authorization: Bearer $token" \
  --user-agent 'cost-mgmt-operator/0123456 cluster/sample-cluster' --write-out '    status %{http_code}\n' \
  --form "file=@$directory/payload.tar.gz;type=application/vnd.redhat.hccm.tar+tgz" "https://127.0.0.1:$port/api/ingress/v1/upload"

say "waiting for the summary, without another command"
is_summarized() { [ "$(psql -XAqtc 'SELECT count(*) > 0 AND bool_and(summarized_at IS NOT NULL) FROM koku_manifest')" = t ]; }
wait_for "the summary" is_summarized
say "the summary is there $((SECONDS - uploaded_at)) s after the upload"
psql -X -q -P footer=off -v ON_ERROR_STOP=1 -v day="$last_day" <<'END'
SELECT request_id, status FROM koku_inbox_status;
SELECT namespace AS project, round(sum(pod_request_cpu_core_hours), 1) AS "CPU core-hours requested",
       round(sum(pod_usage_cpu_core_hours), 1) AS "used"
FROM koku.reporting_ocp_pod_summary_by_project_p
WHERE usage_start = :'day'
GROUP BY namespace ORDER BY 2 DESC LIMIT 5;
END

month=$(date -u -d "$last_day" +%Y-%m)
address="https://127.0.0.1:$port/report/koku?from=$month-01&to=$(date -u -d "$month-01 + 1 month - 1 day" +%F)&label=team"
say "asking for the report of the month, as a browser does"
curl --silent --show-error --fail-with-body --cacert "$directory/certificate.pem" --user "reader:$(cat "$directory/password")" \
  --output "$build/demo-report.html" --write-out '    status %{http_code}, %{size_download} bytes\n' "$address"
if [ "$keep" = --keep ]; then
  say "the report is at $address until you press Enter"
  echo "    user reader, password $(cat "$directory/password"); the certificate is the demo's own, which the browser will say"
  read -r || true
fi

say "ending koku-intake; its log was:"
kill -TERM "$intake_process"
wait "$intake_process"
intake_process=
sed 's/^/    /' "$directory/intake.log" >&2
cat <<END

The report was at $address
(scripts/demo.sh --intake --keep leaves it there for a browser) and is kept in $build/demo-report.html
What to read next: docs/deploy.md
END
