// Reads what this month costs, budgets and the last payloads from the database, for /metrics.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "database/repeater.hpp"
#include "observe/metrics.hpp"
#include "settings/configuration.hpp"

namespace koku::intake {

/// The lines for Prometheus of what the database said: {"costs": [...], "budgets": [...], "sources": [...]}.
std::string cost_metrics(const nlohmann::json& numbers);

class CostReader {
 public:
  CostReader(const Configuration& configuration, Metrics& metrics);

 private:
  void work(DatabaseConnection& connection);
  std::string read(DatabaseConnection& connection);
  void report(const std::string& problem);

  const Configuration::Report settings_;
  const Duration connect_timeout_;
  Metrics& metrics_;
  std::string last_problem_;
  Repeater repeater_;  // last: its work needs all of the above
};

}  // namespace koku::intake
