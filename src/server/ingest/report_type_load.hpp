// The rows of one report type that a payload brings: which days are loaded, what they replace, and their daily rows
// (spec ingest.md 4, 5).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/reading/row_batch.hpp"
#include "core/report/daily.hpp"
#include "core/report/report_reader.hpp"
#include "server/backend/sql.hpp"
#include "server/ingest/aggregate_budget.hpp"
#include "server/ingest/line_item_writer.hpp"
#include "server/ingest/manifest_store.hpp"
#include "server/ingest/measured_hours.hpp"
#include "server/ingest/source_registry.hpp"
#include "server/storage/leaf_partition.hpp"

namespace koku {

/// What became of a day's rows (spec ingest.md 5.3).
enum class DayAction { loaded, replaced, appended, superseded, expired };
struct DayOwners;
std::string_view name_of(DayAction action);

/// What the load of a report type has to know about its payload.
struct LoadContext {
  const Schemas& schemas;
  const Source& source;
  const StoredManifest& manifest;
  ManifestStore& store;
  bool force;                                 ///< replace days even at equal or fewer hours
  const std::set<std::string>& redone_types;  ///< force: types of which this payload brings a file that was done before
  const std::vector<std::string>& delivered;  ///< files of this payload
  std::optional<Day> oldest_kept;
  Day received;           ///< day of receipt
  std::set<Day>& months;  ///< first days of the months that got rows, over all types
  AggregateBudget& budget;
  MeasuredHours& measured_hours;
};

class ReportTypeLoad {
 public:
  ReportTypeLoad(const ReportType& type, const LoadContext& context);
  ~ReportTypeLoad();
  ReportTypeLoad(const ReportTypeLoad&) = delete;
  ReportTypeLoad& operator=(const ReportTypeLoad&) = delete;

  const ReportType& type() const noexcept { return type_; }
  DailyAggregate& aggregate() noexcept { return aggregate_; }

  /// What is to become of the rows of a day; decided when it is asked for the first time. `first` is the
  /// interval of the day's first row.
  DayDecision begin_day(Day day, Instant first);
  /// Takes rows of days to be loaded. Their texts must stay until flush() returns.
  void store(const RowBatch& rows);
  /// Lets go of the texts of all rows taken so far.
  void flush();

  DayAction action(Day day) const;
  /// What a person should know of what became of a day besides its action; mostly empty.
  std::string remark(Day day) const;
  /// Writes the rest of the raw rows and the daily rows. Call once, after the last file.
  void finish();
  /// Days that got rows.
  std::set<Day> changed_days() const;

 private:
  struct DayState {
    DayAction action = DayAction::loaded;
    int hours = 0;
    int hours_together = 0;                       ///< appended beside other manifests: hours that all of them have
    bool begun = false;                           ///< older rows are out of the way, rows may come
    bool has_raw_rows = false;                    ///< had, when the day was decided
    bool has_daily_rows = false;                  ///< had, when the day was decided
    bool has_intervals = false;                   ///< of nodes; had, when the day was decided
    bool keeps_own = false;                       ///< replaced: what the manifest brought before stays
    std::vector<std::string> replaced_manifests;  ///< whose rows go when the day is begun
    std::string remark = {};                      ///< why the day was left as it is; mostly empty
  };

  void decide(Day day, Instant first, DayState& state);
  void decide_without_raw_rows(Day day, DayState& state);
  bool is_redone() const;
  DayAction action_beside(const DayOwners& owners, Day day, Instant first, int hours);
  void note_day(Day day, const DayState& state);
  void begin(Day day, DayState& state);
  void enter_day(Day day);
  void note_month(Day day);
  LineItemWriter& raw_writer(Day day);
  const LeafPartition& leaf_of(const std::string& table, Day day);
  void delete_rows(const std::vector<std::string>& tables, Day day);
  std::unique_ptr<LineItemWriter> open_writer(const std::string& table, Day day);
  void write_daily(Day day, const DayState& state);
  void write_intervals(Day day, const DayState& state);

  const ReportType& type_;
  const LoadContext& context_;
  std::string raw_table_;
  std::string daily_table_;
  bool writes_intervals_;  ///< of nodes: the type has them, and the tenant the table
  DailyAggregate aggregate_;
  std::map<Day, DayState> days_;
  std::map<std::pair<std::string, Day>, LeafPartition> leaves_;  // by table and first day of the month
  std::map<Day, std::unique_ptr<LineItemWriter>> raw_writers_;   // by first day of the month
  DayState* current_state_ = nullptr;
  LineItemWriter* current_writer_ = nullptr;
  Day current_day_ = 0;
};

}  // namespace koku
