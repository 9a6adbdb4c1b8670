#include "forms/memory_budget.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace koku::intake {
namespace {

constexpr std::uint64_t step = 256 * 1024;

}  // namespace

bool MemoryBudget::take(const std::string& sender, std::uint64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    if (bytes > limit_ - taken_) return false;
    const auto known = taken_by_.find(sender);
    const auto held = known == taken_by_.end() ? 0 : known->second;
    const auto senders = taken_by_.size() + (known == taken_by_.end() ? 1 : 0);
    if (held + bytes > std::max(limit_ / (senders + 1), largest_)) return false;
    taken_by_[sender] += bytes;
    taken_ += bytes;
  }
  if (metrics_) metrics_->buffered_bytes += static_cast<std::int64_t>(bytes);
  return true;
}

void MemoryBudget::give_back(const std::string& sender, std::uint64_t bytes) {
  if (bytes == 0) return;
  {
    const std::lock_guard lock(mutex_);
    const auto known = taken_by_.find(sender);
    known->second -= bytes;
    if (known->second == 0) taken_by_.erase(known);
    taken_ -= bytes;
  }
  if (metrics_) metrics_->buffered_bytes -= static_cast<std::int64_t>(bytes);
}

std::uint64_t MemoryBudget::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

PayloadBuffer::Growth PayloadBuffer::reserve(std::uint64_t size) {
  if (size <= reserved_) return Growth::done;
  const auto more = (size - reserved_) * copies;
  if (!budget_.take(sender_, more)) return Growth::memory_short;
  // The system moves large blocks by changing their addresses, without a copy.
  auto* grown = static_cast<char*>(std::realloc(bytes_.get(), size));
  if (grown == nullptr) {
    budget_.give_back(sender_, more);
    return Growth::memory_short;
  }
  static_cast<void>(bytes_.release());
  bytes_.reset(grown);
  reserved_ = size;
  return Growth::done;
}

PayloadBuffer::Growth PayloadBuffer::append(std::string_view bytes) {
  if (bytes.empty()) return Growth::done;
  const auto needed = size_ + bytes.size();
  if (needed > max_size_) return Growth::payload_too_large;
  if (needed > reserved_) {
    const auto rounded = (needed + step - 1) / step * step;
    if (const auto growth = reserve(std::min<std::uint64_t>(rounded, max_size_)); growth != Growth::done) return growth;
  }
  std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
  size_ = needed;
  return Growth::done;
}

}  // namespace koku::intake
