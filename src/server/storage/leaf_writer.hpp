// Rows in bulk into one known leaf partition, by the table access method's multi-insert.
//
// COPY spends its time on parsing text, routing and per-row index work. Here the leaf is known, the values are typed,
// and the indexes are filled one after the other for a whole batch, so that each stays in the processor's cache.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/assertion.hpp"
#include "server/storage/foreign_key_check.hpp"

#include "server/backend/postgres.hpp"

namespace koku {

/// A column the writer fills.
struct LeafColumn {
  std::string_view name;
  Oid type;
};

class LeafWriter {
 public:
  static constexpr int batch_rows = 256;

  /// Opens the leaf for writing (RowExclusiveLock until the end of the transaction). Raises ServerError when a column
  /// is missing or of another type (42804), on a missing INSERT privilege (42501), and for relations with triggers
  /// that an INSERT into the table would run, generated columns, or row security that applies to the current user
  /// (0A000): those are for ordinary statements. Foreign keys are checked, batch by batch.
  LeafWriter(Oid relation, const std::vector<LeafColumn>& columns);
  ~LeafWriter();
  LeafWriter(const LeafWriter&) = delete;
  LeafWriter& operator=(const LeafWriter&) = delete;

  /// Whether a relation can be opened: an ordinary table, and nothing of what the constructor refuses.
  static bool accepts(Oid relation);

  /// The values of the next row by place in `columns`. What a by-reference Datum points to must stay until flush().
  Datum& value(std::size_t column) noexcept {
    KOKU_ASSERT(column < attribute_.size());
    return values_[attribute_[column]];
  }
  bool& is_null(std::size_t column) noexcept {
    KOKU_ASSERT(column < attribute_.size());
    return nulls_[attribute_[column]];
  }
  /// The value of a column, or that it is NULL.
  void set_value(std::size_t column, Datum value, bool is_null) noexcept {
    KOKU_ASSERT(column < attribute_.size());
    values_[attribute_[column]] = value;
    nulls_[attribute_[column]] = is_null;
  }
  /// Place of the next row in the batch, for memory that belongs to a row.
  int batch_position() const noexcept { return count_; }

  /// Takes the row whose values were set; writes the batch when it is full.
  void store();
  /// Writes what was taken.
  void flush();
  /// Writes the rest and lets go of the leaf. Without it (an error) the end of the transaction cleans up.
  void close();

 private:
  struct State;
  void write_unsafe();
  void empty_slots_unsafe();
  void spare_the_cache_unsafe();
  void next_row();
  void add_slot_unsafe();

  State* state_ = nullptr;
  std::optional<ForeignKeyChecks> foreign_keys_;
  std::vector<std::size_t> attribute_;
  int count_ = 0;
  Datum* values_ = nullptr;
  bool* nulls_ = nullptr;
};

}  // namespace koku
