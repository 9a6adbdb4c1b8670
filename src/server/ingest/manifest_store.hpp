// The bookkeeping of manifests and report files: koku_manifest, koku_report_file, koku_changed_day (spec ingest.md 6).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/payload/manifest.hpp"
#include "server/backend/sql.hpp"
#include "server/ingest/source_registry.hpp"

namespace koku {

struct FileRecord {
  std::string status;
  std::string report_type;  ///< empty while unknown
};

/// A manifest as it is on record. Its facts are those of the first delivery.
struct StoredManifest {
  std::string id;  ///< koku_manifest.manifest_id as text, stored in the column manifestid of every row
  bool daily_reports;
  std::string version;  ///< as sent by this delivery
  std::map<Day, int> hours_per_day;
  bool differs = false;                          ///< this delivery says other things than the first one did
  bool is_new = false;                           ///< this is the first delivery
  bool is_complete = false;                      ///< this is the first delivery, and brings all files
  std::map<std::string, FileRecord> files = {};  ///< by name; those that earlier deliveries put on record

  int hours_on(Day day) const {
    const auto found = hours_per_day.find(day);
    return found == hours_per_day.end() ? 0 : found->second;
  }
};

/// What is known of a file at the end of a delivery.
struct FileOutcome {
  std::string status = "waiting";  ///< or 'done', or 'unknown type'
  std::string report_type;
  std::uint64_t rows_in = 0;
  std::uint64_t rows_loaded = 0;
  std::uint64_t rows_dropped = 0;
  std::string message;
};

class ManifestStore {
 public:
  ManifestStore(Schemas schemas, const Source& source) : schemas_(std::move(schemas)), source_(source) {}

  /// Finds or records the manifest, complete when all of its files came with it.
  StoredManifest record(const Manifest& manifest, bool all_files_came);
  /// The manifest's files by name.
  std::map<std::string, FileRecord> files(const StoredManifest& manifest);
  /// Notes what became of a file; note_changes() puts it on record.
  void finish_file(const std::string& file, FileOutcome outcome);
  /// Files of a type that are not in `redelivered` wait again, because their rows of a replaced day are gone.
  void await_again(const StoredManifest& manifest, std::string_view report_type,
                   const std::vector<std::string>& redelivered);
  /// Notes whether the rows that a manifest has of a type and day are in the tables; note_changes() puts it on record.
  void note_day(const std::string& manifest_id, std::string_view report_type, Day day, bool is_held);
  /// Puts on record the files that were finished, those that are named and did not come, and the days whose rows
  /// changed. When no file is waiting any more: completes the manifest and requests the summaries of all its changed
  /// days, one range a month (spec ingest.md 6.3).
  void note_changes(const StoredManifest& manifest, const std::set<Day>& days);

 private:
  /// What the first delivery said goes; `facts` are those of this one.
  void read_first_delivery(const Manifest& manifest, const std::vector<SqlText>& facts, StoredManifest& stored);
  /// Whether no file of the manifest is waiting any more; then it is complete.
  bool write_outcomes(const StoredManifest& manifest);
  void write_days();

  struct NotedDays {
    std::vector<std::string> manifests, report_types, days, held;  ///< one entry each for a note
  };

  Schemas schemas_;
  const Source& source_;
  std::map<std::string, FileOutcome> outcomes_;  // by file
  NotedDays noted_;
};

}  // namespace koku
