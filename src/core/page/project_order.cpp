#include "core/page/project_order.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace koku::page {

std::vector<std::size_t> projects_by_size(const std::vector<Project>& projects, bool has_costs) {
  std::vector<std::size_t> order;
  for (std::size_t at = 0; at < projects.size(); ++at) {
    const bool has_rest = projects[at].is_capacity && has_costs && projects[at].cost() >= 0.005;
    if (!projects[at].is_capacity || has_rest) order.push_back(at);
  }
  const auto key = [&](std::size_t at) {
    const Project& project = projects[at];
    return std::tuple(-(has_costs ? project.cost() : project.cpu.effective), -project.memory.effective,
                      std::string_view(project.name), project.cluster);
  };
  std::sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) { return key(one) < key(other); });
  return order;
}

std::vector<std::size_t> projects_in_detail(const ReportData& data, const std::vector<std::size_t>& order) {
  std::vector<std::size_t> detailed;
  for (const std::size_t at : order) {
    if (detailed.size() == detailed_projects) break;
    if (data.project.empty() || data.projects[at].name == data.project) detailed.push_back(at);
  }
  return detailed;
}

}  // namespace koku::page
