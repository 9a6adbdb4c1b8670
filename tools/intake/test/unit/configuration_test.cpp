#include "settings/configuration.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "observe/encoding.hpp"
#include "settings/settings.hpp"

using namespace koku::intake;

namespace {

/// A directory for the files of one test.
struct Files {
  Files() : directory(std::filesystem::temp_directory_path() / ("koku-intake-test." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(directory);
  }
  ~Files() { std::filesystem::remove_all(directory); }

  std::string write(const std::string& name, const std::string& content) const {
    const auto path = directory / name;
    std::ofstream(path) << content;
    return path.string();
  }

  Configuration load(const std::string& content, const Environment& environment = {}) const {
    return load_configuration(write("intake.toml", content), environment);
  }

  /// What is wrong with a configuration, without the name of the file; empty when nothing is.
  std::string problem_of(const std::string& content, const Environment& environment = {}) const {
    try {
      load(content, environment);
    } catch (const ConfigurationError& error) {
      const std::string text = error.what();
      const auto path = (directory / "intake.toml").string();
      return text.starts_with(path) ? text.substr(path.size()) : text;
    }
    return {};
  }

  std::filesystem::path directory;
};

const std::string uploads = R"(
[http]
listen = "127.0.0.1:8080"
[[credential]]
name = "robot"
token_sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
)";

const std::string issuer = R"([jwt]
issuer = "https://sso.example.org/realms/cost"
audience = "koku"
jwks_url = "https://sso.example.org:8443/realms/cost/certs"
)";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(configuration, Files)

BOOST_AUTO_TEST_CASE(smallest_file_and_defaults) {
  const auto read = load(uploads);
  BOOST_TEST(read.http.listen.address == "127.0.0.1");
  BOOST_TEST(read.http.listen.port == 8080);
  BOOST_TEST(read.http.path == "/api/ingress/v1/upload");
  BOOST_TEST(read.payload.max_size == 100U << 20);
  BOOST_TEST(read.database.submit_timeout.count() == 20'000);
  BOOST_TEST(read.admin.listen.port == 8081);
  BOOST_TEST(read.kafka.brokers.empty());
  BOOST_TEST(read.credentials.size() == 1);
  BOOST_TEST(read.credentials[0].name == "robot");
  BOOST_TEST(read.credentials[0].token_digest == sha256("abc"));
  BOOST_TEST(!read.credentials[0].tenant);
}

BOOST_AUTO_TEST_CASE(every_kind_of_value) {
  const auto read = load(uploads + R"(
tenant = "a"
[[credential]]
user = "cluster-b"
password_file = ")" + write("password", "secret\n") +
                         R"("
[[tenant]]
name = "a"
org_ids = ["11", "12"]
accounts = ["22"]
[database]
connections = 7
[payload]
max_size = "1MB"
[kafka]
brokers = "k1:9092,k2:9092"
retry_pause = "250ms"
[kafka.properties]
"security.protocol" = "SSL"
ssl.ca.location = "/ca.pem"
[download]
allow = ["https://a", "https://b:1"]
)");
  BOOST_TEST(*read.credentials[0].tenant == "a");
  BOOST_TEST(read.credentials[1].user == "cluster-b");
  BOOST_TEST(read.credentials[1].password_digest == sha256("secret"));
  BOOST_TEST(*read.tenants.find("12", "")->tenant == "a");
  BOOST_TEST(*read.tenants.find("", "22")->tenant == "a");
  BOOST_TEST(read.database.connections == 7);
  BOOST_TEST(read.payload.max_size == 1U << 20);
  BOOST_TEST(read.kafka.brokers == "k1:9092,k2:9092");
  BOOST_TEST(read.kafka.retry_pause.count() == 250);
  BOOST_TEST(read.kafka.properties.at("security.protocol") == "SSL");
  BOOST_TEST(read.kafka.properties.at("ssl.ca.location") == "/ca.pem");
  BOOST_TEST(read.download.allow.size() == 2);
}

BOOST_AUTO_TEST_CASE(environment_goes_before_the_file) {
  const auto read = load(uploads, {{"KOKU_INTAKE_HTTP_LISTEN", "[::1]:9"},
                                   {"KOKU_INTAKE_DOWNLOAD_ALLOW", "https://a, https://b"},
                                   {"KOKU_INTAKE_CONFIG", "elsewhere"}});
  BOOST_TEST(read.http.listen.address == "::1");
  BOOST_TEST(read.http.listen.port == 9);
  BOOST_TEST(read.download.allow.size() == 2);
  const auto without_file = load_configuration("", {{"KOKU_INTAKE_RUN_INTERVAL", "10s"}});
  BOOST_TEST(without_file.run.interval.count() == 10'000);
}

BOOST_AUTO_TEST_CASE(problems_are_named_with_their_place) {
  const struct {
    std::string content;
    std::string problem;
  } cases[] = {
      {"[http\n", ":1: "},
      {"[http]\nlisten = 1\n", ":2: http.listen: '1' is no address with a port, as 127.0.0.1:8080 or [::]:8443"},
      {"[http]\nlitsen = \"\"\n", ":2: there is no setting http.litsen"},
      {"[htpp]\nlisten = \"\"\n", ":2: there is no setting htpp.listen"},
      {"listen = 1\n", ":1: listen stands outside of a section"},
      {"[http]\nplain = 1\n", ":2: http.plain: '1' is neither true nor false"},
      {"[database]\nconnections = 0\n", ":2: database.connections: '0' is not a whole number from 1 to 100"},
      {"[database]\nsubmit_timeout = \"1d\"\n",
       ":2: database.submit_timeout: '1d' has no known unit, expected ms, s, min or h"},
      {"[payload]\nmax_size = \"0\"\n", ":2: payload.max_size: '0' is out of range"},
      {"[payload]\nmax_size = 1.5\n",
       ":2: payload.max_size: expected a text, a whole number, true, false or a list of texts"},
      {"[service]\nlog_level = \"loud\"\n",
       ":2: service.log_level: 'loud' is no log level, expected debug, info, warning or error"},
      {"[credential]\nuser = \"a\"\n", ":1: credential must be written as [[credential]]"},
      {"[[credential]]\nuser = \"a\"\n",
       ":1: a credential needs exactly one of password_hash, password_file, token_sha256, token_file, "
       "client_id"},
      {"[[credential]]\ntoken_sha256 = \"00\"\n", ":1: token_sha256 must have 64 hexadecimal digits"},
      {"[[credential]]\nuser = \"a\"\npassword_hash = \"open\"\n",
       ":1: password_hash is not a hash that this system knows; make one with: openssl passwd -6"},
      {"[[credential]]\npassword_hash = \"x\"\n",
       ":1: a credential with a password needs a user, any other must not have one"},
      {"[[credential]]\npassword = \"x\"\n", ":2: there is no setting password here"},
      {"[[credential]]\nuser = \"\"\n", ":2: user must be a text that is not empty"},
      {"[[tenant]]\norg_ids = [\"1\"]\n", ":1: a tenant needs a name"},
      {"[[tenant]]\nname = \"a\"\norg_ids = \"1\"\n", ":3: org_ids must be a list of texts"},
      {"[[tenant]]\nname = \"a\"\norg_ids = [\"1\", \"1\"]\n", ":1: '1' belongs to two tenants"},
      {"[[tenant]]\nname = \"a\"\norganisations = [\"1\"]\n", ":3: there is no setting organisations here"},
  };
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.content) BOOST_TEST(problem_of(c.content).substr(0, c.problem.size()) == c.problem);
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_together) {
  const struct {
    std::string content;
    Environment environment;
    std::string problem;
  } cases[] = {
      {"", {}, "nothing to do"},
      {"[http]\nlisten = \"127.0.0.1:1\"\n", {}, "http.listen: nobody could upload"},
      {uploads,
       {{"KOKU_INTAKE_HTTP_LISTEN", "0.0.0.0:1"}},
       "http.listen: passwords would cross the network unprotected"},
      {uploads, {{"KOKU_INTAKE_HTTP_KEY_FILE", "/key"}}, "http.certificate_file and http.key_file: set both or none"},
      {uploads, {{"KOKU_INTAKE_HTTP_PATH", "upload"}}, "http.path: must begin with '/'"},
      {uploads, {{"KOKU_INTAKE_PAYLOAD_MAX_MEMORY", "1MB"}}, "payload.max_memory: is less than twice payload.max_size"},
      {uploads, {{"KOKU_INTAKE_KAFKA_BROKERS", "k:9092"}}, "download.allow: nothing could be downloaded"},
      {uploads, {{"KOKU_INTAKE_DOWNLOAD_ALLOW", "k"}}, "download: 'k' is no origin"},
      {uploads,
       {{"KOKU_INTAKE_HTTP_TRUSTED_PROXIES", "proxy"}},
       "http.trusted_proxies: 'proxy' is no address or network"},
      {uploads, {{"KOKU_INTAKE_HTTP_CLIENT_CA_FILE", "/ca"}}, "http.client_ca_file: needs http.certificate_file"},
      {uploads, {{"KOKU_INTAKE_SOURCES_PATH", "/api"}}, "sources.path: '/api' must begin and end with '/'"},
      {uploads,
       {{"KOKU_INTAKE_SOURCES_PATH", "/api/ingress/v1/"}},
       "sources.path: '/api/ingress/v1/' is where uploads go"},
      {uploads + "[[credential]]\nclient_id = \"a\"\n", {}, "jwt.issuer: is not set, so that client_id a of"},
      {uploads + issuer, {{"KOKU_INTAKE_JWT_AUDIENCE", ""}}, "jwt.audience: must be set"},
      {uploads + issuer, {{"KOKU_INTAKE_JWT_JWKS_FILE", "/keys"}}, "jwt.jwks_url and jwt.jwks_file: set exactly one"},
      {uploads + issuer, {{"KOKU_INTAKE_JWT_JWKS_URL", ""}}, "jwt.jwks_url and jwt.jwks_file: set exactly one"},
      {uploads + issuer, {{"KOKU_INTAKE_JWT_JWKS_URL", "http://sso/keys"}}, "jwt.jwks_url: must begin with https://"},
      {uploads + issuer, {{"KOKU_INTAKE_JWT_ALGORITHMS", "HS256"}}, "jwt.algorithms: 'HS256' is none of"},
      {uploads + issuer, {{"KOKU_INTAKE_JWT_ALGORITHMS", "none"}}, "jwt.algorithms: 'none' is none of"},
      {uploads + issuer, {{"KOKU_INTAKE_JWT_CLIENT_CLAIMS", ""}}, "jwt.algorithms and jwt.client_claims: must not be"},
      {uploads, {{"KOKU_INTAKE_HTTP_LISTN", "x"}}, "KOKU_INTAKE_HTTP_LISTN: there is no such setting"},
      {uploads, {{"KOKU_INTAKE_HTTP_LISTEN", "x"}}, "KOKU_INTAKE_HTTP_LISTEN: 'x' is no address with a port"},
      {uploads + "[kafka.properties]\n\"enable.auto.commit\" = \"true\"\n",
       {},
       "kafka.properties.enable.auto.commit: is set by koku-intake itself"},
      {uploads + "[[credential]]\nuser = \"a\"\npassword_file = \"/nowhere\"\n",
       {},
       "/nowhere: cannot be read, or is empty"},
      {uploads + "[[credential]]\nuser = \"a:b\"\npassword_file = \"" + write("p", "x") + "\"\n",
       {},
       ":7: a user cannot have a colon"},
      {uploads + "[[credential]]\nuser = \"a\"\npassword_file = \"" + write("empty", "\n") + "\"\n",
       {},
       write("empty", "\n") + ": cannot be read, or is empty"},
  };
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.problem)
    BOOST_TEST(problem_of(c.content, c.environment).substr(0, c.problem.size()) == c.problem);
  }
  BOOST_TEST(problem_of(uploads, {{"KOKU_INTAKE_HTTP_LISTEN", "0.0.0.0:1"}, {"KOKU_INTAKE_HTTP_PLAIN", "true"}}) == "");
  BOOST_CHECK_THROW(load_configuration("/nowhere/intake.toml", {}), ConfigurationError);
}

BOOST_AUTO_TEST_CASE(tokens_of_an_issuer) {
  const auto read = load(uploads + issuer + "[[credential]]\nclient_id = \"cluster-a\"\ntenant = \"t\"\n");
  BOOST_TEST(read.jwt.is_set());
  BOOST_TEST(read.jwt.allow.at(0) == "https://sso.example.org:8443");
  BOOST_TEST(read.jwt.client_claims.size() == 2U);
  BOOST_TEST(read.jwt.algorithms.size() == 3U);
  BOOST_TEST(read.credentials.at(1).client_id == "cluster-a");
  BOOST_TEST(read.credentials.at(1).name == "cluster-a");
  const auto twice = uploads + issuer + "[[credential]]\nclient_id = \"a\"\n[[credential]]\nclient_id = \"a\"\n";
  BOOST_TEST(problem_of(twice).find("client_id a occurs twice") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_user_is_there_once) {
  const auto sender = "[[credential]]\nuser = \"a\"\npassword_file = \"" + write("p", "x") + "\"\n";
  BOOST_TEST(problem_of(uploads + sender) == "");
  BOOST_TEST(problem_of(uploads + sender + sender) == ":10: user a occurs twice");
}

BOOST_AUTO_TEST_CASE(endpoints) {
  BOOST_TEST(!parse_endpoint("").is_set());
  BOOST_TEST(parse_endpoint("0.0.0.0:0").port == 0);
  BOOST_TEST(parse_endpoint("[::]:8443").address == "::");
  for (const auto* text : {"8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "::1:80",
                           "localhost:80", "[127.0.0.1]:80"}) {
    BOOST_TEST_CONTEXT(text) BOOST_CHECK_THROW(parse_endpoint(text), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(every_setting_stands_in_the_help_once) {
  const auto help = settings_help();
  for (const auto& setting : settings()) {
    const auto line = "\n  " + std::string(setting.key.substr(setting.key.find('.') + 1)) + " ";
    BOOST_TEST_CONTEXT(setting.key) {
      BOOST_TEST(help.find(line) != std::string::npos);
      BOOST_TEST(!setting.help.empty());
    }
  }
  BOOST_TEST(settings().front().environment_variable() == "KOKU_INTAKE_DATABASE_CONNINFO");
}

BOOST_AUTO_TEST_CASE(reports_have_readers) {
  const std::string on = "[report]\npath = \"/report/\"\n";
  const std::string reader =
      "[[reader]]\nuser = \"joe\"\npassword_file = \"" + write("joe", "secret") + "\"\ntenants = [\"a\"]\n";
  const auto read = load(uploads + on + reader);
  BOOST_TEST(read.report.parallel == 2U);
  BOOST_TEST(read.report.metrics_interval.count() == 0);
  BOOST_TEST(read.readers.size() == 1U);
  BOOST_TEST(read.readers[0].credential.name == "joe");
  BOOST_TEST(read.readers[0].may_see("a"));
  BOOST_TEST(!read.readers[0].may_see("b"));
  BOOST_TEST(load(uploads).report.path.empty());
  const auto by_claim =
      load(uploads + issuer + on + "[[reader]]\nclaim = \"groups\"\nvalue = \"x\"\ntenants = [\"*\"]\n");
  BOOST_TEST(by_claim.readers[0].credential.name == "x");
  BOOST_TEST(by_claim.readers[0].may_see("whichever"));

  const auto has = [&](const std::string& content, const std::string& words) {
    const auto problem = problem_of(uploads + content);
    BOOST_TEST(problem.find(words) != std::string::npos, problem << " should have " << words);
  };
  has(on, "no [[reader]]");
  has(reader, "report.path: is not set");
  has("[report]\npath = \"/report\"\n" + reader, "must begin and end with '/'");
  has("[report]\npath = \"/\"\n" + reader, "must begin and end with '/'");
  has("[report]\npath = \"/api/ingress/\"\n" + reader, "is where uploads go");
  has("[report]\npath = \"/api/sources/\"\n" + reader, "overlap");
  has("[report]\npath = \"/api/sources/v1.0/x/\"\n" + reader, "overlap");
  has(on + "[[reader]]\nuser = \"joe\"\ntenants = [\"a\"]\n", "a reader needs user with one of");
  has(on + "[[reader]]\nclaim = \"groups\"\ntenants = [\"a\"]\n", "a reader needs user with one of");
  has(on + reader + "claim = \"groups\"\nvalue = \"x\"\n", "a reader needs user with one of");
  has(on + "[[reader]]\nclaim = \"groups\"\nvalue = \"x\"\n", "a reader needs tenants");
  has(on + "[[reader]]\nclaim = \"groups\"\nvalue = \"x\"\ntenants = [\"a\"]\n", "jwt.issuer: is not set");
  has(on + reader + reader, "user joe occurs twice");
  has(on + reader + "[[credential]]\nuser = \"joe\"\npassword_file = \"" + write("joe", "secret") + "\"\n",
      "user joe occurs twice");
  has(on + reader + "tenant = \"a\"\n", "there is no setting tenant here");
}

BOOST_AUTO_TEST_CASE(without_servers_the_database_is_the_only_one) {
  const auto read = load(uploads + R"(
[database]
conninfo = "host=a"
password_file = "/p"
[report]
conninfo = "host=a user=reader"
[run]
conninfo = "host=a user=postgres"
)");
  BOOST_TEST_REQUIRE(read.servers.size() == 1U);
  BOOST_TEST(!read.has_named_servers());
  BOOST_TEST(read.servers[0].database.conninfo == "host=a");
  BOOST_TEST(read.servers[0].database.password_file == "/p");
  BOOST_TEST(read.servers[0].report.conninfo == "host=a user=reader");
  BOOST_TEST(read.servers[0].report.password_file.empty());
  BOOST_TEST(read.servers[0].run.conninfo == "host=a user=postgres");
}

BOOST_AUTO_TEST_CASE(servers_say_what_the_database_section_does_not) {
  const auto read = load(uploads + R"(tenant = "t"
[[server]]
name = "a"
conninfo = "host=a"
run_conninfo = "host=a user=postgres"
[[server]]
name = "b"
conninfo = "host=b"
password_file = "/b"
schema = "cost"
connections = 9
report_conninfo = "host=b user=reader"
report_password_file = "/reader"
[database]
connections = 2
submit_timeout = "7s"
password_file = "/all"
)",
                         {{"KOKU_INTAKE_DATABASE_SUBMIT_TIMEOUT", "8s"}});
  BOOST_TEST(read.has_named_servers());
  BOOST_TEST_REQUIRE(read.servers.size() == 2U);
  const auto& a = read.servers[0];
  BOOST_TEST(a.name == "a");
  BOOST_TEST(a.database.conninfo == "host=a");
  BOOST_TEST(a.database.password_file == "/all");
  BOOST_TEST(a.database.schema == "public");
  BOOST_TEST(a.database.connections == 2U);
  BOOST_TEST(a.database.submit_timeout.count() == 8000);
  BOOST_TEST(a.run.conninfo == "host=a user=postgres");
  BOOST_TEST(a.run.password_file.empty());
  BOOST_TEST(a.report.conninfo == "host=a");
  BOOST_TEST(a.report.password_file == "/all");
  const auto& b = read.servers[1];
  BOOST_TEST(b.database.password_file == "/b");
  BOOST_TEST(b.database.schema == "cost");
  BOOST_TEST(b.database.connections == 9U);
  BOOST_TEST(b.report.conninfo == "host=b user=reader");
  BOOST_TEST(b.report.password_file == "/reader");
  BOOST_TEST(b.report.schema == "cost");
  BOOST_TEST(b.run.conninfo == "host=b");
}

BOOST_AUTO_TEST_CASE(servers_that_cannot_be_used) {
  const std::string server = "[[server]]\nname = \"a\"\nconninfo = \"host=a\"\n";
  const auto has = [&](const std::string& content, const std::string& words) {
    const auto problem = problem_of(uploads + content);
    BOOST_TEST(problem.find(words) != std::string::npos, problem << " should have " << words);
  };
  const std::string with_tenant = "tenant = \"t\"\n";
  BOOST_TEST(problem_of(uploads + with_tenant + server).empty());
  has(server, "[[credential]] robot: with [[server]], it needs a tenant");
  has(with_tenant + server + server, "server a occurs twice");
  has(with_tenant + "[[server]]\nconninfo = \"host=a\"\n", "a server needs a name");
  has(with_tenant + "[[server]]\nname = \"a\"\n", "server a needs a conninfo");
  has(with_tenant + server + "port = 5432\n", "there is no setting port here");
  has(with_tenant + server + "name_ = \"\"\n", "there is no setting name_ here");
  has(with_tenant + server + "connections = 0\n", "connections: '0' is not a whole number from 1 to 100");
  has(with_tenant + server + "run_conninfo = 1\n", "run_conninfo must be a text");
  has(with_tenant + server + "schema = \"\"\n", "database.schema: must not be empty");
  has(with_tenant + "[server]\nname = \"a\"\n", "server must be written as [[server]]");
  has(with_tenant + server + "[database]\nconninfo = \"host=a\"\n", "database.conninfo: with [[server]], each of them");
  has(with_tenant + server + "[run]\nconninfo = \"host=a\"\n", "has its own run_conninfo");
  has(with_tenant + server + "[report]\nconninfo = \"host=a\"\n", "has its own report_conninfo");
  const std::string kafka = "[kafka]\nbrokers = \"k:9092\"\n[download]\nallow = [\"https://a\"]\n";
  has(with_tenant + server + kafka, "kafka.brokers: with [[server]], a [[tenant]]");
  BOOST_TEST(
      problem_of(uploads + with_tenant + server + kafka + "[[tenant]]\nname = \"t\"\norg_ids = [\"*\"]\n").empty());
}

BOOST_AUTO_TEST_SUITE_END()
