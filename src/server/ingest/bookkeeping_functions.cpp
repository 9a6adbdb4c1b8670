// The SQL entry points of the bookkeeping that ingest shares with functions in SQL.
#include "server/backend/boundary.hpp"
#include "server/backend/datum.hpp"
#include "server/ingest/report_period.hpp"
#include "server/ingest/tag_keys.hpp"
#include "server/storage/leaf_partition.hpp"

#include "server/backend/compatibility.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace koku {
namespace {

/// Argument 0 of all: what they do is in the tenant's schema only.
Schemas schemas_of(FunctionCallInfo fcinfo) { return {.extension = {}, .tenant = NameStr(*PG_GETARG_NAME(0))}; }

/// A text argument in the server's memory.
const char* text_argument(FunctionCallInfo fcinfo, int argument) {
  const char* characters = nullptr;
  server_call([&] { characters = TextDatumGetCString(PG_GETARG_DATUM(argument)); });
  return characters;
}

Datum ensure_report_period_of(FunctionCallInfo fcinfo) {
  enum { tenant, source_uuid, cluster_id, cluster_alias, day };
  const char* uuid = nullptr;
  server_call([&] { uuid = DatumGetCString(DirectFunctionCall1(uuid_out, PG_GETARG_DATUM(source_uuid))); });
  const Schemas schemas = schemas_of(fcinfo);
  const Source source{.uuid = uuid,
                      .tenant = schemas.tenant,
                      .cluster_id = text_argument(fcinfo, cluster_id),
                      .name = text_argument(fcinfo, cluster_alias),
                      .retention_months = {}};
  const std::string id = ensure_report_period(schemas, source, PG_GETARG_DATEADT(day) + postgres_epoch_day);
  return Int32GetDatum(std::stoi(id));
}

Datum add_tag_keys_of(FunctionCallInfo fcinfo) {
  enum { tenant, keys };
  const char* array = nullptr;
  server_call([&] { array = OidOutputFunctionCall(F_ARRAY_OUT, PG_GETARG_DATUM(keys)); });
  const std::uint64_t added = add_tag_keys(schemas_of(fcinfo), array);
  return Int32GetDatum(static_cast<std::int32_t>(added));
}

Datum has_partition_of(FunctionCallInfo fcinfo) {
  enum { tenant, table, month };
  const Day first_day = first_day_of_month(PG_GETARG_DATEADT(month) + postgres_epoch_day);
  return BoolGetDatum(
      OidIsValid(find_leaf_partition(schemas_of(fcinfo), NameStr(*PG_GETARG_NAME(table)), first_day).oid));
}

}  // namespace
}  // namespace koku

extern "C" {

KOKU_SQL_FUNCTION(koku_internal_ensure_report_period) {
  return koku::run_entry_point([fcinfo] { return koku::ensure_report_period_of(fcinfo); });
}

KOKU_SQL_FUNCTION(koku_internal_add_tag_keys) {
  return koku::run_entry_point([fcinfo] { return koku::add_tag_keys_of(fcinfo); });
}

KOKU_SQL_FUNCTION(koku_internal_has_partition) {
  return koku::run_entry_point([fcinfo] { return koku::has_partition_of(fcinfo); });
}
}
