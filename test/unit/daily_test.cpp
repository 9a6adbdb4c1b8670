// The daily aggregate: one group per key and day (spec ingest.md 4).
#include <boost/test/unit_test.hpp>

#include <array>
#include <limits>
#include <string>
#include <vector>

#include "core/report/daily.hpp"

namespace {

using koku::DailyAggregate;
using koku::ReportTypeId;
using koku::Row;
using koku::Value;

constexpr koku::Day day = 20000;

/// Rows of the namespace_labels type: two keys, nothing else.
Row row_of(const std::vector<Value>& values) {
  return {.report_period_start = 1,
          .report_period_end = 2,
          .interval_start = koku::start_of(day),
          .interval_end = {},
          .day = day,
          .values = values};
}

/// A pod row whose texts and numbers are all the same, to be changed where a test wants something else.
struct PodRow {
  PodRow() : values(koku::report_type(ReportTypeId::pod_usage).columns.size()) {}
  Value& at(std::string_view column) {
    return values[*koku::report_type(ReportTypeId::pod_usage).column_index(column)];
  }
  std::vector<Value> values;
};

struct PodAggregate {
  DailyAggregate aggregate{koku::report_type(ReportTypeId::pod_usage)};
  std::vector<std::string_view> key{"pod", "namespace", "node", "{}"};

  void add(const PodRow& row) { aggregate.add(aggregate.day(day), aggregate.key(key), row_of(row.values)); }
  Value value(std::string_view column, std::size_t group = 0) {
    std::vector<Value> values(aggregate.layout().type.columns.size());
    aggregate.values_of(*aggregate.days().at(day).groups.at(group), values);
    return values[*aggregate.layout().type.column_index(column)];
  }
  std::size_t groups() { return aggregate.days().at(day).groups.size(); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(daily)

BOOST_AUTO_TEST_CASE(rows_of_one_key_become_one_group_and_sums_are_compensated) {
  PodAggregate pods;
  for (const double usage : {0.1, 0.2, 0.3}) {
    PodRow row;
    row.at("pod_usage_cpu_core_seconds").number = usage;
    pods.add(row);
  }
  BOOST_TEST(pods.groups() == 1u);
  BOOST_TEST(pods.value("pod_usage_cpu_core_seconds").number == 0.6);
}

BOOST_AUTO_TEST_CASE(a_sum_that_overflows_stays_infinite_and_is_no_nan) {
  PodAggregate pods;
  PodRow row;
  row.at("pod_usage_cpu_core_seconds").number = std::numeric_limits<double>::max();
  for (int times = 0; times < 3; ++times) pods.add(row);
  BOOST_TEST(pods.value("pod_usage_cpu_core_seconds").number == std::numeric_limits<double>::infinity());
}

BOOST_AUTO_TEST_CASE(null_sums_count_as_zero) {
  PodAggregate pods;
  PodRow row;
  row.at("pod_usage_cpu_core_seconds") = {.number = 5, .is_null = true};
  pods.add(row);
  BOOST_TEST(!pods.value("pod_usage_cpu_core_seconds").is_null);
  BOOST_TEST(pods.value("pod_usage_cpu_core_seconds").number == 0.0);
}

BOOST_AUTO_TEST_CASE(the_greatest_number_wins_also_among_negative_ones) {
  PodAggregate pods;
  for (const double capacity : {-8.0, -4.0, -6.0}) {
    PodRow row;
    row.at("node_capacity_cpu_cores").number = capacity;
    pods.add(row);
  }
  BOOST_TEST(pods.value("node_capacity_cpu_cores").number == -4.0);
}

BOOST_AUTO_TEST_CASE(the_greatest_text_wins_by_bytes_and_null_is_ignored) {
  PodAggregate pods;
  BOOST_TEST_REQUIRE(std::string_view("\xc3\xa9") > std::string_view("z"));
  for (const std::string_view text : {std::string_view{}, std::string_view("b"), std::string_view("a-long-text"),
                                      std::string_view("\xc3\xa9"), std::string_view("z")}) {
    PodRow row;
    row.at("resource_id") = {.text = text, .is_null = text.data() == nullptr};
    row.at("node_role") = {.is_null = true};
    pods.add(row);
  }
  BOOST_TEST(pods.value("resource_id").text == "\xc3\xa9");
  BOOST_TEST(pods.value("node_role").is_null);
}

BOOST_AUTO_TEST_CASE(an_empty_text_is_smaller_than_any_but_no_null) {
  PodAggregate pods;
  PodRow row;
  row.at("resource_id") = {.text = ""};
  pods.add(row);
  BOOST_TEST(!pods.value("resource_id").is_null);
  BOOST_TEST(pods.value("resource_id").text.empty());
}

BOOST_AUTO_TEST_CASE(null_is_a_key_of_its_own) {
  DailyAggregate aggregate(koku::report_type(ReportTypeId::namespace_labels));
  const std::array<std::string_view, 2> null_key{std::string_view{}, "{}"};
  const std::array<std::string_view, 2> empty_key{"", "{}"};
  BOOST_TEST(&aggregate.key(null_key) != &aggregate.key(empty_key));
  BOOST_TEST(&aggregate.key(null_key) == &aggregate.key(null_key));
  BOOST_TEST(aggregate.key_count() == 2u);
}

BOOST_AUTO_TEST_CASE(days_are_apart) {
  PodAggregate pods;
  const PodRow row;
  pods.add(row);
  pods.aggregate.add(pods.aggregate.day(day + 1), pods.aggregate.key(pods.key), row_of(row.values));
  BOOST_TEST(pods.aggregate.days().size() == 2u);
  pods.aggregate.forget_day(day);
  BOOST_TEST(pods.aggregate.days().size() == 1u);
}

BOOST_AUTO_TEST_CASE(many_keys_stay_distinct_and_memory_grows_by_keys_not_rows) {
  PodAggregate pods;
  const PodRow row;
  std::vector<std::string> names;
  for (int pod = 0; pod < 5000; ++pod) names.push_back("pod-" + std::to_string(pod));
  const auto add_all = [&] {
    for (const std::string& name : names) {
      pods.key[0] = name;
      pods.add(row);
    }
  };
  add_all();
  const std::size_t once = pods.aggregate.allocated_bytes();
  for (int hour = 0; hour < 23; ++hour) add_all();
  BOOST_TEST(pods.groups() == 5000u);
  BOOST_TEST(pods.aggregate.allocated_bytes() == once);
}

BOOST_AUTO_TEST_CASE(report_period_takes_the_greatest) {
  PodAggregate pods;
  const PodRow row;
  for (const koku::Instant start : {5, 9, 7}) {
    Row typed = row_of(row.values);
    typed.report_period_start = start;
    pods.aggregate.add(pods.aggregate.day(day), pods.aggregate.key(pods.key), typed);
  }
  BOOST_TEST(pods.aggregate.days().at(day).groups.at(0)->report_period_start() == 9);
}

// A day has a place for every key, also of those it lacks: many keys and many days take memory without many groups.
BOOST_AUTO_TEST_CASE(the_places_of_keys_by_day_count_as_memory) {
  PodAggregate pods;
  const PodRow row;
  std::vector<std::string> names;
  for (int key = 0; key < 20'000; ++key) names.push_back(std::to_string(key));
  for (const std::string& name : names) {
    pods.key[0] = name;
    pods.add(row);
  }
  const std::size_t before = pods.aggregate.allocated_bytes();
  for (koku::Day other = day + 1; other <= day + 100; ++other)
    pods.aggregate.add(pods.aggregate.day(other), pods.aggregate.key(pods.key), row_of(row.values));
  BOOST_TEST(pods.aggregate.allocated_bytes() - before >= 100 * names.size() * sizeof(void*));
  for (koku::Day other = day + 1; other <= day + 100; ++other) pods.aggregate.forget_day(other);
  BOOST_TEST(pods.aggregate.allocated_bytes() - before < names.size() * sizeof(void*));
}

BOOST_AUTO_TEST_CASE(the_capacity_of_a_node_counts_once_an_interval) {
  PodAggregate pods;
  const auto add = [&](const char* pod, const char* node, koku::Instant start, double cores, double bytes) {
    pods.key = {pod, "namespace", node, "{}"};
    PodRow row;
    row.at("node_capacity_cpu_core_seconds").number = cores;
    row.at("node_capacity_memory_byte_seconds").number = bytes;
    Row typed = row_of(row.values);
    typed.interval_start = start;
    pods.aggregate.add(pods.aggregate.day(day), pods.aggregate.key(pods.key), typed);
  };
  add("one", "a", 1, 4, 70);
  add("one", "b", 1, 8, 80);
  add("two", "a", 1, 5, 60);
  add("two", "a", 2, 4, 70);
  std::vector<std::string> found;
  for (const koku::NodeInterval& interval : pods.aggregate.day(day).node_intervals)
    found.push_back(std::string(interval.node) + " " + std::to_string(interval.start) + " " +
                    std::to_string(static_cast<int>(interval.cpu_core_seconds)) + " " +
                    std::to_string(static_cast<int>(interval.memory_byte_seconds)));
  BOOST_TEST(found == (std::vector<std::string>{"a 1 5 70", "b 1 8 80", "a 2 4 70"}), boost::test_tools::per_element());
}

// A daily row has the sum over its pods' hours: it says nothing about an interval.
BOOST_AUTO_TEST_CASE(a_stored_daily_row_is_no_interval) {
  PodAggregate pods;
  const PodRow row;
  pods.aggregate.add_to_group(pods.aggregate.day(day), pods.aggregate.key(pods.key), row_of(row.values));
  BOOST_TEST(pods.groups() == 1u);
  BOOST_TEST(pods.aggregate.day(day).node_intervals.size() == 0u);
}

BOOST_AUTO_TEST_CASE(stored_intervals_merge_with_those_of_rows) {
  PodAggregate pods;
  PodRow row;
  row.at("node_capacity_cpu_core_seconds").number = 4;
  pods.add(row);
  const std::string node = "node";
  pods.aggregate.add_interval(
      pods.aggregate.day(day),
      {.node = node, .start = koku::start_of(day), .cpu_core_seconds = 6, .memory_byte_seconds = -1});
  BOOST_TEST_REQUIRE(pods.aggregate.day(day).node_intervals.size() == 1u);
  const koku::NodeInterval& merged = *pods.aggregate.day(day).node_intervals.begin();
  BOOST_TEST(merged.cpu_core_seconds == 6);
  BOOST_TEST(merged.memory_byte_seconds == 0);
}

BOOST_AUTO_TEST_CASE(types_without_capacity_have_no_intervals) {
  DailyAggregate aggregate(koku::report_type(ReportTypeId::namespace_labels));
  const std::array<std::string_view, 2> key{"namespace", "{}"};
  const std::vector<Value> values(2);
  aggregate.add(aggregate.day(day), aggregate.key(key), row_of(values));
  BOOST_TEST(aggregate.day(day).node_intervals.size() == 0u);
}

BOOST_AUTO_TEST_CASE(intervals_of_nodes_count_as_memory_until_their_day_is_forgotten) {
  PodAggregate pods;
  const PodRow row;
  pods.add(row);
  const std::size_t before = pods.aggregate.allocated_bytes();
  constexpr koku::Instant intervals = 100'000;
  Row typed = row_of(row.values);
  for (koku::Instant start = 0; start < intervals; ++start) {
    typed.interval_start = start;
    pods.aggregate.add(pods.aggregate.day(day), pods.aggregate.key(pods.key), typed);
  }
  BOOST_TEST(pods.aggregate.allocated_bytes() - before >= intervals * sizeof(koku::NodeInterval));
  pods.aggregate.forget_day(day);
  BOOST_TEST(pods.aggregate.allocated_bytes() <= before);
}

BOOST_AUTO_TEST_SUITE_END()
