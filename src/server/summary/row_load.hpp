// The rows of an INSERT ... SELECT, stored in bulk.
#pragma once

#include <cstdint>

#include "server/summary/statement_file.hpp"

namespace koku {

/// Runs an INSERT of rows by the bulk writer; the executor's way takes several times as long. `leaf_of` finds the
/// ordinary table that the rows of a target go to: a partition of it, or itself. Where the writer does not take that
/// one (row triggers, row security, no privilege on it), or the target has rules or triggers of statements, the
/// statement is run as it is. Returns the number of rows. Errors of the server come as ServerError.
std::uint64_t insert_rows(const PreparedStatement& statement, const StatementInput& input,
                          const std::function<void(Oid target, Oid& leaf)>& find_leaf);

}  // namespace koku
