#include "server/ingest/source_registry.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/base/excerpt.hpp"
#include "server/backend/boundary.hpp"

#include "server/backend/postgres.hpp"

namespace koku {
namespace {

/// What to type to register the cluster. A hint is copied and run: a cluster id that could be more than a name, which
/// came with the payload, is not put into a statement.
std::string how_to_register(const std::string& cluster_id) {
  const bool is_plain = cluster_id.size() <= 50 && std::ranges::all_of(cluster_id, [](char c) {
                          return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
                        });
  return "Register it with koku_create_source(" + (is_plain ? "'" + cluster_id + "'" : std::string()) +
         "), then send the payload again.";
}

struct FoundSource {
  Source source;
  bool paused;
};

FoundSource find_source(const Schemas& schemas, const std::string& cluster_id,
                        const std::optional<std::string>& tenant) {
  const auto rows =
      run_sql(schemas,
              "SELECT s.source::text, s.tenant::text, s.name, s.paused::text = 'true', t.retention_months::text,"
              " ({internal}today() - date '1970-01-01')::text"
              " FROM {extension}.koku_source s JOIN {extension}.koku_tenant t USING (tenant)"
              " WHERE s.cluster_id = $1 AND ($2 IS NULL OR s.tenant = $2::name) ORDER BY s.tenant",
              {cluster_id, tenant});
  if (rows.empty())
    throw Error(ErrorKind::unknown_source, "no source is registered for cluster \"" + excerpt(cluster_id) + "\"",
                tenant ? "Tenant \"" + *tenant + "\" has no source of this cluster." : std::string{},
                how_to_register(cluster_id));
  if (rows.size() > 1)
    throw Error(ErrorKind::ambiguous_source, "cluster \"" + cluster_id + "\" is registered in several tenants",
                "They are \"" + *rows[0][1] + "\" and " + std::to_string(rows.size() - 1) + " more.",
                "Name the tenant in the call.");
  const SqlRow& row = rows.front();
  FoundSource found{{.uuid = *row[0],
                     .tenant = *row[1],
                     .cluster_id = cluster_id,
                     .name = *row[2],
                     .retention_months = {},
                     .today = std::stoi(*row[5])},
                    is_true(row[3])};
  if (row[4]) found.source.retention_months = std::stoi(*row[4]);
  return found;
}

/// What is wrong is told by a function that an older release of the extension does not have.
void require_tables(const Schemas& schemas, const Source& source) {
  const bool has_tables =
      is_true(run_sql(schemas, "SELECT to_regclass(format('%I.partitioned_tables', $1)) IS NOT NULL", {source.tenant})
                  .at(0)
                  .at(0)) &&
      !run_sql(schemas, "SELECT true FROM {tenant}.reporting_tenant_api_provider WHERE uuid = $1::uuid", {source.uuid})
           .empty();
  if (!has_tables)
    run_sql(schemas, "SELECT {internal}require_tables_of_source($1::name, $2::uuid)", {source.tenant, source.uuid});
}

void lock_source(const Schemas& schemas, const Source& source, bool wait) {
  if (wait) {
    run_sql(schemas, "SELECT {internal}lock_source($1::uuid)", {source.uuid});
    return;
  }
  if (is_true(run_sql(schemas, "SELECT {internal}try_lock_source($1::uuid)", {source.uuid}).at(0).at(0))) return;
  throw Error(ErrorKind::source_busy, "source \"" + source.name + "\" is in use",
              "Another transaction writes rows of source " + source.uuid + ".",
              "See pg_locks and pg_stat_activity for which one.");
}

}  // namespace

Source lock_source_of_cluster(const std::string& extension_schema, const std::string& cluster_id,
                              const std::optional<std::string>& tenant, bool wait) {
  const Schemas schemas{extension_schema, {}};
  lock_source(schemas, find_source(schemas, cluster_id, tenant).source, wait);
  // While this transaction waited for the lock the source may have been deleted, paused or renamed.
  FoundSource found = find_source(schemas, cluster_id, tenant);
  if (found.paused)
    throw Error(
        ErrorKind::source_paused, "source \"" + found.source.name + "\" is paused",
        "It is the source " + found.source.uuid + " of cluster \"" + cluster_id + "\".",
        "Resume it with koku_alter_source('" + found.source.uuid + "', paused => false), then send the payload again.");
  require_tables({extension_schema, found.source.tenant}, found.source);
  return found.source;
}

std::optional<Day> oldest_kept_day(Day today, int months) {
  if (months == 0) return std::nullopt;
  Day first = first_day_of_month(today);
  for (int month = 0; month < months; ++month) first = first_day_of_month(first - 1);
  return first_day_of_next_month(first) - 1;
}

void check_retention(const Manifest& manifest, std::optional<Day> oldest) {
  if (!oldest) return;
  const Instant end = manifest.end.value_or(start_of(first_day_of_next_month(day_of(manifest.date)) - 1));
  if (end >= start_of(*oldest)) return;
  throw Error(
      ErrorKind::expired, "payload is older than the retention",
      "Its data ends " + instant_to_string(end) + " UTC; days before " + to_string(*oldest) + " are not kept.",
      "Keep more months with koku_set_retention() or the setting koku_onprem.retention_months, or drop the payload.");
}

}  // namespace koku
