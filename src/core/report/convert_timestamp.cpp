// Timestamps: the operators' own form at once, every other one as ISO 8601 says.
#include "core/base/eight_bytes.hpp"
#include "core/base/iso8601.hpp"
#include "core/report/convert.hpp"

namespace koku {
namespace {

constexpr std::string_view utc_marker = " +0000 UTC";

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
  return parse_iso8601(text, Iso8601Forms::all, utc_marker);
}

}  // namespace koku
