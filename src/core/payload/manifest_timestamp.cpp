#include "core/payload/manifest_timestamp.hpp"

#include <charconv>
#include <cmath>

#include "core/base/ascii.hpp"

namespace koku {
namespace {

constexpr Instant first_instant = -62'135'596'800 * microseconds_per_second;    // 0001-01-01 00:00:00
constexpr Instant end_of_instants = 253'402'300'800 * microseconds_per_second;  // 10000-01-01 00:00:00
constexpr Instant microseconds_per_minute = 60 * microseconds_per_second;
constexpr std::int64_t greatest_seconds = 20'000'000'000;

std::optional<Instant> within_calendar(Instant instant) {
  if (instant < first_instant || instant >= end_of_instants) return std::nullopt;
  return instant;
}

/// Takes a text apart from the left; a part that is not there takes nothing.
class Characters {
 public:
  explicit Characters(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take_one_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `count` digits, as a number.
  std::optional<unsigned> take_number(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    unsigned number = 0;
    for (const char c : rest_.substr(0, count)) {
      if (!is_digit(c)) return std::nullopt;
      number = number * 10 + static_cast<unsigned>(c - '0');
    }
    rest_.remove_prefix(count);
    return number;
  }

  /// `count` digits that may be at most `greatest`.
  std::optional<unsigned> take_number_up_to(unsigned greatest, std::size_t count) {
    const std::optional<unsigned> number = take_number(count);
    return number && *number <= greatest ? number : std::nullopt;
  }

 private:
  std::string_view rest_;
};

std::optional<Day> take_date(Characters& text) {
  const std::optional<unsigned> year = text.take_number(4);
  if (!year || *year == 0 || !text.take_one_of("-")) return std::nullopt;
  const std::optional<unsigned> month = text.take_number(2);
  if (!month || !text.take_one_of("-")) return std::nullopt;
  const std::optional<unsigned> day = text.take_number(2);
  if (!day || !is_valid_date(static_cast<int>(*year), *month, *day)) return std::nullopt;
  return day_from_civil({static_cast<int>(*year), *month, *day});
}

/// The digits after the point of a second, at least one.
std::optional<Instant> take_fraction(Characters& text) {
  std::optional<unsigned> digit = text.take_number(1);
  if (!digit) return std::nullopt;
  Instant fraction = 0;
  for (Instant unit = microseconds_per_second / 10; digit; unit /= 10, digit = text.take_number(1)) {
    fraction += *digit * unit;
  }
  return fraction;
}

/// Microseconds since midnight.
std::optional<Instant> take_time(Characters& text) {
  const std::optional<unsigned> hour = text.take_number_up_to(23, 2);
  if (!hour || !text.take_one_of(":")) return std::nullopt;
  const std::optional<unsigned> minute = text.take_number_up_to(59, 2);
  if (!minute) return std::nullopt;
  const Instant time = *hour * microseconds_per_hour + *minute * microseconds_per_minute;
  if (!text.take_one_of(":")) return time;
  const std::optional<unsigned> second = text.take_number_up_to(59, 2);
  if (!second) return std::nullopt;
  const std::optional<Instant> fraction = text.take_one_of(".") ? take_fraction(text) : 0;
  if (!fraction) return std::nullopt;
  return time + *second * microseconds_per_second + *fraction;
}

/// What the written time is ahead of UTC, in microseconds.
std::optional<Instant> take_offset(Characters& text) {
  if (text.at_end() || text.take_one_of("Zz")) return 0;
  const bool ahead = text.take_one_of("+");
  if (!ahead && !text.take_one_of("-")) return std::nullopt;
  const std::optional<unsigned> hours = text.take_number_up_to(23, 2);
  if (!hours) return std::nullopt;
  text.take_one_of(":");
  const std::optional<unsigned> minutes = text.take_number_up_to(59, 2);
  if (!minutes) return std::nullopt;
  const Instant offset = *hours * microseconds_per_hour + *minutes * microseconds_per_minute;
  return ahead ? offset : -offset;
}

std::optional<Instant> parse_calendar_time(std::string_view whole) {
  Characters text(whole);
  const std::optional<Day> day = take_date(text);
  if (!day) return std::nullopt;
  if (text.at_end()) return start_of(*day);
  if (!text.take_one_of("Tt ")) return std::nullopt;
  const std::optional<Instant> time = take_time(text);
  if (!time) return std::nullopt;
  const std::optional<Instant> offset = take_offset(text);
  if (!offset || !text.at_end()) return std::nullopt;
  return within_calendar(start_of(*day) + *time - *offset);
}

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
  if (const std::optional<Instant> instant = parse_calendar_time(text)) return instant;
  return parse_unix_time(text);
}

std::optional<Instant> instant_of_unix_time(std::int64_t number) noexcept {
  const bool is_seconds = number >= -greatest_seconds && number <= greatest_seconds;
  const std::int64_t unit = is_seconds ? microseconds_per_second : microseconds_per_second / 1000;
  if (number < first_instant / unit || number > end_of_instants / unit) return std::nullopt;
  return within_calendar(number * unit);
}

std::optional<Instant> instant_of_unix_time(double number) noexcept {
  const bool is_seconds = std::abs(number) <= static_cast<double>(greatest_seconds);
  const double microseconds = number * static_cast<double>(microseconds_per_second) / (is_seconds ? 1 : 1000);
  if (!(microseconds >= static_cast<double>(first_instant) && microseconds < static_cast<double>(end_of_instants))) {
    return std::nullopt;
  }
  return within_calendar(std::llround(microseconds));
}

}  // namespace koku
