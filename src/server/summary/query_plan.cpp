#include "server/summary/query_plan.hpp"

#include "server/backend/compatibility.hpp"

namespace koku {
namespace {

Query* analyze_unsafe(const QueryText& query) {
  List* statements = pg_parse_query(query.text);
  List* rewritten = NIL;
  if (list_length(statements) == 1)
    rewritten = pg_analyze_and_rewrite_compat(linitial_node(RawStmt, statements), query.text,
                                              const_cast<Oid*>(query.types), query.parameter_count, query.environment);
  if (list_length(rewritten) != 1 || linitial_node(Query, rewritten)->commandType != CMD_SELECT)
    ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("rows to be loaded do not come from one SELECT")));
  return linitial_node(Query, rewritten);
}

List* column_names_unsafe(const Query* query) {
  List* names = NIL;
  ListCell* cell;
  foreach (cell, query->targetList) {
    const auto* entry = static_cast<TargetEntry*>(lfirst(cell));
    if (!entry->resjunk) names = lappend(names, makeString(entry->resname));
  }
  return names;
}

/// The place of a column of the query, as a Var of the range table's only entry; nullptr when the query lacks it.
Var* find_column_unsafe(const Query* query, const char* name) {
  ListCell* cell;
  foreach (cell, query->targetList) {
    const auto* entry = static_cast<TargetEntry*>(lfirst(cell));
    if (entry->resjunk || strcmp(entry->resname, name) != 0) continue;
    auto* expression = reinterpret_cast<Node*>(entry->expr);
    return makeVar(1, entry->resno, exprType(expression), exprTypmod(expression), exprCollation(expression), 0);
  }
  return nullptr;
}

Node* default_of_unsafe(Relation parent, const char* column) {
  const AttrNumber number = get_attnum(RelationGetRelid(parent), column);
  return number > 0 ? build_column_default(parent, number) : nullptr;
}

Node* coerce_unsafe(Node* value, Form_pg_attribute column, const char* relation) {
  Node* coerced = coerce_to_target_type(nullptr, value, exprType(value), column->atttypid, column->atttypmod,
                                        COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
  if (coerced == nullptr)
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("column \"%s\" of \"%s\" is of type %s, not %s", NameStr(column->attname), relation,
                           format_type_be(column->atttypid), format_type_be(exprType(value))),
                    errhint("koku_create_tenant() lists the differences between a schema and what is expected.")));
  return coerced;
}

RangeTblEntry* subquery_entry_unsafe(Query* query) {
  RangeTblEntry* entry = makeNode(RangeTblEntry);
  entry->rtekind = RTE_SUBQUERY;
  entry->subquery = query;
  entry->alias = makeAlias("loaded", NIL);
  entry->eref = makeAlias("loaded", column_names_unsafe(query));
  entry->inFromCl = true;
  return entry;
}

/// SELECT of the target list FROM (query).
Query* select_from_unsafe(Query* query, List* target_list) {
  RangeTblRef* reference = makeNode(RangeTblRef);
  reference->rtindex = 1;
  Query* outer = makeNode(Query);
  outer->commandType = CMD_SELECT;
  outer->canSetTag = true;
  outer->rtable = list_make1(subquery_entry_unsafe(query));
  outer->jointree = makeFromExpr(list_make1(reference), nullptr);
  outer->targetList = target_list;
  return outer;
}

ParamListInfo parameters_unsafe(const QueryText& query) {
  const ParamListInfo parameters = makeParamList(query.parameter_count);
  for (int at = 0; at < query.parameter_count; ++at) {
    parameters->params[at].value = query.values[at];
    parameters->params[at].isnull = query.nulls[at];
    parameters->params[at].ptype = query.types[at];
    // The plan is for these values: it may leave out the partitions of other months.
    parameters->params[at].pflags = PARAM_FLAG_CONST;
  }
  return parameters;
}

bool has_column_unsafe(TupleDesc description, const char* name) {
  for (int at = 0; at < description->natts; ++at) {
    const Form_pg_attribute column = TupleDescAttr(description, at);
    if (!column->attisdropped && strcmp(NameStr(column->attname), name) == 0) return true;
  }
  return false;
}

void refuse_unknown_columns_unsafe(const Query* query, TupleDesc description, const char* relation) {
  ListCell* cell;
  foreach (cell, column_names_unsafe(query)) {
    const char* name = strVal(lfirst(cell));
    if (!has_column_unsafe(description, name))
      ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN), errmsg("\"%s\" has no column \"%s\"", relation, name),
                      errhint("koku_create_tenant() adds what is missing.")));
  }
}

}  // namespace

char* column_list_unsafe(const QueryText& query) {
  StringInfoData list;
  initStringInfo(&list);
  ListCell* cell;
  foreach (cell, column_names_unsafe(analyze_unsafe(query)))
    appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "", quote_identifier(strVal(lfirst(cell))));
  return list.data;
}

int execute_unsafe(const QueryText& query, const char* text, std::uint64_t& rows) {
  char nulls[QueryText::max_parameters] = {};
  for (int at = 0; at < query.parameter_count; ++at) nulls[at] = query.nulls[at] ? 'n' : ' ';
  const int code = SPI_execute_with_args(text, query.parameter_count, const_cast<Oid*>(query.types),
                                         const_cast<Datum*>(query.values), nulls, false, 0);
  if (code < 0) elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(code));
  rows = SPI_processed;
  SPI_freetuptable(SPI_tuptable);
  return code;
}

QueryPlan plan_query_unsafe(const QueryText& query) {
  QueryPlan plan = {};
  plan.parameters = parameters_unsafe(query);
  plan.statement = pg_plan_query(analyze_unsafe(query), query.text, 0, plan.parameters);
  return plan;
}

QueryPlan plan_query_for_unsafe(const QueryText& query, const char* relation, TupleDesc description, Relation parent) {
  Query* analyzed = analyze_unsafe(query);
  refuse_unknown_columns_unsafe(analyzed, description, relation);
  QueryPlan plan = {};
  plan.columns = static_cast<PlannedColumn*>(palloc(sizeof(PlannedColumn) * static_cast<Size>(description->natts)));
  List* target_list = NIL;
  for (int at = 0; at < description->natts; ++at) {
    const Form_pg_attribute column = TupleDescAttr(description, at);
    if (column->attisdropped) continue;
    char* name = pstrdup(NameStr(column->attname));
    auto* value = reinterpret_cast<Node*>(find_column_unsafe(analyzed, name));
    if (value == nullptr && parent == nullptr)
      value = reinterpret_cast<Node*>(makeNullConst(column->atttypid, column->atttypmod, column->attcollation));
    if (value == nullptr) value = default_of_unsafe(parent, name);
    if (value == nullptr) continue;
    value = coerce_unsafe(value, column, relation);
    plan.columns[plan.column_count] = {name, column->atttypid, column->attlen, column->attbyval};
    ++plan.column_count;
    target_list = lappend(target_list, makeTargetEntry(reinterpret_cast<Expr*>(value),
                                                       static_cast<AttrNumber>(plan.column_count), name, false));
  }
  plan.parameters = parameters_unsafe(query);
  plan.statement = pg_plan_query(select_from_unsafe(analyzed, target_list), query.text, 0, plan.parameters);
  return plan;
}

void run_plan_unsafe(const QueryPlan& plan, const QueryText& query, DestReceiver* receiver) {
  PushCopiedSnapshot(GetActiveSnapshot());
  UpdateActiveSnapshotCommandId();
  QueryDesc* running = CreateQueryDesc(plan.statement, query.text, GetActiveSnapshot(), InvalidSnapshot, receiver,
                                       plan.parameters, query.environment, 0);
  ExecutorStart(running, 0);
  ExecutorRun_compat(running);
  ExecutorFinish(running);
  ExecutorEnd(running);
  FreeQueryDesc(running);
  PopActiveSnapshot();
}

}  // namespace koku
