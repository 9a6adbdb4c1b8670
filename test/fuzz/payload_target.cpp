// Fuzz target: a whole payload on the way that the server takes it: index, manifest, each named file into the daily
// groups of its type.
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "checked_sink.hpp"
#include "core/base/error.hpp"
#include "core/payload/archive.hpp"
#include "core/payload/manifest.hpp"
#include "core/payload/payload_index.hpp"
#include "core/report/report_reader.hpp"
#include "fuzz_input.hpp"
#include "invariants.hpp"

namespace koku::fuzz {
namespace {

constexpr ReaderLimits reader_limits{
    .csv = {.max_record_bytes = 64 << 10, .max_fields = 256}, .max_days = 100, .max_aggregate_bytes = 16 << 20};

/// The rows of one report type over all files.
struct TypeLoad {
  explicit TypeLoad(const ReportType& type) : aggregate(type), sink(type, false) {}

  DailyAggregate aggregate;
  CheckedSink sink;
};

class PayloadLoad {
 public:
  void load(std::string_view payload) {
    const ArchiveLimits limits = small_limits();
    BlockSource source(payload, 4096);
    const PayloadIndex index = index_payload(source, limits);
    const Manifest manifest = parse_manifest(index.manifest);
    std::map<std::uint32_t, std::string> wanted;
    for (const std::string& file : manifest.files)
      if (const Member* member = index.find(file)) wanted[member->ordinal] = file;
    ArchiveReader archive(source, limits);
    while (archive.next_member())
      if (wanted.contains(archive.ordinal())) load_file(archive);
    measure(source, limits, wanted);
    for (const auto& [type, load] : loads_) load->sink.check_daily(load->aggregate);
  }

 private:
  void load_file(ArchiveReader& archive) {
    ReportReader reader(archive, nullptr, reader_limits);
    if (!reader.read_header() || reader.type() == nullptr) return;
    TypeLoad& load = load_of(*reader.type());
    load.sink.begin_file();
    reader.read_rows(load.aggregate, load.sink, tag_keys_);
    load.sink.check_file(reader);
  }

  TypeLoad& load_of(const ReportType& type) {
    std::unique_ptr<TypeLoad>& load = loads_[type.id];
    if (!load) load = std::make_unique<TypeLoad>(type);
    return *load;
  }

  /// The pass that counts intervals sees no fewer than the rows have that were loaded.
  void measure(ByteSource& source, const ArchiveLimits& limits, const std::map<std::uint32_t, std::string>& wanted) {
    std::map<ReportTypeId, std::map<Day, int>> measured;
    ArchiveReader archive(source, limits);
    while (archive.next_member()) {
      if (!wanted.contains(archive.ordinal())) continue;
      const MeasuredReport report = measure_report(archive, nullptr, reader_limits);
      if (report.type == nullptr) continue;
      for (const auto& [day, of_file] : report.days) measured[report.type->id][day] += of_file.intervals;
    }
    for (const auto& [type, load] : loads_)
      for (const auto& [day, intervals] : load->sink.intervals())
        require(measured[type][day] >= static_cast<int>(std::min<std::size_t>(intervals.size(), 1440)),
                "intervals that were loaded were not counted");
  }

  std::map<ReportTypeId, std::unique_ptr<TypeLoad>> loads_;
  TagKeys tag_keys_;
};

}  // namespace
}  // namespace koku::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const koku::fuzz::TimeLimit limit(size);
  try {
    koku::fuzz::PayloadLoad().load(koku::fuzz::payload_of({reinterpret_cast<const char*>(data), size}));
  } catch (const koku::Error& error) {
    koku::fuzz::require_message_text(error.message(), "message of an error");
    koku::fuzz::require_message_text(error.detail(), "detail of an error");
    koku::fuzz::require_message_text(error.hint(), "hint of an error");
  }
  return 0;
}
