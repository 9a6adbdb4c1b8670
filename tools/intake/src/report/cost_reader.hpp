// Reads what this month costs, budgets and the last payloads from the database, for /metrics.
#pragma once

#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "database/repeater.hpp"
#include "observe/metrics.hpp"
#include "settings/configuration.hpp"

namespace koku::intake {

/// The lines for Prometheus of what the database said: {"costs": [...], "budgets": [...], "sources": [...]}. Of lines
/// for the same thing, the first is there.
std::string cost_metrics(const nlohmann::json& numbers);

/// Reads the numbers of every server, each with a thread and a connection of its own.
class CostReader {
 public:
  CostReader(const Configuration& configuration, Metrics& metrics);

 private:
  struct Server {
    Configuration::Server settings;
    std::string last_problem;
    nlohmann::json numbers;  ///< null while they are not known
  };

  void work(Server& server, DatabaseConnection& connection);
  nlohmann::json read(DatabaseConnection& connection, Duration connect_timeout) const;
  void publish(Server& server, nlohmann::json numbers);
  static void report(Server& server, const std::string& problem);

  const Configuration::Report settings_;
  Metrics& metrics_;
  std::mutex mutex_;
  std::deque<Server> servers_;
  std::deque<Repeater> repeaters_;  // last: their work needs all of the above
};

}  // namespace koku::intake
