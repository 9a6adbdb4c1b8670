#include "core/base/iso8601.hpp"

#include "core/base/ascii.hpp"

namespace koku {
namespace {

// The characters of a timestamp without what is left out.
class Characters {
 public:
  Characters(std::string_view text, std::string_view left_out) : rest_(text), left_out_(left_out) { leave_out(); }

  bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    return take_if([c](char next) { return next == c; });
  }

  // Exactly `count` digits. False leaves the text half taken.
  bool take_digits(unsigned count, unsigned& number) {
    number = 0;
    for (unsigned taken = 0; taken < count; ++taken)
      if (!take_digit(number)) return false;
    return true;
  }

  // Appends one digit to `number`.
  bool take_digit(unsigned& number) {
    return take_if([&number](char c) {
      if (is_digit(c)) number = number * 10 + static_cast<unsigned>(c - '0');
      return is_digit(c);
    });
  }

  bool next_is_digit() const { return !rest_.empty() && is_digit(rest_.front()); }

 private:
  template <typename Condition>
  bool take_if(Condition condition) {
    if (rest_.empty() || !condition(rest_.front())) return false;
    rest_.remove_prefix(1);
    leave_out();
    return true;
  }
  void leave_out() {
    while (!left_out_.empty() && rest_.starts_with(left_out_)) rest_.remove_prefix(left_out_.size());
  }

  std::string_view rest_;
  std::string_view left_out_;
};

// Monday is 0.
unsigned weekday(Day day) { return static_cast<unsigned>(((day + 3) % 7 + 7) % 7); }

// The week with the year's first Thursday is week 1; `number` 1 is Monday.
std::optional<Day> day_of_week_date(unsigned year, unsigned week, unsigned number) {
  const std::optional<Day> fourth = day_of_calendar_date(year, 1, 4);
  if (!fourth || number < 1 || number > 7) return std::nullopt;
  const Day monday = *fourth - static_cast<Day>(weekday(*fourth)) + (static_cast<Day>(week) - 1) * 7;
  if (civil_from_day(monday + 3).year != static_cast<int>(year)) return std::nullopt;
  return monday + static_cast<Day>(number - 1);
}

std::optional<Day> day_of_ordinal_date(unsigned year, unsigned number) {
  const std::optional<Day> first = day_of_calendar_date(year, 1, 1);
  const Day day = first.value_or(0) + static_cast<Day>(number) - 1;
  if (!first || civil_from_day(day).year != static_cast<int>(year)) return std::nullopt;
  return day;
}

struct WrittenDate {
  Day day;
  bool is_basic;  // YYYYMMDD
};

// YYYY-MM-DD
std::optional<WrittenDate> take_common_date(Characters& text) {
  unsigned year;
  unsigned month;
  unsigned day;
  if (!text.take_digits(4, year) || !text.take('-') || !text.take_digits(2, month) || !text.take('-') ||
      !text.take_digits(2, day))
    return std::nullopt;
  const std::optional<Day> result = day_of_calendar_date(year, month, day);
  if (!result) return std::nullopt;
  return WrittenDate{*result, false};
}

std::optional<WrittenDate> take_date(Characters& text) {
  unsigned year;
  unsigned month;
  unsigned day;
  std::optional<Day> result;
  if (!text.take_digits(4, year)) return std::nullopt;
  if (!text.take('-')) {
    if (!text.take_digits(2, month) || !text.take_digits(2, day)) return std::nullopt;
    result = day_of_calendar_date(year, month, day);
    if (!result) return std::nullopt;
    return WrittenDate{*result, true};
  }
  if (text.take('W')) {
    unsigned week;
    unsigned number = 1;
    if (!text.take_digits(2, week)) return std::nullopt;
    if (text.take('-') && !text.take_digits(1, number)) return std::nullopt;
    result = day_of_week_date(year, week, number);
  } else {
    unsigned number;
    if (!text.take_digits(2, number)) return std::nullopt;
    if (text.take_digit(number)) {
      result = day_of_ordinal_date(year, number);
    } else {
      day = 1;
      if (text.take('-') && !text.take_digits(2, day)) return std::nullopt;
      result = day_of_calendar_date(year, number, day);
    }
  }
  if (!result) return std::nullopt;
  return WrittenDate{*result, false};
}

// After the point. Digits after the sixth do not count.
bool take_fraction(Characters& text, unsigned& microsecond) {
  if (!text.next_is_digit()) return false;
  for (int place = 0; place < 6; ++place)
    if (!text.take_digit(microsecond)) microsecond *= 10;
  unsigned ignored = 0;
  while (text.take_digit(ignored)) ignored = 0;
  return true;
}

// HH:MM[:SS[.f]]
bool take_common_time(Characters& text, TimeOfDay& time) {
  if (!text.take_digits(2, time.hour) || !text.take(':') || !text.take_digits(2, time.minute)) return false;
  if (text.take(':')) {
    if (!text.take_digits(2, time.second)) return false;
    if (text.take('.') && !take_fraction(text, time.microsecond)) return false;
  }
  return time.hour < 24 && time.is_valid();
}

bool take_time(Characters& text, bool may_be_basic, TimeOfDay& time) {
  if (!text.take_digits(2, time.hour)) return false;
  const bool is_basic = may_be_basic && text.next_is_digit();
  const auto another_part = [&] { return is_basic ? text.next_is_digit() : text.take(':'); };
  if (another_part()) {
    if (!text.take_digits(2, time.minute)) return false;
    if (another_part()) {
      if (!text.take_digits(2, time.second)) return false;
      if ((text.take('.') || text.take(',')) && !take_fraction(text, time.microsecond)) return false;
    }
  }
  return time.is_valid();
}

// `Z`, `±HHMM`, `±HH:MM` or nothing; `±HH` where `minutes_may_lack`.
bool take_offset(Characters& text, bool minutes_may_lack, Instant& offset) {
  offset = 0;
  if (text.take('Z') || text.take('z')) return true;
  const bool is_negative = text.take('-');
  if (!is_negative && !text.take('+')) return true;
  unsigned hours;
  unsigned minutes = 0;
  if (!text.take_digits(2, hours)) return false;
  const bool has_minutes = text.take(':') || text.next_is_digit() || !minutes_may_lack;
  if (has_minutes && !text.take_digits(2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  offset = (hours * 60 + minutes) * 60 * microseconds_per_second;
  if (is_negative) offset = -offset;
  return true;
}

}  // namespace

std::optional<Day> day_of_calendar_date(unsigned year, unsigned month, unsigned day) noexcept {
  if (year == 0 || !is_valid_date(static_cast<int>(year), month, day)) return std::nullopt;
  return day_from_civil({static_cast<int>(year), month, day});
}

std::optional<Instant> parse_iso8601(std::string_view written, Iso8601Forms forms, std::string_view left_out) noexcept {
  const bool all = forms == Iso8601Forms::all;
  Characters text(written, left_out);
  const std::optional<WrittenDate> date = all ? take_date(text) : take_common_date(text);
  if (!date) return std::nullopt;
  TimeOfDay time;
  Instant offset = 0;
  if (!text.at_end()) {
    if (!text.take('T') && !text.take('t') && !text.take(' ')) return std::nullopt;
    if (!(all ? take_time(text, date->is_basic, time) : take_common_time(text, time))) return std::nullopt;
    if (!take_offset(text, all, offset) || !text.at_end()) return std::nullopt;
  }
  const Instant instant = start_of(date->day) + time.microseconds() - offset;
  if (!is_within_calendar(instant)) return std::nullopt;
  return instant;
}

}  // namespace koku
