#include "server/storage/leaf_partition.hpp"

#include "core/base/error.hpp"
#include "server/backend/boundary.hpp"
#include "server/backend/datum.hpp"

#include "server/backend/compatibility.hpp"

extern "C" {
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "nodes/parsenodes.h"
#include "utils/inval.h"
#include "utils/syscache.h"
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

/// One side of a range of days; false when it is not one.
bool read_bound_unsafe(List* datums, DateADT unbounded, DateADT& day) {
  if (list_length(datums) != 1) return false;
  const auto* datum = static_cast<PartitionRangeDatum*>(linitial(datums));
  day = unbounded;
  if (datum->kind != PARTITION_RANGE_DATUM_VALUE) return true;
  const Const* value = castNode(Const, datum->value);
  if (value->consttype != DATEOID || value->constisnull) return false;
  day = DatumGetDateADT(value->constvalue);
  return true;
}

/// The ordinary table of that name when it is a partition of the table for these days; InvalidOid when it is anything
/// else.
Oid find_partition_unsafe(const char* tenant, const char* table, const char* partition, DateADT first, DateADT end) {
  // What a transaction has dropped for which this one waited is not to be found.
  AcceptInvalidationMessages();
  const Oid schema = get_namespace_oid(tenant, true);
  if (!OidIsValid(schema)) return InvalidOid;
  const Oid parent = get_relname_relid(table, schema);
  const Oid found = get_relname_relid(partition, schema);
  if (!OidIsValid(parent) || !OidIsValid(found)) return InvalidOid;
  if (get_rel_relkind(found) != RELKIND_RELATION || !get_rel_relispartition(found)) return InvalidOid;
  return get_partition_parent_compat(found) == parent && partition_holds_unsafe(found, first, end) ? found : InvalidOid;
}

/// Citus leaves an empty table on each node where a distributed one is known: rows that are stored in it are seen by
/// nobody, and those that are seen are not found in it. Where Citus is not, its catalogue is not, and one look-up in
/// the server's caches tells.
void refuse_distributed(const Schemas& schemas, const LeafPartition& leaf) {
  Oid catalogue = InvalidOid;
  server_call([&] { catalogue = get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE); });
  if (!OidIsValid(catalogue)) return;
  const auto rows = run_sql(schemas,
                            "SELECT logicalrelid::text FROM pg_catalog.pg_dist_partition WHERE logicalrelid IN"
                            " ($1::oid::regclass, pg_catalog.pg_partition_root($1::oid::regclass)) LIMIT 1",
                            {std::to_string(leaf.oid)});
  if (rows.empty()) return;
  throw Error(ErrorKind::distributed, "partition " + leaf.name + " is distributed",
              "Citus keeps its rows elsewhere: what is stored in the table of this name is seen by nobody.",
              "Undistribute the tenant's tables. docs/scale.md says how tenants are spread over servers.");
}

}  // namespace

// Read from the catalogue: to open the parent for it would be one lock more, which those who drop a partition hold.
bool partition_holds_unsafe(Oid partition, DateADT first, DateADT end) {
  HeapTuple row = SearchSysCache1(RELOID, ObjectIdGetDatum(partition));
  if (!HeapTupleIsValid(row)) return false;
  bool is_null = false;
  const Datum stored = SysCacheGetAttr(RELOID, row, Anum_pg_class_relpartbound, &is_null);
  bool holds = false;
  if (!is_null) {
    const auto* bound = castNode(PartitionBoundSpec, stringToNode(TextDatumGetCString(stored)));
    DateADT from = 0;
    DateADT to = 0;
    holds = !bound->is_default && bound->strategy == PARTITION_STRATEGY_RANGE &&
            read_bound_unsafe(bound->lowerdatums, DATEVAL_NOBEGIN, from) &&
            read_bound_unsafe(bound->upperdatums, DATEVAL_NOEND, to) && from <= first && end <= to;
  }
  ReleaseSysCache(row);
  return holds;
}

LeafPartition find_leaf_partition(const Schemas& schemas, const std::string& table, Day month_start) {
  const std::string name = partition_name(table, month_start);
  LeafPartition leaf;
  const char* tenant = schemas.tenant.c_str();
  const char* plain_table = table.c_str();
  const char* plain_name = name.c_str();
  const DateADT first = DatumGetDateADT(date_datum(month_start));
  const DateADT end = DatumGetDateADT(date_datum(first_day_of_next_month(month_start)));
  server_call([&] { leaf.oid = find_partition_unsafe(tenant, plain_table, plain_name, first, end); });
  if (!OidIsValid(leaf.oid)) return leaf;
  leaf.name = quote_name(schemas.tenant) + "." + quote_name(name);
  refuse_distributed(schemas, leaf);
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
  refuse_distributed(schemas, leaf);
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

extern "C" {

KOKU_SQL_FUNCTION(koku_internal_partition_holds_month) {
  return koku::run_entry_point([fcinfo] {
    const Oid partition = PG_GETARG_OID(0);
    const koku::Day day = DatumGetDateADT(PG_GETARG_DATUM(1)) + koku::postgres_epoch_day;
    const DateADT first = DatumGetDateADT(koku::date_datum(koku::first_day_of_month(day)));
    const DateADT end = DatumGetDateADT(koku::date_datum(koku::first_day_of_next_month(day)));
    bool holds = false;
    koku::server_call([&] { holds = koku::partition_holds_unsafe(partition, first, end); });
    return BoolGetDatum(holds);
  });
}
}
