#include "server/storage/rows_of_day.hpp"

#include "server/backend/boundary.hpp"
#include "server/backend/datum.hpp"

#include "server/backend/compatibility.hpp"

namespace koku {
namespace {

bool is_on_source_and_day_unsafe(Relation index, Oid leaf) {
  const Form_pg_index form = index->rd_index;
  return form->indisvalid && form->indnkeyatts >= 2 && index->rd_rel->relam == BTREE_AM_OID &&
         RelationGetIndexPredicate(index) == NIL && form->indkey.values[0] == get_attnum(leaf, "source") &&
         form->indkey.values[1] == get_attnum(leaf, "usage_start");
}

/// The index, opened; nullptr when there is none.
Relation open_index_unsafe(Relation leaf) {
  ListCell* cell;
  foreach (cell, RelationGetIndexList(leaf)) {
    const Relation index = index_open(lfirst_oid(cell), AccessShareLock);
    if (is_on_source_and_day_unsafe(index, RelationGetRelid(leaf))) return index;
    index_close(index, AccessShareLock);
  }
  return nullptr;
}

bool has_row_unsafe(Relation leaf, Relation index, Datum source, Datum day) {
  ScanKeyData keys[2];
  ScanKeyEntryInitialize(&keys[0], 0, 1, BTEqualStrategyNumber, InvalidOid, index->rd_indcollation[0], F_TEXTEQ,
                         source);
  ScanKeyEntryInitialize(&keys[1], 0, 2, BTEqualStrategyNumber, InvalidOid, InvalidOid, F_DATE_EQ, day);
  const Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
  TupleTableSlot* slot = table_slot_create(leaf, nullptr);
  const IndexScanDesc scan = index_beginscan_compat(leaf, index, snapshot, 2);
  index_rescan(scan, keys, 2, nullptr, 0);
  const bool found = index_getnext_slot(scan, ForwardScanDirection, slot);
  index_endscan(scan);
  ExecDropSingleTupleTableSlot(slot);
  UnregisterSnapshot(snapshot);
  return found;
}

}  // namespace

std::optional<bool> has_rows_of_day(Oid leaf, const std::string& source, Day day) {
  bool known = false;
  bool found = false;
  const char* plain_source = source.c_str();
  server_call([&] {
    const Relation relation = table_open(leaf, AccessShareLock);
    const Relation index = open_index_unsafe(relation);
    if (index != nullptr) {
      known = true;
      found = has_row_unsafe(relation, index, CStringGetTextDatum(plain_source), date_datum(day));
      index_close(index, NoLock);
    }
    table_close(relation, NoLock);
  });
  return known ? std::optional<bool>(found) : std::nullopt;
}

}  // namespace koku
