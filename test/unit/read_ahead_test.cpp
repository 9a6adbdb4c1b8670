// Reading in a thread while the owner stores (docs/architecture.md, "The reading thread"). Also run under the thread
// sanitizer.
#include "core/reading/read_ahead.hpp"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/error.hpp"
#include "core/payload/archive_limits.hpp"
#include "core/payload/payload_index.hpp"
#include "error_of.hpp"
#include "make_archive.hpp"

using namespace koku;
using namespace koku::test;

namespace {

/// Stays in the owner's thread, in small blocks, as a large object does.
class OwnersSource final : public ByteSource {
 public:
  explicit OwnersSource(std::string_view bytes, std::size_t block_bytes = 1000)
      : bytes_(bytes), block_bytes_(block_bytes) {}
  std::string_view read() override {
    is_of_one_thread = is_of_one_thread && std::this_thread::get_id() == owner_;
    ++reads;
    // The view before is gone, as it is where blocks share memory.
    block_ = bytes_.substr(place_, block_bytes_);
    place_ += block_.size();
    if (fails_at && reads >= *fails_at) throw std::runtime_error("cannot be read");
    return block_;
  }
  void rewind() override {
    is_of_one_thread = is_of_one_thread && std::this_thread::get_id() == owner_;
    place_ = 0;
  }
  std::uint64_t size() const override { return bytes_.size(); }

  bool is_of_one_thread = true;
  int reads = 0;
  std::optional<int> fails_at;

 private:
  std::thread::id owner_ = std::this_thread::get_id();
  std::string_view bytes_;
  std::size_t block_bytes_;
  std::size_t place_ = 0;
  std::string block_;
};

/// Writes down what it is given, texts too, in the owner's thread.
class Notes final : public PayloadSink {
 public:
  void begin_file(const std::string& file) override { note("begin " + file); }
  Target begin_report(const ReportType& type) override {
    note("report " + std::string(type.name));
    std::unique_ptr<DailyAggregate>& aggregate = aggregates[&type];
    if (!aggregate) aggregate = std::make_unique<DailyAggregate>(type);
    // The reader waits: its memory may be looked at.
    note("keys " + std::to_string(aggregate->key_count()));
    return {.aggregate = aggregate.get(), .tag_keys = &tag_keys, .most_aggregate_bytes = std::size_t{1} << 30};
  }
  DayDecision begin_day(Day day, Instant) override {
    note("day " + to_string(day));
    return day == skipped_day ? DayDecision::skip : DayDecision::load;
  }
  void store(RowBatch& rows) override {
    if (fails_at_batch && batches == *fails_at_batch) throw std::runtime_error("cannot be stored");
    ++batches;
    std::this_thread::sleep_for(pause);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      std::string text = "row " + std::to_string(rows.times(row).interval_start);
      for (std::size_t at = 0; at < rows.type()->columns.size(); ++at) {
        if (rows.nulls(row)[at])
          text += " -";
        else if (rows.type()->columns[at].is_text())
          text.append(" ").append(text_of(rows.cells(row)[at].text));
        else if (rows.type()->columns[at].kind == ColumnKind::integer_or_null)
          text += " " + std::to_string(rows.cells(row)[at].integer);
        else
          text += " " + std::to_string(rows.cells(row)[at].number);
      }
      note(std::move(text));
      ++stored;
    }
  }
  void flush() override { note("flush"); }
  void end_file(FileReport report) override {
    std::string text = "end " + std::to_string(report.rows_in) + (report.is_empty ? " empty" : "");
    for (const std::string& name : report.header) text += " " + name;
    for (const auto& [day, counts] : report.days)
      text +=
          " " + to_string(day) + ": " + std::to_string(counts.rows_loaded) + " of " + std::to_string(counts.rows_in);
    note(std::move(text));
  }

  void note(std::string line) {
    is_of_one_thread = is_of_one_thread && std::this_thread::get_id() == owner_;
    lines.push_back(std::move(line));
  }
  /// Without the repetitions of a question that the reading thread spares.
  std::vector<std::string> lines_but_days() const {
    std::vector<std::string> kept;
    for (const std::string& line : lines)
      if (!line.starts_with("day ")) kept.push_back(line);
    return kept;
  }

  bool is_of_one_thread = true;
  std::vector<std::string> lines;
  std::map<const ReportType*, std::unique_ptr<DailyAggregate>> aggregates;
  TagKeys tag_keys;
  std::optional<Day> skipped_day;
  std::optional<std::size_t> fails_at_batch;
  std::size_t batches = 0;
  std::size_t stored = 0;
  std::chrono::microseconds pause{0};

 private:
  static std::string_view text_of(const char* header) {
    std::uint32_t length;
    std::memcpy(&length, header, sizeof length);
    return {header + text_header_bytes, length};
  }

  std::thread::id owner_ = std::this_thread::get_id();
};

const std::string header =
    "report_period_start,report_period_end,interval_start,interval_end,node,namespace,pod,pod_usage_cpu_core_seconds,"
    "pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,"
    "pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,"
    "node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,resource_id,pod_"
    "labels\n";

std::string pod_row(int day, int hour, int pod) {
  const std::string hour_text = (hour < 10 ? "0" : "") + std::to_string(hour);
  const std::string on_day = "2026-11-0" + std::to_string(day) + " " + hour_text;
  return "2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC," + on_day + ":00:00 +0000 UTC," + on_day +
         ":59:59 +0000 UTC,node-" + std::to_string(pod % 7) + ",shop,pod-" + std::to_string(pod) + "," +
         std::to_string(pod) + ".5,1,2,3,4,5,6,7,8,9,machine-" + std::to_string(pod) +
         ",label_app:web|label_pod:" + std::to_string(pod) + "\n";
}

/// A report of pods: as many on each of some days, with a blank line here and there.
std::string pods(int days, int pods_a_day) {
  std::string text = header;
  for (int day = 1; day <= days; ++day)
    for (int pod = 0; pod < pods_a_day; ++pod) text += pod_row(day, pod % 24, pod) + (pod % 100 == 0 ? "\n" : "");
  return text;
}

struct Payload {
  explicit Payload(std::initializer_list<std::pair<std::string_view, std::string_view>> files)
      : bytes(make_payload(files)) {
    std::uint32_t ordinal = 0;
    for (const auto& [name, text] : files) wanted[ordinal++] = name;
  }
  void read(ByteSource& source, PayloadSink& sink, const InterruptCheck& check) const {
    read_files(source, ArchiveLimits{}, wanted, sink, check);
  }
  ReadAhead::Work work() const {
    return [this](ByteSource& source, PayloadSink& sink, const InterruptCheck& check) { read(source, sink, check); };
  }

  std::string bytes;
  WantedFiles wanted;
};

void no_check() {}

/// A work that never ends by itself, and says that it began and that it was ended.
class EndlessWork {
 public:
  void operator()(ByteSource&, PayloadSink&, const InterruptCheck& check) {
    struct End {
      std::atomic<int>& count;
      ~End() { ++count; }
    } const end{*ended};
    ++*begun;
    for (;;) {
      check();
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }
  std::shared_ptr<std::atomic<int>> begun = std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<std::atomic<int>> ended = std::make_shared<std::atomic<int>>(0);
};

}  // namespace

BOOST_AUTO_TEST_SUITE(read_ahead)

BOOST_AUTO_TEST_CASE(everything_comes_as_it_does_without_a_thread) {
  const std::string first = pods(2, 3000);
  const std::string second = pods(3, 700);
  const Payload payload({{"a.csv", first}, {"empty.csv", "\n\n"}, {"odd.csv", "a,b\n1,2\n"}, {"b.csv", second}});
  MemorySource source(payload.bytes);
  Notes without;
  without.skipped_day = day_from_civil({2026, 11, 2});
  payload.read(source, without, no_check);
  BOOST_TEST(without.stored == 3000u + 2 * 700u);

  Notes with;
  with.skipped_day = without.skipped_day;
  ReadAhead ahead(source, payload.work());
  BOOST_REQUIRE(ahead.start());
  ahead.run(with, no_check);
  BOOST_TEST(with.is_of_one_thread);
  BOOST_TEST(with.lines_but_days() == without.lines_but_days(), boost::test_tools::per_element());
  BOOST_TEST(with.tag_keys == without.tag_keys, boost::test_tools::per_element());
  // Of a day that two files have, the owner is asked once.
  BOOST_TEST(std::count(with.lines.begin(), with.lines.end(), "day 2026-11-01") == 1);
}

BOOST_AUTO_TEST_CASE(a_source_of_the_owner_is_read_by_the_owner_only) {
  const std::string text = pods(1, 5000);
  const Payload payload({{"a.csv", text}});
  for (const std::size_t block_bytes :
       {std::size_t{7}, std::size_t{4096}, payload.bytes.size(), payload.bytes.size() * 2}) {
    OwnersSource source(payload.bytes, block_bytes);
    Notes notes;
    ReadAhead ahead(source, payload.work());
    BOOST_REQUIRE(ahead.start());
    ahead.run(notes, no_check);
    BOOST_TEST(notes.stored == 5000u);
    BOOST_TEST(source.is_of_one_thread);
  }
}

// What is no archive is looked at again from its beginning.
BOOST_AUTO_TEST_CASE(a_source_can_be_started_again_from_the_thread) {
  const std::string bytes = "BZh9" + std::string(5000, 'x');
  OwnersSource source(bytes, 10);
  Notes notes;
  ReadAhead ahead(source, [](ByteSource& from, PayloadSink& sink, const InterruptCheck& check) {
    read_files(from, ArchiveLimits{}, {{0, "a.csv"}}, sink, check);
  });
  BOOST_REQUIRE(ahead.start());
  const Error error = error_of([&] { ahead.run(notes, no_check); });
  BOOST_TEST(error.message() == "payload is not gzip-compressed: it looks like bzip2");
  BOOST_TEST(source.is_of_one_thread);
}

BOOST_AUTO_TEST_CASE(an_error_of_the_reading_comes_when_all_before_it_is_stored) {
  const std::string text = pods(1, 2000) + "\"not closed";
  const Payload payload({{"a.csv", text}});
  MemorySource source(payload.bytes);
  Notes notes;
  ReadAhead ahead(source, payload.work());
  BOOST_REQUIRE(ahead.start());
  BOOST_TEST(static_cast<int>(error_of([&] { ahead.run(notes, no_check); }).kind()) ==
             static_cast<int>(ErrorKind::invalid_csv));
  // Whole batches: what the reader had begun to fill is not handed over, as without a thread.
  BOOST_TEST(notes.stored == 2000 / RowBatch::usual_rows * RowBatch::usual_rows);
}

BOOST_AUTO_TEST_CASE(no_memory_in_the_thread_is_no_memory_for_the_owner) {
  MemorySource source("");
  Notes notes;
  ReadAhead ahead(source, [](ByteSource&, PayloadSink&, const InterruptCheck&) { throw std::bad_alloc(); });
  BOOST_REQUIRE(ahead.start());
  BOOST_CHECK_THROW(ahead.run(notes, no_check), std::bad_alloc);
}

BOOST_AUTO_TEST_CASE(an_error_of_the_storing_ends_the_thread) {
  const std::string text = pods(1, 9000);
  const Payload payload({{"a.csv", text}});
  for (std::size_t batch = 0; batch < 35; ++batch) {
    MemorySource source(payload.bytes);
    Notes notes;
    notes.fails_at_batch = batch;
    ReadAhead ahead(source, payload.work());
    BOOST_REQUIRE(ahead.start());
    BOOST_CHECK_EXCEPTION(ahead.run(notes, no_check), std::runtime_error, [](const std::runtime_error& error) {
      return error.what() == std::string("cannot be stored");
    });
  }
}

BOOST_AUTO_TEST_CASE(an_error_of_the_source_ends_the_thread) {
  const std::string text = pods(1, 5000);
  const Payload payload({{"a.csv", text}});
  for (int read = 1; read <= 6; ++read) {
    OwnersSource source(payload.bytes);
    source.fails_at = read;
    Notes notes;
    ReadAhead ahead(source, payload.work());
    BOOST_REQUIRE(ahead.start());
    BOOST_CHECK_EXCEPTION(ahead.run(notes, no_check), std::runtime_error, [](const std::runtime_error& error) {
      return error.what() == std::string("cannot be read");
    });
  }
}

BOOST_AUTO_TEST_CASE(an_interrupt_comes_while_the_thread_is_at_work) {
  MemorySource source("");
  Notes notes;
  EndlessWork work;
  const auto ended = work.ended;
  {
    ReadAhead ahead(source, work);
    BOOST_REQUIRE(ahead.start());
    int checks = 0;
    BOOST_CHECK_THROW(ahead.run(notes,
                                [&checks] {
                                  if (++checks == 3) throw std::logic_error("cancelled");
                                }),
                      std::logic_error);
    BOOST_TEST(ended->load() == 0);
  }
  BOOST_TEST(ended->load() == 1);
}

BOOST_AUTO_TEST_CASE(an_interrupt_comes_while_the_thread_waits_for_room) {
  const std::string text = pods(1, 9000);
  const Payload payload({{"a.csv", text}});
  for (int wanted = 1; wanted < 30; ++wanted) {
    MemorySource source(payload.bytes);
    Notes notes;
    notes.pause = std::chrono::microseconds(200);
    ReadAhead ahead(source, payload.work());
    BOOST_REQUIRE(ahead.start());
    int checks = 0;
    BOOST_CHECK_THROW(ahead.run(notes,
                                [&] {
                                  if (++checks == wanted) throw std::logic_error("cancelled");
                                }),
                      std::logic_error);
  }
}

BOOST_AUTO_TEST_CASE(the_thread_can_be_ended_before_anything_is_taken_and_twice) {
  const std::string text = pods(1, 9000);
  const Payload payload({{"a.csv", text}});
  MemorySource memory(payload.bytes);
  OwnersSource owners(payload.bytes);
  for (ByteSource* source : std::initializer_list<ByteSource*>{&memory, &owners}) {
    ReadAhead never_started(*source, payload.work());
    never_started.stop();
    ReadAhead ahead(*source, payload.work());
    BOOST_REQUIRE(ahead.start());
    ahead.stop();
    ahead.stop();
  }
}

// The queue is bounded: 16 events, one batch that is filled and one that is handled.
BOOST_AUTO_TEST_CASE(the_thread_does_not_run_far_ahead) {
  std::atomic<int> made{0};
  int most_ahead = 0;
  MemorySource source("");
  const ReportType& type = report_types()[0];
  ReadAhead ahead(source, [&](ByteSource&, PayloadSink& sink, const InterruptCheck&) {
    RowBatch batch;
    for (int number = 0; number < 200; ++number) {
      batch.begin(type);
      ++made;
      sink.store(batch);
    }
  });
  struct Slow final : PayloadSink {
    void begin_file(const std::string&) override {}
    Target begin_report(const ReportType&) override { return {}; }
    DayDecision begin_day(Day, Instant) override { return DayDecision::load; }
    void store(RowBatch&) override { taken(); }
    void flush() override {}
    void end_file(FileReport) override {}
    std::function<void()> taken;
  } slow;
  int taken = 0;
  slow.taken = [&] {
    if (taken % 20 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    most_ahead = std::max(most_ahead, made.load() - taken++);
  };
  BOOST_REQUIRE(ahead.start());
  ahead.run(slow, no_check);
  BOOST_TEST(taken == 200);
  BOOST_TEST(most_ahead <= 18);
  BOOST_TEST(most_ahead > 1);
}

BOOST_AUTO_TEST_CASE(the_thread_gets_no_signals_and_the_owner_keeps_its_own) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  sigset_t inside;
  sigemptyset(&inside);
  MemorySource source("");
  Notes notes;
  ReadAhead ahead(source, [&](ByteSource&, PayloadSink&, const InterruptCheck&) {
    pthread_sigmask(SIG_SETMASK, nullptr, &inside);
  });
  BOOST_REQUIRE(ahead.start());
  ahead.run(notes, no_check);
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE}) {
    BOOST_TEST(sigismember(&inside, signal) == 1);
    BOOST_TEST(sigismember(&after, signal) == sigismember(&before, signal));
  }
}

BOOST_AUTO_TEST_CASE(rows_are_packed_as_they_are) {
  const ReportType& type = *std::find_if(report_types().begin(), report_types().end(),
                                         [](const ReportType& one) { return one.id == ReportTypeId::gpu_usage; });
  Arena arena;
  std::vector<Value> values(type.columns.size());
  for (std::size_t at = 0; at < values.size(); ++at) {
    if (at % 3 == 0)
      values[at].is_null = true;
    else if (type.columns[at].is_text())
      values[at].text = store_text(arena, plain_text_header, "text " + std::to_string(at));
    else if (type.columns[at].kind == ColumnKind::integer_or_null)
      values[at].integer = -static_cast<int>(at);
    else
      values[at].number = 0.5 + static_cast<double>(at);
  }
  RowBatch batch(2);
  batch.begin(type);
  batch.add({.report_period_start = 1,
             .report_period_end = 2,
             .interval_start = 3,
             .interval_end = std::nullopt,
             .day = 5,
             .values = values});
  BOOST_TEST(!batch.is_full());
  batch.add({.report_period_start = 6,
             .report_period_end = 7,
             .interval_start = 8,
             .interval_end = 9,
             .day = 10,
             .values = values});
  BOOST_TEST(batch.is_full());
  BOOST_TEST(!batch.times(0).interval_end.has_value());
  BOOST_TEST(batch.times(1).interval_end.value() == 9);
  BOOST_TEST(batch.times(1).day == 10);
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t at = 0; at < values.size(); ++at) {
      BOOST_TEST(batch.nulls(row)[at] == values[at].is_null);
      if (values[at].is_null) continue;
      if (type.columns[at].is_text())
        BOOST_TEST(static_cast<const void*>(batch.cells(row)[at].text) ==
                   static_cast<const void*>(values[at].text.data() - text_header_bytes));
      else if (type.columns[at].kind == ColumnKind::integer_or_null)
        BOOST_TEST(batch.cells(row)[at].integer == values[at].integer);
      else
        BOOST_TEST(batch.cells(row)[at].number == values[at].number);
    }
  }
  batch.begin(report_types()[0]);
  BOOST_TEST(batch.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
