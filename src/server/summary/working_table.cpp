#include "server/summary/working_table.hpp"

#include "server/backend/boundary.hpp"

namespace koku {

/// Plain data in the memory of the connection.
struct WorkingTables::Table {
  EphemeralNamedRelationData relation;
  Tuplestorestate* rows;
};

namespace {

struct TableReceiver {
  DestReceiver server;  // first: the server knows nothing of the rest
  Tuplestorestate* rows;
  MemoryContext context;
  TupleDesc description;
  std::uint64_t row_count;
};

extern "C" {
static void koku_table_startup_unsafe(DestReceiver* receiver, int operation, TupleDesc description) {
  auto* table = reinterpret_cast<TableReceiver*>(receiver);
  const MemoryContext previous = MemoryContextSwitchTo(table->context);
  table->description = CreateTupleDescCopy(description);
  MemoryContextSwitchTo(previous);
}
static bool koku_table_receive_unsafe(TupleTableSlot* slot, DestReceiver* receiver) {
  auto* table = reinterpret_cast<TableReceiver*>(receiver);
  tuplestore_puttupleslot(table->rows, slot);
  ++table->row_count;
  return true;
}
static void koku_table_end_unsafe(DestReceiver* receiver) {}
}

TableReceiver receiver_of_unsafe(Tuplestorestate* rows, MemoryContext context) {
  TableReceiver receiver = {};
  receiver.server.receiveSlot = koku_table_receive_unsafe;
  receiver.server.rStartup = koku_table_startup_unsafe;
  receiver.server.rShutdown = koku_table_end_unsafe;
  receiver.server.rDestroy = koku_table_end_unsafe;
  receiver.server.mydest = DestNone;
  receiver.rows = rows;
  receiver.context = context;
  return receiver;
}

}  // namespace

WorkingTables::WorkingTables() {
  server_call([this] {
    context_ = AllocSetContextCreate(CurrentMemoryContext, "koku_onprem working tables", ALLOCSET_DEFAULT_SIZES);
    const MemoryContext previous = MemoryContextSwitchTo(context_);
    environment_ = create_queryEnv();
    MemoryContextSwitchTo(previous);
  });
}

void WorkingTables::define_unsafe(Table& table, const char* name) {
  table.relation.md.name = MemoryContextStrdup(context_, name);
  table.relation.md.reliddesc = InvalidOid;
  table.relation.md.enrtype = ENR_NAMED_TUPLESTORE;
  const MemoryContext previous = MemoryContextSwitchTo(context_);
  register_ENR(environment_, &table.relation);
  // The connection's own list of relations lies in the context at hand, too.
  const int code = SPI_register_relation(&table.relation);
  MemoryContextSwitchTo(previous);
  if (code != SPI_OK_REL_REGISTER) elog(ERROR, "SPI_register_relation failed: %s", SPI_result_code_string(code));
}

/// A store that was read keeps a read pointer for each scan, and would move all of them with each row that is put into
/// it; so it is not used again.
void WorkingTables::replace_rows_unsafe(Table& table, Tuplestorestate* rows) {
  if (table.rows != nullptr) tuplestore_end(table.rows);
  table.rows = rows;
  table.relation.reldata = rows;
  table.relation.md.enrtuples = static_cast<double>(tuplestore_tuple_count(rows));
}

std::uint64_t WorkingTables::make(const PreparedStatement& statement, const StatementInput& input) {
  const std::string name = statement.working_table;
  Table*& table = tables_[name];
  TableReceiver receiver = {};
  server_call([&] {
    const ParamListInfo parameters = parameters_unsafe(input);
    const RowPlan plan = borrow_row_plan_unsafe(statement, input, parameters);
    const MemoryContext previous = MemoryContextSwitchTo(context_);
    if (table == nullptr) table = static_cast<Table*>(palloc0(sizeof(Table)));
    receiver = receiver_of_unsafe(tuplestore_begin_heap(true, false, work_mem), context_);
    MemoryContextSwitchTo(previous);
    run_row_plan_unsafe(plan, statement, input, parameters, &receiver.server);
    return_row_plan_unsafe(plan);
    replace_rows_unsafe(*table, receiver.rows);
    if (table->relation.md.tupdesc != nullptr) FreeTupleDesc(table->relation.md.tupdesc);
    table->relation.md.tupdesc = receiver.description;
    if (table->relation.md.name == nullptr) define_unsafe(*table, statement.working_table);
  });
  KeptStatementFiles::of_session().note_working_table(name, receiver.description);
  return receiver.row_count;
}

std::uint64_t WorkingTables::row_count(const std::string& name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? 0 : static_cast<std::uint64_t>(tuplestore_tuple_count(found->second->rows));
}

std::uint64_t WorkingTables::row_count() const {
  std::uint64_t count = 0;
  for (const auto& [name, table] : tables_) count += static_cast<std::uint64_t>(tuplestore_tuple_count(table->rows));
  return count;
}

void WorkingTables::clear(const std::string& name) {
  const auto found = tables_.find(name);
  if (found == tables_.end()) return;
  Table* table = found->second;
  server_call([&] {
    const MemoryContext previous = MemoryContextSwitchTo(context_);
    replace_rows_unsafe(*table, tuplestore_begin_heap(true, false, work_mem));
    MemoryContextSwitchTo(previous);
  });
}

}  // namespace koku
