#include "server/storage/foreign_key_check.hpp"

#include "server/backend/boundary.hpp"

namespace koku {
namespace {

const ForeignKeyCacheInfo* find_key_unsafe(Relation relation, Oid constraint) {
  ListCell* cell;
  foreach (cell, RelationGetFKeyList(relation)) {
    const auto* key = static_cast<ForeignKeyCacheInfo*>(lfirst(cell));
    if (key->conoid == constraint) return key;
  }
  ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
                  errmsg("no foreign key of \"%s\" belongs to its trigger for it", RelationGetRelationName(relation))));
}

/// Calls the trigger as the server does after an INSERT.
void check_row_unsafe(Relation relation, Trigger* trigger, ItemPointer tuple) {
  TupleTableSlot* slot = table_slot_create(relation, nullptr);
  if (!table_tuple_fetch_row_version(relation, tuple, SnapshotSelf, slot))
    elog(ERROR, "a row that was just stored is gone");
  TriggerData data = {};
  data.type = T_TriggerData;
  data.tg_event = TRIGGER_EVENT_INSERT | TRIGGER_EVENT_ROW | TRIGGER_EVENT_AFTER;
  data.tg_relation = relation;
  data.tg_trigtuple = ExecFetchSlotHeapTuple(slot, false, nullptr);
  data.tg_trigslot = slot;
  data.tg_trigger = trigger;
  FmgrInfo function;
  fmgr_info(trigger->tgfoid, &function);
  LOCAL_FCINFO(call, 0);
  InitFunctionCallInfoData(*call, &function, 0, InvalidOid, reinterpret_cast<Node*>(&data), nullptr);
  FunctionCallInvoke(call);
  ExecDropSingleTupleTableSlot(slot);
}

}  // namespace

bool is_foreign_key_check(const Trigger& trigger) noexcept {
  return TRIGGER_FOR_AFTER(trigger.tgtype) && RI_FKey_trigger_type(trigger.tgfoid) == RI_TRIGGER_FK;
}

ForeignKeyChecks::ForeignKeyChecks(Relation relation, TriggerDesc* triggers) : relation_(relation) {
  if (triggers == nullptr) return;
  for (int at = 0; at < triggers->numtriggers; ++at) {
    Trigger* trigger = &triggers->triggers[at];
    if (!TRIGGER_FOR_INSERT(trigger->tgtype) || !is_foreign_key_check(*trigger)) continue;
    if (trigger->tgenabled == TRIGGER_DISABLED) continue;
    AttrNumber columns[INDEX_MAX_KEYS];
    int count = 0;
    server_call([&] {
      const ForeignKeyCacheInfo* key = find_key_unsafe(relation_, trigger->tgconstraint);
      for (; count < key->nkeys; ++count) columns[count] = key->conkey[count];
    });
    ForeignKey& key = keys_.emplace_back(ForeignKey{trigger, {}, {}, {}});
    for (int column = 0; column < count; ++column)
      key.attributes.push_back(static_cast<std::size_t>(columns[column] - 1));
  }
}

void ForeignKeyChecks::append_bytes(std::size_t attribute, Datum value, std::string& bytes) const {
  const Form_pg_attribute column = TupleDescAttr(RelationGetDescr(relation_), attribute);
  if (column->attbyval) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
    return;
  }
  const char* start = reinterpret_cast<const char*>(DatumGetPointer(value));
  const std::size_t length = column->attlen == -1   ? VARSIZE_ANY(start)
                             : column->attlen == -2 ? std::strlen(start) + 1
                                                    : static_cast<std::size_t>(column->attlen);
  bytes.append(start, length);
}

void ForeignKeyChecks::note(int place, const Datum* values, const bool* nulls) {
  for (ForeignKey& key : keys_) {
    bytes_.clear();
    bool refers = true;
    for (const std::size_t attribute : key.attributes) {
      refers = refers && !nulls[attribute];
      if (refers) append_bytes(attribute, values[attribute], bytes_);
    }
    if (!refers || bytes_ == key.last) continue;
    key.last = bytes_;
    if (key.seen.insert(bytes_).second) noted_.push_back({place, key.trigger});
  }
}

void ForeignKeyChecks::check(TupleTableSlot* const* slots) {
  for (const NotedRow& row : noted_)
    server_call([&] { check_row_unsafe(relation_, row.trigger, &slots[row.place]->tts_tid); });
  noted_.clear();
}

}  // namespace koku
