// The capacity that nodes had in each interval of a day. Daily rows add it up over pods and hours; a summary needs it
// once for each node and hour (spec summary.md 3.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string_view>

#include "core/base/hash.hpp"
#include "core/base/pointer_table.hpp"
#include "core/base/time.hpp"

namespace koku {

/// The number of an interval of which no row had one.
inline constexpr double no_capacity = std::numeric_limits<double>::quiet_NaN();

/// An interval in which a node had pods.
struct NodeInterval {
  std::string_view node;  ///< data() == nullptr is NULL
  Instant start;
  double cpu_core_seconds;
  double memory_byte_seconds;
};

/// The intervals of one day. Memory grows with nodes times intervals, not with rows.
class NodeIntervals {
 public:
  NodeIntervals() = default;
  NodeIntervals(const NodeIntervals&) = delete;
  NodeIntervals& operator=(const NodeIntervals&) = delete;

  /// Takes what one row says of its node: of an interval the greatest numbers count, no_capacity ignored. Nodes are
  /// told apart by the address of their text, which must stay.
  void add(const NodeInterval& interval);

  /// In order of appearance.
  auto begin() const noexcept { return intervals_.begin(); }
  auto end() const noexcept { return intervals_.end(); }
  std::size_t size() const noexcept { return intervals_.size(); }
  /// Bytes of the intervals and of the table that finds them.
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  NodeInterval& interval_of(std::string_view node, Instant start);

  std::uint64_t seed_ = hash_seed();
  std::deque<NodeInterval> intervals_;
  PointerTable<NodeInterval> table_;
  NodeInterval* latest_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace koku
