// Numbers for Prometheus, in its text format (version 0.0.4).
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace koku::intake {

/// A counter with one label; every value of the label is a time series. Values come from the code and the
/// configuration, never from clients, so that their number is bounded. All members may be called from any thread.
class LabeledCounter {
 public:
  void add(std::string_view label, std::uint64_t amount = 1);
  std::uint64_t value(std::string_view label) const;
  std::map<std::string, std::uint64_t, std::less<>> values() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> values_;
};

/// A number of each server. The only server of an installation has no name, and its number no label. All members may be
/// called from any thread.
class ServerGauge {
 public:
  /// initial: shown until a server has a number.
  explicit ServerGauge(std::int64_t initial = 0) : initial_(initial) {}

  void set(std::string_view server, std::int64_t value);
  /// The numbers by the name of their server; never empty.
  std::map<std::string, std::int64_t, std::less<>> values() const;

 private:
  const std::int64_t initial_;
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t, std::less<>> values_;
};

/// How long something took, in buckets of seconds that suit requests (5 ms to 60 s).
class DurationHistogram {
 public:
  static constexpr std::array<double, 12> bounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 20, 60};

  void observe(std::chrono::steady_clock::duration duration);
  /// The lines of the histogram, without HELP and TYPE.
  std::string text(std::string_view name) const;

 private:
  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> counts_{};
  std::atomic<std::uint64_t> microseconds_{0};
};

/// Lines of the page that another part writes. All members may be called from any thread.
class WrittenLines {
 public:
  void set(std::string lines) {
    const std::lock_guard lock(mutex_);
    lines_ = std::move(lines);
  }
  std::string get() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::string lines_;
};

/// The value of a label as the format wants it.
std::string escape_label(std::string_view value);

/// Everything that is counted. One object for the process; members are written from any thread.
struct Metrics {
  LabeledCounter uploads;    ///< by outcome
  LabeledCounter responses;  ///< by HTTP status
  std::atomic<std::uint64_t> upload_bytes{0};
  DurationHistogram upload_duration;
  LabeledCounter stored_by_tenant;                  ///< payloads of HTTP and Kafka, by tenant of the sender
  LabeledCounter refused_connections;               ///< by reason
  std::atomic<std::int64_t> certificate_expiry{0};  ///< seconds since 1970, 0: no certificate
  ServerGauge inbox_payloads{-1};                   ///< of payloads that wait; -1: not known
  ServerGauge inbox_bytes{-1};
  ServerGauge inbox_oldest_seconds{-1};
  std::atomic<std::int64_t> open_connections{0};
  std::atomic<std::int64_t> buffered_bytes{0};
  LabeledCounter reports;  ///< by outcome
  DurationHistogram report_duration;
  LabeledCounter submissions;  ///< by outcome, of HTTP and Kafka
  DurationHistogram submit_duration;
  ServerGauge database_up;
  LabeledCounter database_connects;  ///< by outcome
  LabeledCounter messages;           ///< by outcome
  LabeledCounter downloads;          ///< by outcome
  std::atomic<std::uint64_t> download_bytes{0};
  LabeledCounter confirmations;  ///< by outcome
  std::atomic<std::int64_t> partitions_assigned{0};
  std::atomic<std::int64_t> messages_in_work{0};
  std::atomic<std::int64_t> consumption_paused{0};
  LabeledCounter runs;             ///< by outcome
  ServerGauge last_run_succeeded;  ///< seconds since 1970, 0: never

  WrittenLines costs;  ///< of the database; empty while they are not known

  std::string text() const;
};

}  // namespace koku::intake
