#include "database/submitter.hpp"

#include <boost/test/unit_test.hpp>
#include <future>

using namespace koku::intake;

BOOST_AUTO_TEST_SUITE(submitter)

BOOST_AUTO_TEST_CASE(only_what_concerns_the_payload_is_a_refusal) {
  for (const auto* sqlstate : {"22023", "22P02", "54000"}) {
    BOOST_TEST_CONTEXT(sqlstate) BOOST_TEST((outcome_of(DatabaseError("x", sqlstate)) == SubmitOutcome::Kind::refused));
  }
  for (const auto* sqlstate : {"", "08006", "57P01", "57P03", "57014", "53100", "53300", "55P03", "40P01", "42501",
                               "42883", "25006", "3D000", "XX000"}) {
    BOOST_TEST_CONTEXT(sqlstate)
    BOOST_TEST((outcome_of(DatabaseError("x", sqlstate)) == SubmitOutcome::Kind::unavailable));
  }
}

BOOST_AUTO_TEST_CASE(without_a_database_everything_is_answered) {
  Configuration::Server server;
  auto& settings = server.database;
  settings.conninfo = "host=/nowhere";
  settings.schema = "public";
  settings.connections = 2;
  settings.connect_timeout = Duration(2000);
  settings.submit_timeout = Duration(5000);
  Metrics metrics;
  MemoryBudget memory(1000);
  std::promise<SubmitOutcome> first;
  std::promise<SubmitOutcome> second;
  {
    Submitter submitter(server, metrics);
    BOOST_TEST(!submitter.is_available());
    const auto payload = std::make_shared<PayloadBuffer>(memory, 10);
    submitter.submit(
        {payload, "a", std::nullopt, [&first](const SubmitOutcome& outcome) { first.set_value(outcome); }});
    submitter.submit({payload, "b", "t", [&second](const SubmitOutcome& outcome) { second.set_value(outcome); }});
  }
  BOOST_TEST((first.get_future().get().kind == SubmitOutcome::Kind::unavailable));
  BOOST_TEST((second.get_future().get().kind == SubmitOutcome::Kind::unavailable));
  BOOST_TEST(metrics.submissions.value("unavailable") == 2);
  BOOST_TEST(metrics.database_up.values().at("") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
