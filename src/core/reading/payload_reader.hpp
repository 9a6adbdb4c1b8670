// The reports of a payload, one after the other: unpacked, converted, aggregated; and who takes what comes of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/byte_source.hpp"
#include "core/payload/archive_limits.hpp"
#include "core/reading/row_batch.hpp"
#include "core/report/daily.hpp"
#include "core/report/report_reader.hpp"

namespace koku {

/// Files of a payload that are to be loaded, by the ordinal of their member.
using WantedFiles = std::map<std::uint32_t, std::string>;

/// What a file turned out to be.
struct FileReport {
  bool is_empty = false;             ///< nothing but blank lines
  const ReportType* type = nullptr;  ///< nullptr when the columns fit none, and for an empty file
  std::vector<std::string> header;   ///< where they fit none
  std::uint64_t rows_in = 0;
  std::map<Day, DayCounts> days;
  ReportFindings findings;
};

/// Takes the reports of a payload.
class PayloadSink {
 public:
  /// What the rows of a report go into, besides the sink. Both must stay until all files are read, and belong to the
  /// reader until then, except while it waits for begin_report(), begin_day() or flush().
  struct Target {
    DailyAggregate* aggregate;  ///< of the report's type
    TagKeys* tag_keys;
    std::size_t most_aggregate_bytes;
    TimeWindow window{};  ///< of the manifest
  };

  virtual ~PayloadSink() = default;
  /// Called before anything of the file is read.
  virtual void begin_file(const std::string& file) = 0;
  /// Called when the file is known to be of a type, before its rows.
  virtual Target begin_report(const ReportType& type) = 0;
  /// Called before the first row of a day in a file, which is of the interval that begins at `first`. Within a payload
  /// the answer for a type and day is always the same.
  virtual DayDecision begin_day(Day day, Instant first) = 0;
  /// Takes rows of days to be loaded, in the order of the file. The texts that they refer to stay valid until flush()
  /// returns; the batch itself only for the call, which may leave another one, of which only the memory is used.
  virtual void store(RowBatch& rows) = 0;
  /// Asks to let go of the texts of all rows stored so far.
  virtual void flush() = 0;
  /// The reading has failed, and the texts go: returns when nobody looks at the rows stored so far any more.
  virtual void let_go() noexcept {}
  virtual void end_file(FileReport report) = 0;
};

/// Reads the wanted files of a payload in the order of the archive. Errors are those of ArchiveReader and ReportReader,
/// and whatever `sink` and `check_interrupts` throw.
void read_files(ByteSource& source, const ArchiveLimits& limits, const WantedFiles& wanted, PayloadSink& sink,
                const InterruptCheck& check_interrupts);

}  // namespace koku
