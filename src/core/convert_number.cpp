// Numbers: short decimals, nearly all there are, by hand; the rest by std::from_chars.
#include <algorithm>
#include <array>
#include <cfloat>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "core/ascii.hpp"
#include "core/convert.hpp"

namespace koku {
namespace {

constexpr Number empty_number{0.0, NumberState::empty};
constexpr Number invalid_number{0.0, NumberState::invalid};

constexpr Number infinity(bool is_negative) {
  return {0.0, is_negative ? NumberState::minus_infinity : NumberState::plus_infinity};
}

// Powers of ten that double precision holds exactly.
constexpr std::array<double, 23> exact_powers_of_ten = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                        1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// `-`, digits, fraction, at most 19 digits in all. When the digits without the point are a number below 2^53, that
// number and the power of ten are exact, so that one division gives the nearest double. False: not that simple.
bool parse_short_decimal(std::string_view text, double& value) {
  // Registers wider than double would round twice.
  if constexpr (FLT_EVAL_METHOD != 0) return false;
  if (text.size() > 20) return false;
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool is_negative = at != end && *at == '-';
  if (is_negative) ++at;
  const char* const first_digit = at;
  std::uint64_t digits = 0;
  while (at != end && is_digit(*at)) digits = digits * 10 + static_cast<std::uint64_t>(*at++ - '0');
  const char* const point = at;
  if (at == first_digit) return false;
  std::size_t fraction_digits = 0;
  if (at != end) {
    if (*at++ != '.') return false;
    while (at != end && is_digit(*at)) digits = digits * 10 + static_cast<std::uint64_t>(*at++ - '0');
    if (at != end) return false;
    fraction_digits = static_cast<std::size_t>(at - point - 1);
  }
  if (static_cast<std::size_t>(point - first_digit) + fraction_digits > 19) return false;
  if (digits > std::uint64_t{1} << 53) return false;
  value = static_cast<double>(digits) / exact_powers_of_ten[fraction_digits];
  if (is_negative) value = -value;
  return true;
}

// For digits, point and exponent that are out of the range of double: whether the number is too great, not too small.
bool is_overflow(std::string_view unsigned_number) {
  long long exponent = 0;
  const std::size_t e = unsigned_number.find_first_of("eE");
  if (e != std::string_view::npos) {
    std::string_view written = unsigned_number.substr(e + 1);
    const bool is_negative = written.front() == '-';
    if (is_negative || written.front() == '+') written.remove_prefix(1);
    constexpr long long enough = std::numeric_limits<long long>::max() / 20;
    for (const char c : written) exponent = exponent > enough ? enough : exponent * 10 + (c - '0');
    if (is_negative) exponent = -exponent;
  }
  const std::string_view mantissa = unsigned_number.substr(0, e);
  const auto point = static_cast<long long>(std::min(mantissa.find('.'), mantissa.size()));
  const auto first = static_cast<long long>(mantissa.find_first_of("123456789"));
  return exponent + (first < point ? point - first : point - first + 1) > 0;
}

// A number without blanks around, of any length.
Number parse_any_decimal(std::string_view text) {
  if (text.empty()) return empty_number;
  const bool is_negative = text.front() == '-';
  if (is_negative || text.front() == '+') text.remove_prefix(1);
  if (text.empty()) return invalid_number;
  if (!is_digit(text.front()) && text.front() != '.') {
    if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) return infinity(is_negative);
    if (equals_ignoring_case(text, "nan")) return {0.0, NumberState::not_a_number};
    return invalid_number;
  }
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return invalid_number;
  if (error == std::errc::result_out_of_range) {
    if (is_overflow(text)) return infinity(is_negative);
    value = 0.0;
  } else if (std::isinf(value)) {
    return infinity(is_negative);
  }
  return {is_negative ? -value : value, NumberState::finite};
}

}  // namespace

Number parse_number(std::string_view text) noexcept {
  double value;
  if (parse_short_decimal(text, value)) return {value, NumberState::finite};
  return parse_any_decimal(without_white_space_around(text));
}

std::optional<std::int32_t> parse_integer(std::string_view text) noexcept {
  const Number number = parse_number(text);
  if (number.state != NumberState::finite) return std::nullopt;
  const double whole = std::trunc(number.value);
  if (whole < std::numeric_limits<std::int32_t>::min() || whole > std::numeric_limits<std::int32_t>::max())
    return std::nullopt;
  return static_cast<std::int32_t>(whole);
}

}  // namespace koku
