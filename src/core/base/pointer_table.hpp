// A hash table of entries that live elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/assertion.hpp"

namespace koku {

/// Open addressing table of pointers to entries that carry no hash themselves.
template <typename Entry>
class PointerTable {
 public:
  template <typename Equal>
  Entry* find(std::uint64_t hash, Equal&& equal) const {
    if (slots_.empty()) return nullptr;
    for (std::size_t at = hash & mask(); slots_[at].entry != nullptr; at = (at + 1) & mask())
      if (slots_[at].hash == hash && equal(*slots_[at].entry)) return slots_[at].entry;
    return nullptr;
  }

  /// Asks for the memory that find() of this hash looks at first; prefetch_entry(), some work later, for the entry that
  /// is probably found.
  void prefetch(std::uint64_t hash) const noexcept {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & mask()]);
  }
  void prefetch_entry(std::uint64_t hash) const noexcept {
    if (!slots_.empty()) __builtin_prefetch(slots_[hash & mask()].entry);
  }

  void insert(std::uint64_t hash, Entry* entry) {
    if ((size_ + 1) * 4 > slots_.size() * 3) grow();
    // With no free slot find() would not end.
    KOKU_ASSERT(entry != nullptr && size_ + 1 < slots_.size());
    place(hash, entry);
    ++size_;
  }

  std::size_t size() const noexcept { return size_; }
  /// Bytes of the table, without the entries.
  std::size_t bytes() const noexcept { return slots_.size() * sizeof(Slot); }
  void clear() {
    slots_.assign(slots_.size(), Slot{});
    size_ = 0;
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    Entry* entry = nullptr;
  };
  std::size_t mask() const noexcept { return slots_.size() - 1; }
  void place(std::uint64_t hash, Entry* entry) {
    std::size_t at = hash & mask();
    while (slots_[at].entry != nullptr) at = (at + 1) & mask();
    slots_[at] = {hash, entry};
  }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 256 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.entry != nullptr) place(slot.hash, slot.entry);
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace koku
