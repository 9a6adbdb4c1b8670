#include "core/base/time.hpp"

#include <array>
#include <cstdio>

namespace koku {
namespace {

// The calendar repeats every 400 years. Years are counted from 1 March, so that a leap day is the last of its year.
constexpr std::int64_t days_per_era = 146'097;
constexpr std::int64_t years_per_era = 400;
constexpr std::int64_t days_from_march_of_year_0_to_epoch = 719'468;

constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

constexpr std::int64_t days_before_year(std::int64_t year_of_era) {
  return year_of_era * 365 + year_of_era / 4 - year_of_era / 100;
}

// Months are counted from March here: 0 is March, 11 is February.
constexpr unsigned days_before_month(unsigned month_from_march) { return (153 * month_from_march + 2) / 5; }

constexpr bool is_leap_year(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

}  // namespace

Day day_from_civil(CivilDate date) noexcept {
  const std::int64_t year = static_cast<std::int64_t>(date.year) - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_divide(year, years_per_era);
  const unsigned month_from_march = (date.month + 9) % 12;
  const std::int64_t day_of_era =
      days_before_year(year - era * years_per_era) + days_before_month(month_from_march) + date.day - 1;
  return static_cast<Day>(era * days_per_era + day_of_era - days_from_march_of_year_0_to_epoch);
}

CivilDate civil_from_day(Day day) noexcept {
  const std::int64_t days = static_cast<std::int64_t>(day) + days_from_march_of_year_0_to_epoch;
  const std::int64_t era = floor_divide(days, days_per_era);
  const std::int64_t day_of_era = days - era * days_per_era;
  // Takes the leap days out that lie before day_of_era, so that what is left are years of 365 days.
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = static_cast<unsigned>(day_of_era - days_before_year(year_of_era));
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const std::int64_t year = era * years_per_era + year_of_era + (month <= 2 ? 1 : 0);
  return {static_cast<int>(year), month, day_of_year - days_before_month(month_from_march) + 1};
}

bool is_valid_date(int year, unsigned month, unsigned day) noexcept {
  constexpr std::array<unsigned, 12> month_lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= month_lengths[month - 1] + (month == 2 && is_leap_year(year) ? 1 : 0);
}

Day day_of(Instant instant) noexcept { return static_cast<Day>(floor_divide(instant, microseconds_per_day)); }

Day first_day_of_month(Day day) noexcept { return day - static_cast<Day>(civil_from_day(day).day) + 1; }

Day first_day_of_next_month(Day day) noexcept {
  // The 1st and 31 more days are always in the next month.
  return first_day_of_month(first_day_of_month(day) + 31);
}

std::string to_string(Day day) {
  const CivilDate date = civil_from_day(day);
  char text[40];
  const int size = std::snprintf(text, sizeof text, "%04d-%02u-%02u", date.year, date.month, date.day);
  return {text, static_cast<std::size_t>(size)};
}

std::string instant_to_string(Instant instant) {
  const Day day = day_of(instant);
  const auto seconds = static_cast<unsigned>((instant - start_of(day)) / microseconds_per_second);
  char text[16];
  const int size = std::snprintf(text, sizeof text, " %02u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);
  return to_string(day).append(text, static_cast<std::size_t>(size));
}

}  // namespace koku
