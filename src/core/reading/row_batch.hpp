// Converted rows, packed: as they go from reading to storing, from one thread to another where there are two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/assertion.hpp"
#include "core/base/time.hpp"
#include "core/report/report_type.hpp"
#include "core/report/row.hpp"

namespace koku {

/// Some rows of one report type. Eight bytes a value: a whole batch stays in the processor's cache.
class RowBatch {
 public:
  static constexpr std::size_t usual_rows = 256;

  /// Which member counts follows from the column's kind.
  union Cell {
    const char* text;  ///< where the header begins that stands in front of the text (arena.hpp)
    double number;
    std::int32_t integer;
  };
  struct Times {
    Instant report_period_start;
    Instant report_period_end;
    Instant interval_start;
    std::optional<Instant> interval_end;
    Day day;
  };

  explicit RowBatch(std::size_t most_rows = usual_rows) : most_rows_(most_rows) { times_.reserve(most_rows); }

  /// Empties it, for rows of `type`.
  void begin(const ReportType& type);
  /// Packs a row of the type, of which it keeps no more than where its texts are. Not when full.
  void add(const Row& row);
  void clear() noexcept { times_.clear(); }

  bool is_full() const noexcept { return times_.size() == most_rows_; }
  std::size_t size() const noexcept { return times_.size(); }
  /// Nothing before begin().
  const ReportType* type() const noexcept { return type_; }

  const Times& times(std::size_t row) const noexcept { return times_[row]; }
  /// One for each column of the type, in its order.
  const Cell* cells(std::size_t row) const noexcept {
    KOKU_ASSERT(row < size());
    return cells_.data() + row * column_count_;
  }
  const bool* nulls(std::size_t row) const noexcept {
    KOKU_ASSERT(row < size());
    return nulls_.get() + row * column_count_;
  }

 private:
  std::size_t most_rows_;
  const ReportType* type_ = nullptr;
  std::size_t column_count_ = 0;
  std::vector<Times> times_;
  std::vector<Cell> cells_;
  std::size_t null_count_ = 0;
  std::unique_ptr<bool[]> nulls_;
};

}  // namespace koku
