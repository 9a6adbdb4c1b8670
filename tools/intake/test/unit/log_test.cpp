#include "observe/log.hpp"

#include <boost/test/unit_test.hpp>

using namespace koku::intake;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(log_lines)

BOOST_AUTO_TEST_CASE(a_line_is_one_json_object) {
  const auto line = log_line(LogLevel::warning, "a \"message\"", {{"text", "two\nlines"}, {"number", 3}});
  BOOST_TEST(line.find('\n') == std::string::npos);
  const auto object = json::parse(line);
  BOOST_TEST(object["level"] == "warning");
  BOOST_TEST(object["message"] == "a \"message\"");
  BOOST_TEST(object["text"] == "two\nlines");
  BOOST_TEST(object["number"] == 3);
  BOOST_TEST(object["time"].get<std::string>().size() == std::string("2026-11-23T01:02:03.456Z").size());
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_do_no_harm) {
  BOOST_TEST(json::accept(log_line(LogLevel::info, "\xff", {{"agent", "\xc3(\x80"}})));
}

BOOST_AUTO_TEST_CASE(excerpts) {
  BOOST_TEST(excerpt("abc", 3) == "abc");
  BOOST_TEST(excerpt("abcd", 3) == "abc...");
}

BOOST_AUTO_TEST_CASE(levels) {
  BOOST_TEST((parse_log_level("debug") == LogLevel::debug));
  BOOST_TEST((parse_log_level("error") == LogLevel::error));
  BOOST_CHECK_THROW(parse_log_level("Info"), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
