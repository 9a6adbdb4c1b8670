#!/usr/bin/env bash
# Faults at random moments of ingest, summary and purge: test/faults/run.py. Arguments are passed on: --rounds N, --seed N,
# and classes of faults.
source "$(dirname "$0")/../lib.sh"
# Processes die, not the machine: what was written need not be on the disk, but it must be written. Little memory for sorts
# and hashes makes temporary files. Payloads are read by a thread, small as they are.
private_server_settings="fsync = off
synchronous_commit = on
full_page_writes = off
shared_buffers = 32MB
work_mem = 64kB
restart_after_crash = on
koku_onprem.retention_months = 0
koku_onprem.ingest_threads = 1
koku_onprem.ingest_thread_min_size = 0
koku_onprem.inbox_max_attempts = 20"
need_server
build_generator
files=$private_server_directory/files
payload() {
  "$generate_payload" --output "$files/$1.tar.gz" --date 2026-11-05 --pods 40 --nodes 3 --namespaces 6 --volumes 8 --vms 2 --gpus 2 "${@:2}" >/dev/null
}
payload early --cluster-id faults --hours 10
payload late --cluster-id faults --hours 24
payload other --cluster-id bystander --hours 24
# A server that the test starts again ends with the test, too.
command=$(printf '%q ' "${private_server_as_owner[@]}" setpriv --pdeathsig INT --)
cd "$project/test/faults"
python3 -B run.py --directory "$private_server_directory" --server "$command" "$@"
