#include "settings/settings.hpp"

#include <charconv>
#include <sstream>

#include "forms/header_value.hpp"

namespace koku::intake {
namespace {

using Apply = std::function<void(Configuration&, const std::string&)>;

bool parse_bool(const std::string& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  throw std::invalid_argument("'" + text + "' is neither true nor false");
}

unsigned parse_count(const std::string& text, unsigned smallest, unsigned largest) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < smallest || value > largest) {
    throw std::invalid_argument("'" + text + "' is not a whole number from " + std::to_string(smallest) + " to " +
                                std::to_string(largest));
  }
  return value;
}

std::vector<std::string> parse_list(const std::string& text) {
  std::vector<std::string> items;
  std::istringstream in(text);
  for (std::string item; std::getline(in, item, ',');) {
    if (const auto trimmed = trim(item); !trimmed.empty()) items.emplace_back(trimmed);
  }
  return items;
}

// Each of these makes the function that sets one member of one section.

template <class Section>
Apply text(Section Configuration::*section, std::string Section::*member) {
  return [=](Configuration& to, const std::string& value) { to.*section.*member = value; };
}

template <class Section>
Apply flag(Section Configuration::*section, bool Section::*member) {
  return [=](Configuration& to, const std::string& value) { to.*section.*member = parse_bool(value); };
}

template <class Section>
Apply list(Section Configuration::*section, std::vector<std::string> Section::*member) {
  return [=](Configuration& to, const std::string& value) { to.*section.*member = parse_list(value); };
}

template <class Section>
Apply count(Section Configuration::*section, unsigned Section::*member, unsigned smallest, unsigned largest) {
  return
      [=](Configuration& to, const std::string& value) { to.*section.*member = parse_count(value, smallest, largest); };
}

template <class Section>
Apply duration(Section Configuration::*section, Duration Section::*member, Duration smallest) {
  return [=](Configuration& to, const std::string& value) {
    const auto parsed = parse_duration(value);
    if (parsed < smallest) {
      throw std::invalid_argument("'" + value + "' is less than " + std::to_string(smallest.count()) + "ms");
    }
    to.*section.*member = parsed;
  };
}

template <class Section>
Apply size(Section Configuration::*section, std::uint64_t Section::*member, std::uint64_t largest) {
  return [=](Configuration& to, const std::string& value) {
    const auto parsed = parse_size(value);
    if (parsed == 0 || parsed > largest) throw std::invalid_argument("'" + value + "' is out of range");
    to.*section.*member = parsed;
  };
}

template <class Section>
Apply endpoint(Section Configuration::*section, Endpoint Section::*member) {
  return [=](Configuration& to, const std::string& value) { to.*section.*member = parse_endpoint(value); };
}

// A parameter of a statement and a bytea value end below 1 GB.
constexpr std::uint64_t largest_payload = 1000ULL << 20;
constexpr std::uint64_t largest_memory = 1ULL << 40;
constexpr Duration none{0};
constexpr Duration a_moment{10};

std::vector<Setting> make_settings() {
  using C = Configuration;
  return {
      {"database.conninfo", "", "connection string of libpq; what it leaves out comes from PGHOST and so on",
       text(&C::database, &C::Database::conninfo)},
      {"database.password_file", "", "file with the password", text(&C::database, &C::Database::password_file)},
      {"database.schema", "public", "schema of the extension koku_onprem", text(&C::database, &C::Database::schema)},
      {"database.connections", "4", "connections that store payloads",
       count(&C::database, &C::Database::connections, 1, 100)},
      {"database.connect_timeout", "5s", "for one attempt to connect; whole seconds",
       duration(&C::database, &C::Database::connect_timeout, Duration(2000))},
      {"database.submit_timeout", "20s", "for storing a payload; the operator gives up after 30 s",
       duration(&C::database, &C::Database::submit_timeout, a_moment)},

      {"payload.max_size", "100MB", "largest payload", size(&C::payload, &C::Payload::max_size, largest_payload)},
      {"payload.max_memory", "512MB",
       "memory of all payloads together; who comes when it is used up is sent away with 503",
       size(&C::payload, &C::Payload::max_memory, largest_memory)},

      {"http.listen", "", "address:port for uploads; empty: no uploads", endpoint(&C::http, &C::Http::listen)},
      {"http.path", "/api/ingress/v1/upload", "path of uploads", text(&C::http, &C::Http::path)},
      {"http.certificate_file", "", "TLS certificate with its chain (PEM)", text(&C::http, &C::Http::certificate_file)},
      {"http.key_file", "", "TLS key (PEM)", text(&C::http, &C::Http::key_file)},
      {"http.client_ca_file", "",
       "authorities of client certificates (PEM); when set, only who has such a certificate can connect",
       text(&C::http, &C::Http::client_ca_file)},
      {"http.ciphers", "ECDHE+AESGCM:ECDHE+CHACHA20", "ciphers of TLS 1.2, in the terms of OpenSSL",
       text(&C::http, &C::Http::ciphers)},
      {"http.plain", "false", "allow HTTP without TLS on other addresses than loopback, for a proxy in front",
       flag(&C::http, &C::Http::plain)},
      {"http.trusted_proxies", "", "networks of proxies whose X-Forwarded-For names the peer",
       list(&C::http, &C::Http::trusted_proxies)},
      {"http.access_log", "true", "log every request", flag(&C::http, &C::Http::access_log)},
      {"http.max_connections", "256", "connections at a time", count(&C::http, &C::Http::max_connections, 1, 100000)},
      {"http.max_connections_per_address", "64", "of them from one address, trusted proxies excepted",
       count(&C::http, &C::Http::max_connections_per_address, 1, 100000)},
      {"http.max_requests_per_address", "600", "requests a minute from one address",
       count(&C::http, &C::Http::max_requests_per_address, 1, 1000000)},
      {"http.max_requests_per_credential", "300", "requests a minute with one credential",
       count(&C::http, &C::Http::max_requests_per_credential, 1, 1000000)},
      {"http.max_uploads_per_credential", "16", "uploads and other requests at a time with one credential",
       count(&C::http, &C::Http::max_uploads_per_credential, 1, 100000)},
      {"http.head_timeout", "10s", "for the head of a request, and for a TLS handshake",
       duration(&C::http, &C::Http::head_timeout, a_moment)},
      {"http.body_timeout", "60s", "for the body of a request", duration(&C::http, &C::Http::body_timeout, a_moment)},
      {"http.idle_timeout", "15s", "for the next request on a connection",
       duration(&C::http, &C::Http::idle_timeout, a_moment)},
      {"http.failed_login_pause", "1s", "before a failed login is answered",
       duration(&C::http, &C::Http::failed_login_pause, none)},

      {"sources.path", "/api/cost-management/v1/,/api/sources/v1.0/",
       "prefixes of the calls with which the operator looks for its source; empty: not answered",
       list(&C::sources, &C::Sources::path)},
      {"sources.create", "true", "whether the operator can register its cluster (its source.create_source)",
       flag(&C::sources, &C::Sources::create)},

      {"jwt.issuer", "", "issuer of tokens ('service-account' of the operator); empty: none are accepted",
       text(&C::jwt, &C::Jwt::issuer)},
      {"jwt.audience", "", "a token must be for one of these", list(&C::jwt, &C::Jwt::audience)},
      {"jwt.jwks_url", "", "https URL where the issuer publishes its keys", text(&C::jwt, &C::Jwt::jwks_url)},
      {"jwt.jwks_file", "", "or a file with them", text(&C::jwt, &C::Jwt::jwks_file)},
      {"jwt.allow", "", "origins that keys may be fetched from; empty: that of jwt.jwks_url",
       list(&C::jwt, &C::Jwt::allow)},
      {"jwt.networks", "", "networks to fetch them from; empty: all but this machine and link-local",
       list(&C::jwt, &C::Jwt::networks)},
      {"jwt.ca_file", "", "certificates of authorities (PEM); empty: those of the system",
       text(&C::jwt, &C::Jwt::ca_file)},
      {"jwt.algorithms", "RS256,ES256,PS256", "signatures that are accepted, of these three",
       list(&C::jwt, &C::Jwt::algorithms)},
      {"jwt.client_claims", "azp,client_id", "the first claim of these that a token has names its client",
       list(&C::jwt, &C::Jwt::client_claims)},
      {"jwt.leeway", "30s", "how far the clocks of issuer and intake may differ",
       duration(&C::jwt, &C::Jwt::leeway, none)},
      {"jwt.refresh", "10min", "age at which keys are fetched again", duration(&C::jwt, &C::Jwt::refresh, a_moment)},
      {"jwt.retry_pause", "30s", "between two fetches, whatever asks for them",
       duration(&C::jwt, &C::Jwt::retry_pause, a_moment)},
      {"jwt.keep", "24h", "how long keys serve while their URL cannot be reached",
       duration(&C::jwt, &C::Jwt::keep, a_moment)},
      {"jwt.timeout", "5s", "for fetching the keys", duration(&C::jwt, &C::Jwt::timeout, a_moment)},

      {"report.path", "", "path of reports, such as /report/; empty: none are served",
       text(&C::report, &C::Report::path)},
      {"report.conninfo", "",
       "connection string of a member of koku_read, which makes the reports; empty: that of database.conninfo",
       text(&C::report, &C::Report::conninfo)},
      {"report.password_file", "", "file with the password for report.conninfo",
       text(&C::report, &C::Report::password_file)},
      {"report.parallel", "2", "reports made at a time, each on a connection of its own",
       count(&C::report, &C::Report::parallel, 1, 32)},
      {"report.timeout", "20s", "for making a report", duration(&C::report, &C::Report::timeout, a_moment)},
      {"report.metrics_interval", "0", "reads costs, budgets and ages of payloads for /metrics so often; 0: never",
       duration(&C::report, &C::Report::metrics_interval, none)},

      {"admin.listen", "127.0.0.1:8081", "address:port for /healthz, /readyz and /metrics; empty: none",
       endpoint(&C::admin, &C::Admin::listen)},

      {"kafka.brokers", "", "host:port,host:port; empty: no Kafka", text(&C::kafka, &C::Kafka::brokers)},
      {"kafka.group", "koku-intake", "consumer group", text(&C::kafka, &C::Kafka::group)},
      {"kafka.topic", "platform.upload.announce", "topic of announcements", text(&C::kafka, &C::Kafka::topic)},
      {"kafka.validation_topic", "platform.upload.validation", "topic of confirmations; empty: none",
       text(&C::kafka, &C::Kafka::validation_topic)},
      {"kafka.service", "hccm", "announcements of other services are ignored", text(&C::kafka, &C::Kafka::service)},
      {"kafka.parallel", "4", "payloads in work at a time, one a partition",
       count(&C::kafka, &C::Kafka::parallel, 1, 100)},
      {"kafka.attempts", "10", "downloads of one payload before it is given up",
       count(&C::kafka, &C::Kafka::attempts, 1, 1000)},
      {"kafka.retry_pause", "1s", "after a first failed attempt; doubles with each",
       duration(&C::kafka, &C::Kafka::retry_pause, a_moment)},
      {"kafka.retry_pause_max", "60s", "longest pause", duration(&C::kafka, &C::Kafka::retry_pause_max, a_moment)},
      {"kafka.password_file", "", "file with the value of sasl.password", text(&C::kafka, &C::Kafka::password_file)},

      {"download.allow", "", "origins to download from: https://host:port, https://*.example.org",
       list(&C::download, &C::Download::allow)},
      {"download.networks", "", "networks to download from (10.0.0.0/8); empty: all but this machine and link-local",
       list(&C::download, &C::Download::networks)},
      {"download.ca_file", "", "certificates of authorities (PEM); empty: those of the system",
       text(&C::download, &C::Download::ca_file)},
      {"download.connect_timeout", "10s", "for connecting",
       duration(&C::download, &C::Download::connect_timeout, a_moment)},
      {"download.timeout", "5min", "for a whole download", duration(&C::download, &C::Download::timeout, a_moment)},
      {"download.max_redirects", "3", "redirects that are followed, each to an allowed origin",
       count(&C::download, &C::Download::max_redirects, 0, 20)},

      {"run.interval", "0", "call koku_run() so often; 0: never (pg_cron or a timer does)",
       duration(&C::run, &C::Run::interval, none)},
      {"run.conninfo", "",
       "connection string for koku_run(), which only a superuser can call; empty: that of database.conninfo",
       text(&C::run, &C::Run::conninfo)},
      {"run.max_seconds", "300", "what koku_run() is given", count(&C::run, &C::Run::max_seconds, 1, 86400)},

      {"service.log_level", "info", "debug, info, warning or error",
       [](C& to, const std::string& value) { to.service.log_level = parse_log_level(value); }},
      {"service.drain_delay", "0s", "after SIGTERM, before connections are refused: not ready, but still serving",
       duration(&C::service, &C::Service::drain_delay, none)},
      {"service.drain_timeout", "25s", "for finishing what was begun, after SIGTERM",
       duration(&C::service, &C::Service::drain_timeout, none)},
  };
}

}  // namespace

std::string Setting::environment_variable() const {
  std::string name = "KOKU_INTAKE_";
  for (const char c : key) {
    if (c == '.') {
      name += '_';
    } else {
      name += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
  }
  return name;
}

const std::vector<Setting>& settings() {
  static const std::vector<Setting> table = make_settings();
  return table;
}

std::string settings_help() {
  std::ostringstream out;
  std::string_view section;
  for (const auto& setting : settings()) {
    const auto dot = setting.key.find('.');
    if (setting.key.substr(0, dot) != section) {
      section = setting.key.substr(0, dot);
      out << "\n  [" << section << "]\n";
    }
    std::string name(setting.key.substr(dot + 1));
    name.resize(std::max<std::size_t>(name.size(), 20), ' ');
    out << "  " << name << ' ' << setting.help;
    if (!setting.default_value.empty()) out << " (" << setting.default_value << ")";
    out << '\n';
  }
  return out.str();
}

}  // namespace koku::intake
