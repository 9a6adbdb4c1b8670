// koku-intake: takes payloads of the OpenShift cost operator over HTTP and Kafka and puts them into the inbox of
// koku_onprem.
#include <curl/curl.h>
#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <string>

#include "http/tls.hpp"
#include "program/application.hpp"
#include "program/version.hpp"
#include "settings/settings.hpp"

namespace {

using namespace koku::intake;

constexpr const char* usage =
    R"(koku-intake takes payloads of the OpenShift cost operator, from its uploads over HTTP and from the
announcements on Kafka topics, and puts them into the inbox of the PostgreSQL extension koku_onprem.

usage: koku-intake [--config FILE] [--check-config]
       koku-intake --help | --version

  --config FILE    the configuration, in TOML (or KOKU_INTAKE_CONFIG; none: defaults and environment)
  --check-config   says whether the configuration can be used, and ends

Settings stand in sections of the file. Each can be set by an environment variable, too, which overrides the file:
[http] listen is KOKU_INTAKE_HTTP_LISTEN. Durations: ms, s, min, h; sizes: B, kB, MB, GB. Defaults in parentheses.
)";

constexpr const char* usage_of_tables = R"(
  [kafka.properties]   any property of librdkafka, e.g. "security.protocol" = "SASL_SSL"

  [[credential]]       one for each sender that may upload
  user                 of basic authentication, with one of:
    password_hash      as of crypt(5); made by: openssl passwd -6
    password_file      file with the password
  token_sha256         or a bearer token, by its SHA-256: printf %s "$TOKEN" | sha256sum
  token_file           or a file with the token
  client_id            or the name of the sender's tokens from jwt.issuer
  name                 what the log calls the sender
  tenant               tenant of its payloads (none: the one tenant that has the cluster)

  [[reader]]           one for each who may look at reports (report.path)
  user                 of basic authentication, with password_hash or password_file as above
  claim, value         or who has a token from jwt.issuer with this claim ('groups', 'realm_access.roles', 'scope')
  name                 what the log calls the reader
  tenants              whose reports it may see; ["*"] for all

  [[server]]           one for each server, where tenants live on several (no table: the one of [database])
  name                 what the log and the metrics call it
  conninfo, ...        the settings of [database]; what does not stand here is as there
  run_conninfo         run.conninfo for it
  report_conninfo, report_password_file
                       report.conninfo and report.password_file for it

  [[tenant]]           which payloads of Kafka belong to which tenant (no table: the one that has the cluster)
  name                 the tenant
  org_ids, accounts    lists of texts; "*" among org_ids: everybody who is not named

Signals: SIGTERM and SIGINT finish what was begun and end; SIGHUP reads credentials, tenants, TLS certificate and log
level again. Exit status: 0; 1 an error, or not everything was finished; 2 wrong usage or configuration.
)";

struct Options {
  std::string configuration_path;
  bool check_only = false;
};

/// Nothing when an option is not known.
std::optional<Options> parse_options(int count, char** arguments) {
  Options options;
  if (const char* path = std::getenv("KOKU_INTAKE_CONFIG")) options.configuration_path = path;
  for (int index = 1; index < count; ++index) {
    const std::string argument = arguments[index];
    if (argument == "--config" && index + 1 < count) {
      options.configuration_path = arguments[++index];
    } else if (argument == "--check-config") {
      options.check_only = true;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

int serve(const Options& options) {
  try {
    auto configuration = load_configuration(options.configuration_path, intake_environment());
    if (options.check_only) {
      static_cast<void>(make_tls(configuration.http));
      static_cast<void>(Authenticator(configuration));
      std::cout << "the configuration can be used\n";
      return 0;
    }
    return Application(std::move(configuration), options.configuration_path).run();
  } catch (const ConfigurationError& error) {
    std::cerr << "koku-intake: " << error.what() << '\n';
    return 2;
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "--help") == 0) {
    std::cout << usage << settings_help() << usage_of_tables;
    return 0;
  }
  if (count == 2 && std::strcmp(arguments[1], "--version") == 0) {
    std::cout << "koku-intake " << version << '\n';
    return 0;
  }
  const auto options = parse_options(count, arguments);
  if (!options) {
    std::cerr << "koku-intake: wrong usage; see koku-intake --help\n";
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  // Payloads get memory of their own from the system and give it back at once, however many there were.
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  try {
    return serve(*options);
  } catch (const std::exception& error) {
    log(LogLevel::error, "koku-intake cannot continue", {{"reason", error.what()}});
    return 1;
  }
}
