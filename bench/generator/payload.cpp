#include "generator/payload.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <chrono>
#include <cstddef>
#include <ctime>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "generator/cluster.hpp"
#include "generator/random.hpp"
#include "generator/reports.hpp"

namespace koku::generator {
namespace {

constexpr Hour hours_per_day = 24;
constexpr Hour seconds_per_hour = 3600;

// Commits of released operators (spec ingest.md 1.5): 4.4.1, and 1.1.9 from before daily reports.
constexpr std::string_view daily_version = "53d63c3aa6dc255ec8bc0cecf5d62c3a30066df3";
constexpr std::string_view additive_version = "61099eb07331b140cf66104bc1056c3f3211c94e";

/// One tar.gz under construction.
class ArchiveFile {
 public:
  ArchiveFile(const std::string& path, std::time_t modified)
      : path_(path), modified_(modified), archive_(archive_write_new()) {
    if (!archive_) throw std::bad_alloc();
    check(archive_write_add_filter_gzip(archive_.get()));
    check(archive_write_set_filter_option(archive_.get(), "gzip", "timestamp", nullptr));
    check(archive_write_set_format_ustar(archive_.get()));
    check(archive_write_open_filename(archive_.get(), path.c_str()));
  }

  void begin_member(const std::string& name, std::uint64_t bytes) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
    if (!entry) throw std::bad_alloc();
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), modified_, 0);
    check(archive_write_header(archive_.get(), entry.get()));
  }

  void write(std::string_view bytes) {
    if (archive_write_data(archive_.get(), bytes.data(), bytes.size()) < 0) check(ARCHIVE_FATAL);
  }

  void close() { check(archive_write_close(archive_.get())); }

 private:
  void check(int result) {
    if (result < ARCHIVE_WARN)
      throw std::runtime_error("could not write " + path_ + ": " + archive_error_string(archive_.get()));
  }

  struct Free {
    void operator()(archive* handle) const { archive_write_free(handle); }
  };
  std::string path_;
  std::time_t modified_;
  std::unique_ptr<archive, Free> archive_;
};

/// Cuts the lines of a report into parts: a part ends with the line that reaches the limit, and every part begins with
/// the header. Cuts at the same lines every time it sees the same report.
class PartedReport : public LineOutput {
 public:
  explicit PartedReport(std::uint64_t limit) : limit_(limit) {}

  void line(std::string_view text) final {
    if (header_.empty()) {
      header_ = text;
      begin();
      return;
    }
    if (limit_ > 0 && bytes_ >= limit_) begin();
    bytes_ += text.size();
    add_line(text);
  }

 protected:
  virtual void begin_part() = 0;
  /// A line of the current part; the header comes first.
  virtual void add_line(std::string_view text) = 0;

 private:
  void begin() {
    begin_part();
    bytes_ = header_.size();
    add_line(header_);
  }

  std::uint64_t limit_;
  std::uint64_t bytes_ = 0;
  std::string header_;
};

/// First pass: rows and bytes of each part.
class MeasuredReport final : public PartedReport {
 public:
  using PartedReport::PartedReport;
  std::vector<WrittenFile> parts;

 private:
  void begin_part() override { parts.emplace_back(); }
  void add_line(std::string_view text) override {
    if (parts.back().bytes > 0) ++parts.back().rows;
    parts.back().bytes += text.size();
  }
};

/// A report of one month: the operator keeps a file a month.
struct PlannedReport {
  const Report* report;
  std::vector<Hour> hours;
  std::size_t first_file;  ///< index of its first part among the files of the payload
};

/// What is written, known before the first byte: the manifest in every archive names all files.
struct Plan {
  std::string manifest;
  std::time_t made_at;
  std::vector<PlannedReport> reports;
  std::vector<WrittenFile> files;
};

/// Where each part goes: all into one archive, or each into one of its own, and the manifest as the last member of
/// each.
class PayloadFiles {
 public:
  PayloadFiles(const Options& options, const Plan& plan) : options_(options), plan_(plan) {}

  ArchiveFile& begin_file(std::size_t index) {
    if (!archive_ || options_.split_bytes > 0) {
      finish();
      paths_.push_back(path_of(index));
      archive_.emplace(paths_.back(), plan_.made_at);
    }
    archive_->begin_member(plan_.files[index].name, plan_.files[index].bytes);
    return *archive_;
  }

  void finish() {
    if (!archive_) return;
    archive_->begin_member("manifest.json", plan_.manifest.size());
    archive_->write(plan_.manifest);
    archive_->close();
    archive_.reset();
  }

  std::vector<std::string> take_paths() { return std::move(paths_); }

 private:
  std::string path_of(std::size_t index) const {
    if (options_.split_bytes == 0) return options_.output;
    constexpr std::string_view ending = ".tar.gz";
    std::string path = options_.output;
    if (path.ends_with(ending)) path.resize(path.size() - ending.size());
    return path + '-' + std::to_string(index) + std::string(ending);
  }

  const Options& options_;
  const Plan& plan_;
  std::optional<ArchiveFile> archive_;
  std::vector<std::string> paths_;
};

/// Second pass: the same parts into archives.
class StoredReport final : public PartedReport {
 public:
  StoredReport(std::uint64_t limit, PayloadFiles& files, std::size_t first_file)
      : PartedReport(limit), files_(files), next_file_(first_file) {}

 private:
  void begin_part() override { archive_ = &files_.begin_file(next_file_++); }
  void add_line(std::string_view text) override { archive_->write(text); }

  PayloadFiles& files_;
  std::size_t next_file_;
  ArchiveFile* archive_ = nullptr;
};

std::string two_digits(unsigned value) { return std::string(value < 10 ? "0" : "") + std::to_string(value); }

std::string year_month(Hour hour) {
  const std::chrono::year_month_day date(std::chrono::sys_days{std::chrono::days{hour / hours_per_day}});
  return std::to_string(static_cast<int>(date.year())) + two_digits(static_cast<unsigned>(date.month()));
}

/// As Go's encoding/json writes a time.
std::string json_time(Hour hour, std::string_view minutes_and_seconds) {
  const std::chrono::year_month_day date(std::chrono::sys_days{std::chrono::days{hour / hours_per_day}});
  return std::to_string(static_cast<int>(date.year())) + '-' + two_digits(static_cast<unsigned>(date.month())) + '-' +
         two_digits(static_cast<unsigned>(date.day())) + 'T' + two_digits(static_cast<unsigned>(hour % hours_per_day)) +
         std::string(minutes_and_seconds) + 'Z';
}

/// All hours, a group a month.
std::vector<std::vector<Hour>> hours_by_month(const Options& options) {
  std::vector<std::vector<Hour>> months;
  for (unsigned day = 0; day < options.days; ++day) {
    for (unsigned hour_of_day = 0; hour_of_day < options.hours; ++hour_of_day) {
      const Hour hour =
          (options.first_day.time_since_epoch().count() + day) * hours_per_day + options.first_hour + hour_of_day;
      if (months.empty() || year_month(months.back().back()) != year_month(hour)) months.emplace_back();
      months.back().push_back(hour);
    }
  }
  return months;
}

/// Another payload of the same cluster has another uuid, the same payload made again has the same.
std::string payload_uuid(const Options& options) {
  return uuid(hash(options.seed, {number_of(options.cluster_id),
                                  static_cast<std::uint64_t>(options.first_day.time_since_epoch().count()),
                                  options.days, options.first_hour, options.hours, options.pods, options.additive}));
}

std::string json_string(std::string_view text) {
  std::string result = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\') result += '\\';
    result += character;
  }
  return result + '"';
}

std::string manifest_of(const Options& options, const std::string& payload, Hour first, Hour last,
                        const std::vector<WrittenFile>& files) {
  std::string json = "{\n \"uuid\": " + json_string(payload) +
                     ",\n \"cluster_id\": " + json_string(options.cluster_id) +
                     ",\n \"version\": " + json_string(options.additive ? additive_version : daily_version) +
                     ",\n \"date\": \"" + json_time(last + 1, ":13:37") + "\",\n \"files\": [";
  for (std::size_t index = 0; index < files.size(); ++index)
    json += (index == 0 ? "\n  " : ",\n  ") + json_string(files[index].name);
  json += "\n ],\n \"resource_optimization_files\": null,\n";
  if (options.window)
    json += " \"start\": \"" + json_time(first, ":00:00") + "\",\n \"end\": \"" + json_time(last, ":59:59") + "\",\n";
  json += " \"cr_status\": {\n  \"clusterID\": " + json_string(options.cluster_id) +
          ",\n  \"clusterVersion\": \"stable-4.16\",\n  \"upload\": {\n   \"upload\": true\n  }\n },\n";
  json += " \"certified\": true,\n \"daily_reports\": ";
  return json + (options.additive ? "false" : "true") + "\n}";
}

Plan make_plan(const Options& options, const Cluster& cluster) {
  const std::string payload = payload_uuid(options);
  const std::vector<std::vector<Hour>> months = hours_by_month(options);
  Plan plan;
  for (const Report& report : reports) {
    for (const std::vector<Hour>& hours : months) {
      plan.reports.push_back({&report, hours, plan.files.size()});
      MeasuredReport measured(options.split_bytes);
      write_report(report, cluster, hours, measured);
      for (WrittenFile& part : measured.parts) {
        part.name = payload + "-cm-openshift-" + std::string(report.file_name_part) + "-usage-" +
                    year_month(hours.front()) + "." + std::to_string(plan.files.size()) + ".csv";
        plan.files.push_back(std::move(part));
      }
    }
  }
  const Hour last = months.back().back();
  plan.made_at = (last + 1) * seconds_per_hour;
  plan.manifest = manifest_of(options, payload, months.front().front(), last, plan.files);
  return plan;
}

}  // namespace

WrittenPayload write_payload(const Options& options) {
  const Cluster cluster(options);
  const Plan plan = make_plan(options, cluster);
  PayloadFiles files(options, plan);
  for (const PlannedReport& planned : plan.reports) {
    StoredReport stored(options.split_bytes, files, planned.first_file);
    write_report(*planned.report, cluster, planned.hours, stored);
  }
  files.finish();
  return {files.take_paths(), plan.files};
}

}  // namespace koku::generator
