#include "server/summary/statement_file.hpp"

#include "server/backend/boundary.hpp"

#include "server/backend/compatibility.hpp"

// SPI leaves its own memory as the current one, which grows until SPI_finish(). Functions that call it here put the
// caller's back.

namespace koku {
namespace {

/// A plan for values that are not known: it serves all sources and days alike.
constexpr int plan_options = CURSOR_OPT_GENERIC_PLAN;

/// Whether an INSERT does nothing but store rows.
bool only_stores_rows_unsafe(List* queries) {
  if (list_length(queries) != 1) return false;
  const Query* query = linitial_node(Query, queries);
  return query->commandType == CMD_INSERT && query->onConflict == nullptr && query->returningList == NIL &&
         !query->hasModifyingCTE;
}

/// Hands a statement, analyzed, to the plan cache.
CachedPlanSource* prepare_rows_unsafe(RawStmt* statement, const char* text, CommandTag tag,
                                      const StatementInput& input) {
  Oid* types = const_cast<Oid*>(input.types);
  CachedPlanSource* rows = CreateCachedPlan(statement, text, tag);
  List* queries = pg_analyze_and_rewrite_compat(statement, text, types, input.parameter_count, input.environment);
  if (tag == CMDTAG_INSERT && !only_stores_rows_unsafe(queries)) {
    DropCachedPlan(rows);
    return nullptr;
  }
  CompleteCachedPlan(rows, queries, nullptr, types, input.parameter_count, nullptr, nullptr, plan_options, false);
  SaveCachedPlan(rows);
  return rows;
}

void prepare_insert_unsafe(PreparedStatement& prepared, RawStmt* statement, const StatementInput& input) {
  if (reinterpret_cast<InsertStmt*>(statement->stmt)->selectStmt == nullptr) return;
  prepared.rows = prepare_rows_unsafe(statement, prepared.whole_text, CMDTAG_INSERT, input);
  if (prepared.rows == nullptr) return;
  prepared.kind = PreparedStatement::Kind::insert_rows;
}

void prepare_working_table_unsafe(PreparedStatement& prepared, RawStmt* statement, const StatementInput& input) {
  const auto* create = reinterpret_cast<CreateTableAsStmt*>(statement->stmt);
  const RangeVar* table = create->into->rel;
  if (!IsA(create->query, SelectStmt) || table->relpersistence != RELPERSISTENCE_TEMP || table->schemaname != nullptr ||
      create->into->colNames != NIL)
    ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR),
                    errmsg("a summary statement makes table \"%s\", which is not CREATE TEMP TABLE ... AS SELECT",
                           table->relname)));
  char* name = MemoryContextStrdup(TopMemoryContext, table->relname);
  RawStmt* select = makeNode(RawStmt);
  select->stmt = create->query;
  prepared.working_table = name;
  prepared.rows = prepare_rows_unsafe(select, prepared.whole_text, CMDTAG_SELECT, input);
  prepared.kind = PreparedStatement::Kind::working_table;
}

void prepare_other_unsafe(PreparedStatement& prepared, const StatementInput& input) {
  const MemoryContext previous = CurrentMemoryContext;
  prepared.plan = SPI_prepare_cursor(prepared.text, input.parameter_count, const_cast<Oid*>(input.types), plan_options);
  if (prepared.plan == nullptr) elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
  SPI_keepplan(prepared.plan);
  MemoryContextSwitchTo(previous);
}

void prepare_unsafe(PreparedStatement& prepared, RawStmt* statement, const StatementInput& input) {
  if (IsA(statement->stmt, InsertStmt)) prepare_insert_unsafe(prepared, statement, input);
  if (IsA(statement->stmt, CreateTableAsStmt)) prepare_working_table_unsafe(prepared, statement, input);
  if (prepared.kind == PreparedStatement::Kind::other) prepare_other_unsafe(prepared, input);
}

void drop_unsafe(PreparedStatement& prepared) {
  if (prepared.rows != nullptr) DropCachedPlan(prepared.rows);
  if (prepared.plan != nullptr) SPI_freeplan(prepared.plan);
  if (prepared.working_table != nullptr) pfree(const_cast<char*>(prepared.working_table));
  if (prepared.text != nullptr) pfree(const_cast<char*>(prepared.text));
  prepared = {};
}

/// The text of one of the statements of a file.
const char* cut_out_unsafe(const char* text, RawStmt* statement) {
  // The last one need not end with a semicolon.
  const auto length = static_cast<Size>(
      statement->stmt_len > 0 ? statement->stmt_len : static_cast<int>(std::strlen(text)) - statement->stmt_location);
  char* piece = static_cast<char*>(MemoryContextAlloc(TopMemoryContext, length + 1));
  std::memcpy(piece, text + statement->stmt_location, length);
  piece[length] = '\0';
  return piece;
}

/// What the plans of statements that read a working table hold true of its columns.
std::string description_of(TupleDesc columns) {
  std::string description;
  for (int at = 0; at < columns->natts; ++at) {
    const Form_pg_attribute column = TupleDescAttr(columns, at);
    for (const std::string_view part :
         {std::string_view(NameStr(column->attname)), std::string_view(std::to_string(column->atttypid)),
          std::string_view(std::to_string(column->atttypmod)), std::string_view(std::to_string(column->attcollation))})
      description.append(part).append(1, '\n');
  }
  return description;
}

/// The rows that an INSERT stores, as a SELECT. The server plans it as ModifyTable over the plan that makes the tuples
/// of the target, attribute by attribute; that one is run alone. Sub-selects that are computed once hang on the upper
/// of the two and are handed down, as the planner does when it removes a node.
PlannedStmt* rows_of_insert_unsafe(const PlannedStmt* insert, MemoryContext context) {
  if (insert->commandType != CMD_INSERT || !IsA(insert->planTree, ModifyTable) ||
      list_length(insert->resultRelations) != 1)
    return nullptr;
  auto* modify = reinterpret_cast<ModifyTable*>(insert->planTree);
  Plan* rows = modified_rows_compat(modify);
  const MemoryContext previous = MemoryContextSwitchTo(context);
  rows->initPlan = list_concat(modify->plan.initPlan, rows->initPlan);
  modify->plan.initPlan = NIL;
  MemoryContextSwitchTo(previous);
  PlannedStmt* select = makeNode(PlannedStmt);
  *select = *insert;
  select->commandType = CMD_SELECT;
  select->planTree = rows;
  select->resultRelations = NIL;
  return select;
}

}  // namespace

StatementFile::StatementFile(const std::string& text, const StatementInput& input) {
  const char* whole = text.c_str();
  List* parsed = NIL;
  int count = 0;
  server_call([&] {
    parsed = pg_parse_query(whole);
    count = list_length(parsed);
  });
  statements_.reserve(static_cast<std::size_t>(count));
  try {
    for (int at = 0; at < count; ++at) {
      PreparedStatement& prepared = statements_.emplace_back();
      prepared.kind = PreparedStatement::Kind::other;
      server_call([&] {
        auto* statement = static_cast<RawStmt*>(list_nth(parsed, at));
        prepared.text = cut_out_unsafe(whole, statement);
        prepared.whole_text = whole;
        prepare_unsafe(prepared, statement, input);
      });
      prepared.whole_text = nullptr;
    }
  } catch (...) {
    for (PreparedStatement& prepared : statements_) server_call([&] { drop_unsafe(prepared); });
    throw;
  }
}

StatementFile::~StatementFile() {
  try {
    for (PreparedStatement& prepared : statements_) server_call([&] { drop_unsafe(prepared); });
  } catch (const ServerError&) {
    // Memory that could not be freed stays with the session.
  }
}

KeptStatementFiles& KeptStatementFiles::of_session() {
  // Ends with the process: at its exit there is nothing left to give back.
  static auto* files = new KeptStatementFiles;
  return *files;
}

std::shared_ptr<const StatementFile> KeptStatementFiles::get(const std::string& text, const StatementInput& input,
                                                             std::uint64_t input_rows) {
  constexpr std::uint64_t growth = 8;
  constexpr std::uint64_t few_rows = 1000;
  const auto found = files_.find(text);
  if (found != files_.end()) {
    Kept& kept = found->second;
    if (input_rows <= std::max(kept.input_rows * growth, few_rows)) {
      kept.last_use = ++uses_;
      return kept.file;
    }
    files_.erase(found);
  }
  make_room();
  auto file = std::make_shared<const StatementFile>(text, input);
  files_[text] = {file, input_rows, ++uses_};
  return file;
}

void KeptStatementFiles::make_room() {
  if (files_.size() < most_files) return;
  const auto oldest = std::min_element(files_.begin(), files_.end(), [](const auto& one, const auto& two) {
    return one.second.last_use < two.second.last_use;
  });
  files_.erase(oldest);
}

void KeptStatementFiles::note_working_table(const std::string& name, TupleDesc columns) {
  std::string description = description_of(columns);
  std::string& known = working_tables_[name];
  if (known == description) return;
  if (!known.empty()) files_.clear();
  known = std::move(description);
}

ParamListInfo parameters_unsafe(const StatementInput& input) {
  const ParamListInfo parameters = makeParamList(input.parameter_count);
  for (int at = 0; at < input.parameter_count; ++at) {
    parameters->params[at].value = input.values[at];
    parameters->params[at].isnull = input.nulls[at];
    parameters->params[at].ptype = input.types[at];
    parameters->params[at].pflags = PARAM_FLAG_CONST;
  }
  return parameters;
}

RowPlan borrow_row_plan_unsafe(const PreparedStatement& statement, const StatementInput& input,
                               ParamListInfo parameters) {
  RowPlan plan = {};
  plan.borrowed = GetCachedPlan_compat(statement.rows, parameters, input.environment);
  if (list_length(plan.borrowed->stmt_list) != 1) return plan;
  plan.statement = linitial_node(PlannedStmt, plan.borrowed->stmt_list);
  if (statement.kind != PreparedStatement::Kind::insert_rows) return plan;
  const PlannedStmt* insert = plan.statement;
  plan.statement = rows_of_insert_unsafe(insert, plan.borrowed->context);
  if (plan.statement != nullptr) plan.target = rt_fetch(linitial_int(insert->resultRelations), insert->rtable)->relid;
  return plan;
}

void return_row_plan_unsafe(const RowPlan& plan) { ReleaseCachedPlan_compat(plan.borrowed); }

void run_row_plan_unsafe(const RowPlan& plan, const PreparedStatement& statement, const StatementInput& input,
                         ParamListInfo parameters, DestReceiver* receiver) {
  PushCopiedSnapshot(GetActiveSnapshot());
  UpdateActiveSnapshotCommandId();
  QueryDesc* running = CreateQueryDesc(plan.statement, statement.rows->query_string, GetActiveSnapshot(),
                                       InvalidSnapshot, receiver, parameters, input.environment, 0);
  ExecutorStart(running, 0);
  ExecutorRun_compat(running);
  ExecutorFinish(running);
  ExecutorEnd(running);
  FreeQueryDesc(running);
  PopActiveSnapshot();
}

std::uint64_t run_by_spi(const PreparedStatement& statement, const StatementInput& input) {
  char nulls[StatementInput::max_parameters] = {};
  for (int at = 0; at < input.parameter_count; ++at) nulls[at] = input.nulls[at] ? 'n' : ' ';
  std::uint64_t rows = 0;
  server_call([&] {
    const MemoryContext previous = CurrentMemoryContext;
    const int code = SPI_execute_plan(statement.plan, const_cast<Datum*>(input.values), nulls, false, 0);
    if (code < 0) elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
    if (code != SPI_OK_DELETE && code != SPI_OK_SELECT) rows = SPI_processed;
    SPI_freetuptable(SPI_tuptable);
    MemoryContextSwitchTo(previous);
  });
  return rows;
}

void run_text_unsafe(const char* text, const StatementInput& input, std::uint64_t& rows) {
  char nulls[StatementInput::max_parameters] = {};
  for (int at = 0; at < input.parameter_count; ++at) nulls[at] = input.nulls[at] ? 'n' : ' ';
  const MemoryContext previous = CurrentMemoryContext;
  const int code = SPI_execute_with_args(text, input.parameter_count, const_cast<Oid*>(input.types),
                                         const_cast<Datum*>(input.values), nulls, false, 0);
  if (code < 0) elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(code));
  rows = SPI_processed;
  MemoryContextSwitchTo(previous);
}

}  // namespace koku
