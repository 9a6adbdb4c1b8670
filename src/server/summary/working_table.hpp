// The working tables of a summary: rows of one query that later queries read by a name, as they would read a temporary
// table. They live in memory and, beyond work_mem, in temporary files; the catalogues of the database know nothing of
// them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "server/summary/statement_file.hpp"

namespace koku {

class WorkingTables {
 public:
  /// The caller is connected to SPI; the tables end with that connection. Errors of the server come as ServerError,
  /// here and below.
  WorkingTables();

  /// What a StatementInput takes to see the tables. Statements that SPI runs in this connection see them, too.
  QueryEnvironment* environment() const noexcept { return environment_; }

  /// Runs a statement that makes a working table; its rows take the place of those that a table of that name had.
  /// Returns their number.
  std::uint64_t make(const PreparedStatement& statement, const StatementInput& input);

  /// Number of rows in the table; 0 when there is none.
  std::uint64_t row_count(const std::string& name) const;

  /// Number of rows in all tables.
  std::uint64_t row_count() const;

  /// Takes all rows out of the table, if there is one.
  void clear(const std::string& name);

 private:
  struct Table;
  void define_unsafe(Table& table, const char* name);
  void replace_rows_unsafe(Table& table, Tuplestorestate* rows);

  MemoryContext context_ = nullptr;
  QueryEnvironment* environment_ = nullptr;
  std::map<std::string, Table*> tables_;
};

}  // namespace koku
