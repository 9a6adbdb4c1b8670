// The memory that the daily keys of a payload may take.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/report/daily.hpp"

namespace koku {

/// The daily aggregates of a payload, one a report type, share one limit.
class AggregateBudget {
 public:
  explicit AggregateBudget(std::size_t limit) : limit_(limit) {}
  AggregateBudget(const AggregateBudget&) = delete;
  AggregateBudget& operator=(const AggregateBudget&) = delete;

  /// An aggregate counts from join() to leave().
  void join(const DailyAggregate& aggregate) { aggregates_.push_back(&aggregate); }
  void leave(const DailyAggregate& aggregate) noexcept { std::erase(aggregates_, &aggregate); }

  /// Bytes that an aggregate may come to, what it has included: what the others have is taken.
  std::size_t left_for(const DailyAggregate& aggregate) const noexcept {
    std::size_t others = 0;
    for (const DailyAggregate* other : aggregates_)
      if (other != &aggregate) others += other->allocated_bytes();
    return limit_ - std::min(others, limit_);
  }

 private:
  std::size_t limit_;
  std::vector<const DailyAggregate*> aggregates_;
};

}  // namespace koku
