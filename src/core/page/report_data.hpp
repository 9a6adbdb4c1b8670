// What a report shows, as plain numbers and texts. The server fills it, the page draws it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"

namespace koku::page {

/// Hours of a resource: core-hours of processors, GiB-hours of memory.
struct Resource {
  double usage = 0;
  double request = 0;
  double effective = 0;  ///< the greater of both, hour by hour: what others cannot use
  double limit = 0;
  double capacity = 0;
};

struct Cluster {
  std::string id;
  std::string name;
};

struct ClusterDay {
  std::size_t cluster = 0;
  Day day = 0;
  double cost = 0;
  Resource cpu;
  Resource memory;
  int hours = -1;  ///< hours with pods; -1: not known
};

/// Cost that was moved to a project (positive) or away from it (negative).
struct DistributedCost {
  double platform = 0;
  double worker = 0;
  double gpu = 0;
  double storage = 0;
  double network = 0;

  double sum() const noexcept { return platform + worker + gpu + storage + network; }
};

struct Project {
  std::size_t cluster = 0;
  std::string name;          ///< empty: of no project
  bool is_capacity = false;  ///< not a project, but what no project used
  double cpu_cost = 0;
  double memory_cost = 0;
  double volume_cost = 0;
  double gpu_cost = 0;
  double cloud_cost = 0;  ///< of a cloud's bill, with markup
  DistributedCost distributed;
  double previous = 0;  ///< cost, or core-hours without costs, of the period before
  Resource cpu;
  Resource memory;
  double volume_capacity = 0;  ///< GiB-months
  double volume_request = 0;
  double volume_usage = 0;

  double own_cost() const noexcept { return cpu_cost + memory_cost + volume_cost + gpu_cost + cloud_cost; }
  double cost() const noexcept { return own_cost() + distributed.sum(); }
};

struct ProjectDay {
  std::size_t cluster = 0;
  std::string project;
  Day day = 0;
  double cost = 0;
  double core_hours = 0;
};

/// What has a value of the label that was asked for. Cost before distribution, which labels do not take part in.
struct LabelValue {
  enum class Kind { value, without_label, capacity };
  Kind kind = Kind::value;
  std::string value;
  double cost = 0;
  double core_hours = 0;
  double memory_hours = 0;
};

struct Node {
  std::size_t cluster = 0;
  std::string name;
  std::string role;
  Resource cpu;
  Resource memory;
};

struct Claim {
  std::size_t cluster = 0;
  std::string project;
  std::string name;
  std::string storage_class;
  double capacity = 0;  ///< GiB-months, like the rest
  double request = 0;
  double usage = 0;
  double cost = 0;
};

/// Hours of virtual machines or GPUs of a project.
struct Machine {
  std::size_t cluster = 0;
  std::string project;
  std::string name;
  double hours = 0;
};

/// One kind of distribution: who gave how much, who got how much.
struct Pool {
  std::string rate_type;
  std::string payers;
  double given = 0;  ///< positive
  double received = 0;
  bool is_equal = true;  ///< both to the cent
};

/// The same total from several tables.
struct TotalCheck {
  std::string measure;
  double by_cluster = 0;
  double by_node = 0;
  double by_project = 0;
  bool is_equal = true;
};

struct Price {
  std::string model;
  std::string metric;
  std::string cost_type;
  std::string label;  ///< key=value of a price by label, else empty
  std::string value;
  std::string currency;
  std::string validity;
};

struct ProjectLabel {
  std::size_t cluster = 0;
  std::string project;
  std::string key;
  std::string values;
};

struct Budget {
  std::string name;
  std::string scope;
  double monthly = 0;
  double spent = 0;
  std::optional<double> forecast;
  std::string state;
};

struct ReportData {
  std::string tenant;
  std::string cluster;     ///< asked for; empty: all
  std::string label;       ///< asked for; empty: none
  std::string project;     ///< the only one to have a section; empty: the largest have
  bool has_links = false;  ///< to other reports
  bool is_enabled_label = false;
  std::vector<std::string> enabled_labels;
  Day first_day = 0;
  Day last_day = 0;
  Day previous_first_day = 0;
  Day previous_last_day = 0;  ///< the day that answers to the last day of the period
  std::optional<Day> as_of;   ///< the last day of the period with data
  bool has_costs = false;
  std::string currency;  ///< empty: not known
  std::string why_without_costs;

  std::vector<Cluster> clusters;
  std::vector<ClusterDay> days;           ///< of the period
  std::vector<ClusterDay> previous_days;  ///< of the period before
  std::vector<Project> projects;
  std::vector<ProjectDay> project_days;  ///< of the largest projects
  std::vector<ProjectLabel> project_labels;
  std::vector<LabelValue> label_values;
  std::vector<Node> nodes;
  std::vector<Claim> claims;
  std::vector<Machine> virtual_machines;
  std::vector<Machine> gpus;
  std::vector<Pool> pools;
  std::vector<TotalCheck> totals;
  std::vector<Price> prices;
  std::vector<Budget> budgets;
};

}  // namespace koku::page
