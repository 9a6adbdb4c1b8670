// Timestamps of a manifest (spec ingest.md 1.3).
#include "core/payload/manifest_timestamp.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <string>

using namespace koku;

namespace {

/// The instant with its microseconds, or "invalid".
std::string written(std::optional<Instant> instant) {
  if (!instant) return "invalid";
  const Instant fraction = *instant - start_of(day_of(*instant));
  std::string text = instant_to_string(*instant);
  const std::string digits = std::to_string(fraction % microseconds_per_second);
  return digits == "0" ? text : text + "." + std::string(6 - digits.size(), '0') + digits;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(manifest_timestamp_suite)

BOOST_AUTO_TEST_CASE(valid_timestamps) {
  const struct {
    const char* text;
    const char* instant;
  } cases[] = {
      {"2026-11-01", "2026-11-01 00:00:00"},
      {"2026-11-01T05:06", "2026-11-01 05:06:00"},
      {"2026-11-01t05:06:07", "2026-11-01 05:06:07"},
      {"2026-11-01 23:59:59", "2026-11-01 23:59:59"},
      {"2026-11-01T05:06:07.1", "2026-11-01 05:06:07.100000"},
      {"2026-11-01T05:06:07.123456", "2026-11-01 05:06:07.123456"},
      {"2026-11-01T05:06:07.1234569999", "2026-11-01 05:06:07.123456"},
      {"2026-11-01T05:06:07Z", "2026-11-01 05:06:07"},
      {"2026-11-01T05:06z", "2026-11-01 05:06:00"},
      {"2026-11-01T05:06:07.5Z", "2026-11-01 05:06:07.500000"},
      {"2026-11-01T00:00:00+05:30", "2026-10-31 18:30:00"},
      {"2026-11-01T00:00:00-0130", "2026-11-01 01:30:00"},
      {"2026-11-01T00:00+23:59", "2026-10-31 00:01:00"},
      {"2024-02-29", "2024-02-29 00:00:00"},
      {"0001-01-01T00:00:00Z", "0001-01-01 00:00:00"},
      {"9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59.999999"},
      {"0", "1970-01-01 00:00:00"},
      {"+1", "1970-01-01 00:00:01"},
      {"-1", "1969-12-31 23:59:59"},
      {"1793491200", "2026-11-01 00:00:00"},
      {"1793491200.25", "2026-11-01 00:00:00.250000"},
      {"20000000000", "2603-10-11 11:33:20"},
      {"20000000001", "1970-08-20 11:33:20.001000"},
      {"1793491200123", "2026-11-01 00:00:00.123000"},
      {"20261101", "1970-08-23 12:05:01"},
  };
  for (const auto& [text, instant] : cases) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(written(parse_manifest_timestamp(text)) == instant); }
  }
}

BOOST_AUTO_TEST_CASE(invalid_timestamps) {
  for (const char* text : {"",
                           " ",
                           "2026-11-01 00:00:00 +0000 UTC",
                           "2026-11-1",
                           "2026-11",
                           "2026-11-31",
                           "2026-00-01",
                           "2026-13-01",
                           "2023-02-29",
                           "0000-01-01",
                           "10000-01-01",
                           "2026/11/01",
                           "2026-11-01T",
                           "2026-11-01T05",
                           "2026-11-01T5:06",
                           "2026-11-01T05:06:",
                           "2026-11-01T24:00",
                           "2026-11-01T05:60",
                           "2026-11-01T05:06:60",
                           "2026-11-01T05:06:07.",
                           "2026-11-01T05:06:07,5",
                           "2026-11-01T05:06:07 Z",
                           "2026-11-01T05:06:07Zx",
                           "2026-11-01T05:06+5",
                           "2026-11-01T05:06+24:00",
                           "2026-11-01T05:06+05:60",
                           "2026-11-01T05:06+05",
                           "2026-11-01Z",
                           "2026-11-01_05:06",
                           " 2026-11-01",
                           "2026-11-01 ",
                           "0001-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01",
                           "now",
                           "nan",
                           "inf",
                           "1e9",
                           "-",
                           "+",
                           "+-1",
                           "1.",
                           ".5",
                           "1.2.3",
                           "99999999999999999999",
                           "253402300800000"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(written(parse_manifest_timestamp(text)) == "invalid"); }
  }
}

BOOST_AUTO_TEST_CASE(unix_times_as_numbers) {
  const struct {
    double number;
    const char* instant;
  } cases[] = {
      {1793491200, "2026-11-01 00:00:00"},
      {1793491200.5, "2026-11-01 00:00:00.500000"},
      {1793491200123, "2026-11-01 00:00:00.123000"},
      {-0.5, "1969-12-31 23:59:59.500000"},
      {1e300, "invalid"},
      {-1e300, "invalid"},
      {std::numeric_limits<double>::infinity(), "invalid"},
      {std::numeric_limits<double>::quiet_NaN(), "invalid"},
  };
  for (const auto& [number, instant] : cases) {
    BOOST_TEST_CONTEXT(number) { BOOST_TEST(written(instant_of_unix_time(number)) == instant); }
  }
  BOOST_TEST(written(instant_of_unix_time(std::numeric_limits<std::int64_t>::max())) == "invalid");
  BOOST_TEST(written(instant_of_unix_time(std::numeric_limits<std::int64_t>::min())) == "invalid");
  BOOST_TEST(written(instant_of_unix_time(std::int64_t{-62'135'596'800'000})) == "0001-01-01 00:00:00");
}

BOOST_AUTO_TEST_SUITE_END()
