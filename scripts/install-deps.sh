#!/usr/bin/env bash
# Installs what the project is built and tested with, on Debian 12. Does nothing when everything is there.
#
#   scripts/install-deps.sh [--lint] [--intake] [--kafka] [--page] [--manifests] [--dashboards] [--image] [--rpm]
#
#   --lint      clang-tidy as well, for scripts/lint.sh
#   --intake    the libraries of koku-intake (tools/intake) as well
#   --kafka     Java and Maven as well, for the Kafka broker that koku-intake is tested with
#   --rpm       what the RPM is built with as well
#   --manifests what checks the manifests in examples/ as well
#   --page      the browser that the report page is looked at with, and what judges it, as well
#   --dashboards  what the dashboard of Grafana is judged with, as well
#   --image     what makes and inspects images without a container engine, as well
#
# No PostgreSQL server of the machine is made or started, and those it has are left as they are.
set -euo pipefail

packages=(
  g++ make cmake pkg-config ccache                        # compilers and builders
  postgresql-15 postgresql-server-dev-15                  # the server and its headers
  postgresql-15-cron                                      # the scheduler that koku_schedule() is tested with
  libarchive-dev libisal-dev libsimdjson-dev              # libraries of the extension
  libboost-test-dev zlib1g-dev faketime python3 python3-venv clang-format shellcheck  # tests
  clang libclang-rt-14-dev                                # fuzzing
  debhelper postgresql-server-dev-all                     # the Debian package
)
for option in "$@"; do
  case $option in
    --lint) packages+=(clang-tidy) ;;
    --intake)
      packages+=(nlohmann-json3-dev libtomlplusplus-dev libboost-dev libpq-dev librdkafka-dev zlib1g-dev
        libcurl4-openssl-dev libssl-dev libcrypt-dev pkg-config curl openssl)
      ;;
    --kafka) packages+=(openjdk-17-jre-headless maven) ;;
    --rpm) packages+=(rpm cpio unzip) ;;
    --manifests) packages+=(python3-jsonschema python3-yaml) ;;
    --page)
      packages+=(chromium libxml2-utils jq)
      # A machine may have them from elsewhere, which Debian's packages would clash with.
      command -v node >/dev/null || packages+=(nodejs)
      command -v npm >/dev/null || packages+=(npm)
      ;;
    --dashboards) packages+=(python3-jsonschema) ;;
    --image) packages+=(umoci skopeo) ;;
    *)
      printf 'install-deps.sh: unknown option %s\n' "$option" >&2
      exit 2
      ;;
  esac
done

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || printf '%s\n' "$package"
  done
}

mapfile -t missing < <(missing_packages)
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    printf 'install-deps.sh: not root, and there is no sudo; as root, run:\n  apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 \
    apt-get --yes --quiet --quiet --option DPkg::Lock::Timeout=600 --option Acquire::Retries=5 "$@" >/dev/null
}

with_retries() {
  local attempt
  for attempt in 1 2 3; do
    if "$@"; then return; fi
    printf 'install-deps.sh: attempt %d failed: %s\n' "$attempt" "$*" >&2
    sleep $((attempt * 5))
  done
  return 1
}

# The package of the server would make and start a cluster of the machine; its own configuration file says not to,
# and is put back afterwards as it was.
configuration=/etc/postgresql-common/createcluster.conf
saved_configuration=
restore_configuration() {
  if [ -n "$saved_configuration" ]; then
    "${as_root[@]}" mv -f "$saved_configuration" "$configuration"
    saved_configuration=
  fi
}
trap restore_configuration EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

printf '== installing %s\n' "${missing[*]}" >&2
with_retries apt_get update
if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
  with_retries apt_get install --no-install-recommends postgresql-common
  "${as_root[@]}" cp -p "$configuration" "$configuration.koku-saved"
  saved_configuration=$configuration.koku-saved
  printf '\ncreate_main_cluster = false\n' | "${as_root[@]}" tee -a "$configuration" >/dev/null
fi
with_retries apt_get install --no-install-recommends "${missing[@]}"
