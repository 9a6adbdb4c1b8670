// A statement file of a summary, taken apart and prepared by the server: what is to be done with each of its
// statements, and their plans, which are kept for the session.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/backend/postgres.hpp"

namespace koku {

/// The values of the parameters $1, $2, ... of a statement, and the relations that it may name beside those of the
/// database; plain data.
struct StatementInput {
  static constexpr int max_parameters = 8;
  QueryEnvironment* environment;
  int parameter_count;
  Oid types[max_parameters];
  Datum values[max_parameters];
  bool nulls[max_parameters];
};

/// One statement; plain data.
struct PreparedStatement {
  enum class Kind {
    insert_rows,    ///< INSERT INTO ... SELECT, and nothing that an INSERT can do beside storing rows
    working_table,  ///< CREATE TEMP TABLE ... AS SELECT
    other
  };
  Kind kind;
  CachedPlanSource* rows;     ///< of insert_rows the INSERT, of working_table the SELECT
  SPIPlanPtr plan;            ///< of all others
  const char* working_table;  ///< its name
  const char* text;
  const char* whole_text;  ///< of the file, to which the places in parse trees refer; while it is being prepared
};

/// The statements of a file, in their order.
class StatementFile {
 public:
  /// Prepares all statements of a text with the types of the parameters and the relations of `input`. The caller is
  /// connected to SPI and has registered there what the environment holds. Errors of the server come as ServerError.
  StatementFile(const std::string& text, const StatementInput& input);
  ~StatementFile();
  StatementFile(const StatementFile&) = delete;
  StatementFile& operator=(const StatementFile&) = delete;

  const std::vector<PreparedStatement>& statements() const noexcept { return statements_; }

 private:
  std::vector<PreparedStatement> statements_;
};

/// Statement files that were prepared in this session, by their text, which names tenant and month. The server makes a
/// plan anew when a table of it changed.
class KeptStatementFiles {
 public:
  /// Files that are kept: what a dozen tenants' months need. The one that was not used for longest goes first.
  static constexpr std::size_t most_files = 1000;

  static KeptStatementFiles& of_session();

  /// The file of this text, prepared now unless it was before. `input_rows` is the size of what its statements read; a
  /// plan for a small input is made anew for a large one.
  std::shared_ptr<const StatementFile> get(const std::string& text, const StatementInput& input,
                                           std::uint64_t input_rows);

  /// Takes note of the columns of a working table. Where they changed, all plans go: the server cannot know of it.
  void note_working_table(const std::string& name, TupleDesc columns);

 private:
  struct Kept {
    std::shared_ptr<const StatementFile> file;
    std::uint64_t input_rows;
    std::uint64_t last_use;
  };

  void make_room();

  std::map<std::string, Kept> files_;
  std::map<std::string, std::string> working_tables_;
  std::uint64_t uses_ = 0;
};

/// The parameters for the executor, in the current memory context.
ParamListInfo parameters_unsafe(const StatementInput& input);

/// A plan whose rows somebody takes, borrowed from the plan cache; plain data.
struct RowPlan {
  CachedPlan* borrowed;
  PlannedStmt* statement;  ///< a SELECT; nullptr when an INSERT was not planned as storing rows in one table
  Oid target;              ///< of an INSERT
};

/// The rows of an INSERT come as it would store them: one value for each attribute of the target.
RowPlan borrow_row_plan_unsafe(const PreparedStatement& statement, const StatementInput& input,
                               ParamListInfo parameters);
void return_row_plan_unsafe(const RowPlan& plan);

/// Runs the plan with the snapshot at hand and what this transaction did before; each row goes to the receiver.
void run_row_plan_unsafe(const RowPlan& plan, const PreparedStatement& statement, const StatementInput& input,
                         ParamListInfo parameters, DestReceiver* receiver);

/// Runs a statement of the other kind by SPI; returns the number of rows that it wrote.
std::uint64_t run_by_spi(const PreparedStatement& statement, const StatementInput& input);

/// Runs a text by SPI, planned for this once; `rows` is the number of its rows.
void run_text_unsafe(const char* text, const StatementInput& input, std::uint64_t& rows);

}  // namespace koku
