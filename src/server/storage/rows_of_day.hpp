// Whether a leaf partition has rows of a source and day, without planning a statement: nearly every delivery brings a
// new day, and for a small one the statements cost more than its rows.
#pragma once

#include <optional>
#include <string>

#include "core/base/time.hpp"

#include "server/backend/postgres.hpp"

namespace koku {

/// True when there is a row, by a look at the leaf's index on (source, usage_start); nothing when it has no such index.
/// Sees all that is committed now and that this transaction did before. Errors of the server come as ServerError.
std::optional<bool> has_rows_of_day(Oid leaf, const std::string& source, Day day);

}  // namespace koku
