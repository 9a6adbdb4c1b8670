// Numbers in double precision as decimals of few digits.
#pragma once

#include <cstdint>

namespace koku {

/// The number value / 10^scale.
struct Decimal {
  std::int64_t value = 0;
  int scale = 0;  // 0 to 15

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

/// The largest number of 15 significant digits that 18 digits before the point hold.
inline constexpr double largest_decimal = 999'999'999'999'999'000.0;

/// `number` with its first 15 significant digits, rounded as printing it does, and of these at most 15 after the point,
/// the last one rounded away from zero when it is halfway. Cut at ±largest_decimal, NaN like what is too large
/// (spec summary.md 3.7).
Decimal to_decimal(double number) noexcept;

}  // namespace koku
