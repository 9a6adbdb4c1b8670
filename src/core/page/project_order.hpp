// Projects by what they cost.
#pragma once

#include <cstddef>
#include <vector>

#include "core/page/report_data.hpp"

namespace koku::page {

/// How many of the projects that cost most have a section of their own.
inline constexpr std::size_t detailed_projects = 50;

/// Projects by what they cost in the end (or use, without costs), most first; unused capacity is none. The index of
/// each in `projects`.
std::vector<std::size_t> projects_by_size(const std::vector<Project>& projects, bool has_costs);

/// Of projects in their order, those that have a section of their own: the first, or those of the name that was asked
/// for (one a cluster).
std::vector<std::size_t> projects_in_detail(const ReportData& data, const std::vector<std::size_t>& order);

}  // namespace koku::page
