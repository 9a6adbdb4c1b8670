// Addresses of other reports, relative to that of this one, for a server that takes them (koku-intake).
#pragma once

#include <optional>
#include <string>

#include "core/page/report_data.hpp"

namespace koku::page {

/// What a report is asked for, besides its tenant. Empty texts: not asked for.
struct ReportAddress {
  Day first_day = 0;
  Day last_day = 0;
  std::string label;
  std::string cluster;
  std::string project;

  /// `?from=...&to=...`, percent-encoded; not yet escaped for HTML.
  std::string text() const;
};

ReportAddress address_of(const ReportData& data);

/// The same for the period before and after: whole months lead to whole months.
ReportAddress address_before(const ReportData& data);
ReportAddress address_after(const ReportData& data);

}  // namespace koku::page
