// The SQL entry point koku_report: the report of a tenant as a page.
#include "core/page/report_page.hpp"
#include "server/backend/boundary.hpp"
#include "server/backend/sql.hpp"
#include "server/page/report_data_reader.hpp"

#include "server/backend/postgres.hpp"

namespace koku {
namespace {

// Arguments of koku_report().
enum Argument {
  argument_tenant,
  argument_first_day,
  argument_last_day,
  argument_label,
  argument_cluster,
  argument_project,
  argument_links
};

SqlText text_argument(FunctionCallInfo fcinfo, Argument argument) {
  if (PG_ARGISNULL(argument)) return std::nullopt;
  const char* bytes = nullptr;
  server_call([&] { bytes = text_to_cstring(PG_GETARG_TEXT_PP(argument)); });
  return std::string(bytes);
}

SqlText name_argument(FunctionCallInfo fcinfo, Argument argument) {
  if (PG_ARGISNULL(argument)) return std::nullopt;
  return std::string(NameStr(*PG_GETARG_NAME(argument)));
}

SqlText date_argument(FunctionCallInfo fcinfo, Argument argument) {
  if (PG_ARGISNULL(argument)) return std::nullopt;
  const char* bytes = nullptr;
  server_call([&] { bytes = DatumGetCString(DirectFunctionCall1(date_out, PG_GETARG_DATUM(argument))); });
  return std::string(bytes);
}

}  // namespace
}  // namespace koku

extern "C" {

KOKU_SQL_FUNCTION(koku_report) {
  return koku::run_entry_point([fcinfo] {
    const koku::ReportRequest request{
        .tenant = koku::name_argument(fcinfo, koku::argument_tenant),
        .first_day = koku::date_argument(fcinfo, koku::argument_first_day),
        .last_day = koku::date_argument(fcinfo, koku::argument_last_day),
        .label = koku::text_argument(fcinfo, koku::argument_label),
        .cluster = koku::text_argument(fcinfo, koku::argument_cluster),
        .project = koku::text_argument(fcinfo, koku::argument_project),
        .has_links = !PG_ARGISNULL(koku::argument_links) && PG_GETARG_BOOL(koku::argument_links)};
    const std::string html = koku::page::report_page(koku::read_report_data(koku::Schemas{}, request));
    Datum result{};
    const char* bytes = html.data();
    const int size = static_cast<int>(html.size());
    koku::server_call([&] { result = PointerGetDatum(cstring_to_text_with_len(bytes, size)); });
    return result;
  });
}
}
