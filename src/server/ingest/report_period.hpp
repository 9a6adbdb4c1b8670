// The report periods of a tenant: one for each source and month with data, which the rows of summaries refer to (spec
// ingest.md 8).
#pragma once

#include <string>

#include "server/backend/sql.hpp"
#include "server/ingest/source_registry.hpp"

namespace koku {

/// Makes the report period of a source for the month of a day, in UTC, when it is missing; gives it the source's name
/// as cluster alias when it has another. Returns its id. The caller holds the lock on the source and has made its
/// partitions (src/sql/tenant/locks.sql).
std::string ensure_report_period(const Schemas& schemas, const Source& source, Day day);

}  // namespace koku
