#include "kafka/announcement.hpp"

#include <boost/test/unit_test.hpp>

using namespace koku::intake;

namespace {

/// 'request url org account'; '-' for a message of others, '!request' for a malformed one.
std::string read(const std::string& message, const std::optional<std::string>& header = "hccm",
                 const std::string& service = "hccm") {
  try {
    const auto announcement = parse_announcement(message, header, service);
    if (!announcement) return "-";
    return announcement->request_id + " " + announcement->url + " " + announcement->org_id + " " +
           announcement->account;
  } catch (const MalformedAnnouncement& malformed) {
    return "!" + malformed.request_id();
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(announcement)

BOOST_AUTO_TEST_CASE(fields) {
  BOOST_TEST(read(R"({"request_id":"r","url":"u","org_id":"11","account":"22","service":"hccm","other":[1]})") ==
             "r u 11 22");
  BOOST_TEST(read(R"({"request_id":"r","url":"u","org_id":11,"account":22})") == "r u 11 22");
  BOOST_TEST(read(R"({"request_id":"r","url":"u","org_id":null,"account":{}})") == "r u  ");
}

BOOST_AUTO_TEST_CASE(identity_completes) {
  // {"identity":{"account_number":"22","org_id":"11"}}
  const std::string identity = "eyJpZGVudGl0eSI6eyJhY2NvdW50X251bWJlciI6IjIyIiwib3JnX2lkIjoiMTEifX0=";
  // {"identity":{"internal":{"org_id":"33"}}}
  const std::string internal = "eyJpZGVudGl0eSI6eyJpbnRlcm5hbCI6eyJvcmdfaWQiOiIzMyJ9fX0=";
  BOOST_TEST(read(R"({"request_id":"r","url":"u","b64_identity":")" + identity + "\"}") == "r u 11 22");
  BOOST_TEST(read(R"({"request_id":"r","url":"u","org_id":"44","b64_identity":")" + identity + "\"}") == "r u 44 22");
  BOOST_TEST(read(R"({"request_id":"r","url":"u","b64_identity":")" + internal + "\"}") == "r u 33 ");
  for (const auto* broken : {"x", "bm8=", "W10=", "eyJpZGVudGl0eSI6W119"}) {
    BOOST_TEST_CONTEXT(broken)
    BOOST_TEST(read(R"({"request_id":"r","url":"u","b64_identity":")" + std::string(broken) + "\"}") == "r u  ");
  }
}

BOOST_AUTO_TEST_CASE(service_of_the_header_goes_before_that_of_the_message) {
  BOOST_TEST(read(R"({"request_id":"r","url":"u","service":"x"})", "hccm") == "r u  ");
  BOOST_TEST(read(R"({"request_id":"r","url":"u","service":"hccm"})", "advisor") == "-");
  BOOST_TEST(read(R"({"request_id":"r","url":"u","service":"hccm"})", std::nullopt) == "r u  ");
  BOOST_TEST(read(R"({"request_id":"r","url":"u","service":"advisor"})", std::nullopt) == "-");
  BOOST_TEST(read(R"({"request_id":"r","url":"u"})", std::nullopt) == "-");
  BOOST_TEST(read(R"({"request_id":"r","url":"u"})", std::nullopt, "") == "r u  ");
}

BOOST_AUTO_TEST_CASE(messages_of_others_are_not_looked_into) {
  BOOST_TEST(read("not json", "advisor") == "-");
  BOOST_TEST(read("not json", std::nullopt) == "-");
}

BOOST_AUTO_TEST_CASE(malformed_messages) {
  const struct {
    std::string message;
    const char* expected;
  } cases[] = {
      {"", "!"},
      {"not json", "!"},
      {"[]", "!"},
      {"null", "!"},
      {R"({"url":"u"})", "!"},
      {R"({"request_id":"","url":"u"})", "!"},
      {R"({"request_id":["r"],"url":"u"})", "!"},
      {R"({"request_id":"r"})", "!r"},
      {R"({"request_id":"r","url":""})", "!r"},
      {R"({"request_id":"r","url":{}})", "!r"},
      {R"({"request_id":"r","url":"a\u0000b"})", "!r"},
      {R"({"request_id":"r","url":")" + std::string(9000, 'x') + "\"}", "!r"},
      {R"({"request_id":")" + std::string(300, 'r') + R"(","url":"u"})", "!"},
      {std::string(100000, '['), "!"},
  };
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.message.substr(0, 60)) BOOST_TEST(read(c.message) == c.expected);
  }
}

BOOST_AUTO_TEST_CASE(answers) {
  BOOST_TEST(validation_message("r\"1", true) == R"({"request_id":"r\"1","validation":"success"})");
  BOOST_TEST(validation_message("r", false) == R"({"request_id":"r","validation":"failure"})");
}

BOOST_AUTO_TEST_SUITE_END()
