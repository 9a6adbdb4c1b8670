#include "database/run_caller.hpp"

#include <ctime>

#include "observe/log.hpp"

namespace koku::intake {
namespace {

/// koku_run() begins nothing new after its time, but finishes what it began.
constexpr Duration grace{10 * 60 * 1000};

}  // namespace

// Uploads need few rights and koku_run() many: each can have a connection of its own.
RunCaller::RunCaller(const Configuration::Run& settings, const Configuration::Server& server, Metrics& metrics)
    : settings_(settings),
      server_(server.name),
      connect_timeout_(server.run.connect_timeout),
      metrics_(metrics),
      repeater_(server.run, settings_.interval, [this](DatabaseConnection& connection) { work(connection); }) {}

void RunCaller::work(DatabaseConnection& connection) {
  try {
    call(connection);
    report(true, {});
  } catch (const std::exception& error) {
    report(false, error.what());
  }
}

void RunCaller::call(DatabaseConnection& connection) {
  const auto limit = std::chrono::duration_cast<Duration>(std::chrono::seconds(settings_.max_seconds)) + grace;
  if (!connection.is_alive()) connection.connect(limit);
  const auto seconds = std::to_string(settings_.max_seconds);
  connection.execute("CALL " + connection.qualified("koku_run($1::pg_catalog.int4)"), {Parameter::text(seconds)},
                     Clock::now() + limit + connect_timeout_);
}

void RunCaller::report(bool success, const std::string& reason) {
  metrics_.runs.add(success ? "success" : "failure");
  if (success) {
    metrics_.last_run_succeeded.set(server_, static_cast<std::int64_t>(std::time(nullptr)));
    if (!last_reason_.empty()) log(LogLevel::info, "koku_run() succeeds again", of_server(server_));
    last_reason_.clear();
  } else if (reason != last_reason_) {
    log(LogLevel::error, "koku_run() failed", of_server(server_, {{"reason", reason}}));
    last_reason_ = reason;
  }
}

}  // namespace koku::intake
