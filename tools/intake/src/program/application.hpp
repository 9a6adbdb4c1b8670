// Puts the parts together and ends them in order.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "database/run_caller.hpp"
#include "database/servers.hpp"
#include "forms/memory_budget.hpp"
#include "http/admin_pages.hpp"
#include "http/http_connections.hpp"
#include "http/http_listener.hpp"
#include "http/upload_service.hpp"
#include "kafka/kafka_intake.hpp"
#include "observe/metrics.hpp"
#include "report/cost_reader.hpp"
#include "report/reports.hpp"
#include "settings/configuration.hpp"

namespace koku::intake {

class Application {
 public:
  /// configuration_path: read again on SIGHUP; may be empty.
  Application(Configuration configuration, std::string configuration_path);

  /// Serves until SIGTERM or SIGINT, then drains. Returns the exit status of the program: 0, or 1 when the draining
  /// time was too short. Throws when an endpoint cannot be opened.
  int run();

 private:
  void open_listeners();
  boost::asio::awaitable<void> watch_signals();
  boost::asio::awaitable<void> feed_watchdog(Duration interval);
  boost::asio::awaitable<void> drain();
  boost::asio::awaitable<void> sleep(Duration duration);
  boost::asio::awaitable<void> watch_certificate();
  boost::asio::awaitable<void> watch_inbox();
  boost::asio::awaitable<void> check_tenants_once();
  void ask_about_inbox();
  void check_tenants();
  void use_tls(std::shared_ptr<boost::asio::ssl::context> tls);
  void reload();
  bool is_drained() const;
  bool is_ready() const;
  AdminPage page(std::string_view path) const;
  AdminPage readiness() const;

  Configuration configuration_;
  std::string configuration_path_;
  Metrics metrics_;
  MemoryBudget memory_;
  boost::asio::io_context io_;
  boost::asio::signal_set signals_;
  HttpConnections upload_connections_;
  HttpConnections admin_connections_;
  boost::asio::thread_pool login_pool_;
  boost::asio::thread_pool token_pool_;
  std::optional<Servers> servers_;
  std::optional<Reports> reports_;
  std::optional<CostReader> cost_reader_;
  std::optional<UploadService> upload_service_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  std::optional<HttpListener> upload_listener_;
  std::optional<HttpListener> admin_listener_;
  std::optional<KafkaIntake> kafka_;
  std::list<RunCaller> run_callers_;
  bool draining_ = false;
  bool drained_ = false;
};

}  // namespace koku::intake
