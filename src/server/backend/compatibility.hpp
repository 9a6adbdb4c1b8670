// Differences between server releases, each under the plain name plus _compat. No PG_VERSION_NUM elsewhere.
// An entry goes when the oldest release that needs it is no longer supported.
#pragma once

#include "server/backend/postgres.hpp"

#if PG_VERSION_NUM < 130000 || PG_VERSION_NUM >= 190000
#error "koku_onprem is written for PostgreSQL 13 to 18"
#endif

// 14 added index_unchanged to index_insert().
inline bool index_insert_compat(Relation index, Datum* values, bool* nulls, ItemPointer tuple, Relation heap,
                                IndexUniqueCheck check, IndexInfo* information) {
#if PG_VERSION_NUM >= 140000
  return index_insert(index, values, nulls, tuple, heap, check, false, information);
#else
  return index_insert(index, values, nulls, tuple, heap, check, information);
#endif
}

// 14 added the relation's ResultRelInfo and whether this is an update; 16 whether only summarizing indexes are wanted.
inline List* ExecInsertIndexTuples_compat(ResultRelInfo* relation, TupleTableSlot* slot, EState* state) {
#if PG_VERSION_NUM >= 160000
  return ExecInsertIndexTuples(relation, slot, state, false, false, nullptr, NIL, false);
#elif PG_VERSION_NUM >= 140000
  return ExecInsertIndexTuples(relation, slot, state, false, false, nullptr, NIL);
#else
  state->es_result_relation_info = relation;
  return ExecInsertIndexTuples(slot, state, false, nullptr, NIL);
#endif
}

// 14 added whether a partition that is being detached counts.
inline Oid get_partition_parent_compat(Oid partition) {
#if PG_VERSION_NUM >= 140000
  return get_partition_parent(partition, true);
#else
  return get_partition_parent(partition);
#endif
}

// 15 gave the function with parameters of fixed types a name of its own.
inline List* pg_analyze_and_rewrite_compat(RawStmt* statement, const char* text, Oid* types, int count,
                                           QueryEnvironment* environment) {
#if PG_VERSION_NUM >= 150000
  return pg_analyze_and_rewrite_fixedparams(statement, text, types, count, environment);
#else
  return pg_analyze_and_rewrite(statement, text, types, count, environment);
#endif
}

// 14 had the plan released by the owner that holds it, which before was the current one or none.
inline CachedPlan* GetCachedPlan_compat(CachedPlanSource* source, ParamListInfo parameters,
                                        QueryEnvironment* environment) {
#if PG_VERSION_NUM >= 140000
  return GetCachedPlan(source, parameters, CurrentResourceOwner, environment);
#else
  return GetCachedPlan(source, parameters, true, environment);
#endif
}
inline void ReleaseCachedPlan_compat(CachedPlan* plan) {
#if PG_VERSION_NUM >= 140000
  ReleaseCachedPlan(plan, CurrentResourceOwner);
#else
  ReleaseCachedPlan(plan, true);
#endif
}

// 14 planned all partitions of an INSERT or UPDATE by one plan below ModifyTable; before there was one for each.
inline Plan* modified_rows_compat(ModifyTable* modify) {
#if PG_VERSION_NUM >= 140000
  return outerPlan(modify);
#else
  return static_cast<Plan*>(linitial(modify->plans));
#endif
}

// 18 took away whether the query is run once.
inline void ExecutorRun_compat(QueryDesc* query) {
#if PG_VERSION_NUM >= 180000
  ExecutorRun(query, ForwardScanDirection, 0);
#else
  ExecutorRun(query, ForwardScanDirection, 0, true);
#endif
}

// 18 added what the scan counts.
inline IndexScanDesc index_beginscan_compat(Relation heap, Relation index, Snapshot snapshot, int keys) {
#if PG_VERSION_NUM >= 180000
  return index_beginscan(heap, index, snapshot, nullptr, keys, 0);
#else
  return index_beginscan(heap, index, snapshot, keys, 0);
#endif
}

// The number value / 10^scale. 14 got a function for it.
inline Datum numeric_of_decimal_compat(int64 value, int scale) {
#if PG_VERSION_NUM >= 140000
  return NumericGetDatum(int64_div_fast_to_numeric(value, scale));
#else
  char text[32];
  snprintf(text, sizeof text, INT64_FORMAT "e-%d", value, scale);
  return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
#endif
}

// 14 gave the role its present name.
#if PG_VERSION_NUM >= 140000
#define ROLE_PG_READ_SERVER_FILES_compat ROLE_PG_READ_SERVER_FILES
#else
#define ROLE_PG_READ_SERVER_FILES_compat DEFAULT_ROLE_READ_SERVER_FILES
#endif

// 15 replaced EmitWarningsOnPlaceholders().
inline void MarkGUCPrefixReserved_compat(const char* prefix) {
#if PG_VERSION_NUM >= 150000
  MarkGUCPrefixReserved(prefix);
#else
  EmitWarningsOnPlaceholders(prefix);
#endif
}

// 18 shows name and version of loaded libraries in pg_get_loaded_modules().
#if PG_VERSION_NUM >= 180000
#define PG_MODULE_MAGIC_compat(module, module_version) PG_MODULE_MAGIC_EXT(.name = module, .version = module_version)
#else
#define PG_MODULE_MAGIC_compat(module, module_version) PG_MODULE_MAGIC
#endif

// 15.1 added InitMaterializedSRF().
void InitMaterializedSRF_compat(FunctionCallInfo fcinfo);
