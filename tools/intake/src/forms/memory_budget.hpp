// How much memory all payloads together may take, and a payload that grows within it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "observe/metrics.hpp"

namespace koku::intake {

/// Bytes that payloads of all requests share. Any thread may take and give back.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t limit, Metrics* metrics = nullptr) : limit_(limit), metrics_(metrics) {}

  /// False, and nothing taken, when the bytes are not there.
  bool take(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);
  std::uint64_t taken() const { return taken_; }

 private:
  std::uint64_t limit_;
  Metrics* metrics_;
  std::atomic<std::uint64_t> taken_{0};
};

/// The bytes of one payload. It holds its memory in the budget until it is destroyed.
class PayloadBuffer {
 public:
  enum class Growth { done, payload_too_large, memory_short };

  PayloadBuffer(MemoryBudget& budget, std::uint64_t max_size) : budget_(budget), max_size_(max_size) {}
  ~PayloadBuffer() { budget_.give_back(reserved_); }
  PayloadBuffer(const PayloadBuffer&) = delete;
  PayloadBuffer& operator=(const PayloadBuffer&) = delete;

  /// Makes room for a payload whose size was announced, so that it does not move while it grows. An announcement that
  /// proves wrong does no harm.
  Growth expect(std::uint64_t size);
  Growth append(std::string_view bytes);
  /// Starts again with nothing, keeping the memory.
  void clear() { bytes_.clear(); }

  const std::string& bytes() const { return bytes_; }
  std::uint64_t max_size() const { return max_size_; }

 private:
  Growth reserve(std::uint64_t size);

  MemoryBudget& budget_;
  std::uint64_t max_size_;
  std::uint64_t reserved_ = 0;
  std::string bytes_;
};

}  // namespace koku::intake
