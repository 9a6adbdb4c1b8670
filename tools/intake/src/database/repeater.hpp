// Work on the database that is done again and again, beside everything else.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "database/database.hpp"

namespace koku::intake {

/// A thread with a connection of its own, which it opens when the work does.
class Repeater {
 public:
  /// Must not throw.
  using Work = std::function<void(DatabaseConnection& connection)>;

  /// The work begins at once, and again after each pause.
  Repeater(const Configuration::Database& database, Duration pause, Work work);
  /// Interrupts the statement that runs, whose transaction is rolled back, and waits for the work to end.
  ~Repeater();
  Repeater(const Repeater&) = delete;
  Repeater& operator=(const Repeater&) = delete;

 private:
  void repeat();
  /// False when it shall end.
  bool wait();

  DatabaseConnection connection_;
  const Duration pause_;
  const Work work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace koku::intake
