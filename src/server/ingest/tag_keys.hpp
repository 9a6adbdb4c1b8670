// The label keys that reports have had: a tenant's tag keys (spec ingest.md 8).
#pragma once

#include <cstdint>
#include <string>

#include "server/backend/sql.hpp"

namespace koku {

/// Registers the label keys that are not yet known as disabled tag keys and returns their number. keys: the text form
/// of an SQL array; NULL and keys over 512 characters, which no column holds, are left out. Waits for transactions that
/// register the same keys: to be called after the transaction's last partition was made (src/sql/tenant/locks.sql).
std::uint64_t add_tag_keys(const Schemas& schemas, const std::string& keys);

}  // namespace koku
