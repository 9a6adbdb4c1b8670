#include "core/payload/manifest_timestamp.hpp"

#include <charconv>
#include <cmath>

#include "core/base/ascii.hpp"
#include "core/base/iso8601.hpp"

namespace koku {
namespace {

constexpr std::int64_t greatest_seconds = 20'000'000'000;

template <typename Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = [&] {
    if constexpr (std::is_floating_point_v<Number>) {
      return std::from_chars(text.data(), end, number, std::chars_format::fixed);
    } else {
      return std::from_chars(text.data(), end, number);
    }
  }();
  if (error != std::errc() || parsed != end) return std::nullopt;
  return number;
}

std::optional<Instant> parse_unix_time(std::string_view text) {
  const bool is_signed = text.starts_with('+') || text.starts_with('-');
  const std::string_view digits = text.substr(is_signed ? 1 : 0);
  if (text.starts_with('+')) text = digits;  // which from_chars does not know
  if (digits.empty() || !is_digit(digits.front()) || !is_digit(digits.back())) return std::nullopt;
  if (const auto number = parse_whole<std::int64_t>(text)) return instant_of_unix_time(*number);
  if (const auto number = parse_whole<double>(text)) return instant_of_unix_time(*number);
  return std::nullopt;
}

}  // namespace

std::optional<Instant> parse_manifest_timestamp(std::string_view text) noexcept {
  if (const std::optional<Instant> instant = parse_iso8601(text, Iso8601Forms::common)) return instant;
  return parse_unix_time(text);
}

std::optional<Instant> instant_of_unix_time(std::int64_t number) noexcept {
  const bool is_seconds = number >= -greatest_seconds && number <= greatest_seconds;
  const std::int64_t unit = is_seconds ? microseconds_per_second : microseconds_per_second / 1000;
  if (number < first_instant / unit || number > end_of_instants / unit) return std::nullopt;
  const Instant instant = number * unit;
  return is_within_calendar(instant) ? std::optional(instant) : std::nullopt;
}

std::optional<Instant> instant_of_unix_time(double number) noexcept {
  const bool is_seconds = std::abs(number) <= static_cast<double>(greatest_seconds);
  const double microseconds = number * static_cast<double>(microseconds_per_second) / (is_seconds ? 1 : 1000);
  if (!(microseconds >= static_cast<double>(first_instant) && microseconds < static_cast<double>(end_of_instants))) {
    return std::nullopt;
  }
  const Instant instant = std::llround(microseconds);
  return is_within_calendar(instant) ? std::optional(instant) : std::nullopt;
}

}  // namespace koku
