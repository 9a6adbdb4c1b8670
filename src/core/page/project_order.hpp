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

}  // namespace koku::page
