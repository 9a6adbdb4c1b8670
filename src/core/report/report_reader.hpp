// One report file: from its bytes to typed rows, its daily groups and its tag keys (spec ingest.md 1.9, 1.10, 2, 3).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/byte_source.hpp"
#include "core/base/interrupts.hpp"
#include "core/report/csv.hpp"
#include "core/report/daily.hpp"
#include "core/report/report_type.hpp"
#include "core/report/row.hpp"

namespace koku {

/// What becomes of the rows of a day.
enum class DayDecision {
  load,
  skip,    ///< another manifest holds the day with as many hours or more: neither loaded nor dropped
  expired  ///< the day is past the retention: its rows are dropped and counted
};

/// Takes the rows of a file.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// Called once a file and day, before the day's first row, which is of the interval that begins at `first`.
  virtual DayDecision begin_day(Day day, Instant first) = 0;
  /// Takes a row of a day to be loaded. Its texts stay valid until flush() returns; everything else only for the call.
  virtual void add(const Row& row) = 0;
  /// Asks to let go of the texts of all rows taken so far.
  virtual void flush() = 0;
};

struct DayCounts {
  DayDecision decision = DayDecision::load;
  std::uint64_t rows_in = 0;
  std::uint64_t rows_loaded = 0;
  std::uint64_t rows_dropped = 0;
};

/// What a file brought that was repaired, left out or is worth a look.
struct ReportFindings {
  std::vector<std::string> unknown_columns;  ///< at most 20, cut short
  std::size_t unknown_column_count = 0;
  std::uint64_t rows_too_long = 0;            ///< more fields than the header: dropped
  std::uint64_t rows_without_interval = 0;    ///< no usable interval_start: dropped
  std::uint64_t rows_over_bound = 0;          ///< a number beyond row_bound: dropped
  std::uint64_t rows_expired = 0;             ///< day past the retention: dropped
  std::uint64_t numbers_replaced = 0;         ///< text, NaN or infinity in a number column: 0.0
  std::uint64_t texts_cut = 0;                ///< distinct texts longer than their column
  std::vector<std::string_view> cut_columns;  ///< the columns of these texts, names of the report type
  std::uint64_t suspicious_texts = 0;         ///< distinct texts that look like an injection attempt
  std::uint64_t rows_repeated = 0;            ///< loaded, though a row of that key and hour was there: they add up
  std::uint64_t rows_out_of_window = 0;       ///< loaded, though the window of the manifest does not cover them
  std::uint64_t replaced_sequences = 0;       ///< invalid UTF-8
  std::uint64_t removed_nuls = 0;
  std::uint64_t tag_keys_too_long = 0;  ///< label keys over 512 characters: not registered as tag keys
  std::uint64_t tag_keys_too_many = 0;  ///< label keys beyond max_tag_keys: not registered as tag keys

  std::uint64_t rows_undated() const noexcept { return rows_too_long + rows_without_interval; }
};

using TagKeys = std::set<std::string, std::less<>>;
inline constexpr std::size_t max_tag_key_characters = 512;

struct TimeWindow {
  Instant start = first_instant;
  Instant end = end_of_instants;
};

struct ReaderLimits {
  CsvLimits csv{};
  std::size_t max_days = 1000;                             ///< distinct days of one file
  std::size_t max_aggregate_bytes = std::size_t{1} << 30;  ///< keys and groups of the report type, over all its files
  std::size_t max_tag_keys = 10'000;                       ///< distinct label keys, over all files
};

/// Reads one report. Use: read_header(), then, when a type was found, read_rows() once.
class ReportReader {
 public:
  /// `input` must outlive the reader. `check_interrupts` is called every few milliseconds and may throw.
  ReportReader(ByteInput& input, InterruptCheck check_interrupts = nullptr, const ReaderLimits& limits = {});
  ~ReportReader();
  ReportReader(const ReportReader&) = delete;
  ReportReader& operator=(const ReportReader&) = delete;

  /// False when the file holds nothing but blank lines.
  bool read_header();
  /// The type of the header, nullptr when no definition fits.
  const ReportType* type() const noexcept;
  const std::vector<std::string>& header() const noexcept;

  /// Rows are within the window from the hour of its start to before its end; at first all are.
  void set_window(const TimeWindow& window) noexcept;
  /// Changes the limit that was given at the start: the aggregate is known only with the type.
  void set_max_aggregate_bytes(std::size_t bytes) noexcept;
  /// Reads to the end. Each loaded row goes to `sink` and into `aggregate` (of this type); label keys of loaded rows
  /// into `tag_keys`.
  void read_rows(DailyAggregate& aggregate, RowSink& sink, TagKeys& tag_keys);

  /// Data rows seen (without the header).
  std::uint64_t rows_in() const noexcept;
  const std::map<Day, DayCounts>& days() const noexcept;
  const ReportFindings& findings() const noexcept;
  /// 1-based line of the record at hand, for messages.
  std::uint64_t line() const noexcept;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// The intervals that a file has for each day (spec ingest.md 1.4, 5). Empty when the header has no interval_start.
struct MeasuredDay {
  int intervals = 0;  ///< distinct values of interval_start, at most 1440
  Hours hours = 0;    ///< in which they begin
};
struct MeasuredReport {
  const ReportType* type = nullptr;
  std::map<Day, MeasuredDay> days;
};
MeasuredReport measure_report(ByteInput& input, const InterruptCheck& check_interrupts = nullptr,
                              const ReaderLimits& limits = {});

}  // namespace koku
