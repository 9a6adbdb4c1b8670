// When long work looks whether it has been cancelled.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace koku {

/// Called by long work every now and then, so that it can be cancelled; may throw.
using InterruptCheck = std::function<void()>;

/// Counts work in bytes and looks for interrupts after each quarter of a megabyte, which takes a few milliseconds. What
/// goes over a payload's bytes, records or labels counts all of them, at their least cost.
class InterruptCounter {
 public:
  static constexpr std::uint64_t bytes_between_checks = 256 << 10;

  explicit InterruptCounter(InterruptCheck check) : check_(std::move(check)) {}

  void count(std::uint64_t bytes) {
    unchecked_ += bytes;
    if (unchecked_ < bytes_between_checks) return;
    unchecked_ = 0;
    if (check_ != nullptr) check_();
  }

 private:
  InterruptCheck check_;
  std::uint64_t unchecked_ = 0;
};

}  // namespace koku
