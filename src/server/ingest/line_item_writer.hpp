// Rows of one report type into the leaf partition of one month.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/base/arena.hpp"
#include "core/reading/row_batch.hpp"
#include "core/report/report_type.hpp"
#include "server/storage/leaf_writer.hpp"
#include "server/storage/row_id.hpp"

#include "server/backend/postgres.hpp"

namespace koku {

class LineItemWriter {
 public:
  /// `source` and `manifest_id` fill the columns of every row; `day` is any day of the leaf's month.
  LineItemWriter(Oid leaf, const ReportType& type, std::string_view source, std::string_view manifest_id, Day day);

  /// Takes a row of the batch. Its texts must stand behind varlena_header() and stay until flush().
  void add(const RowBatch& batch, std::size_t row, int hours);
  void flush() { writer_.flush(); }
  void close() { writer_.close(); }

 private:
  void set(std::size_t column, Datum value) {
    writer_.value(column) = value;
    writer_.is_null(column) = false;
  }

  const ReportType& type_;
  Day month_start_;
  Arena texts_;
  Datum source_;
  Datum year_;
  Datum month_;
  Datum manifest_id_;
  RowIdGenerator row_ids_;
  std::unique_ptr<pg_uuid_t[]> ids_;
  LeafWriter writer_;
};

}  // namespace koku
