#include "settings/units.hpp"

#include <boost/test/unit_test.hpp>

using namespace koku::intake;

BOOST_AUTO_TEST_SUITE(units)

BOOST_AUTO_TEST_CASE(durations) {
  const struct {
    const char* text;
    long milliseconds;
  } cases[] = {{"0", 0},         {"0s", 0},         {"250ms", 250},   {"10s", 10'000},
               {"10 s", 10'000}, {"5min", 300'000}, {"2h", 7'200'000}};
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.text) BOOST_TEST(parse_duration(c.text).count() == c.milliseconds);
  }
}

BOOST_AUTO_TEST_CASE(sizes) {
  const struct {
    const char* text;
    std::uint64_t bytes;
  } cases[] = {{"1", 1}, {"7B", 7}, {"2kB", 2048}, {"100MB", 104'857'600}, {"1 GB", 1'073'741'824}};
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.text) BOOST_TEST(parse_size(c.text) == c.bytes);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_duration) {
  for (const auto* text : {"", "s", "10", "-1s", "1.5s", "10m", "10S", "99999999999h", "99999999999999999999s"}) {
    BOOST_TEST_CONTEXT(text) BOOST_CHECK_THROW(parse_duration(text), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_size) {
  for (const auto* text : {"", "MB", "-1", "1.5MB", "1mb", "1TB", "9999999999GB"}) {
    BOOST_TEST_CONTEXT(text) BOOST_CHECK_THROW(parse_size(text), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
