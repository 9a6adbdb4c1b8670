#include "server/storage/leaf_partition.hpp"

#include "server/backend/boundary.hpp"

#include "server/backend/compatibility.hpp"

extern "C" {
#include "utils/inval.h"
}

namespace koku {
namespace {

/// The name that koku_internal.partition_name() gives.
std::string partition_name(const std::string& table, Day month_start) {
  const CivilDate date = civil_from_day(month_start);
  char suffix[32];
  snprintf(suffix, sizeof(suffix), "_%04d_%02u", date.year, static_cast<unsigned>(date.month));
  return table + suffix;
}

/// The ordinary table of that name when it is a partition of the table; InvalidOid when it is anything else.
Oid find_partition_unsafe(const char* tenant, const char* table, const char* partition) {
  // What a transaction has dropped for which this one waited is not to be found.
  AcceptInvalidationMessages();
  const Oid schema = get_namespace_oid(tenant, true);
  if (!OidIsValid(schema)) return InvalidOid;
  const Oid parent = get_relname_relid(table, schema);
  const Oid found = get_relname_relid(partition, schema);
  if (!OidIsValid(parent) || !OidIsValid(found)) return InvalidOid;
  if (get_rel_relkind(found) != RELKIND_RELATION || !get_rel_relispartition(found)) return InvalidOid;
  return get_partition_parent_compat(found) == parent ? found : InvalidOid;
}

}  // namespace

LeafPartition find_leaf_partition(const Schemas& schemas, const std::string& table, Day month_start) {
  const std::string name = partition_name(table, month_start);
  LeafPartition leaf;
  server_call([&] { leaf.oid = find_partition_unsafe(schemas.tenant.c_str(), table.c_str(), name.c_str()); });
  if (OidIsValid(leaf.oid)) leaf.name = quote_name(schemas.tenant) + "." + quote_name(name);
  return leaf;
}

LeafPartition ensure_leaf_partition(const Schemas& schemas, const std::string& table, Day month_start) {
  // Nearly always it is there under its name, and a few look-ups in the server's caches tell.
  LeafPartition leaf = find_leaf_partition(schemas, table, month_start);
  if (OidIsValid(leaf.oid)) return leaf;
  const auto rows = run_sql(schemas,
                            "SELECT leaf::oid::text, leaf::text"
                            " FROM {internal}ensure_partition($1::name, $2::name, $3::date) AS leaf",
                            {schemas.tenant, table, to_string(month_start)});
  leaf.oid = static_cast<Oid>(std::stoul(*rows.at(0).at(0)));
  leaf.name = *rows[0].at(1);
  return leaf;
}

bool is_partitioned_table(const Schemas& schemas, const char* table) {
  const char* tenant = schemas.tenant.c_str();
  bool is_partitioned = false;
  server_call([&] {
    const Oid schema = get_namespace_oid(tenant, true);
    const Oid found = OidIsValid(schema) ? get_relname_relid(table, schema) : InvalidOid;
    is_partitioned = OidIsValid(found) && get_rel_relkind(found) == RELKIND_PARTITIONED_TABLE;
  });
  return is_partitioned;
}

}  // namespace koku
