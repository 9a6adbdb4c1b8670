// Reads what this month costs, budgets and the last payloads from the database, for /metrics.
#pragma once

#include <condition_variable>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <thread>

#include "database/database.hpp"
#include "observe/metrics.hpp"
#include "settings/configuration.hpp"

namespace koku::intake {

/// The lines for Prometheus of what the database said: {"costs": [...], "budgets": [...], "sources": [...]}.
std::string cost_metrics(const nlohmann::json& numbers);

class CostReader {
 public:
  CostReader(const Configuration& configuration, Metrics& metrics);
  /// Interrupts a query that is under way.
  ~CostReader();
  CostReader(const CostReader&) = delete;
  CostReader& operator=(const CostReader&) = delete;

 private:
  void work();
  std::string read();
  void report(const std::string& problem);
  /// False when the reader shall end.
  bool wait();

  const Configuration::Database database_;
  const Configuration::Report settings_;
  Metrics& metrics_;
  DatabaseConnection connection_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::string last_problem_;
  std::thread thread_;
};

}  // namespace koku::intake
