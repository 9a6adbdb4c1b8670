// Numbers: short decimals, nearly all there are, by hand; the rest by std::from_chars.
#include <algorithm>
#include <array>
#include <bit>
#include <cfloat>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "core/base/ascii.hpp"
#include "core/base/eight_bytes.hpp"
#include "core/report/convert.hpp"

namespace koku {
namespace {

constexpr Number empty_number{0.0, NumberState::empty};
constexpr Number invalid_number{0.0, NumberState::invalid};

constexpr Number infinity(bool is_negative) {
  return {0.0, is_negative ? NumberState::minus_infinity : NumberState::plus_infinity};
}

constexpr std::size_t most_digits = 16;                           // that take_digits() takes
constexpr std::uint64_t exact_integers = std::uint64_t{1} << 53;  // up to here double precision holds each

template <typename Value>
constexpr std::array<Value, most_digits + 1> powers_of_ten() {
  std::array<Value, most_digits + 1> powers{1};
  for (std::size_t exponent = 1; exponent < powers.size(); ++exponent) powers[exponent] = powers[exponent - 1] * 10;
  return powers;
}
constexpr auto integer_powers_of_ten = powers_of_ten<std::uint64_t>();
constexpr auto exact_powers_of_ten = powers_of_ten<double>();

struct Digits {
  std::uint64_t number = 0;
  std::size_t count = 0;
};

// The digits from `at` on, at most 16 of them, eight at a time.
inline Digits take_digits(const char* begin, const char*& at, const char* end) {
  Digits digits;
  do {
    const std::uint64_t characters = load_up_to_eight(begin, at, end);
    const std::uint64_t others = non_digits(characters);
    const std::size_t count = others == 0 ? 8 : static_cast<std::size_t>(std::countr_zero(others)) / 8;
    if (count == 0) break;
    // Leading zeros take the place of what is not there.
    const unsigned missing = static_cast<unsigned>(8 - count) * 8;
    const std::uint64_t eight = missing == 0 ? characters : characters << missing | repeated('0') >> (64 - missing);
    digits.number = digits.number * integer_powers_of_ten[count] + number_of_eight_digits(eight);
    digits.count += count;
    at += count;
    if (count < 8) break;
  } while (digits.count < most_digits);
  return digits;
}

// integer + fraction / 10^places, rounded once: one number over a power of ten, both exact. False when that number
// takes more than 53 bits.
bool add_fraction(std::uint64_t integer, std::uint64_t fraction, std::size_t places, double& value) {
  std::uint64_t scaled;
  if (__builtin_mul_overflow(integer, integer_powers_of_ten[places], &scaled) || scaled > exact_integers - fraction)
    return false;
  value = static_cast<double>(scaled + fraction) / exact_powers_of_ten[places];
  return true;
}

// `-`, up to 16 digits, fraction of up to 16 digits: nearly all numbers there are. False: not that simple.
bool parse_short_decimal(std::string_view text, double& value) {
  // Registers wider than double would round twice.
  if constexpr (FLT_EVAL_METHOD != 0) return false;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = begin;
  const bool is_negative = at != end && *at == '-';
  if (is_negative) ++at;
  const Digits integer = take_digits(begin, at, end);
  if (integer.count == 0 || integer.number > exact_integers) return false;
  value = static_cast<double>(integer.number);
  if (at != end) {
    if (*at++ != '.') return false;
    const Digits fraction = take_digits(begin, at, end);
    if (at != end || fraction.number > exact_integers) return false;
    if (fraction.number != 0 && !add_fraction(integer.number, fraction.number, fraction.count, value)) return false;
  }
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
