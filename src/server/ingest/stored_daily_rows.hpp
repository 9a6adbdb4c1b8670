// Daily rows that are already in the table, taken back into an aggregate so that later files merge into them.
#pragma once

#include <string>

#include "core/report/daily.hpp"
#include "server/backend/sql.hpp"

namespace koku {

/// Adds the daily rows that a leaf partition (its qualified, quoted name) has of a source and day to `aggregate` and
/// returns their greatest reportnumhours (0 when there are none). Error(too_large) when the aggregate grows beyond
/// `max_aggregate_bytes`.
int merge_stored_daily_rows(const std::string& leaf, const std::string& source, Day day, DailyAggregate& aggregate,
                            std::size_t max_aggregate_bytes);

/// Adds the raw rows that a leaf partition has of a source and day, as when they were loaded. Errors as above.
void aggregate_raw_rows(const std::string& leaf, const std::string& source, Day day, DailyAggregate& aggregate,
                        std::size_t max_aggregate_bytes);

}  // namespace koku
