#include "report/cost_reader.hpp"

#include <algorithm>
#include <iomanip>
#include <set>
#include <sstream>
#include <vector>

#include "observe/log.hpp"

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

/// What tells a row from the others of its family: '{tenant="t",...}'.
std::string labels_of(const Family& family, const json& row) {
  std::string labels = "{";
  for (const auto* label : family.labels) {
    const auto text = row.find(label);
    const bool is_text = text != row.end() && text->is_string();
    if (labels.size() > 1) labels += ',';
    labels += std::string(label) + "=\"" + (is_text ? escape_label(text->get<std::string>()) : "") + '"';
  }
  return labels + "}";
}

void write_rows(std::ostringstream& out, const Family& family, const json& rows) {
  // While a tenant moves, two servers can tell of it.
  std::set<std::string> written;
  for (const auto& row : rows) {
    const auto value = row.find(family.value);
    if (value == row.end() || !value->is_number()) continue;
    const auto labels = labels_of(family, row);
    if (written.insert(labels).second) out << family.name << labels << ' ' << value->get<double>() << '\n';
  }
}

}  // namespace

std::string cost_metrics(const json& numbers) {
  std::ostringstream out;
  out << std::setprecision(15);
  for (const auto& family : families()) {
    out << "# HELP " << family.name << ' ' << family.help << "\n# TYPE " << family.name << " gauge\n";
    const auto rows = numbers.find(family.list);
    if (rows != numbers.end() && rows->is_array()) write_rows(out, family, *rows);
  }
  return out.str();
}

CostReader::CostReader(const Configuration& configuration, Metrics& metrics)
    : settings_(configuration.report), metrics_(metrics) {
  for (const auto& server : configuration.servers) servers_.push_back({server, {}, nullptr});
  for (auto& server : servers_) {
    repeaters_.emplace_back(server.settings.report, settings_.metrics_interval,
                            [this, &server](DatabaseConnection& connection) { work(server, connection); });
  }
}

void CostReader::work(Server& server, DatabaseConnection& connection) {
  try {
    publish(server, read(connection, server.settings.report.connect_timeout));
    report(server, {});
  } catch (const std::exception& error) {
    // Old numbers would look like new ones.
    publish(server, nullptr);
    connection.close();
    report(server, error.what());
  }
}

json CostReader::read(DatabaseConnection& connection, Duration connect_timeout) const {
  if (!connection.is_alive()) connection.connect_to_read(settings_.timeout);
  return json::parse(connection.execute(
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
      {}, Clock::now() + settings_.timeout + connect_timeout));
}

/// The page has each family once: the rows of all servers stand below one heading.
void CostReader::publish(Server& server, json numbers) {
  const std::lock_guard lock(mutex_);
  server.numbers = std::move(numbers);
  json all;
  for (const auto& one : servers_) {
    for (const auto& [list, rows] : one.numbers.items()) {
      for (const auto& row : rows) all[list].push_back(row);
    }
  }
  const bool is_known =
      std::any_of(servers_.begin(), servers_.end(), [](const auto& one) { return !one.numbers.is_null(); });
  metrics_.costs.set(is_known ? cost_metrics(all) : std::string());
}

void CostReader::report(Server& server, const std::string& problem) {
  if (problem == server.last_problem) return;
  if (problem.empty()) {
    log(LogLevel::info, "costs can be read again", of_server(server.settings.name));
  } else {
    log(LogLevel::warning, "costs cannot be read for /metrics", of_server(server.settings.name, {{"reason", problem}}));
  }
  server.last_problem = problem;
}

}  // namespace koku::intake
