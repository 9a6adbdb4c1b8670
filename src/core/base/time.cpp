#include "core/base/time.hpp"

#include <chrono>
#include <cstdio>

namespace koku {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

year_month_day calendar_date(int year, unsigned month, unsigned day) {
  return {std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
}

}  // namespace

Day day_from_civil(CivilDate date) noexcept {
  return static_cast<Day>(sys_days(calendar_date(date.year, date.month, date.day)).time_since_epoch().count());
}

CivilDate civil_from_day(Day day) noexcept {
  const year_month_day date{sys_days{days{day}}};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())};
}

bool is_valid_date(int year, unsigned month, unsigned day) noexcept {
  // A month or day above 255 would be cut to a byte.
  return month <= 12 && day <= 31 && calendar_date(year, month, day).ok();
}

Day day_of(Instant instant) noexcept {
  return static_cast<Day>(std::chrono::floor<days>(std::chrono::microseconds(instant)).count());
}

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
