// The SQL entry points that the statements of a summary call.
#include "core/decimal.hpp"
#include "core/error.hpp"
#include "core/time.hpp"
#include "server/boundary.hpp"
#include "server/leaf_partition.hpp"
#include "server/row_id.hpp"
#include "server/row_load.hpp"

#include "server/compatibility.hpp"

namespace koku {
namespace {

constexpr Day postgres_epoch_day = POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE;

/// Arguments of koku_internal_load_rows() that are parameters of its query, in their order there.
constexpr int parameter_arguments[] = {3, 4, 5, 6, 7, 8, 0};
constexpr Oid parameter_types[] = {UUIDOID, DATEOID, DATEOID, INT4OID, TEXTOID, TEXTOID, NAMEOID};

QueryText query_of(FunctionCallInfo fcinfo, const char* text) {
  QueryText query = {};
  query.text = text;
  for (const int argument : parameter_arguments) {
    query.types[query.parameter_count] = parameter_types[query.parameter_count];
    query.values[query.parameter_count] = PG_GETARG_DATUM(argument);
    query.nulls[query.parameter_count] = PG_ARGISNULL(argument);
    ++query.parameter_count;
  }
  return query;
}

std::uint64_t load(FunctionCallInfo fcinfo) {
  for (const int argument : {0, 1, 2, 4})
    if (PG_ARGISNULL(argument))
      throw Error(ErrorKind::invalid_parameter, "tenant, table, query and first day of a load must not be NULL");
  Schemas schemas;
  std::string table;
  const char* query = nullptr;
  {
    const char* extension = nullptr;
    const char* target = nullptr;
    server_call([&] {
      extension = get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid));
      target = text_to_cstring(PG_GETARG_TEXT_PP(1));
      query = text_to_cstring(PG_GETARG_TEXT_PP(2));
    });
    schemas = {.extension = extension, .tenant = NameStr(*PG_GETARG_NAME(0))};
    table = target;
  }
  Oid parent = InvalidOid;
  bool partitioned = false;
  const char* tenant = schemas.tenant.c_str();
  const char* name = table.c_str();
  server_call([&] {
    parent = get_relname_relid(name, get_namespace_oid(tenant, false));
    if (!OidIsValid(parent))
      ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("tenant \"%s\" has no table \"%s\"", tenant, name),
                      errhint("koku_create_tenant() adds what is missing.")));
    partitioned = get_rel_relkind(parent) == RELKIND_PARTITIONED_TABLE;
  });
  const Day first_day = PG_GETARG_DATEADT(4) + postgres_epoch_day;
  const Oid leaf = partitioned ? ensure_leaf_partition(schemas, table, first_day_of_month(first_day)).oid : parent;
  return load_rows(query_of(fcinfo, query), parent, leaf);
}

/// A generator for the calls of one query, in the memory of the call.
RowIdGenerator& generator_of(FunctionCallInfo fcinfo) {
  static_assert(std::is_trivially_destructible_v<RowIdGenerator>, "the server frees its memory and no more");
  if (fcinfo->flinfo->fn_extra == nullptr) {
    void* memory = nullptr;
    server_call([&] { memory = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(RowIdGenerator)); });
    fcinfo->flinfo->fn_extra = new (memory) RowIdGenerator;
  }
  return *static_cast<RowIdGenerator*>(fcinfo->flinfo->fn_extra);
}

}  // namespace
}  // namespace koku

extern "C" {

KOKU_SQL_FUNCTION(koku_internal_load_rows) {
  return koku::run_entry_point([fcinfo] { return Int64GetDatum(static_cast<std::int64_t>(koku::load(fcinfo))); });
}

KOKU_SQL_FUNCTION(koku_internal_row_id) {
  return koku::run_entry_point([fcinfo] {
    koku::RowIdGenerator& generator = koku::generator_of(fcinfo);
    pg_uuid_t* id = nullptr;
    koku::server_call([&] { id = static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t))); });
    generator.read_clock();
    generator.make(*id);
    return UUIDPGetDatum(id);
  });
}

KOKU_SQL_FUNCTION(koku_internal_round_to_decimal) {
  return koku::run_entry_point([fcinfo] {
    const Datum argument = PG_GETARG_DATUM(0);
    const koku::Decimal decimal = koku::to_decimal(DatumGetFloat8(argument));
    Datum number{};
    koku::server_call([&] { number = numeric_of_decimal_compat(decimal.value, decimal.scale); });
    return number;
  });
}
}
