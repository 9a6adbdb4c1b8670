// Not with the address sanitizer: payloads that are long enough to be looked into take minutes there.
#ifndef __SANITIZE_ADDRESS__
// Long work looks for interrupts: however a payload is made, little work is done between two looks, and a cancel passes
// through whatever is under way.
#include <boost/test/unit_test.hpp>
#include <ctime>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/interrupts.hpp"
#include "core/payload/archive.hpp"
#include "core/payload/manifest.hpp"
#include "core/payload/payload_index.hpp"
#include "core/report/report_reader.hpp"
#include "make_archive.hpp"

using namespace koku;
using namespace koku::test;

namespace {

// Milliseconds of processor time: far more than such payloads take, since a slow machine must pass as well; a loop that
// never looks, or whose work grows with the square of the bytes, takes longer.
constexpr double most_between_looks = 200;

struct Cancelled {};

/// Stands for the server's check, which knows no object.
struct Watch {
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
  }
  static void begin(unsigned cancel_at_look = 0) {
    looks = 0;
    longest = 0;
    cancel_at = cancel_at_look;
    last = now();
  }
  static void note() { longest = std::max(longest, now() - std::exchange(last, now())); }
  static void look() {
    note();
    if (++looks == cancel_at) throw Cancelled();
  }

  static inline unsigned looks;
  static inline unsigned cancel_at;
  static inline double longest;
  static inline double last;
};

class NoRows final : public RowSink {
 public:
  DayDecision begin_day(Day, Instant) override { return DayDecision::load; }
  void add(const Row&) override {}
  void flush() override {}
};

/// What an ingest does with the bytes of a payload, up to the rows.
void read_payload(const std::string& payload) {
  MemorySource source(payload);
  const ArchiveLimits limits{.max_compression_ratio = 100'000};
  try {
    const PayloadIndex index = index_payload(source, limits, Watch::look);
    Watch::note();
    parse_manifest(index.manifest);
    Watch::note();
    for (const bool measure : {true, false}) {
      ArchiveReader archive(source, limits, Watch::look);
      while (archive.next_member()) {
        if (archive.name() == "manifest.json" || archive.kind() != MemberKind::regular) continue;
        class Member final : public ByteInput {
         public:
          explicit Member(ArchiveReader& reader) : reader_(reader) {}
          std::string_view read() override { return reader_.read(); }

         private:
          ArchiveReader& reader_;
        } input(archive);
        if (measure) {
          measure_report(input, Watch::look);
          continue;
        }
        ReportReader reader(input, Watch::look);
        if (!reader.read_header() || reader.type() == nullptr) continue;
        DailyAggregate aggregate(*reader.type());
        NoRows sink;
        TagKeys tag_keys;
        reader.read_rows(aggregate, sink, tag_keys);
      }
    }
  } catch (const Error&) {
    // A payload that is refused in the end is work until then.
  }
  Watch::note();
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  while (count-- > 0) all += text;
  return all;
}

std::string manifest(const std::string& files = R"("a.csv")", const std::string& more = {}) {
  return R"({"uuid": "00000000-0000-4000-8000-000000000001", "cluster_id": "c", "date": "2026-11-06T00:30:00Z", "files": [)" +
         files + "]" + more + "}";
}

constexpr std::string_view dates =
    "2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,2026-11-05 07:00:00 +0000 UTC,2026-11-05 07:59:59 "
    "+0000 UTC";

/// A payload with one report.
std::string report(std::string_view columns, const std::string& rows) {
  const std::string header =
      "report_period_start,report_period_end,interval_start,interval_end," + std::string(columns) + "\n";
  return make_payload({{"manifest.json", manifest()}, {"a.csv", header + rows}});
}

std::string row(const std::string& fields) { return std::string(dates) + "," + fields + "\n"; }

std::string with_labels(const std::string& labels) {
  return report("namespace,namespace_labels", row("n," + labels) + row("m," + labels));
}

std::string with_number(const std::string& number) {
  return report("pod,namespace,node,pod_usage_cpu_core_seconds,node_capacity_cpu_cores,pod_labels",
                row("p,n,node," + number + "," + number + ","));
}

std::string many_labels() {
  std::string labels;
  for (std::size_t number = 0; number < 62'500; ++number) labels += "label_" + std::to_string(number) + ":v|";
  return labels;
}

std::string many_rows() {
  std::string rows;
  for (std::size_t number = 0; number < 10'000; ++number)
    rows += row("n" + std::to_string(number) + ",label_a:" + std::to_string(number));
  return rows;
}

std::string many_members(std::size_t count, const std::function<void(TarBuilder&)>& before = {}) {
  TarBuilder tar;
  for (std::size_t number = 0; number < count; ++number) {
    if (before) before(tar);
    tar.file("m" + std::to_string(number), "");
  }
  tar.file("manifest.json", manifest(""));
  return tar.gzip();
}

struct Kind {
  const char* name;
  std::function<std::string()> make;
  double times = 1;  // as long as others: simdjson parses a manifest, of 2 MB at most, as a whole
};

const std::vector<Kind> kinds = {
    {"distinct labels", [] { return with_labels(many_labels()); }},
    {"labels of one letter", [] { return with_labels(repeated("a:|b:|", 172'500)); }},
    {"labels of nothing", [] { return with_labels(repeated(":|", 500'000)); }},
    {"prefixes of labels", [] { return with_labels(repeated("label_", 162'500) + "a:b"); }},
    {"prefixes inside of labels", [] { return with_labels(repeated("xlabel_", 145'000) + ":b"); }},
    {"escapes in labels", [] { return with_labels("label_a:" + std::string(1'000'000, '\x01')); }},
    {"astral characters in labels", [] { return with_labels("label_a:" + repeated("\xf0\x9f\x98\x80", 250'000)); }},
    {"text to escape", [] { return report("namespace,namespace_labels", row(std::string(1'000'000, '<') + ",")); }},
    {"text that looks like an attack",
     [] { return report("namespace,namespace_labels", row(repeated("';DROP TABLE x;--<script>", 40'000) + ",")); }},
    {"quotes", [] { return report("namespace,namespace_labels", row("\"" + std::string(975'000, '"') + "\",")); }},
    {"a quote that is not closed",
     [] { return report("namespace,namespace_labels", row("\"" + std::string(2'000'000, 'x'))); }},
    {"digits", [] { return with_number(std::string(475'000, '7')); }},
    {"digits behind the point", [] { return with_number("0." + std::string(475'000, '3')); }},
    {"an exponent", [] { return with_number("1e" + std::string(475'000, '9')); }},
    {"blank lines", [] { return report("namespace,namespace_labels", repeated(" \t\r\n\n", 500'000)); }},
    {"rows without a field", [] { return report("namespace,namespace_labels", repeated(",\n", 1'000'000)); }},
    {"rows with too many fields",
     [] { return report("namespace,namespace_labels", repeated(std::string(4'000, ',') + "\n", 2'000)); }},
    {"what is no UTF-8",
     [] { return report("namespace,namespace_labels", repeated(std::string(1'000, '\xff') + "\n", 8'000)); }},
    {"NULs", [] { return report("namespace,namespace_labels", row(std::string(1'000'000, '\0') + ",")); }},
    {"many rows", [] { return report("namespace,namespace_labels", many_rows()); }},
    {"many members", [] { return many_members(2'497); }},
    {"access control lists",
     [] {
       return many_members(100, [acl = repeated("u:a:r,", 2'500)](TarBuilder& tar) {
         tar.pax({{"SCHILY.acl.access", acl}});
       });
     }},
    {"records of extended headers",
     [] {
       return many_members(100, [text = repeated("9 a=bcde\n", 6'000)](TarBuilder& tar) {
         tar.member({.name = "pax", .type = 'x', .size = text.size()}, text);
       });
     }},
    {"long names",
     [] { return many_members(100, [name = std::string(15'000, 'n')](TarBuilder& tar) { tar.gnu_long_name(name); }); }},
    {"gzip members of nothing",
     [] {
       return make_payload({{"manifest.json", manifest("")}}) + repeated(gzip(""), 25'000);
     }},
    {"zeros behind the archive",
     [] {
       return make_payload({{"manifest.json", manifest("")}}) + std::string(7'500'000, '\0');
     }},
    {"a member of zeros",
     [] {
       return make_payload({{"manifest.json", manifest("")}, {"x", std::string(15'000'000, '\0')}});
     }},
    {"a manifest of files",
     [] {
       return make_payload({{"manifest.json", manifest(repeated(R"("a",)", 500'000) + R"("b")")}});
     },
     3},
    {"a manifest of lists",
     [] {
       return make_payload(
           {{"manifest.json", manifest("", R"(, "cr_status": {"x": [)" + repeated(R"({"a":[0]},)", 200'000) + "0]}")}});
     },
     3},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(interrupts)

BOOST_AUTO_TEST_CASE(little_work_is_done_between_two_looks) {
  for (const Kind& kind : kinds) {
    BOOST_TEST_CONTEXT(kind.name) {
      const std::string payload = kind.make();
      Watch::begin();
      read_payload(payload);
      BOOST_TEST(Watch::looks > 0U);
      BOOST_TEST(Watch::longest < kind.times * most_between_looks, kind.name << ": " << Watch::longest << " ms");
      BOOST_TEST_MESSAGE(kind.name << ": " << Watch::looks << " looks, at most " << Watch::longest
                                   << " ms between two");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_cancel_ends_it) {
  for (const Kind& kind : kinds) {
    BOOST_TEST_CONTEXT(kind.name) {
      const std::string payload = kind.make();
      Watch::begin();
      read_payload(payload);
      const unsigned looks = Watch::looks;
      for (const unsigned at : {1U, looks / 2 + 1, looks}) {
        Watch::begin(at);
        BOOST_CHECK_THROW(read_payload(payload), Cancelled);
        BOOST_TEST(Watch::looks == at);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(work_is_counted) {
  static unsigned looks;
  looks = 0;
  InterruptCounter counter([] { ++looks; });
  for (int step = 0; step < 10; ++step) counter.count(InterruptCounter::bytes_between_checks / 2);
  BOOST_TEST(looks == 5U);
  counter.count(100 * InterruptCounter::bytes_between_checks);
  BOOST_TEST(looks == 6U);
  InterruptCounter none(nullptr);
  none.count(100 * InterruptCounter::bytes_between_checks);
}

BOOST_AUTO_TEST_SUITE_END()
#endif
