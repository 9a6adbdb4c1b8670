#include "server/ingest/node_interval_table.hpp"

#include <cmath>
#include <memory>

#include "core/base/limit_error.hpp"
#include "server/backend/datum.hpp"
#include "server/ingest/line_item_writer.hpp"
#include "server/storage/day_cursor.hpp"
#include "server/storage/leaf_partition.hpp"
#include "server/storage/leaf_writer.hpp"
#include "server/storage/row_id.hpp"

namespace koku {
namespace {

enum Place : std::size_t {
  place_id,
  place_usage_start,
  place_interval_start,
  place_source,
  place_node,
  place_cpu,
  place_memory
};

std::vector<LeafColumn> leaf_columns() {
  return {{"id", UUIDOID},
          {"usage_start", DATEOID},
          {"interval_start", TIMESTAMPTZOID},
          {"source", VARCHAROID},
          {"node", VARCHAROID},
          {"node_capacity_cpu_core_seconds", FLOAT8OID},
          {"node_capacity_memory_byte_seconds", FLOAT8OID}};
}

void set(LeafWriter& writer, std::size_t place, Datum value, bool is_null = false) {
  writer.value(place) = value;
  writer.is_null(place) = is_null;
}

void set(LeafWriter& writer, std::size_t place, double number) {
  set(writer, place, Float8GetDatum(number), std::isnan(number));
}

}  // namespace

bool has_node_intervals(const Schemas& schemas) { return is_partitioned_table(schemas, node_interval_table); }

void take_node_intervals(const std::string& leaf, const std::string& source, Day day, DailyAggregate& aggregate,
                         std::size_t max_aggregate_bytes) {
  enum Returned : std::size_t { node, interval_start, cpu, memory, columns };
  DayCursor cursor(
      "DELETE FROM " + leaf +
          " WHERE source = $1 AND usage_start = $2::date"
          " RETURNING node, interval_start, node_capacity_cpu_core_seconds, node_capacity_memory_byte_seconds",
      source, day, columns);
  DailyAggregate::DayGroups& groups = aggregate.day(day);
  while (cursor.fetch()) {
    if (aggregate.allocated_bytes() > max_aggregate_bytes)
      throw limit_error("too many node intervals on " + to_string(day),
                        "The rows that the day has already are added to; together they take more than " +
                            size_text(max_aggregate_bytes) + ".",
                        "max_aggregate_memory");
    for (std::size_t row = 0; row < cursor.row_count(); ++row) {
      const Datum* values = cursor.values(row);
      const char* nulls = cursor.nulls(row);
      const auto number = [&](Returned place) {
        return nulls[place] != 0 ? no_capacity : DatumGetFloat8(values[place]);
      };
      aggregate.add_interval(groups, {.node = nulls[node] != 0 ? std::string_view{} : text_of(values[node]),
                                      .start = instant_of(values[interval_start]),
                                      .cpu_core_seconds = number(cpu),
                                      .memory_byte_seconds = number(memory)});
    }
  }
  cursor.close();
}

void write_node_intervals(Oid leaf, std::string_view source, Day day, const NodeIntervals& intervals) {
  if (intervals.size() == 0) return;
  LeafWriter writer(leaf, leaf_columns());
  Arena texts(1024);
  const Datum source_value = text_datum(store_text(texts, varlena_header, source));
  const auto ids = std::make_unique<pg_uuid_t[]>(LeafWriter::batch_rows);
  RowIdGenerator row_ids;
  for (const NodeInterval& interval : intervals) {
    const int position = writer.batch_position();
    if (position == 0) row_ids.read_clock();
    pg_uuid_t& id = ids[static_cast<std::size_t>(position)];
    row_ids.make(id);
    set(writer, place_id, UUIDPGetDatum(&id));
    set(writer, place_usage_start, date_datum(day));
    set(writer, place_interval_start, timestamp_datum(interval.start));
    set(writer, place_source, source_value);
    if (interval.node.data() == nullptr)
      set(writer, place_node, Datum{0}, true);
    else
      set(writer, place_node, text_datum(interval.node));
    set(writer, place_cpu, interval.cpu_core_seconds);
    set(writer, place_memory, interval.memory_byte_seconds);
    writer.store();
  }
  writer.close();
}

}  // namespace koku
