// Reads from a tenant's tables what a report shows.
#pragma once

#include <optional>
#include <string>

#include "core/page/report_data.hpp"
#include "server/backend/sql.hpp"

namespace koku {

/// What the caller of a report asks for; days are `YYYY-MM-DD` or what else the server takes for a date.
struct ReportRequest {
  SqlText tenant;
  SqlText first_day;
  SqlText last_day;
  SqlText label;
  SqlText cluster;
  SqlText project;
  bool has_links = false;
};

/// Raises for an unknown tenant or cluster and for days that are no period, see koku_internal.report_scope().
page::ReportData read_report_data(const Schemas& schemas, const ReportRequest& request);

}  // namespace koku
