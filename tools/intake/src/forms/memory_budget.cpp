#include "forms/memory_budget.hpp"

#include <algorithm>

namespace koku::intake {
namespace {

constexpr std::uint64_t smallest_step = 64 * 1024;

}  // namespace

bool MemoryBudget::take(std::uint64_t bytes) {
  auto taken = taken_.load();
  do {
    if (bytes > limit_ - taken) return false;
  } while (!taken_.compare_exchange_weak(taken, taken + bytes));
  if (metrics_) metrics_->buffered_bytes += static_cast<std::int64_t>(bytes);
  return true;
}

void MemoryBudget::give_back(std::uint64_t bytes) {
  taken_ -= bytes;
  if (metrics_) metrics_->buffered_bytes -= static_cast<std::int64_t>(bytes);
}

PayloadBuffer::Growth PayloadBuffer::reserve(std::uint64_t size) {
  if (size <= reserved_) return Growth::done;
  if (!budget_.take(size - reserved_)) return Growth::memory_short;
  reserved_ = size;
  bytes_.reserve(size);
  return Growth::done;
}

PayloadBuffer::Growth PayloadBuffer::expect(std::uint64_t size) { return reserve(std::min(size, max_size_)); }

PayloadBuffer::Growth PayloadBuffer::append(std::string_view bytes) {
  const auto needed = bytes_.size() + bytes.size();
  if (needed > max_size_) return Growth::payload_too_large;
  if (needed > reserved_) {
    const auto step = std::max({smallest_step, needed, bytes_.size() + bytes_.size() / 2});
    if (const auto growth = reserve(std::min(step, max_size_)); growth != Growth::done) return growth;
  }
  bytes_.append(bytes);
  return Growth::done;
}

}  // namespace koku::intake
