// Timestamps of ISO 8601.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/time.hpp"

namespace koku {

/// Which of the forms of ISO 8601 are read.
enum class Iso8601Forms : std::uint8_t {
  /// `YYYY-MM-DD` (midnight), or that, `T`, `t` or a blank, `HH:MM`, `:SS`, a fraction after `.`, and `Z`, `z`,
  /// `±HH:MM`,
  /// `±HHMM` or nothing (UTC).
  common,
  /// Besides: `YYYYMMDD`, `YYYY-MM`, weeks and days of a year; `HH` alone, times without colons after `YYYYMMDD`, a
  /// fraction after `,`, 24:00 as the end of the day; `±HH`.
  all
};

/// The instant that `written` names, once every `left_out` in it is left out (nothing, when that is empty); nothing
/// when it has none of the forms, and outside of the years 0001 to 9999, as written and as converted to UTC. Digits of
/// a fraction after the sixth do not count.
std::optional<Instant> parse_iso8601(std::string_view written, Iso8601Forms forms,
                                     std::string_view left_out = {}) noexcept;

/// The day of a date with a year from 1 on; nothing when the calendar has no such date.
std::optional<Day> day_of_calendar_date(unsigned year, unsigned month, unsigned day) noexcept;

struct TimeOfDay {
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  unsigned microsecond = 0;

  bool is_valid() const {
    if (hour == 24) return minute == 0 && second == 0 && microsecond == 0;
    return hour < 24 && minute < 60 && second < 60;
  }
  Instant microseconds() const { return (hour * 3600 + minute * 60 + second) * microseconds_per_second + microsecond; }
};

}  // namespace koku
