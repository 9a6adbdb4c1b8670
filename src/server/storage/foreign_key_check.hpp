// Foreign keys of rows that are loaded in bulk.
//
// The server checks the key of each row by a query of its own. Rows of a load have a handful of distinct keys, and a
// check locks the referenced row until the end of the transaction: what it says of one row holds for all with the same
// key.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_set>
#include <vector>

#include "server/backend/postgres.hpp"

namespace koku {

/// Whether a trigger on INSERT is the server's own check of a foreign key.
bool is_foreign_key_check(const Trigger& trigger) noexcept;

/// The foreign keys of one relation.
class ForeignKeyChecks {
 public:
  /// `triggers` (may be nullptr) and `relation` must outlive the checks. Errors of the server come as ServerError.
  ForeignKeyChecks(Relation relation, TriggerDesc* triggers);

  /// Takes note of the row at `place` in its batch, whose values stand by attribute: it is checked when it has a key
  /// that no row before it had. Keys with a NULL refer to nothing.
  void note(int place, const Datum* values, const bool* nulls);

  /// Checks the noted rows of a batch that was stored, at once, also where the constraint is deferred. Raises a
  /// ServerError with SQLSTATE 23503 when a referenced row is missing.
  void check(TupleTableSlot* const* slots);

 private:
  struct ForeignKey {
    Trigger* trigger;
    std::vector<std::size_t> attributes;  // from 0
    std::unordered_set<std::string> seen;
    std::string last;  // most rows have the key of the row before
  };
  struct NotedRow {
    int place;
    Trigger* trigger;
  };

  void append_bytes(std::size_t attribute, Datum value, std::string& bytes) const;

  Relation relation_;
  std::vector<ForeignKey> keys_;
  std::vector<NotedRow> noted_;
  std::string bytes_;  // of the key at hand
};

}  // namespace koku
