#include "server/ingest/tag_keys.hpp"

namespace koku {

std::uint64_t add_tag_keys(const Schemas& schemas, const std::string& keys) {
  // Sorted, so that two transactions with the same new keys wait for each other and never deadlock.
  return run_sql(schemas,
                 "INSERT INTO {tenant}.reporting_enabledtagkeys (uuid, key, enabled, provider_type)"
                 " SELECT gen_random_uuid(), label.key, false, 'OCP' FROM unnest($1::text[]) AS label (key)"
                 " WHERE length(label.key) <= 512 AND NOT EXISTS ("
                 "     SELECT FROM {tenant}.reporting_enabledtagkeys AS known"
                 "     WHERE known.key = label.key AND known.provider_type = 'OCP')"
                 " ORDER BY label.key COLLATE \"C\" ON CONFLICT (key, provider_type) DO NOTHING RETURNING 1",
                 {keys})
      .size();
}

}  // namespace koku
