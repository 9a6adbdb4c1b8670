#include "core/base/decimal.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace koku {
namespace {

constexpr int significant_digits = 15;
constexpr int most_decimals = 15;

constexpr std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

// value / 10^dropped, rounded half away from zero.
std::int64_t without_digits(std::int64_t value, int dropped) {
  if (dropped > significant_digits) return 0;
  const std::int64_t divisor = power_of_ten(dropped);
  return (value + divisor / 2) / divisor;
}

}  // namespace

Decimal to_decimal(double number) noexcept {
  if (std::isnan(number) || number > largest_decimal) number = largest_decimal;
  const double magnitude = std::fmin(std::fabs(number), largest_decimal);

  // d.dddddddddddddde±xx
  std::array<char, 32> text;
  const char* const end =
      std::to_chars(text.begin(), text.end(), magnitude, std::chars_format::scientific, significant_digits - 1).ptr;
  Decimal decimal{text[0] - '0', 0};
  const char* at = text.begin() + 2;
  for (; *at != 'e'; ++at) decimal.value = decimal.value * 10 + (*at - '0');
  const bool is_negative_exponent = at[1] == '-';
  int exponent = 0;
  for (at += 2; at != end; ++at) exponent = exponent * 10 + (*at - '0');
  if (is_negative_exponent) exponent = -exponent;

  decimal.scale = significant_digits - 1 - exponent;
  if (decimal.scale > most_decimals) {
    decimal.value = without_digits(decimal.value, decimal.scale - most_decimals);
    decimal.scale = most_decimals;
  } else if (decimal.scale < 0) {
    decimal.value *= power_of_ten(-decimal.scale);
    decimal.scale = 0;
  }
  if (std::signbit(number)) decimal.value = -decimal.value;
  return decimal;
}

}  // namespace koku
