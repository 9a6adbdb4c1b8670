#include "database/servers.hpp"

#include <boost/test/unit_test.hpp>
#include <future>

using namespace koku::intake;

namespace {

Configuration unreachable(const std::vector<std::string>& names) {
  Configuration configuration;
  for (const auto& name : names) {
    Configuration::Server server;
    server.name = name;
    server.database.conninfo = "host=/nowhere";
    server.database.schema = "public";
    server.database.connections = 1;
    server.database.connect_timeout = Duration(2000);
    server.database.submit_timeout = Duration(2000);
    configuration.servers.push_back(server);
  }
  return configuration;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(servers)

BOOST_AUTO_TEST_CASE(without_any_server_everything_is_answered) {
  for (const auto& names : {std::vector<std::string>{""}, std::vector<std::string>{"a", "b"}}) {
    Metrics metrics;
    MemoryBudget memory(1000);
    std::promise<SubmitOutcome> stored;
    std::promise<SubmitOutcome> asked;
    std::atomic<int> answers = 0;
    {
      Servers servers(unreachable(names), metrics);
      BOOST_TEST(!servers.is_any_available());
      const auto payload = std::make_shared<PayloadBuffer>(memory, 10);
      servers.submit({payload, "r", "t", [&stored](const SubmitOutcome& outcome) { stored.set_value(outcome); }});
      servers.ask({"x", "f()", {}, [&asked](const SubmitOutcome& outcome) { asked.set_value(outcome); }, "t"});
      servers.ask_each("x", "f()", [&answers](const std::string&, const SubmitOutcome&) { ++answers; });
    }
    BOOST_TEST((stored.get_future().get().kind == SubmitOutcome::Kind::unavailable));
    BOOST_TEST((asked.get_future().get().kind == SubmitOutcome::Kind::unavailable));
    BOOST_TEST(answers == static_cast<int>(names.size()));
  }
}

BOOST_AUTO_TEST_CASE(servers_with_names_say_whether_they_are_there) {
  Metrics metrics;
  const Servers servers(unreachable({"a", "b"}), metrics);
  BOOST_TEST((servers.availability() == std::map<std::string, bool>{{"a", false}, {"b", false}}));
  BOOST_TEST((metrics.database_up.values() == std::map<std::string, std::int64_t, std::less<>>{{"a", 0}, {"b", 0}}));
}

BOOST_AUTO_TEST_SUITE_END()
