#include "program/application.hpp"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <sstream>

#include "http/tls.hpp"
#include "http/upload_session.hpp"
#include "program/service_manager.hpp"
#include "program/version.hpp"

namespace koku::intake {

namespace asio = boost::asio;

namespace {

constexpr unsigned login_threads = 2;
constexpr unsigned token_threads = 4;
constexpr unsigned most_admin_connections = 32;
constexpr Duration certificate_poll{2'000};
constexpr Duration inbox_poll{15'000};
constexpr Duration server_poll{500};
constexpr Duration drain_poll{20};
constexpr const char* text_type = "text/plain; charset=utf-8";

}  // namespace

Application::Application(Configuration configuration, std::string configuration_path)
    : configuration_(std::move(configuration)),
      configuration_path_(std::move(configuration_path)),
      memory_(configuration_.payload.max_memory, &metrics_, configuration_.payload.max_size * PayloadBuffer::copies),
      signals_(io_, SIGTERM, SIGINT, SIGHUP),
      upload_connections_(metrics_,
                          {configuration_.http.max_connections, configuration_.http.max_connections_per_address}),
      admin_connections_(metrics_, {most_admin_connections, 0}),
      login_pool_(login_threads),
      token_pool_(token_threads) {}

int Application::run() {
  std::signal(SIGPIPE, SIG_IGN);
  set_log_level(configuration_.service.log_level);
  log(LogLevel::info, "koku-intake starts", {{"version", version}});
  use_tls(make_tls(configuration_.http));
  servers_.emplace(configuration_, metrics_);
  if (!configuration_.report.path.empty()) reports_.emplace(configuration_, *servers_, metrics_);
  if (configuration_.report.metrics_interval > Duration::zero()) cost_reader_.emplace(configuration_, metrics_);
  open_listeners();
  if (!configuration_.kafka.brokers.empty()) kafka_.emplace(configuration_, *servers_, memory_, metrics_);
  if (configuration_.run.interval > Duration::zero()) {
    for (const auto& server : configuration_.servers) run_callers_.emplace_back(configuration_.run, server, metrics_);
  }

  asio::co_spawn(io_, watch_signals(), asio::detached);
  if (tls_) asio::co_spawn(io_, watch_certificate(), asio::detached);
  asio::co_spawn(io_, watch_inbox(), asio::detached);
  asio::co_spawn(io_, check_tenants_once(), asio::detached);
  if (const auto interval = watchdog_interval()) asio::co_spawn(io_, feed_watchdog(*interval), asio::detached);
  notify_service_manager("READY=1");
  io_.run();

  log(drained_ ? LogLevel::info : LogLevel::error,
      drained_ ? "koku-intake ends" : "koku-intake ends before everything was finished");
  // What did not end in its time still uses the parts that would be destroyed now.
  if (!drained_) ::_exit(1);
  return 0;
}

void Application::open_listeners() {
  if (configuration_.http.listen.is_set()) {
    const auto& http = configuration_.http;
    upload_service_.emplace(UploadService{.settings = http,
                                          .limits = configuration_.payload,
                                          .service = configuration_.kafka.service,
                                          .authenticator = std::make_shared<Authenticator>(configuration_),
                                          .sources = SourcesApi(configuration_.sources),
                                          .proxies = ProxyTrust(http.trusted_proxies),
                                          .requests_of_address = RateLimit(http.max_requests_per_address),
                                          .requests_of_credential = RateLimit(http.max_requests_per_credential),
                                          .uploads_of_credential = {},
                                          .memory = memory_,
                                          .servers = *servers_,
                                          .report_path = configuration_.report.path,
                                          .reports = reports_ ? &*reports_ : nullptr,
                                          .metrics = metrics_,
                                          .login_pool = login_pool_,
                                          .token_pool = token_pool_});
    upload_listener_.emplace(
        io_, http.listen, "uploads", upload_connections_,
        [this](const asio::ip::address& address) { return !upload_service_->proxies.trusts(address); },
        [this](asio::ip::tcp::socket socket) {
          return serve_uploads(std::move(socket), tls_, *upload_service_, upload_connections_);
        });
    upload_listener_->start();
  }
  if (configuration_.admin.listen.is_set()) {
    admin_listener_.emplace(
        io_, configuration_.admin.listen, "admin", admin_connections_, [](const asio::ip::address&) { return false; },
        [this](asio::ip::tcp::socket socket) {
          return serve_admin(
              std::move(socket), [this](std::string_view path) { return page(path); }, admin_connections_);
        });
    admin_listener_->start();
  }
}

asio::awaitable<void> Application::watch_signals() {
  for (;;) {
    const int signal = co_await signals_.async_wait(asio::use_awaitable);
    if (signal == SIGHUP) {
      reload();
    } else if (draining_) {
      log(LogLevel::warning, "a second signal stops the service at once");
      ::_exit(1);
    } else {
      asio::co_spawn(io_, drain(), asio::detached);
    }
  }
}

asio::awaitable<void> Application::feed_watchdog(Duration interval) {
  for (;;) {
    if (!kafka_ || kafka_->is_alive()) notify_service_manager("WATCHDOG=1");
    co_await sleep(interval);
  }
}

asio::awaitable<void> Application::sleep(Duration duration) {
  asio::steady_timer timer(io_, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

void Application::use_tls(std::shared_ptr<asio::ssl::context> tls) {
  tls_ = std::move(tls);
  if (!tls_) return;
  const auto expiry = certificate_expiry(*tls_).time_since_epoch();
  metrics_.certificate_expiry = std::chrono::duration_cast<std::chrono::seconds>(expiry).count();
}

asio::awaitable<void> Application::watch_certificate() {
  auto known = tls_files_version(configuration_.http);
  for (;;) {
    co_await sleep(certificate_poll);
    const auto found = tls_files_version(configuration_.http);
    if (found == known) continue;
    known = found;
    try {
      use_tls(make_tls(configuration_.http));
      log(LogLevel::info, "the TLS certificate was replaced");
    } catch (const ConfigurationError& error) {
      // Certificate and key are two files: between their changes they do not fit.
      log(LogLevel::warning, "the TLS files changed and cannot be used; the old ones stay in force",
          {{"reason", error.what()}});
    }
  }
}

asio::awaitable<void> Application::watch_inbox() {
  for (;;) {
    while (!servers_->is_any_available()) co_await sleep(server_poll);
    ask_about_inbox();
    co_await sleep(inbox_poll);
  }
}

void Application::ask_about_inbox() {
  servers_->ask_each("payloads || ' ' || bytes || ' ' || coalesce(pg_catalog.floor(oldest_seconds), 0)",
                     "koku_inbox_backlog()", [this](const std::string& server, const SubmitOutcome& outcome) {
                       std::int64_t payloads = -1;
                       std::int64_t bytes = -1;
                       std::int64_t oldest = -1;
                       if (outcome.kind == SubmitOutcome::Kind::stored) {
                         std::istringstream(outcome.answer) >> payloads >> bytes >> oldest;
                       }
                       metrics_.inbox_payloads.set(server, payloads);
                       metrics_.inbox_bytes.set(server, bytes);
                       metrics_.inbox_oldest_seconds.set(server, oldest);
                     });
}

/// While a server is away, a tenant that no other has may be there.
asio::awaitable<void> Application::check_tenants_once() {
  while (!servers_->are_all_available()) co_await sleep(server_poll);
  check_tenants();
}

void Application::check_tenants() {
  for (const auto& credential : configuration_.credentials) {
    if (!credential.tenant) continue;
    servers_->ask({"pg_catalog.count(*)",
                   sources_of_tenant,
                   {credential.tenant},
                   [name = credential.name, tenant = *credential.tenant](const SubmitOutcome& outcome) {
                     if (!is_about_missing_tenant(outcome.sqlstate)) return;
                     log(LogLevel::error, "the tenant of a credential does not exist: its requests are refused",
                         {{"sender", name}, {"tenant", tenant}, {"hint", outcome.hint}});
                   },
                   credential.tenant});
  }
}

void Application::reload() {
  try {
    auto next = load_configuration(configuration_path_, intake_environment());
    const auto tls = make_tls(next.http);
    const auto authenticator = std::make_shared<Authenticator>(next);
    if (static_cast<bool>(tls) != static_cast<bool>(tls_)) {
      throw ConfigurationError("http.certificate_file: TLS is switched on and off by a restart only");
    }
    set_log_level(next.service.log_level);
    use_tls(tls);
    if (upload_service_) upload_service_->authenticator = authenticator;
    if (kafka_) kafka_->set_tenants(next.tenants);
    configuration_.credentials = next.credentials;
    configuration_.readers = next.readers;
    configuration_.http.certificate_file = next.http.certificate_file;
    configuration_.http.key_file = next.http.key_file;
    check_tenants();
    log(LogLevel::info, "reloaded: credentials, tenants, TLS certificate and log level; the rest needs a restart");
  } catch (const ConfigurationError& error) {
    log(LogLevel::error, "the configuration could not be reloaded; the old one stays in force",
        {{"reason", error.what()}});
  }
}

asio::awaitable<void> Application::drain() {
  draining_ = true;
  notify_service_manager("STOPPING=1");
  if (configuration_.service.drain_delay > Duration::zero()) {
    log(LogLevel::info, "no longer ready; new connections are still accepted for a moment",
        {{"milliseconds", configuration_.service.drain_delay.count()}});
    co_await sleep(configuration_.service.drain_delay);
  }
  const auto deadline = Clock::now() + configuration_.service.drain_timeout;
  log(LogLevel::info, "draining: what was begun is finished, nothing new is accepted",
      {{"connections", upload_connections_.size()}, {"milliseconds", configuration_.service.drain_timeout.count()}});
  if (upload_listener_) upload_listener_->stop();
  upload_connections_.drain();
  if (kafka_) kafka_->drain(deadline);
  while (!is_drained() && Clock::now() < deadline) co_await sleep(drain_poll);
  drained_ = is_drained();
  if (drained_) {
    run_callers_.clear();
    kafka_.reset();
    reports_.reset();
    cost_reader_.reset();
    servers_.reset();
  }
  io_.stop();
}

bool Application::is_drained() const { return upload_connections_.size() == 0 && (!kafka_ || kafka_->has_ended()); }

bool Application::is_ready() const {
  // With uploads, Kafka being away is no reason to send senders elsewhere.
  const bool needs_kafka = kafka_ && !upload_listener_;
  return !draining_ && servers_->is_any_available() && (!needs_kafka || kafka_->is_connected());
}

AdminPage Application::readiness() const {
  const auto word = [](bool is_up) { return is_up ? "up" : "away"; };
  nlohmann::ordered_json body{{"ready", is_ready()}, {"database", word(servers_->is_any_available())}};
  for (const auto& [server, is_up] : servers_->availability()) body["servers"][server] = word(is_up);
  if (kafka_) body["kafka"] = word(kafka_->is_connected());
  if (draining_) body["draining"] = true;
  return {is_ready() ? 200U : 503U, "application/json", body.dump() + "\n"};
}

AdminPage Application::page(std::string_view path) const {
  if (path == "/healthz") {
    const bool alive = !kafka_ || kafka_->is_alive();
    return {alive ? 200U : 503U, text_type, alive ? "ok\n" : "the consumer does not move\n"};
  }
  if (path == "/readyz") return readiness();
  if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_.text()};
  return {404, text_type, "there are /healthz, /readyz and /metrics\n"};
}

}  // namespace koku::intake
