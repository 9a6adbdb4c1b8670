// The panels of the report, each a section of the page, in the order of the page.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/page/html.hpp"
#include "core/page/report_data.hpp"
#include "core/page/table.hpp"

namespace koku::page {

/// What several panels need, worked out once.
class Context {
 public:
  explicit Context(const ReportData& report);

  const ReportData& data;
  std::string unit;                   ///< of the values below: a currency, or core-hours
  std::string what;                   ///< cost, or CPU
  int digits;                         ///< of such values
  std::vector<std::size_t> order;     ///< projects by size
  std::vector<std::size_t> detailed;  ///< those that have a section of their own
  std::vector<double> by_day;         ///< from the first day of the period to the last with data
  std::vector<double> previous_by_day;
  std::size_t day_count;
  double total = 0;
  double previous_total = 0;  ///< of the same days of the period before

  double value(const ClusterDay& day) const noexcept { return data.has_costs ? day.cost : day.cpu.effective; }
  double value(const Project& project) const noexcept {
    return data.has_costs ? project.cost() : project.cpu.effective;
  }
  /// Paid or kept from others without being used.
  double wasted(const Project& project) const noexcept;

  /// The address of what tells more of a project: a place of the page, or another report where one can be had.
  std::optional<std::string> project_address(std::size_t project) const;
  /// The address of a report of one cluster, where one can be had.
  std::optional<std::string> cluster_address(std::size_t cluster) const;
  bool has_several_clusters() const noexcept { return data.clusters.size() > 1; }
  const std::string& cluster_name(std::size_t cluster) const { return data.clusters[cluster].name; }

 private:
  std::vector<std::size_t> rank_;
};

/// A name that leads to an address, where there is one.
Cell linked_cell(std::string_view name, const std::optional<std::string>& address);

/// What stands for a project without a name or for none.
std::string shown_project(const Project& project);

/// The opening tag, with the title; the closing one is `</section>`.
void open_section(HtmlWriter& page, std::string_view id, std::string_view title);

/// A square in the colour of a style and what it means.
void write_key(HtmlWriter& page, std::string_view style, std::string_view meaning);

void write_head(HtmlWriter& page, const Context& context);
void write_completeness(HtmlWriter& page, const Context& context);
void write_numbers(HtmlWriter& page, const Context& context);
void write_budgets(HtmlWriter& page, const Context& context);
void write_course(HtmlWriter& page, const Context& context);
void write_projects(HtmlWriter& page, const Context& context);
void write_movers(HtmlWriter& page, const Context& context);
void write_labels(HtmlWriter& page, const Context& context);
void write_waste(HtmlWriter& page, const Context& context);
void write_capacity(HtmlWriter& page, const Context& context);
void write_volumes(HtmlWriter& page, const Context& context);
void write_machines(HtmlWriter& page, const Context& context);
void write_project_sections(HtmlWriter& page, const Context& context);
void write_reconciliation(HtmlWriter& page, const Context& context);
void write_prices(HtmlWriter& page, const Context& context);
void write_definitions(HtmlWriter& page, const Context& context);

}  // namespace koku::page
