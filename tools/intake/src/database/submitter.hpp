// Hands payloads to the database: a fixed number of connections, each with a thread of its own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "database/database.hpp"
#include "forms/memory_budget.hpp"
#include "observe/metrics.hpp"

namespace koku::intake {

/// What became of a payload.
struct SubmitOutcome {
  enum class Kind {
    stored,      ///< committed in the inbox; submitting it again would store nothing more
    refused,     ///< the database does not take this payload, now or later
    unavailable  ///< the database is away or cannot take any payload now; it may be submitted again
  };
  Kind kind = Kind::unavailable;
  std::string inbox_id;  ///< when stored
  std::string sqlstate;  ///< when a server refused it
  std::string message;
  std::string hint;
};

/// Which kind of outcome an error is: only what the server says about the payload itself is a refusal. Everything else
/// (no connection, shutdown, no privilege, no such function, out of space, locks) will pass or be put right.
SubmitOutcome::Kind outcome_of(const DatabaseError& error);

struct Submission {
  std::shared_ptr<const PayloadBuffer> payload;
  std::string request_id;
  std::optional<std::string> tenant;
  /// Called exactly once, on a thread of the submitter; must not block or throw.
  std::function<void(SubmitOutcome)> done;
};

class Submitter {
 public:
  Submitter(const Configuration::Database& settings, Metrics& metrics);
  /// Answers what waits with 'unavailable' and ends the threads; what is under way is finished first.
  ~Submitter();
  Submitter(const Submitter&) = delete;
  Submitter& operator=(const Submitter&) = delete;

  /// Returns at once. Any thread may call it.
  void submit(Submission submission);

  /// Whether the database was reached when last tried; it is tried again and again while it is away.
  bool is_available() const { return available_; }

 private:
  struct Waiting {
    Submission submission;
    Clock::time_point deadline;
  };
  /// One thread's connection and when it was last tried.
  struct Worker {
    explicit Worker(const Configuration::Database& settings) : connection(settings) {}
    DatabaseConnection connection;
    bool connected = false;
    Clock::time_point last_attempt{};
    Duration pause{};
  };

  void work();
  /// Waits for a payload until the worker has to look after its connection; nothing when none came. Sets ended when the
  /// thread shall end.
  std::optional<Waiting> next(const Worker& worker, bool& ended);
  /// When the worker looks after its connection again.
  Clock::time_point wake_time(const Worker& worker) const;
  /// Sees whether the connection still stands and makes one when it is due.
  void look_after(Worker& worker);
  bool connect(Worker& worker);
  void mark(Worker& worker, bool connected, const std::string& reason);
  SubmitOutcome store(Worker& worker, const Waiting& waiting);
  void finish(const Submission& submission, SubmitOutcome outcome);

  const Configuration::Database settings_;
  Metrics& metrics_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> queue_;
  bool stopping_ = false;
  std::mutex state_mutex_;
  std::atomic<int> connected_workers_{0};
  std::string last_reason_;
  std::atomic<bool> available_{false};
  std::vector<std::thread> threads_;
};

}  // namespace koku::intake
