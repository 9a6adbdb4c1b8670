#include "core/page/calendar.hpp"

#include <array>
#include <string_view>

namespace koku::page {
namespace {

constexpr std::array<std::string_view, 12> months = {"January",   "February", "March",    "April",
                                                     "May",       "June",     "July",     "August",
                                                     "September", "October",  "November", "December"};

std::string month_and_year(CivilDate date) {
  return std::string(months[date.month - 1]) + " " + std::to_string(date.year);
}

}  // namespace

std::string long_day(Day day) {
  const CivilDate date = civil_from_day(day);
  return std::to_string(date.day) + " " + month_and_year(date);
}

std::string short_day(Day day) {
  const CivilDate date = civil_from_day(day);
  return std::to_string(date.day) + " " + std::string(months[date.month - 1].substr(0, 3));
}

std::string period(Day first_day, Day last_day) {
  if (first_day == last_day) return long_day(first_day);
  if (first_day_of_month(first_day) != first_day_of_month(last_day))
    return long_day(first_day) + " to " + long_day(last_day);
  const CivilDate first = civil_from_day(first_day);
  if (first.day == 1 && first_day_of_next_month(last_day) == last_day + 1) return month_and_year(first);
  return std::to_string(first.day) + " to " + long_day(last_day);
}

}  // namespace koku::page
