#include "server/page/report_data_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "core/page/project_order.hpp"

namespace koku {
namespace {

using page::ReportData;

std::string text_of(const SqlText& value) { return value.value_or(std::string()); }

double number_of(const SqlText& value) {
  double number = 0;
  if (value) std::from_chars(value->data(), value->data() + value->size(), number);
  return number;
}

int integer_of(const SqlText& value, int otherwise) {
  int number = otherwise;
  if (value) std::from_chars(value->data(), value->data() + value->size(), number);
  return number;
}

/// Takes the values of a row one after the other.
class Columns {
 public:
  explicit Columns(const SqlRow& row) : row_(row) {}

  const SqlText& next() { return row_[place_++]; }
  std::string text() { return text_of(next()); }
  double number() { return number_of(next()); }
  int integer(int otherwise = 0) { return integer_of(next(), otherwise); }
  bool boolean() { return is_true(next()); }
  page::Resource resource(bool with_capacity) {
    page::Resource resource;
    resource.usage = number();
    resource.request = number();
    resource.effective = number();
    resource.limit = number();
    if (with_capacity) resource.capacity = number();
    return resource;
  }

 private:
  const SqlRow& row_;
  std::size_t place_ = 0;
};

class ReportDataReader {
 public:
  ReportDataReader(const Schemas& schemas, const ReportRequest& request) : schemas_(schemas), request_(request) {}

  ReportData read() {
    read_scope();
    read_clusters();
    if (!data_.as_of) return std::move(data_);
    read_days(data_.days, first_, last_);
    read_days(data_.previous_days, previous_first_, previous_last_);
    read_projects();
    read_details_of_projects();
    read_labels();
    read_nodes();
    read_claims();
    read_machines();
    read_prices();
    read_budgets();
    check_totals();
    add_pools();
    return std::move(data_);
  }

 private:
  std::vector<SqlRow> rows(std::string_view query, const std::vector<SqlText>& parameters) const {
    return read_sql(schemas_, query, parameters);
  }

  std::vector<SqlText> period() const { return {data_.tenant, sources_, first_, last_}; }

  void read_scope() {
    const SqlRow row = rows(
        "SELECT sources, $2::date - date '1970-01-01', $3::date - date '1970-01-01', previous_first - date "
        "'1970-01-01', "
        "previous_last - date '1970-01-01', as_of - date '1970-01-01', has_costs, currency, why_without_costs "
        "FROM koku_internal.report_scope($1::name, $2::date, $3::date, $4)",
        {request_.tenant, request_.first_day, request_.last_day, request_.cluster})[0];
    Columns columns(row);
    sources_ = columns.text();
    data_.first_day = columns.integer();
    data_.last_day = columns.integer();
    data_.previous_first_day = columns.integer();
    data_.previous_last_day = columns.integer();
    if (const int as_of = columns.integer(absent); as_of != absent) data_.as_of = as_of;
    data_.has_costs = columns.boolean();
    data_.currency = columns.text();
    data_.why_without_costs = columns.text();
    data_.tenant = text_of(request_.tenant);
    data_.label = text_of(request_.label);
    data_.cluster = text_of(request_.cluster);
    data_.project = text_of(request_.project);
    data_.has_links = request_.has_links;
    first_ = to_string(data_.first_day);
    last_ = to_string(data_.last_day);
    previous_first_ = to_string(data_.previous_first_day);
    previous_last_ = to_string(data_.previous_last_day);
    if (data_.as_of)
      same_days_last_ =
          to_string(std::min(data_.previous_last_day, data_.previous_first_day + (*data_.as_of - data_.first_day)));
  }

  void read_clusters() {
    for (const SqlRow& row : rows("SELECT source, cluster_id, name FROM koku_internal.report_sources($1::name, $2)",
                                  {data_.tenant, request_.cluster})) {
      Columns columns(row);
      places_[columns.text()] = data_.clusters.size();
      page::Cluster cluster;
      cluster.id = columns.text();
      cluster.name = columns.text();
      data_.clusters.push_back(std::move(cluster));
    }
    source_of_.resize(places_.size());
    for (const auto& [source, place] : places_) source_of_[place] = source;
  }

  std::size_t cluster_of(const std::string& source) const { return places_.at(source); }

  void read_days(std::vector<page::ClusterDay>& days, const std::string& first, const std::string& last) {
    for (const SqlRow& row :
         rows("SELECT source, day - date '1970-01-01', cost, cpu_usage, cpu_request, cpu_effective, cpu_limit, "
              "cpu_capacity, "
              "memory_usage, memory_request, memory_effective, memory_limit, memory_capacity, hours "
              "FROM koku_internal.report_days($1::name, $2::uuid[], $3::date, $4::date)",
              {data_.tenant, sources_, first, last})) {
      Columns columns(row);
      page::ClusterDay day;
      day.cluster = cluster_of(columns.text());
      day.day = columns.integer();
      day.cost = columns.number();
      day.cpu = columns.resource(true);
      day.memory = columns.resource(true);
      day.hours = columns.integer(-1);
      days.push_back(day);
    }
  }

  void read_projects() {
    for (const SqlRow& row :
         rows("SELECT source, namespace, is_capacity, cpu_cost, memory_cost, volume_cost, gpu_cost, cloud_cost, "
              "platform, worker, "
              "gpu, storage, network, previous, cpu_usage, cpu_request, cpu_effective, cpu_limit, memory_usage, "
              "memory_request, memory_effective, memory_limit "
              "FROM koku_internal.report_projects($1::name, $2::uuid[], $3::date, $4::date, $5::date, $6::date, "
              "$7::boolean)",
              {data_.tenant, sources_, first_, last_, previous_first_, same_days_last_, sql_bool(data_.has_costs)})) {
      Columns columns(row);
      page::Project project;
      project.cluster = cluster_of(columns.text());
      const SqlText& name = columns.next();
      project.name = name ? *name : "unallocated on nodes without a role";
      project.is_capacity = columns.boolean();
      project.cpu_cost = columns.number();
      project.memory_cost = columns.number();
      project.volume_cost = columns.number();
      project.gpu_cost = columns.number();
      project.cloud_cost = columns.number();
      project.distributed.platform = columns.number();
      project.distributed.worker = columns.number();
      project.distributed.gpu = columns.number();
      project.distributed.storage = columns.number();
      project.distributed.network = columns.number();
      project.previous = columns.number();
      project.cpu = columns.resource(false);
      project.memory = columns.resource(false);
      data_.projects.push_back(std::move(project));
    }
  }

  /// Days and labels of the projects that have a section of their own.
  void read_details_of_projects() {
    std::vector<std::string> sources;
    std::vector<std::string> names;
    const auto order = page::projects_by_size(data_.projects, data_.has_costs);
    for (const std::size_t at : page::projects_in_detail(data_, order)) {
      sources.push_back(source_of_[data_.projects[at].cluster]);
      names.push_back(data_.projects[at].name);
    }
    const std::string source_list = array_literal(sources);
    const std::string name_list = array_literal(names);
    for (const SqlRow& row : rows("SELECT source, namespace, day - date '1970-01-01', cost, core_hours "
                                  "FROM koku_internal.report_project_days($1::name, $2::date, $3::date, $4::uuid[], "
                                  "$5::text[], $6::boolean)",
                                  {data_.tenant, first_, last_, source_list, name_list, sql_bool(data_.has_costs)})) {
      Columns columns(row);
      page::ProjectDay day;
      day.cluster = cluster_of(columns.text());
      day.project = columns.text();
      day.day = columns.integer();
      day.cost = columns.number();
      day.core_hours = columns.number();
      data_.project_days.push_back(std::move(day));
    }
    for (const SqlRow& row :
         rows("SELECT source, namespace, key, label_values "
              "FROM koku_internal.report_project_labels($1::name, $2::date, $3::date, $4::uuid[], $5::text[])",
              {data_.tenant, first_, last_, source_list, name_list})) {
      Columns columns(row);
      page::ProjectLabel label;
      label.cluster = cluster_of(columns.text());
      label.project = columns.text();
      label.key = columns.text();
      label.values = columns.text();
      data_.project_labels.push_back(std::move(label));
    }
  }

  void read_labels() {
    for (const SqlRow& row : rows("SELECT key FROM koku_internal.report_enabled_labels($1::name)", {data_.tenant}))
      data_.enabled_labels.push_back(text_of(row[0]));
    if (data_.label.empty()) return;
    data_.is_enabled_label =
        std::find(data_.enabled_labels.begin(), data_.enabled_labels.end(), data_.label) != data_.enabled_labels.end();
    std::vector<SqlText> parameters = period();
    parameters.emplace_back(data_.label);
    for (const SqlRow& row :
         rows("SELECT kind, value, cost, core_hours, memory_hours FROM koku_internal.report_label_values("
              "$1::name, $2::uuid[], $3::date, $4::date, $5)",
              parameters)) {
      Columns columns(row);
      const std::string kind = columns.text();
      page::LabelValue value;
      if (kind == "capacity") value.kind = page::LabelValue::Kind::capacity;
      if (kind == "without") value.kind = page::LabelValue::Kind::without_label;
      value.value = columns.text();
      value.cost = columns.number();
      value.core_hours = columns.number();
      value.memory_hours = columns.number();
      data_.label_values.push_back(std::move(value));
    }
  }

  void read_nodes() {
    for (const SqlRow& row : rows(
             "SELECT source, node, role, cpu_usage, cpu_request, cpu_effective, cpu_limit, cpu_capacity, memory_usage, "
             "memory_request, memory_effective, memory_limit, memory_capacity "
             "FROM koku_internal.report_nodes($1::name, $2::uuid[], $3::date, $4::date)",
             period())) {
      Columns columns(row);
      page::Node node;
      node.cluster = cluster_of(columns.text());
      node.name = columns.text();
      node.role = columns.text();
      node.cpu = columns.resource(true);
      node.memory = columns.resource(true);
      data_.nodes.push_back(std::move(node));
    }
  }

  void read_claims() {
    for (const SqlRow& row : rows("SELECT source, namespace, claim, storage_class, capacity, request, usage, cost "
                                  "FROM koku_internal.report_claims($1::name, $2::uuid[], $3::date, $4::date) "
                                  "ORDER BY request - usage DESC, namespace COLLATE \"C\", claim COLLATE \"C\", "
                                  "storage_class COLLATE \"C\", source",
                                  period())) {
      Columns columns(row);
      page::Claim claim;
      claim.cluster = cluster_of(columns.text());
      claim.project = columns.text();
      claim.name = columns.text();
      claim.storage_class = columns.text();
      claim.capacity = columns.number();
      claim.request = columns.number();
      claim.usage = columns.number();
      claim.cost = columns.number();
      data_.claims.push_back(std::move(claim));
    }
  }

  void read_machines() {
    for (const SqlRow& row : rows("SELECT kind, source, namespace, name, hours "
                                  "FROM koku_internal.report_machines($1::name, $2::uuid[], $3::date, $4::date)",
                                  period())) {
      Columns columns(row);
      const bool is_gpu = columns.text() == "GPU";
      page::Machine machine;
      machine.cluster = cluster_of(columns.text());
      machine.project = columns.text();
      machine.name = columns.text();
      machine.hours = columns.number();
      (is_gpu ? data_.gpus : data_.virtual_machines).push_back(std::move(machine));
    }
  }

  void read_prices() {
    for (const SqlRow& row : rows("SELECT model, metric, cost_type, label, price, currency, validity "
                                  "FROM koku_internal.report_prices($1::name, $2::uuid[], $3::date)",
                                  {data_.tenant, sources_, first_})) {
      Columns columns(row);
      page::Price price;
      price.model = columns.text();
      price.metric = columns.text();
      price.cost_type = columns.text();
      price.label = columns.text();
      price.value = columns.text();
      price.currency = columns.text();
      price.validity = columns.text();
      data_.prices.push_back(std::move(price));
    }
  }

  /// Budgets are of a month and, unless their scope says otherwise, of all clusters.
  void read_budgets() {
    if (!data_.has_costs || !data_.cluster.empty() ||
        first_day_of_month(data_.first_day) != first_day_of_month(data_.last_day))
      return;
    for (const SqlRow& row :
         rows("SELECT name, scope, monthly, spent, forecast, state "
              "FROM koku_internal.budget_states($1::name, $2::date, NULL) ORDER BY name COLLATE \"C\"",
              {data_.tenant, to_string(first_day_of_month(data_.first_day))})) {
      Columns columns(row);
      page::Budget budget;
      budget.name = columns.text();
      budget.scope = columns.text();
      budget.monthly = columns.number();
      budget.spent = columns.number();
      const SqlText& forecast = columns.next();
      if (forecast) budget.forecast = number_of(forecast);
      budget.state = columns.text();
      data_.budgets.push_back(std::move(budget));
    }
  }

  void add_total(std::string measure, double by_cluster, double by_node, double by_project, double tolerance) {
    const double greatest = std::max({by_cluster, by_node, by_project});
    const double least = std::min({by_cluster, by_node, by_project});
    data_.totals.push_back({std::move(measure), by_cluster, by_node, by_project, greatest - least < tolerance});
  }

  void check_totals() {
    page::Resource cpu[3];
    page::Resource memory[3];
    double cost_by_cluster = 0;
    double cost_by_project = 0;
    const auto add = [&](int table, const auto& row) {
      cpu[table].effective += row.cpu.effective;
      memory[table].effective += row.memory.effective;
    };
    for (const page::ClusterDay& day : data_.days) {
      add(0, day);
      cost_by_cluster += day.cost;
    }
    for (const page::Node& node : data_.nodes) add(1, node);
    for (const page::Project& project : data_.projects) {
      if (!project.is_capacity) add(2, project);
      cost_by_project += project.cost();
    }
    if (data_.has_costs) {
      const SqlText by_node =
          rows("SELECT koku_internal.report_cost_by_node($1::name, $2::uuid[], $3::date, $4::date)", period())[0][0];
      add_total(data_.currency.empty() ? "Cost" : "Cost, " + data_.currency, cost_by_cluster, number_of(by_node),
                cost_by_project, 0.005);
    }
    add_total("CPU, effective core-hours", cpu[0].effective, cpu[1].effective, cpu[2].effective, 0.05);
    add_total("Memory, effective GiB-hours", memory[0].effective, memory[1].effective, memory[2].effective, 0.05);
  }

  /// Who gave has a negative sum, who received a positive one.
  void add_pools() {
    const std::pair<const char*, double page::DistributedCost::*> kinds[] = {
        {"platform_distributed", &page::DistributedCost::platform},
        {"worker_distributed", &page::DistributedCost::worker},
        {"gpu_distributed", &page::DistributedCost::gpu},
        {"unattributed_storage", &page::DistributedCost::storage},
        {"unattributed_network", &page::DistributedCost::network}};
    for (const auto& [rate_type, member] : kinds) {
      page::Pool pool;
      pool.rate_type = rate_type;
      std::vector<std::string> payers;
      for (const page::Project& project : data_.projects) {
        const double value = project.distributed.*member;
        if (value > 0) pool.received += value;
        if (value < 0) {
          pool.given -= value;
          if (std::find(payers.begin(), payers.end(), project.name) == payers.end()) payers.push_back(project.name);
        }
      }
      if (pool.given == 0 && pool.received == 0) continue;
      constexpr std::size_t most_payers = 4;
      for (std::size_t place = 0; place < std::min(payers.size(), most_payers); ++place)
        pool.payers += (place > 0 ? ", " : "") + payers[place];
      if (payers.size() > most_payers) pool.payers += " and " + std::to_string(payers.size() - most_payers) + " more";
      pool.is_equal = std::fabs(pool.given - pool.received) < 0.005;
      data_.pools.push_back(std::move(pool));
    }
  }

  static constexpr int absent = -2'000'000'000;

  const Schemas& schemas_;
  const ReportRequest& request_;
  ReportData data_;
  std::string sources_;
  std::string first_;
  std::string last_;
  std::string previous_first_;
  std::string previous_last_;
  std::string same_days_last_;
  std::map<std::string, std::size_t> places_;  // of clusters, by source
  std::vector<std::string> source_of_;
};

}  // namespace

ReportData read_report_data(const Schemas& schemas, const ReportRequest& request) {
  return ReportDataReader(schemas, request).read();
}

}  // namespace koku
