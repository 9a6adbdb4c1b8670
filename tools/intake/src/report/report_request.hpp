// Which report a URL asks for.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace koku::intake {

struct ReportRequest {
  std::string tenant;
  std::string first;  ///< YYYY-MM-DD
  std::string last;
  std::optional<std::string> label;
  std::optional<std::string> cluster;
  std::optional<std::string> project;
};

/// Reads PREFIX TENANT ?from=...&to=...&label=...&cluster=...&project=...; without days, the month of today. Throws
/// Refusal.
ReportRequest parse_report_request(std::string_view prefix, std::string_view target, std::chrono::sys_days today);

/// Whether an Accept-Encoding header allows gzip.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace koku::intake
