#include "server/ingest/stored_daily_rows.hpp"

#include <algorithm>
#include <vector>

#include "core/base/limit_error.hpp"
#include "server/backend/datum.hpp"
#include "server/storage/day_cursor.hpp"

namespace koku {
namespace {

constexpr std::size_t leading_columns = 4;

std::string select_list(const ReportType& type) {
  std::string list = "report_period_start, report_period_end, reportnumhours, interval_start";
  for (const Column& column : type.columns) list += ", " + quote_name(column.name);
  return list;
}

Value value_of(const Column& column, Datum datum, bool is_null) {
  if (is_null) return {.is_null = true};
  switch (column.kind) {
    case ColumnKind::text:
    case ColumnKind::labels:
      return {.text = text_of(datum)};
    case ColumnKind::number:
    case ColumnKind::number_or_null:
      return {.number = DatumGetFloat8(datum)};
    case ColumnKind::integer_or_null:
      return {.integer = DatumGetInt32(datum)};
  }
  return {.is_null = true};
}

enum class StoredRows { raw, daily };

int merge_stored_rows(StoredRows kind, const std::string& leaf, const std::string& source, Day day,
                      DailyAggregate& aggregate, std::size_t max_aggregate_bytes) {
  const ReportType& type = aggregate.layout().type;
  const std::string statement =
      "SELECT " + select_list(type) + " FROM " + leaf + " WHERE source = $1 AND usage_start = $2::date";
  DayCursor cursor(statement, source, day, leading_columns + type.columns.size());
  DailyAggregate::DayGroups& groups = aggregate.day(day);
  std::vector<Value> values(type.columns.size());
  std::vector<std::string_view> key(aggregate.layout().keys.size());
  int hours = 0;
  while (cursor.fetch()) {
    if (aggregate.allocated_bytes() > max_aggregate_bytes)
      throw limit_error("too many distinct daily keys of " + std::string(type.name) + " on " + to_string(day),
                        "The rows that the day has already are added to; together they take more than " +
                            size_text(max_aggregate_bytes) + ".",
                        "max_aggregate_memory");
    for (std::size_t row_number = 0; row_number < cursor.row_count(); ++row_number) {
      const Datum* datums = cursor.values(row_number);
      const char* nulls = cursor.nulls(row_number);
      for (std::size_t at = 0; at < values.size(); ++at)
        values[at] = value_of(type.columns[at], datums[leading_columns + at], nulls[leading_columns + at] != 0);
      for (std::size_t at = 0; at < key.size(); ++at) key[at] = values[aggregate.layout().keys[at]].text;
      const auto instant = [&](std::size_t at) { return nulls[at] != 0 ? start_of(day) : instant_of(datums[at]); };
      if (nulls[2] == 0) hours = std::max(hours, static_cast<int>(DatumGetInt32(datums[2])));
      const Row row{.report_period_start = instant(0),
                    .report_period_end = instant(1),
                    .interval_start = kind == StoredRows::raw ? instant(3) : start_of(day),
                    .interval_end = std::nullopt,
                    .day = day,
                    .values = values};
      if (kind == StoredRows::raw)
        aggregate.add(groups, aggregate.key(key), row);
      else
        aggregate.add_to_group(groups, aggregate.key(key), row);
    }
  }
  cursor.close();
  return hours;
}

}  // namespace

int merge_stored_daily_rows(const std::string& leaf, const std::string& source, Day day, DailyAggregate& aggregate,
                            std::size_t max_aggregate_bytes) {
  return merge_stored_rows(StoredRows::daily, leaf, source, day, aggregate, max_aggregate_bytes);
}

void aggregate_raw_rows(const std::string& leaf, const std::string& source, Day day, DailyAggregate& aggregate,
                        std::size_t max_aggregate_bytes) {
  merge_stored_rows(StoredRows::raw, leaf, source, day, aggregate, max_aggregate_bytes);
}

}  // namespace koku
