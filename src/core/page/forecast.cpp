#include "core/page/forecast.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace koku::page {

std::optional<Forecast> forecast_of(double so_far, const std::vector<double>& complete_days,
                                    std::optional<double> unfinished, std::size_t days_left) {
  constexpr std::size_t most_days = 14;
  constexpr std::size_t least_days = 3;
  constexpr double two_sided_95 = 1.96;
  if (complete_days.size() < least_days || days_left == 0) return std::nullopt;

  Forecast forecast{.days_used = std::min(complete_days.size(), most_days), .days_left = days_left};
  const auto begin = complete_days.end() - static_cast<std::ptrdiff_t>(forecast.days_used);
  const auto count = static_cast<double>(forecast.days_used);
  forecast.day = std::accumulate(begin, complete_days.end(), 0.0) / count;
  double squares = 0;
  for (auto day = begin; day != complete_days.end(); ++day) squares += (*day - forecast.day) * (*day - forecast.day);
  forecast.deviation = std::sqrt(squares / (count - 1));

  const double rest_of_day = unfinished ? std::max(0.0, forecast.day - *unfinished) : 0;
  forecast.total = so_far + rest_of_day + forecast.day * static_cast<double>(days_left);
  const double half = two_sided_95 * forecast.deviation * std::sqrt(static_cast<double>(days_left));
  forecast.low = std::max(so_far, forecast.total - half);
  forecast.high = forecast.total + half;
  return forecast;
}

}  // namespace koku::page
