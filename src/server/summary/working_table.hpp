// The working tables of a summary: rows of one query that later queries read by a name, as they would read a temporary
// table. They live in memory and, beyond work_mem, in temporary files; the catalogues of the database know nothing of
// them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "server/summary/query_plan.hpp"

namespace koku {

class WorkingTables {
 public:
  /// The caller is connected to SPI; the tables end with that connection. Errors of the server come as ServerError,
  /// here and below.
  WorkingTables();

  /// What a QueryText takes to see the tables. Statements that SPI runs in this connection see them, too.
  QueryEnvironment* environment() const noexcept { return environment_; }

  /// Adds the rows of a query to the table of that name. The first query names and types its columns; those of a later
  /// one find them as those of plan_query_for_unsafe() do. Returns the number of rows added.
  std::uint64_t load(const std::string& name, const QueryText& query);

  /// Number of rows in the table; 0 when there is none.
  std::uint64_t row_count(const std::string& name) const;

  /// Takes all rows out of the table, if there is one.
  void clear(const std::string& name);

 private:
  struct Table;
  void define_unsafe(Table& table, const char* name, TupleDesc description);

  MemoryContext context_ = nullptr;
  QueryEnvironment* environment_ = nullptr;
  std::map<std::string, Table*> tables_;
};

}  // namespace koku
