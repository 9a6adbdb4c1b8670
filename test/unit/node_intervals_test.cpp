// The capacity that nodes had in each interval of a day (spec summary.md 3.3).
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/report/node_intervals.hpp"

namespace {

using koku::Instant;
using koku::NodeInterval;
using koku::NodeIntervals;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

NodeInterval interval(std::string_view node, Instant start, double cores, double bytes) {
  return {.node = node, .start = start, .cpu_core_seconds = cores, .memory_byte_seconds = bytes};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(node_intervals)

BOOST_AUTO_TEST_CASE(each_number_has_its_own_greatest_also_among_negative_ones) {
  NodeIntervals intervals;
  for (const auto& [cores, bytes] : {std::pair{-3.0, -10.0}, {-5.0, -9.0}, {-4.0, -11.0}})
    intervals.add(interval("a", 1, cores, bytes));
  BOOST_TEST(intervals.size() == 1u);
  BOOST_TEST(intervals.begin()->cpu_core_seconds == -3);
  BOOST_TEST(intervals.begin()->memory_byte_seconds == -9);
}

BOOST_AUTO_TEST_CASE(what_is_missing_counts_for_nothing) {
  NodeIntervals intervals;
  intervals.add(interval("a", 1, none, none));
  BOOST_TEST(std::isnan(intervals.begin()->cpu_core_seconds));
  intervals.add(interval("a", 1, 7, none));
  intervals.add(interval("a", 1, none, none));
  BOOST_TEST(intervals.begin()->cpu_core_seconds == 7);
  BOOST_TEST(std::isnan(intervals.begin()->memory_byte_seconds));
}

BOOST_AUTO_TEST_CASE(a_missing_node_is_another_than_one_without_name) {
  NodeIntervals intervals;
  const std::string_view empty = "";
  intervals.add(interval({}, 1, 1, 1));
  intervals.add(interval(empty, 1, 2, 2));
  intervals.add(interval({}, 1, 3, 3));
  BOOST_TEST_REQUIRE(intervals.size() == 2u);
  BOOST_TEST((intervals.begin()->node.data() == nullptr));
  BOOST_TEST(intervals.begin()->cpu_core_seconds == 3);
}

// In whatever order rows come: the one at hand is remembered, all others are looked up.
BOOST_AUTO_TEST_CASE(many_nodes_and_intervals_stay_apart) {
  constexpr int node_count = 300;
  constexpr int hours = 24;
  std::vector<std::string> names;
  for (int node = 0; node < node_count; ++node) names.push_back("node-" + std::to_string(node));
  NodeIntervals intervals;
  for (int turn = 0; turn < 3; ++turn)
    for (int hour = 0; hour < hours; ++hour)
      for (int node = 0; node < node_count; ++node)
        intervals.add(interval(names[static_cast<std::size_t>(node)], hour, node * 100 + hour + turn, turn));
  BOOST_TEST_REQUIRE(intervals.size() == static_cast<std::size_t>(node_count * hours));
  int place = 0;
  for (const NodeInterval& found : intervals) {
    const int node = place % node_count;
    const int hour = place / node_count;
    BOOST_TEST_REQUIRE(found.node == names[static_cast<std::size_t>(node)]);
    BOOST_TEST_REQUIRE(found.start == hour);
    BOOST_TEST_REQUIRE(found.cpu_core_seconds == node * 100 + hour + 2);
    BOOST_TEST_REQUIRE(found.memory_byte_seconds == 2);
    ++place;
  }
}

BOOST_AUTO_TEST_CASE(memory_grows_by_intervals_and_not_by_rows) {
  NodeIntervals intervals;
  BOOST_TEST(intervals.bytes() == 0u);
  const auto add_all = [&] {
    for (Instant start = 0; start < 10'000; ++start) intervals.add(interval("a", start, 1, 1));
  };
  add_all();
  const std::size_t once = intervals.bytes();
  BOOST_TEST(once >= 10'000 * sizeof(NodeInterval));
  BOOST_TEST(once <= 10'000 * 100u);
  add_all();
  BOOST_TEST(intervals.bytes() == once);
}

BOOST_AUTO_TEST_SUITE_END()
