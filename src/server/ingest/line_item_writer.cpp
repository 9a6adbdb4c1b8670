#include "server/ingest/line_item_writer.hpp"

#include <cstdio>

#include "server/backend/boundary.hpp"
#include "server/backend/datum.hpp"

namespace koku {
namespace {

// Places of the common columns (spec ingest.md 3.1), in the order of common_columns().
enum CommonPlace : std::size_t {
  place_id,
  place_report_period_start,
  place_report_period_end,
  place_interval_start,
  place_interval_end,
  place_usage_start,
  place_source,
  place_year,
  place_month,
  place_manifestid,
  place_reportnumhours,
  common_count
};

Oid type_of(const Column& column) {
  switch (column.kind) {
    case ColumnKind::text:
      return VARCHAROID;
    case ColumnKind::labels:
      return TEXTOID;
    case ColumnKind::number:
    case ColumnKind::number_or_null:
      return FLOAT8OID;
    case ColumnKind::integer_or_null:
      return INT4OID;
  }
  return InvalidOid;
}

std::vector<LeafColumn> leaf_columns(const ReportType& type) {
  constexpr Oid common_types[common_count] = {UUIDOID,        TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID,
                                              TIMESTAMPTZOID, DATEOID,        VARCHAROID,     VARCHAROID,
                                              VARCHAROID,     VARCHAROID,     INT4OID};
  std::vector<LeafColumn> columns;
  for (std::size_t at = 0; at < common_count; ++at) columns.push_back({common_columns()[at].name, common_types[at]});
  for (const Column& column : type.columns) columns.push_back({column.name, type_of(column)});
  return columns;
}

std::string padded(int number, int width) {
  char digits[16];
  snprintf(digits, sizeof(digits), "%0*d", width, number);
  return digits;
}

}  // namespace

LineItemWriter::LineItemWriter(Oid leaf, const ReportType& type, std::string_view source, std::string_view manifest_id,
                               Day day)
    : type_(type),
      month_start_(first_day_of_month(day)),
      texts_(1024),
      ids_(std::make_unique<pg_uuid_t[]>(LeafWriter::batch_rows)),
      writer_(leaf, leaf_columns(type)) {
  const auto keep = [this](std::string_view text) { return text_datum(store_text(texts_, varlena_header, text)); };
  const CivilDate date = civil_from_day(day);
  source_ = keep(source);
  manifest_id_ = keep(manifest_id);
  year_ = keep(padded(date.year, 4));
  month_ = keep(padded(static_cast<int>(date.month), 2));
}

void LineItemWriter::add(const RowBatch& batch, std::size_t row, int hours) {
  KOKU_ASSERT(batch.type() == &type_);
  const RowBatch::Times& times = batch.times(row);
  KOKU_ASSERT(first_day_of_month(times.day) == month_start_);
  const int position = writer_.batch_position();
  if (position == 0) row_ids_.read_clock();
  pg_uuid_t& id = ids_[static_cast<std::size_t>(position)];
  row_ids_.make(id);
  set(place_id, UUIDPGetDatum(&id));
  set(place_report_period_start, timestamp_datum(times.report_period_start));
  set(place_report_period_end, timestamp_datum(times.report_period_end));
  set(place_interval_start, timestamp_datum(times.interval_start));
  if (times.interval_end)
    set(place_interval_end, timestamp_datum(*times.interval_end));
  else
    writer_.is_null(place_interval_end) = true;
  set(place_usage_start, date_datum(times.day));
  set(place_source, source_);
  set(place_year, year_);
  set(place_month, month_);
  set(place_manifestid, manifest_id_);
  set(place_reportnumhours, Int32GetDatum(hours));
  const RowBatch::Cell* cells = batch.cells(row);
  const bool* nulls = batch.nulls(row);
  for (std::size_t at = 0; at < type_.columns.size(); ++at) {
    const std::size_t place = common_count + at;
    if (nulls[at]) {
      writer_.is_null(place) = true;
      continue;
    }
    const RowBatch::Cell& value = cells[at];
    switch (type_.columns[at].kind) {
      case ColumnKind::text:
      case ColumnKind::labels:
        KOKU_ASSERT(VARATT_IS_4B_U(value.text));
        set(place, PointerGetDatum(value.text));
        break;
      case ColumnKind::number:
      case ColumnKind::number_or_null:
        set(place, Float8GetDatum(value.number));
        break;
      case ColumnKind::integer_or_null:
        set(place, Int32GetDatum(value.integer));
        break;
    }
  }
  writer_.store();
}

}  // namespace koku
