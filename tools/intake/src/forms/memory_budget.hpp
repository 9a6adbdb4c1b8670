// How much memory all payloads together may take, and a payload that grows within it.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "observe/metrics.hpp"

namespace koku::intake {

/// Bytes that the payloads of all senders share. Any thread may take and give back.
class MemoryBudget {
 public:
  /// largest: what one payload may need at most; a sender can always have as much, if it is there.
  explicit MemoryBudget(std::uint64_t limit, Metrics* metrics = nullptr, std::uint64_t largest = 0)
      : limit_(limit), largest_(largest), metrics_(metrics) {}

  /// False, and nothing taken, when the bytes are not there or beyond the sender's fair share: with n senders that hold
  /// memory, each may hold the n+1st part of all, so that there is something left for the next.
  bool take(const std::string& sender, std::uint64_t bytes);
  void give_back(const std::string& sender, std::uint64_t bytes);
  std::uint64_t taken() const;

 private:
  std::uint64_t limit_;
  std::uint64_t largest_;
  Metrics* metrics_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> taken_by_;
  std::uint64_t taken_ = 0;
};

/// The bytes of one payload. It holds its memory in the budget until it is destroyed: each byte twice, for libpq copies
/// what it sends.
class PayloadBuffer {
 public:
  enum class Growth { done, payload_too_large, memory_short };

  static constexpr std::uint64_t copies = 2;

  /// sender: whose share of the budget it takes.
  PayloadBuffer(MemoryBudget& budget, std::uint64_t max_size, std::string sender = {})
      : budget_(budget), max_size_(max_size), sender_(std::move(sender)) {}
  ~PayloadBuffer() { budget_.give_back(sender_, reserved_ * copies); }
  PayloadBuffer(const PayloadBuffer&) = delete;
  PayloadBuffer& operator=(const PayloadBuffer&) = delete;

  Growth append(std::string_view bytes);
  /// Starts again with nothing, keeping the memory.
  void clear() { size_ = 0; }

  std::string_view bytes() const { return {bytes_.get(), size_}; }
  std::uint64_t max_size() const { return max_size_; }

 private:
  struct Deleter {
    void operator()(char* bytes) const { std::free(bytes); }
  };

  Growth reserve(std::uint64_t size);

  MemoryBudget& budget_;
  std::uint64_t max_size_;
  std::string sender_;
  std::uint64_t reserved_ = 0;
  std::unique_ptr<char, Deleter> bytes_;
  std::size_t size_ = 0;
};

}  // namespace koku::intake
