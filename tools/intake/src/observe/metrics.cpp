#include "observe/metrics.hpp"

#include <sstream>

#include "program/version.hpp"

namespace koku::intake {
namespace {

/// Writes families one after the other.
class Page {
 public:
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    heading(name, help, "counter");
    out_ << name << ' ' << value << '\n';
  }

  void counter(std::string_view name, std::string_view help, std::string_view label, const LabeledCounter& counter) {
    heading(name, help, "counter");
    for (const auto& [value, count] : counter.values()) {
      out_ << name << '{' << label << "=\"" << escape_label(value) << "\"} " << count << '\n';
    }
  }

  void gauge(std::string_view name, std::string_view help, std::int64_t value) {
    heading(name, help, "gauge");
    out_ << name << ' ' << value << '\n';
  }

  void gauge(std::string_view name, std::string_view help, const ServerGauge& gauge) {
    heading(name, help, "gauge");
    for (const auto& [server, value] : gauge.values()) {
      out_ << name;
      if (!server.empty()) out_ << "{server=\"" << escape_label(server) << "\"}";
      out_ << ' ' << value << '\n';
    }
  }

  void histogram(std::string_view name, std::string_view help, const DurationHistogram& histogram) {
    heading(name, help, "histogram");
    out_ << histogram.text(name);
  }

  void build_info() {
    heading("koku_intake_build_info", "The version that runs; always 1.", "gauge");
    out_ << "koku_intake_build_info{version=\"" << version << "\"} 1\n";
  }

  std::string text() const { return out_.str(); }

 private:
  void heading(std::string_view name, std::string_view help, std::string_view type) {
    out_ << "# HELP " << name << ' ' << help << "\n# TYPE " << name << ' ' << type << '\n';
  }

  std::ostringstream out_;
};

}  // namespace

std::string escape_label(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
  return text;
}

void LabeledCounter::add(std::string_view label, std::uint64_t amount) {
  const std::lock_guard lock(mutex_);
  const auto found = values_.find(label);
  if (found == values_.end()) {
    values_.emplace(label, amount);
  } else {
    found->second += amount;
  }
}

std::uint64_t LabeledCounter::value(std::string_view label) const {
  const std::lock_guard lock(mutex_);
  const auto found = values_.find(label);
  return found == values_.end() ? 0 : found->second;
}

std::map<std::string, std::uint64_t, std::less<>> LabeledCounter::values() const {
  const std::lock_guard lock(mutex_);
  return values_;
}

void ServerGauge::set(std::string_view server, std::int64_t value) {
  const std::lock_guard lock(mutex_);
  values_.insert_or_assign(std::string(server), value);
}

std::map<std::string, std::int64_t, std::less<>> ServerGauge::values() const {
  const std::lock_guard lock(mutex_);
  if (values_.empty()) return {{std::string(), initial_}};
  return values_;
}

void DurationHistogram::observe(std::chrono::steady_clock::duration duration) {
  const auto seconds = std::chrono::duration<double>(duration).count();
  std::size_t bucket = 0;
  while (bucket < bounds.size() && seconds > bounds[bucket]) ++bucket;
  ++counts_[bucket];
  microseconds_ += static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

std::string DurationHistogram::text(std::string_view name) const {
  std::ostringstream out;
  std::uint64_t cumulative = 0;
  for (std::size_t bucket = 0; bucket < bounds.size(); ++bucket) {
    cumulative += counts_[bucket];
    out << name << "_bucket{le=\"" << bounds[bucket] << "\"} " << cumulative << '\n';
  }
  cumulative += counts_[bounds.size()];
  out << name << "_bucket{le=\"+Inf\"} " << cumulative << '\n';
  out << name << "_sum " << static_cast<double>(microseconds_) / 1e6 << '\n';
  out << name << "_count " << cumulative << '\n';
  return out.str();
}

std::string Metrics::text() const {
  Page page;
  page.build_info();
  page.counter("koku_intake_uploads_total", "Uploads that ended, by outcome.", "outcome", uploads);
  page.counter("koku_intake_http_responses_total", "Answers given, by HTTP status.", "status", responses);
  page.counter("koku_intake_upload_bytes_total", "Bytes of payloads that were stored from uploads.", upload_bytes);
  page.histogram("koku_intake_upload_duration_seconds", "Time from the head of an upload to its answer.",
                 upload_duration);
  page.counter("koku_intake_payloads_stored_total", "Payloads stored, by tenant of the sender ('-': none named).",
               "tenant", stored_by_tenant);
  page.counter("koku_intake_refused_connections_total",
               "Connections that were not taken (all, address) or closed for newer ones.", "reason",
               refused_connections);
  page.gauge("koku_intake_certificate_not_after_timestamp_seconds", "When the TLS certificate expires, 0: none.",
             certificate_expiry);
  page.gauge("koku_intake_inbox_payloads", "Payloads of all tenants that wait in the inbox, -1: not known.",
             inbox_payloads);
  page.gauge("koku_intake_inbox_bytes", "Their bytes, -1: not known.", inbox_bytes);
  page.gauge("koku_intake_inbox_oldest_seconds", "How long the oldest of them has waited, -1: not known.",
             inbox_oldest_seconds);
  page.gauge("koku_intake_open_connections", "Open HTTP connections.", open_connections);
  page.gauge("koku_intake_buffered_bytes", "Bytes of payloads in memory.", buffered_bytes);
  page.counter("koku_intake_reports_total", "Reports that were asked of the database, by outcome.", "outcome", reports);
  page.histogram("koku_intake_report_duration_seconds", "Time the database took for a report.", report_duration);
  page.counter("koku_intake_submissions_total", "Payloads handed to the database, by outcome.", "outcome", submissions);
  page.histogram("koku_intake_submit_duration_seconds", "Time the database took for a payload.", submit_duration);
  page.gauge("koku_intake_database_up", "1 when the database answers.", database_up);
  page.counter("koku_intake_database_connects_total", "Attempts to connect to the database, by outcome.", "outcome",
               database_connects);
  page.counter("koku_intake_kafka_messages_total", "Announcements that were dealt with, by outcome.", "outcome",
               messages);
  page.counter("koku_intake_downloads_total", "Downloads that ended, by outcome.", "outcome", downloads);
  page.counter("koku_intake_download_bytes_total", "Bytes downloaded.", download_bytes);
  page.counter("koku_intake_confirmations_total", "Validation messages, by outcome.", "outcome", confirmations);
  page.gauge("koku_intake_kafka_partitions_assigned", "Partitions this process consumes.", partitions_assigned);
  page.gauge("koku_intake_kafka_messages_in_work", "Announcements taken and not finished.", messages_in_work);
  page.gauge("koku_intake_kafka_consumption_paused", "1 while the database is unreachable and nothing is consumed.",
             consumption_paused);
  page.counter("koku_intake_runs_total", "Calls of koku_run(), by outcome.", "outcome", runs);
  page.gauge("koku_intake_last_run_success_timestamp_seconds", "When koku_run() last succeeded, 0: never.",
             last_run_succeeded);
  return page.text() + costs.get();
}

}  // namespace koku::intake
