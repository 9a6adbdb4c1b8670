// What the program is told: one TOML file, and environment variables that override it.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "observe/log.hpp"
#include "settings/credentials.hpp"
#include "settings/tenant_map.hpp"
#include "settings/units.hpp"

namespace koku::intake {

/// A configuration that cannot be used. The text names the file and line, or the environment variable.
class ConfigurationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An address and a port to listen at.
struct Endpoint {
  std::string address;  ///< IPv4 or IPv6, without brackets; empty: do not listen
  std::uint16_t port = 0;

  bool is_set() const { return !address.empty(); }
};

/// '127.0.0.1:8080', '[::]:8443'; an empty text gives an endpoint that is not set. Throws std::invalid_argument.
Endpoint parse_endpoint(const std::string& text);

/// Each member's meaning, unit and default stand in the table of settings (settings.cpp), which --help prints.
struct Configuration {
  struct Database {
    std::string conninfo;
    std::string password_file;
    std::string schema;
    unsigned connections = 0;
    Duration connect_timeout{};
    Duration submit_timeout{};

    /// The same database by another connection string, as another role; as it is for an empty one.
    Database by(const std::string& other_conninfo, const std::string& other_password_file) const;
  } database;

  /// Where tenants are.
  struct Server {
    std::string name;   ///< empty: there is no [[server]], and it is the one of [database]
    Database database;  ///< for payloads and what senders ask
    Database report;    ///< the same, as the role that reads
    Database run;       ///< the same, as the role that calls koku_run()
  };
  std::vector<Server> servers;  ///< at least one

  /// Whether each tenant has to be looked for.
  bool has_named_servers() const { return !servers.empty() && !servers.front().name.empty(); }

  struct Payload {
    std::uint64_t max_size = 0;
    std::uint64_t max_memory = 0;
  } payload;

  struct Http {
    Endpoint listen;
    std::string path;
    std::string certificate_file;
    std::string key_file;
    std::string client_ca_file;
    std::string ciphers;
    bool plain = false;
    std::vector<std::string> trusted_proxies;
    bool access_log = false;
    unsigned max_connections = 0;
    unsigned max_connections_per_address = 0;
    unsigned max_requests_per_address = 0;
    unsigned max_requests_per_credential = 0;
    unsigned max_uploads_per_credential = 0;
    Duration head_timeout{};
    Duration body_timeout{};
    Duration idle_timeout{};
    Duration failed_login_pause{};
  } http;

  struct Sources {
    std::vector<std::string> path;
    bool create = false;
  } sources;

  struct Jwt {
    std::string issuer;
    std::vector<std::string> audience;
    std::string jwks_url;
    std::string jwks_file;
    std::vector<std::string> allow;
    std::vector<std::string> networks;
    std::string ca_file;
    std::vector<std::string> algorithms;
    std::vector<std::string> client_claims;
    Duration leeway{};
    Duration refresh{};
    Duration retry_pause{};
    Duration keep{};
    Duration timeout{};

    bool is_set() const { return !issuer.empty(); }
  } jwt;

  struct Report {
    std::string path;
    std::string conninfo;
    std::string password_file;
    unsigned parallel = 0;
    Duration timeout{};
    Duration metrics_interval{};
  } report;

  struct Admin {
    Endpoint listen;
  } admin;

  struct Kafka {
    std::string brokers;
    std::string group;
    std::string topic;
    std::string validation_topic;
    std::string service;
    unsigned parallel = 0;
    unsigned attempts = 0;
    Duration retry_pause{};
    Duration retry_pause_max{};
    std::string password_file;
    std::map<std::string, std::string> properties;  ///< of librdkafka
  } kafka;

  struct Download {
    std::vector<std::string> allow;
    std::vector<std::string> networks;
    std::string ca_file;
    Duration connect_timeout{};
    Duration timeout{};
    unsigned max_redirects = 0;
  } download;

  struct Run {
    Duration interval{};
    std::string conninfo;
    unsigned max_seconds = 0;
  } run;

  struct Service {
    LogLevel log_level = LogLevel::info;
    Duration drain_delay{};
    Duration drain_timeout{};
  } service;

  std::vector<Credential> credentials;
  std::vector<Reader> readers;
  TenantMap tenants;
};

using Environment = std::map<std::string, std::string>;

/// The variables of this process whose names begin with KOKU_INTAKE_.
Environment intake_environment();

/// Reads the file (none when the path is empty) and then the variables, and checks what they say together. Files that
/// hold secrets are read here. Throws ConfigurationError.
Configuration load_configuration(const std::string& path, const Environment& environment);

/// A file's content without the line break at its end. Throws ConfigurationError when it cannot be read or is empty.
std::string read_secret(const std::string& path);

}  // namespace koku::intake
