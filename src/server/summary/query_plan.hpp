// The plan of a query whose rows are to be stored in a relation.
#pragma once

#include "server/backend/postgres.hpp"

namespace koku {

/// A query, the values of its parameters $1, $2, ..., and the relations it may name beside those of the database; plain
/// data.
struct QueryText {
  static constexpr int max_parameters = 8;
  const char* text;
  QueryEnvironment* environment;
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

/// Runs `text`, one statement or several, by SPI with the parameters of the query; returns what SPI says of the last,
/// no failure, and its rows. The caller is connected and has registered there what the environment holds.
int execute_unsafe(const QueryText& query, const char* text, std::uint64_t& rows);

/// Plans a query as it stands.
QueryPlan plan_query_unsafe(const QueryText& query);

/// Plans a query for rows of `description`, the columns of `relation`. Its columns find those by their names and are
/// converted as INSERT converts them. A column that the query leaves out gets the default that `parent` has for it and
/// is no column of the plan when there is none; without a parent it is NULL. Raises 42601 unless the query is one
/// SELECT, 42703 when `description` lacks a column of it, 42804 when one is of a type that does not become the other.
QueryPlan plan_query_for_unsafe(const QueryText& query, const char* relation, TupleDesc description, Relation parent);

/// Runs the plan with the snapshot at hand and what this transaction did before; each row goes to the receiver.
void run_plan_unsafe(const QueryPlan& plan, const QueryText& query, DestReceiver* receiver);

}  // namespace koku
