#include "server/ingest/ingest.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "core/base/excerpt.hpp"
#include "core/payload/manifest.hpp"
#include "core/payload/payload_index.hpp"
#include "core/reading/payload_reader.hpp"
#include "core/reading/read_ahead.hpp"
#include "server/backend/boundary.hpp"
#include "server/backend/datum.hpp"
#include "server/backend/error_context.hpp"
#include "server/backend/exit_guard.hpp"
#include "server/backend/settings.hpp"
#include "server/ingest/findings_text.hpp"
#include "server/ingest/manifest_store.hpp"
#include "server/ingest/report_period.hpp"
#include "server/ingest/report_type_load.hpp"
#include "server/ingest/source_registry.hpp"
#include "server/ingest/tag_keys.hpp"

#include "server/backend/postgres.hpp"

namespace koku {
namespace {

constexpr std::size_t named_members = 5;
// A payload of thousands of files must not fill the log, nor its result the memory.
constexpr std::size_t most_warnings = 20;
constexpr std::size_t most_results = 100'000;

std::optional<ReadManifest> read_manifest;

void warn(const std::string& message, const std::string& detail) {
  const char* plain_message = message.c_str();
  const char* plain_detail = detail.c_str();
  const bool has_detail = !detail.empty();
  server_call([&] {
    ereport(WARNING, (errmsg_internal("%s", plain_message), has_detail ? errdetail_internal("%s", plain_detail) : 0));
  });
}

std::string quoted(std::string_view name) { return "\"" + excerpt(name, 128) + "\""; }

/// An error of the core with the file it happened in; what strict mode refuses names it already.
Error in_file(const Error& error, const std::string& file) {
  if (error.kind() == ErrorKind::strict_violation) return error;
  return {error.kind(), error.message(),
          "File " + quoted(file) + (error.detail().empty() ? "." : ": " + error.detail()), error.hint()};
}

/// Every name becomes a record, also of files that never come: what limits members limits names.
void check_file_count(const Manifest& manifest) {
  const std::uint32_t limit = archive_limits().max_members;
  if (manifest.files.size() > limit)
    throw Error(ErrorKind::too_large, "manifest names more than " + std::to_string(limit) + " files",
                "It names " + std::to_string(manifest.files.size()) + ".",
                "If the payload can be trusted, raise koku_onprem.max_members.");
}

/// One payload on its way in.
class PayloadIngest final : private PayloadSink {
 public:
  PayloadIngest(const SourceOpener& open, const IngestOptions& options, const PayloadIndex& index,
                const Manifest& manifest, const Source& source)
      : options_(options),
        index_(index),
        manifest_(manifest),
        source_(source),
        schemas_{options.extension_schema, source.tenant},
        store_(schemas_, source_),
        oldest_kept_(oldest_kept_day(source.today, source.retention_months.value_or(retention_months_setting()))),
        measured_hours_(open, wanted_) {
    check_retention(manifest, oldest_kept_);
  }

  std::vector<IngestResult> run(ByteSource& bytes, PayloadContext& context) {
    report_odd_members();
    const bool all_files_came =
        std::ranges::all_of(manifest_.files, [this](const std::string& file) { return index_.find(file) != nullptr; });
    stored_ = store_.record(manifest_, all_files_came);
    if (stored_.differs)
      complain("manifest " + manifest_.uuid + " differs from its first delivery",
               "Its date, window, number of files or kind of operator changed; what the first delivery said counts.");
    choose_files();
    load_files(bytes, context);
    report_suppressed_warnings();
    finish_types();
    if (options_.force) note_files_that_wait_again();
    sort_results();
    return std::move(results_);
  }

 private:
  /// A warning, or in strict mode an error.
  void complain(const std::string& message, const std::string& detail) {
    if (options_.strict)
      throw Error(ErrorKind::strict_violation, message, detail, "Call without strict to load what can be used.");
    if (++warnings_ <= most_warnings) warn(message, detail);
  }

  void report_suppressed_warnings() const {
    if (warnings_ <= most_warnings) return;
    warn(std::to_string(warnings_ - most_warnings) + " more warnings about this payload are not shown",
         "The messages of all files are in the result and in koku_report_file.");
  }

  void report_odd_members() {
    std::uint64_t count = 0;
    std::string names;
    for (const Member& member : index_.members) {
      const bool odd = member.kind == MemberKind::link || member.kind == MemberKind::special ||
                       member.kind == MemberKind::unsafe_path;
      if (!odd) continue;
      if (++count <= named_members) names += (names.empty() ? "" : ", ") + quoted(member.name);
    }
    if (count == 0) return;
    complain(std::to_string(count) + (count == 1 ? " member" : " members") +
                 " of the payload ignored: links, devices or unsafe paths",
             "Ignored: " + names + (count > named_members ? ", ..." : "") + ".");
  }

  /// Splits the manifest's files into those to load and those that only get a result.
  void choose_files() {
    const auto& records = stored_.files;
    for (const std::string& file : manifest_.files) {
      const auto record = records.find(file);
      const bool done = record != records.end() && record->second.status == "done";
      const Member* member = index_.find(file);
      if (member == nullptr) {
        if (done)
          note_file(file, "already processed", record->second.report_type);
        else
          note_file(file, "waiting", {});
      } else if (done && !(options_.force && stored_.daily_reports)) {
        note_file(file, "already processed", record->second.report_type);
      } else {
        if (done) redone_types_.insert(record->second.report_type);
        wanted_[member->ordinal] = file;
        delivered_.push_back(file);
      }
    }
  }

  IngestResult& note_file(const std::string& file, std::string action, const std::string& report_type) {
    if (results_.size() == most_results)
      throw Error(ErrorKind::too_large,
                  "payload has more than " + std::to_string(most_results) + " combinations of file and day",
                  "The limit was reached at file " + quoted(file) + ".", "Send the files in several payloads.");
    IngestResult& result = results_.emplace_back();
    result.manifest = manifest_.uuid;
    result.file = file;
    result.action = std::move(action);
    if (!report_type.empty()) result.report_type = report_type;
    return result;
  }

  void load_files(ByteSource& bytes, PayloadContext& context) {
    if (wanted_.empty()) return;
    context_ = &context;
    try {
      if (!load_with_thread(bytes)) read_files(bytes, archive_limits(), wanted_, *this, check_interrupts);
    } catch (const Error& error) {
      if (current_file_.empty()) throw;
      throw in_file(error, current_file_);
    }
  }

  /// False when the payload is not worth a thread, or there is none.
  bool load_with_thread(ByteSource& bytes) {
    if (!is_worth_a_thread(bytes.size())) return false;
    ReadAhead ahead(
        bytes, [limits = archive_limits(), this](ByteSource& source, PayloadSink& sink, const InterruptCheck& check) {
          read_files(source, limits, wanted_, sink, check);
        });
    const ExitGuard guard([](void* object) noexcept { static_cast<ReadAhead*>(object)->stop(); }, &ahead);
    if (!ahead.start()) return false;
    ahead.run(*this, check_interrupts);
    return true;
  }

  void begin_file(const std::string& file) override {
    current_file_ = file;
    context_->enter_file(file);
  }

  Target begin_report(const ReportType& type) override {
    current_load_ = &load_of(type);
    Target target{.aggregate = &current_load_->aggregate(),
                  .tag_keys = &tag_keys_,
                  .most_aggregate_bytes = budget_.left_for(current_load_->aggregate())};
    if (manifest_.start && manifest_.reported_end && *manifest_.start < *manifest_.reported_end)
      target.window = {*manifest_.start, *manifest_.reported_end};
    return target;
  }

  DayDecision begin_day(Day day, Instant first) override { return current_load_->begin_day(day, first); }
  void store(RowBatch& rows) override { current_load_->store(rows); }
  void flush() override { current_load_->flush(); }

  void end_file(FileReport report) override {
    if (report.is_empty) {
      store_.finish_file(current_file_, {.status = "done", .report_type = {}, .message = "empty file"});
      note_file(current_file_, "empty", {});
    } else if (report.type == nullptr) {
      refuse_unknown_type(report.header, current_file_);
    } else {
      note_days(report, *current_load_, current_file_);
    }
    context_->leave_file();
    current_file_.clear();
  }

  void refuse_unknown_type(const std::vector<std::string>& header, const std::string& file) {
    std::string names;
    for (const std::string& name : header) {
      if (names.size() > 200) {
        names += ", ...";
        break;
      }
      names += (names.empty() ? "" : ", ") + excerpt(name);
    }
    complain("report file " + quoted(file) + " does not match any known report type",
             "Its columns are: " + names + ".");
    const std::string message = "columns match no report type";
    store_.finish_file(file, {.status = "unknown type", .report_type = {}, .message = message});
    note_file(file, "unknown type", {}).message = message;
  }

  ReportTypeLoad& load_of(const ReportType& type) {
    std::unique_ptr<ReportTypeLoad>& load = loads_[static_cast<std::size_t>(type.id)];
    if (!load) load = std::make_unique<ReportTypeLoad>(type, load_context_);
    return *load;
  }

  /// One result a day, one for rows without a day, and the record of the file.
  void note_days(const FileReport& report, const ReportTypeLoad& load, const std::string& file) {
    const ReportFindings& findings = report.findings;
    const std::string repairs = text_of_repairs(findings);
    if (!repairs.empty()) complain("report file " + quoted(file) + " has defects", repairs + ".");
    const std::string message = joined(repairs, text_of_remarks(findings));
    const std::string type_name(report.type->name);
    FileOutcome outcome{.status = "done", .report_type = type_name, .rows_in = report.rows_in, .message = message};
    const std::size_t first_result = results_.size();
    std::size_t remarks = 0;
    for (const auto& [day, counts] : report.days) {
      // A day of which every row was dropped is left as it was.
      const bool untouched = counts.decision == DayDecision::load && counts.rows_loaded == 0;
      IngestResult& result = note_file(file, untouched ? "dropped" : std::string(name_of(load.action(day))), type_name);
      result.day = day;
      result.rows_in = counts.rows_in;
      result.rows_loaded = counts.rows_loaded;
      result.rows_dropped = counts.rows_dropped;
      if (const std::string remark = load.remark(day); !remark.empty()) {
        result.message = remark;
        if (++remarks <= named_members) outcome.message = joined(outcome.message, remark);
      }
      outcome.rows_loaded += counts.rows_loaded;
      outcome.rows_dropped += counts.rows_dropped;
    }
    if (findings.rows_undated() > 0) {
      IngestResult& result = note_file(file, "dropped", type_name);
      result.rows_in = result.rows_dropped = findings.rows_undated();
      outcome.rows_dropped += findings.rows_undated();
    }
    if (report.rows_in == 0) note_file(file, "empty", type_name);
    if (!message.empty()) results_[first_result].message = joined(message, results_[first_result].message.value_or(""));
    store_.finish_file(file, std::move(outcome));
  }

  void finish_types() {
    std::set<Day> changed;
    for (std::unique_ptr<ReportTypeLoad>& load : loads_) {
      if (!load) continue;
      load->finish();
      changed.merge(load->changed_days());
      load.reset();  // frees its memory for the next one
    }
    std::set<Day> months;
    for (const Day day : changed) months.insert(first_day_of_month(day));
    note_in_shared_tables(months);
    store_.note_changes(stored_, changed);
  }

  /// The report periods, then the tag keys, which are the last to be locked (src/sql/tenant/locks.sql).
  void note_in_shared_tables(const std::set<Day>& months) {
    for (const Day month : months) ensure_report_period(schemas_, source_, month);
    if (!tag_keys_.empty()) add_tag_keys(schemas_, array_literal({tag_keys_.begin(), tag_keys_.end()}));
  }

  /// A forced delivery takes the rows of the manifest's other files with the day it replaces.
  void note_files_that_wait_again() {
    const std::map<std::string, FileRecord> records = store_.files(stored_);
    for (IngestResult& result : results_)
      if (result.action == "already processed" && records.at(result.file).status == "waiting")
        result.action = "waiting";
  }

  /// In the order of the manifest; what belongs to a file stays as it came.
  void sort_results() {
    std::map<std::string_view, std::size_t> places;
    for (const std::string& file : manifest_.files) places.emplace(file, places.size());
    std::stable_sort(results_.begin(), results_.end(), [&](const IngestResult& one, const IngestResult& two) {
      return places.at(one.file) < places.at(two.file);
    });
  }

  const IngestOptions& options_;
  const PayloadIndex& index_;
  const Manifest& manifest_;
  const Source& source_;
  Schemas schemas_;
  ManifestStore store_;
  std::optional<Day> oldest_kept_;
  StoredManifest stored_{};
  WantedFiles wanted_;
  std::vector<std::string> delivered_;
  std::set<std::string> redone_types_;
  AggregateBudget budget_{aggregate_memory_limit()};
  MeasuredHours measured_hours_;
  TagKeys tag_keys_;
  std::vector<IngestResult> results_;
  std::size_t warnings_ = 0;
  std::set<Day> months_;
  LoadContext load_context_{.schemas = schemas_,
                            .source = source_,
                            .manifest = stored_,
                            .store = store_,
                            .force = options_.force,
                            .redone_types = redone_types_,
                            .delivered = delivered_,
                            .oldest_kept = oldest_kept_,
                            .received = options_.received.value_or(source_.today),
                            .months = months_,
                            .budget = budget_,
                            .measured_hours = measured_hours_};
  std::array<std::unique_ptr<ReportTypeLoad>, report_type_count> loads_;  // last: they refer to all of the above
  ReportTypeLoad* current_load_ = nullptr;
  PayloadContext* context_ = nullptr;
  std::string current_file_;  // empty outside of files
};

}  // namespace

const std::optional<ReadManifest>& latest_manifest() noexcept { return read_manifest; }
void forget_manifest() noexcept { read_manifest.reset(); }

std::vector<IngestResult> ingest_payload(const SourceOpener& open, const IngestOptions& options) {
  forget_manifest();
  const std::unique_ptr<ByteSource> bytes = open();
  const PayloadIndex index = index_payload(*bytes, archive_limits(), check_interrupts);
  const Manifest manifest = parse_manifest(index.manifest);
  read_manifest = ReadManifest{manifest.uuid, manifest.cluster_id};
  check_file_count(manifest);
  PayloadContext context(manifest.uuid.c_str());
  const Source source =
      lock_source_of_cluster(options.extension_schema, manifest.cluster_id, options.tenant, options.wait_for_source);
  bytes->rewind();
  return PayloadIngest(open, options, index, manifest, source).run(*bytes, context);
}

}  // namespace koku
