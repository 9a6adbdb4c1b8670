// Days and instants: the calendar, rounding before 1970, and text.
#include <boost/test/unit_test.hpp>

#include <limits>

#include "core/base/time.hpp"

using namespace koku;

BOOST_AUTO_TEST_SUITE(time_suite)

BOOST_AUTO_TEST_CASE(a_date_and_its_day_number_belong_together) {
  const struct {
    CivilDate date;
    Day day;
  } cases[] = {
      {{1970, 1, 1}, 0},       {{1970, 1, 2}, 1},        {{1969, 12, 31}, -1},    {{1970, 3, 1}, 59},
      {{2000, 2, 29}, 11'016}, {{2000, 3, 1}, 11'017},   {{1900, 3, 1}, -25'508}, {{1900, 2, 28}, -25'509},
      {{2026, 11, 1}, 20'758}, {{2026, 12, 31}, 20'818}, {{1, 1, 1}, -719'162},   {{9999, 12, 31}, 2'932'896},
      {{0, 2, 29}, -719'469},  {{-1, 12, 31}, -719'529},
  };
  for (const auto& [date, day] : cases) {
    BOOST_TEST_CONTEXT("day " << day) {
      BOOST_TEST(day_from_civil(date) == day);
      const CivilDate back = civil_from_day(day);
      BOOST_TEST(back.year == date.year);
      BOOST_TEST(back.month == date.month);
      BOOST_TEST(back.day == date.day);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_day_of_four_centuries_follows_the_one_before) {
  CivilDate expected = {1900, 1, 1};
  const Day first = day_from_civil(expected);
  Day failed_at = first - 1;
  for (Day day = first; day < first + 146'097 && failed_at < first; ++day) {
    const CivilDate date = civil_from_day(day);
    const bool same = date.year == expected.year && date.month == expected.month && date.day == expected.day;
    if (!same || day_from_civil(date) != day) failed_at = day;
    if (is_valid_date(expected.year, expected.month, expected.day + 1)) {
      ++expected.day;
    } else {
      expected =
          expected.month == 12 ? CivilDate{expected.year + 1, 1, 1} : CivilDate{expected.year, expected.month + 1, 1};
    }
  }
  BOOST_TEST(failed_at == first - 1);
  BOOST_TEST(expected.year == 2300);
}

BOOST_AUTO_TEST_CASE(only_dates_of_the_calendar_are_valid) {
  const struct {
    int year;
    unsigned month, day;
    bool valid;
  } cases[] = {
      {2026, 1, 31, true},  {2026, 1, 32, false}, {2026, 4, 30, true},  {2026, 4, 31, false},
      {2026, 2, 28, true},  {2026, 2, 29, false}, {2024, 2, 29, true},  {2000, 2, 29, true},
      {1900, 2, 29, false}, {2026, 0, 1, false},  {2026, 13, 1, false}, {2026, 1, 0, false},
  };
  for (const auto& [year, month, day, valid] : cases) {
    BOOST_TEST_CONTEXT(year << "-" << month << "-" << day) { BOOST_TEST(is_valid_date(year, month, day) == valid); }
  }
}

BOOST_AUTO_TEST_CASE(an_instant_falls_on_the_day_that_began_before_it) {
  const struct {
    Instant instant;
    Day day;
  } cases[] = {
      {0, 0},
      {microseconds_per_day - 1, 0},
      {microseconds_per_day, 1},
      {-1, -1},
      {-microseconds_per_day, -1},
      {-microseconds_per_day - 1, -2},
      {std::numeric_limits<Instant>::min(), -106'751'992},
      {std::numeric_limits<Instant>::max(), 106'751'991},
  };
  for (const auto& [instant, day] : cases) {
    BOOST_TEST_CONTEXT(instant) { BOOST_TEST(day_of(instant) == day); }
  }
}

BOOST_AUTO_TEST_CASE(a_month_begins_on_its_first_day) {
  const struct {
    CivilDate date;
    const char* first;
    const char* first_of_next;
  } cases[] = {
      {{2026, 11, 1}, "2026-11-01", "2026-12-01"},  {{2026, 11, 30}, "2026-11-01", "2026-12-01"},
      {{2026, 12, 31}, "2026-12-01", "2027-01-01"}, {{2026, 1, 31}, "2026-01-01", "2026-02-01"},
      {{2024, 2, 29}, "2024-02-01", "2024-03-01"},  {{2026, 2, 28}, "2026-02-01", "2026-03-01"},
      {{1969, 12, 31}, "1969-12-01", "1970-01-01"},
  };
  for (const auto& [date, first, first_of_next] : cases) {
    const Day day = day_from_civil(date);
    BOOST_TEST_CONTEXT(to_string(day)) {
      BOOST_TEST(to_string(first_day_of_month(day)) == first);
      BOOST_TEST(to_string(first_day_of_next_month(day)) == first_of_next);
    }
  }
}

BOOST_AUTO_TEST_CASE(days_and_instants_are_written_in_utc) {
  BOOST_TEST(to_string(day_from_civil({2026, 11, 1})) == "2026-11-01");
  BOOST_TEST(to_string(day_from_civil({1, 1, 1})) == "0001-01-01");
  const struct {
    Instant instant;
    const char* text;
  } cases[] = {
      {0, "1970-01-01 00:00:00"},
      {-1, "1969-12-31 23:59:59"},
      {start_of(20'758) + 5 * microseconds_per_hour + 61 * microseconds_per_second + 999'999, "2026-11-01 05:01:01"},
  };
  for (const auto& [instant, text] : cases) BOOST_TEST(instant_to_string(instant) == text);
}

BOOST_AUTO_TEST_SUITE_END()
