// Instants and days, always UTC.
#pragma once

#include <cstdint>
#include <string>

namespace koku {

/// Microseconds since 1970-01-01 00:00 UTC.
using Instant = std::int64_t;
/// Days since 1970-01-01.
using Day = std::int32_t;

inline constexpr Instant microseconds_per_second = 1'000'000;
inline constexpr Instant microseconds_per_hour = 3600 * microseconds_per_second;
inline constexpr Instant microseconds_per_day = 24 * microseconds_per_hour;

struct CivilDate {
  int year;
  unsigned month;  // 1..12
  unsigned day;    // 1..31
};

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar. The date must be valid, years are those that
/// std::chrono::year holds (-32767 to 32767).
Day day_from_civil(CivilDate date) noexcept;
CivilDate civil_from_day(Day day) noexcept;
bool is_valid_date(int year, unsigned month, unsigned day) noexcept;

/// The UTC day an instant falls on (rounds towards the past, also before 1970).
Day day_of(Instant instant) noexcept;
inline Instant start_of(Day day) noexcept { return static_cast<Instant>(day) * microseconds_per_day; }

/// Hours of a day: bit 0 for the hour from 00:00, bit 23 for that from 23:00.
using Hours = std::uint32_t;
/// The bit of the hour that an instant of the day falls into.
inline Hours hour_of(Instant instant, Day day) noexcept {
  return Hours{1} << ((instant - start_of(day)) / microseconds_per_hour);
}
/// The hour that an instant falls into begins at.
inline Instant start_of_hour(Instant instant) noexcept {
  const Day day = day_of(instant);
  return instant - (instant - start_of(day)) % microseconds_per_hour;
}
Day first_day_of_month(Day day) noexcept;
/// The first day of the month after the one that `day` is in.
Day first_day_of_next_month(Day day) noexcept;

/// What a payload's timestamps may be: the years 0001 to 9999.
inline constexpr Instant first_instant = -62'135'596'800 * microseconds_per_second;    // 0001-01-01 00:00:00
inline constexpr Instant end_of_instants = 253'402'300'800 * microseconds_per_second;  // 10000-01-01 00:00:00
inline constexpr bool is_within_calendar(Instant instant) {
  return instant >= first_instant && instant < end_of_instants;
}

/// `YYYY-MM-DD`.
std::string to_string(Day day);
/// `YYYY-MM-DD HH:MM:SS` (UTC, fraction left out).
std::string instant_to_string(Instant instant);

}  // namespace koku
