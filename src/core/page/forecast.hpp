// Where a period is likely to end up.
#pragma once

#include <optional>
#include <vector>

namespace koku::page {

/// If the days to come are like the last ones.
struct Forecast {
  double total = 0;
  double low = 0;  ///< of 95 %, for days that are independent of each other
  double high = 0;
  double day = 0;        ///< the mean of a day
  double deviation = 0;  ///< of the days
  std::size_t days_used = 0;
  std::size_t days_left = 0;
};

/// `so_far`: the sum of all days up to now; `complete_days`: the values of those with all of their hours, in order;
/// `unfinished`: the value of the last day, when it still goes on; `days_left`: those after it. None when no day is
/// left or fewer than three complete days tell something.
std::optional<Forecast> forecast_of(double so_far, const std::vector<double>& complete_days,
                                    std::optional<double> unfinished, std::size_t days_left);

}  // namespace koku::page
