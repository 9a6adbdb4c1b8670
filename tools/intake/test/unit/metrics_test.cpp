#include "observe/metrics.hpp"

#include <boost/test/unit_test.hpp>

using namespace koku::intake;
using namespace std::chrono_literals;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(metrics)

BOOST_AUTO_TEST_CASE(counters_and_gauges) {
  Metrics metrics;
  metrics.uploads.add("stored");
  metrics.uploads.add("stored", 2);
  metrics.uploads.add("refused");
  metrics.database_up.set("", 1);
  const auto text = metrics.text();
  BOOST_TEST(has_line(text, "# TYPE koku_intake_uploads_total counter"));
  BOOST_TEST(has_line(text, "koku_intake_uploads_total{outcome=\"stored\"} 3"));
  BOOST_TEST(has_line(text, "koku_intake_uploads_total{outcome=\"refused\"} 1"));
  BOOST_TEST(has_line(text, "koku_intake_database_up 1"));
  BOOST_TEST(has_line(text, "koku_intake_inbox_payloads -1"));
}

BOOST_AUTO_TEST_CASE(servers_with_names_have_numbers_of_their_own) {
  Metrics metrics;
  metrics.database_up.set("a", 1);
  metrics.database_up.set("b \"x\"", 0);
  const auto text = metrics.text();
  BOOST_TEST(has_line(text, "koku_intake_database_up{server=\"a\"} 1"));
  BOOST_TEST(has_line(text, "koku_intake_database_up{server=\"b \\\"x\\\"\"} 0"));
  BOOST_TEST(!has_line(text, "koku_intake_database_up 0"));
}

BOOST_AUTO_TEST_CASE(histograms_are_cumulative) {
  DurationHistogram histogram;
  for (const auto duration : {1ms, 5ms, 6ms, 70'000ms}) histogram.observe(duration);
  const auto text = "\n" + histogram.text("h");
  BOOST_TEST(has_line(text, "h_bucket{le=\"0.005\"} 2"));
  BOOST_TEST(has_line(text, "h_bucket{le=\"0.01\"} 3"));
  BOOST_TEST(has_line(text, "h_bucket{le=\"60\"} 3"));
  BOOST_TEST(has_line(text, "h_bucket{le=\"+Inf\"} 4"));
  BOOST_TEST(has_line(text, "h_count 4"));
  BOOST_TEST(has_line(text, "h_sum 70.012"));
}

BOOST_AUTO_TEST_SUITE_END()
