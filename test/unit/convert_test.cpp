#include "core/report/convert.hpp"

#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "core/report/report_type.hpp"

using namespace std::literals;
using koku::Number;
using koku::NumberState;

namespace {

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

void check_like_strtod(const std::string& text) {
  const Number number = koku::parse_number(text);
  const double expected = std::strtod(text.c_str(), nullptr);
  if (std::isinf(expected)) {
    BOOST_TEST((number.state == (expected > 0 ? NumberState::plus_infinity : NumberState::minus_infinity)), text);
    BOOST_TEST(bits(number.value) == bits(0.0), text);
  } else {
    BOOST_TEST((number.state == NumberState::finite), text);
    BOOST_TEST(bits(number.value) == bits(expected), text);
  }
}

std::string formatted(const char* format, auto... values) {
  char text[512];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

std::string random_digits(std::mt19937_64& random, std::size_t count) {
  std::string digits;
  while (digits.size() < count) digits += static_cast<char>('0' + random() % 10);
  return digits;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(convert)

BOOST_AUTO_TEST_CASE(numbers) {
  struct {
    std::string_view text;
    double value;
  } const cases[] = {
      {"0", 0.0},
      {"3600", 3600.0},
      {"3600.000000", 3600.0},
      {"0.123456", 0.123456},
      {"803.0160000000001", 803.0160000000001},
      {"4290672328704.0005", 4290672328704.0005},
      {"-1.5", -1.5},
      {"+1.5", 1.5},
      {" \t1\r\n\v\f", 1.0},
      {"1.", 1.0},
      {".5", 0.5},
      {"-.5e1", -5.0},
      {"1.2345e+09", 1.2345e9},
      {"1E3", 1000.0},
      {"1.e2", 100.0},
      {"1e-2", 0.01},
      {"007", 7.0},
      // around the greatest whole number below which all are exact, and the most digits
      {"9007199254740992", 9007199254740992.0},
      {"9007199254740993", 9007199254740992.0},
      {"9007199254740995", 9007199254740996.0},
      {"9999999999999999999", 1e19},
      {"18446744073709551616", 18446744073709551616.0},
      {"0.0000000000000000001", 1e-19},
      {"0.00000000000000000001", 1e-20},
      // the bounds of double precision; below the least is 0
      {"1.7976931348623157e308", std::numeric_limits<double>::max()},
      {"5e-324", std::numeric_limits<double>::denorm_min()},
      {"1e-400", 0.0},
      {"1e-99999999999999999999", 0.0},
      {"0.1e-999999999999999999999", 0.0},
      {"0e99999999999999999999", 0.0},
  };
  for (const auto& c : cases) {
    const Number number = koku::parse_number(c.text);
    BOOST_TEST((number.state == NumberState::finite), c.text);
    BOOST_TEST(bits(number.value) == bits(c.value), c.text);
  }
  BOOST_TEST(bits(koku::parse_number("-0").value) == bits(-0.0));
  BOOST_TEST(bits(koku::parse_number("-1e-400").value) == bits(-0.0));
}

BOOST_AUTO_TEST_CASE(what_is_no_finite_number_is_zero_and_says_why) {
  struct {
    std::string_view text;
    NumberState state;
  } const cases[] = {
      {"", NumberState::empty},
      {" \t ", NumberState::empty},
      {"abc", NumberState::invalid},
      {"1,000", NumberState::invalid},
      {"1_000", NumberState::invalid},
      {"0x10", NumberState::invalid},
      {"1d3", NumberState::invalid},
      {"1e", NumberState::invalid},
      {"1e+", NumberState::invalid},
      {"e5", NumberState::invalid},
      {".", NumberState::invalid},
      {"-", NumberState::invalid},
      {"-.", NumberState::invalid},
      {"--1", NumberState::invalid},
      {"+-1", NumberState::invalid},
      {"- 1", NumberState::invalid},
      {"1 2", NumberState::invalid},
      {"1.2.3", NumberState::invalid},
      {"12345678901234567890.", NumberState::finite},
      {"1\0"sv, NumberState::invalid},
      {"\xC2\xA0"
       "1",
       NumberState::invalid},
      {"nan(1)", NumberState::invalid},
      {"infinit", NumberState::invalid},
      {"NULL", NumberState::invalid},
      {"nan", NumberState::not_a_number},
      {"NaN", NumberState::not_a_number},
      {" -NAN ", NumberState::not_a_number},
      {"inf", NumberState::plus_infinity},
      {"+Inf", NumberState::plus_infinity},
      {" INFINITY ", NumberState::plus_infinity},
      {"1e309", NumberState::plus_infinity},
      {"1.8e308", NumberState::plus_infinity},
      {"0.00001e99999999999999999999", NumberState::plus_infinity},
      {"1e18446744073709551615", NumberState::plus_infinity},
      {"-inf", NumberState::minus_infinity},
      {"-infinity", NumberState::minus_infinity},
      {"-1e309", NumberState::minus_infinity},
  };
  for (const auto& c : cases) {
    const Number number = koku::parse_number(c.text);
    BOOST_TEST((number.state == c.state), c.text);
    if (c.state != NumberState::finite) BOOST_TEST(bits(number.value) == bits(0.0), c.text);
  }
}

BOOST_AUTO_TEST_CASE(numbers_of_any_length) {
  BOOST_TEST(bits(koku::parse_number(std::string(100'000, '0') + "1").value) == bits(1.0));
  BOOST_TEST(bits(koku::parse_number("0." + std::string(400, '0') + "1e401").value) == bits(1.0));
  BOOST_TEST(bits(koku::parse_number("1" + std::string(400, '0') + "e-400").value) == bits(1.0));
  BOOST_TEST((koku::parse_number(std::string(400, '9')).state == NumberState::plus_infinity));
  BOOST_TEST(bits(koku::parse_number("0." + std::string(100'000, '0') + "1").value) == bits(0.0));
  BOOST_TEST(bits(koku::parse_number("3600." + std::string(100'000, '0')).value) == bits(3600.0));
}

BOOST_AUTO_TEST_CASE(random_numbers_are_those_of_strtod) {
  std::mt19937_64 random(20261104);
  for (int round = 0; round < 40'000; ++round) {
    // plain decimals of every length and every place of the point
    const std::string sign = round % 5 == 0 ? "-" : "";
    check_like_strtod(sign + random_digits(random, 1 + random() % 22));
    check_like_strtod(sign + random_digits(random, 1 + random() % 18) + "." + random_digits(random, random() % 18));
    check_like_strtod(sign + random_digits(random, 1 + random() % 4) + "." + random_digits(random, 6));
    // any exponent, overflow and underflow included
    check_like_strtod(sign + random_digits(random, 1) + "." + random_digits(random, random() % 20) + "e" +
                      std::to_string(static_cast<int>(random() % 700) - 350));
    // any double, printed exactly and shortened
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    check_like_strtod(formatted("%.17g", value));
    check_like_strtod(formatted("%g", value));
    check_like_strtod(formatted("%.6f", std::ldexp(std::abs(value), -std::ilogb(value)) * 1e9));
  }
}

// Where one digit more or less decides: halfway between two doubles, cut at every number of places.
BOOST_AUTO_TEST_CASE(numbers_halfway_between_two_are_those_of_strtod) {
  static_assert(std::numeric_limits<long double>::digits > 53, "holds what lies halfway between two doubles");
  std::mt19937_64 random(20261107);
  for (int exponent = 0; exponent <= 52; ++exponent) {
    for (int round = 0; round < 400; ++round) {
      // The power of two itself, whose neighbours are not equally far, and any double above it.
      const double above = std::ldexp(1.0 + static_cast<double>(random() >> 12) * 0x1p-52, exponent);
      const double value = round == 0 ? std::ldexp(1.0, exponent) : above;
      for (const double neighbour : {std::nextafter(value, 0.0), std::nextafter(value, 1e300)}) {
        const long double halfway = (static_cast<long double>(value) + static_cast<long double>(neighbour)) / 2;
        for (int places = 0; places <= 18; ++places) check_like_strtod(formatted("%.*Lf", places, halfway));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(integers) {
  struct {
    std::string_view text;
    std::optional<std::int32_t> value;
  } const cases[] = {
      {"7", 7},
      {"7.9", 7},
      {"-7.9", -7},
      {"-0.5", 0},
      {" 3 ", 3},
      {"1e3", 1000},
      {"2147483647", 2147483647},
      {"2147483647.5", 2147483647},
      {"-2147483648.5", -2147483648},
      {"2147483648", std::nullopt},
      {"-2147483649", std::nullopt},
      {"1e300", std::nullopt},
      {"", std::nullopt},
      {"abc", std::nullopt},
      {"nan", std::nullopt},
      {"inf", std::nullopt},
      {"-inf", std::nullopt},
      {"1e400", std::nullopt},
  };
  for (const auto& c : cases) BOOST_TEST((koku::parse_integer(c.text) == c.value), c.text);
}

BOOST_AUTO_TEST_CASE(timestamps) {
  struct {
    std::string_view text;
    std::string_view utc;
  } const cases[] = {
      {"2026-11-07 01:02:03 +0000 UTC", "2026-11-07 01:02:03"},
      {"2024-02-29 23:59:59 +0000 UTC", "2024-02-29 23:59:59"},
      {"0001-01-01 00:00:00 +0000 UTC", "0001-01-01 00:00:00"},
      // the marker is removed everywhere
      {" +0000 UTC2026-11- +0000 UTC +0000 UTC07 01:02:03", "2026-11-07 01:02:03"},
      {"2026-11-07 +0000 UTC", "2026-11-07 00:00:00"},
      {"2026-11-07T01:02:03+05:30 +0000 UTC", "2026-11-06 19:32:03"},
      // dates
      {"2026-11-07", "2026-11-07 00:00:00"},
      {"20261107", "2026-11-07 00:00:00"},
      {"2026-11", "2026-11-01 00:00:00"},
      {"2026-311", "2026-11-07 00:00:00"},
      {"2024-366", "2024-12-31 00:00:00"},
      {"2026-W01", "2025-12-29 00:00:00"},
      {"2026-W45-6", "2026-11-07 00:00:00"},
      {"2026-W53-7", "2027-01-03 00:00:00"},
      {"2024-W01-1", "2024-01-01 00:00:00"},
      {"2021-W01-1", "2021-01-04 00:00:00"},
      {"0001-W01-1", "0001-01-01 00:00:00"},
      // times
      {"2026-11-07T01", "2026-11-07 01:00:00"},
      {"2026-11-07t01:02", "2026-11-07 01:02:00"},
      {"2026-11-07 01:02:03", "2026-11-07 01:02:03"},
      {"2026-11T01:02", "2026-11-01 01:02:00"},
      {"2026-W45-6T01:02", "2026-11-07 01:02:00"},
      {"2026-311T01:02", "2026-11-07 01:02:00"},
      {"20261107T010203", "2026-11-07 01:02:03"},
      {"20261107 0102", "2026-11-07 01:02:00"},
      {"20261107T01", "2026-11-07 01:00:00"},
      {"20261107T01:02:03", "2026-11-07 01:02:03"},
      {"2026-11-07T24:00:00", "2026-11-08 00:00:00"},
      {"2026-11-07T24:00", "2026-11-08 00:00:00"},
      {"2026-11-07 24:00:00 +0000 UTC", "2026-11-08 00:00:00"},
      {"2026-12-31T24", "2027-01-01 00:00:00"},
      // offsets
      {"2026-11-07T01:02:03Z", "2026-11-07 01:02:03"},
      {"2026-11-07T01:02:03z", "2026-11-07 01:02:03"},
      {"2026-11-07T02:00+05:30", "2026-11-06 20:30:00"},
      {"2026-11-07T02:00+0530", "2026-11-06 20:30:00"},
      {"2026-11-07T02:00-05", "2026-11-07 07:00:00"},
      {"2026-11-07T02-23:59", "2026-11-08 01:59:00"},
      {"20261107T0102+01", "2026-11-07 00:02:00"},
      {"9999-12-31T23:59:59", "9999-12-31 23:59:59"},
  };
  for (const auto& c : cases) {
    const std::optional<koku::Instant> instant = koku::parse_timestamp(c.text);
    BOOST_REQUIRE_MESSAGE(instant.has_value(), c.text);
    BOOST_TEST(koku::instant_to_string(*instant) == c.utc, c.text);
    BOOST_TEST(*instant % koku::microseconds_per_second == 0, c.text);
  }
}

// Every other character in place of each of the operators' form.
BOOST_AUTO_TEST_CASE(a_changed_character_is_noticed) {
  const std::string form = "2011-11-11 11:11:11 +0000 UTC";
  // Another separator, or an offset behind the hour or the minute: valid, too.
  const auto valid_instead = [&form](std::size_t at) -> std::string_view {
    if (at < 19 && form[at] >= '0' && form[at] <= '9') return "0123456789";
    return at == 10 ? " Tt" : at == 13 || at == 16 ? ":+-" : std::string_view(form).substr(at, 1);
  };
  for (std::size_t at = 0; at < form.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = form;
      text[at] = static_cast<char>(byte);
      if (valid_instead(at).find(text[at]) == std::string_view::npos)
        BOOST_TEST(!koku::parse_timestamp(text).has_value(), text);
    }
  }
}

BOOST_AUTO_TEST_CASE(fractions_of_a_second) {
  struct {
    std::string_view text;
    koku::Instant microseconds;
  } const cases[] = {
      {"1970-01-01T00:00:00.5", 500'000},
      {"1970-01-01T00:00:00,25Z", 250'000},
      {"1970-01-01T00:00:00.000001", 1},
      {"1970-01-01T00:00:00.1234567", 123'456},
      {"1970-01-01T00:00:00.9999999999999999999999999", 999'999},
      {"19700101T000000.125", 125'000},
      {"1969-12-31T23:59:59.75", -250'000},
      {"1970-01-01 00:00:00.5 +0000 UTC", 500'000},
  };
  for (const auto& c : cases) {
    const std::optional<koku::Instant> instant = koku::parse_timestamp(c.text);
    BOOST_REQUIRE_MESSAGE(instant.has_value(), c.text);
    BOOST_TEST(*instant == c.microseconds, c.text);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_timestamp) {
  for (const std::string_view text :
       {// no date
        ""sv, " +0000 UTC"sv, "now"sv, "2026"sv, "2026-"sv, "202611"sv, "2026-1-7"sv, "26-11-07"sv, "+2026-11-07"sv,
        "2026/11/07"sv, "2026-11-7"sv, "2026-1107"sv, "202611-07"sv, "2026-11-"sv, "2026-W45-"sv, "2026W45"sv,
        "2026-w45"sv, "2026311"sv, "2026-11-07-01"sv, "1793980800"sv, "2026-3110"sv,
        // no day of the calendar
        "2026-00-01"sv, "2026-13-01"sv, "2026-11-00"sv, "2026-11-31"sv, "2026-02-29"sv, "2100-02-29"sv, "0000-01-01"sv,
        "2026-000"sv, "2026-366"sv, "2026-W00"sv, "2026-W54"sv, "2025-W53"sv, "2026-W45-0"sv, "2026-W45-8"sv,
        "2026-02-29 00:00:00 +0000 UTC"sv, "0000-01-01 00:00:00 +0000 UTC"sv,
        // no time
        "2026-11-07T"sv, "2026-11-07 "sv, "2026-11-07x01"sv, "2026-11-07  01"sv, "2026-11-07T1"sv, "2026-11-07T01:"sv,
        "2026-11-07T01:2"sv, "2026-11-07T01:02:"sv, "2026-11-07T01:02:3"sv, "2026-11-07T01:02:03."sv,
        "2026-11-07T01:02.5"sv, "2026-11-07T010203"sv, "20261107T01:0203"sv, "20261107T0102:03"sv, "20261107T010"sv,
        "2026-11-07T25:00"sv, "2026-11-07T24:00:01"sv, "2026-11-07T24:01"sv, "2026-11-07T24:00:00.1"sv,
        "2026-11-07T23:60"sv, "2026-11-07T23:59:60"sv, "2026-11-07 23:59:60 +0000 UTC"sv,
        "2026-11-07 24:00:01 +0000 UTC"sv, "2026-11-07 25:00:00 +0000 UTC"sv,
        // no offset
        "2026-11-07Z"sv, "2026-11-07+01"sv, "2026-11-07T01:02:03 Z"sv, "2026-11-07T01:02:03 +01:00"sv,
        "2026-11-07T01:02:03+"sv, "2026-11-07T01:02:03+1"sv, "2026-11-07T01:02:03+01:"sv, "2026-11-07T01:02:03+010"sv,
        "2026-11-07T01:02:03+24"sv, "2026-11-07T01:02:03+01:60"sv, "2026-11-07T01:02:03ZZ"sv,
        // what Go writes for other zones, and blanks around
        "2026-11-07 01:02:03 +0530 IST"sv, "2026-11-07 01:02:03 -0500 EST"sv, "2026-11-07 01:02:03 UTC"sv,
        "2026-11-07 01:02:03 +0000 UTC m=+1"sv, " 2026-11-07"sv, "2026-11-07 01:02:03 "sv,
        "2026-11-07 01:02:03 +0000 UTC "sv, "2026-11-07 01:02:03 +0000 utc"sv, "2026-11-07 01:02:03 +0000"sv,
        // the same length as the operators' form
        "2026-11-07T01:02:03+05:30 UTCx"sv, "2026 11-07 01:02:03 +0000 UTC"sv, "2026-11-07 01.02:03 +0000 UTC"sv,
        "2026-11-07 0a:02:03 +0000 UTC"sv, "2026-11-07 01:02:/3 +0000 UTC"sv, "2026-11-07 01:02:03 +0000 UTD"sv,
        // outside the years 0001 to 9999
        "0001-01-01T00:00+00:01"sv, "9999-12-31T24:00"sv, "9999-12-31T23:59-00:01"sv, "9999-W52-6"sv, "10000-01-01"sv})
    BOOST_TEST(!koku::parse_timestamp(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(every_day_of_three_centuries_has_the_operators_form) {
  for (koku::Day day = koku::day_from_civil({1900, 1, 1}); day < koku::day_from_civil({2200, 1, 1}); ++day) {
    const koku::Instant instant = koku::start_of(day) + 45'296 * koku::microseconds_per_second;
    BOOST_REQUIRE((koku::parse_timestamp(koku::instant_to_string(instant) + " +0000 UTC") == instant));
  }
}

BOOST_AUTO_TEST_CASE(html_escapes) {
  struct {
    std::string_view text;
    std::string_view escaped;
  } const cases[] = {
      {"", ""},
      {"plain-name.1_x/y", "plain-name.1_x/y"},
      {"é\n\\`", "é\n\\`"},
      {"&", "&amp;"},
      {"<", "&lt;"},
      {">", "&gt;"},
      {"\"", "&quot;"},
      {"'", "&#x27;"},
      {"a&b<c>d\"e'f", "a&amp;b&lt;c&gt;d&quot;e&#x27;f"},
      {"&&", "&amp;&amp;"},
      // text already escaped is escaped again
      {"&amp;", "&amp;amp;"},
  };
  for (const auto& c : cases) {
    std::string out = "before ";
    const bool changed = koku::append_html_escaped(c.text, out);
    BOOST_TEST(out == "before " + std::string(c.escaped));
    BOOST_TEST(changed == (c.text != c.escaped));
  }
}

BOOST_AUTO_TEST_CASE(texts_are_cut_between_characters) {
  struct {
    std::string_view text;
    std::size_t characters;
    std::string_view prefix;
  } const cases[] = {
      {"", 0, ""},       {"", 5, ""},    {"abc", 0, ""},  {"abc", 2, "ab"}, {"abc", 3, "abc"},
      {"abc", 4, "abc"}, {"éà", 1, "é"}, {"éà", 2, "éà"}, {"a😀b", 2, "a😀"}, {"a😀b", 3, "a😀b"},
  };
  for (const auto& c : cases)
    BOOST_TEST(c.text.substr(0, koku::prefix_of_characters(c.text, c.characters)) == c.prefix);
}

BOOST_AUTO_TEST_CASE(suspicious_texts) {
  for (const std::string_view text :
       {// a quote and what follows
        "' OR 1=1"sv, "'or"sv, "\"and x"sv, "' union"sv, "x' Select"sv, "'\tINSERT"sv, "'update"sv, "'delete"sv,
        "' drop"sv, "';"sv, "' ;x"sv, "'--x"sv, "' -- x"sv,
        // statements
        "union select"sv, "UNION  ALL\nSELECT"sv, "1 union select 2"sv, "select a from b"sv, "SELECT*FROM b"sv,
        "select from"sv, "insert into x"sv, "update a set b"sv, "DELETE FROM x"sv, "drop table x"sv, "drop\tDATABASE"sv,
        "Drop Index"sv, ";select"sv, "a; INSERT"sv, ";update"sv, ";delete"sv, "; drop"sv,
        // comments
        "abc--"sv, "abc-- "sv, "--"sv, "#"sv, "abc #"sv, "a/**/b"sv, "/* x */"sv, "/*/*/"sv,
        // markup and scripts
        "<script>"sv, "<SCRIPT src='x'>"sv, "</script>"sv, "a</Script>"sv, "javascript:x"sv, "JavaScript :x"sv,
        "<img onerror=x"sv, "onclick = x"sv, "<iframe"sv, "<object"sv, "<embed src"sv, "<svg/onload"sv,
        "<svg a=1 ONLOAD"sv, "data:text/html,x"sv, "expression(1)"sv})
    BOOST_TEST(koku::looks_suspicious("pod", text), text);
}

BOOST_AUTO_TEST_CASE(unsuspicious_texts) {
  for (const std::string_view text :
       {""sv, "pod-1"sv, "i-6b80cfe40b1b4eee9"sv, "ip-10-0-1-2.ec2.internal"sv, "NVIDIA A100-SXM4-80GB"sv, "é😀"sv,
        // keywords alone, in names, or in another order
        "select"sv, "from"sv, "select-from-db"sv, "select.a.from.b"sv, "select_from"sv, "from a select b"sv,
        "set update"sv, "update settings"sv, "drop"sv, "drop tables"sv, "drop the table"sv, "union of select"sv,
        "union all"sv, "insert x into"sv, "insert,into"sv, "union/select"sv, "delete x from"sv, "selected from"sv,
        "; x select"sv, "; updates"sv,
        // quotes before anything else
        "it's"sv, "'x"sv, "' x or"sv, "'oracle"sv, "or 1=1"sv, "o'r"sv, "x;"sv, "; ;"sv,
        // no comment to the end
        "a--b"sv, "#a"sv, "a-"sv, "/*"sv, "*/ /*"sv, "/*/"sv, "a/b*c"sv,
        // markup that is none
        "<b>"sv, "<script"sv, "script>"sv, "> <script"sv, "</script"sv, "javascript"sv, "javascript x:"sv, "on=x"sv,
        "on x=1"sv, "one"sv, "one x="sv, "month=1"sv, "<svg"sv, "onload"sv, "onload <svg"sv, "data:text/plain"sv,
        "data text/html"sv, "expression"sv, "expressions("sv, "< iframe"sv, "<objec"sv})
    BOOST_TEST(!koku::looks_suspicious("pod", text), text);
}

BOOST_AUTO_TEST_CASE(suspicious_lengths_are_counted_in_characters) {
  struct {
    std::string_view column;
    std::size_t characters;
  } const cases[] = {
      {"namespace", 253},
      {"pod", 253},
      {"node", 253},
      {"persistentvolumeclaim", 253},
      {"persistentvolume", 253},
      {"storageclass", 253},
      {"vm_name", 253},
      {"csi_driver", 253},
      {"vm_device", 253},
      {"resource_id", 512},
      {"csi_volume_handle", 512},
      {"gpu_model_name", 256},
      {"gpu_uuid", 128},
      {"gpu_vendor_name", 128},
      {"node_role", 128},
      {"vm_instance_type", 128},
      {"vm_os", 128},
  };
  for (const auto& c : cases) {
    std::string text;
    for (std::size_t characters = 0; characters < c.characters; ++characters) text += "é";
    BOOST_TEST(!koku::looks_suspicious(c.column, text), c.column);
    BOOST_TEST(koku::looks_suspicious(c.column, text + "x"), c.column);
    BOOST_TEST(koku::looks_suspicious(c.column, std::string(c.characters + 1, 'x')), c.column);
  }
  BOOST_TEST(!koku::looks_suspicious("mig_profile", std::string(10'000, 'x')));
}

BOOST_AUTO_TEST_CASE(every_escaped_column_has_a_length_limit) {
  for (const koku::ReportType& type : koku::report_types())
    for (const koku::Column& column : type.columns)
      BOOST_TEST(koku::looks_suspicious(column.name, std::string(513, 'x')) == column.html_escaped, column.name);
}

// With time that grows faster than the length these would not end.
BOOST_AUTO_TEST_CASE(hostile_texts_are_looked_at_once) {
  for (const std::string_view piece : {"/* "sv, "' "sv, "select "sv, "update x "sv, "<script"sv, "<svg "sv,
                                       "union all "sv, "-"sv, "on"sv, ";\n"sv, "data:"sv}) {
    std::string text;
    while (text.size() < 4'000'000) text += piece;
    BOOST_TEST(!koku::looks_suspicious("mig_profile", text + "x"), piece);
  }
}

BOOST_AUTO_TEST_SUITE_END()
