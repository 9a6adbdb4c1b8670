// The SQL entry points of ingest: koku_ingest_payload, koku_ingest_file, koku_ingest_large_object.
#include "core/base/byte_source.hpp"
#include "core/base/time.hpp"
#include "server/backend/boundary.hpp"
#include "server/backend/datum.hpp"
#include "server/backend/sql.hpp"
#include "server/ingest/ingest.hpp"
#include "server/ingest/payload_source.hpp"

#include "server/backend/compatibility.hpp"
#include "server/backend/postgres.hpp"

namespace koku {
namespace {

constexpr int result_columns = 9;

/// The schema the function lives in, which is the extension's.
std::string extension_schema_of(FunctionCallInfo fcinfo) {
  const char* name = nullptr;
  server_call([&] { name = get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid)); });
  return name;
}

/// Arguments 1 to 3 are the same for all three functions: tenant, force, strict. NULL for a flag counts as false.
IngestOptions options_of(FunctionCallInfo fcinfo) {
  IngestOptions options;
  options.extension_schema = extension_schema_of(fcinfo);
  if (!PG_ARGISNULL(1)) options.tenant = NameStr(*PG_GETARG_NAME(1));
  options.force = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
  options.strict = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
  return options;
}

void refuse_null(FunctionCallInfo fcinfo, const char* argument) {
  if (PG_ARGISNULL(0)) throw Error(ErrorKind::invalid_parameter, std::string(argument) + " must not be NULL");
}

void check_encoding() {
  if (GetDatabaseEncoding() != PG_UTF8)
    throw Error(ErrorKind::invalid_parameter,
                std::string("database encoding is ") + GetDatabaseEncodingName() + ", not UTF8",
                "Payloads are UTF-8 text with any character.", "Create the database with ENCODING 'UTF8'.");
}

void put_result_unsafe(const IngestResult& result, ReturnSetInfo* set) {
  Datum values[result_columns] = {};
  bool nulls[result_columns] = {};
  values[0] = DirectFunctionCall1(uuid_in, CStringGetDatum(result.manifest.c_str()));
  values[1] = copied_text_unsafe(result.file);
  nulls[2] = !result.report_type;
  if (result.report_type) values[2] = copied_text_unsafe(*result.report_type);
  nulls[3] = !result.day;
  if (result.day) values[3] = date_datum(*result.day);
  values[4] = copied_text_unsafe(result.action);
  values[5] = Int64GetDatum(static_cast<std::int64_t>(result.rows_in));
  values[6] = Int64GetDatum(static_cast<std::int64_t>(result.rows_loaded));
  values[7] = Int64GetDatum(static_cast<std::int64_t>(result.rows_dropped));
  nulls[8] = !result.message;
  if (result.message) values[8] = copied_text_unsafe(*result.message);
  tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
}

Datum ingest(FunctionCallInfo fcinfo, const SourceOpener& open, const IngestOptions& options) {
  check_encoding();
  const std::vector<IngestResult> results = ingest_payload(open, options);
  auto* set = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  server_call([&] { InitMaterializedSRF_compat(fcinfo); });
  for (const IngestResult& result : results) server_call([&] { put_result_unsafe(result, set); });
  return Datum{0};
}

Datum ingest(FunctionCallInfo fcinfo, const SourceOpener& open) { return ingest(fcinfo, open, options_of(fcinfo)); }

/// Opens the bytes of argument 0.
SourceOpener payload_of(FunctionCallInfo fcinfo) {
  refuse_null(fcinfo, "payload");
  bytea* payload = nullptr;
  server_call([&] { payload = PG_GETARG_BYTEA_PP(0); });
  const std::string_view bytes(VARDATA_ANY(payload), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(payload)));
  return [bytes] { return std::make_unique<MemorySource>(bytes); };
}

Datum ingest_waiting_payload(FunctionCallInfo fcinfo) {
  enum { payload, tenant, received };
  IngestOptions options;
  options.extension_schema = extension_schema();
  if (!PG_ARGISNULL(tenant)) options.tenant = NameStr(*PG_GETARG_NAME(tenant));
  options.received = PG_GETARG_DATEADT(received) + postgres_epoch_day;
  options.wait_for_source = false;
  return ingest(fcinfo, payload_of(fcinfo), options);
}

}  // namespace
}  // namespace koku

extern "C" {

KOKU_SQL_FUNCTION(koku_ingest_payload) {
  return koku::run_entry_point([fcinfo] { return koku::ingest(fcinfo, koku::payload_of(fcinfo)); });
}

KOKU_SQL_FUNCTION(koku_internal_ingest_waiting_payload) {
  return koku::run_entry_point([fcinfo] { return koku::ingest_waiting_payload(fcinfo); });
}

KOKU_SQL_FUNCTION(koku_ingest_file) {
  return koku::run_entry_point([fcinfo] {
    koku::refuse_null(fcinfo, "path");
    const char* path = nullptr;
    koku::server_call([&] { path = text_to_cstring(PG_GETARG_TEXT_PP(0)); });
    return koku::ingest(fcinfo, [path] { return koku::open_file_source(path); });
  });
}

KOKU_SQL_FUNCTION(koku_ingest_large_object) {
  return koku::run_entry_point([fcinfo] {
    koku::refuse_null(fcinfo, "object");
    const Oid object = PG_GETARG_OID(0);
    return koku::ingest(fcinfo, [object] { return koku::open_large_object_source(object); });
  });
}
}
