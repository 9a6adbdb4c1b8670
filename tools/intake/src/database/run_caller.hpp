// Calls koku_run() again and again, for installations without a scheduler in the database.
#pragma once

#include <string>

#include "database/repeater.hpp"
#include "observe/metrics.hpp"
#include "settings/configuration.hpp"

namespace koku::intake {

/// Has a thread and a connection of its own. Several of them, or pg_cron besides, do no harm: koku_run() does the work
/// once. Its end ends the call that runs: the work waits for the next one.
class RunCaller {
 public:
  /// On one server.
  RunCaller(const Configuration::Run& settings, const Configuration::Server& server, Metrics& metrics);

 private:
  void work(DatabaseConnection& connection);
  void call(DatabaseConnection& connection);
  void report(bool success, const std::string& reason);

  const Configuration::Run settings_;
  const std::string server_;
  const Duration connect_timeout_;
  Metrics& metrics_;
  std::string last_reason_;
  Repeater repeater_;  // last: its work needs all of the above
};

}  // namespace koku::intake
