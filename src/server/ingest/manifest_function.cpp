// The SQL entry point koku_internal.read_manifest: whose payload this is.
#include "core/base/byte_source.hpp"
#include "core/payload/archive.hpp"
#include "core/payload/manifest.hpp"
#include "core/payload/payload_index.hpp"
#include "server/backend/boundary.hpp"
#include "server/backend/settings.hpp"

#include "server/backend/postgres.hpp"

namespace koku {
namespace {

constexpr int result_columns = 2;

Datum row_unsafe(FunctionCallInfo fcinfo, const char* uuid, const char* cluster_id) {
  TupleDesc description = nullptr;
  if (get_call_result_type(fcinfo, nullptr, &description) != TYPEFUNC_COMPOSITE)
    elog(ERROR, "return type must be a row type");
  Datum values[result_columns] = {DirectFunctionCall1(uuid_in, CStringGetDatum(uuid)), CStringGetTextDatum(cluster_id)};
  bool nulls[result_columns] = {};
  return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls));
}

Datum read_manifest(FunctionCallInfo fcinfo) {
  bytea* payload = nullptr;
  server_call([&] { payload = PG_GETARG_BYTEA_PP(0); });
  MemorySource bytes({VARDATA_ANY(payload), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(payload))});
  const Manifest manifest = parse_manifest(index_payload(bytes, archive_limits(), check_interrupts).manifest);
  const char* uuid = manifest.uuid.c_str();
  const char* cluster_id = manifest.cluster_id.c_str();
  Datum row{};
  server_call([&] { row = row_unsafe(fcinfo, uuid, cluster_id); });
  return row;
}

}  // namespace
}  // namespace koku

extern "C" {

KOKU_SQL_FUNCTION(koku_internal_read_manifest) {
  return koku::run_entry_point([fcinfo] { return koku::read_manifest(fcinfo); });
}
}
