#include "core/page/panel.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/page/link.hpp"
#include "core/page/number.hpp"
#include "core/page/project_order.hpp"

namespace koku::page {

Context::Context(const ReportData& report)
    : data(report),
      unit(report.has_costs ? (report.currency.empty() ? "(no currency)" : report.currency) : "core-hours"),
      what(report.has_costs ? "cost" : "CPU"),
      digits(report.has_costs ? 2 : 1),
      order(projects_by_size(report.projects, report.has_costs)),
      detailed(projects_in_detail(report, order)),
      day_count(static_cast<std::size_t>(report.last_day - report.first_day + 1)) {
  if (data.as_of) by_day.resize(static_cast<std::size_t>(*data.as_of - data.first_day + 1));
  for (const ClusterDay& day : data.days) by_day[static_cast<std::size_t>(day.day - data.first_day)] += value(day);
  if (!data.previous_days.empty())
    previous_by_day.resize(static_cast<std::size_t>(data.previous_last_day - data.previous_first_day + 1));
  for (const ClusterDay& day : data.previous_days)
    previous_by_day[static_cast<std::size_t>(day.day - data.previous_first_day)] += value(day);
  total = std::accumulate(by_day.begin(), by_day.end(), 0.0);
  const std::size_t same_days = std::min(by_day.size(), previous_by_day.size());
  previous_total =
      std::accumulate(previous_by_day.begin(), previous_by_day.begin() + static_cast<std::ptrdiff_t>(same_days), 0.0);
  rank_.assign(data.projects.size(), std::numeric_limits<std::size_t>::max());
  for (std::size_t place = 0; place < detailed.size(); ++place) rank_[detailed[place]] = place;
}

double Context::wasted(const Project& project) const noexcept {
  const auto unused = [](const Resource& resource) {
    return resource.request > 0 ? std::max(0.0, 1 - resource.usage / resource.request) : 0;
  };
  if (data.has_costs) return project.cpu_cost * unused(project.cpu) + project.memory_cost * unused(project.memory);
  return project.cpu.request * unused(project.cpu);
}

std::optional<std::string> Context::project_address(std::size_t project) const {
  if (rank_[project] < detailed_projects) return "#project-" + std::to_string(rank_[project] + 1);
  if (!data.has_links || data.projects[project].name.empty()) return std::nullopt;
  ReportAddress address = address_of(data);
  address.project = data.projects[project].name;
  return address.text() + "#project-sections";
}

std::optional<std::string> Context::cluster_address(std::size_t cluster) const {
  if (!data.has_links || !has_several_clusters()) return std::nullopt;
  ReportAddress address = address_of(data);
  address.cluster = data.clusters[cluster].id;
  return address.text();
}

Cell linked_cell(std::string_view name, const std::optional<std::string>& address) {
  return address ? link_cell(name, *address) : name_cell(name);
}

std::string shown_project(const Project& project) { return project.name.empty() ? "(no project)" : project.name; }

void open_section(HtmlWriter& page, std::string_view id, std::string_view title) {
  page.markup("<section id=\"").markup(id).markup("\" aria-labelledby=\"").markup(id).markup("-title\"><h2 id=\"");
  page.markup(id).markup("-title\">").text(title).markup("</h2>\n");
}

void write_key(HtmlWriter& page, std::string_view style, std::string_view meaning) {
  page.markup(
      "<li><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><rect x=\"1\" y=\"1\" width=\"12\" height=\"12\" class=\"");
  page.markup(style).markup("\"/></svg>").text(meaning).markup("</li>");
}

}  // namespace koku::page
