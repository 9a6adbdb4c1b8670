#include "core/report/node_intervals.hpp"

#include <cmath>

namespace koku {
namespace {

void raise(double& greatest, double number) {
  if (number > greatest || std::isnan(greatest)) greatest = number;
}

}  // namespace

NodeInterval& NodeIntervals::interval_of(std::string_view node, Instant start) {
  const auto is_it = [&](const NodeInterval& other) {
    return other.start == start && other.node.data() == node.data();
  };
  // Rows of one pod, or of the pods of one node, often come together.
  if (latest_ != nullptr && is_it(*latest_)) return *latest_;
  const std::uint64_t hash = mix(seed_ ^ reinterpret_cast<std::uintptr_t>(node.data()),
                                 static_cast<std::uint64_t>(start) ^ 0x9e3779b97f4a7c15ULL);
  latest_ = table_.find(hash, is_it);
  if (latest_ == nullptr) {
    latest_ = &intervals_.emplace_back(NodeInterval{node, start, no_capacity, no_capacity});
    table_.insert(hash, latest_);
    bytes_ = intervals_.size() * sizeof(NodeInterval) + table_.bytes();
  }
  return *latest_;
}

void NodeIntervals::add(const NodeInterval& interval) {
  NodeInterval& kept = interval_of(interval.node, interval.start);
  raise(kept.cpu_core_seconds, interval.cpu_core_seconds);
  raise(kept.memory_byte_seconds, interval.memory_byte_seconds);
}

}  // namespace koku
