// The report of a tenant as one HTML file, which needs nothing else: no script, no other file.
#pragma once

#include <string>

#include "core/page/report_data.hpp"

namespace koku::page {

/// The same data give the same bytes.
std::string report_page(const ReportData& data);

}  // namespace koku::page
