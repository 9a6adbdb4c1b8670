#include "database/tenant_places.hpp"

#include <boost/test/unit_test.hpp>

using namespace koku::intake;
using Kind = SubmitOutcome::Kind;

namespace {

const PlaceAnswer silent;

/// Two servers that answer at once, and how often each was asked.
struct TwoServers {
  std::vector<PlaceAnswer> says{"absent", "absent"};
  std::vector<int> asked{0, 0};
  std::vector<std::size_t> attempts;
  std::vector<SubmitOutcome> outcomes{{Kind::stored, "1", {}, {}, {}}, {Kind::stored, "2", {}, {}, {}}};
  TenantPlaces places{{"a", "b"}, [this](std::size_t server, const std::string&, const auto& answered) {
                        ++asked[server];
                        answered(says[server]);
                      }};

  SubmitOutcome submit(const std::optional<std::string>& tenant = "t") {
    std::optional<SubmitOutcome> result;
    places.work<SubmitOutcome>(tenant, {[this](std::size_t server, const auto& attempted) {
                                          attempts.push_back(server);
                                          attempted(outcomes[server]);
                                        },
                                        [](const SubmitOutcome& problem) { return problem; },
                                        [&result](const SubmitOutcome& outcome) {
                                          BOOST_TEST(!result);
                                          result = outcome;
                                        }});
    BOOST_TEST_REQUIRE(result.has_value());
    return *result;
  }

  SubmitOutcome is_gone{Kind::unavailable, {}, "55000", "tenant \"t\" has moved to server 2", {}};
  SubmitOutcome is_away{Kind::unavailable, {}, {}, "the database is unreachable", {}};
  SubmitOutcome is_missing{Kind::refused, {}, "42704", "tenant \"t\" does not exist", {}};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tenant_places, TwoServers)

BOOST_AUTO_TEST_CASE(a_tenant_is_where_a_server_has_it) {
  const std::vector<std::string> servers{"a", "b"};
  const auto server_of = [&servers](const PlaceAnswer& a, const PlaceAnswer& b) {
    const auto place = place_of_tenant("t", servers, {a, b});
    return place.server ? static_cast<int>(*place.server) : -1;
  };
  BOOST_TEST(server_of("here", "absent") == 0);
  BOOST_TEST(server_of("moved", "here") == 1);
  BOOST_TEST(server_of(silent, "here") == 1);
  // In a move: copied, paused, handed over.
  BOOST_TEST(server_of("here", "arriving") == 0);
  BOOST_TEST(server_of("moving", "arriving") == 0);
  BOOST_TEST(server_of("moving", "here") == 1);
  BOOST_TEST(server_of("here", "here") == -1);
}

BOOST_AUTO_TEST_CASE(only_a_tenant_that_no_server_knows_is_missing) {
  const auto kind_of = [](const PlaceAnswer& a, const PlaceAnswer& b) {
    return place_of_tenant("t", {"a", "b"}, {a, b}).problem.kind;
  };
  BOOST_TEST((kind_of("absent", "absent") == Kind::refused));
  BOOST_TEST((kind_of("absent", silent) == Kind::unavailable));
  BOOST_TEST((kind_of(silent, silent) == Kind::unavailable));
  BOOST_TEST((kind_of("here", "here") == Kind::unavailable));
  // Asked one after the other, both can miss a tenant that moves between them.
  BOOST_TEST((kind_of("moved", "arriving") == Kind::unavailable));
  BOOST_TEST((kind_of("absent", "arriving") == Kind::unavailable));
  BOOST_TEST((kind_of("moved", "absent") == Kind::unavailable));
  const auto twice = place_of_tenant("t", {"a", "b"}, {"here", "here"}).problem;
  BOOST_TEST(twice.message == "tenant \"t\" is on several servers: a, b");
}

BOOST_AUTO_TEST_CASE(the_place_is_asked_for_once) {
  says = {"absent", "here"};
  BOOST_TEST(submit().answer == "2");
  BOOST_TEST(submit().answer == "2");
  BOOST_TEST((asked == std::vector<int>{1, 1}));
  BOOST_TEST((attempts == std::vector<std::size_t>{1, 1}));
}

BOOST_AUTO_TEST_CASE(a_move_is_followed) {
  says = {"here", "absent"};
  BOOST_TEST(submit().answer == "1");
  says = {"moved", "here"};
  outcomes[0] = is_gone;
  BOOST_TEST(submit().answer == "2");
  BOOST_TEST(submit().answer == "2");
  BOOST_TEST((attempts == std::vector<std::size_t>{0, 0, 1, 1}));
}

BOOST_AUTO_TEST_CASE(so_is_one_away_from_a_server_that_is_gone) {
  says = {"here", "absent"};
  submit();
  says = {silent, "here"};
  outcomes[0] = is_away;
  BOOST_TEST(submit().answer == "2");
}

BOOST_AUTO_TEST_CASE(while_a_server_is_silent_it_is_asked_each_time) {
  says = {"here", silent};
  BOOST_TEST(submit().answer == "1");
  BOOST_TEST(submit().answer == "1");
  BOOST_TEST((asked == std::vector<int>{2, 2}));
  says = {"here", "here"};
  BOOST_TEST((submit().kind == Kind::unavailable));
}

BOOST_AUTO_TEST_CASE(while_it_moves_the_old_server_answers) {
  says = {"moving", "arriving"};
  outcomes[0] = is_gone;
  const auto outcome = submit();
  BOOST_TEST((outcome.kind == Kind::unavailable));
  BOOST_TEST(outcome.message == is_gone.message);
  BOOST_TEST((attempts == std::vector<std::size_t>{0}));
}

BOOST_AUTO_TEST_CASE(what_is_said_of_the_payload_stands) {
  says = {"here", "absent"};
  outcomes[0] = {Kind::refused, {}, "22023", "payload must not be empty", {}};
  BOOST_TEST((submit().kind == Kind::refused));
  outcomes[0] = {Kind::postponed, {}, "54000", "inbox is full", {}};
  BOOST_TEST((submit().kind == Kind::postponed));
  BOOST_TEST((asked == std::vector<int>{1, 1}));
}

BOOST_AUTO_TEST_CASE(a_tenant_that_was_there_is_not_missing_while_a_server_is_silent) {
  says = {"here", "absent"};
  submit();
  says = {"absent", silent};
  outcomes[0] = is_missing;
  BOOST_TEST((submit().kind == Kind::unavailable));
  says = {"absent", "absent"};
  BOOST_TEST(submit().sqlstate == "42704");
  BOOST_TEST(attempts.size() == 2U);
}

BOOST_AUTO_TEST_CASE(without_a_tenant_nothing_is_attempted) {
  says = {"here", "here"};
  BOOST_TEST(submit(std::nullopt).sqlstate == "42704");
  BOOST_TEST(attempts.empty());
}

BOOST_AUTO_TEST_CASE(a_server_without_a_name_has_all_tenants) {
  TenantPlaces only({""}, [](std::size_t, const std::string&, const auto&) { BOOST_ERROR("it was asked"); });
  int attempts_there = 0;
  std::vector<SubmitOutcome> results;
  for (const auto& tenant : {std::optional<std::string>("t"), std::optional<std::string>()}) {
    only.work<SubmitOutcome>(tenant, {[&](std::size_t server, const auto& attempted) {
                                        BOOST_TEST(server == 0U);
                                        ++attempts_there;
                                        attempted(is_gone);
                                      },
                                      [](const SubmitOutcome& problem) { return problem; },
                                      [&](const SubmitOutcome& outcome) { results.push_back(outcome); }});
  }
  BOOST_TEST(attempts_there == 2);
  BOOST_TEST(results.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
