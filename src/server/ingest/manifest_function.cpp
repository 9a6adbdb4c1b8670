// The SQL entry points koku_internal.latest_manifest and koku_internal.forget_manifest: whose payload was read.
#include "server/backend/boundary.hpp"
#include "server/ingest/ingest.hpp"

#include "server/backend/postgres.hpp"

namespace koku {
namespace {

constexpr int result_columns = 2;

/// A row of manifest uuid and cluster id; of nothing when they are nullptr.
Datum row_unsafe(FunctionCallInfo fcinfo, const char* uuid, const char* cluster_id) {
  TupleDesc description = nullptr;
  if (get_call_result_type(fcinfo, nullptr, &description) != TYPEFUNC_COMPOSITE)
    elog(ERROR, "return type must be a row type");
  Datum values[result_columns] = {};
  bool nulls[result_columns] = {uuid == nullptr, cluster_id == nullptr};
  if (uuid != nullptr) values[0] = DirectFunctionCall1(uuid_in, CStringGetDatum(uuid));
  if (cluster_id != nullptr) values[1] = CStringGetTextDatum(cluster_id);
  return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls));
}

Datum latest_manifest_row(FunctionCallInfo fcinfo) {
  const std::optional<ReadManifest>& manifest = latest_manifest();
  const char* uuid = manifest ? manifest->uuid.c_str() : nullptr;
  const char* cluster_id = manifest ? manifest->cluster_id.c_str() : nullptr;
  Datum row{};
  server_call([&] { row = row_unsafe(fcinfo, uuid, cluster_id); });
  return row;
}

}  // namespace
}  // namespace koku

extern "C" {

KOKU_SQL_FUNCTION(koku_internal_latest_manifest) {
  return koku::run_entry_point([fcinfo] { return koku::latest_manifest_row(fcinfo); });
}

KOKU_SQL_FUNCTION(koku_internal_forget_manifest) {
  return koku::run_entry_point([fcinfo] {
    (void)fcinfo;
    koku::forget_manifest();
    return Datum{0};
  });
}
}
