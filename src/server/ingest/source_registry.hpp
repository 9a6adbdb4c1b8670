// Which source a payload belongs to, and whether it may be ingested now (spec ingest.md 1.6).
#pragma once

#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "core/payload/manifest.hpp"
#include "server/backend/sql.hpp"

namespace koku {

struct Source {
  std::string uuid;  ///< lower case
  std::string tenant;
  std::string cluster_id;
  std::string name;
  std::optional<int> retention_months;  ///< the tenant's own; absent: the setting
  Day today = 0;                        ///< in UTC, as every statement of the extension has it
};

/// Finds the source of a cluster, takes its lock until the end of the transaction, and looks again.
/// Errors: unknown_source, ambiguous_source (several tenants have the cluster and `tenant` is empty), source_paused;
/// source_busy when another transaction has the lock and this one must not `wait`.
Source lock_source_of_cluster(const std::string& extension_schema, const std::string& cluster_id,
                              const std::optional<std::string>& tenant, bool wait);

/// The oldest day that is still kept: the last day of the month `months` before today's. Nothing when everything is
/// kept.
std::optional<Day> oldest_kept_day(Day today, int months);

/// Error(expired) when the payload's window ends before `oldest` (spec ingest.md 1.6 step 3).
void check_retention(const Manifest& manifest, std::optional<Day> oldest);

}  // namespace koku
