// Report files as typed rows (spec ingest.md 1.9, 1.10, 3).
#include <boost/test/unit_test.hpp>

#include <map>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/report/convert.hpp"
#include "core/report/report_reader.hpp"

namespace {

using koku::Day;
using koku::DayDecision;
using koku::ReportTypeId;

/// Bytes in one block.
class TextInput final : public koku::ByteInput {
 public:
  explicit TextInput(std::string text) : text_(std::move(text)) {}
  std::string_view read() override { return std::exchange(done_, true) ? std::string_view{} : std::string_view(text_); }

 private:
  std::string text_;
  bool done_ = false;
};

/// Keeps what it is given as text.
class RowList final : public koku::RowSink {
 public:
  DayDecision begin_day(Day day, koku::Instant) override {
    const auto found = decisions.find(day);
    return found == decisions.end() ? DayDecision::load : found->second;
  }
  void add(const koku::Row& row) override {
    std::vector<std::string> texts;
    std::vector<koku::Value> values(row.values.begin(), row.values.end());
    for (koku::Value& value : values) {
      owned.push_back(std::make_unique<std::string>(value.text));
      if (value.text.data() != nullptr) value.text = *owned.back();
    }
    rows.push_back(std::move(values));
    typed.push_back(row);
  }
  void flush() override {}

  std::map<Day, DayDecision> decisions;
  std::vector<std::vector<koku::Value>> rows;
  std::vector<koku::Row> typed;
  std::vector<std::unique_ptr<std::string>> owned;
};

/// A read file with everything it gave.
struct ReadFile {
  explicit ReadFile(const std::string& text, std::map<Day, DayDecision> decisions = {}, koku::ReaderLimits limits = {})
      : input(text), reader(input, nullptr, limits) {
    sink.decisions = std::move(decisions);
    has_header = reader.read_header();
    if (!has_header || reader.type() == nullptr) return;
    aggregate = std::make_unique<koku::DailyAggregate>(*reader.type());
    reader.read_rows(*aggregate, sink, tag_keys);
  }
  const koku::Value& value(std::size_t row, std::string_view column) const {
    return sink.rows.at(row).at(*reader.type()->column_index(column));
  }

  TextInput input;
  koku::ReportReader reader;
  RowList sink;
  koku::TagKeys tag_keys;
  std::unique_ptr<koku::DailyAggregate> aggregate;
  bool has_header = false;
};

const std::string dates =
    "2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,2026-11-05 07:00:00 +0000 UTC,2026-11-05 07:59:59 "
    "+0000 UTC";
const std::string date_names = "report_period_start,report_period_end,interval_start,interval_end";
const Day november_5 = koku::day_from_civil({2026, 11, 5});

std::string namespace_file(const std::string& rows) { return date_names + ",namespace,namespace_labels\n" + rows; }

const std::string pod_names =
    date_names +
    ",pod,namespace,node,resource_id,pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_"
    "seconds,"
    "pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_"
    "cores,"
    "node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,pod_labels\n";
std::string pod_file(const std::string& usage, const std::string& request) {
  return pod_names + dates + ",p,n,node,i-1," + usage + "," + request + ",0,0,0,0,4,14400,1,1,\n";
}

const std::string gpu_names =
    date_names +
    ",node,namespace,pod,gpu_uuid,gpu_model_name,gpu_vendor_name,gpu_memory_capacity_mib,gpu_pod_uptime,"
    "gpu_max_slices,mig_instance_id,mig_profile,mig_strategy\n";
std::string gpu_file(const std::string& model, const std::string& max_slices, const std::string& profile) {
  return gpu_names + dates + ",node,n,p,GPU-1," + model + ",nvidia_com_gpu,40960,3600," + max_slices + ",7," + profile +
         ",mixed\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(report_reader)

BOOST_AUTO_TEST_CASE(a_row_gets_its_types) {
  const ReadFile file(namespace_file(dates + ",<web>,label_app:web\n"));
  BOOST_TEST_REQUIRE(file.sink.rows.size() == 1u);
  BOOST_TEST(file.value(0, "namespace").text == "&lt;web&gt;");
  BOOST_TEST(file.value(0, "namespace_labels").text == R"({"app": "web"})");
  BOOST_TEST(koku::to_string(file.sink.typed[0].day) == "2026-11-05");
  BOOST_TEST(koku::instant_to_string(file.sink.typed[0].interval_start) == "2026-11-05 07:00:00");
  BOOST_TEST(koku::instant_to_string(*file.sink.typed[0].interval_end) == "2026-11-05 07:59:59");
  BOOST_TEST(file.tag_keys.contains("app"));
  BOOST_TEST(file.reader.days().at(november_5).rows_loaded == 1u);
}

BOOST_AUTO_TEST_CASE(empty_files_header_only_files_and_unknown_types) {
  BOOST_TEST(!ReadFile("").has_header);
  BOOST_TEST(!ReadFile(" \n\n").has_header);
  const ReadFile header_only(namespace_file(""));
  BOOST_TEST(header_only.has_header);
  BOOST_TEST(header_only.reader.rows_in() == 0u);
  const ReadFile unknown("a,b\n1,2\n");
  BOOST_TEST(unknown.has_header);
  BOOST_TEST(unknown.reader.type() == nullptr);
}

BOOST_AUTO_TEST_CASE(rows_that_are_dropped_and_counted) {
  const std::string bad_date = "2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,yesterday,x,ns,\n";
  const std::string compact_date = "2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,20261105T07,x,ns,\n";
  const ReadFile file(namespace_file(dates + ",a,,surplus\n" + bad_date + compact_date + ",\n" + dates + ",b,,\n"));
  BOOST_TEST(file.reader.rows_in() == 5u);
  BOOST_TEST(file.reader.findings().rows_too_long == 1u);
  BOOST_TEST(file.reader.findings().rows_without_interval == 3u);
  BOOST_TEST_REQUIRE(file.sink.rows.size() == 1u);  // a surplus of empty fields only is accepted
  BOOST_TEST(file.value(0, "namespace").text == "b");
}

BOOST_AUTO_TEST_CASE(other_dates_that_cannot_be_used_cost_no_row) {
  const ReadFile file(namespace_file("never,,2026-11-05 07:00:00 +0000 UTC,?,ns,\n"));
  BOOST_TEST_REQUIRE(file.sink.typed.size() == 1u);
  BOOST_TEST(!file.sink.typed[0].interval_end.has_value());
  BOOST_TEST(koku::instant_to_string(file.sink.typed[0].report_period_start) == "2026-11-01 00:00:00");
  BOOST_TEST(koku::instant_to_string(file.sink.typed[0].report_period_end) == "2026-12-01 00:00:00");
}

BOOST_AUTO_TEST_CASE(missing_fields_are_empty_and_missing_columns_are_null) {
  const ReadFile file(pod_names + dates + ",p\n");
  BOOST_TEST_REQUIRE(file.sink.rows.size() == 1u);
  BOOST_TEST(!file.value(0, "namespace").is_null);
  BOOST_TEST(file.value(0, "namespace").text.empty());
  BOOST_TEST(file.value(0, "pod_labels").text == "{}");
  BOOST_TEST(file.value(0, "node_capacity_cpu_cores").number == 0.0);
  BOOST_TEST(file.value(0, "node_role").is_null);
}

BOOST_AUTO_TEST_CASE(days_that_are_not_loaded) {
  const std::string next_day =
      "2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,2026-11-06 07:00:00 +0000 UTC,x,ns,\n";
  const ReadFile skipped(namespace_file(dates + ",a,label_x:1\n" + next_day), {{november_5, DayDecision::skip}});
  BOOST_TEST(skipped.sink.rows.size() == 1u);
  BOOST_TEST(skipped.reader.days().at(november_5).rows_in == 1u);
  BOOST_TEST(skipped.reader.days().at(november_5).rows_dropped == 0u);
  BOOST_TEST(skipped.tag_keys.empty());
  const ReadFile expired(namespace_file(dates + ",a,\n" + next_day), {{november_5, DayDecision::expired}});
  BOOST_TEST(expired.reader.findings().rows_expired == 1u);
  BOOST_TEST(expired.reader.days().at(november_5).rows_dropped == 1u);
}

BOOST_AUTO_TEST_CASE(effective_usage_is_the_greater_of_usage_and_request) {
  for (const auto& [usage, request, effective] :
       std::vector<std::tuple<std::string, std::string, double>>{{"5", "7", 7}, {"8", "7", 8}, {"abc", "0.5", 0.5}}) {
    const ReadFile file(pod_file(usage, request));
    BOOST_TEST(file.value(0, "pod_effective_usage_cpu_core_seconds").number == effective);
  }
}

BOOST_AUTO_TEST_CASE(numbers_beyond_the_bound) {
  struct Case {
    std::string usage;
    std::size_t rows;
    double value;
    std::uint64_t replaced;
  };
  for (const Case& test : std::vector<Case>{{"1e18", 1, 1e18, 0},
                                            {"1.1e18", 0, 0, 0},
                                            {"+Inf", 0, 0, 0},
                                            {"1e400", 0, 0, 0},
                                            {"-Inf", 1, 0, 1},
                                            {"NaN", 1, 0, 1},
                                            {"-1e300", 1, -1e18, 1},
                                            {"", 1, 0, 0}}) {
    const ReadFile file(pod_file(test.usage, "-1e300"));
    BOOST_TEST_CONTEXT("usage " << test.usage) {
      BOOST_TEST_REQUIRE(file.sink.rows.size() == test.rows);
      if (test.rows == 0) {
        BOOST_TEST(file.reader.findings().rows_over_bound == 1u);
      } else {
        BOOST_TEST(file.value(0, "pod_usage_cpu_core_seconds").number == test.value);
        BOOST_TEST(file.reader.findings().numbers_replaced == test.replaced + 1);  // the request is one, too
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(texts_are_cut_after_escaping_at_a_character) {
  const ReadFile file(namespace_file(dates + "," + std::string(252, 'a') + "<,\n" + dates + "," +
                                     std::string(252, 'a') + "\xc3\xa9z,\n"));
  BOOST_TEST_REQUIRE(file.sink.rows.size() == 2u);
  BOOST_TEST(file.value(0, "namespace").text == std::string(252, 'a') + "&");
  BOOST_TEST(file.value(1, "namespace").text == std::string(252, 'a') + "\xc3\xa9");
  BOOST_TEST(file.reader.findings().texts_cut == 2u);
  BOOST_TEST(file.reader.findings().cut_columns == std::vector<std::string_view>{"namespace"});
}

BOOST_AUTO_TEST_CASE(equal_labels_written_differently_are_one_key) {
  const ReadFile file(namespace_file(dates + ",ns,label_a:1\n" + dates + ",ns,a:1\n" + dates + ",ns,a:1|ignored\n" +
                                     dates + ",ns,a:2\n"));
  BOOST_TEST(file.aggregate->days().at(november_5).groups.size() == 2u);
}

BOOST_AUTO_TEST_CASE(unknown_and_repeated_columns_are_named_once) {
  const ReadFile file(date_names + ",namespace,namespace_labels,extra,namespace,\n" + dates + ",first,,x,second,y\n");
  BOOST_TEST(file.reader.findings().unknown_column_count == 3u);
  BOOST_TEST(file.reader.findings().unknown_columns.front() == "extra");
  BOOST_TEST(file.value(0, "namespace").text == "first");
}

BOOST_AUTO_TEST_CASE(columns_that_a_type_ignores_are_not_unknown) {
  std::string file = gpu_file("NVIDIA L40S", "", "");
  file.insert(0, "gpu_pod_utilization,");
  file.insert(file.find('\n') + 1, "0.5,");
  const ReadFile read(file);
  BOOST_TEST(read.reader.findings().unknown_column_count == 0u);
  BOOST_TEST(read.value(0, "gpu_uuid").text == "GPU-1");

  // Of that type only.
  const ReadFile other(date_names + ",namespace,namespace_labels,gpu_pod_utilization\n" + dates + ",n,,0.5\n");
  BOOST_TEST(other.reader.findings().unknown_column_count == 1u);
}

// Cut between characters, control characters written out: what a file calls its columns ends up in messages and tables.
BOOST_AUTO_TEST_CASE(unknown_columns_are_named_by_an_excerpt) {
  const ReadFile file(date_names + ",namespace,namespace_labels,a\tb," + std::string(63, 'x') + "\xc3\xa9\n" + dates +
                      ",n,,,\n");
  const std::vector<std::string> expected = {"a\\x09b", std::string(63, 'x') + "..."};
  BOOST_TEST(file.reader.findings().unknown_columns == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(derived_columns_of_the_file_are_ignored) {
  std::string names = pod_names;
  names.insert(names.size() - 1, ",pod_effective_usage_cpu_core_seconds");
  const ReadFile file(names + dates + ",p,n,node,i-1,1,2,0,0,0,0,4,14400,1,1,,99\n");
  BOOST_TEST(file.value(0, "pod_effective_usage_cpu_core_seconds").number == 2.0);
}

BOOST_AUTO_TEST_CASE(tag_keys_over_the_width_are_counted) {
  const ReadFile file(
      namespace_file(dates + ",a," + std::string(513, 'k') + ":v|" + std::string(512, 'k') + ":v|:v\n"));
  BOOST_TEST(file.reader.findings().tag_keys_too_long == 1u);
  BOOST_TEST(file.tag_keys.size() == 2u);
  BOOST_TEST(file.tag_keys.contains(""));
}

BOOST_AUTO_TEST_CASE(tag_keys_beyond_the_limit_are_counted) {
  koku::ReaderLimits limits;
  limits.max_tag_keys = 2;
  const ReadFile file(namespace_file(dates + ",a,a:1|b:1|c:1|a:2\n" + dates + ",b,b:2|d:1\n"), {}, limits);
  BOOST_TEST(file.tag_keys.size() == 2u);
  BOOST_TEST(file.reader.findings().tag_keys_too_many == 2u);
}

BOOST_AUTO_TEST_CASE(gpu_profiles) {
  const ReadFile known(gpu_file("NVIDIA A100-SXM4-40GB", "", "3g.20gb"));
  BOOST_TEST(known.value(0, "gpu_vendor_name").text == "nvidia");
  BOOST_TEST(known.value(0, "gpu_model_name").text == "NVIDIA A100 SXM4 40GB");
  BOOST_TEST(known.value(0, "mig_slice_count").integer == 3);
  BOOST_TEST(known.value(0, "mig_memory_capacity_mib").number == 20 * 1024.0);
  BOOST_TEST(known.value(0, "gpu_max_slices").integer == 7);
  BOOST_TEST(known.value(0, "mig_instance_id").text == "7");

  const ReadFile sent(gpu_file("Unknown", "5", "3g.20gb"));
  BOOST_TEST(sent.value(0, "gpu_max_slices").integer == 5);
  BOOST_TEST(sent.value(0, "mig_profile").text == "3g.20gb");

  const ReadFile unknown(gpu_file("Unknown", "", "3g.20gb"));
  for (const char* column : {"mig_profile", "mig_slice_count", "mig_memory_capacity_mib", "gpu_max_slices",
                             "mig_strategy", "mig_instance_id"})
    BOOST_TEST(unknown.value(0, column).is_null, column);

  const ReadFile unparsable(gpu_file("A100", "", "bogus"));
  BOOST_TEST(unparsable.value(0, "mig_slice_count").is_null);
  BOOST_TEST(unparsable.value(0, "gpu_max_slices").integer == 7);

  const ReadFile whole(gpu_file("A100", "", ""));
  BOOST_TEST(whole.value(0, "mig_profile").text.empty());
  BOOST_TEST(!whole.value(0, "mig_profile").is_null);
  BOOST_TEST(whole.value(0, "gpu_max_slices").is_null);
}

BOOST_AUTO_TEST_CASE(too_many_days_are_refused) {
  std::string rows;
  for (const char* day : {"01", "02", "03"})
    rows += "2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,2026-11-" + std::string(day) +
            " 07:00:00 +0000 UTC,x,ns,\n";
  koku::ReaderLimits limits;
  limits.max_days = 2;
  BOOST_CHECK_EXCEPTION(ReadFile(namespace_file(rows), {}, limits), koku::Error,
                        [](const koku::Error& error) { return error.kind() == koku::ErrorKind::too_large; });
}

// One row can bring megabytes: the limit holds after each.
BOOST_AUTO_TEST_CASE(the_memory_of_daily_keys_is_limited_row_by_row) {
  koku::ReaderLimits limits;
  limits.max_aggregate_bytes = 1 << 20;
  std::string rows;
  for (int row = 0; row < 10; ++row) rows += dates + ",a,k:" + std::to_string(row) + std::string(200'000, 'v') + "\n";
  BOOST_CHECK_EXCEPTION(ReadFile(namespace_file(rows), {}, limits), koku::Error, [](const koku::Error& error) {
    BOOST_TEST(error.detail() == "At line 5 there are 4 keys; with what is kept for them they take more than 1 MB.");
    return error.kind() == koku::ErrorKind::too_large;
  });
}

// One pod on one node is one key, whatever its rows say of the hour.
BOOST_AUTO_TEST_CASE(the_memory_of_intervals_of_nodes_is_limited) {
  koku::ReaderLimits limits;
  limits.max_aggregate_bytes = 1 << 20;
  std::string rows = pod_names;
  for (int second = 0; second < 20'000; ++second)
    rows += "2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC," +
            koku::instant_to_string(koku::start_of(november_5) + second * koku::microseconds_per_second) +
            " +0000 UTC,2026-11-05 07:59:59 +0000 UTC,p,n,node,i-1,1,1,0,0,0,0,4,14400,1,1,\n";
  BOOST_CHECK_EXCEPTION(ReadFile(rows, {}, limits), koku::Error, [](const koku::Error& error) {
    BOOST_TEST(error.detail().find("there are 1 keys; with what is kept for them and for node intervals they take more "
                                   "than 1 MB") != std::string::npos);
    return error.kind() == koku::ErrorKind::too_large;
  });
}

// Texts that are no part of the key are let go of when they are some megabytes, not after a number of rows.
BOOST_AUTO_TEST_CASE(texts_are_let_go_of_by_size) {
  struct FlushCounter final : koku::RowSink {
    DayDecision begin_day(Day, koku::Instant) override { return DayDecision::load; }
    void add(const koku::Row&) override {}
    void flush() override { ++flushes; }
    int flushes = 0;
  } sink;
  std::string text = pod_names;
  for (int row = 0; row < 10; ++row)
    text += dates + ",p,n,node," + std::to_string(row) + std::string(2'000'000, 'i') + ",1,1,1,1,1,1,1,1,1,1,\n";
  TextInput input(text);
  koku::ReportReader reader(input);
  BOOST_TEST_REQUIRE(reader.read_header());
  koku::DailyAggregate aggregate(*reader.type());
  koku::TagKeys tag_keys;
  reader.read_rows(aggregate, sink, tag_keys);
  BOOST_TEST(sink.flushes > 3);
}

BOOST_AUTO_TEST_CASE(rows_that_repeat_a_key_and_hour_are_counted) {
  const std::string within_hour =
      "2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,2026-11-05 07:30:00 +0000 UTC,x";
  BOOST_TEST(ReadFile(namespace_file(dates + ",a,\n" + dates + ",b,\n")).reader.findings().rows_repeated == 0u);
  BOOST_TEST(ReadFile(namespace_file(dates + ",a,\n" + dates + ",b,\n" + dates + ",a,\n" + dates + ",a,\n"))
                 .reader.findings()
                 .rows_repeated == 2u);
  // Whether intervals within an hour repeat one is not known.
  BOOST_TEST(ReadFile(namespace_file(dates + ",a,\n" + within_hour + ",a,\n" + within_hour + ",a,\n"))
                 .reader.findings()
                 .rows_repeated == 0u);
}

BOOST_AUTO_TEST_CASE(rows_outside_of_the_window_are_counted) {
  const auto rows_out_of_window = [](int start_minutes, int end_minutes) {
    TextInput input(namespace_file(dates + ",a,\n"));
    koku::ReportReader reader(input);
    BOOST_TEST_REQUIRE(reader.read_header());
    const auto at = [](int minutes) {
      return koku::start_of(november_5) + minutes * 60 * koku::microseconds_per_second;
    };
    reader.set_window({at(start_minutes), at(end_minutes)});
    koku::DailyAggregate aggregate(*reader.type());
    RowList sink;
    koku::TagKeys tag_keys;
    reader.read_rows(aggregate, sink, tag_keys);
    BOOST_TEST(sink.rows.size() == 1u);
    return reader.findings().rows_out_of_window;
  };
  BOOST_TEST(rows_out_of_window(7 * 60, 8 * 60) == 0u);
  BOOST_TEST(rows_out_of_window(7 * 60 + 59, 7 * 60 + 59) == 0u);  // the hour in which it begins
  BOOST_TEST(rows_out_of_window(8 * 60, 9 * 60) == 1u);
  BOOST_TEST(rows_out_of_window(6 * 60, 7 * 60) == 1u);
}

BOOST_AUTO_TEST_CASE(measured_hours_are_distinct_interval_starts) {
  const std::string second_hour =
      "2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,2026-11-05 08:00:00 +0000 UTC,x,ns,\n";
  TextInput input(namespace_file(dates + ",a,\n" + second_hour + dates + ",b,\n" + "x,x,x,x,c,\n"));
  const koku::MeasuredReport measured = koku::measure_report(input);
  BOOST_TEST(measured.type->name == "namespace_labels");
  BOOST_TEST(measured.days.at(november_5).intervals == 2);
  BOOST_TEST(measured.days.at(november_5).hours == 0b1'1000'0000u);  // from seven and from eight o'clock
}

BOOST_AUTO_TEST_SUITE_END()
