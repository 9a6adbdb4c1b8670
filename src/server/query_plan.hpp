// The plan of a query whose rows are to be stored in a relation.
#pragma once

#include "server/postgres.hpp"

namespace koku {

/// A query and the values of its parameters $1, $2, ...; plain data.
struct QueryText {
  static constexpr int max_parameters = 8;
  const char* text;
  int parameter_count;
  Oid types[max_parameters];
  Datum values[max_parameters];
  bool nulls[max_parameters];
};

/// Where the values of a column of a plan go.
struct PlannedColumn {
  const char* name;
  Oid type;
  int16 length;
  bool by_value;
};

/// Plain data in the memory context it was made in.
struct QueryPlan {
  PlannedStmt* statement;
  ParamListInfo parameters;
  PlannedColumn* columns;
  int column_count;
};

/// The columns of a query, by name, separated by commas and quoted. Raises 42601 unless it is one SELECT.
char* column_list_unsafe(const QueryText& query);

/// Plans a query for the rows of `leaf`. Its columns find those of the leaf by their names and are converted as INSERT
/// converts them; columns that it leaves out get the default that `parent` has for them (leaf and parent are the same
/// where the relation is not partitioned). Raises 42601 unless it is one SELECT, 42703 when the leaf lacks a column,
/// 42804 when a column is of a type that does not become the other.
QueryPlan plan_query_unsafe(const QueryText& query, Relation parent, Relation leaf);

/// Runs the plan with the snapshot at hand and what this transaction did before; each row goes to the receiver.
void run_plan_unsafe(const QueryPlan& plan, const char* text, DestReceiver* receiver);

}  // namespace koku
