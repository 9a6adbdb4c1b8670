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

/// What became of a payload or a question.
struct SubmitOutcome {
  enum class Kind {
    stored,      ///< committed in the inbox; submitting it again would store nothing more
    refused,     ///< the database does not take this payload, now or later
    postponed,   ///< it takes it when there is room again
    unavailable  ///< the database is unreachable or cannot take any payload now; it may be submitted again
  };
  Kind kind = Kind::unavailable;
  std::string answer;    ///< when stored: the id in the inbox, or what the question gave
  std::string sqlstate;  ///< when a server refused it
  std::string message;
  std::string hint;
};

/// Which kind of outcome an error is: only what the server says about the payload itself is a refusal. Everything else
/// (no connection, shutdown, no privilege, no such function, out of space, locks) will pass or be put right.
SubmitOutcome::Kind outcome_of(const DatabaseError& error);

/// Whether the database refused something because the sender's tenant is not there.
bool is_about_missing_tenant(const std::string& sqlstate);

struct Submission {
  std::shared_ptr<const PayloadBuffer> payload;
  std::string request_id;
  std::optional<std::string> tenant;
  /// Called exactly once, on any thread; must not block or throw.
  std::function<void(SubmitOutcome)> done;
};

/// Something that is asked of the database besides payloads.
struct Question {
  std::string columns;  ///< SELECT columns FROM schema.call
  std::string call;     ///< a function of the extension, without its schema
  std::vector<std::optional<std::string>> parameters;
  /// Called exactly once, on any thread; must not block or throw.
  std::function<void(SubmitOutcome)> done;
  std::optional<std::string> tenant = std::nullopt;  ///< whose server is asked
  Duration patience = Duration::max();               ///< with the answer, within database.submit_timeout
};

/// What the database of one server is handed and asked.
class Submitter {
 public:
  Submitter(const Configuration::Server& server, Metrics& metrics);
  ~Submitter() { stop(); }
  Submitter(const Submitter&) = delete;
  Submitter& operator=(const Submitter&) = delete;

  /// Finishes what is under way, ends the threads, and answers what waits, or still comes, with 'unavailable'.
  void stop();

  /// Returns at once. Any thread may call it.
  void submit(Submission submission);
  void ask(Question question);

  /// Whether the database was reached when last tried; it is tried again and again while it is away.
  bool is_available() const { return available_; }

 private:
  struct Waiting {
    std::function<std::string(DatabaseConnection&, Clock::time_point)> execute;
    std::function<void(SubmitOutcome)> done;
    Clock::time_point deadline;
    std::uint64_t bytes = 0;
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
  SubmitOutcome execute(Worker& worker, const Waiting& waiting);
  /// libpq keeps what it once needed for sending: a connection that sent much is opened again.
  void shrink(Worker& worker, std::uint64_t bytes_sent);
  void enqueue(Waiting waiting);

  const Configuration::Database settings_;
  const std::string server_;
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
