#include "program/application.hpp"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include "http/tls.hpp"
#include "http/upload_session.hpp"
#include "program/service_manager.hpp"
#include "program/version.hpp"

namespace koku::intake {

namespace asio = boost::asio;

namespace {

constexpr unsigned login_threads = 2;
constexpr unsigned most_admin_connections = 32;
constexpr Duration drain_poll{20};
constexpr const char* text_type = "text/plain; charset=utf-8";

}  // namespace

Application::Application(Configuration configuration, std::string configuration_path)
    : configuration_(std::move(configuration)),
      configuration_path_(std::move(configuration_path)),
      memory_(configuration_.payload.max_memory, &metrics_),
      signals_(io_, SIGTERM, SIGINT, SIGHUP),
      upload_connections_(metrics_),
      admin_connections_(metrics_),
      login_pool_(login_threads) {}

int Application::run() {
  std::signal(SIGPIPE, SIG_IGN);
  set_log_level(configuration_.service.log_level);
  log(LogLevel::info, "koku-intake starts", {{"version", version}});
  tls_ = make_tls(configuration_.http);
  submitter_.emplace(configuration_.database, metrics_);
  open_listeners();
  if (!configuration_.kafka.brokers.empty()) kafka_.emplace(configuration_, *submitter_, memory_, metrics_);
  if (configuration_.run.interval > Duration::zero()) run_caller_.emplace(configuration_, metrics_);

  asio::co_spawn(io_, watch_signals(), asio::detached);
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
    upload_service_.emplace(UploadService{configuration_.http, configuration_.payload, configuration_.kafka.service,
                                          std::make_shared<CredentialStore>(configuration_.credentials), memory_,
                                          *submitter_, metrics_, login_pool_});
    upload_listener_.emplace(io_, configuration_.http.listen, "uploads", configuration_.http.max_connections,
                             upload_connections_, [this](asio::ip::tcp::socket socket) {
                               return serve_uploads(std::move(socket), tls_, *upload_service_, upload_connections_);
                             });
    upload_listener_->start();
  }
  if (configuration_.admin.listen.is_set()) {
    admin_listener_.emplace(io_, configuration_.admin.listen, "admin", most_admin_connections, admin_connections_,
                            [this](asio::ip::tcp::socket socket) {
                              return serve_admin(
                                  std::move(socket), [this](std::string_view path) { return page(path); },
                                  admin_connections_);
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
      log(LogLevel::warning, "a second signal ends the service at once");
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

void Application::reload() {
  try {
    auto next = load_configuration(configuration_path_, intake_environment());
    const auto tls = make_tls(next.http);
    if (static_cast<bool>(tls) != static_cast<bool>(tls_)) {
      throw ConfigurationError("http.certificate_file: TLS is switched on and off by a restart only");
    }
    set_log_level(next.service.log_level);
    tls_ = tls;
    if (upload_service_) upload_service_->credentials = std::make_shared<CredentialStore>(next.credentials);
    if (kafka_) kafka_->set_tenants(next.tenants);
    log(LogLevel::info, "read again: credentials, tenants, TLS certificate and log level; the rest needs a restart");
  } catch (const ConfigurationError& error) {
    log(LogLevel::error, "the configuration cannot be read again; the old one stays", {{"reason", error.what()}});
  }
}

asio::awaitable<void> Application::drain() {
  draining_ = true;
  const auto deadline = Clock::now() + configuration_.service.drain_timeout;
  log(LogLevel::info, "draining: what was begun is finished, nothing new is taken",
      {{"connections", upload_connections_.size()}, {"milliseconds", configuration_.service.drain_timeout.count()}});
  notify_service_manager("STOPPING=1");
  if (upload_listener_) upload_listener_->stop();
  upload_connections_.drain();
  if (kafka_) kafka_->drain(deadline);
  while (!is_drained() && Clock::now() < deadline) co_await sleep(drain_poll);
  drained_ = is_drained();
  if (drained_) {
    run_caller_.reset();
    kafka_.reset();
    submitter_.reset();
  }
  io_.stop();
}

bool Application::is_drained() const { return upload_connections_.size() == 0 && (!kafka_ || kafka_->has_ended()); }

bool Application::is_ready() const {
  // With uploads, Kafka being away is no reason to send senders elsewhere.
  const bool needs_kafka = kafka_ && !upload_listener_;
  return !draining_ && submitter_->is_available() && (!needs_kafka || kafka_->is_connected());
}

AdminPage Application::readiness() const {
  nlohmann::ordered_json body{{"ready", is_ready()}, {"database", submitter_->is_available() ? "up" : "away"}};
  if (kafka_) body["kafka"] = kafka_->is_connected() ? "up" : "away";
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
