// The rows that a statement gives for a source and day, a thousand at a time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/time.hpp"

#include "server/backend/postgres.hpp"

namespace koku {

/// A cursor over a statement with the parameters $1, the source, and $2, the day, both text. A DELETE with RETURNING
/// does all of its work at the first fetch(). Errors of the server come as ServerError.
class DayCursor {
 public:
  DayCursor(const std::string& statement, const std::string& source, Day day, std::size_t columns);
  DayCursor(const DayCursor&) = delete;
  DayCursor& operator=(const DayCursor&) = delete;

  /// The next rows; false when there are no more. Texts are detoasted and stay until the next call.
  bool fetch();
  std::size_t row_count() const noexcept { return row_count_; }
  /// By place in the statement's list; of those that nulls() marks, nothing is said.
  const Datum* values(std::size_t row) const noexcept { return values_.data() + row * columns_; }
  const char* nulls(std::size_t row) const noexcept { return nulls_.data() + row * columns_; }

  /// Ends it. Without it (an error) the end of the transaction cleans up.
  void close();

 private:
  void fetch_unsafe();

  Portal portal_ = nullptr;
  MemoryContext texts_ = nullptr;  ///< those of the rows at hand that had to be detoasted
  std::size_t columns_;
  std::vector<Datum> values_;
  std::vector<char> nulls_;
  std::size_t row_count_ = 0;
};

}  // namespace koku
