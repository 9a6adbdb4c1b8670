// Calls koku_run() again and again, for installations without a scheduler in the database.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "database/database.hpp"
#include "observe/metrics.hpp"
#include "settings/configuration.hpp"

namespace koku::intake {

/// Has a thread and a connection of its own. Several of them, or pg_cron besides, do no harm: koku_run() does the work
/// once.
class RunCaller {
 public:
  RunCaller(const Configuration& configuration, Metrics& metrics);
  /// Ends the call that runs: its transaction is rolled back, and the work waits for the next call.
  ~RunCaller();
  RunCaller(const RunCaller&) = delete;
  RunCaller& operator=(const RunCaller&) = delete;

 private:
  void work();
  void call();
  void report(bool success, const std::string& reason);
  bool wait(Duration duration);

  const Configuration::Database database_;
  const Configuration::Run settings_;
  Metrics& metrics_;
  DatabaseConnection connection_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::string last_reason_;
  std::thread thread_;
};

}  // namespace koku::intake
