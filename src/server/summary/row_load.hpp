// The rows of a query, stored in bulk.
#pragma once

#include <cstdint>

#include "server/summary/query_plan.hpp"

namespace koku {

/// Stores the rows of a query in `leaf`, the ordinary table or leaf partition of `parent` that they belong to, by the
/// bulk writer; the planner's way to INSERT takes several times as long. Where the writer does not take the leaf (row
/// triggers, row security, no privilege on it), an ordinary INSERT into the parent does the same. Returns the number of
/// rows. Errors of the server come as ServerError.
std::uint64_t load_rows(const QueryText& query, Oid parent, Oid leaf);

}  // namespace koku
