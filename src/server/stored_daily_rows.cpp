#include "server/stored_daily_rows.hpp"

#include <algorithm>
#include <vector>

#include "core/archive_limits.hpp"
#include "server/boundary.hpp"

#include "server/postgres.hpp"

namespace koku {
namespace {

constexpr long fetch_rows = 1000;
constexpr std::size_t leading_columns = 3;  // report_period_start, report_period_end, reportnumhours
constexpr Instant postgres_epoch = static_cast<Instant>(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * microseconds_per_day;

struct FetchedRows {
  std::vector<Datum> values;
  std::vector<char> nulls;
  std::uint64_t count = 0;
};

Portal open_cursor_unsafe(const char* statement, const char* source, const char* day) {
  if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
  Oid types[] = {TEXTOID, TEXTOID};
  Datum parameters[] = {CStringGetTextDatum(source), CStringGetTextDatum(day)};
  return SPI_cursor_open_with_args(nullptr, statement, 2, types, parameters, nullptr, false, 0);
}

/// Fetches and takes apart the next rows; texts are detoasted and stay until the next fetch.
void fetch_unsafe(Portal cursor, std::size_t columns, Datum* values, char* nulls, std::uint64_t& count) {
  SPI_freetuptable(SPI_tuptable);
  SPI_cursor_fetch(cursor, true, fetch_rows);
  count = SPI_processed;
  for (std::uint64_t row = 0; row < count; ++row)
    for (std::size_t column = 0; column < columns; ++column) {
      bool is_null = false;
      Datum value =
          SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, static_cast<int>(column) + 1, &is_null);
      if (!is_null && TupleDescAttr(SPI_tuptable->tupdesc, column)->attlen == -1)
        value = PointerGetDatum(pg_detoast_datum_packed(reinterpret_cast<varlena*>(DatumGetPointer(value))));
      values[row * columns + column] = value;
      nulls[row * columns + column] = is_null;
    }
}

std::string select_list(const ReportType& type) {
  std::string list = "report_period_start, report_period_end, reportnumhours";
  for (const Column& column : type.columns) list += ", " + quote_name(column.name);
  return list;
}

Value value_of(const Column& column, Datum datum, bool is_null) {
  if (is_null) return {.is_null = true};
  switch (column.kind) {
    case ColumnKind::text:
    case ColumnKind::labels: {
      const auto* text = reinterpret_cast<const varlena*>(DatumGetPointer(datum));
      return {.text = {VARDATA_ANY(text), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(text))}};
    }
    case ColumnKind::number:
    case ColumnKind::number_or_null:
      return {.number = DatumGetFloat8(datum)};
    case ColumnKind::integer_or_null:
      return {.integer = DatumGetInt32(datum)};
  }
  return {.is_null = true};
}

}  // namespace

int merge_stored_daily_rows(const std::string& leaf, const std::string& source, Day day, DailyAggregate& aggregate,
                            std::size_t max_aggregate_bytes) {
  const ReportType& type = aggregate.layout().type;
  const std::string statement =
      "SELECT " + select_list(type) + " FROM " + leaf + " WHERE source = $1 AND usage_start = $2::date";
  const std::string day_text = to_string(day);
  const std::size_t columns = leading_columns + type.columns.size();
  FetchedRows fetched;
  fetched.values.resize(columns * fetch_rows);
  fetched.nulls.resize(columns * fetch_rows);
  const char* plain_statement = statement.c_str();
  const char* plain_source = source.c_str();
  const char* plain_day = day_text.c_str();
  Datum* plain_values = fetched.values.data();
  char* plain_nulls = fetched.nulls.data();
  Portal cursor = nullptr;
  server_call([&] { cursor = open_cursor_unsafe(plain_statement, plain_source, plain_day); });

  DailyAggregate::DayGroups& groups = aggregate.day(day);
  std::vector<Value> values(type.columns.size());
  std::vector<std::string_view> key(aggregate.layout().keys.size());
  int hours = 0;
  while (true) {
    server_call([&] { fetch_unsafe(cursor, columns, plain_values, plain_nulls, fetched.count); });
    if (fetched.count == 0) break;
    if (aggregate.allocated_bytes() > max_aggregate_bytes)
      throw limit_error("too many distinct daily keys of " + std::string(type.name) + " on " + day_text,
                        "The rows that the day has already are added to; together they take more than " +
                            size_text(max_aggregate_bytes) + ".",
                        "max_aggregate_memory");
    for (std::uint64_t row_number = 0; row_number < fetched.count; ++row_number) {
      const Datum* datums = plain_values + row_number * columns;
      const char* nulls = plain_nulls + row_number * columns;
      for (std::size_t at = 0; at < values.size(); ++at)
        values[at] = value_of(type.columns[at], datums[leading_columns + at], nulls[leading_columns + at] != 0);
      for (std::size_t at = 0; at < key.size(); ++at) key[at] = values[aggregate.layout().keys[at]].text;
      const auto instant = [&](std::size_t at) {
        return nulls[at] != 0 ? start_of(day) : DatumGetTimestampTz(datums[at]) + postgres_epoch;
      };
      if (nulls[2] == 0) hours = std::max(hours, static_cast<int>(DatumGetInt32(datums[2])));
      const Row row{.report_period_start = instant(0),
                    .report_period_end = instant(1),
                    .interval_start = start_of(day),
                    .interval_end = std::nullopt,
                    .day = day,
                    .values = values};
      aggregate.add_to_group(groups, aggregate.key(key), row);
    }
  }
  server_call([&] {
    SPI_cursor_close(cursor);
    SPI_finish();
  });
  return hours;
}

}  // namespace koku
