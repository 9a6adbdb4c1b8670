// How many requests came from somebody in the last minute.
#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

namespace koku::intake {

/// Counts in windows of a minute that begin with the first request of each. For one thread.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit RateLimit(unsigned most) : most_(most) {}

  /// Counts a request; false when it is one too many.
  bool allows(const std::string& who, Time now);

 private:
  struct Window {
    Time begin;
    unsigned count = 0;
  };

  void forget_old(Time now);

  unsigned most_;
  std::unordered_map<std::string, Window> windows_;
  Time looked_{};
};

}  // namespace koku::intake
