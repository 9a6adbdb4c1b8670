#include "report/cost_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace koku::intake;

BOOST_AUTO_TEST_SUITE(cost_reader)

BOOST_AUTO_TEST_CASE(numbers_become_lines) {
  const auto text = cost_metrics(nlohmann::json::parse(R"({
    "costs": [{"tenant": "t", "cluster_id": "c", "cluster": "a \"b\"\n", "currency": null, "cost": 1234567.891, "as_of": 1764547200}],
    "budgets": [{"tenant": "t", "budget": "all", "monthly": 100, "spent": 0, "forecast": null, "state": "ok", "one": 1}],
    "sources": null})"));
  BOOST_TEST(
      text.find(
          "koku_month_cost{tenant=\"t\",cluster_id=\"c\",cluster=\"a \\\"b\\\"\\n\",currency=\"\"} 1234567.891\n") !=
      std::string::npos);
  BOOST_TEST(
      text.find("_as_of_timestamp_seconds{tenant=\"t\",cluster_id=\"c\",cluster=\"a \\\"b\\\"\\n\",currency=\"\"} "
                "1764547200\n") != std::string::npos);
  BOOST_TEST(text.find("koku_budget_spent{tenant=\"t\",budget=\"all\"} 0\n") != std::string::npos);
  BOOST_TEST(text.find("koku_budget_state{tenant=\"t\",budget=\"all\",state=\"ok\"} 1\n") != std::string::npos);
  // What is not known has no line.
  BOOST_TEST(text.find("koku_budget_forecast{") == std::string::npos);
  BOOST_TEST(text.find("koku_last_payload_timestamp_seconds{") == std::string::npos);
  BOOST_TEST(text.find("# TYPE koku_last_payload_timestamp_seconds gauge\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_two_servers_tell_of_one_tenant_is_there_once) {
  const auto text = cost_metrics(nlohmann::json::parse(R"({
    "budgets": [{"tenant": "t", "budget": "all", "spent": 1}, {"tenant": "u", "budget": "all", "spent": 2},
                {"tenant": "t", "budget": "all", "spent": 3}]})"));
  BOOST_TEST(text.find("koku_budget_spent{tenant=\"t\",budget=\"all\"} 1\n"
                       "koku_budget_spent{tenant=\"u\",budget=\"all\"} 2\n#") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
