// Timestamps: the operators' own form at once, every other form of ISO 8601 character by character.
#include "core/base/ascii.hpp"
#include "core/base/eight_bytes.hpp"
#include "core/report/convert.hpp"

namespace koku {
namespace {

constexpr std::string_view utc_marker = " +0000 UTC";

constexpr Instant first_instant = -62'135'596'800 * microseconds_per_second;    // 0001-01-01 00:00:00
constexpr Instant end_of_instants = 253'402'300'800 * microseconds_per_second;  // 10000-01-01 00:00:00

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

// The characters of a timestamp with every ` +0000 UTC` left out.
class Characters {
 public:
  explicit Characters(std::string_view text) : rest_(text) { skip_markers(); }

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
    skip_markers();
    return true;
  }
  void skip_markers() {
    while (rest_.starts_with(utc_marker)) rest_.remove_prefix(utc_marker.size());
  }

  std::string_view rest_;
};

// Monday is 0.
unsigned weekday(Day day) { return static_cast<unsigned>(((day + 3) % 7 + 7) % 7); }

std::optional<Day> day_of_calendar_date(unsigned year, unsigned month, unsigned day) {
  if (year == 0 || !is_valid_date(static_cast<int>(year), month, day)) return std::nullopt;
  return day_from_civil({static_cast<int>(year), month, day});
}

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

// `Z`, `±HH`, `±HHMM`, `±HH:MM` or nothing.
bool take_offset(Characters& text, Instant& offset) {
  offset = 0;
  if (text.take('Z') || text.take('z')) return true;
  const bool is_negative = text.take('-');
  if (!is_negative && !text.take('+')) return true;
  unsigned hours;
  unsigned minutes = 0;
  if (!text.take_digits(2, hours)) return false;
  if ((text.take(':') || text.next_is_digit()) && !text.take_digits(2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  offset = (hours * 60 + minutes) * 60 * microseconds_per_second;
  if (is_negative) offset = -offset;
  return true;
}

std::optional<Instant> parse_iso_timestamp(std::string_view written) {
  Characters text(written);
  const std::optional<WrittenDate> date = take_date(text);
  if (!date) return std::nullopt;
  TimeOfDay time;
  Instant offset = 0;
  if (!text.at_end()) {
    if (!text.take('T') && !text.take('t') && !text.take(' ')) return std::nullopt;
    if (!take_time(text, date->is_basic, time) || !take_offset(text, offset) || !text.at_end()) return std::nullopt;
  }
  const Instant instant = start_of(date->day) + time.microseconds() - offset;
  if (instant < first_instant || instant >= end_of_instants) return std::nullopt;
  return instant;
}

// Eight characters of a form in which `d` stands for a digit: bytes with their values, 0 for the others.
class Form {
 public:
  explicit constexpr Form(std::string_view form) {
    for (std::size_t at = 0; at < 8; ++at) {
      const bool digit = form[at] == 'd';
      zero_ |= std::uint64_t{static_cast<unsigned char>(digit ? '0' : form[at])} << 8 * at;
      // A digit above 9, or any other character than the form's, carries into the highest bit.
      carry_ |= std::uint64_t{digit ? 0x76u : 0x7Fu} << 8 * at;
    }
  }
  std::uint64_t values(const char* text) const { return load_eight(text) ^ zero_; }
  // Not 0 when the characters are not of this form.
  std::uint64_t misfits(std::uint64_t values) const { return ((values + carry_) | values) & repeated(0x80); }

 private:
  std::uint64_t zero_ = 0;
  std::uint64_t carry_ = 0;
};

// The one form that operators write: `YYYY-MM-DD HH:MM:SS +0000 UTC`. False for all others, valid or not.
bool parse_operator_timestamp(std::string_view text, Instant& instant) {
  static constexpr Form year_month("dddd-dd-");
  static constexpr Form day_hour_minute("dd dd:dd");
  static constexpr Form second_zone(":dd +000");
  static constexpr Form zone("+0000 UT");
  constexpr std::size_t size = 29;
  if (text.size() != size || text.back() != 'C') return false;
  const std::uint64_t first = year_month.values(text.data());
  const std::uint64_t middle = day_hour_minute.values(text.data() + 8);
  const std::uint64_t last = second_zone.values(text.data() + 16);
  const std::uint64_t misfits = year_month.misfits(first) | day_hour_minute.misfits(middle) |
                                second_zone.misfits(last) | zone.misfits(zone.values(text.data() + 20));
  if (misfits != 0) return false;
  const auto two_digits = [](std::uint64_t values, unsigned at) {
    return static_cast<unsigned>(values >> 8 * at & 0xF) * 10 + static_cast<unsigned>(values >> 8 * (at + 1) & 0xF);
  };
  const std::optional<Day> day = day_of_calendar_date(two_digits(first, 0) * 100 + two_digits(first, 2),
                                                      two_digits(first, 5), two_digits(middle, 0));
  const TimeOfDay time{.hour = two_digits(middle, 3), .minute = two_digits(middle, 6), .second = two_digits(last, 1)};
  if (!day || !time.is_valid()) return false;
  instant = start_of(*day) + time.microseconds();
  return true;
}

}  // namespace

std::optional<Instant> parse_timestamp(std::string_view text) noexcept {
  Instant instant;
  if (parse_operator_timestamp(text, instant)) return instant;
  return parse_iso_timestamp(text);
}

}  // namespace koku
