#include "database/run_caller.hpp"

#include <ctime>

#include "observe/log.hpp"

namespace koku::intake {
namespace {

/// koku_run() begins nothing new after its time, but finishes what it began.
constexpr Duration grace{10 * 60 * 1000};

/// Uploads need few rights and koku_run() many: each can have a connection of its own.
Configuration::Database database_of(const Configuration& configuration) {
  auto database = configuration.database;
  if (configuration.run.conninfo.empty()) return database;
  database.conninfo = configuration.run.conninfo;
  database.password_file.clear();
  return database;
}

}  // namespace

RunCaller::RunCaller(const Configuration& configuration, Metrics& metrics)
    : database_(database_of(configuration)), settings_(configuration.run), metrics_(metrics), connection_(database_) {
  thread_ = std::thread([this] { work(); });
}

RunCaller::~RunCaller() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  connection_.interrupt();
  thread_.join();
}

bool RunCaller::wait(Duration duration) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, duration, [this] { return stopping_; });
  return !stopping_;
}

void RunCaller::work() {
  do {
    try {
      call();
      report(true, {});
    } catch (const std::exception& error) {
      report(false, error.what());
    }
  } while (wait(settings_.interval));
}

void RunCaller::call() {
  const auto limit = std::chrono::duration_cast<Duration>(std::chrono::seconds(settings_.max_seconds)) + grace;
  if (!connection_.is_alive()) connection_.connect(limit);
  const auto seconds = std::to_string(settings_.max_seconds);
  connection_.execute("CALL " + connection_.qualified("koku_run($1)"), {Parameter::text(seconds)},
                      Clock::now() + limit + database_.connect_timeout);
}

void RunCaller::report(bool success, const std::string& reason) {
  metrics_.runs.add(success ? "success" : "failure");
  if (success) {
    metrics_.last_run_succeeded = static_cast<std::int64_t>(std::time(nullptr));
    if (!last_reason_.empty()) log(LogLevel::info, "koku_run() succeeds again");
    last_reason_.clear();
  } else if (reason != last_reason_) {
    log(LogLevel::error, "koku_run() failed", {{"reason", reason}});
    last_reason_ = reason;
  }
}

}  // namespace koku::intake
