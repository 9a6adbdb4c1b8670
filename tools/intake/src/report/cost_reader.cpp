#include "report/cost_reader.hpp"

#include <functional>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "observe/log.hpp"
#include "report/report_maker.hpp"

namespace koku::intake {
namespace {

using nlohmann::json;

struct Family {
  const char* name;
  const char* help;
  const char* list;
  std::vector<const char*> labels;
  const char* value;
};

const std::vector<Family>& families() {
  static const std::vector<Family> listed = {
      {"koku_month_cost",
       "Cost of a cluster in the current month (UTC), in its currency.",
       "costs",
       {"tenant", "cluster_id", "cluster", "currency"},
       "cost"},
      {"koku_month_cost_as_of_timestamp_seconds",
       "The end of the last day that this cost includes.",
       "costs",
       {"tenant", "cluster_id", "cluster", "currency"},
       "as_of"},
      {"koku_budget_amount", "What a budget allows in a month.", "budgets", {"tenant", "budget"}, "monthly"},
      {"koku_budget_spent", "What of it is spent in the current month.", "budgets", {"tenant", "budget"}, "spent"},
      {"koku_budget_forecast",
       "What the month will cost, where three days can tell.",
       "budgets",
       {"tenant", "budget"},
       "forecast"},
      {"koku_budget_state", "1 for the state that a budget is in.", "budgets", {"tenant", "budget", "state"}, "one"},
      {"koku_last_payload_timestamp_seconds",
       "When the last payload of a cluster was taken in, 0: none yet.",
       "sources",
       {"tenant", "cluster_id", "cluster"},
       "last_payload"}};
  return listed;
}

void write_line(std::ostringstream& out, const Family& family, const json& row) {
  const auto value = row.find(family.value);
  if (value == row.end() || !value->is_number()) return;
  out << family.name << '{';
  const char* separator = "";
  for (const auto* label : family.labels) {
    const auto text = row.find(label);
    const bool is_text = text != row.end() && text->is_string();
    out << separator << label << "=\"" << (is_text ? escape_label(text->get<std::string>()) : "") << '"';
    separator = ",";
  }
  out << "} " << value->get<double>() << '\n';
}

}  // namespace

std::string cost_metrics(const json& numbers) {
  std::ostringstream out;
  out << std::setprecision(15);
  for (const auto& family : families()) {
    out << "# HELP " << family.name << ' ' << family.help << "\n# TYPE " << family.name << " gauge\n";
    const auto rows = numbers.find(family.list);
    if (rows == numbers.end() || !rows->is_array()) continue;
    for (const auto& row : *rows) write_line(out, family, row);
  }
  return out.str();
}

CostReader::CostReader(const Configuration& configuration, Metrics& metrics)
    : settings_(configuration.report),
      connect_timeout_(configuration.database.connect_timeout),
      metrics_(metrics),
      repeater_(report_database_of(configuration), settings_.metrics_interval,
                [this](DatabaseConnection& connection) { work(connection); }) {}

void CostReader::work(DatabaseConnection& connection) {
  try {
    metrics_.costs.set(read(connection));
    report({});
  } catch (const std::exception& error) {
    // Old numbers would look like new ones.
    metrics_.costs.set({});
    connection.close();
    report(error.what());
  }
}

std::string CostReader::read(DatabaseConnection& connection) {
  if (!connection.is_alive()) connection.connect_to_read(settings_.timeout);
  const auto text = connection.execute(
      "SELECT pg_catalog.json_build_object("
      "'costs', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('tenant', tenant, 'cluster_id', cluster_id, "
      "'cluster', name, 'currency', currency, 'cost', cost, 'as_of', pg_catalog.date_part('epoch', as_of + 1))) FROM " +
          connection.qualified("koku_month_costs") +
          "), 'budgets', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('tenant', tenant, 'budget', name, "
          "'monthly', monthly, 'spent', spent, 'forecast', forecast, 'state', state, 'one', 1)) FROM " +
          connection.qualified("koku_budgets") +
          "), 'sources', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('tenant', tenant, 'cluster_id', "
          "cluster_id, 'cluster', name, 'last_payload', "
          "COALESCE(pg_catalog.date_part('epoch', last_payload_at), 0))) FROM " +
          connection.qualified("koku_sources") + " WHERE NOT paused))",
      {}, Clock::now() + settings_.timeout + connect_timeout_);
  return cost_metrics(json::parse(text));
}

void CostReader::report(const std::string& problem) {
  if (problem == last_problem_) return;
  if (problem.empty()) {
    log(LogLevel::info, "costs can be read again");
  } else {
    log(LogLevel::warning, "costs cannot be read for /metrics", {{"reason", problem}});
  }
  last_problem_ = problem;
}

}  // namespace koku::intake
