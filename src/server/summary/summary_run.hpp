// A run of the stages of a summary: their statements (koku_internal.summary_statement), in their order.
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

/// What a statement file did.
struct SummaryResult {
  int position;
  std::string stage;
  std::string target;
  std::int64_t rows;
  double seconds;
};

/// Runs stages in the order of koku_internal.summary_stage: those of that name, all when `stages` is nothing (the text
/// of an array of texts). A stage of steps is run for each step, neighbours of its kind together; any other is run once
/// for all days. A notice tells the end of each step. Errors of the server come as ServerError.
std::vector<SummaryResult> run_stages(const Schemas& schemas, const SqlText& stages, const SummarySubject& subject);

}  // namespace koku
