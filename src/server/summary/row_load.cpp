#include "server/summary/row_load.hpp"

#include <vector>

#include "core/base/arena.hpp"
#include "server/backend/boundary.hpp"
#include "server/storage/leaf_writer.hpp"

namespace koku {
namespace {

/// Whether a plain INSERT into the parent would do more than store rows: rules and triggers of the statement.
bool parent_is_plain_unsafe(Relation parent) {
  const TriggerDesc* triggers = parent->trigdesc;
  return !parent->rd_rel->relhasrules &&
         (triggers == nullptr || (!triggers->trig_insert_before_statement && !triggers->trig_insert_after_statement));
}

/// The length of a value that passes by reference, flat.
std::size_t flat_length_unsafe(const PlannedColumn& column, Datum value) {
  if (column.length > 0) return static_cast<std::size_t>(column.length);
  const char* start = static_cast<const char*>(static_cast<void*>(DatumGetPointer(value)));
  if (column.length == -2) return std::strlen(start) + 1;
  if (VARATT_IS_EXTERNAL_EXPANDED(start)) return EOH_get_flat_size(DatumGetEOHP(value));
  return VARSIZE_ANY(start);
}

void flatten_unsafe(const PlannedColumn& column, Datum value, void* copy, std::size_t length) {
  if (column.length == -1 && VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(value))) {
    EOH_flatten_into(DatumGetEOHP(value), copy, length);
  } else {
    std::memcpy(copy, DatumGetPointer(value), length);
  }
}

/// Takes the rows of a plan for the writer.
class RowTaker {
 public:
  RowTaker(Oid leaf, const QueryPlan& plan)
      : columns_(plan.columns), writer_(leaf, leaf_columns(plan)), lengths_(writer_columns(plan)) {}

  void take(TupleTableSlot* slot) {
    std::size_t* lengths = lengths_.data();
    std::size_t total = 0;
    server_call([&] { measure_unsafe(slot, lengths, total); });
    char* memory = static_cast<char*>(memory_.allocate(total));
    for (std::size_t at = 0; at < lengths_.size(); ++at) {
      writer_.is_null(at) = slot->tts_isnull[at];
      if (slot->tts_isnull[at]) continue;
      if (columns_[at].by_value) {
        writer_.value(at) = slot->tts_values[at];
        continue;
      }
      const Datum value = slot->tts_values[at];
      const PlannedColumn& column = columns_[at];
      const std::size_t length = lengths[at];
      server_call([&] { flatten_unsafe(column, value, memory, length); });
      writer_.value(at) = PointerGetDatum(memory);
      memory += aligned(length);
    }
    writer_.store();
    ++row_count_;
    if (writer_.batch_position() == 0) memory_.reset();
  }

  std::uint64_t close() {
    writer_.close();
    return row_count_;
  }

 private:
  static std::size_t writer_columns(const QueryPlan& plan) { return static_cast<std::size_t>(plan.column_count); }
  static std::size_t aligned(std::size_t length) { return (length + 7) & ~std::size_t{7}; }

  static std::vector<LeafColumn> leaf_columns(const QueryPlan& plan) {
    std::vector<LeafColumn> columns;
    for (int at = 0; at < plan.column_count; ++at) columns.push_back({plan.columns[at].name, plan.columns[at].type});
    return columns;
  }

  void measure_unsafe(TupleTableSlot* slot, std::size_t* lengths, std::size_t& total) const {
    slot_getallattrs(slot);
    for (int at = 0; at < slot->tts_tupleDescriptor->natts; ++at) {
      if (slot->tts_isnull[at] || columns_[at].by_value) continue;
      lengths[at] = flat_length_unsafe(columns_[at], slot->tts_values[at]);
      total += (lengths[at] + 7) & ~std::size_t{7};
    }
  }

  const PlannedColumn* columns_;
  LeafWriter writer_;
  std::vector<std::size_t> lengths_;  // of the row at hand
  Arena memory_;                      // of the batch's values
  std::uint64_t row_count_ = 0;
};

struct RowReceiver {
  DestReceiver server;  // first: the server knows nothing of the rest
  RowTaker* taker;
};

/// False when the row could not be taken; `pending` says why.
bool take_row(RowTaker& taker, TupleTableSlot* slot, PendingError& pending) noexcept {
  try {
    taker.take(slot);
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
static bool koku_receive_row(TupleTableSlot* slot, DestReceiver* receiver) {
  PendingError pending;
  if (!take_row(*reinterpret_cast<RowReceiver*>(receiver)->taker, slot, pending)) pending.raise();
  return true;
}
static void koku_receiver_startup(DestReceiver* receiver, int operation, TupleDesc description) {}
static void koku_receiver_end(DestReceiver* receiver) {}
}

std::uint64_t load_in_bulk(const QueryText& query, Oid parent, Oid leaf) {
  QueryPlan plan = {};
  server_call([&] {
    const Relation parent_relation = table_open(parent, RowExclusiveLock);
    const Relation leaf_relation = table_open(leaf, RowExclusiveLock);
    plan = plan_query_for_unsafe(query, RelationGetRelationName(parent_relation), RelationGetDescr(leaf_relation),
                                 parent_relation);
    table_close(leaf_relation, NoLock);
    table_close(parent_relation, NoLock);
  });
  RowTaker taker(leaf, plan);
  RowReceiver receiver = {};
  receiver.server.receiveSlot = koku_receive_row;
  receiver.server.rStartup = koku_receiver_startup;
  receiver.server.rShutdown = koku_receiver_end;
  receiver.server.rDestroy = koku_receiver_end;
  receiver.server.mydest = DestNone;
  receiver.taker = &taker;
  server_call([&] { run_plan_unsafe(plan, query, &receiver.server); });
  const std::uint64_t row_count = taker.close();
  server_call([] { CommandCounterIncrement(); });
  return row_count;
}

void insert_unsafe(const QueryText& query, Oid parent, std::uint64_t& row_count) {
  StringInfoData statement;
  initStringInfo(&statement);
  appendStringInfo(&statement, "INSERT INTO %s (%s) %s",
                   quote_qualified_identifier(get_namespace_name(get_rel_namespace(parent)), get_rel_name(parent)),
                   column_list_unsafe(query), query.text);
  const int code = execute_unsafe(query, statement.data, row_count);
  if (code != SPI_OK_INSERT) elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(code));
}

}  // namespace

std::uint64_t load_rows(const QueryText& query, Oid parent, Oid leaf) {
  bool plain = false;
  server_call([&] {
    const Relation relation = table_open(parent, RowExclusiveLock);
    plain = parent_is_plain_unsafe(relation);
    table_close(relation, NoLock);
  });
  if (plain && LeafWriter::accepts(leaf)) return load_in_bulk(query, parent, leaf);
  std::uint64_t row_count = 0;
  server_call([&] { insert_unsafe(query, parent, row_count); });
  return row_count;
}

}  // namespace koku
