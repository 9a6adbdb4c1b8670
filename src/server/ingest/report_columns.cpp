// koku_report_columns(): the table of report types as SQL sees it. DDL is made from it.
#include <array>
#include <string>
#include <string_view>

#include "core/report/report_type.hpp"
#include "server/backend/boundary.hpp"
#include "server/backend/datum.hpp"

#include "server/backend/compatibility.hpp"
#include "server/backend/postgres.hpp"

namespace koku {
namespace {

const char* role_name(DailyRole role) {
  switch (role) {
    case DailyRole::key:
      return "key";
    case DailyRole::sum:
      return "sum";
    case DailyRole::max:
      return "max";
  }
  return nullptr;
}

/// The SQL type of a column, as in columns.csv.
std::string sql_type_of(const Column& column) {
  switch (column.kind) {
    case ColumnKind::text:
      return "character varying(" + std::to_string(column.width) + ")";
    case ColumnKind::labels:
      return "text";
    case ColumnKind::number:
    case ColumnKind::number_or_null:
      return "double precision";
    case ColumnKind::integer_or_null:
      return "integer";
  }
  return {};
}

struct OutputRow {
  std::string_view type;
  int position;
  std::string_view column;
  std::string_view sql_type;
  bool not_null;
  const char* role;
};

void put_unsafe(const OutputRow& row, ReturnSetInfo* set) {
  Datum values[] = {copied_text_unsafe(row.type),     Int32GetDatum(row.position), copied_text_unsafe(row.column),
                    copied_text_unsafe(row.sql_type), BoolGetDatum(row.not_null),  CStringGetTextDatum(row.role)};
  bool nulls[lengthof(values)] = {};
  tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
}

Datum report_columns(FunctionCallInfo fcinfo) {
  auto* set = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  server_call([&] { InitMaterializedSRF_compat(fcinfo); });
  for (const ReportType& type : report_types()) {
    int position = 0;
    for (const CommonColumn& column : common_columns()) {
      const OutputRow row{type.name, ++position, column.name, column.sql_type, column.not_null, "date"};
      server_call([&] { put_unsafe(row, set); });
    }
    for (const Column& column : type.columns) {
      const std::string sql_type = sql_type_of(column);
      const OutputRow row{type.name, ++position, column.name, sql_type, false, role_name(column.role)};
      server_call([&] { put_unsafe(row, set); });
    }
  }
  return Datum{0};
}

}  // namespace
}  // namespace koku

extern "C" {

KOKU_SQL_FUNCTION(koku_report_columns) {
  return koku::run_entry_point([fcinfo] { return koku::report_columns(fcinfo); });
}
}
