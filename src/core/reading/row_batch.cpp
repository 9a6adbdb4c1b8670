#include "core/reading/row_batch.hpp"

#include "core/base/arena.hpp"

namespace koku {

void RowBatch::begin(const ReportType& type) {
  times_.clear();
  if (type_ == &type) return;
  const std::size_t count = most_rows_ * type.columns.size();
  if (count > cells_.size()) cells_.resize(count);
  if (count > null_count_) {
    nulls_ = std::make_unique_for_overwrite<bool[]>(count);
    null_count_ = count;
  }
  type_ = &type;
  column_count_ = type.columns.size();
}

void RowBatch::add(const Row& row) {
  KOKU_ASSERT(type_ != nullptr && !is_full());
  KOKU_ASSERT(row.values.size() == column_count_);
  const std::size_t first = times_.size() * column_count_;
  times_.push_back({row.report_period_start, row.report_period_end, row.interval_start, row.interval_end, row.day});
  Cell* cell = cells_.data() + first;
  bool* is_null = nulls_.get() + first;
  for (std::size_t at = 0; at < column_count_; ++at) {
    const Value& value = row.values[at];
    is_null[at] = value.is_null;
    switch (type_->columns[at].kind) {
      case ColumnKind::text:
      case ColumnKind::labels:
        cell[at].text = value.is_null ? nullptr : value.text.data() - text_header_bytes;
        break;
      case ColumnKind::number:
      case ColumnKind::number_or_null:
        cell[at].number = value.number;
        break;
      case ColumnKind::integer_or_null:
        cell[at].integer = value.integer;
        break;
    }
  }
}

}  // namespace koku
