#include "server/storage/leaf_writer.hpp"

#include <cstring>

#include "server/backend/boundary.hpp"
#include "server/storage/flush_hint.hpp"

#include "server/backend/compatibility.hpp"

extern "C" {
#include "access/htup_details.h"
#include "utils/fmgroids.h"
}

namespace koku {

/// Everything the server knows of the leaf. Plain data in its own memory context: an error leaves it to the
/// transaction's end.
struct LeafWriter::State {
  MemoryContext context;        // lives as long as the writer
  MemoryContext batch_context;  // tuples of one batch
  Relation relation;
  EState* executor;
  ResultRelInfo* result_relation;
  BulkInsertState bulk_insert;  // nullptr: rows go through all of the buffer cache
  BlockNumber blocks_before;    // of the relation, when it was opened
  int options;                  // of table_multi_insert()
  BlockNumber last_block;
  std::uint32_t block_count;  // blocks written to so far
  TupleDesc description;      // of our own: the relation's would be counted and remembered for each slot
  const TupleTableSlotOps* slot_operations;
  int slot_count;  // made so far: most writers of daily rows need a few only
  TupleTableSlot* slots[batch_rows];
  bool simple_indexes;  // plain, immediate, without predicate or expression: filled index by index
  bool check_constraints;
};

namespace {

void check_access_unsafe(Relation relation) {
  const Oid oid = RelationGetRelid(relation);
  const AclResult acl = pg_class_aclcheck(oid, GetUserId(), ACL_INSERT);
  if (acl != ACLCHECK_OK) aclcheck_error(acl, OBJECT_TABLE, RelationGetRelationName(relation));
  if (check_enable_rls(oid, InvalidOid, false) == RLS_ENABLED)
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("cannot load rows into \"%s\" under row security", RelationGetRelationName(relation)),
                    errhint("Call as the owner of the tables or a role with BYPASSRLS.")));
}

/// Row triggers on INSERT that are not disabled, but for checks of foreign keys, which the writer does itself.
bool has_insert_triggers(const TriggerDesc* triggers) {
  if (triggers == nullptr) return false;
  for (int at = 0; at < triggers->numtriggers; ++at) {
    const Trigger& trigger = triggers->triggers[at];
    if (TRIGGER_FOR_ROW(trigger.tgtype) && TRIGGER_FOR_INSERT(trigger.tgtype) &&
        trigger.tgenabled != TRIGGER_DISABLED && !is_foreign_key_check(trigger))
      return true;
  }
  return false;
}

/// Whether a table has triggers of its own on INSERT for each statement that are not disabled. Read from the catalogue:
/// to open the table for it would be one lock more, which those who drop a partition hold.
bool has_statement_triggers_unsafe(Oid table) {
  const Relation catalogue = table_open(TriggerRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(table));
  const SysScanDesc scan = systable_beginscan(catalogue, TriggerRelidNameIndexId, true, nullptr, 1, &key);
  bool found = false;
  for (HeapTuple row = systable_getnext(scan); HeapTupleIsValid(row) && !found; row = systable_getnext(scan)) {
    const auto* trigger = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(row));
    found = !TRIGGER_FOR_ROW(trigger->tgtype) && TRIGGER_FOR_INSERT(trigger->tgtype) &&
            trigger->tgenabled != TRIGGER_DISABLED;
  }
  systable_endscan(scan);
  table_close(catalogue, AccessShareLock);
  return found;
}

/// An INSERT into a partitioned table runs the row triggers of the partition and the statement triggers of the table.
void refuse_triggers_unsafe(Relation relation) {
  const Oid oid = RelationGetRelid(relation);
  const Oid table = relation->rd_rel->relispartition ? get_partition_parent_compat(oid) : oid;
  const char* name = nullptr;
  if (has_insert_triggers(relation->trigdesc))
    name = RelationGetRelationName(relation);
  else if (has_statement_triggers_unsafe(table))
    name = get_rel_name(table);
  if (name == nullptr) return;
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("cannot load rows into \"%s\", which has triggers on INSERT", name),
                  errhint("Drop or disable the triggers; bulk loading does not run them.")));
}

bool has_generated_columns_unsafe(Relation relation) {
  const TupleConstr* constraints = RelationGetDescr(relation)->constr;
  return constraints != nullptr && constraints->has_generated_stored;
}

bool accepts_unsafe(Relation relation) {
  const Oid oid = RelationGetRelid(relation);
  return relation->rd_rel->relkind == RELKIND_RELATION &&
         pg_class_aclcheck(oid, GetUserId(), ACL_INSERT) == ACLCHECK_OK &&
         check_enable_rls(oid, InvalidOid, true) != RLS_ENABLED && !has_insert_triggers(relation->trigdesc) &&
         !has_generated_columns_unsafe(relation);
}

bool is_simple(Relation index, IndexInfo* information) {
  return information->ii_Expressions == NIL && information->ii_Predicate == NIL &&
         information->ii_ExclusionOps == nullptr && information->ii_ReadyForInserts && index->rd_index->indimmediate;
}

bool needs_constraint_check(Relation relation) {
  const TupleConstr* constraints = RelationGetDescr(relation)->constr;
  return constraints != nullptr && (constraints->num_check > 0 || constraints->has_not_null);
}

void insert_index_by_index_unsafe(ResultRelInfo* target, Relation heap, EState* executor, TupleTableSlot** slots,
                                  int count) {
  Datum values[INDEX_MAX_KEYS];
  bool nulls[INDEX_MAX_KEYS];
  for (int at = 0; at < target->ri_NumIndices; ++at) {
    const Relation index = target->ri_IndexRelationDescs[at];
    IndexInfo* information = target->ri_IndexRelationInfo[at];
    const IndexUniqueCheck check = index->rd_index->indisunique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO;
    for (int row = 0; row < count; ++row) {
      FormIndexDatum(information, slots[row], executor, values, nulls);
      index_insert_compat(index, values, nulls, &slots[row]->tts_tid, heap, check, information);
    }
  }
}

}  // namespace

LeafWriter::LeafWriter(Oid relation, const std::vector<LeafColumn>& columns) {
  server_call([&] {
    const MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "koku_onprem leaf writer", ALLOCSET_DEFAULT_SIZES);
    const MemoryContext previous = MemoryContextSwitchTo(context);
    auto* state = static_cast<State*>(palloc0(sizeof(State)));
    state->context = context;
    state->batch_context = AllocSetContextCreate(context, "koku_onprem batch", ALLOCSET_DEFAULT_SIZES);
    state->relation = table_open(relation, RowExclusiveLock);
    check_access_unsafe(state->relation);
    state->executor = CreateExecutorState();
    state->result_relation = makeNode(ResultRelInfo);
    InitResultRelInfo(state->result_relation, state->relation, 0, nullptr, 0);
    refuse_triggers_unsafe(state->relation);
    if (has_generated_columns_unsafe(state->relation))
      ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                      errmsg("cannot load rows into \"%s\", which has generated columns",
                             RelationGetRelationName(state->relation))));
    ExecOpenIndices(state->result_relation, false);
    state->simple_indexes = true;
    for (int at = 0; at < state->result_relation->ri_NumIndices; ++at)
      if (!is_simple(state->result_relation->ri_IndexRelationDescs[at],
                     state->result_relation->ri_IndexRelationInfo[at]))
        state->simple_indexes = false;
    state->check_constraints = needs_constraint_check(state->relation);
    state->blocks_before = RelationGetNumberOfBlocks(state->relation);
    state->last_block = InvalidBlockNumber;
    // Without a free space map no block is known to have room but the last one, which is tried in any case. The first
    // full block would make the map, one file more for each partition of a month that begins; vacuum makes it as well.
    if (!smgrexists(RelationGetSmgr(state->relation), FSM_FORKNUM)) state->options |= TABLE_INSERT_SKIP_FSM;
    // The heap copies a row out of any slot; a virtual slot leaves the values in place for the indexes.
    state->slot_operations = state->relation->rd_tableam == GetHeapamTableAmRoutine()
                                 ? &TTSOpsVirtual
                                 : table_slot_callbacks(state->relation);
    state->description = CreateTupleDescCopyConstr(RelationGetDescr(state->relation));
    MemoryContextSwitchTo(previous);
    state_ = state;
  });

  for (const LeafColumn& column : columns) {
    int number = 0;
    server_call([&] {
      const TupleDesc description = RelationGetDescr(state_->relation);
      for (int at = 0; at < description->natts; ++at) {
        const Form_pg_attribute attribute = TupleDescAttr(description, at);
        if (!attribute->attisdropped && column.name == NameStr(attribute->attname)) {
          if (attribute->atttypid != column.type)
            ereport(ERROR,
                    (errcode(ERRCODE_DATATYPE_MISMATCH),
                     errmsg("column \"%s\" of \"%s\" is of type %s, not %s", NameStr(attribute->attname),
                            RelationGetRelationName(state_->relation), format_type_be(attribute->atttypid),
                            format_type_be(column.type)),
                     errhint("koku_create_tenant() lists the differences between a schema and what is expected.")));
          number = at + 1;
        }
      }
      if (number == 0)
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
                        errmsg("\"%s\" has no column \"%.*s\"", RelationGetRelationName(state_->relation),
                               static_cast<int>(column.name.size()), column.name.data()),
                        errhint("koku_create_tenant() adds what is missing.")));
    });
    attribute_.push_back(static_cast<std::size_t>(number - 1));
  }
  foreign_keys_.emplace(state_->relation, state_->result_relation->ri_TrigDesc);
  next_row();
}

LeafWriter::~LeafWriter() = default;

bool LeafWriter::accepts(Oid relation) {
  bool accepted = false;
  server_call([&] {
    const Relation opened = table_open(relation, RowExclusiveLock);
    accepted = accepts_unsafe(opened);
    table_close(opened, NoLock);
  });
  return accepted;
}

void LeafWriter::next_row() {
  KOKU_ASSERT(count_ <= state_->slot_count);
  if (count_ == state_->slot_count) server_call([this] { add_slot_unsafe(); });
  values_ = state_->slots[count_]->tts_values;
  nulls_ = state_->slots[count_]->tts_isnull;
}

void LeafWriter::add_slot_unsafe() {
  const MemoryContext previous = MemoryContextSwitchTo(state_->context);
  TupleTableSlot* slot = MakeSingleTupleTableSlot(state_->description, state_->slot_operations);
  std::memset(slot->tts_isnull, true, static_cast<std::size_t>(state_->description->natts));
  state_->slots[state_->slot_count++] = slot;
  MemoryContextSwitchTo(previous);
}

void LeafWriter::store() {
  KOKU_ASSERT(state_ != nullptr && count_ < batch_rows);
  foreign_keys_->note(count_, values_, nulls_);
  ++count_;
  if (count_ == batch_rows) {
    flush();
  } else {
    next_row();
  }
}

void LeafWriter::flush() {
  KOKU_ASSERT(state_ != nullptr);
  if (count_ == 0) return;
  server_call([this] { write_unsafe(); });
  foreign_keys_->check(state_->slots);
  server_call([this] { empty_slots_unsafe(); });
  count_ = 0;
  next_row();
}

void LeafWriter::write_unsafe() {
  CHECK_FOR_INTERRUPTS();
  const MemoryContext previous = MemoryContextSwitchTo(state_->batch_context);
  for (int row = 0; row < count_; ++row) {
    TupleTableSlot* slot = state_->slots[row];
    ExecStoreVirtualTuple(slot);
    if (state_->check_constraints) ExecConstraints(state_->result_relation, slot, state_->executor);
    // The bounds were compared with the month when the leaf was found.
    KOKU_ASSERT(!state_->relation->rd_rel->relispartition ||
                ExecPartitionCheck(state_->result_relation, slot, state_->executor, false));
  }
  table_multi_insert(state_->relation, state_->slots, count_, GetCurrentCommandId(true), state_->options,
                     state_->bulk_insert);
  // A new block means that no other has room: from here on, not every full block asks again which one has.
  if (ItemPointerGetBlockNumber(&state_->slots[count_ - 1]->tts_tid) >= state_->blocks_before)
    state_->options |= TABLE_INSERT_SKIP_FSM;
  spare_the_cache_unsafe();
  if (state_->simple_indexes) {
    insert_index_by_index_unsafe(state_->result_relation, state_->relation, state_->executor, state_->slots, count_);
  } else {
    for (int row = 0; row < count_; ++row) {
      list_free(ExecInsertIndexTuples_compat(state_->result_relation, state_->slots[row], state_->executor));
      ResetPerTupleExprContext(state_->executor);
    }
  }
  hint_flush_unsafe();
  MemoryContextSwitchTo(previous);
}

/// Values and NULL marks stay in the slots: columns that the writer does not fill remain NULL.
void LeafWriter::empty_slots_unsafe() {
  for (int row = 0; row < count_; ++row) ExecClearTuple(state_->slots[row]);
  MemoryContextReset(state_->batch_context);
}

/// What a payload brings is read again soon, by its summary, and best stays in the cache. A load that would take more
/// than a quarter of it goes on in a ring of few buffers, as COPY does: the bound at which sequential scans take to a
/// ring, too.
void LeafWriter::spare_the_cache_unsafe() {
  if (state_->bulk_insert != nullptr) return;
  for (int row = 0; row < count_; ++row) {
    const BlockNumber block = ItemPointerGetBlockNumber(&state_->slots[row]->tts_tid);
    if (block == state_->last_block) continue;
    state_->last_block = block;
    ++state_->block_count;
  }
  if (state_->block_count <= static_cast<std::uint32_t>(NBuffers) / 4) return;
  const MemoryContext previous = MemoryContextSwitchTo(state_->context);
  state_->bulk_insert = GetBulkInsertState();
  MemoryContextSwitchTo(previous);
}

void LeafWriter::close() {
  if (state_ == nullptr) return;
  flush();
  server_call([this] {
    if (state_->bulk_insert != nullptr) FreeBulkInsertState(state_->bulk_insert);
    table_finish_bulk_insert(state_->relation, state_->options);
    ExecCloseIndices(state_->result_relation);
    for (int at = 0; at < state_->slot_count; ++at) ExecDropSingleTupleTableSlot(state_->slots[at]);
    FreeExecutorState(state_->executor);
    table_close(state_->relation, NoLock);
    MemoryContextDelete(state_->context);
  });
  state_ = nullptr;
}

}  // namespace koku
