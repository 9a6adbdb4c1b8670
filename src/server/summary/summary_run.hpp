// The statements of a summary (koku_summary_statement), run in their order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "server/backend/sql.hpp"

#include "server/backend/postgres.hpp"

namespace koku {

/// A part of the days of a summary, both ends included.
struct DayRange {
  Day first_day;
  Day last_day;
};

/// What a summary is of: a source and days of one month. The values are those of the call.
struct SummarySubject {
  DayRange days;
  std::vector<DayRange> steps;
  NullableDatum source;         ///< uuid
  NullableDatum report_period;  ///< integer
  NullableDatum cluster_id;     ///< text
  NullableDatum cluster_alias;  ///< text
  NullableDatum tenant;         ///< name
};

/// What a statement did.
struct SummaryResult {
  int position;
  std::string target;
  std::int64_t rows;
  double seconds;
};

/// Runs the statements that come once before the steps, those of each step, and those that come once after them. A
/// notice tells the end of each step. Errors of the server come as ServerError.
std::vector<SummaryResult> run_summary(const Schemas& schemas, const SummarySubject& subject);

}  // namespace koku
