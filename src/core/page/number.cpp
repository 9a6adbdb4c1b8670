#include "core/page/number.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace koku::page {
namespace {

constexpr const char* minus_sign = "\xE2\x88\x92";
constexpr const char* no_number = "\xE2\x80\x93";

/// Digits of the magnitude. The largest number of the tables has 18 digits before the point.
std::string fixed_digits(double value, int digits) {
  std::array<char, 64> buffer{};
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(value), std::chars_format::fixed, digits);
  return result.ec == std::errc{} ? std::string(buffer.data(), result.ptr) : std::string();
}

bool is_zero(const std::string& digits) { return digits.find_first_not_of("0.") == std::string::npos; }

std::string with_thousands(const std::string& digits) {
  const std::size_t whole = std::min(digits.find('.'), digits.size());
  std::string out;
  for (std::size_t place = 0; place < whole; ++place) {
    if (place > 0 && (whole - place) % 3 == 0) out += ',';
    out += digits[place];
  }
  return out + digits.substr(whole);
}

}  // namespace

std::string decimal(double value, int digits) {
  const std::string magnitude = fixed_digits(value, digits);
  if (!std::isfinite(value) || magnitude.empty()) return no_number;
  return (value < 0 && !is_zero(magnitude) ? minus_sign : "") + with_thousands(magnitude);
}

std::string signed_decimal(double value, int digits) {
  const std::string text = decimal(value, digits);
  return value > 0 && std::isfinite(value) && !is_zero(fixed_digits(value, digits)) ? "+" + text : text;
}

std::string percent(double share, int digits) { return decimal(100 * share, digits) + "\xC2\xA0%"; }

std::string plain_decimal(double value, int digits) {
  std::string text = fixed_digits(value, digits);
  if (!std::isfinite(value) || text.empty()) return {};
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return value < 0 && !is_zero(text) ? "-" + text : text;
}

double share_of(double part, double whole) noexcept { return whole > 0 ? part / whole : 0; }

}  // namespace koku::page
