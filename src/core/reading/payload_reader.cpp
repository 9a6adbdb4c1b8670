#include "core/reading/payload_reader.hpp"

#include <utility>

#include "core/payload/archive.hpp"

namespace koku {
namespace {

/// Packs the rows of a report.
class BatchingSink final : public RowSink {
 public:
  explicit BatchingSink(PayloadSink& sink) : sink_(sink) {}

  void begin_report(const ReportType& type) {
    type_ = &type;
    batch_.begin(type);
  }
  DayDecision begin_day(Day day, Instant first) override { return sink_.begin_day(day, first); }
  void add(const Row& row) override {
    batch_.add(row);
    if (batch_.is_full()) store();
  }
  void flush() override {
    if (batch_.size() > 0) store();
    sink_.flush();
  }

 private:
  void store() {
    sink_.store(batch_);
    batch_.begin(*type_);
  }

  PayloadSink& sink_;
  const ReportType* type_ = nullptr;
  RowBatch batch_;
};

FileReport read_file(ArchiveReader& archive, PayloadSink& sink, BatchingSink& rows,
                     const InterruptCheck& check_interrupts) {
  ReportReader reader(archive, check_interrupts);
  FileReport report;
  if (!reader.read_header()) {
    report.is_empty = true;
    return report;
  }
  report.type = reader.type();
  if (report.type == nullptr) {
    report.header = reader.header();
    return report;
  }
  const PayloadSink::Target target = sink.begin_report(*report.type);
  rows.begin_report(*report.type);
  reader.set_max_aggregate_bytes(target.most_aggregate_bytes);
  reader.set_window(target.window);
  try {
    reader.read_rows(*target.aggregate, rows, *target.tag_keys);
  } catch (...) {
    // Texts of rows that were handed over are the reader's.
    sink.let_go();
    throw;
  }
  report.rows_in = reader.rows_in();
  report.days = reader.days();
  report.findings = reader.findings();
  return report;
}

}  // namespace

void read_files(ByteSource& source, const ArchiveLimits& limits, const WantedFiles& wanted, PayloadSink& sink,
                const InterruptCheck& check_interrupts) {
  ArchiveReader archive(source, limits, check_interrupts);
  BatchingSink rows(sink);
  std::size_t left = wanted.size();
  while (left > 0 && archive.next_member()) {
    const auto file = wanted.find(archive.ordinal());
    if (file == wanted.end()) continue;
    sink.begin_file(file->second);
    sink.end_file(read_file(archive, sink, rows, check_interrupts));
    --left;
  }
}

}  // namespace koku
