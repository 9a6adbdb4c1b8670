#include "settings/configuration.hpp"

#include <unistd.h>

#include <toml++/toml.h>
#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include "kafka/download_policy.hpp"
#include "observe/encoding.hpp"
#include "settings/settings.hpp"
#include "tokens/key_set.hpp"

namespace koku::intake {
namespace {

constexpr std::string_view environment_prefix = "KOKU_INTAKE_";

/// 'file:line' of something in the file, for errors.
std::string place(const std::string& path, const toml::node& node) {
  return path + ":" + std::to_string(node.source().begin.line);
}

/// A value as it would stand in an environment variable; lists are joined with commas.
std::string value_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* array = node.as_array()) {
    std::string joined;
    for (const auto& item : *array) {
      const auto* text = item.as_string();
      if (text == nullptr) throw std::invalid_argument("expected a list of texts");
      joined += (joined.empty() ? "" : ",") + text->get();
    }
    return joined;
  }
  throw std::invalid_argument("expected a text, a whole number, true, false or a list of texts");
}

const Setting* find_setting(std::string_view key) {
  for (const auto& setting : settings()) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

/// Reads the file into a configuration.
class FileReader {
 public:
  /// Throws ConfigurationError when the file cannot be read or is no TOML.
  FileReader(std::string path, Configuration& configuration)
      : path_(std::move(path)), to_(configuration), document_(parse()) {}

  /// All but the servers.
  void read() {
    for (const auto& [key, node] : document_) {
      const std::string name(key.str());
      if (name == "server") continue;
      if (name == "credential") {
        for_each_table(node, name, [this](const toml::table& table) { read_credential(table); });
      } else if (name == "reader") {
        for_each_table(node, name, [this](const toml::table& table) { read_reader(table); });
      } else if (name == "tenant") {
        for_each_table(node, name, [this](const toml::table& table) { read_tenant(table); });
      } else if (const auto* section = node.as_table()) {
        read_section(name, *section);
      } else {
        throw error(node, name + " stands outside of a section");
      }
    }
  }

  /// Once [database] is complete, from the file and the environment: it holds for every server that says nothing else.
  void read_servers() {
    const auto* node = document_.get("server");
    if (node == nullptr) return;
    for_each_table(*node, "server", [this](const toml::table& table) { read_server(table); });
    const auto stands_outside = [&](const std::string& value, const std::string& setting, const std::string& instead) {
      if (!value.empty()) throw error(*node, setting + ": with [[server]], each of them has its own " + instead);
    };
    stands_outside(to_.database.conninfo, "database.conninfo", "conninfo");
    stands_outside(to_.report.conninfo, "report.conninfo", "report_conninfo");
    stands_outside(to_.report.password_file, "report.password_file", "report_password_file");
    stands_outside(to_.run.conninfo, "run.conninfo", "run_conninfo");
  }

 private:
  toml::table parse() const {
    std::ifstream file(path_);
    if (!file) throw ConfigurationError(path_ + ": cannot be read");
    try {
      return toml::parse(file, path_);
    } catch (const toml::parse_error& problem) {
      throw ConfigurationError(path_ + ":" + std::to_string(problem.source().begin.line) + ": " +
                               std::string(problem.description()));
    }
  }

  ConfigurationError error(const toml::node& node, const std::string& message) const {
    return ConfigurationError(place(path_, node) + ": " + message);
  }

  template <class Read>
  void for_each_table(const toml::node& node, const std::string& name, Read read) const {
    const auto* array = node.as_array();
    if (array == nullptr) throw error(node, name + " must be written as [[" + name + "]]");
    for (const auto& item : *array) {
      const auto* table = item.as_table();
      if (table == nullptr) throw error(item, name + " must be written as [[" + name + "]]");
      read(*table);
    }
  }

  void read_section(const std::string& section, const toml::table& table) {
    for (const auto& [key, node] : table) {
      const auto name = section + "." + std::string(key.str());
      if (name == "kafka.properties" && node.is_table()) {
        read_kafka_properties(*node.as_table());
        continue;
      }
      const auto* setting = find_setting(name);
      if (setting == nullptr) throw error(node, "there is no setting " + name);
      apply(*setting, name, node, to_);
    }
  }

  void apply(const Setting& setting, const std::string& name, const toml::node& node, Configuration& to) const {
    try {
      setting.apply(to, value_text(node));
    } catch (const std::invalid_argument& problem) {
      throw error(node, name + ": " + problem.what());
    }
  }

  void read_server(const toml::table& table) {
    const std::set<std::string> own{"name", "report_conninfo", "report_password_file", "run_conninfo"};
    Configuration read;
    read.database = to_.database;
    read.database.conninfo.clear();
    std::map<std::string, std::string> values;
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (const auto* setting = find_setting("database." + name)) {
        apply(*setting, name, node, read);
      } else if (own.contains(name)) {
        values[name] = text_of(name, node);
      } else {
        throw error(node, "there is no setting " + name + " here");
      }
    }
    if (values["name"].empty()) throw error(table, "a server needs a name");
    if (read.database.conninfo.empty()) throw error(table, "server " + values["name"] + " needs a conninfo");
    for (const auto& other : to_.servers) {
      if (other.name == values["name"]) throw error(table, "server " + other.name + " occurs twice");
    }
    to_.servers.push_back({values["name"], read.database,
                           read.database.by(values["report_conninfo"], values["report_password_file"]),
                           read.database.by(values["run_conninfo"], {})});
  }

  /// "security.protocol" = "SSL", or unquoted, where TOML makes tables of the dots.
  void read_kafka_properties(const toml::table& table, const std::string& prefix = {}) {
    for (const auto& [key, node] : table) {
      const auto name = prefix + std::string(key.str());
      if (const auto* inner = node.as_table()) {
        read_kafka_properties(*inner, name + ".");
      } else {
        try {
          to_.kafka.properties[name] = value_text(node);
        } catch (const std::invalid_argument& problem) {
          throw error(node, "kafka.properties." + name + ": " + problem.what());
        }
      }
    }
  }

  /// The texts of a table, but for a list of this name; any other key or type is an error.
  std::map<std::string, std::string> texts(const toml::table& table, const std::set<std::string>& known,
                                           std::string_view list = {}) const {
    std::map<std::string, std::string> result;
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (name == list) continue;
      if (!known.contains(name)) throw error(node, "there is no setting " + name + " here");
      result[name] = text_of(name, node);
    }
    return result;
  }

  std::string text_of(const std::string& name, const toml::node& node) const {
    const auto* text = node.as_string();
    if (text == nullptr || text->get().empty()) throw error(node, name + " must be a text that is not empty");
    return text->get();
  }

  void read_credential(const toml::table& table) {
    const auto values = texts(
        table, {"name", "user", "password_hash", "password_file", "token_sha256", "token_file", "client_id", "tenant"});
    const auto has = [&values](const char* key) { return values.contains(key); };
    Credential credential;
    if (has("tenant")) credential.tenant = values.at("tenant");
    const auto proofs =
        has("password_hash") + has("password_file") + has("token_sha256") + has("token_file") + has("client_id");
    if (proofs != 1) {
      throw error(
          table, "a credential needs exactly one of password_hash, password_file, token_sha256, token_file, client_id");
    }
    if (has("user") != (has("password_hash") || has("password_file"))) {
      throw error(table, "a credential with a password needs a user, any other must not have one");
    }
    if (has("user")) {
      read_password(table, values, credential);
    } else if (has("client_id")) {
      read_client(table, values, credential);
    } else {
      read_token(table, values, credential);
    }
    if (has("name")) credential.name = values.at("name");
    to_.credentials.push_back(credential);
  }

  void read_reader(const toml::table& table) {
    const auto values = texts(table, {"name", "user", "password_hash", "password_file", "claim", "value"}, "tenants");
    const auto has = [&values](const char* key) { return values.contains(key); };
    Reader reader;
    reader.tenants = identifiers(table, "tenants");
    if (reader.tenants.empty()) {
      throw error(table, "a reader needs tenants, whose reports it may see; [\"*\"] for all");
    }
    const bool is_user = has("user") && has("password_hash") != has("password_file") && !has("claim") && !has("value");
    const bool is_claim =
        has("claim") && has("value") && !has("user") && !has("password_hash") && !has("password_file");
    if (!is_user && !is_claim) {
      throw error(table, "a reader needs user with one of password_hash and password_file, or claim and value");
    }
    if (is_user) {
      read_password(table, values, reader.credential);
    } else {
      reader.claim = values.at("claim");
      reader.value = values.at("value");
      reader.credential.name = reader.value;
    }
    if (has("name")) reader.credential.name = values.at("name");
    to_.readers.push_back(reader);
  }

  bool is_known_user(const std::string& user) const {
    return std::any_of(to_.credentials.begin(), to_.credentials.end(),
                       [&user](const Credential& other) { return other.user == user; }) ||
           std::any_of(to_.readers.begin(), to_.readers.end(),
                       [&user](const Reader& other) { return other.credential.user == user; });
  }

  void read_password(const toml::table& table, const std::map<std::string, std::string>& values,
                     Credential& credential) {
    credential.user = credential.name = values.at("user");
    if (credential.user.find(':') != std::string::npos) throw error(table, "a user cannot have a colon");
    if (is_known_user(credential.user)) throw error(table, "user " + credential.user + " occurs twice");
    if (values.contains("password_file")) {
      credential.password_digest = sha256(read_secret(values.at("password_file")));
      return;
    }
    credential.password_hash = values.at("password_hash");
    if (!is_password_hash(credential.password_hash)) {
      throw error(table, "password_hash is not a hash that this system knows; make one with: openssl passwd -6");
    }
  }

  void read_token(const toml::table& table, const std::map<std::string, std::string>& values, Credential& credential) {
    credential.name = "token " + std::to_string(to_.credentials.size() + 1);
    if (values.contains("token_file")) {
      credential.token_digest = sha256(read_secret(values.at("token_file")));
      return;
    }
    const auto digest = decode_hex(values.at("token_sha256"));
    if (!digest || digest->size() != 32) throw error(table, "token_sha256 must have 64 hexadecimal digits");
    credential.token_digest = *digest;
  }

  void read_client(const toml::table& table, const std::map<std::string, std::string>& values, Credential& credential) {
    credential.client_id = credential.name = values.at("client_id");
    for (const auto& other : to_.credentials) {
      if (other.client_id == credential.client_id) {
        throw error(table, "client_id " + credential.client_id + " occurs twice");
      }
    }
  }

  void read_tenant(const toml::table& table) {
    std::string tenant;
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (name != "name" && name != "org_ids" && name != "accounts") {
        throw error(node, "there is no setting " + name + " here");
      }
    }
    if (const auto* name = table.get_as<std::string>("name")) tenant = name->get();
    if (tenant.empty()) throw error(table, "a tenant needs a name");
    for (const auto& org_id : identifiers(table, "org_ids")) {
      checked(table, [&] { to_.tenants.add_organization(org_id, tenant); });
    }
    for (const auto& account : identifiers(table, "accounts")) {
      checked(table, [&] { to_.tenants.add_account(account, tenant); });
    }
  }

  template <class Action>
  void checked(const toml::node& node, Action action) const {
    try {
      action();
    } catch (const std::invalid_argument& problem) {
      throw error(node, problem.what());
    }
  }

  std::vector<std::string> identifiers(const toml::table& table, const char* key) const {
    std::vector<std::string> result;
    const auto* node = table.get(key);
    if (node == nullptr) return result;
    const auto* array = node->as_array();
    if (array == nullptr) throw error(*node, std::string(key) + " must be a list of texts");
    for (const auto& item : *array) {
      const auto* text = item.as_string();
      if (text == nullptr) throw error(item, std::string(key) + " must be a list of texts");
      result.push_back(text->get());
    }
    return result;
  }

  std::string path_;
  Configuration& to_;
  toml::table document_;
};

void apply_environment(const Environment& environment, Configuration& configuration) {
  std::set<std::string> known{"KOKU_INTAKE_CONFIG"};
  for (const auto& setting : settings()) {
    const auto variable = setting.environment_variable();
    known.insert(variable);
    const auto found = environment.find(variable);
    if (found == environment.end()) continue;
    try {
      setting.apply(configuration, found->second);
    } catch (const std::invalid_argument& problem) {
      throw ConfigurationError(variable + ": " + problem.what());
    }
  }
  for (const auto& [variable, value] : environment) {
    if (!known.contains(variable)) throw ConfigurationError(variable + ": there is no such setting");
  }
}

bool is_loopback(const Endpoint& endpoint) { return boost::asio::ip::make_address(endpoint.address).is_loopback(); }

void check_http(const Configuration& configuration) {
  const auto& http = configuration.http;
  if (!http.path.starts_with('/')) throw ConfigurationError("http.path: must begin with '/'");
  if (http.certificate_file.empty() != http.key_file.empty()) {
    throw ConfigurationError("http.certificate_file and http.key_file: set both or none");
  }
  if (!http.listen.is_set()) return;
  if (configuration.credentials.empty() && configuration.report.path.empty()) {
    throw ConfigurationError("http.listen: nobody could upload, because there is no [[credential]]");
  }
  if (http.certificate_file.empty() && !http.client_ca_file.empty()) {
    throw ConfigurationError("http.client_ca_file: needs http.certificate_file and http.key_file");
  }
  if (http.certificate_file.empty() && !http.plain && !is_loopback(http.listen)) {
    throw ConfigurationError(
        "http.listen: passwords would cross the network unprotected; set http.certificate_file and http.key_file, or "
        "http.plain = true when TLS ends at a proxy in front");
  }
}

void check_networks(const char* name, const std::vector<std::string>& networks) {
  try {
    for (const auto& network : networks) AddressRange{network};
  } catch (const std::invalid_argument& problem) {
    throw ConfigurationError(std::string(name) + ": " + problem.what());
  }
}

void check_sources(const Configuration& configuration) {
  for (const auto& path : configuration.sources.path) {
    if (!path.starts_with('/') || !path.ends_with('/')) {
      throw ConfigurationError("sources.path: '" + path + "' must begin and end with '/'");
    }
    if (configuration.http.path.starts_with(path) &&
        configuration.http.path.find('/', path.size()) == std::string::npos) {
      throw ConfigurationError("sources.path: '" + path + "' is where uploads go (http.path)");
    }
  }
}

void check_report(const Configuration& configuration) {
  const auto& path = configuration.report.path;
  if (path.empty()) {
    if (!configuration.readers.empty()) {
      throw ConfigurationError("report.path: is not set, so that a [[reader]] has no reports to look at");
    }
    return;
  }
  if (path.size() < 2 || !path.starts_with('/') || !path.ends_with('/')) {
    throw ConfigurationError("report.path: '" + path + "' must begin and end with '/', with a name between");
  }
  if (configuration.readers.empty()) {
    throw ConfigurationError("report.path: nobody could look at reports, because there is no [[reader]]");
  }
  if (!configuration.http.listen.is_set()) {
    throw ConfigurationError("report.path: needs http.listen, where reports are served");
  }
  if (configuration.http.path.starts_with(path)) {
    throw ConfigurationError("report.path: '" + path + "' is where uploads go (http.path)");
  }
  for (const auto& other : configuration.sources.path) {
    if (other.starts_with(path) || path.starts_with(other)) {
      throw ConfigurationError("report.path: '" + path + "' and '" + other + "' (sources.path) overlap");
    }
  }
}

void check_jwt(Configuration& configuration) {
  auto& jwt = configuration.jwt;
  for (const auto& reader : configuration.readers) {
    if (!reader.claim.empty() && !jwt.is_set()) {
      throw ConfigurationError("jwt.issuer: is not set, so that there are no tokens with claim " + reader.claim +
                               " of a [[reader]]");
    }
  }
  for (const auto& credential : configuration.credentials) {
    if (!credential.client_id.empty() && !jwt.is_set()) {
      throw ConfigurationError("jwt.issuer: is not set, so that client_id " + credential.client_id +
                               " of a [[credential]] has no tokens");
    }
  }
  if (!jwt.is_set()) return;
  if (jwt.audience.empty()) {
    throw ConfigurationError("jwt.audience: must be set, or tokens for other services of the issuer would be taken");
  }
  if (jwt.jwks_url.empty() == jwt.jwks_file.empty()) {
    throw ConfigurationError("jwt.jwks_url and jwt.jwks_file: set exactly one");
  }
  if (jwt.algorithms.empty() || jwt.client_claims.empty()) {
    throw ConfigurationError("jwt.algorithms and jwt.client_claims: must not be empty");
  }
  try {
    for (const auto& name : jwt.algorithms) parse_signature_algorithm(name);
  } catch (const std::invalid_argument& problem) {
    throw ConfigurationError(std::string("jwt.algorithms: ") + problem.what());
  }
  if (jwt.jwks_url.empty()) return;
  if (jwt.allow.empty()) jwt.allow = {origin_of(jwt.jwks_url)};
  if (!jwt.jwks_url.starts_with("https://")) {
    throw ConfigurationError(
        "jwt.jwks_url: must begin with https://, or anybody on the way could put keys of their own");
  }
}

void check_kafka(const Configuration& configuration) {
  const auto& kafka = configuration.kafka;
  for (const auto* name : {"enable.auto.commit", "enable.auto.offset.store", "group.id", "bootstrap.servers",
                           "enable.partition.eof", "enable.idempotence"}) {
    if (kafka.properties.contains(name)) {
      throw ConfigurationError(std::string("kafka.properties.") + name + ": is set by koku-intake itself");
    }
  }
  if (kafka.brokers.empty()) return;
  if (kafka.topic.empty()) throw ConfigurationError("kafka.topic: must not be empty");
  if (kafka.group.empty()) throw ConfigurationError("kafka.group: must not be empty");
  if (configuration.download.allow.empty()) {
    throw ConfigurationError("download.allow: nothing could be downloaded, because no origin is allowed");
  }
}

void check_servers(const Configuration& configuration) {
  for (const auto& server : configuration.servers) {
    if (server.database.schema.empty()) throw ConfigurationError("database.schema: must not be empty");
  }
  if (!configuration.has_named_servers()) return;
  // Which server has the cluster of a payload cannot be known before the payload is taken.
  for (const auto& credential : configuration.credentials) {
    if (!credential.tenant) {
      throw ConfigurationError("[[credential]] " + credential.name + ": with [[server]], it needs a tenant");
    }
  }
  if (!configuration.kafka.brokers.empty() && configuration.tenants.empty()) {
    throw ConfigurationError("kafka.brokers: with [[server]], a [[tenant]] has to say whose the payloads are");
  }
}

void check(Configuration& configuration) {
  check_servers(configuration);
  check_http(configuration);
  check_networks("http.trusted_proxies", configuration.http.trusted_proxies);
  check_sources(configuration);
  check_report(configuration);
  check_jwt(configuration);
  check_kafka(configuration);
  if (configuration.payload.max_memory / 2 < configuration.payload.max_size) {
    throw ConfigurationError("payload.max_memory: is less than twice payload.max_size, which one upload may need");
  }
  try {
    DownloadPolicy(configuration.download.allow, configuration.download.networks);
  } catch (const std::invalid_argument& problem) {
    throw ConfigurationError(std::string("download: ") + problem.what());
  }
  if (!configuration.http.listen.is_set() && configuration.kafka.brokers.empty() &&
      configuration.run.interval == Duration::zero()) {
    throw ConfigurationError("nothing to do: none of http.listen, kafka.brokers and run.interval is set");
  }
}

Configuration::Server only_server(const Configuration& configuration) {
  const auto& database = configuration.database;
  return {{},
          database,
          database.by(configuration.report.conninfo, configuration.report.password_file),
          database.by(configuration.run.conninfo, {})};
}

}  // namespace

Configuration::Database Configuration::Database::by(const std::string& other_conninfo,
                                                    const std::string& other_password_file) const {
  auto database = *this;
  if (other_conninfo.empty()) return database;
  database.conninfo = other_conninfo;
  database.password_file = other_password_file;
  return database;
}

Endpoint parse_endpoint(const std::string& text) {
  Endpoint endpoint;
  if (text.empty()) return endpoint;
  const auto fail = [&text] {
    return std::invalid_argument("'" + text + "' is no address with a port, as 127.0.0.1:8080 or [::]:8443");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) throw fail();
  endpoint.address = text.substr(0, colon);
  const bool brackets =
      endpoint.address.size() > 2 && endpoint.address.front() == '[' && endpoint.address.back() == ']';
  if (brackets) endpoint.address = endpoint.address.substr(1, endpoint.address.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(endpoint.address, error);
  if (error || address.is_v6() != brackets) throw fail();
  const auto* begin = text.data() + colon + 1;
  const auto* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(begin, end, endpoint.port);
  if (problem != std::errc() || stop != end) throw fail();
  return endpoint;
}

Environment intake_environment() {
  Environment result;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const auto equals = text.find('=');
    if (!text.starts_with(environment_prefix) || equals == std::string_view::npos) continue;
    result.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

std::string read_secret(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  auto secret = content.str();
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (!file || secret.empty()) throw ConfigurationError(path + ": cannot be read, or is empty");
  return secret;
}

Configuration load_configuration(const std::string& path, const Environment& environment) {
  Configuration configuration;
  for (const auto& setting : settings()) setting.apply(configuration, std::string(setting.default_value));
  std::optional<FileReader> file;
  if (!path.empty()) file.emplace(path, configuration).read();
  apply_environment(environment, configuration);
  if (file) file->read_servers();
  if (configuration.servers.empty()) configuration.servers.push_back(only_server(configuration));
  check(configuration);
  return configuration;
}

}  // namespace koku::intake
