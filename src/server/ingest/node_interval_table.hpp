// The table of intervals of nodes: the capacity that a summary would else take from all raw rows of pods.
//
// For a source and day it has either an interval for each node and interval of the raw rows, or none: then a summary
// reads the raw rows.
#pragma once

#include <string>
#include <string_view>

#include "core/report/daily.hpp"
#include "server/backend/sql.hpp"

#include "server/backend/postgres.hpp"

namespace koku {

inline constexpr char node_interval_table[] = "koku_node_interval";

/// Whether the tenant has the table. One of an older release has not, until koku_create_tenant() is called.
bool has_node_intervals(const Schemas& schemas);

/// Moves the intervals that a leaf partition (its qualified, quoted name) has of a source and day into `aggregate`.
/// Error(too_large) when the aggregate grows beyond `max_aggregate_bytes`.
void take_node_intervals(const std::string& leaf, const std::string& source, Day day, DailyAggregate& aggregate,
                         std::size_t max_aggregate_bytes);

/// Writes the intervals of a day in bulk into a leaf partition. Texts of nodes stand behind varlena_header().
void write_node_intervals(Oid leaf, std::string_view source, Day day, const NodeIntervals& intervals);

}  // namespace koku
