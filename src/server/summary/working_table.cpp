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
  TupleDesc description;  // of the first query
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

void WorkingTables::define_unsafe(Table& table, const char* name, TupleDesc description) {
  table.relation.md.name = MemoryContextStrdup(context_, name);
  table.relation.md.reliddesc = InvalidOid;
  table.relation.md.tupdesc = description;
  table.relation.md.enrtype = ENR_NAMED_TUPLESTORE;
  table.relation.reldata = table.rows;
  const MemoryContext previous = MemoryContextSwitchTo(context_);
  register_ENR(environment_, &table.relation);
  MemoryContextSwitchTo(previous);
  const int code = SPI_register_relation(&table.relation);
  if (code != SPI_OK_REL_REGISTER) elog(ERROR, "SPI_register_relation failed: %s", SPI_result_code_string(code));
}

std::uint64_t WorkingTables::load(const std::string& name, const QueryText& query) {
  Table*& table = tables_[name];
  const bool is_new = table == nullptr;
  std::uint64_t row_count = 0;
  const char* plain_name = name.c_str();
  server_call([&] {
    if (is_new) {
      const MemoryContext previous = MemoryContextSwitchTo(context_);
      table = static_cast<Table*>(palloc0(sizeof(Table)));
      table->rows = tuplestore_begin_heap(true, false, work_mem);
      MemoryContextSwitchTo(previous);
    }
    TableReceiver receiver = receiver_of_unsafe(table->rows, context_);
    const QueryPlan plan = is_new ? plan_query_unsafe(query)
                                  : plan_query_for_unsafe(query, plain_name, table->relation.md.tupdesc, nullptr);
    run_plan_unsafe(plan, query, &receiver.server);
    if (is_new) define_unsafe(*table, plain_name, receiver.description);
    table->relation.md.enrtuples = static_cast<double>(tuplestore_tuple_count(table->rows));
    row_count = receiver.row_count;
  });
  return row_count;
}

std::uint64_t WorkingTables::row_count(const std::string& name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? 0 : static_cast<std::uint64_t>(tuplestore_tuple_count(found->second->rows));
}

void WorkingTables::clear(const std::string& name) {
  const auto found = tables_.find(name);
  if (found == tables_.end()) return;
  Table* table = found->second;
  server_call([&] {
    tuplestore_clear(table->rows);
    table->relation.md.enrtuples = 0;
  });
}

}  // namespace koku
