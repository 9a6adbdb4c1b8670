#include "server/summary/row_load.hpp"

#include <vector>

#include "server/backend/boundary.hpp"
#include "server/storage/leaf_writer.hpp"

namespace koku {
namespace {

/// The values of a batch have as many bytes; where they take more, it is written, however few its rows.
constexpr Size batch_bytes = 1 << 18;

/// Whether an INSERT into the table would do nothing but store rows; row triggers are looked for where the rows go.
bool is_plain_unsafe(Oid target) {
  const Relation relation = table_open(target, RowExclusiveLock);
  const TriggerDesc* triggers = relation->trigdesc;
  const bool plain =
      !relation->rd_rel->relhasrules &&
      (triggers == nullptr || (!triggers->trig_insert_before_statement && !triggers->trig_insert_after_statement));
  table_close(relation, NoLock);
  return plain;
}

/// A column of the target; plain data.
struct Column {
  const char* name;
  Oid type;
  int attribute;  // its place in a row of the plan
  int16 length;
  bool by_value;
};

/// The values of a batch, copied out of the executor's memory; plain data.
struct RowBuffer {
  char* memory;           // of the values: batch_bytes
  MemoryContext surplus;  // of values that do not fit into it
  Size bytes;             // taken of both
  Column* columns;
  int column_count;
};

/// For rows of the target as a plan makes them; those of its partition may have their columns in another order.
RowBuffer row_buffer_unsafe(Oid target) {
  const Relation relation = table_open(target, RowExclusiveLock);
  const TupleDesc description = RelationGetDescr(relation);
  const auto count = static_cast<Size>(description->natts);
  RowBuffer buffer = {};
  buffer.memory = static_cast<char*>(palloc(batch_bytes));
  buffer.surplus = AllocSetContextCreate(CurrentMemoryContext, "koku_onprem rows of a batch", ALLOCSET_SMALL_SIZES);
  buffer.columns = static_cast<Column*>(palloc0(sizeof(Column) * count));
  for (int at = 0; at < description->natts; ++at) {
    const Form_pg_attribute attribute = TupleDescAttr(description, at);
    if (attribute->attisdropped) continue;
    buffer.columns[buffer.column_count++] = {pstrdup(NameStr(attribute->attname)), attribute->atttypid, at,
                                             attribute->attlen, attribute->attbyval};
  }
  table_close(relation, NoLock);
  return buffer;
}

/// The length of a value that passes by reference, flat.
Size flat_length_unsafe(const Column& column, Datum value) {
  if (column.length > 0) return static_cast<Size>(column.length);
  const char* start = static_cast<const char*>(static_cast<void*>(DatumGetPointer(value)));
  if (column.length == -2) return std::strlen(start) + 1;
  if (VARATT_IS_EXTERNAL_EXPANDED(start)) return EOH_get_flat_size(DatumGetEOHP(value));
  return VARSIZE_ANY(start);
}

/// Memory of the batch or, where that is full, of the surplus.
char* take_unsafe(RowBuffer& buffer, Size length) {
  char* memory = buffer.bytes + MAXALIGN(length) <= batch_bytes
                     ? buffer.memory + buffer.bytes
                     : static_cast<char*>(MemoryContextAlloc(buffer.surplus, length));
  buffer.bytes += MAXALIGN(length);
  return memory;
}

/// A copy, flat, of a value that passes by reference.
Datum copy_unsafe(RowBuffer& buffer, const Column& column, Datum value) {
  const Size length = flat_length_unsafe(column, value);
  char* copy = take_unsafe(buffer, length);
  if (column.length == -1 && VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(value))) {
    EOH_flatten_into(DatumGetEOHP(value), copy, length);
  } else {
    std::memcpy(copy, DatumGetPointer(value), length);
  }
  return PointerGetDatum(copy);
}

/// Hands the rows of a plan to the writer.
class RowStore {
 public:
  RowStore(Oid leaf, RowBuffer& buffer) : buffer_(buffer), writer_(leaf, leaf_columns(buffer)) {}

  /// Sets the values of the writer's next row.
  void fill_unsafe(TupleTableSlot* slot) {
    slot_getallattrs(slot);
    for (int at = 0; at < buffer_.column_count; ++at) {
      const Column& column = buffer_.columns[at];
      const bool is_null = slot->tts_isnull[column.attribute];
      Datum value = slot->tts_values[column.attribute];
      if (!is_null && !column.by_value) value = copy_unsafe(buffer_, column, value);
      writer_.set_value(static_cast<std::size_t>(at), value, is_null);
    }
  }

  void store() {
    writer_.store();
    ++row_count_;
    const bool has_surplus = buffer_.bytes > batch_bytes;
    if (has_surplus) writer_.flush();
    if (writer_.batch_position() != 0) return;
    buffer_.bytes = 0;
    if (has_surplus) server_call([this] { MemoryContextReset(buffer_.surplus); });
  }

  std::uint64_t close() {
    writer_.close();
    return row_count_;
  }

 private:
  static std::vector<LeafColumn> leaf_columns(const RowBuffer& buffer) {
    std::vector<LeafColumn> columns;
    for (int at = 0; at < buffer.column_count; ++at)
      columns.push_back({buffer.columns[at].name, buffer.columns[at].type});
    return columns;
  }

  RowBuffer& buffer_;
  LeafWriter writer_;
  std::uint64_t row_count_ = 0;
};

struct RowReceiver {
  DestReceiver server;  // first: the server knows nothing of the rest
  RowStore* store;
};

/// False when the row could not be stored; `pending` says why.
bool store_row(RowStore& store, PendingError& pending) noexcept {
  try {
    store.store();
    return true;
  } catch (const ServerError& error) {
    pending.keep(error);
  } catch (const Error& error) {
    pending.keep(error);
  } catch (const std::bad_alloc&) {
    pending.keep(ERRCODE_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    pending.keep(ERRCODE_INTERNAL_ERROR, error.what());
  }
  return false;
}

extern "C" {
static bool koku_receive_row_unsafe(TupleTableSlot* slot, DestReceiver* receiver) {
  auto* rows = reinterpret_cast<RowReceiver*>(receiver);
  rows->store->fill_unsafe(slot);
  PendingError pending;
  if (!store_row(*rows->store, pending)) pending.raise();
  return true;
}
static void koku_receiver_startup(DestReceiver* receiver, int operation, TupleDesc description) {}
static void koku_receiver_end(DestReceiver* receiver) {}
}

std::uint64_t insert_in_bulk(const PreparedStatement& statement, const StatementInput& input, const RowPlan& plan,
                             ParamListInfo parameters, Oid leaf) {
  RowBuffer buffer = {};
  server_call([&] { buffer = row_buffer_unsafe(plan.target); });
  RowStore store(leaf, buffer);
  RowReceiver receiver = {};
  receiver.server.receiveSlot = koku_receive_row_unsafe;
  receiver.server.rStartup = koku_receiver_startup;
  receiver.server.rShutdown = koku_receiver_end;
  receiver.server.rDestroy = koku_receiver_end;
  receiver.server.mydest = DestNone;
  receiver.store = &store;
  server_call([&] { run_row_plan_unsafe(plan, statement, input, parameters, &receiver.server); });
  const std::uint64_t row_count = store.close();
  server_call([&] {
    return_row_plan_unsafe(plan);
    CommandCounterIncrement();
  });
  return row_count;
}

}  // namespace

std::uint64_t insert_rows(const PreparedStatement& statement, const StatementInput& input,
                          const std::function<void(Oid target, Oid& leaf)>& find_leaf) {
  ParamListInfo parameters = nullptr;
  RowPlan plan = {};
  bool plain = false;
  server_call([&] {
    parameters = parameters_unsafe(input);
    plan = borrow_row_plan_unsafe(statement, input, parameters);
    plain = plan.statement != nullptr && is_plain_unsafe(plan.target);
  });
  Oid leaf = InvalidOid;
  if (plain) find_leaf(plan.target, leaf);
  if (plain && LeafWriter::accepts(leaf)) return insert_in_bulk(statement, input, plan, parameters, leaf);
  std::uint64_t row_count = 0;
  server_call([&] {
    return_row_plan_unsafe(plan);
    run_text_unsafe(statement.text, input, row_count);
  });
  return row_count;
}

}  // namespace koku
